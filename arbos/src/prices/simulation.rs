//! Blocks of a load, one after the other, and what they did to prices.

mod run;

use super::{Load, Model, Row, Setting};
use crate::vectors::InputError;
use run::Run;
use std::path::Path;

/// What is simulated.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// Model of the price of L2 gas.
    pub model: Model,
    /// What users bring.
    pub load: Load,
    /// What the owner changes. A change is a transaction at the end of the first block of its second.
    pub settings: Vec<Setting>,
    /// Seconds simulated.
    pub seconds: u64,
    /// Blocks in a second; what a second brings is divided among them.
    pub blocks_per_second: u64,
    /// Seconds between rows.
    pub sample: u64,
}

/// What is wrong with an argument of the program.
pub(super) fn wrong(argument: &str, problem: impl core::fmt::Display) -> InputError {
    InputError { field: Some(argument.into()), ..InputError::of_file(Path::new("prices"), problem) }
}

impl Simulation {
    /// Runs all blocks and gives each row away; `progress` hears of each second that is done.
    ///
    /// # Errors
    /// Lengths of zero, a change that comes too late or that the owner contract refuses, or a rule by which the chain would stop.
    pub fn run(&self, mut row: impl FnMut(Row), mut progress: impl FnMut(u64)) -> Result<(), InputError> {
        self.check()?;
        let mut run = Run::new(self)?;
        for second in 0..self.seconds {
            run.second(self, second)?;
            if (second + 1) % self.sample == 0 || second + 1 == self.seconds {
                row(run.row()?);
            }
            progress(second + 1);
        }
        Ok(())
    }

    /// All rows at once.
    ///
    /// # Errors
    /// See [`Self::run`].
    pub fn rows(&self) -> Result<Vec<Row>, InputError> {
        let mut rows = Vec::new();
        self.run(|row| rows.push(row), |_| {})?;
        Ok(rows)
    }

    fn check(&self) -> Result<(), InputError> {
        let lengths =
            [("seconds", self.seconds), ("blocks-per-second", self.blocks_per_second), ("sample", self.sample)];
        if let Some((name, _)) = lengths.iter().find(|(_, length)| *length == 0) {
            return Err(wrong(name, "must not be zero"));
        }
        match self.settings.iter().find(|setting| setting.at >= self.seconds) {
            Some(late) => Err(wrong(late.change.parameter(), format_args!("{} is after the last second", late.at))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
