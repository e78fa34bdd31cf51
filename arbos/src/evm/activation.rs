//! Activation of Stylus programs: from an account's code to a module (`spec/stylus.md` 1 and 4).

use crate::{
    evm::{ArbContext, database::DatabaseError},
    spec::StylusCode,
};
use ::precompiles::host::{Activation, ActivationError, ActivationRequest};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes};
use revm::context::{JournalTr, journaled_state::JournalLoadError};
use state::{Burner, ResourceKind};
use wavm::stylus::{self, ActivationParams, wire};

/// Gas of reaching a fragment for the first time, and later.
const FRAGMENT_ACCESS: (u64, u64) = (2_600, 100);
/// Gas of a word of a fragment.
const FRAGMENT_WORD: u64 = 3;

type Result<T> = core::result::Result<T, ActivationError>;

/// Activates the program of an account. What it costs is burnt, also where it fails.
pub(super) fn activate(
    context: &mut ArbContext<'_>,
    code: &Bytes,
    code_hash: B256,
    request: &ActivationRequest,
    burner: &mut dyn Burner,
) -> Result<Activation> {
    let wasm = wasm(context, code, request, burner)?;
    let params = ActivationParams {
        code_hash,
        stylus_version: request.stylus_version,
        arbos_version: request.arbos_version.number(),
        page_limit: request.page_limit,
        debug: context.chain.facts.allow_debug,
    };
    let mut left = burner.gas_left();
    let activated = stylus::activate(&wasm, &params, &mut left);
    let used = burner.gas_left().saturating_sub(left);
    burner.burn(ResourceKind::Computation, used).map_err(|_| ActivationError::OutOfGas)?;
    let activated = activated.map_err(|error| {
        tracing::debug!(program = %request.program, %error, "activation failed");
        ActivationError::Failed("the program cannot be activated")
    })?;
    Ok(Activation {
        module_hash: activated.module_hash,
        init_cost: activated.init_cost,
        cached_cost: activated.cached_init_cost,
        footprint: activated.footprint,
        asm_estimate: activated.asm_estimate,
    })
}

/// The wasm binary behind an account's code.
fn wasm(
    context: &mut ArbContext<'_>,
    code: &Bytes,
    request: &ActivationRequest,
    burner: &mut dyn Burner,
) -> Result<Vec<u8>> {
    if code.is_empty() {
        return Err(ActivationError::NotWasm);
    }
    let knows_fragments = request.arbos_version >= state::ArbosVersion::STYLUS_CONTRACT_LIMIT;
    match StylusCode::of(code, request.arbos_version) {
        Some(StylusCode::Classic) => wire::uncompress(code, request.max_wasm_size)
            .map_err(|_| ActivationError::Rejected("the program cannot be decompressed")),
        Some(StylusCode::Root) => from_fragments(context, code, request, burner),
        Some(StylusCode::Fragment) => Err(ActivationError::Rejected("a fragment is not a program")),
        None if knows_fragments => Err(ActivationError::NotWasm),
        None => Err(ActivationError::Rejected("the account's code is not a program")),
    }
}

/// Joins the fragments of a root program; reading each is charged.
fn from_fragments(
    context: &mut ArbContext<'_>,
    code: &Bytes,
    request: &ActivationRequest,
    burner: &mut dyn Burner,
) -> Result<Vec<u8>> {
    let malformed = |_| ActivationError::Rejected("the root of the program is malformed");
    let root = wire::Root::parse(code).map_err(malformed)?;
    root.check(request.max_wasm_size, request.max_fragments).map_err(malformed)?;
    let codes = root.fragments.iter().map(|fragment| read_fragment(context, *fragment, burner));
    let codes = codes.collect::<Result<Vec<_>>>()?;
    root.uncompress(&codes).map_err(|_| ActivationError::Rejected("the fragments do not make a program"))
}

/// Code of a fragment. There must be gas for the largest code before it is read.
fn read_fragment(context: &mut ArbContext<'_>, fragment: Address, burner: &mut dyn Burner) -> Result<Bytes> {
    let words = |bytes: u64| FRAGMENT_WORD.saturating_mul(bytes.div_ceil(32));
    let is_cold = is_cold(context, fragment)?;
    let access = if is_cold { FRAGMENT_ACCESS.0 } else { FRAGMENT_ACCESS.1 };
    if burner.gas_left() < access.saturating_add(words(context.chain.facts.max_code_size)) {
        let _drained = burner.burn(ResourceKind::Computation, burner.gas_left());
        return Err(ActivationError::OutOfGas);
    }
    let account = context.journaled_state.load_account_with_code(fragment);
    let code = match account {
        Ok(account) => account.info.code.as_ref().map(revm::bytecode::Bytecode::original_bytes).unwrap_or_default(),
        Err(error) => return Err(keep(context, error)),
    };
    let mut pay = |kind, amount| burner.burn(kind, amount).map_err(|_| ActivationError::OutOfGas);
    pay(if is_cold { ResourceKind::StorageAccessRead } else { ResourceKind::Computation }, access)?;
    pay(ResourceKind::StorageAccessRead, words(code.len() as u64))?;
    Ok(code)
}

/// Whether the transaction has not reached the account before.
fn is_cold(context: &mut ArbContext<'_>, account: Address) -> Result<bool> {
    match context.journaled_state.load_account_info_skip_cold_load(account, false, true) {
        Ok(_) => Ok(false),
        Err(JournalLoadError::ColdLoadSkipped) => Ok(true),
        Err(JournalLoadError::DBError(error)) => Err(keep(context, error)),
    }
}

fn keep(context: &mut ArbContext<'_>, error: DatabaseError) -> ActivationError {
    context.chain.ledger.keep_error(error);
    ActivationError::Host
}
