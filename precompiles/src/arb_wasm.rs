//! `ArbWasm` (0x71): activates Stylus programs and tells about them (`spec/precompiles.md` 11).

use crate::{
    PayCtx, Precompile, Reply, ViewCtx,
    context::require,
    error::Failure,
    host::{Activation, ActivationError, ActivationRequest},
    precompile,
};
use alloy_primitives::{Address, B256, U256};
use pricing::stylus;
use state::{
    ArbosVersion, Fault, ResourceKind, address,
    arbos::{Program, StylusParams, programs::DAY, stylus_params::PAGE_RAMP},
};

precompile! {
    /// Stylus programs.
    #[at(0x71)] #[since(STYLUS)]
    interface ArbWasm {
        /// Activates the program of an account, for a fee. Gas: 1659268, what its size costs, `7R + 4W` and 2149;
        /// since version 59 `R` and the activation gas of the chain.
        function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
        /// Makes an active program young again, for a fee. Gas: `100 + 7R + 3W` and 1381.
        function codehashKeepalive(bytes32 codehash) external payable;
        /// Version of Stylus. Gas: 100.
        function stylusVersion() external view returns (uint16);
        /// Ink a gas buys. Gas: 100.
        function inkPrice() external view returns (uint32);
        /// Deepest stack in words. Gas: 100.
        function maxStackDepth() external view returns (uint32);
        /// Pages that cost nothing. Gas: 100.
        function freePages() external view returns (uint16);
        /// Gas of a page. Gas: 100.
        function pageGas() external view returns (uint16);
        /// Growth of the page price. Gas: 100.
        function pageRamp() external view returns (uint64);
        /// Most pages. Gas: 100.
        function pageLimit() external view returns (uint16);
        /// Least gas of a call, and of a cached one. Gas: 100.
        function minInitGas() external view returns (uint64 gas, uint64 cached);
        /// Factor of init costs in percent. Gas: 100.
        function initCostScalar() external view returns (uint64);
        /// Days until a program expires. Gas: 100.
        function expiryDays() external view returns (uint16);
        /// Days before it may be kept alive. Gas: 100.
        function keepaliveDays() external view returns (uint16);
        /// Programs a block keeps in its cache. Gas: 100.
        function blockCacheSize() external view returns (uint16);
        /// Gas burnt by each activation. Gas: `R`.
        #[since(STYLUS_ACTIVATION_GAS)]
        function activationGas() external view returns (uint64);
        /// Version of Stylus a code hash was activated under. Gas: `100 + R`.
        function codehashVersion(bytes32 codehash) external view returns (uint16);
        /// Size of its native code in bytes. Gas: `100 + R`.
        function codehashAsmSize(bytes32 codehash) external view returns (uint32);
        /// Version of Stylus the program of an account was activated under. Gas: `2700 + R`.
        function programVersion(address program) external view returns (uint16);
        /// Gas of a call, and of a cached one. Gas: `2700 + R`.
        function programInitGas(address program) external view returns (uint64 gas, uint64 gasWhenCached);
        /// Pages at start. Gas: `2700 + R`.
        function programMemoryFootprint(address program) external view returns (uint16);
        /// Seconds until it expires. Gas: `2700 + R`.
        function programTimeLeft(address program) external view returns (uint64);
        /// A program was activated.
        event ProgramActivated(bytes32 indexed codehash, bytes32 moduleHash, address program, uint256 dataFee, uint16 version);
        /// A program was kept alive.
        event ProgramLifetimeExtended(bytes32 indexed codehash, uint256 dataFee);
        /// The account holds no program.
        error ProgramNotWasm();
        /// The program was never activated.
        error ProgramNotActivated();
        /// The program was activated under another version.
        error ProgramNeedsUpgrade(uint16 version, uint16 stylusVersion);
        /// The program is too old.
        error ProgramExpired(uint64 ageInSeconds);
        /// The program is active already.
        error ProgramUpToDate();
        /// The program is too young to be kept alive.
        error ProgramKeepaliveTooSoon(uint64 ageInSeconds);
        /// The value does not cover the fee.
        error ProgramInsufficientValue(uint256 have, uint256 want);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum Wasm {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<Wasm>();

/// Gas every activation burns.
const ACTIVATION_GAS: u64 = 1_659_168;
/// The error of a program of another version.
pub(crate) fn needs_upgrade(program: &Program, params: &StylusParams) -> Failure {
    Failure::solidity(&ArbWasm::ProgramNeedsUpgrade { version: program.version, stylusVersion: params.version })
}

/// Refuses a program that is too old.
pub(crate) fn check_expiry(program: &Program, params: &StylusParams, now: u64) -> Reply<()> {
    if program.is_expired(params, now) {
        return Err(Failure::solidity(&ArbWasm::ProgramExpired { ageInSeconds: program.age(now) }));
    }
    Ok(())
}

/// Refuses a program that is not active.
fn check_active(program: &Program, params: &StylusParams, now: u64) -> Reply<()> {
    if program.version == 0 {
        return Err(Failure::solidity(&ArbWasm::ProgramNotActivated {}));
    }
    if program.version != params.version {
        return Err(needs_upgrade(program, params));
    }
    check_expiry(program, params, now)
}

fn params(cx: &mut ViewCtx<'_, '_>) -> Reply<StylusParams> {
    let version = cx.version();
    Ok(cx.state().programs().params(version)?)
}

/// Code hash of an account, as it is charged.
fn code_hash(cx: &mut ViewCtx<'_, '_>, account: Address) -> Reply<B256> {
    cx.burn(ResourceKind::StorageAccessRead, state::burn::CODE_HASH_GAS)?;
    Ok(cx.host().code_hash(account)?)
}

/// The row of an active program.
fn active(cx: &mut ViewCtx<'_, '_>, code_hash: B256, params: &StylusParams) -> Reply<Program> {
    let now = cx.block().timestamp;
    let program = cx.state().programs().program(code_hash).get()?;
    check_active(&program, params, now)?;
    Ok(program)
}

/// The same for the program of an account: parameters first.
fn active_at(cx: &mut ViewCtx<'_, '_>, account: Address) -> Reply<(Program, StylusParams)> {
    let params = params(cx)?;
    let code_hash = code_hash(cx, account)?;
    Ok((active(cx, code_hash, &params)?, params))
}

/// Getters of single parameters: `method(Call) -> Type = params expression`.
macro_rules! parameters {
    ($($method:ident($call:ident) -> $type:ty = |$params:ident| $value:expr;)*) => {$(
        fn $method(cx: &mut ViewCtx<'_, '_>, _: ArbWasm::$call) -> Reply<$type> {
            let $params = params(cx)?;
            Ok($value)
        }
    )*};
}

impl ArbWasmMethods for Wasm {
    parameters! {
        stylusVersion(stylusVersionCall) -> u16 = |params| params.version;
        inkPrice(inkPriceCall) -> u32 = |params| params.ink_price;
        maxStackDepth(maxStackDepthCall) -> u32 = |params| params.max_stack_depth;
        freePages(freePagesCall) -> u16 = |params| params.free_pages;
        pageGas(pageGasCall) -> u16 = |params| params.page_gas;
        pageRamp(pageRampCall) -> u64 = |_params| PAGE_RAMP;
        pageLimit(pageLimitCall) -> u16 = |params| params.page_limit;
        initCostScalar(initCostScalarCall) -> u64 = |params| u64::from(params.init_cost_scalar) * 2;
        expiryDays(expiryDaysCall) -> u16 = |params| params.expiry_days;
        keepaliveDays(keepaliveDaysCall) -> u16 = |params| params.keepalive_days;
        blockCacheSize(blockCacheSizeCall) -> u16 = |params| params.block_cache_size;
    }

    fn activateProgram(
        cx: &mut PayCtx<'_, '_>,
        call: ArbWasm::activateProgramCall,
    ) -> Reply<ArbWasm::activateProgramReturn> {
        if cx.version() >= ArbosVersion::STYLUS_ACTIVATION_GAS {
            let gas = cx.state().programs().activation_gas().get()?;
            cx.burn(ResourceKind::SingleDim, gas)?;
        }
        cx.burn(ResourceKind::Computation, ACTIVATION_GAS)?;
        require(!cx.host().is_destroyed(call.program), "the program destroyed itself")?;
        let (version, now) = (cx.version(), cx.block().timestamp);
        let params = cx.state().programs().params(version)?;
        let code_hash = cx.host().code_hash(call.program)?;
        let before = cx.state().programs().program(code_hash).get()?;
        if before.version == params.version && !before.is_expired(&params, now) && before.activated_at != 0 {
            return Err(Failure::solidity(&ArbWasm::ProgramUpToDate {}));
        }
        let activation = activate(cx, call.program, &params)?;
        let data_fee = store(cx, code_hash, &before, &activation, &params).map_err(|fault| match fault {
            Fault::Host | Fault::Halt(_) => Failure::Fault(fault),
            _ => Failure::ActivationFailed,
        })?;
        pay_data_fee(cx, data_fee)?;
        cx.emit(&ArbWasm::ProgramActivated {
            codehash: code_hash,
            moduleHash: activation.module_hash,
            program: call.program,
            dataFee: data_fee,
            version: params.version,
        })?;
        Ok(ArbWasm::activateProgramReturn { version: params.version, dataFee: data_fee })
    }

    fn codehashKeepalive(cx: &mut PayCtx<'_, '_>, call: ArbWasm::codehashKeepaliveCall) -> Reply<()> {
        let (version, now) = (cx.version(), cx.block().timestamp);
        let params = cx.state().programs().params(version)?;
        let mut program = cx.state().programs().program(call.codehash).get()?;
        check_active(&program, &params, now)?;
        if program.age(now) < u64::from(params.keepalive_days) * DAY {
            let age = program.age(now);
            return Err(Failure::solidity(&ArbWasm::ProgramKeepaliveTooSoon { ageInSeconds: age }));
        }
        let size = program.asm_size();
        let fee = stylus::data::charge(&mut cx.state().programs().data_pricer(), size, now)?;
        program.activated_at = Program::hours(now);
        cx.state().programs().program(call.codehash).set(program)?;
        pay_data_fee(cx, fee)?;
        cx.emit(&ArbWasm::ProgramLifetimeExtended { codehash: call.codehash, dataFee: fee })
    }

    fn minInitGas(cx: &mut ViewCtx<'_, '_>, _: ArbWasm::minInitGasCall) -> Reply<ArbWasm::minInitGasReturn> {
        let params = params(cx)?;
        // Kept: see ArbosVersion::STYLUS_CHARGING_FIXES.
        if cx.version() < ArbosVersion::STYLUS_CHARGING_FIXES {
            return Err(Failure::Reverted);
        }
        let (gas, cached) = (u64::from(params.min_init_gas) * 128, u64::from(params.min_cached_init_gas) * 32);
        Ok(ArbWasm::minInitGasReturn { gas, cached })
    }

    fn activationGas(cx: &mut ViewCtx<'_, '_>, _: ArbWasm::activationGasCall) -> Reply<u64> {
        Ok(cx.state().programs().activation_gas().get()?)
    }

    fn codehashVersion(cx: &mut ViewCtx<'_, '_>, call: ArbWasm::codehashVersionCall) -> Reply<u16> {
        let params = params(cx)?;
        Ok(active(cx, call.codehash, &params)?.version)
    }

    fn codehashAsmSize(cx: &mut ViewCtx<'_, '_>, call: ArbWasm::codehashAsmSizeCall) -> Reply<u32> {
        let params = params(cx)?;
        Ok(active(cx, call.codehash, &params)?.asm_size())
    }

    fn programVersion(cx: &mut ViewCtx<'_, '_>, call: ArbWasm::programVersionCall) -> Reply<u16> {
        let code_hash = code_hash(cx, call.program)?;
        let params = params(cx)?;
        Ok(active(cx, code_hash, &params)?.version)
    }

    fn programInitGas(
        cx: &mut ViewCtx<'_, '_>,
        call: ArbWasm::programInitGasCall,
    ) -> Reply<ArbWasm::programInitGasReturn> {
        let (program, params) = active_at(cx, call.program)?;
        let cached = stylus::cached_gas(params.min_cached_init_gas, program.cached_cost, params.cached_cost_scalar);
        let mut gas = stylus::init_gas(params.min_init_gas, program.init_cost, params.init_cost_scalar);
        if params.version > 1 {
            gas += cached;
        }
        Ok(ArbWasm::programInitGasReturn { gas, gasWhenCached: cached })
    }

    fn programMemoryFootprint(cx: &mut ViewCtx<'_, '_>, call: ArbWasm::programMemoryFootprintCall) -> Reply<u16> {
        Ok(active_at(cx, call.program)?.0.footprint)
    }

    fn programTimeLeft(cx: &mut ViewCtx<'_, '_>, call: ArbWasm::programTimeLeftCall) -> Reply<u64> {
        let now = cx.block().timestamp;
        let (program, params) = active_at(cx, call.program)?;
        Ok((u64::from(params.expiry_days) * DAY).saturating_sub(program.age(now)))
    }
}

/// Asks the wasm side.
fn activate(cx: &mut PayCtx<'_, '_>, program: Address, params: &StylusParams) -> Reply<Activation> {
    let pages_open = cx.host().pages_open();
    let request = ActivationRequest {
        program,
        stylus_version: params.version,
        arbos_version: cx.version(),
        page_limit: params.page_limit.saturating_sub(pages_open),
        max_wasm_size: params.max_wasm_size,
        max_fragments: params.max_fragment_count,
    };
    cx.activate(&request).map_err(|error| match error {
        ActivationError::NotWasm => Failure::solidity(&ArbWasm::ProgramNotWasm {}),
        ActivationError::Rejected(reason) => Failure::plain(reason),
        ActivationError::Failed(_) => Failure::ActivationFailed,
        ActivationError::OutOfGas => Failure::Fault(Fault::OutOfGas),
        ActivationError::Host => Failure::Fault(Fault::Host),
    })
}

/// Keeps the row of a new activation and returns the fee for its code, in wei.
fn store(
    cx: &mut PayCtx<'_, '_>,
    code_hash: B256,
    before: &Program,
    activation: &Activation,
    params: &StylusParams,
) -> state::Result<U256> {
    let now = cx.block().timestamp;
    if before.cached {
        cx.state().programs().module_hash(code_hash).get()?;
    }
    cx.state().programs().module_hash(code_hash).set(activation.module_hash)?;
    let size = activation.asm_estimate.div_ceil(1024);
    let fee = stylus::data::charge(&mut cx.state().programs().data_pricer(), activation.asm_estimate, now)?;
    let program = Program {
        version: params.version,
        init_cost: activation.init_cost,
        cached_cost: activation.cached_cost,
        footprint: activation.footprint,
        activated_at: Program::hours(now),
        asm_estimate_kb: size.min(0xff_ffff),
        cached: before.cached,
    };
    cx.state().programs().program(code_hash).set(program)?;
    Ok(fee)
}

/// Moves the fee to the network account and gives back what is too much.
fn pay_data_fee(cx: &mut PayCtx<'_, '_>, fee: U256) -> Reply<()> {
    let (value, caller) = (cx.value(), cx.caller());
    let Some(rest) = value.checked_sub(fee) else {
        return Err(Failure::solidity(&ArbWasm::ProgramInsufficientValue { have: value, want: fee }));
    };
    let network = cx.state().network_fee_account().get()?;
    cx.host().transfer(address::ARB_WASM, network, fee)?;
    Ok(cx.host().transfer(address::ARB_WASM, caller, rest)?)
}
