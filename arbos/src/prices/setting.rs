//! `PARAM=VALUE@TIME`: a change by the owner, as the call of `ArbOwner` that makes it.
//!
//! A parameter is named like its setter: `speedLimit` is `setSpeedLimit`. All setters of one number are known, those of the pair of
//! pools included, and `gasPricingConstraints=TARGET:WINDOW:BACKLOG,...`. Of `multiGasPricingConstraints` a row may end in
//! `:KIND*WEIGHT+...`; without it all kinds weigh one. The laws of history have a few numbers by the same names.

use super::{Model, history::Law, load::kind_named};
use crate::vectors::InputError;
use ::precompiles::{
    Method, Purity,
    arb_owner::{self, ArbOwner},
};
use ::state::{MultiGas, ResourceKind};
use alloy_primitives::{I256, U256};
use alloy_sol_types::SolCall;
use std::path::Path;

/// Gas of every transaction, and of a byte of calldata that is zero and that is not.
const TRANSACTION_GAS: u64 = 21_000;
const CALLDATA_GAS: (u64, u64) = (4, 16);

/// A change of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A call of the owner contract.
    Call {
        /// Name of the parameter.
        parameter: String,
        /// Calldata of the owner's transaction to `ArbOwner`.
        calldata: Vec<u8>,
    },
    /// A number of a law of history.
    Number {
        /// Name of the parameter.
        parameter: String,
        /// The number.
        value: u64,
    },
}

/// A change at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The change.
    pub change: Change,
    /// When it is made, in seconds after the start.
    pub at: u64,
}

fn wrong(parameter: &str, problem: impl core::fmt::Display) -> InputError {
    InputError { field: Some(parameter.into()), ..InputError::of_file(Path::new("--set"), problem) }
}

impl Setting {
    /// Reads `PARAM=VALUE` or `PARAM=VALUE@TIME` for a model; without a time it is at the start.
    ///
    /// # Errors
    /// A parameter the model lacks, a value it cannot have, or a time that is none.
    pub fn parse(text: &str, model: Model) -> Result<Self, InputError> {
        let (parameter, rest) = text.split_once('=').ok_or_else(|| wrong(text, "want PARAM=VALUE@TIME"))?;
        let (value, at) = match rest.split_once('@') {
            Some((value, at)) => {
                (value, at.parse().map_err(|_| wrong(parameter, format_args!("{at:?} is not a time in seconds")))?)
            }
            None => (rest, 0),
        };
        let change = if model.is_history() {
            Change::of_history(model, parameter, value)?
        } else {
            Change::new(parameter, value)?
        };
        Ok(Self { change, at })
    }
}

impl Change {
    /// The call of the owner contract that sets a parameter to a value.
    ///
    /// # Errors
    /// An unknown parameter, or a value it cannot have.
    pub fn new(parameter: &str, value: &str) -> Result<Self, InputError> {
        let calldata = match parameter {
            "gasPricingConstraints" => constraints(parameter, value)?,
            "multiGasPricingConstraints" => multi_gas_constraints(parameter, value)?,
            _ => one_number(parameter, value)?,
        };
        Ok(Self::Call { parameter: parameter.into(), calldata })
    }

    fn of_history(model: Model, parameter: &str, value: &str) -> Result<Self, InputError> {
        if !Law::parameters(model).contains(&parameter) {
            let names = Law::parameters(model).join(", ");
            return Err(wrong(parameter, format_args!("{} has the parameters {names}", model.name())));
        }
        let value = value.parse().map_err(|_| wrong(parameter, format_args!("{value:?} is not a number")))?;
        Ok(Self::Number { parameter: parameter.into(), value })
    }

    /// Name of the parameter.
    #[must_use]
    pub fn parameter(&self) -> &str {
        match self {
            Self::Call { parameter, .. } | Self::Number { parameter, .. } => parameter,
        }
    }

    /// Gas of an owner's transaction: what it carries; what it does is free.
    #[must_use]
    pub fn transaction_gas(calldata: &[u8]) -> MultiGas {
        let zeros = calldata.iter().filter(|byte| **byte == 0).count() as u64;
        let mut gas = MultiGas::of(ResourceKind::Computation, TRANSACTION_GAS);
        let others = (calldata.len() as u64).saturating_sub(zeros);
        gas.add(ResourceKind::L2Calldata, zeros * CALLDATA_GAS.0 + others * CALLDATA_GAS.1);
        gas
    }
}

