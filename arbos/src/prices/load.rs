//! What users bring: gas and data a second, and the base fee of the parent chain.

use crate::vectors::InputError;
use alloy_primitives::U256;
use std::{fs, path::Path};

/// Seconds of a day.
const DAY: u64 = 86_400;
/// Wei of the parent chain's base fee, and bytes of data for each 100,000 gas, where a pattern says nothing of them.
const L1_BASE_FEE: u64 = 20_000_000_000;
const GAS_PER_BYTE: u64 = 500;
/// Longest file in bytes.
const MAX_FILE: u64 = 1 << 30;

/// What one second brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Second {
    /// Compute gas.
    pub gas: u64,
    /// Compressed bytes of data.
    pub data_bytes: u64,
    /// Base fee of the parent chain, in wei.
    pub l1_base_fee: U256,
}

/// A load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Load {
    /// The same every second.
    Steady(u64),
    /// Gas before and after a second.
    Step(u64, u64, u64),
    /// Gas, and more of it at the start of each period: gas, peak, period, seconds of the peak.
    Burst(u64, u64, u64, u64),
    /// Gas at night and at noon, changing linearly.
    Daily(u64, u64),
    /// Up to twice a mean, by a seed.
    Random(u64, u64),
    /// Rows of a file; each lasts until the next.
    File(Vec<(u64, Second)>),
}

fn wrong(problem: impl core::fmt::Display) -> InputError {
    InputError::of_file(Path::new("--load"), problem)
}

impl Load {
    /// Reads a pattern (`steady:GAS`, `step:GAS:GAS:AT`, `burst:GAS:PEAK:PERIOD:LENGTH`, `daily:LOW:HIGH`, `random:MEAN:SEED`) or a
    /// CSV file with a header of `time,gas,data_bytes,l1_base_fee`.
    ///
    /// # Errors
    /// A pattern or file that is not like this; of a file, the line and the field.
    pub fn parse(text: &str) -> Result<Self, InputError> {
        let Some((name, rest)) = text.split_once(':') else { return Self::read(Path::new(text)) };
        let numbers: Option<Vec<u64>> = rest.split(':').map(|part| part.parse().ok()).collect();
        match (name, numbers.as_deref()) {
            ("steady", Some(&[gas])) => Ok(Self::Steady(gas)),
            ("step", Some(&[before, after, at])) => Ok(Self::Step(before, after, at)),
            ("burst", Some(&[_, _, 0, _])) => Err(wrong("a burst needs a period that is not zero")),
            ("burst", Some(&[gas, peak, period, length])) => Ok(Self::Burst(gas, peak, period, length)),
            ("daily", Some(&[low, high])) => Ok(Self::Daily(low, high)),
            ("random", Some(&[mean, seed])) => Ok(Self::Random(mean, seed)),
            _ => Err(wrong(format_args!("{text:?} is no pattern and no file"))),
        }
    }

    fn read(path: &Path) -> Result<Self, InputError> {
        let of_file = |error: std::io::Error| InputError::of_file(path, error);
        if fs::metadata(path).map_err(of_file)?.len() > MAX_FILE {
            return Err(InputError::of_file(path, "the file is larger than 1 GiB"));
        }
        Self::csv(&path.display().to_string(), &fs::read_to_string(path).map_err(of_file)?)
    }

