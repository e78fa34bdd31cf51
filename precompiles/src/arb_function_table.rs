//! `ArbFunctionTable` (0x68): kept so that old calls still answer (`spec/precompiles.md` 5).

use crate::{Precompile, Reply, ViewCtx, WriteCtx, error::Failure, precompile};
use alloy_primitives::U256;

precompile! {
    /// A table that is always empty.
    #[at(0x68)]
    interface ArbFunctionTable {
        /// Does nothing. Gas: none.
        function upload(bytes buf) external;
        /// Zero. Gas: none.
        function size(address addr) external view returns (uint256);
        /// Fails. Gas: none.
        function get(address addr, uint256 index) external view returns (uint256, bool, uint256);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum FunctionTable {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<FunctionTable>();

impl ArbFunctionTableMethods for FunctionTable {
    fn upload(_: &mut WriteCtx<'_, '_>, _: ArbFunctionTable::uploadCall) -> Reply<()> {
        Ok(())
    }

    fn size(_: &mut ViewCtx<'_, '_>, _: ArbFunctionTable::sizeCall) -> Reply<U256> {
        Ok(U256::ZERO)
    }

    fn get(_: &mut ViewCtx<'_, '_>, _: ArbFunctionTable::getCall) -> Reply<ArbFunctionTable::getReturn> {
        Err(Failure::plain("table is empty"))
    }
}
