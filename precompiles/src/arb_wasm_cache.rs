//! `ArbWasmCache` (0x72): which programs stay compiled (`spec/precompiles.md` 12).

use crate::{
    Precompile, Reply, ViewCtx, WriteCtx,
    arb_owner_public::all,
    arb_wasm::{check_expiry, needs_upgrade},
    context::require,
    precompile,
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256};
use state::ResourceKind;

precompile! {
    /// Cached programs.
    #[at(0x72)] #[since(STYLUS)]
    interface ArbWasmCache {
        /// Whether the address may cache. Gas: `R`.
        function isCacheManager(address manager) external view returns (bool);
        /// All who may cache. Gas: `R + nR`.
        function allCacheManagers() external view returns (address[]);
        /// Caches the program of a code hash. Gas: `100 + 2R`, `R` more for an owner;
        /// where the flag changes also `R + W`, 1756 and what initialising costs.
        #[since(STYLUS)] #[until(STYLUS)]
        function cacheCodehash(bytes32 codehash) external;
        /// Caches the program of an account. Gas: 2600 more than `cacheCodehash`.
        #[since(STYLUS_FIXES)]
        function cacheProgram(address addr) external;
        /// Caches it no longer. Gas: as `cacheCodehash`.
        #[since(STYLUS)]
        function evictCodehash(bytes32 codehash) external;
        /// Whether it is cached. Gas: `R`.
        #[since(STYLUS)]
        function codehashIsCached(bytes32 codehash) external view returns (bool);
        /// A program was cached or evicted.
        event UpdateProgramCache(address indexed manager, bytes32 indexed codehash, bool cached);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum WasmCache {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<WasmCache>();

impl ArbWasmCacheMethods for WasmCache {
    fn isCacheManager(cx: &mut ViewCtx<'_, '_>, call: ArbWasmCache::isCacheManagerCall) -> Reply<bool> {
        Ok(cx.state().programs().cache_managers().is_member(call.manager)?)
    }

    fn allCacheManagers(cx: &mut ViewCtx<'_, '_>, _: ArbWasmCache::allCacheManagersCall) -> Reply<Vec<Address>> {
        Ok(all(cx.state().programs().cache_managers())?)
    }

    fn cacheCodehash(cx: &mut WriteCtx<'_, '_>, call: ArbWasmCache::cacheCodehashCall) -> Reply<()> {
        set(cx, call.codehash, true)
    }

    fn cacheProgram(cx: &mut WriteCtx<'_, '_>, call: ArbWasmCache::cacheProgramCall) -> Reply<()> {
        cx.burn(ResourceKind::StorageAccessRead, state::burn::CODE_HASH_GAS)?;
        let code_hash = cx.host().code_hash(call.addr)?;
        set(cx, code_hash, true)
    }

    fn evictCodehash(cx: &mut WriteCtx<'_, '_>, call: ArbWasmCache::evictCodehashCall) -> Reply<()> {
        set(cx, call.codehash, false)
    }

    fn codehashIsCached(cx: &mut ViewCtx<'_, '_>, call: ArbWasmCache::codehashIsCachedCall) -> Reply<bool> {
        Ok(cx.state().programs().program(call.codehash).get()?.cached)
    }
}

fn set(cx: &mut WriteCtx<'_, '_>, code_hash: B256, cached: bool) -> Reply<()> {
    let (caller, version, now) = (cx.caller(), cx.version(), cx.block().timestamp);
    let manages = cx.state().programs().cache_managers().is_member(caller)?;
    if !manages && !cx.state().chain_owners().is_member(caller)? {
        return cx.burn_out();
    }
    let params = cx.state().programs().params(version)?;
    let mut program = cx.state().programs().program(code_hash).get()?;
    if cached {
        if program.version != params.version {
            return Err(needs_upgrade(&program, &params));
        }
        check_expiry(&program, &params, now)?;
    }
    if program.cached == cached {
        return Ok(());
    }
    cx.emit(&ArbWasmCache::UpdateProgramCache { manager: caller, codehash: code_hash, cached })?;
    cx.burn(ResourceKind::StorageAccessRead, u64::from(program.init_cost))?;
    cx.state().programs().module_hash(code_hash).get()?;
    if cached {
        let exists = cx.host().committed_code_exists(code_hash)?;
        require(exists, "the code of the program is not in the committed state")?;
    }
    program.cached = cached;
    Ok(cx.state().programs().program(code_hash).set(program)?)
}
