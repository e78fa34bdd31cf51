//! What `ArbGasInfo` tells of the pair of pools, on chains that have it (`spec/pricing.md` 3.7).

use super::ArbGasInfo;
use crate::{Precompile, Reply, ViewCtx, precompile};
use alloy_primitives::U256;
use pricing::l2::dual_pool;

precompile! {
    /// Sizes of the pools.
    #[at(0x6c)]
    interface ArbGasInfoPools {
        /// Size of the large pool, in seconds of the speed limit.
        function getGasPoolSeconds() external view returns (uint64);
        /// Size of the small pool, in seconds of the speed limit.
        function getSmallGasPoolSeconds() external view returns (uint64);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum GasInfoPools {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<GasInfoPools>();

impl ArbGasInfoPoolsMethods for GasInfoPools {
    fn getGasPoolSeconds(cx: &mut ViewCtx<'_, '_>, _: ArbGasInfoPools::getGasPoolSecondsCall) -> Reply<u64> {
        Ok(cx.state().gas_pools().gas_pool_seconds().get()?)
    }

    fn getSmallGasPoolSeconds(cx: &mut ViewCtx<'_, '_>, _: ArbGasInfoPools::getSmallGasPoolSecondsCall) -> Reply<u64> {
        Ok(cx.state().gas_pools().small_gas_pool_seconds().get()?)
    }
}

/// Speed limit, size of the large pool, limit of a block.
pub(super) fn accounting_parameters(cx: &mut ViewCtx<'_, '_>) -> Reply<ArbGasInfo::getGasAccountingParamsReturn> {
    let mut state = cx.state();
    let mut pools = state.gas_pools();
    let speed = pools.speed_limit_per_second().get()?;
    let size = dual_pool::capacity(pools.gas_pool_seconds().get()?, speed).unsigned_abs();
    let limit = pools.max_per_block_gas_limit().get()?;
    Ok(ArbGasInfo::getGasAccountingParamsReturn::from((U256::from(speed), U256::from(size), U256::from(limit))))
}

/// What the large pool lacks to be full.
pub(super) fn missing_gas(cx: &mut ViewCtx<'_, '_>) -> Reply<u64> {
    let mut state = cx.state();
    let mut pools = state.gas_pools();
    let (size, _) = dual_pool::capacities(&mut pools)?;
    let held = pools.gas_pool().get()?;
    Ok(if held >= size { 0 } else { size.abs_diff(held) })
}
