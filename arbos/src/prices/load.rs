//! What users bring: gas by kind and data a second, and the base fee of the parent chain.

mod csv;
mod mix;

pub use mix::{Mix, held_to, kind_named};

use crate::vectors::InputError;
use ::state::MultiGas;
use alloy_primitives::U256;
use std::path::Path;

/// Seconds of a day.
const DAY: u64 = 86_400;
/// Base fee of the parent chain in wei, where the load says nothing of it.
pub const L1_BASE_FEE: u64 = 20_000_000_000;
/// Gas that comes with one compressed byte of data, where the load says nothing of data.
const GAS_PER_BYTE: u64 = 500;

/// What one second brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Second {
    /// Compute gas by kind.
    pub gas: MultiGas,
    /// Compressed bytes of data.
    pub data_bytes: u64,
    /// Base fee of the parent chain, in wei.
    pub l1_base_fee: U256,
}

impl Second {
    /// Gas with the data that usually comes with it.
    fn usual(gas: MultiGas) -> Self {
        Self { gas, data_bytes: gas.total() / GAS_PER_BYTE, l1_base_fee: U256::from(L1_BASE_FEE) }
    }
}

/// Gas over time.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// The same every second.
    Steady(u64),
    /// Gas before and after a second.
    Step { before: u64, after: u64, at: u64 },
    /// Gas, and more of it at the start of each period.
    Burst { gas: u64, peak: u64, period: u64, length: u64 },
    /// Gas at night and at noon, changing linearly.
    Daily { low: u64, high: u64 },
    /// Up to twice a mean, by a seed.
    Random { mean: u64, seed: u64 },
    /// Rows of a file; each lasts until the next.
    Rows(Vec<(u64, Second)>),
    /// Nothing for some seconds, then another shape.
    Delayed(u64, Box<Self>),
}

/// A load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    shape: Shape,
    mix: Mix,
}

fn wrong(problem: impl core::fmt::Display) -> InputError {
    InputError::of_file(Path::new("--load"), problem)
}

impl Load {
    /// Reads a pattern (`steady:GAS`, `step:GAS:GAS:AT`, `burst:GAS:PEAK:PERIOD:LENGTH`, `daily:LOW:HIGH`, `random:MEAN:SEED`; gas a
    /// second) or a CSV file. `mix` divides gas into kinds where neither says which kinds it is.
    ///
    /// # Errors
    /// A pattern or file that is not like this; of a file, the line and the field.
    pub fn parse(text: &str, mix: Mix) -> Result<Self, InputError> {
        let shape = match text.split_once(':') {
            None => Shape::Rows(csv::read(Path::new(text), &mix)?),
            Some((name, numbers)) => pattern(name, numbers)?,
        };
        Ok(Self { shape, mix })
    }

    /// Reads the text of a CSV file.
    ///
    /// # Errors
    /// The line and the field that are wrong.
    pub fn of_csv(name: &str, text: &str, mix: Mix) -> Result<Self, InputError> {
        Ok(Self { shape: Shape::Rows(csv::rows(name, text, &mix)?), mix })
    }

    /// The same after some seconds of nothing.
    #[must_use]
    pub fn delayed(self, seconds: u64) -> Self {
        Self { shape: Shape::Delayed(seconds, Box::new(self.shape)), ..self }
    }

    /// What a second brings.
    #[must_use]
    pub fn at(&self, time: u64) -> Second {
        self.shape.at(time, &self.mix)
    }
}

impl Shape {
    fn at(&self, time: u64, mix: &Mix) -> Second {
        let gas = match *self {
            Self::Rows(ref rows) => return row_at(rows, time),
            Self::Delayed(seconds, ref shape) => {
                let inside = time.checked_sub(seconds);
                return inside.map_or_else(|| Second::usual(MultiGas::ZERO), |time| shape.at(time, mix));
            }
            Self::Steady(gas) => gas,
            Self::Step { before, after, at } => {
                if time < at {
                    before
                } else {
                    after
                }
            }
            Self::Burst { gas, peak, period, length } => {
                if time % period < length {
                    peak
                } else {
                    gas
                }
            }
            Self::Daily { low, high } => daily(low, high, time % DAY),
            Self::Random { mean, seed } => random(mean, seed, time),
        };
        Second::usual(mix.divide(gas))
    }
}

