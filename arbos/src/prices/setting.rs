//! `PARAM=VALUE@TIME`: a change by the owner, as the call of `ArbOwner` that makes it.
//!
//! A parameter is named like its setter: `speedLimit` is `setSpeedLimit`. All setters of one number are known, those of the pair of
//! pools included, and `gasPricingConstraints=TARGET:WINDOW:BACKLOG,...`.

use crate::vectors::InputError;
use ::precompiles::{
    Method, Purity,
    arb_owner::{self, ArbOwner},
};
use ::state::ResourceKind;
use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use std::path::Path;

/// A change and the calldata that makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Name of the parameter.
    pub parameter: String,
    /// Calldata of the owner's transaction to `ArbOwner`.
    pub calldata: Vec<u8>,
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
    /// Reads `PARAM=VALUE` or `PARAM=VALUE@TIME`; without a time it is at the start.
    ///
    /// # Errors
    /// An unknown parameter, a value it cannot have, or a time that is none.
    pub fn parse(text: &str) -> Result<Self, InputError> {
        let (parameter, rest) = text.split_once('=').ok_or_else(|| wrong(text, "want PARAM=VALUE@TIME"))?;
        let (value, at) = match rest.split_once('@') {
            Some((value, at)) => {
                (value, at.parse().map_err(|_| wrong(parameter, format_args!("{at:?} is not a time in seconds")))?)
            }
            None => (rest, 0),
        };
        Ok(Self { change: Change::new(parameter, value)?, at })
    }
}

impl Change {
    /// The change of a parameter to a value.
    ///
    /// # Errors
    /// An unknown parameter, or a value it cannot have.
    pub fn new(parameter: &str, value: &str) -> Result<Self, InputError> {
        let calldata = match parameter {
            "gasPricingConstraints" => constraints(parameter, value)?,
            "multiGasPricingConstraints" => multi_gas_constraints(parameter, value)?,
            _ => one_number(parameter, value)?,
        };
        Ok(Self { parameter: parameter.into(), calldata })
    }
}

/// Setters of one number.
fn setters() -> impl Iterator<Item = &'static Method> {
    let all = arb_owner::METHODS.iter().chain(arb_owner::pools::METHODS);
    all.filter(|method| method.purity == Purity::Write && bits(method).is_some())
}

/// Bits of the only argument, if it is an unsigned number.
fn bits(method: &Method) -> Option<usize> {
    let arguments = method.signature.strip_prefix(method.name)?.strip_prefix('(')?.strip_suffix(')')?;
    arguments.strip_prefix("uint")?.parse().ok()
}

fn is_setter_of(method: &Method, parameter: &str) -> bool {
    let (Some(name), Some(first)) = (method.name.strip_prefix("set"), parameter.get(..1)) else { return false };
    name.strip_prefix(&first.to_ascii_uppercase()).is_some_and(|rest| rest == &parameter[1..])
}

fn one_number(parameter: &str, value: &str) -> Result<Vec<u8>, InputError> {
    let method = setters()
        .find(|method| is_setter_of(method, parameter))
        .ok_or_else(|| wrong(parameter, "ArbOwner has no setter of one number for this parameter"))?;
    let number: U256 =
        U256::from_str_radix(value, 10).map_err(|_| wrong(parameter, format_args!("{value:?} is not a number")))?;
    if bits(method).is_some_and(|bits| number.bit_len() > bits) {
        return Err(wrong(parameter, format_args!("{value} does not fit {}", method.signature)));
    }
    Ok([&method.selector[..], &number.to_be_bytes::<32>()].concat())
}

fn numbers<const N: usize>(parameter: &str, row: &str) -> Result<[u64; N], InputError> {
    let parts: Option<Vec<u64>> = row.split(':').map(|part| part.parse().ok()).collect();
    let row = parts.and_then(|parts| parts.try_into().ok());
    row.ok_or_else(|| wrong(parameter, "want TARGET:WINDOW:BACKLOG, separated by commas"))
}

fn rows<T>(value: &str, read: impl FnMut(&str) -> Result<T, InputError>) -> Result<Vec<T>, InputError> {
    value.split(',').filter(|row| !row.is_empty()).map(read).collect()
}

fn constraints(parameter: &str, value: &str) -> Result<Vec<u8>, InputError> {
    let constraints = rows(value, |row| numbers::<3>(parameter, row))?;
    Ok(ArbOwner::setGasPricingConstraintsCall { constraints }.abi_encode())
}

/// Rows whose kinds all weigh one.
fn multi_gas_constraints(parameter: &str, value: &str) -> Result<Vec<u8>, InputError> {
    let constraints = rows(value, |row| {
        let [target, window, backlog] = numbers(parameter, row)?;
        let kinds = ResourceKind::ALL.into_iter().map(|kind| kind as u8);
        let resources = kinds
            .filter(|kind| ResourceKind::from_user(*kind).is_some())
            .map(|resource| ArbOwner::WeightedResource { resource, weight: 1 })
            .collect();
        let window = window.try_into().map_err(|_| wrong(parameter, "the window does not fit 32 bits"))?;
        Ok(ArbOwner::MultiGasConstraintRow { resources, adjustmentWindowSecs: window, targetPerSec: target, backlog })
    })?;
    Ok(ArbOwner::setMultiGasPricingConstraintsCall { constraints }.abi_encode())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_the_call_of_its_setter() {
        let setting = Setting::parse("speedLimit=7000000@3600").unwrap();
        assert_eq!(setting.at, 3_600);
        assert_eq!(setting.change.calldata, ArbOwner::setSpeedLimitCall { limit: 7_000_000 }.abi_encode());
        let constraints = Setting::parse("gasPricingConstraints=7000000:102:0,100:5:9").unwrap().change.calldata;
        let rows = vec![[7_000_000, 102, 0], [100, 5, 9]];
        assert_eq!(constraints, ArbOwner::setGasPricingConstraintsCall { constraints: rows }.abi_encode());
        assert!(Setting::parse("gasPoolSeconds=300").is_ok());
    }

    #[test]
    fn errors_name_the_parameter() {
        let wrong = |text: &str| Setting::parse(text).unwrap_err().to_string();
        assert!(wrong("speed=1").contains("field speed"));
        assert!(wrong("speedLimit=1@-5").contains("not a time"));
        assert!(wrong("speedLimit=x").contains("not a number"));
        assert!(wrong("speedLimit=18446744073709551616").contains("does not fit"));
        assert!(wrong("speedLimit").contains("PARAM=VALUE@TIME"));
        assert!(wrong("gasPricingConstraints=1:2").contains("TARGET:WINDOW:BACKLOG"));
        assert!(wrong("=1").contains("no setter"));
    }
}
