//! A batch report settles what posters and the recipient of rewards are owed, and moves the price (`spec/pricing.md` 1.3).
//!
//! A settlement reads and writes in a fixed order and pays in between; below version 10 it reads the pool again after each payment,
//! and the pool may pay itself. So it is not a value computed in one go: it runs over a [`Bank`], which is the state and the
//! accounts at once. What was written before an error stays.

use crate::{
    l1::legacy,
    math::{Wide, clamp_signed, div_floor, to_unsigned, wide, wide_signed},
};
use alloy_primitives::{Address, I256, U256};
use state::{
    ArbosState, ArbosVersion, Backend, Fault, Result, SystemBurner, Write,
    address::L1_PRICER_FUNDS_POOL,
    arbos::{BatchPosters, L1Pricing},
};

/// The operating state and the balances it pays from.
pub trait Bank: Backend {
    /// Balance in wei.
    ///
    /// # Errors
    /// A failing store.
    fn balance(&mut self, account: Address) -> Result<U256>;

    /// Moves wei.
    ///
    /// # Errors
    /// [`Fault::Rejected`] if the balance is too small.
    fn transfer(&mut self, from: Address, to: Address, amount: U256) -> Result<()>;
}

/// What a batch report says.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// When the batch was posted, in seconds.
    pub update_time: u64,
    /// Time of the block, in seconds.
    pub current_time: u64,
    /// Who posted it.
    pub poster: Address,
    /// What posting cost, in wei.
    pub wei_spent: Wide,
    /// L1 base fee, in wei.
    pub l1_base_fee: U256,
}

/// Times of a report that do not fit.
pub(super) const INVALID_TIME: Fault = Fault::Rejected("invalid time");

