//! Whatever is sent to a precompile at whatever version: it does not panic, does not write in a static call, leaves nothing behind
//! when it fails, and charges no more than it was given.

use alloy_primitives::{Address, Bytes, U256};
use arbos::{
    Error,
    evm::{ArbEvm, ArbPrecompiles, BlockRun, CodeLimits},
};
use harness::{Account, Chain, Setup, at};
use precompiles::{Precompile, REGISTRY, host::BlockFacts};
use proptest::{collection::vec, prelude::*, sample::select};
use revm::{
    bytecode::Bytecode,
    context::JournalTr,
    interpreter::{CallInput, CallInputs, CallScheme, CallValue, FrameInput, InterpreterResult},
    primitives::KECCAK_EMPTY,
};
use state::{
    KeyCache,
    address::SEQUENCER,
    world::{AccountChange, Changes, MemoryWorld, World},
};
use std::{cell::RefCell, collections::BTreeMap};

/// Versions at which the set of methods or an outer rule changed.
const VERSIONS: [u64; 16] = [1, 5, 6, 10, 11, 20, 30, 31, 32, 40, 41, 50, 51, 59, 60, 61];
const GAS: [u64; 6] = [0, 799, 1_700, 30_000, 200_000, 20_000_000];

/// A call to be tried.
#[derive(Debug, Clone)]
struct Trial {
    version: u64,
    scheme: CallScheme,
    inside_static: bool,
    caller: Address,
    precompile: Address,
    value: u64,
    gas: u64,
    input: Vec<u8>,
}

fn facts(chain: &mut Chain) -> BlockFacts {
    let (config, head) = (chain.inner().config().clone(), chain.inner().head().clone());
    BlockFacts {
        number: head.inner.number + 1,
        timestamp: chain.now,
        l1_block_number: 1,
        base_fee: head.base_fee.unwrap_or_default(),
        coinbase: SEQUENCER,
        chain_id: config.chain_id,
        header_version: config.initial_version,
        allow_debug: config.allow_debug_precompiles,
        max_code_size: config.max_code_size,
        on_chain: true,
    }
}

fn inputs(trial: &Trial) -> CallInputs {
    let acts_as_caller = matches!(trial.scheme, CallScheme::DelegateCall | CallScheme::CallCode);
    let value = U256::from(trial.value);
    CallInputs {
        input: CallInput::Bytes(trial.input.clone().into()),
        gas_limit: trial.gas,
        target_address: if acts_as_caller { trial.caller } else { trial.precompile },
        bytecode_address: trial.precompile,
        known_bytecode: (KECCAK_EMPTY, Bytecode::default()),
        caller: trial.caller,
        value: if trial.scheme == CallScheme::DelegateCall {
            CallValue::Apparent(value)
        } else {
            CallValue::Transfer(value)
        },
        scheme: trial.scheme,
        is_static: trial.inside_static || trial.scheme == CallScheme::StaticCall,
        return_memory_offset: 0..0,
        reservoir: 0,
        charged_new_account_state_gas: false,
    }
}

/// What a trial gave, and what it changed.
struct Outcome {
    result: Result<InterpreterResult, Error>,
    attributed: u64,
    changes: Changes,
}

/// Makes the call in a transaction of its own.
fn run(chain: &mut Chain, trial: &Trial) -> Outcome {
    let facts = facts(chain);
    let limits = CodeLimits::of(chain.inner().config());
    let precompiles = ArbPrecompiles::new(facts.header_version);
    let mut evm =
        ArbEvm::new(chain.inner().world_mut(), BlockRun::new(facts, KeyCache::default()), precompiles, limits);
    evm.begin(2, trial.caller);
    let journal = &mut evm.context_mut().journaled_state;
    for account in [trial.caller, trial.precompile] {
        assert!(journal.load_account(account).is_ok(), "a world in memory misses nothing");
    }
    let result = evm.execute(FrameInput::Call(Box::new(inputs(trial))));
    let result = result.map(|result| result.interpreter_result().clone());
    let attributed = evm.context().chain.tx.attributed.total();
    evm.ledger().end_transaction();
    let mut changes = evm.ledger().changes();
    drop(evm);
    let world = chain.inner().world_mut();
    changes.accounts.retain(|account, change| differs(world, *account, change));
    Outcome { result, attributed, changes }
}