/// Setters of one number.
fn setters() -> impl Iterator<Item = (&'static Method, Number)> {
    let all = arb_owner::METHODS.iter().chain(arb_owner::pools::METHODS);
    all.filter(|method| method.purity == Purity::Write).filter_map(|method| Some((method, Number::of(method)?)))
}

/// The type of the only argument of a method, if it is a number.
#[derive(Debug, Clone, Copy)]
enum Number {
    /// Unsigned, of so many bits.
    Unsigned(usize),
    /// Signed, of 64 bits.
    Signed,
}

impl Number {
    fn of(method: &Method) -> Option<Self> {
        let argument = method.signature.strip_prefix(method.name)?.strip_prefix('(')?.strip_suffix(')')?;
        match argument {
            "int64" => Some(Self::Signed),
            _ => argument.strip_prefix("uint")?.parse().ok().map(Self::Unsigned),
        }
    }

    /// The word of a number written down; none if it is not one, an error if it does not fit.
    fn word(self, text: &str) -> Option<Result<U256, ()>> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || digits.bytes().any(|byte| !byte.is_ascii_digit()) {
            return None;
        }
        let magnitude = U256::from_str_radix(digits, 10);
        match self {
            Self::Unsigned(_) if digits.len() < text.len() => None,
            Self::Unsigned(bits) => Some(magnitude.ok().filter(|magnitude| magnitude.bit_len() <= bits).ok_or(())),
            Self::Signed => {
                let number = text.parse::<i64>().map_err(|_| ());
                Some(number.map(|number| I256::try_from(number).unwrap_or_default().into_raw()))
            }
        }
    }
}

fn is_setter_of(method: &Method, parameter: &str) -> bool {
    let (Some(name), Some(first)) = (method.name.strip_prefix("set"), parameter.get(..1)) else { return false };
    name.strip_prefix(&first.to_ascii_uppercase()).is_some_and(|rest| rest == &parameter[1..])
}

fn one_number(parameter: &str, value: &str) -> Result<Vec<u8>, InputError> {
    let (method, number) = setters()
        .find(|(method, _)| is_setter_of(method, parameter))
        .ok_or_else(|| wrong(parameter, "ArbOwner has no setter of one number for this parameter"))?;
    let word = number.word(value).ok_or_else(|| wrong(parameter, format_args!("{value:?} is not a number")))?;
    let word = word.map_err(|()| wrong(parameter, format_args!("{value} does not fit {}", method.signature)))?;
    Ok([&method.selector[..], &word.to_be_bytes::<32>()].concat())
}

fn number<T: core::str::FromStr>(parameter: &str, name: &str, text: &str) -> Result<T, InputError> {
    text.parse().map_err(|_| wrong(parameter, format_args!("{text:?} is no {name}")))
}

fn shape(parameter: &str) -> InputError {
    wrong(parameter, "want TARGET:WINDOW:BACKLOG, separated by commas")
}

fn rows<T>(value: &str, read: impl FnMut(&str) -> Result<T, InputError>) -> Result<Vec<T>, InputError> {
    value.split(',').filter(|row| !row.is_empty()).map(read).collect()
}

fn constraints(parameter: &str, value: &str) -> Result<Vec<u8>, InputError> {
    let constraints = rows(value, |row| match row.split(':').collect::<Vec<_>>()[..] {
        [target, window, backlog] => Ok([
            number(parameter, "target", target)?,
            number(parameter, "window", window)?,
            number(parameter, "backlog", backlog)?,
        ]),
        _ => Err(shape(parameter)),
    })?;
    Ok(ArbOwner::setGasPricingConstraintsCall { constraints }.abi_encode())
}

fn multi_gas_constraints(parameter: &str, value: &str) -> Result<Vec<u8>, InputError> {
    let constraints = rows(value, |row| {
        let (numbers, weights) = match row.split(':').collect::<Vec<_>>()[..] {
            [target, window, backlog] => ([target, window, backlog], None),
            [target, window, backlog, weights] => ([target, window, backlog], Some(weights)),
            _ => return Err(shape(parameter)),
        };
        Ok(ArbOwner::MultiGasConstraintRow {
            targetPerSec: number(parameter, "target", numbers[0])?,
            adjustmentWindowSecs: number(parameter, "window of 32 bits", numbers[1])?,
            backlog: number(parameter, "backlog", numbers[2])?,
            resources: weights.map_or_else(|| Ok(all_kinds()), |weights| weighed(parameter, weights))?,
        })
    })?;
    Ok(ArbOwner::setMultiGasPricingConstraintsCall { constraints }.abi_encode())
}

