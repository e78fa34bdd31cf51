//! The two laws of history in a simulation. No chain runs them, so they have no words and no setters: formulas and their numbers.

use super::Model;
use ::state::{Fault, Result};
use alloy_primitives::U256;
use pricing::l2::{
    first_exponential::{self as first},
    rate_estimate::{self as rate},
};

/// Where the reference would divide by zero.
const NO_ANSWER: Fault = Fault::Halt("the law divides by zero");
/// Most compute gas of a block then.
const BLOCK_GAS_LIMIT: u64 = 20_000_000;

/// A law with what it keeps from block to block.
#[derive(Debug, Clone)]
pub enum Law {
    /// One pool and an estimate of the rate.
    RateEstimate(rate::Parameters, rate::State),
    /// The first exponential form: parameters, pool, and price of the next block in wei.
    FirstExponential(first::Parameters, i64, U256),
}

impl Law {
    /// The law of a model at its start, if it is of history.
    #[must_use]
    pub fn of(model: Model, min_price: U256) -> Option<Self> {
        match model {
            Model::RateEstimate => {
                let parameters = rate::Parameters::initial(min_price);
                Some(Self::RateEstimate(parameters, rate::State::initial(&parameters)))
            }
            Model::FirstExponential => {
                Some(Self::FirstExponential(first::Parameters::initial(min_price), 0, min_price))
            }
            _ => None,
        }
    }

    /// Price of the next block, in wei.
    #[must_use]
    pub const fn price(&self) -> U256 {
        match self {
            Self::RateEstimate(_, state) => state.price,
            Self::FirstExponential(_, _, price) => *price,
        }
    }

    /// A block `elapsed` seconds after the one before, to which users bring gas. Returns what it used.
    ///
    /// # Errors
    /// Where the law divides by zero.
    pub fn block(&mut self, gas: u64, elapsed: u64) -> Result<u64> {
        match self {
            Self::RateEstimate(parameters, state) => {
                let used = gas.min(state.block_gas_limit(BLOCK_GAS_LIMIT));
                *state = state.drained(used).after(elapsed, state.price, parameters).ok_or(NO_ANSWER)?;
                Ok(used)
            }
            Self::FirstExponential(parameters, pool, price) => {
                *pool = first::filled(*pool, elapsed, parameters.speed_limit);
                *price = first::base_fee(*pool, parameters).ok_or(NO_ANSWER)?;
                let used = gas.min(BLOCK_GAS_LIMIT);
                *pool = first::drained(*pool, used);
                Ok(used)
            }
        }
    }

    /// Gas in the pool.
    #[must_use]
    pub const fn pool(&self) -> i64 {
        match self {
            Self::RateEstimate(_, state) => state.pool,
            Self::FirstExponential(_, pool, _) => *pool,
        }
    }

    /// What the pool lacks.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        match self {
            Self::RateEstimate(parameters, state) => {
                parameters.capacity().abs_diff(state.pool.min(parameters.capacity()))
            }
            Self::FirstExponential(_, pool, _) => pool.unsigned_abs(),
        }
    }

    /// Names of the parameters of a model's law.
    #[must_use]
    pub const fn parameters(model: Model) -> &'static [&'static str] {
        match model {
            Model::RateEstimate => &[
                "speedLimit",
                "minimumL2BaseFee",
                "gasPoolSeconds",
                "gasPoolTarget",
                "gasPoolWeight",
                "rateEstimateInertia",
            ],
            Model::FirstExponential => {
                &["speedLimit", "minimumL2BaseFee", "l2GasPricingInertia", "l2GasBacklogTolerance"]
            }
            _ => &[],
        }
    }

    /// Changes a parameter, if the law has it; a smaller pool is clipped.
    pub fn set(&mut self, parameter: &str, value: u64) {
        match self {
            Self::RateEstimate(parameters, state) => {
                match parameter {
                    "speedLimit" => parameters.speed_limit = value,
                    "minimumL2BaseFee" => parameters.min_price = U256::from(value),
                    "gasPoolSeconds" => parameters.pool_seconds = value,
                    "gasPoolTarget" => parameters.target_bips = value,
                    "gasPoolWeight" => parameters.pool_weight_bips = value,
                    "rateEstimateInertia" => parameters.rate_seconds = value,
                    _ => {}
                }
                state.pool = state.pool.min(parameters.capacity());
                state.pool_last_block = state.pool_last_block.min(parameters.capacity());
            }
            Self::FirstExponential(parameters, ..) => match parameter {
                "speedLimit" => parameters.speed_limit = value,
                "minimumL2BaseFee" => parameters.min_price = U256::from(value),
                "l2GasPricingInertia" => parameters.denominator = value,
                "l2GasBacklogTolerance" => parameters.tolerance = value,
                _ => {}
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: U256 = U256::from_limbs([1_000_000_000, 0, 0, 0]);

    #[test]
    fn every_named_parameter_changes_its_law() {
        for model in [Model::RateEstimate, Model::FirstExponential] {
            for name in Law::parameters(model) {
                let mut law = Law::of(model, MIN).unwrap();
                let before = format!("{law:?}");
                law.set(name, 77);
                assert_ne!(format!("{law:?}"), before, "{name}");
            }
        }
        assert!(Law::of(Model::Backlog, MIN).is_none());
    }

    #[test]
    fn a_smaller_pool_is_clipped() {
        let mut law = Law::of(Model::RateEstimate, MIN).unwrap();
        law.set("gasPoolSeconds", 60);
        assert_eq!((law.pool(), law.backlog()), (60_000_000, 0));
    }
}
