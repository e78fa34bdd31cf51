//! The contracts in an EVM, with what they ask: a bridge that knows the inboxes, a contract that judges certificates.

use alloy_primitives::{Address, B256, Bytes, U256, address, hex, keccak256};
use alloy_sol_types::{SolCall, SolValue, sol};
use revm::{
    Context, ExecuteCommitEvm, MainBuilder, MainContext, MainnetEvm, SystemCallEvm,
    bytecode::Bytecode,
    context::{BlockEnv, CfgEnv, TxEnv, result::ExecutionResult},
    database::{CacheDB, EmptyDB},
    primitives::{TxKind, hardfork::SpecId},
    state::AccountInfo,
};
use std::{collections::BTreeMap, path::PathBuf};

sol! {
    struct ExecutionContext {
        uint256 maxInboxMessagesRead;
        address bridge;
        bytes32 initialWasmModuleRoot;
    }
    function proveOneStep(ExecutionContext context, uint256 step, bytes32 before, bytes proof) returns (bytes32);
    function getStartMachineHash(bytes32 globalStateHash, bytes32 wasmModuleRoot) returns (bytes32);
    function sequencerInboxAccs(uint256 index) returns (bytes32);
    function delayedInboxAccs(uint256 index) returns (bytes32);
}

const DEPLOYER: Address = address!("00000000000000000000000000000000000d0d0d");
const BRIDGE: Address = address!("0000000000000000000000000000000000b21d9e");
const VALIDATOR: Address = address!("000000000000000000000000000000000000da7a");

/// Returns the word stored at selector and index: `sload(selector << 32 | index)`.
const BRIDGE_CODE: [u8; 22] = hex!("60003560e01c60201b600435015460005260206000f3");
/// Judges certificates, which with their size are one word. Asked for data (the first argument is no offset of another one), it returns
/// what follows them in the proof; asked for validity, the byte that is claimed.
const VALIDATOR_CODE: [u8; 49] = hex!(
    "60043560201460225760206000526020606435038060205260a460403760606000f3"
    "5b60643560f81c60005260206000f3"
);

type Evm = MainnetEvm<Context<BlockEnv, TxEnv, CfgEnv, CacheDB<EmptyDB>>>;

/// The deployed contracts.
pub(crate) struct Verifier {
    evm: Evm,
    entry: Address,
    limit: u64,
}

impl Verifier {
    /// Deploys the contracts; none if the package is not there.
    pub(crate) fn deploy() -> Option<Self> {
        let code = |name: &str| creation_code(name);
        let [prover0, memory, math, host, entry] = [
            code("OneStepProver0")?,
            code("OneStepProverMemory")?,
            code("OneStepProverMath")?,
            code("OneStepProverHostIo")?,
            code("OneStepProofEntry")?,
        ];
        let mut db = CacheDB::new(EmptyDB::default());
        for (address, code) in [(BRIDGE, BRIDGE_CODE.as_slice()), (VALIDATOR, &VALIDATOR_CODE)] {
            let code = Bytecode::new_raw(Bytes::copy_from_slice(code));
            db.insert_account_info(address, AccountInfo::default().with_code(code));
        }
        let context = Context::mainnet().with_db(db).modify_cfg_chained(|cfg| {
            cfg.set_spec_and_mainnet_gas_params(SpecId::PRAGUE);
            cfg.disable_nonce_check = true;
        });
        let mut evm = context.build_mainnet();
        let provers = [
            create(&mut evm, prover0, &[]),
            create(&mut evm, memory, &[]),
            create(&mut evm, math, &[]),
            create(&mut evm, host, &VALIDATOR.abi_encode()),
        ];
        let entry = create(&mut evm, entry, &provers.map(|prover| prover.abi_encode()).concat());
        Some(Self { evm, entry, limit: 0 })
    }

    /// Gives the bridge the accumulators of these messages, which are numbered from 0.
    pub(crate) fn set_inbox(&mut self, sequencer: &BTreeMap<u64, Bytes>, delayed: &BTreeMap<u64, Bytes>) {
        self.limit = sequencer.last_key_value().map_or(0, |(number, _)| number + 1);
        let mut after = B256::ZERO;
        let mut delayed_after = vec![B256::ZERO];
        for (number, message) in delayed {
            let (fixed, data) = message.split_at(113);
            let hash = keccak256([&fixed[..1], &fixed[13..], keccak256(data).as_slice()].concat());
            after = keccak256([after, hash].concat());
            delayed_after.push(after);
            self.store(delayedInboxAccsCall::SELECTOR, *number, after);
        }
        after = B256::ZERO;
        for (number, message) in sequencer {
            let read = u64::from_be_bytes(message[32..40].try_into().expect("eight bytes"));
            let delayed = delayed_after[usize::try_from(read).expect("few messages")];
            after = keccak256([after, keccak256(message), delayed].concat());
            self.store(sequencerInboxAccsCall::SELECTOR, *number, after);
        }
    }

    fn store(&mut self, selector: [u8; 4], index: u64, word: B256) {
        let key = U256::from(u32::from_be_bytes(selector)) << 32 | U256::from(index);
        let db = &mut self.evm.ctx.journaled_state.database;
        db.insert_account_storage(BRIDGE, key, word.into()).expect("an empty database has no errors");
    }

    /// The hash that the contract comes to, or what it says against the proof.
    pub(crate) fn prove_one_step(&mut self, root: B256, step: u64, before: B256, proof: &[u8]) -> Result<B256, String> {
        let context = ExecutionContext {
            maxInboxMessagesRead: U256::from(self.limit),
            bridge: BRIDGE,
            initialWasmModuleRoot: root,
        };
        let proof = Bytes::copy_from_slice(proof);
        self.call(&proveOneStepCall { context, step: U256::from(step), before, proof })
    }

    /// Hash of a machine that starts.
    pub(crate) fn start_hash(&mut self, state: B256, root: B256) -> B256 {
        self.call(&getStartMachineHashCall { globalStateHash: state, wasmModuleRoot: root }).expect("a pure function")
    }

    fn call<C: SolCall<Return = B256>>(&mut self, call: &C) -> Result<B256, String> {
        let result = self.evm.system_call(self.entry, call.abi_encode().into()).expect("the EVM itself does not fail");
        match result.result {
            ExecutionResult::Success { output, .. } => Ok(B256::from_slice(output.data())),
            ExecutionResult::Revert { output, .. } => Err(String::from_utf8_lossy(&output).into_owned()),
            ExecutionResult::Halt { reason, .. } => Err(format!("{reason:?}")),
        }
    }
}

fn create(evm: &mut Evm, code: Bytes, arguments: &[u8]) -> Address {
    let data = [&code, arguments].concat().into();
    let tx = TxEnv::builder().caller(DEPLOYER).kind(TxKind::Create).data(data).gas_limit(20_000_000).build_fill();
    let result = evm.transact_commit(tx).expect("a contract can be created");
    result.created_address().unwrap_or_else(|| panic!("the constructor failed: {result:?}"))
}

fn creation_code(name: &str) -> Option<Bytes> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../node_modules/@arbitrum/nitro-contracts"));
    let text = std::fs::read(root.join(format!("build/contracts/src/osp/{name}.sol/{name}.json"))).ok()?;
    let artifact: serde_json::Value = serde_json::from_slice(&text).expect("an artifact is JSON");
    Some(artifact["bytecode"].as_str().expect("text").parse().expect("hex"))
}