/// Runs `step` on the layout of L1 pricing.
pub(super) fn l1<T>(bank: &mut dyn Bank, step: impl FnOnce(&mut L1Pricing<'_, Write>) -> Result<T>) -> Result<T> {
    let mut burner = SystemBurner::default();
    let mut state = ArbosState::system(bank, &mut burner)?;
    step(&mut state.l1_pricing())
}

/// Settles a report under the rules of a version.
///
/// # Errors
/// [`Fault::Rejected`] for reports that are only logged, their writes so far kept; [`Fault::Halt`] where the reference stops.
pub fn settle(bank: &mut dyn Bank, report: &Report, version: ArbosVersion) -> Result<()> {
    if version < ArbosVersion::L1_PRICING_SURPLUS {
        return legacy::settle_v1(bank, report);
    }
    l1(bank, |view| view.batch_posters().ensure(report.poster))?;
    let last = last_update(bank, report.update_time, report.update_time)?;
    if report.update_time > report.current_time || report.update_time < last {
        return Err(INVALID_TIME);
    }
    let allocated = allocate(bank, report, last)?;
    let spent = capped(bank, report, allocated, version)?;
    let due = l1(bank, |view| view.batch_posters().entry(report.poster).funds_due().get())?;
    l1(bank, |view| set_funds_due(&mut view.batch_posters(), report.poster, wide_signed(due) + spent))?;
    pay_rewards(bank, allocated, version)?;
    pay_poster(bank, report.poster, version)?;
    l1(bank, |view| view.last_update_time().set(report.update_time))?;
    if allocated > 0 { move_price(bank, allocated, version) } else { Ok(()) }
}

/// The last update, or just before `update_time` for the first report. `first` is the time that has to be set for that.
pub(super) fn last_update(bank: &mut dyn Bank, update_time: u64, first: u64) -> Result<u64> {
    let last = l1(bank, |view| view.last_update_time().get())?;
    Ok(if last == 0 && first > 0 { update_time.wrapping_sub(1) } else { last })
}

/// Takes the report's share of the units used since the last one.
fn allocate(bank: &mut dyn Bank, report: &Report, last: u64) -> Result<u64> {
    let (mut share, mut whole) = (report.update_time.wrapping_sub(last), report.current_time.wrapping_sub(last));
    if whole == 0 {
        (share, whole) = (1, 1);
    }
    l1(bank, |view| {
        let units = view.units_since_update().get()?;
        let allocated = units.saturating_mul(share) / whole;
        view.units_since_update().set(units.wrapping_sub(allocated))?;
        Ok(allocated)
    })
}

/// What the report may cost at most.
fn capped(bank: &mut dyn Bank, report: &Report, allocated: u64, version: ArbosVersion) -> Result<Wide> {
    if version < ArbosVersion::AMORTIZED_COST_CAP {
        return Ok(report.wei_spent);
    }
    let bips = l1(bank, |view| view.amortized_cost_cap_bips().get())?;
    if bips == 0 {
        return Ok(report.wei_spent);
    }
    let bips = U256::from(bips.min(i64::MAX.cast_unsigned()));
    let product = wide(report.l1_base_fee) * wide(U256::from(allocated)) * wide(bips);
    let cap = div_floor(product, wide(U256::from(10_000))).unwrap_or(Wide::ZERO);
    Ok(report.wei_spent.min(cap))
}

/// Sets what a poster is owed, the total first; both saturate.
pub(super) fn set_funds_due(posters: &mut BatchPosters<'_, Write>, poster: Address, due: Wide) -> Result<()> {
    let total = wide_signed(posters.total_funds_due()?);
    let before = wide_signed(posters.entry(poster).funds_due().get()?);
    posters.set_total_funds_due(clamp_signed(total + due - before))?;
    posters.entry(poster).funds_due().set(clamp_signed(due))
}

/// What can be paid out: a counter since version 10, the pool's balance before.
fn available(bank: &mut dyn Bank, version: ArbosVersion) -> Result<Wide> {
    if version >= ArbosVersion::L1_FEES_AVAILABLE {
        return l1(bank, |view| view.l1_fees_available().get()).map(wide);
    }
    bank.balance(L1_PRICER_FUNDS_POOL).map(wide)
}

/// Pays out of the pool, and out of the counter where there is one.
fn pay(bank: &mut dyn Bank, to: Address, amount: Wide, version: ArbosVersion) -> Result<()> {
    let amount = to_unsigned(amount).ok_or(Fault::Rejected("a payment does not fit 256 bits"))?;
    bank.transfer(L1_PRICER_FUNDS_POOL, to, amount)?;
    if version >= ArbosVersion::L1_FEES_AVAILABLE {
        l1(bank, |view| {
            let left = view.l1_fees_available().get()?.checked_sub(amount);
            view.l1_fees_available().set(left.ok_or(Fault::Rejected("insufficient funds"))?)
        })?;
    }
    Ok(())
}

fn pay_rewards(bank: &mut dyn Bank, allocated: u64, version: ArbosVersion) -> Result<()> {
    let (due, rate) = l1(bank, |view| Ok((view.funds_due_for_rewards().get()?, view.per_unit_reward().get()?)))?;
    let earned = wide(U256::from(allocated)) * wide(U256::from(rate));
    let due = wide_signed(due) + earned;
    l1(bank, |view| view.funds_due_for_rewards().set(clamp_signed(due)))?;
    let payment = earned.min(available(bank, version)?);
    let recipient = l1(bank, |view| {
        view.funds_due_for_rewards().set(clamp_signed(due - payment))?;
        view.pay_rewards_to().get()
    })?;
    pay(bank, recipient, payment, version)
}

fn pay_poster(bank: &mut dyn Bank, poster: Address, version: ArbosVersion) -> Result<()> {
    let (due, pay_to) = l1(bank, |view| {
        let mut posters = view.batch_posters();
        let due = posters.entry(poster).funds_due().get()?;
        Ok((wide_signed(due), posters.entry(poster).pay_to().get()?))
    })?;
    let payment = due.min(available(bank, version)?);
    if payment <= Wide::ZERO {
        return Ok(());
    }
    pay(bank, pay_to, payment, version)?;
    l1(bank, |view| set_funds_due(&mut view.batch_posters(), poster, due - payment))
}

fn move_price(bank: &mut dyn Bank, allocated: u64, version: ArbosVersion) -> Result<()> {
    let held = available(bank, version)?;
    l1(bank, |view| {
        let owed =
            wide_signed(view.batch_posters().total_funds_due()?) + wide_signed(view.funds_due_for_rewards().get()?);
        let surplus = held - owed;
        let change = price_change(&PriceInputs {
            surplus,
            last_surplus: wide_signed(view.last_surplus().get()?),
            allocated,
            equilibration_units: view.equilibration_units().get()?,
            inertia: view.inertia().get()?,
        })?;
        // Kept: the sign is lost, and what exceeds 256 bits. See ArbosVersion::SIGNED_SURPLUS.
        let signed = version >= ArbosVersion::SIGNED_SURPLUS;
        view.last_surplus().set(if signed { clamp_signed(surplus) } else { low_magnitude(surplus) })?;
        set_price(view, change)
    })
}

/// The low 256 bits of a magnitude.
fn low_magnitude(value: Wide) -> I256 {
    I256::from_raw(value.unsigned_abs().wrapping_to())
}

/// Moves the price by a change, not below zero.
pub(super) fn set_price(view: &mut L1Pricing<'_, Write>, change: Wide) -> Result<()> {
    let price = wide(view.price_per_unit().get()?) + change;
    let price = to_unsigned(price.max(Wide::ZERO)).ok_or(Fault::Halt("the price of a unit exceeds 256 bits"))?;
    view.price_per_unit().set(price)
}

/// What the change of the price depends on.
#[derive(Debug, Clone, Copy)]
pub struct PriceInputs {
    /// Funds less debts, in wei.
    pub surplus: Wide,
    /// The same at the last report.
    pub last_surplus: Wide,
    /// Units of the report; not zero.
    pub allocated: u64,
    /// Units over which a surplus is given back.
    pub equilibration_units: U256,
    /// Weight of the present price.
    pub inertia: u64,
}

/// The change of the price of a unit, in wei.
///
/// # Errors
/// [`Fault::Halt`] for an inertia or equilibration units of zero, where the reference divides by them.
pub fn price_change(inputs: &PriceInputs) -> Result<Wide> {
    let units = wide(inputs.equilibration_units);
    let allocated = wide(U256::from(inputs.allocated));
    let inertia_units = div_floor(units, wide(U256::from(inputs.inertia))).ok_or(NO_INERTIA)?;
    let desired = div_floor(-inputs.surplus, units).ok_or(NO_EQUILIBRATION)?;
    let actual = div_floor(inputs.surplus - inputs.last_surplus, allocated).unwrap_or(Wide::ZERO);
    Ok(div_floor((desired - actual) * allocated, inertia_units + allocated).unwrap_or(Wide::ZERO))
}

/// The owner set the inertia of L1 pricing to zero.
pub(super) const NO_INERTIA: Fault = Fault::Halt("a batch report divides by an L1 pricing inertia of zero");
/// The owner set the equilibration units to zero.
pub(super) const NO_EQUILIBRATION: Fault = Fault::Halt("a batch report divides by equilibration units of zero");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surplus_lowers_the_price_and_a_deficit_raises_it() {
        let inputs = |surplus: i64| PriceInputs {
            surplus: wide_signed(I256::try_from(surplus).unwrap()),
            last_surplus: Wide::ZERO,
            allocated: 1_000,
            equilibration_units: U256::from(1_000_000),
            inertia: 10,
        };
        assert!(price_change(&inputs(1_000_000_000)).unwrap().is_negative());
        assert!(price_change(&inputs(-1_000_000_000)).unwrap() > Wide::ZERO);
    }

    #[test]
    fn zero_parameters_stop_the_chain() {
        let inputs = PriceInputs {
            surplus: Wide::ZERO,
            last_surplus: Wide::ZERO,
            allocated: 1,
            equilibration_units: U256::ZERO,
            inertia: 10,
        };
        assert_eq!(price_change(&inputs), Err(NO_EQUILIBRATION));
        assert_eq!(price_change(&PriceInputs { inertia: 0, ..inputs }), Err(NO_INERTIA));
    }
}
