//! The order of checks and charges of one call (`spec/precompiles.md` 1.3), the same for all precompiles.

use crate::{
    context::Frame,
    error::Failure,
    find_for, guard,
    host::{Call, Host, Outcome, Status, Stop},
    method::{Method, Precompile, Purity},
};
use alloy_primitives::Bytes;
use state::{
    ArbosState, ArbosVersion, Burner, Fault, Io, MeteredBurner, MultiGas, ResourceKind, SystemBurner, burn::READ_GAS,
};

/// Gas of a word of arguments or results.
const WORD_GAS: u64 = 3;

/// Runs a call, if its target is an active precompile under the header's version.
///
/// # Errors
/// What ends block production: a failing store, or a rule by which the reference node stops.
pub fn call(host: &mut dyn Host, call: &Call<'_>) -> Result<Option<Outcome>, Stop> {
    let version = host.block().header_version;
    let layout = host.backend().l2_layout();
    let found = find_for(call.precompile, call.input, layout);
    match found.filter(|precompile| precompile.since <= version) {
        Some(precompile) => guard::run(precompile, host, call).map(Some),
        None => Ok(None),
    }
}

/// Version of the state, read for free.
pub(crate) fn state_version(host: &mut dyn Host) -> Result<ArbosVersion, Stop> {
    Ok(ArbosState::system_read(host.backend(), &mut SystemBurner::default())?.version())
}

/// An outcome that takes all gas.
pub(crate) const fn burnt(status: Status, gas: u64) -> Outcome {
    Outcome { status, output: Bytes::new(), gas_left: 0, gas_used: MultiGas::of(ResourceKind::Computation, gas) }
}

/// A call behind its guard, metered by the gas supplied.
pub(crate) fn run(precompile: &Precompile, host: &mut dyn Host, call: &Call<'_>) -> Result<Outcome, Stop> {
    let version = state_version(host)?;
    if version < precompile.since {
        return Ok(Outcome {
            status: Status::Success,
            output: Bytes::new(),
            gas_left: call.gas,
            gas_used: MultiGas::ZERO,
        });
    }
    let Some(method) = admitted(precompile, call, version) else { return Ok(burnt(Status::Revert, call.gas)) };
    let mut burner = MeteredBurner::new(call.gas);
    match prepare(method, host, call, version, &mut burner) {
        Ok(()) => {}
        Err(Fault::OutOfGas) => return Ok(burnt(Status::Failure, call.gas)),
        Err(stop) => return Err(stop),
    }
    let arguments = &call.input[4..];
    let words = arguments.len().div_ceil(32) as u64;
    if burner.burn(ResourceKind::L2Calldata, WORD_GAS * words).is_err() || !method.accepts(arguments) {
        return Ok(burnt(Status::Revert, call.gas));
    }
    let mut frame = Frame { host, burner: &mut burner, call, version };
    let reply = (precompile.run)(&mut frame, method.selector, arguments);
    finish(reply, burner, version)
}

/// The method a call asks for, unless a check forbids it that takes all gas.
fn admitted(precompile: &Precompile, call: &Call<'_>, version: ArbosVersion) -> Option<&'static Method> {
    let selector = *call.input.first_chunk::<4>()?;
    let method = precompile.method(selector)?;
    let in_range = version >= method.since && (version <= method.until || method.until == ArbosVersion::LATEST);
    let as_itself = method.purity == Purity::Pure || call.acting == call.precompile;
    let may_write = method.purity < Purity::Write || !call.read_only;
    let may_pay = method.purity == Purity::Payable || call.value.is_zero();
    (in_range && as_itself && may_write && may_pay).then_some(method)
}

/// Charges for opening the state, whose version is known already, and for a write inside of a static frame.
fn prepare(
    method: &Method,
    host: &mut dyn Host,
    call: &Call<'_>,
    version: ArbosVersion,
    burner: &mut MeteredBurner,
) -> state::Result<()> {
    if method.purity == Purity::Pure {
        return Ok(());
    }
    burner.burn(ResourceKind::StorageAccessRead, READ_GAS)?;
    // Kept: a CALL out of a static frame may write; from version 50 it first burns the gas limit of a transaction.
    if method.purity >= Purity::Write && call.static_frame {
        let mut state = ArbosState::at_version_read(Io::new(host.backend(), burner), version);
        let limit = state.per_tx_gas_limit().get()?;
        burner.burn(ResourceKind::Computation, limit)?;
    }
    Ok(())
}

/// Turns the reply into an outcome, by version.
fn finish(reply: Result<Bytes, Failure>, mut burner: MeteredBurner, version: ArbosVersion) -> Result<Outcome, Stop> {
    let (status, output) = match reply {
        Ok(output) => (Status::Success, output),
        Err(Failure::Solidity(data)) => (Status::Revert, data.into()),
        Err(Failure::Reverted) => (Status::Revert, Bytes::new()),
        Err(Failure::Fault(stop @ (Fault::Host | Fault::Halt(_)))) => return Err(stop),
        Err(Failure::ActivationFailed) => {
            burner.burn_out();
            return Ok(ended(Status::Failure, Bytes::new(), &burner));
        }
        // Kept: below version 11 a plain error takes all gas. See ArbosVersion::PRECOMPILE_KEEPS_GAS.
        Err(Failure::Fault(_)) if version < ArbosVersion::PRECOMPILE_KEEPS_GAS => {
            burner.burn_out();
            return Ok(ended(Status::Failure, Bytes::new(), &burner));
        }
        Err(Failure::Fault(_)) => return Ok(ended(Status::Revert, Bytes::new(), &burner)),
    };
    let words = output.len().div_ceil(32) as u64;
    if burner.burn(ResourceKind::Computation, WORD_GAS * words).is_err() {
        return Ok(ended(Status::Revert, Bytes::new(), &burner));
    }
    Ok(ended(status, output, &burner))
}

fn ended(status: Status, output: Bytes, burner: &MeteredBurner) -> Outcome {
    Outcome { status, output, gas_left: burner.gas_left(), gas_used: *burner.used() }
}
