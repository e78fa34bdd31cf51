//! Blocks of a load, one after the other, and what they did to prices.

use super::{Ledger, Load, Model, Setting, setting::Change};
use crate::vectors::InputError;
use ::state::{ArbosVersion, Fault, MultiGas, ResourceKind, Result, View, address, arbos::L2Layout};
use alloy_primitives::{I256, U256};
use pricing::{
    l1::{
        self,
        floor::{self, BatchStatistics},
        settlement::{self, Report},
    },
    l2::{self, Direction, L2Model, first_exponential, rate_estimate},
    math::wide,
};
use serde_json::{Value, json};
use std::path::Path;

/// Seconds between batches.
const BATCH_SECONDS: u64 = 60;
/// Price of a unit of data at the start, in wei.
const INITIAL_L1_PRICE: u64 = 20_000_000_000;

/// What is simulated.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// Model of the price of L2 gas.
    pub model: Model,
    /// What users bring.
    pub load: Load,
    /// What the owner changes.
    pub settings: Vec<Setting>,
    /// Seconds simulated.
    pub seconds: u64,
    /// Blocks in a second.
    pub blocks_per_second: u64,
    /// Seconds between rows.
    pub sample: u64,
}

/// What was seen at a second; gas and wei are sums since the row before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Seconds since the start.
    pub time: u64,
    /// Base fee of the last block, in wei.
    pub base_fee: U256,
    /// Backlogs, or what the large pool lacks, in gas.
    pub backlog: u64,
    /// Gas in the small pool, where there is one.
    pub small_pool: i64,
    /// Compute gas used.
    pub gas_used: u64,
    /// What users paid for data, in wei.
    pub data_paid: U256,
    /// What posters spent, in wei.
    pub data_spent: U256,
    /// Fees held for posters less debts, in wei.
    pub surplus: I256,
}

impl Row {
    /// Names of the columns of a CSV file.
    pub const COLUMNS: &'static str = "time,base_fee,backlog,small_pool,gas_used,data_paid,data_spent,surplus";

    /// A line of a CSV file.
    #[must_use]
    pub fn csv(&self) -> String {
        let Self { time, base_fee, backlog, small_pool, gas_used, data_paid, data_spent, surplus } = self;
        format!("{time},{base_fee},{backlog},{small_pool},{gas_used},{data_paid},{data_spent},{surplus}")
    }

    /// An object of JSON; wei as text.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "time": self.time, "baseFee": self.base_fee.to_string(), "backlog": self.backlog,
            "smallPool": self.small_pool, "gasUsed": self.gas_used, "dataPaid": self.data_paid.to_string(),
            "dataSpent": self.data_spent.to_string(), "surplus": self.surplus.to_string(),
        })
    }
}

impl Simulation {
    /// Runs all blocks and gives each row away; `progress` hears of each second that is done.
    ///
    /// # Errors
    /// Lengths of zero, a change the owner contract refuses, or a rule by which the chain would stop.
    pub fn run(&self, mut row: impl FnMut(Row), mut progress: impl FnMut(u64)) -> Result<(), InputError> {
        let wrong = |field: &str, problem: &str| InputError {
            field: Some(field.into()),
            ..InputError::of_file(Path::new("simulate"), problem)
        };
        for (name, value) in
            [("seconds", self.seconds), ("blocks-per-second", self.blocks_per_second), ("sample", self.sample)]
        {
            if value == 0 {
                return Err(wrong(name, "must not be zero"));
            }
        }
        let stopped = |fault: Fault| wrong("blocks", &format!("the chain stops: {fault}"));
        let mut run = Run::new(self)?;
        for second in 0..self.seconds {
            for index in 0..self.blocks_per_second {
                run.block(second, index).map_err(stopped)?;
                if index == 0 {
                    run.settle(self, second)?;
                }
                run.end_block().map_err(stopped)?;
            }
            if second % BATCH_SECONDS == BATCH_SECONDS - 1 {
                run.post().map_err(stopped)?;
            }
            if second % self.sample == self.sample - 1 || second + 1 == self.seconds {
                row(run.row().map_err(stopped)?);
            }
            progress(second + 1);
        }
        Ok(())
    }
}

