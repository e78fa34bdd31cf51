//! `ArbDebug` (0xff): only on chains that allow debugging (`spec/precompiles.md` 15).

use crate::{PayCtx, Precompile, PureCtx, Reply, ViewCtx, WriteCtx, error::Failure, precompile};
use alloc::string::String;
use alloy_primitives::{Address, B256, Bytes};
use state::Fault;

precompile! {
    /// Tools for tests.
    #[at(0xff)] #[guard(debug)]
    interface ArbDebug {
        /// Makes the caller a chain owner.
        function becomeChainOwner() external;
        /// Replaces the code of an account and returns the old one.
        function overwriteContractCode(address target, bytes newCode) external returns (bytes oldCode);
        /// Emits events.
        function events(bool flag, bytes32 value) external payable returns (address, uint256);
        /// Tries to emit events.
        function eventsView() external view;
        /// Fails with a Solidity error.
        function customRevert(uint64 number) external pure;
        /// Stops the chain.
        #[since(STYLUS)]
        function panic() external;
        /// Fails without data.
        function legacyError() external pure;
        /// A simple event.
        event Basic(bool flag, bytes32 indexed value);
        /// An event of many kinds of fields.
        event Mixed(bool indexed flag, bool not, bytes32 indexed value, address conn, address indexed caller);
        /// Not emitted.
        event Store(bool indexed flag, address indexed field, uint24 number, bytes32 value, bytes store);
        /// What `customRevert` fails with.
        error Custom(uint64 number, string text, bool flag);
        /// Not used.
        error Unused();
    }
}

/// The implementation.
#[derive(Debug)]
pub enum Debug {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<Debug>();

/// Text of the Solidity error.
const SPIDER: &str = r"This spider family wards off bugs: /\oo/\ //\(oo)//\ /\oo/\";

const fn mixed(flag: bool, value: B256, caller: Address) -> (ArbDebug::Basic, ArbDebug::Mixed) {
    let conn = Address::with_last_byte(0xff);
    (ArbDebug::Basic { flag: !flag, value }, ArbDebug::Mixed { flag, not: !flag, value, conn, caller })
}

impl ArbDebugMethods for Debug {
    fn becomeChainOwner(cx: &mut WriteCtx<'_, '_>, _: ArbDebug::becomeChainOwnerCall) -> Reply<()> {
        let caller = cx.caller();
        Ok(cx.state().chain_owners().add(caller)?)
    }

    fn overwriteContractCode(cx: &mut WriteCtx<'_, '_>, call: ArbDebug::overwriteContractCodeCall) -> Reply<Bytes> {
        let old = cx.host().code(call.target)?;
        cx.host().set_code(call.target, call.newCode)?;
        Ok(old)
    }

    fn events(cx: &mut PayCtx<'_, '_>, call: ArbDebug::eventsCall) -> Reply<ArbDebug::eventsReturn> {
        let (caller, value) = (cx.caller(), cx.value());
        let (basic, mixed) = mixed(call.flag, call.value, caller);
        cx.emit(&basic)?;
        cx.emit(&mixed)?;
        Ok(ArbDebug::eventsReturn { _0: caller, _1: value })
    }

    fn eventsView(cx: &mut ViewCtx<'_, '_>, _: ArbDebug::eventsViewCall) -> Reply<()> {
        let (basic, mixed) = mixed(true, B256::ZERO, cx.caller());
        cx.emit(&basic)?;
        cx.emit(&mixed)
    }

    fn customRevert(_: &mut PureCtx<'_, '_>, call: ArbDebug::customRevertCall) -> Reply<()> {
        let error = ArbDebug::Custom { number: call.number, text: String::from(SPIDER), flag: true };
        Err(Failure::solidity(&error))
    }

    fn panic(_: &mut WriteCtx<'_, '_>, _: ArbDebug::panicCall) -> Reply<()> {
        Err(Fault::Halt("ArbDebug.panic was called").into())
    }

    fn legacyError(_: &mut PureCtx<'_, '_>, _: ArbDebug::legacyErrorCall) -> Reply<()> {
        Err(Failure::plain("example legacy error"))
    }
}
