//! The runners, one a format.

pub(super) mod activation;
pub(super) mod brotli;
pub(super) mod chain;
pub(super) mod feed;
pub(super) mod machine;
pub(super) mod partial;
pub(super) mod program;
mod recorded;
pub(super) mod witness;

use super::{
    CaseReport, FileReport, InputError, Options, Verdict, Work,
    compare::{Comparison, Difference, Sealed, show},
    format::block::ExpectedBlock,
    input::VectorFile,
    json::FromNode,
    names::SeenKeys,
};
use crate::{Block, Error, tx::InternalTx};
use ::state::world::World;

/// Runs all cases of a file.
pub(super) type Runner = fn(&mut Run<'_>) -> Result<(), InputError>;

/// A file that is being run.
pub(super) struct Run<'a> {
    pub(super) file: &'a VectorFile,
    pub(super) options: &'a Options,
    pub(super) progress: &'a dyn Fn(usize),
    pub(super) report: &'a mut FileReport,
}

impl Run<'_> {
    /// Adds a case that has ended.
    pub(super) fn finish(&mut self, case: CaseReport) {
        self.report.cases.push(case);
    }

    /// Runs the cases of the further lines, each line a program.
    fn programs<P: FromNode, C>(
        &mut self,
        cases: impl Fn(&P) -> &[C],
        run_case: impl Fn(&P, usize, &C) -> CaseReport,
    ) -> Result<(), InputError> {
        for (index, line) in self.file.lines().enumerate().skip(1) {
            let program: P = line.read()?;
            for (number, case) in cases(&program).iter().enumerate() {
                self.finish(run_case(&program, number, case));
            }
            (self.progress)(index + 1);
        }
        Ok(())
    }

    /// Keeps a block, if it was asked for.
    fn dump(&mut self, block: &Sealed<'_>) {
        if self.options.dump_block == Some(block.header.inner.number) {
            self.report.dumps.push(show::block(block));
        }
    }
}

/// What is known of a block, and what another reading says of it.
struct Wanted<'a> {
    expected: &'a ExpectedBlock,
    derived: Option<&'a ExpectedBlock>,
}

/// Where differences of a block are.
fn place(number: u64) -> String {
    format!("block {number}")
}

impl Block {
    /// The block, as it is compared.
    fn as_sealed(&self) -> Sealed<'_> {
        Sealed { header: &self.header, hash: self.hash, receipts: &self.receipts, changes: &self.changes }
    }

    /// What it took to make.
    #[must_use]
    pub fn work(&self) -> Work {
        let users = self.transactions.iter().filter(|tx| tx.tx_type() != InternalTx::TYPE).count();
        Work { blocks: 1, transactions: users as u64, gas: self.header.inner.gas_used }
    }
}

impl CaseReport {
    /// Compares a block and the world after it with what is known of them. Says whether the case goes on.
    fn check(&mut self, want: &Wanted<'_>, block: &Sealed<'_>, world: &mut dyn World, seen: &SeenKeys) -> bool {
        let compare = |want: &ExpectedBlock, world: &mut dyn World| {
            let mut comparison = Comparison::at(place(block.header.inner.number));
            comparison.block(want, block, world, seen);
            comparison
        };
        if let Some(derived) = want.derived {
            self.derived.extend(compare(derived, world).found());
        }
        self.judge(compare(want.expected, world))
    }

    /// The case fails if there are differences. Says whether it goes on.
    fn judge(&mut self, comparison: Comparison) -> bool {
        let differences = comparison.found();
        if differences.is_empty() {
            return true;
        }
        self.verdict = Verdict::Failed(differences);
        false
    }

    /// The case ends with an error where something else was wanted.
    fn ends_with(&mut self, place: String, want: &str, error: &Error) {
        self.verdict = match error {
            Error::NotBuilt(what) => Verdict::Skipped((*what).into()),
            error => Verdict::Failed(vec![Difference { path: place, want: want.into(), got: error.to_string() }]),
        };
    }
}

impl SeenKeys {
    /// Remembers the keys a block may have brought into the operating state.
    fn block(&mut self, block: &Block) {
        for receipt in &block.receipts {
            self.address(receipt.from);
            self.hash(receipt.tx_hash);
            receipt.contract_address.into_iter().for_each(|address| self.address(address));
        }
        for (address, change) in &block.changes.accounts {
            self.address(*address);
            change.info.iter().for_each(|info| self.hash(info.code_hash));
        }
    }
}