/// A law of history, which has no words.
enum Law {
    Rate(rate_estimate::Parameters, rate_estimate::State),
    First(first_exponential::Parameters, i64),
}

/// A simulation while it runs.
struct Run {
    ledger: Ledger,
    load: Load,
    law: Option<Law>,
    blocks_per_second: u64,
    /// Time of the block before.
    last: u64,
    elapsed: u64,
    /// Bytes, and the base fee of the parent chain, since the last batch.
    bytes: u64,
    l1_base_fee: U256,
    row: Row,
}

impl Run {
    fn new(simulation: &Simulation) -> Result<Self, InputError> {
        let stopped = |fault: Fault| InputError::of_file(Path::new("simulate"), fault);
        let (version, layout) = match simulation.model {
            Model::MultiGas => (ArbosVersion::MULTI_GAS_CONSTRAINTS, L2Layout::Backlog),
            Model::DualPool => (ArbosVersion::CONSTRAINT_FIX, L2Layout::DualPool),
            _ => (ArbosVersion::CONSTRAINT_FIX, L2Layout::Backlog),
        };
        let mut ledger = Ledger::genesis(version, layout, U256::from(INITIAL_L1_PRICE)).map_err(stopped)?;
        let first = match simulation.model {
            Model::Constraints => Some(Change::new("gasPricingConstraints", "7000000:102:0")?),
            Model::MultiGas => Some(Change::new("multiGasPricingConstraints", "7000000:102:0")?),
            _ => None,
        };
        if let Some(change) = first {
            ledger.owner_call(&change.calldata, &change.parameter)?;
        }
        let base_fee = ledger.arbos(|state| state.base_fee_wei().get()).map_err(stopped)?;
        let law = match simulation.model {
            Model::RateEstimate => {
                let parameters = rate_estimate::Parameters::initial(base_fee);
                Some(Law::Rate(parameters, rate_estimate::State::initial(&parameters)))
            }
            Model::FirstExponential => Some(Law::First(first_exponential::Parameters::initial(base_fee), 0)),
            _ => None,
        };
        let row = Row {
            time: 0,
            base_fee,
            backlog: 0,
            small_pool: 0,
            gas_used: 0,
            data_paid: U256::ZERO,
            data_spent: U256::ZERO,
            surplus: I256::ZERO,
        };
        let (blocks_per_second, load) = (simulation.blocks_per_second, simulation.load.clone());
        Ok(Self { ledger, load, law, blocks_per_second, last: 0, elapsed: 0, bytes: 0, l1_base_fee: U256::ZERO, row })
    }

    /// The start of a block, and what users bring.
    fn block(&mut self, second: u64, index: u64) -> Result<()> {
        let brought = self.load.at(second);
        let part = |amount: u64| {
            let (whole, rest) = (amount / self.blocks_per_second, amount % self.blocks_per_second);
            whole + u64::from(index < rest)
        };
        let (gas, bytes) = (part(brought.gas), part(brought.data_bytes));
        self.elapsed = second - self.last;
        self.last = second;
        self.l1_base_fee = brought.l1_base_fee;
        (self.ledger.now, self.row.time) = (second, second);
        let used = match &mut self.law {
            Some(law) => law.block(gas, self.elapsed, &mut self.row.base_fee)?,
            None => self.real_block(gas)?,
        };
        self.row.gas_used = self.row.gas_used.saturating_add(used);
        self.pay_for_data(bytes)
    }