/// All kinds, each with a weight of one.
fn all_kinds() -> Vec<ArbOwner::WeightedResource> {
    let kinds = ResourceKind::ALL.into_iter().filter(|kind| *kind != ResourceKind::Unknown);
    kinds.map(|kind| ArbOwner::WeightedResource { resource: kind as u8, weight: 1 }).collect()
}

/// Reads `KIND*WEIGHT+...`.
fn weighed(parameter: &str, text: &str) -> Result<Vec<ArbOwner::WeightedResource>, InputError> {
    let read = |part: &str| {
        let (name, weight) = part.split_once('*').ok_or_else(|| wrong(parameter, "want KIND*WEIGHT+..."))?;
        let kind =
            kind_named(name).ok_or_else(|| wrong(parameter, format_args!("there is no kind of gas {name:?}")))?;
        Ok(ArbOwner::WeightedResource { resource: kind as u8, weight: number(parameter, "weight", weight)? })
    };
    text.split('+').map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calldata(text: &str) -> Vec<u8> {
        match Setting::parse(text, Model::Backlog).unwrap().change {
            Change::Call { calldata, .. } => calldata,
            Change::Number { .. } => panic!("a call"),
        }
    }

    #[test]
    fn a_setting_is_the_call_of_its_setter() {
        assert_eq!(Setting::parse("speedLimit=7000000@3600", Model::Backlog).unwrap().at, 3_600);
        assert_eq!(calldata("speedLimit=7000000@3600"), ArbOwner::setSpeedLimitCall { limit: 7_000_000 }.abi_encode());
        let rows = vec![[7_000_000, 102, 0], [100, 5, 9]];
        let want = ArbOwner::setGasPricingConstraintsCall { constraints: rows }.abi_encode();
        assert_eq!(calldata("gasPricingConstraints=7000000:102:0,100:5:9"), want);
        assert_eq!(calldata("perBatchGasCharge=-7"), ArbOwner::setPerBatchGasChargeCall { cost: -7 }.abi_encode());
        assert!(Setting::parse("gasPoolSeconds=300", Model::DualPool).is_ok());
    }

    #[test]
    fn targets_over_kinds_name_their_weights() {
        let resources = vec![
            ArbOwner::WeightedResource { resource: 1, weight: 2 },
            ArbOwner::WeightedResource { resource: 5, weight: 7 },
        ];
        let row = ArbOwner::MultiGasConstraintRow { resources, adjustmentWindowSecs: 9, targetPerSec: 8, backlog: 3 };
        let want = ArbOwner::setMultiGasPricingConstraintsCall { constraints: vec![row] }.abi_encode();
        assert_eq!(calldata("multiGasPricingConstraints=8:9:3:computation*2+storageGrowth*7"), want);
    }

    #[test]
    fn laws_of_history_have_numbers() {
        let setting = Setting::parse("gasPoolTarget=8000@5", Model::RateEstimate).unwrap();
        assert_eq!(setting.change, Change::Number { parameter: "gasPoolTarget".into(), value: 8_000 });
        let wrong = Setting::parse("gasPoolTarget=8000@5", Model::FirstExponential).unwrap_err().to_string();
        assert!(wrong.contains("l2GasBacklogTolerance"), "{wrong}");
    }

    #[test]
    fn errors_name_the_parameter() {
        let wrong = |text: &str| Setting::parse(text, Model::Backlog).unwrap_err().to_string();
        assert!(wrong("speed=1").contains("field speed"));
        assert!(wrong("speedLimit=1@-5").contains("not a time"));
        assert!(wrong("speedLimit=x").contains("not a number"));
        assert!(wrong("speedLimit=-1").contains("not a number"));
        assert!(wrong("speedLimit=").contains("not a number"));
        assert!(wrong("l2BaseFee=1_0").contains("not a number"));
        assert!(wrong("perBatchGasCharge=9223372036854775808").contains("does not fit"));
        assert!(wrong("speedLimit=18446744073709551616").contains("does not fit"));
        assert!(wrong("speedLimit").contains("PARAM=VALUE@TIME"));
        assert!(wrong("gasPricingConstraints=1:2").contains("TARGET:WINDOW:BACKLOG"));
        assert!(wrong("gasPricingConstraints=1:x:2").contains("no window"));
        assert!(wrong("multiGasPricingConstraints=1:4294967296:2").contains("window of 32 bits"));
        assert!(wrong("multiGasPricingConstraints=1:2:3:fuel*1").contains("no kind"));
        assert!(wrong("=1").contains("no setter"));
    }
}
