//! Who may pass, who pays, what is logged (`spec/precompiles.md` 1.6).

use crate::{
    arb_owner::ArbOwner,
    dispatch::{burnt, run as generic, state_version},
    host::{Call, Host, Outcome, Status, Stop},
    method::{Guard, Precompile},
};
use alloy_primitives::{Address, Bytes, FixedBytes, Log};
use alloy_sol_types::SolEvent;
use state::{ArbosState, ArbosVersion, Burner, Fault, Io, MeteredBurner, MultiGas, Read};

/// Runs a call behind the guard of its precompile.
pub(crate) fn run(precompile: &Precompile, host: &mut dyn Host, call: &Call<'_>) -> Result<Outcome, Stop> {
    match precompile.guard {
        Guard::Open => generic(precompile, host, call),
        Guard::Debug if host.block().allow_debug => generic(precompile, host, call),
        Guard::Debug => Ok(burnt(Status::Failure, call.gas)),
        Guard::Owner => owner(precompile, host, call),
        Guard::Filterer => filterer(precompile, host, call),
    }
}

/// Whether the caller is in a set, with the meter that paid for the answer. None if the meter ran out.
fn is_member(
    host: &mut dyn Host,
    call: &Call<'_>,
    member: impl FnOnce(&mut ArbosState<'_, Read>, Address) -> state::Result<bool>,
) -> Result<(Option<bool>, MeteredBurner), Stop> {
    let mut burner = MeteredBurner::new(call.gas);
    let io = Io::new(host.backend(), &mut burner);
    let answer = ArbosState::<Read>::open(io).and_then(|mut state| member(&mut state, call.caller));
    match answer {
        Ok(answer) => Ok((Some(answer), burner)),
        Err(Fault::OutOfGas) => Ok((None, burner)),
        Err(stop) => Err(stop),
    }
}

/// A call that failed at its guard and takes what the guard left.
const fn refused(mut burner: MeteredBurner) -> Outcome {
    burner.burn_out();
    Outcome { status: Status::Failure, output: Bytes::new(), gas_left: 0, gas_used: *burner.used() }
}

/// Chain owners only. They pay nothing, and what they did is logged, view methods included.
fn owner(precompile: &Precompile, host: &mut dyn Host, call: &Call<'_>) -> Result<Outcome, Stop> {
    let (passes, burner) = is_member(host, call, |state, caller| state.chain_owners().is_member(caller))?;
    if passes != Some(true) {
        return Ok(refused(burner));
    }
    let version = state_version(host)?;
    let outcome = generic(precompile, host, call)?;
    // Kept: below version 11 acts in a static call are logged. See ArbosVersion::EVENTS_NEED_WRITE.
    if outcome.status == Status::Success && (!call.read_only || version < ArbosVersion::EVENTS_NEED_WRITE) {
        let method = FixedBytes::from_slice(&call.input[..4]);
        let act = ArbOwner::OwnerActs { method, owner: call.caller, data: Bytes::copy_from_slice(call.input) };
        host.log(Log { address: call.precompile, data: act.encode_log_data() });
    }
    Ok(free(outcome, call.gas))
}

/// Free for filterers; for others the check is charged and nothing else.
fn filterer(precompile: &Precompile, host: &mut dyn Host, call: &Call<'_>) -> Result<Outcome, Stop> {
    let (passes, burner) = is_member(host, call, |state, caller| state.transaction_filterers().is_member(caller))?;
    let Some(passes) = passes else { return Ok(refused(burner)) };
    let outcome = free(generic(precompile, host, call)?, call.gas);
    if passes {
        return Ok(outcome);
    }
    Ok(Outcome { gas_left: burner.gas_left(), gas_used: *burner.used(), ..outcome })
}

/// The outcome with all gas given back.
fn free(outcome: Outcome, gas: u64) -> Outcome {
    Outcome { gas_left: gas, gas_used: MultiGas::ZERO, ..outcome }
}