    /// Reads the text of a CSV file.
    ///
    /// # Errors
    /// See [`Self::parse`].
    pub fn csv(name: &str, text: &str) -> Result<Self, InputError> {
        const FIELDS: [&str; 4] = ["time", "gas", "data_bytes", "l1_base_fee"];
        let error = |line: usize, field: Option<&str>, problem: &str| InputError {
            file: name.into(),
            line: Some(line),
            field: field.map(Into::into),
            problem: problem.into(),
        };
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        let header = lines.next().map_or("", |(_, line)| line);
        if header != FIELDS.join(",") {
            return Err(error(1, None, "want the header time,gas,data_bytes,l1_base_fee"));
        }
        let mut rows: Vec<(u64, Second)> = Vec::new();
        for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
            let mut values = [0u64; 4];
            let mut cells = line.split(',').map(str::trim);
            for (value, field) in values.iter_mut().zip(FIELDS) {
                let cell = cells.next().ok_or_else(|| error(number, Some(field), "is missing"))?;
                *value = cell.parse().map_err(|_| error(number, Some(field), "is not a number from 0"))?;
            }
            if cells.next().is_some() {
                return Err(error(number, None, "has more than four fields"));
            }
            let [time, gas, data_bytes, l1_base_fee] = values;
            if rows.last().is_some_and(|(before, _)| *before >= time) {
                return Err(error(number, Some("time"), "is not after the line before"));
            }
            rows.push((time, Second { gas, data_bytes, l1_base_fee: U256::from(l1_base_fee) }));
        }
        if rows.is_empty() { Err(error(2, None, "the file has no rows")) } else { Ok(Self::File(rows)) }
    }

    /// What a second brings.
    #[must_use]
    pub fn at(&self, time: u64) -> Second {
        let gas = match self {
            Self::File(rows) => return row_at(rows, time),
            Self::Steady(gas) => *gas,
            Self::Step(before, after, at) => *if time < *at { before } else { after },
            Self::Burst(gas, peak, period, length) => *if time % *period < *length { peak } else { gas },
            Self::Daily(low, high) => daily(*low, *high, time % DAY),
            Self::Random(mean, seed) => random(*mean, *seed, time),
        };
        Second { gas, data_bytes: gas / GAS_PER_BYTE, l1_base_fee: U256::from(L1_BASE_FEE) }
    }
}

fn row_at(rows: &[(u64, Second)], time: u64) -> Second {
    let after = rows.partition_point(|(start, _)| *start <= time);
    let nothing = Second { gas: 0, data_bytes: 0, l1_base_fee: U256::from(L1_BASE_FEE) };
    after.checked_sub(1).map_or(nothing, |index| rows[index].1)
}

fn daily(low: u64, high: u64, second: u64) -> u64 {
    let from_midnight = second.min(DAY - second);
    let (low, high) = (u128::from(low), u128::from(high));
    let part = |value: u128, weight: u64| value * u128::from(weight) / u128::from(DAY / 2);
    u64::try_from(part(low, DAY / 2 - from_midnight) + part(high, from_midnight)).unwrap_or(u64::MAX)
}

/// A number from 0 to twice the mean, the same for the same seed and time.
fn random(mean: u64, seed: u64, time: u64) -> u64 {
    let mut mixed = seed.wrapping_add(time.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    let spread = (u128::from(mean) * 2 * u128::from(mixed ^ (mixed >> 31))) >> 64;
    u64::try_from(spread).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_and_followed() {
        let gas = |text: &str, time: u64| Load::parse(text).unwrap().at(time).gas;
        assert_eq!((gas("step:1:9:5", 4), gas("step:1:9:5", 5)), (1, 9));
        assert_eq!((gas("burst:1:9:10:2", 11), gas("burst:1:9:10:2", 12)), (9, 1));
        assert_eq!((gas("daily:10:20", 0), gas("daily:10:20", DAY / 2)), (10, 20));
        assert_eq!(gas("random:100:7", 3), gas("random:100:7", 3));
        assert!(Load::parse("burst:1:2:0:1").is_err());
        assert!(Load::parse("waves:1").is_err());
        assert!(Load::parse("steady:-1").is_err());
    }

    #[test]
    fn errors_of_files_name_line_and_field() {
        let header = "time,gas,data_bytes,l1_base_fee";
        let wrong = |rows: &str| Load::csv("load.csv", &format!("{header}\n{rows}")).unwrap_err().to_string();
        assert_eq!(wrong("0,x,1,1"), "load.csv, line 2, field gas: is not a number from 0");
        assert_eq!(wrong("5,1,1,1\n5,1,1,1"), "load.csv, line 3, field time: is not after the line before");
        assert_eq!(wrong("0,1,1"), "load.csv, line 2, field l1_base_fee: is missing");
        assert!(wrong("").contains("no rows"));
        assert!(Load::csv("load.csv", "").unwrap_err().to_string().contains("header"));
        assert_eq!(Load::csv("load.csv", &format!("{header}\n2,7,1,1")).unwrap().at(9).gas, 7);
    }
}
