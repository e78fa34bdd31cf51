//! Which precompiles a call reaches: Ethereum's set by version, then the registry of the operating system.

use crate::evm::{ArbContext, host::EvmHost};
use ::precompiles::host::{Call, Outcome, Status};
use alloc::{boxed::Box, string::String};
use alloy_primitives::{Address, map::AddressSet};
use revm::{
    handler::{PrecompileProvider, precompile_output_to_interpreter_result},
    interpreter::{CallInputs, CallScheme, Gas, InstructionResult, InterpreterResult},
    precompile::{Precompiles, secp256r1::P256VERIFY},
    primitives::{OnceLock, hardfork::SpecId},
};
use state::{ArbosVersion, ResourceKind};

/// The active precompiles of a header version.
#[derive(Debug, Clone, Copy)]
pub struct ArbPrecompiles {
    sets: &'static Sets,
    version: ArbosVersion,
}

/// What is made once for each version.
#[derive(Debug)]
struct Sets {
    ethereum: &'static Precompiles,
    warm: AddressSet,
}

impl ArbPrecompiles {
    /// The set of a header version (`spec/versions.md` 5.4).
    #[must_use]
    pub fn new(version: ArbosVersion) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a small number")]
        const VERSIONS: usize = ArbosVersion::LATEST.number() as usize + 1;
        static KNOWN: [OnceLock<Box<Sets>>; VERSIONS] = [const { OnceLock::new() }; VERSIONS];
        let known = version.min(ArbosVersion::LATEST);
        let index = usize::try_from(known.number()).unwrap_or_default();
        Self { sets: KNOWN[index].get_or_init(|| Box::new(Sets::new(known))), version }
    }

    /// The version the set is for.
    #[must_use]
    pub const fn version(&self) -> ArbosVersion {
        self.version
    }

    /// Addresses that are warm from the start of each transaction.
    #[must_use]
    pub const fn addresses(&self) -> &AddressSet {
        &self.sets.warm
    }

    /// Whether the address is a precompile under this version.
    #[must_use]
    pub fn is_active(&self, address: &Address) -> bool {
        self.sets.warm.contains(address)
    }
}

impl Sets {
    fn new(version: ArbosVersion) -> Self {
        let ethereum = ethereum(version);
        let mut warm: AddressSet = ethereum.addresses().copied().collect();
        warm.extend(::precompiles::active(version));
        Self { ethereum, warm }
    }
}

fn ethereum(version: ArbosVersion) -> &'static Precompiles {
    static WITH_P256: OnceLock<Box<Precompiles>> = OnceLock::new();
    if version >= ArbosVersion::OSAKA {
        Precompiles::osaka()
    } else if version >= ArbosVersion::P256 {
        WITH_P256.get_or_init(|| {
            let mut set = Precompiles::cancun().clone();
            set.extend([P256VERIFY]);
            Box::new(set)
        })
    } else {
        Precompiles::berlin()
    }
}

impl<'w> PrecompileProvider<ArbContext<'w>> for ArbPrecompiles {
    type Output = InterpreterResult;

    fn set_spec(&mut self, _spec: SpecId) -> bool {
        false
    }

    fn run(&mut self, context: &mut ArbContext<'w>, inputs: &CallInputs) -> Result<Option<InterpreterResult>, String> {
        if let Some(precompile) = self.sets.ethereum.get(&inputs.bytecode_address) {
            let output = precompile
                .execute(&inputs.input.as_bytes(context), inputs.gas_limit, inputs.reservoir)
                .map_err(|error| alloc::format!("{error}"))?;
            return Ok(Some(precompile_output_to_interpreter_result(output, inputs.gas_limit)));
        }
        if !self.is_active(&inputs.bytecode_address) {
            return Ok(None);
        }
        let mut input = core::mem::take(&mut context.chain.input);
        input.extend_from_slice(&inputs.input.as_bytes(context));
        let outcome = ::precompiles::call(&mut EvmHost::new(context), &as_call(inputs, &input));
        input.clear();
        context.chain.input = input;
        match outcome {
            Ok(outcome) => Ok(outcome.map(|outcome| settle(context, inputs, outcome))),
            Err(stop) => {
                context.chain.stop.get_or_insert(stop);
                Err(String::from("block production stops"))
            }
        }
    }

    fn warm_addresses(&self) -> &AddressSet {
        self.addresses()
    }
}

fn as_call<'a>(inputs: &CallInputs, input: &'a [u8]) -> Call<'a> {
    Call {
        precompile: inputs.bytecode_address,
        acting: inputs.target_address,
        caller: inputs.caller,
        value: inputs.value.get(),
        input,
        gas: inputs.gas_limit,
        read_only: inputs.scheme == CallScheme::StaticCall,
        static_frame: inputs.is_static && inputs.scheme != CallScheme::StaticCall,
    }
}

/// Turns the outcome into the EVM's and attributes its gas.
fn settle(context: &mut ArbContext<'_>, inputs: &CallInputs, outcome: Outcome) -> InterpreterResult {
    for kind in ResourceKind::ALL {
        if kind != ResourceKind::Computation {
            context.chain.tx.attributed.add(kind, outcome.gas_used.get(kind));
        }
    }
    let result = match outcome.status {
        Status::Success => InstructionResult::Return,
        Status::Revert => InstructionResult::Revert,
        Status::Failure => InstructionResult::PrecompileError,
    };
    let mut gas = Gas::new(inputs.gas_limit);
    if outcome.status == Status::Failure {
        gas.spend_all();
    } else {
        gas.set_remaining(outcome.gas_left.min(inputs.gas_limit));
    }
    InterpreterResult { result, output: outcome.output, gas }
}
