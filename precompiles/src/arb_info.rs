//! `ArbInfo` (0x65): balance and code of accounts (`spec/precompiles.md` 3).

use crate::{Precompile, Reply, ViewCtx, precompile};
use alloy_primitives::{Bytes, U256};
use state::ResourceKind;

precompile! {
    /// Facts about accounts.
    #[at(0x65)]
    interface ArbInfo {
        /// Balance in wei. Gas: 700.
        function getBalance(address account) external view returns (uint256);
        /// Code, as stored. Gas: `2100 + 3w(len)`.
        function getCode(address account) external view returns (bytes);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum Info {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<Info>();

/// Gas of a balance.
const BALANCE_GAS: u64 = 700;
/// Gas of reaching the code.
const CODE_GAS: u64 = 2_100;
/// Gas of a word of code.
const CODE_WORD_GAS: u64 = 3;

impl ArbInfoMethods for Info {
    fn getBalance(cx: &mut ViewCtx<'_, '_>, call: ArbInfo::getBalanceCall) -> Reply<U256> {
        cx.burn(ResourceKind::Computation, BALANCE_GAS)?;
        Ok(cx.host().balance(call.account)?)
    }

    fn getCode(cx: &mut ViewCtx<'_, '_>, call: ArbInfo::getCodeCall) -> Reply<Bytes> {
        cx.burn(ResourceKind::StorageAccessRead, CODE_GAS)?;
        let code = cx.host().code(call.account)?;
        cx.burn(ResourceKind::StorageAccessRead, CODE_WORD_GAS * code.len().div_ceil(32) as u64)?;
        Ok(code)
    }
}
