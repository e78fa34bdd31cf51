//! Parameters for a goal: a rate of gas that costs the minimum for ever, and a load under which the base fee stays below a multiple.
//!
//! Each model has one length of time that makes it slower: a backlog's inertia, the window of a target, the seconds of the pools. The
//! shortest that meets the goal reacts fastest, so it is the answer. The search halves; each try is a simulation, the answer too.

use super::{Load, Model, Row, Setting, Simulation, simulation::wrong};
use crate::vectors::InputError;
use ::state::arbos::L2Layout;
use alloy_primitives::U256;
use pricing::l2::dual_pool::MAX_POOL_SECONDS;

/// Longest inertia or window tried: 30 days.
const MAX_SECONDS: u64 = 30 * 86_400;
/// The small pool is this part of the large one.
const SMALL_POOL_PART: u64 = 10;
/// One, in basis points.
const ONE: u64 = 10_000;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Goal {
    /// Model of the chain.
    pub model: Model,
    /// Gas a second that the chain aims to use.
    pub target_gas_per_second: u64,
    /// Highest base fee under the load, in basis points of the minimum.
    pub max_multiple_bips: u64,
    /// The load.
    pub load: Load,
    /// Seconds of it.
    pub seconds: u64,
    /// Blocks in a second.
    pub blocks_per_second: u64,
}

/// Parameters that meet a goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Changes to make, in this order.
    pub settings: Vec<Setting>,
    /// Highest base fee under the load, in basis points of the minimum.
    pub multiple_bips: u64,
}

impl Goal {
    /// The load if nothing is said of it: half the target, and twice the target in the first ten minutes of every hour.
    ///
    /// # Errors
    /// Never for a target a pattern can hold.
    pub fn usual_load(target: u64) -> Result<Load, InputError> {
        let pattern = format!("burst:{}:{}:3600:600", target / 2, target.saturating_mul(2));
        Load::parse(&pattern, super::Mix::default())
    }

    /// Searches the shortest length that meets the goal; `progress` hears of each try.
    ///
    /// # Errors
    /// A model of history, zeros, or a goal that no length meets.
    pub fn advice(&self, mut progress: impl FnMut()) -> Result<Advice, InputError> {
        self.check()?;
        let longest = if self.model == Model::DualPool { MAX_POOL_SECONDS } else { MAX_SECONDS };
        let mut best = self.attempt(longest)?;
        if best.multiple_bips > self.max_multiple_bips {
            let multiple = best.multiple_bips / ONE;
            return Err(wrong(
                "max-multiple",
                format_args!(
                    "even {longest} seconds let the base fee of this load rise to {multiple} times the minimum"
                ),
            ));
        }
        let (mut too_short, mut enough) = (0, longest);
        while enough - too_short > 1 {
            progress();
            let middle = too_short + (enough - too_short) / 2;
            let tried = self.attempt(middle)?;
            if tried.multiple_bips <= self.max_multiple_bips {
                (enough, best) = (middle, tried);
            } else {
                too_short = middle;
            }
        }
        Ok(best)
    }

    fn check(&self) -> Result<(), InputError> {
        if self.model.is_history() {
            return Err(wrong("model", format_args!("no chain runs {}", self.model.name())));
        }
        if self.target_gas_per_second == 0 {
            return Err(wrong("target-gas-per-second", "must not be zero"));
        }
        if self.max_multiple_bips < ONE {
            return Err(wrong("max-multiple", "must be 1 or more: the base fee is never below the minimum"));
        }
        Ok(())
    }

    /// What a length makes of the load.
    fn attempt(&self, length: u64) -> Result<Advice, InputError> {
        let settings = self.settings(length)?;
        let quiet = self.quiet_seconds();
        let simulation = Simulation {
            model: self.model,
            load: self.load.clone().delayed(quiet),
            settings: settings.clone(),
            seconds: self.seconds.saturating_add(quiet),
            blocks_per_second: self.blocks_per_second,
            sample: 1,
        };
        let (mut highest, mut lowest) = (U256::ZERO, U256::MAX);
        let watch = |row: Row| {
            if row.time >= quiet {
                (highest, lowest) = (highest.max(row.base_fee), lowest.min(row.base_fee));
            }
        };
        simulation.run(watch, |_| {})?;
        let minimum = lowest.min(self.minimum());
        let multiple = highest.saturating_mul(U256::from(ONE)).div_ceil(minimum.max(U256::ONE));
        Ok(Advice { settings, multiple_bips: u64::try_from(multiple).unwrap_or(u64::MAX) })
    }

    /// Enlarged pools need time to fill, in which the price rises, and the price needs time to fall again.
    const fn quiet_seconds(&self) -> u64 {
        match self.model {
            Model::DualPool => 2 * MAX_POOL_SECONDS,
            _ => 0,
        }
    }

    /// Least base fee of a new chain, in wei.
    fn minimum(&self) -> U256 {
        match self.model.layout() {
            L2Layout::DualPool => U256::from(1_000_000_000),
            L2Layout::Backlog => U256::from(100_000_000),
        }
    }

    /// The changes that give the model a length.
    fn settings(&self, length: u64) -> Result<Vec<Setting>, InputError> {
        let target = self.target_gas_per_second;
        let texts = match self.model {
            Model::Constraints => vec![format!("gasPricingConstraints={target}:{length}:0")],
            Model::MultiGas => vec![format!("multiGasPricingConstraints={target}:{length}:0")],
            Model::DualPool => pools(target, length),
            _ => vec![format!("speedLimit={target}"), format!("l2GasPricingInertia={length}")],
        };
        texts.iter().map(|text| Setting::parse(text, self.model)).collect()
    }
}

/// The small pool never exceeds the large one on the way.
fn pools(target: u64, seconds: u64) -> Vec<String> {
    let small = (seconds / SMALL_POOL_PART).max(1);
    vec![
        "smallGasPoolSeconds=1".into(),
        format!("speedLimit={target}"),
        format!("gasPoolSeconds={seconds}"),
        format!("smallGasPoolSeconds={small}"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(model: Model, target: u64, max_multiple_bips: u64) -> Goal {
        let load = Goal::usual_load(target).unwrap();
        Goal { model, target_gas_per_second: target, max_multiple_bips, load, seconds: 1_800, blocks_per_second: 1 }
    }

    #[test]
    fn the_shortest_length_that_meets_the_goal_is_the_answer() {
        for model in [Model::Backlog, Model::Constraints, Model::MultiGas] {
            let goal = goal(model, 5_000_000, 20_000);
            let advice = goal.advice(|| {}).unwrap();
            assert!(advice.multiple_bips <= 20_000, "{}", model.name());
            assert!(advice.multiple_bips > 19_000, "{}: a shorter one would do", model.name());
        }
    }

    #[test]
    fn pools_are_sized_within_their_bounds() {
        let advice = goal(Model::DualPool, 5_000_000, 30_000).advice(|| {}).unwrap();
        assert!(advice.multiple_bips <= 30_000);
        assert_eq!(advice.settings.len(), 4);
    }

    #[test]
    fn goals_nobody_can_meet_are_errors() {
        let wrong = |goal: Goal| goal.advice(|| {}).unwrap_err().to_string();
        assert!(wrong(goal(Model::RateEstimate, 1, 20_000)).contains("field model"));
        assert!(wrong(goal(Model::Backlog, 0, 20_000)).contains("field target-gas-per-second"));
        assert!(wrong(goal(Model::Backlog, 1, 9_999)).contains("field max-multiple"));
        assert!(wrong(goal(Model::DualPool, 1, 10_000)).contains("even 10800 seconds"));
    }
}
