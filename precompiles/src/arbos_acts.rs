//! `ArbosActs` (0xa4b05): what internal transactions call; nobody else may (`spec/precompiles.md` 5).

use crate::{Precompile, Reply, WriteCtx, error::Failure, precompile};

precompile! {
    /// Acts of the operating system.
    #[at(0xa4b05)]
    interface ArbosActs {
        /// Start of a block. Gas: none.
        function startBlock(uint256 l1BaseFee, uint64 l1BlockNumber, uint64 l2BlockNumber, uint64 timePassed) external;
        /// Report of a posted batch, first form. Gas: none.
        function batchPostingReport(uint256 batchTimestamp, address batchPosterAddress, uint64 batchNumber, uint64 batchDataGas, uint256 l1BaseFeeWei) external;
        /// Report of a posted batch, second form. Gas: none.
        function batchPostingReportV2(uint256 batchTimestamp, address batchPosterAddress, uint64 batchNumber, uint64 batchCalldataLength, uint64 batchCalldataNonZeros, uint64 batchExtraGas, uint256 l1BaseFeeWei) external;
        /// The caller is not the operating system.
        error CallerNotArbOS();
    }
}

/// The implementation.
#[derive(Debug)]
pub enum Acts {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<Acts>();

fn refuse() -> Reply<()> {
    Err(Failure::solidity(&ArbosActs::CallerNotArbOS {}))
}

impl ArbosActsMethods for Acts {
    fn startBlock(_: &mut WriteCtx<'_, '_>, _: ArbosActs::startBlockCall) -> Reply<()> {
        refuse()
    }

    fn batchPostingReport(_: &mut WriteCtx<'_, '_>, _: ArbosActs::batchPostingReportCall) -> Reply<()> {
        refuse()
    }

    fn batchPostingReportV2(_: &mut WriteCtx<'_, '_>, _: ArbosActs::batchPostingReportV2Call) -> Reply<()> {
        refuse()
    }
}
