//! Settlement under version 1 (`spec/versions.md` 7.1). Versions 2 to 9 differ from later ones in single steps only.

use super::settlement::{Bank, NO_EQUILIBRATION, NO_INERTIA, Report, l1, last_update, set_funds_due, set_price};
use crate::math::{Wide, clamp_signed, div_floor, to_unsigned, wide, wide_signed};
use alloy_primitives::U256;
use state::{Fault, Result, address::L1_PRICER_FUNDS_POOL};

/// Funds less debts, from the pool's balance.
fn surplus(bank: &mut dyn Bank) -> Result<Wide> {
    let held = wide(bank.balance(L1_PRICER_FUNDS_POOL)?);
    l1(bank, |view| {
        let owed =
            wide_signed(view.batch_posters().total_funds_due()?) + wide_signed(view.funds_due_for_rewards().get()?);
        Ok(held - owed)
    })
}

/// Settles a report: bad times change nothing, all posters are paid, the surplus is not kept.
pub(super) fn settle_v1(bank: &mut dyn Bank, report: &Report) -> Result<()> {
    l1(bank, |view| view.batch_posters().ensure(report.poster))?;
    let old_surplus = surplus(bank)?;
    let last = last_update(bank, report.update_time, report.current_time)?;
    if report.update_time >= report.current_time || report.update_time < last {
        return Ok(());
    }
    let share = report.update_time.wrapping_sub(last);
    let whole = report.current_time.wrapping_sub(last);
    let allocated = l1(bank, |view| {
        let units = view.units_since_update().get()?;
        let allocated = units.wrapping_mul(share).checked_div(whole).unwrap_or_default();
        view.units_since_update().set(units.wrapping_sub(allocated))?;
        Ok(allocated)
    })?;
    let due = l1(bank, |view| view.batch_posters().entry(report.poster).funds_due().get())?;
    l1(bank, |view| set_funds_due(&mut view.batch_posters(), report.poster, wide_signed(due) + report.wei_spent))?;
    let held = wide(bank.balance(L1_PRICER_FUNDS_POOL)?);
    let available = div_floor(held * wide(U256::from(share)), wide(U256::from(whole))).unwrap_or(Wide::ZERO);
    let available = available - pay_rewards(bank, allocated, available)?;
    pay_posters(bank, available)?;
    l1(bank, |view| view.last_update_time().set(report.update_time))?;
    if allocated > 0 { move_price(bank, allocated, old_surplus) } else { Ok(()) }
}

fn pay_rewards(bank: &mut dyn Bank, allocated: u64, available: Wide) -> Result<Wide> {
    let (payment, recipient) = l1(bank, |view| {
        let earned = wide(U256::from(allocated)) * wide(U256::from(view.per_unit_reward().get()?));
        let due = wide_signed(view.funds_due_for_rewards().get()?) + earned;
        let payment = earned.min(available);
        view.funds_due_for_rewards().set(clamp_signed(due - payment))?;
        Ok((payment, view.pay_rewards_to().get()?))
    })?;
    transfer(bank, recipient, payment)?;
    Ok(payment)
}

fn transfer(bank: &mut dyn Bank, to: alloy_primitives::Address, amount: Wide) -> Result<()> {
    let amount = to_unsigned(amount).ok_or(Fault::Rejected("a payment does not fit 256 bits"))?;
    bank.transfer(L1_PRICER_FUNDS_POOL, to, amount)
}

fn pay_posters(bank: &mut dyn Bank, mut available: Wide) -> Result<()> {
    for poster in l1(bank, |view| view.batch_posters().all())? {
        let (due, pay_to) = l1(bank, |view| {
            let mut posters = view.batch_posters();
            Ok((wide_signed(posters.entry(poster).funds_due().get()?), posters.entry(poster).pay_to().get()?))
        })?;
        let payment = due.min(available);
        if payment > Wide::ZERO {
            transfer(bank, pay_to, payment)?;
            available -= payment;
            l1(bank, |view| set_funds_due(&mut view.batch_posters(), poster, due - payment))?;
        }
    }
    Ok(())
}

fn move_price(bank: &mut dyn Bank, allocated: u64, old_surplus: Wide) -> Result<()> {
    let surplus = surplus(bank)?;
    l1(bank, |view| {
        let units = wide(view.equilibration_units().get()?);
        let inertia_units = div_floor(units, wide(U256::from(view.inertia().get()?))).ok_or(NO_INERTIA)?;
        let weight = inertia_units + wide(U256::from(allocated));
        let change = surplus * (units - Wide::ONE) - old_surplus * units;
        set_price(view, div_floor(change, units * weight).ok_or(NO_EQUILIBRATION)?)
    })
}