fn pattern(name: &str, numbers: &str) -> Result<Shape, InputError> {
    let mut parts = Vec::new();
    for part in numbers.split(':') {
        let number: u64 = part.parse().map_err(|_| wrong(format_args!("{part:?} of {name} is not a number from 0")))?;
        parts.push(number);
    }
    match (name, parts.as_slice()) {
        ("steady", &[gas]) => Ok(Shape::Steady(gas)),
        ("step", &[before, after, at]) => Ok(Shape::Step { before, after, at }),
        ("burst", &[_, _, 0, _]) => Err(wrong("the period of a burst must not be zero")),
        ("burst", &[gas, peak, period, length]) => Ok(Shape::Burst { gas, peak, period, length }),
        ("daily", &[low, high]) => Ok(Shape::Daily { low, high }),
        ("random", &[mean, seed]) => Ok(Shape::Random { mean, seed }),
        ("steady" | "step" | "burst" | "daily" | "random", _) => Err(wrong(format_args!(
            "{name} wants other numbers: steady:GAS, step:GAS:GAS:AT, burst:GAS:PEAK:PERIOD:LENGTH, daily:LOW:HIGH, random:MEAN:SEED"
        ))),
        _ => Err(wrong(format_args!("there is no pattern {name:?}"))),
    }
}

/// The row that lasts at a time; before the first there is nothing.
fn row_at(rows: &[(u64, Second)], time: u64) -> Second {
    let after = rows.partition_point(|(start, _)| *start <= time);
    after.checked_sub(1).map_or_else(|| Second::usual(MultiGas::ZERO), |index| rows[index].1)
}

fn daily(low: u64, high: u64, second: u64) -> u64 {
    let from_midnight = second.min(DAY - second);
    let part = |value: u64, weight: u64| u128::from(value) * u128::from(weight) / u128::from(DAY / 2);
    u64::try_from(part(low, DAY / 2 - from_midnight) + part(high, from_midnight)).unwrap_or(u64::MAX)
}

/// A number from 0 to twice the mean, the same for the same seed and time.
fn random(mean: u64, seed: u64, time: u64) -> u64 {
    let mut mixed = seed.wrapping_add(time.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let spread = (u128::from(mean) * 2 * u128::from(mixed ^ (mixed >> 31))) >> 64;
    u64::try_from(spread).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_and_followed() {
        let gas = |text: &str, time: u64| Load::parse(text, Mix::default()).unwrap().at(time).gas.total();
        assert_eq!((gas("step:1:9:5", 4), gas("step:1:9:5", 5)), (1, 9));
        assert_eq!((gas("burst:1:9:10:2", 11), gas("burst:1:9:10:2", 12)), (9, 1));
        assert_eq!((gas("daily:10:20", 0), gas("daily:10:20", DAY / 2)), (10, 20));
        assert_eq!(gas("random:100:7", 3), gas("random:100:7", 3));
        let later = Load::parse("step:1:9:5", Mix::default()).unwrap().delayed(10);
        assert_eq!([9, 10, 15].map(|time| later.at(time).gas.total()), [0, 1, 9]);
    }

    #[test]
    fn a_random_load_has_its_mean_and_differs_by_seed() {
        let load = |seed: u64| Load::parse(&format!("random:1000:{seed}"), Mix::default()).unwrap();
        let sum: u64 = (0..100_000).map(|time| load(1).at(time).gas.total()).sum();
        assert!((99_000_000..101_000_000).contains(&sum), "{sum}");
        assert_ne!(load(1).at(5), load(2).at(5));
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let wrong = |text: &str| Load::parse(text, Mix::default()).unwrap_err().to_string();
        assert!(wrong("burst:1:2:0:1").contains("must not be zero"));
        assert!(wrong("waves:1").contains("no pattern \"waves\""));
        assert!(wrong("steady:-1").contains("not a number from 0"));
        assert!(wrong("steady:1:2").contains("steady:GAS"));
    }
}
