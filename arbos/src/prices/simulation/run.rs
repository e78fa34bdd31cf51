//! A simulation while it runs: the parts of a block that move prices, in the protocol's order.

use super::{Simulation, wrong};
use crate::{
    prices::{
        Ledger, Model, Row,
        history::Law,
        load,
        setting::{Change, Setting},
    },
    vectors::InputError,
};
use ::state::{
    ArbosState, Fault, MultiGas, ResourceKind, Result, View, Write, address,
    arbos::{GasConstraint, MultiGasConstraint},
};
use alloy_primitives::{I256, U256};
use pricing::{
    l1::{
        self,
        floor::{self, BatchStatistics},
        settlement::{self, Report},
    },
    l2::{self, Direction, L2Model},
    math::wide,
};

/// Seconds between batches.
const BATCH_SECONDS: u64 = 60;
/// Targets a chain starts with where its model has some: gas a second, window in seconds, backlog.
const FIRST_CONSTRAINT: &str = "7000000:102:0";

/// The ledger or the law, and what goes into the next row.
pub(super) struct Run {
    ledger: Ledger,
    law: Option<Law>,
    /// Time of the block before, in seconds.
    last: u64,
    /// Bytes since the last batch, and the base fee of the parent chain.
    bytes: u64,
    l1_base_fee: U256,
    row: Row,
}

/// A rule by which the chain would stop.
fn stopped(fault: Fault) -> InputError {
    wrong("blocks", format_args!("the chain stops: {fault}"))
}

impl Run {
    /// A new chain with the model.
    pub(super) fn new(simulation: &Simulation) -> Result<Self, InputError> {
        let model = simulation.model;
        let mut ledger =
            Ledger::genesis(model.version(), model.layout(), U256::from(load::L1_BASE_FEE)).map_err(stopped)?;
        let first = match model {
            Model::Constraints => Some(Change::new("gasPricingConstraints", FIRST_CONSTRAINT)?),
            Model::MultiGas => Some(Change::new("multiGasPricingConstraints", FIRST_CONSTRAINT)?),
            _ => None,
        };
        if let Some(Change::Call { parameter, calldata }) = first {
            ledger.owner_call(&calldata, &parameter)?;
        }
        let base_fee = ledger.arbos(|state| state.base_fee_wei().get()).map_err(stopped)?;
        let row = Row { base_fee, ..Row::default() };
        Ok(Self { ledger, law: Law::of(model, base_fee), last: 0, bytes: 0, l1_base_fee: U256::ZERO, row })
    }

    /// All blocks of a second, and its batch if it has one.
    pub(super) fn second(&mut self, simulation: &Simulation, second: u64) -> Result<(), InputError> {
        let brought = simulation.load.at(second);
        self.l1_base_fee = brought.l1_base_fee;
        self.row.time = second;
        self.ledger.now = second;
        for index in 0..simulation.blocks_per_second {
            let part = |amount: u64| part(amount, index, simulation.blocks_per_second);
            let mut gas = MultiGas::ZERO;
            for kind in ResourceKind::ALL {
                gas.add(kind, part(brought.gas.get(kind)));
            }
            let elapsed = second - std::mem::replace(&mut self.last, second);
            let base_fee = self.block(&gas, elapsed).map_err(stopped)?;
            self.pay_for_data(base_fee, part(brought.data_bytes)).map_err(stopped)?;
            if index == 0 {
                self.change(simulation.settings.iter().filter(|setting| setting.at == second))?;
            }
            self.ledger.arbos(|state| l2::end_block(state, base_fee, elapsed)).map_err(stopped)?;
        }
        if second % BATCH_SECONDS == BATCH_SECONDS - 1 { self.post().map_err(stopped) } else { Ok(()) }
    }

    /// A block up to the last transaction of a user; its limit leaves out what does not fit. Returns its base fee.
    fn block(&mut self, gas: &MultiGas, elapsed: u64) -> Result<U256> {
        let (base_fee, used) = match &mut self.law {
            Some(law) => {
                let base_fee = law.price();
                (base_fee, load::held_to(law.block(gas.total(), elapsed)?, gas))
            }
            None => self.ledger.arbos(|state| block(state, gas, elapsed))?,
        };
        self.row.base_fee = base_fee;
        self.ledger.base_fee = base_fee;
        self.row.gas.add_all(&used);
        Ok(base_fee)
    }

    /// Users pay for data in gas at the base fee, which rounds down.
    fn pay_for_data(&mut self, base_fee: U256, bytes: u64) -> Result<()> {
        if bytes == 0 {
            return Ok(());
        }
        let units = l1::units(bytes);
        let fee = self.ledger.arbos(|state| {
            let mut pricing = state.l1_pricing();
            let cost = l1::data_cost(pricing.price_per_unit().get()?, units);
            let fee = base_fee.saturating_mul(U256::from(l1::poster_gas(cost, base_fee)));
            pricing.units_since_update().update(|before| Ok(before.wrapping_add(units)))?;
            pricing.l1_fees_available().update(|held| Ok(held.saturating_add(fee)))?;
            Ok(fee)
        })?;
        self.ledger.deposit(address::L1_PRICER_FUNDS_POOL, fee);
        self.bytes = self.bytes.saturating_add(bytes);
        self.row.data_paid = self.row.data_paid.saturating_add(fee);
        Ok(())
    }

