//! `ArbStatistics` (0x6f): the block number and zeros (`spec/precompiles.md` 5).

use crate::{Precompile, Reply, ViewCtx, precompile};
use alloy_primitives::U256;

precompile! {
    /// Statistics of the chain before the present system.
    #[at(0x6f)]
    interface ArbStatistics {
        /// L2 block number, and five numbers that are zero. Gas: none.
        function getStats() external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum Statistics {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<Statistics>();

impl ArbStatisticsMethods for Statistics {
    fn getStats(cx: &mut ViewCtx<'_, '_>, _: ArbStatistics::getStatsCall) -> Reply<ArbStatistics::getStatsReturn> {
        let number = U256::from(cx.block().number);
        Ok(ArbStatistics::getStatsReturn::from((number, U256::ZERO, U256::ZERO, U256::ZERO, U256::ZERO, U256::ZERO)))
    }
}