/// Whether a change is one: an account that was only touched is listed as well, and one that never was.
fn differs(world: &mut MemoryWorld, account: Address, change: &AccountChange) -> bool {
    let before = world.account(account).expect("a world in memory misses nothing");
    let same_slot = |world: &mut MemoryWorld, slot, value| world.storage(account, slot) == Ok(value);
    change.info != before
        || (change.storage_cleared && before.is_some())
        || change.slots.iter().any(|(slot, value)| !same_slot(world, *slot, *value))
}

/// Words that arguments are made of: small numbers, offsets, addresses, extremes, anything.
fn word() -> impl Strategy<Value = [u8; 32]> {
    let known = [Chain::owner(), Account::numbered(1)].map(|account| account.address().into_word().0);
    prop_oneof![
        3 => (0u64..70).prop_map(|number| U256::from(number).to_be_bytes()),
        2 => (0u64..6).prop_map(|number| U256::from(32 * number).to_be_bytes()),
        2 => select(known.to_vec()),
        1 => Just([0xff; 32]),
        1 => any::<[u8; 32]>(),
        1 => any::<u64>().prop_map(|number| U256::from(number).to_be_bytes()),
    ]
}

fn calldata(precompile: &'static Precompile) -> BoxedStrategy<Vec<u8>> {
    let garbage = vec(any::<u8>(), 0..80);
    if precompile.methods.is_empty() {
        return garbage.boxed();
    }
    let selectors: Vec<_> = precompile.methods.iter().map(|method| method.selector).collect();
    let call = (select(selectors), vec(word(), 0..9), vec(any::<u8>(), 0..40), any::<bool>());
    let call = call.prop_map(|(selector, words, tail, with_tail)| {
        let tail = if with_tail { tail } else { Vec::new() };
        [&selector[..], &words.concat(), &tail].concat()
    });
    prop_oneof![9 => call, 1 => garbage].boxed()
}

fn trial() -> impl Strategy<Value = Trial> {
    let schemes =
        [CallScheme::Call, CallScheme::Call, CallScheme::StaticCall, CallScheme::DelegateCall, CallScheme::CallCode];
    let callers = [Chain::owner().address(), Chain::owner().address(), Account::numbered(1).address(), Address::ZERO];
    let who = (select(VERSIONS.to_vec()), select(callers.to_vec()), 0..REGISTRY.len());
    let how = (select(schemes.to_vec()), any::<bool>(), 0u64..4, select(GAS.to_vec()));
    (who, how).prop_flat_map(|((version, caller, index), (scheme, inside, value, gas))| {
        let can_pay = !inside && matches!(scheme, CallScheme::Call | CallScheme::CallCode) && !caller.is_zero();
        let value = if can_pay && value == 3 { 1 } else { 0 };
        let inside_static = inside && scheme == CallScheme::Call;
        let precompile = REGISTRY[index].address();
        calldata(REGISTRY[index]).prop_map(move |input| Trial {
            version,
            scheme,
            inside_static,
            caller,
            precompile,
            value,
            gas,
            input,
        })
    })
}

thread_local! {
    static CHAINS: RefCell<BTreeMap<u64, Chain>> = const { RefCell::new(BTreeMap::new()) };
}

/// Runs on the chain of a version, which is made once and never changes.
fn on_chain<T>(version: u64, act: impl FnOnce(&mut Chain) -> T) -> T {
    CHAINS.with_borrow_mut(|chains| {
        let make = || {
            let mut chain = Setup { features: true, ..Setup::devnet(version) }.build();
            chain.empty_block();
            chain
        };
        act(chains.entry(version).or_insert_with(make))
    })
}

/// Whether the rules say that no block follows: `ArbDebug.panic`.
fn may_stop(trial: &Trial) -> bool {
    trial.precompile == at::ARB_DEBUG && trial.version >= 30 && trial.input.starts_with(&[0x47, 0x00, 0xd3, 0x05])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn calls_keep_their_promises(trial in trial()) {
        let outcome = on_chain(trial.version, |chain| run(chain, &trial));
        let result = match outcome.result {
            Ok(result) => result,
            Err(Error::Stopped(rule)) => {
                prop_assert!(may_stop(&trial), "stopped by {rule}");
                return Ok(());
            }
            Err(error) => return Err(TestCaseError::fail(format!("{error}"))),
        };
        prop_assert!(result.gas.remaining() <= trial.gas);
        prop_assert!(outcome.attributed <= trial.gas, "{} attributed", outcome.attributed);
        if !result.result.is_ok() || trial.scheme == CallScheme::StaticCall {
            prop_assert_eq!(&outcome.changes, &Changes::default());
        }
        if !result.result.is_ok_or_revert() {
            prop_assert_eq!(&result.output, &Bytes::new());
        }
    }
}