    /// Makes the owner's changes: transactions, which use gas as every other.
    fn change<'a>(&mut self, settings: impl Iterator<Item = &'a Setting>) -> Result<(), InputError> {
        for setting in settings {
            match (&setting.change, &mut self.law) {
                (Change::Call { parameter, calldata }, None) => {
                    self.ledger.owner_call(calldata, parameter)?;
                    let gas = Change::transaction_gas(calldata);
                    let grown = self.ledger.arbos(|state| l2::move_backlog(state, Direction::Grow, gas.total(), &gas));
                    grown.map_err(stopped)?;
                    self.row.gas.add_all(&gas);
                }
                (Change::Number { parameter, value }, Some(law)) => law.set(parameter, *value),
                (change, _) => return Err(wrong(change.parameter(), "the model has no such parameter")),
            }
        }
        Ok(())
    }

    /// A batch of the bytes so far is posted and reported at once.
    fn post(&mut self) -> Result<()> {
        let batch = BatchStatistics { length: self.bytes, non_zeros: self.bytes, extra_gas: 0 };
        let gas = self.ledger.arbos(|state| {
            let mut pricing = state.l1_pricing();
            let floor = pricing.gas_floor_per_token().get()?;
            Ok(floor::report_gas_v2(&batch, pricing.per_batch_gas_cost().get()?, Some(floor)))
        })?;
        let spent = self.l1_base_fee.saturating_mul(U256::from(gas));
        let (now, version) = (self.ledger.now, self.ledger.version());
        let report = Report {
            update_time: now,
            current_time: now,
            poster: address::SEQUENCER,
            wei_spent: wide(spent),
            l1_base_fee: self.l1_base_fee,
        };
        self.bytes = 0;
        self.row.data_spent = self.row.data_spent.saturating_add(spent);
        match settlement::settle(&mut self.ledger, &report, version) {
            // The chain logs a report it refuses and goes on; what it wrote so far stays.
            Err(Fault::Rejected(_)) => Ok(()),
            outcome => outcome,
        }
    }

    /// The row so far; the next one begins.
    pub(super) fn row(&mut self) -> Result<Row, InputError> {
        let read = self.ledger.arbos(|state| {
            let due = state.l1_pricing().batch_posters().total_funds_due()?;
            let owed = due.wrapping_add(state.l1_pricing().funds_due_for_rewards().get()?);
            let surplus = I256::from_raw(state.l1_pricing().l1_fees_available().get()?).wrapping_sub(owed);
            Ok((levels(state)?, surplus))
        });
        let ((mut backlog, mut large_pool, small_pool), surplus) = read.map_err(stopped)?;
        if let Some(law) = &self.law {
            (backlog, large_pool) = (law.backlog(), law.pool());
        }
        let Row { time, base_fee, gas, data_paid, data_spent, .. } = self.row;
        self.row = Row { time, base_fee, ..Row::default() };
        Ok(Row { time, base_fee, backlog, large_pool, small_pool, gas, data_paid, data_spent, surplus })
    }
}

/// The share of a block in what a second brings.
const fn part(amount: u64, index: u64, blocks: u64) -> u64 {
    let (whole, rest) = (amount / blocks, amount % blocks);
    if index < rest { whole + 1 } else { whole }
}

/// A block of a chain: fees by kind are fixed, the header takes the base fee, time passes, gas is used.
fn block(state: &mut ArbosState<'_, Write>, gas: &MultiGas, elapsed: u64) -> Result<(U256, MultiGas)> {
    if L2Model::active(state)? == L2Model::MultiGas {
        l2::multi_gas::commit_fees(&mut state.l2_pricing())?;
    }
    let (base_fee, limit) = (state.base_fee_wei().get()?, l2::block_gas_limit(state)?);
    l2::advance(state, elapsed)?;
    let used = load::held_to(limit, gas);
    l2::move_backlog(state, Direction::Grow, used.total(), &used)?;
    Ok((base_fee, used))
}

/// Backlogs of the active model, or what the large pool lacks, and both pools.
fn levels(state: &mut ArbosState<'_, Write>) -> Result<(u64, i64, i64)> {
    let model = L2Model::active(state)?;
    let mut pricing = state.l2_pricing();
    let mut sum = 0u64;
    match model {
        L2Model::Legacy => sum = pricing.gas_backlog().get()?,
        L2Model::Constraints => {
            let mut list = pricing.gas_constraints();
            for index in 0..list.len()? {
                sum = sum.saturating_add(GasConstraint::open(list.at(index)).backlog().get()?);
            }
        }
        L2Model::MultiGas => {
            let mut list = pricing.multi_gas_constraints();
            for index in 0..list.len()? {
                sum = sum.saturating_add(MultiGasConstraint::open(list.at(index)).backlog().get()?);
            }
        }
        L2Model::DualPool => {
            let mut pools = state.gas_pools();
            let (size, _) = l2::dual_pool::capacities(&mut pools)?;
            let held = pools.gas_pool().get()?;
            return Ok((size.abs_diff(held.min(size)), held, pools.small_gas_pool().get()?));
        }
    }
    Ok((sum, 0, 0))
}
