//! What owners may set of the pair of pools, on chains that have it (`spec/pricing.md` 3.7).
//!
//! What is refused is refused before anything is written. A pool that is larger than its new size is clipped to it.

use crate::{Precompile, Reply, WriteCtx, context::require, precompile};
use alloy_primitives::U256;
use pricing::l2::dual_pool;

precompile! {
    /// Sizes of the pools.
    #[at(0x70)] #[guard(owner)]
    interface ArbOwnerPools {
        /// Size of the large pool, in seconds of the speed limit: 1 to 10800.
        function setGasPoolSeconds(uint64 sec) external;
        /// Size of the small pool, in seconds of the speed limit: 1 to the size of the large one.
        function setSmallGasPoolSeconds(uint64 sec) external;
    }
}

/// The implementation.
#[derive(Debug)]
pub enum OwnerPools {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<OwnerPools>();

impl ArbOwnerPoolsMethods for OwnerPools {
    fn setGasPoolSeconds(cx: &mut WriteCtx<'_, '_>, call: ArbOwnerPools::setGasPoolSecondsCall) -> Reply<()> {
        resize(cx, |sizes| sizes.large = call.sec)
    }

    fn setSmallGasPoolSeconds(cx: &mut WriteCtx<'_, '_>, call: ArbOwnerPools::setSmallGasPoolSecondsCall) -> Reply<()> {
        resize(cx, |sizes| sizes.small = call.sec)
    }
}

/// What the sizes of the pools follow from.
struct Sizes {
    large: u64,
    small: u64,
    speed: u64,
}

/// Changes one of the numbers that size the pools.
fn resize(cx: &mut WriteCtx<'_, '_>, change: impl FnOnce(&mut Sizes)) -> Reply<()> {
    let mut state = cx.state();
    let mut pools = state.gas_pools();
    let mut sizes = Sizes {
        large: pools.gas_pool_seconds().get()?,
        small: pools.small_gas_pool_seconds().get()?,
        speed: pools.speed_limit_per_second().get()?,
    };
    change(&mut sizes);
    require(dual_pool::is_allowed(sizes.large, sizes.small, sizes.speed), "a pool cannot have this size")?;
    pools.gas_pool_seconds().set(sizes.large)?;
    pools.small_gas_pool_seconds().set(sizes.small)?;
    pools.speed_limit_per_second().set(sizes.speed)?;
    Ok(dual_pool::clip(&mut pools)?)
}

pub(super) fn set_speed_limit(cx: &mut WriteCtx<'_, '_>, limit: u64) -> Reply<()> {
    resize(cx, |sizes| sizes.speed = limit)
}

/// A new minimum lifts a lower price.
pub(super) fn lift_price(cx: &mut WriteCtx<'_, '_>, minimum: U256) -> Reply<()> {
    Ok(cx.state().base_fee_wei().update(|price| Ok(price.max(minimum)))?)
}