    /// A block of the chain's own model: what its limit leaves of the gas is used.
    fn real_block(&mut self, gas: u64) -> Result<u64> {
        let elapsed = self.elapsed;
        let (base_fee, used) = self.ledger.arbos(|state| {
            if L2Model::active(state)? == L2Model::MultiGas {
                l2::multi_gas::commit_fees(&mut state.l2_pricing())?;
            }
            let (base_fee, limit) = (state.base_fee_wei().get()?, l2::block_gas_limit(state)?);
            l2::advance(state, elapsed)?;
            let used = gas.min(limit);
            l2::move_backlog(state, Direction::Grow, used, &MultiGas::of(ResourceKind::Computation, used))?;
            Ok((base_fee, used))
        })?;
        self.row.base_fee = base_fee;
        self.ledger.base_fee = base_fee;
        Ok(used)
    }

    /// Users pay for data in gas at the base fee, which rounds down.
    fn pay_for_data(&mut self, bytes: u64) -> Result<()> {
        let (units, base_fee) = (l1::units(bytes), self.row.base_fee);
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

    /// Makes the owner's changes of this second.
    fn settle(&mut self, simulation: &Simulation, second: u64) -> Result<(), InputError> {
        for setting in simulation.settings.iter().filter(|setting| setting.at == second) {
            self.ledger.owner_call(&setting.change.calldata, &setting.change.parameter)?;
        }
        Ok(())
    }

    fn end_block(&mut self) -> Result<()> {
        let (base_fee, elapsed) = (self.row.base_fee, self.elapsed);
        self.ledger.arbos(|state| l2::end_block(state, base_fee, elapsed))
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
        settlement::settle(&mut self.ledger, &report, version)
    }

    /// The row so far; the next one begins.
    fn row(&mut self) -> Result<Row> {
        let (backlog, small_pool, surplus) = self.ledger.arbos(|state| {
            let due = state.l1_pricing().batch_posters().total_funds_due()?;
            let owed = due.wrapping_add(state.l1_pricing().funds_due_for_rewards().get()?);
            let surplus = I256::from_raw(state.l1_pricing().l1_fees_available().get()?).wrapping_sub(owed);
            let (backlog, small_pool) = backlog(state)?;
            Ok((backlog, small_pool, surplus))
        })?;
        let backlog = self.law.as_ref().map_or(backlog, Law::backlog);
        let row = Row { backlog, small_pool, surplus, ..self.row };
        self.row = Row { gas_used: 0, data_paid: U256::ZERO, data_spent: U256::ZERO, ..row };
        Ok(row)
    }
}

/// Backlogs of the active model, or what the large pool lacks and what the small one holds.
fn backlog(state: &mut ::state::ArbosState<'_, ::state::Write>) -> Result<(u64, i64)> {
    use ::state::arbos::{GasConstraint, MultiGasConstraint};
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
            let held = pools.gas_pool().get()?.min(size);
            return Ok((size.abs_diff(held), pools.small_gas_pool().get()?));
        }
    }
    Ok((sum, 0))
}

impl Law {
    /// A block under the law: time passes, then gas is used. Returns the gas used.
    fn block(&mut self, gas: u64, elapsed: u64, base_fee: &mut U256) -> Result<u64> {
        const NO_ANSWER: Fault = Fault::Halt("the law divides by zero");
        /// Most compute gas of a block then.
        const LIMIT: u64 = 20_000_000;
        match self {
            Self::Rate(parameters, state) => {
                let used = gas.min(state.block_gas_limit(LIMIT));
                *base_fee = state.price;
                *state = state.drained(used).after(elapsed, *base_fee, parameters).ok_or(NO_ANSWER)?;
                Ok(used)
            }
            Self::First(parameters, pool) => {
                *pool = first_exponential::filled(*pool, elapsed, parameters.speed_limit);
                *base_fee = first_exponential::base_fee(*pool, parameters).ok_or(NO_ANSWER)?;
                let used = gas.min(LIMIT);
                *pool = first_exponential::drained(*pool, used);
                Ok(used)
            }
        }
    }

    /// What the pool lacks.
    fn backlog(&self) -> u64 {
        match self {
            Self::Rate(parameters, state) => parameters.capacity().abs_diff(state.pool.min(parameters.capacity())),
            Self::First(_, pool) => pool.unsigned_abs(),
        }
    }
}

#[cfg(test)]
#[path = "simulation/tests.rs"]
mod tests;
