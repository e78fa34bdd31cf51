//! `ArbNativeTokenManager` (0x73): mints and burns the native token (`spec/precompiles.md` 13).

use crate::{Precompile, Reply, WriteCtx, precompile};
use state::ResourceKind;

precompile! {
    /// Supply of the native token, for its owners.
    #[at(0x73)] #[since(NATIVE_TOKEN)]
    interface ArbNativeTokenManager {
        /// Mints to the caller.
        function mintNativeToken(uint256 amount) external;
        /// Burns from the caller.
        function burnNativeToken(uint256 amount) external;
        /// The token was minted.
        event NativeTokenMinted(address indexed to, uint256 amount);
        /// The token was burnt.
        event NativeTokenBurned(address indexed from, uint256 amount);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum NativeTokenManager {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<NativeTokenManager>();

/// Gas of changing a balance.
const BALANCE_CHANGE_GAS: u64 = 9_100;

/// Lets owners pass, charges the change, and takes everything from others.
fn admit(cx: &mut WriteCtx<'_, '_>) -> Reply<()> {
    let caller = cx.caller();
    if !cx.state().native_token_owners().is_member(caller)? {
        return cx.burn_out();
    }
    Ok(cx.burn(ResourceKind::StorageAccessWrite, BALANCE_CHANGE_GAS)?)
}

impl ArbNativeTokenManagerMethods for NativeTokenManager {
    fn mintNativeToken(cx: &mut WriteCtx<'_, '_>, call: ArbNativeTokenManager::mintNativeTokenCall) -> Reply<()> {
        admit(cx)?;
        let to = cx.caller();
        cx.host().mint(to, call.amount)?;
        cx.emit(&ArbNativeTokenManager::NativeTokenMinted { to, amount: call.amount })
    }

    fn burnNativeToken(cx: &mut WriteCtx<'_, '_>, call: ArbNativeTokenManager::burnNativeTokenCall) -> Reply<()> {
        admit(cx)?;
        let from = cx.caller();
        cx.host().burn_balance(from, call.amount)?;
        cx.emit(&ArbNativeTokenManager::NativeTokenBurned { from, amount: call.amount })
    }
}
