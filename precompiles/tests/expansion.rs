//! What `precompile!` makes of a tiny interface: items, trait, table, runner.

extern crate alloc;

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use precompiles::{
    Failure, Method, PayCtx, Precompile, PureCtx, Purity, Reply, ViewCtx, WriteCtx,
    context::Frame,
    host::{Activation, ActivationError, ActivationRequest, BlockFacts, Call, Host, Redeem, TxFacts},
    precompile,
};
use state::{ArbosVersion, Backend, Burner, MeteredBurner, backend::memory::MemoryBackend};

precompile! {
    /// A demonstration.
    #[at(0x1234)] #[since(STYLUS)] #[guard(debug)]
    interface ArbDemo {
        /// A pair of numbers.
        struct Pair { uint64 first; uint64 second; }
        /// Reads.
        function baseFee() external view returns (uint256);
        /// Writes.
        #[since(STYLUS_FIXES)]
        function setSpeedLimit(uint64 limit) external;
        /// Neither.
        #[since(STYLUS)] #[until(STYLUS_FIXES)]
        function swap(Pair pair) external pure returns (Pair);
        /// Takes value.
        function pay(address to, bytes data) external payable returns (uint256 value, bool done);
        /// It happened.
        event SpeedSet(uint64 indexed limit);
        /// It may not.
        error NotNow(uint256 when);
    }
}

enum Demo {}
static PRECOMPILE: Precompile = row::<Demo>();

impl ArbDemoMethods for Demo {
    fn baseFee(cx: &mut ViewCtx<'_, '_>, _: ArbDemo::baseFeeCall) -> Reply<U256> {
        Ok(cx.state().l2_pricing().base_fee_wei().get()?)
    }

    fn setSpeedLimit(cx: &mut WriteCtx<'_, '_>, call: ArbDemo::setSpeedLimitCall) -> Reply<()> {
        cx.state().l2_pricing().speed_limit_per_second().set(call.limit)?;
        cx.emit(&ArbDemo::SpeedSet { limit: call.limit })
    }

    fn swap(_: &mut PureCtx<'_, '_>, call: ArbDemo::swapCall) -> Reply<ArbDemo::Pair> {
        Ok(ArbDemo::Pair { first: call.pair.second, second: call.pair.first })
    }

    fn pay(cx: &mut PayCtx<'_, '_>, _: ArbDemo::payCall) -> Reply<ArbDemo::payReturn> {
        let value = cx.value();
        if value.is_zero() {
            return Err(Failure::solidity(&ArbDemo::NotNow { when: U256::from(5) }));
        }
        cx.state().l2_pricing().base_fee_wei().set(value)?;
        Ok(ArbDemo::payReturn { value, done: true })
    }
}

/// Words and logs, and nothing else: no method of the demonstration asks for more.
#[derive(Default)]
struct Words {
    words: MemoryBackend,
    logs: Vec<alloy_primitives::Log>,
}

const UNASKED: &str = "the demonstration does not ask for this";

impl Host for Words {
    fn backend(&mut self) -> &mut dyn Backend {
        &mut self.words
    }
    fn block(&self) -> BlockFacts {
        panic!("{UNASKED}")
    }
    fn tx(&self) -> TxFacts {
        panic!("{UNASKED}")
    }
    fn depth(&self) -> usize {
        1
    }
    fn frame_caller(&self, _: usize) -> Option<Address> {
        None
    }
    fn l2_block_hash(&mut self, _: u64) -> state::Result<alloy_primitives::B256> {
        panic!("{UNASKED}")
    }
    fn balance(&mut self, _: Address) -> state::Result<U256> {
        panic!("{UNASKED}")
    }
    fn mint(&mut self, _: Address, _: U256) -> state::Result<()> {
        panic!("{UNASKED}")
    }
    fn burn_balance(&mut self, _: Address, _: U256) -> state::Result<()> {
        panic!("{UNASKED}")
    }
    fn transfer(&mut self, _: Address, _: Address, _: U256) -> state::Result<()> {
        panic!("{UNASKED}")
    }
    fn code(&mut self, _: Address) -> state::Result<Bytes> {
        panic!("{UNASKED}")
    }
    fn code_hash(&mut self, _: Address) -> state::Result<alloy_primitives::B256> {
        panic!("{UNASKED}")
    }
    fn set_code(&mut self, _: Address, _: Bytes) -> state::Result<()> {
        panic!("{UNASKED}")
    }
    fn committed_code_exists(&mut self, _: alloy_primitives::B256) -> state::Result<bool> {
        panic!("{UNASKED}")
    }
    fn is_destroyed(&self, _: Address) -> bool {
        false
    }
    fn log(&mut self, log: alloy_primitives::Log) {
        self.logs.push(log);
    }
    fn redeem_hash(&self, _: &Redeem) -> alloy_primitives::B256 {
        panic!("{UNASKED}")
    }
    fn pages_open(&self) -> u16 {
        0
    }
    fn activate(&mut self, _: &ActivationRequest, _: &mut dyn Burner) -> Result<Activation, ActivationError> {
        Err(ActivationError::NotWasm)
    }
}

/// Runs a call and tells what it cost.
fn ask<C: SolCall>(host: &mut Words, call: &C, value: u64) -> (Reply<Vec<u8>>, u64) {
    let input = call.abi_encode();
    let mut burner = MeteredBurner::new(100_000);
    let context = Call {
        precompile: PRECOMPILE.address(),
        acting: PRECOMPILE.address(),
        caller: Address::with_last_byte(9),
        value: U256::from(value),
        input: &input,
        gas: 100_000,
        read_only: false,
        static_frame: false,
    };
    let mut frame = Frame { host, burner: &mut burner, call: &context, version: ArbosVersion::STYLUS };
    let reply = (PRECOMPILE.run)(&mut frame, C::SELECTOR, &input[4..]);
    (reply, 100_000 - burner.gas_left())
}

#[test]
fn the_table_says_what_solidity_and_the_attributes_say() {
    insta::assert_debug_snapshot!("tiny_interface", METHODS);
    assert_eq!((PRECOMPILE.name, PRECOMPILE.number), ("ArbDemo", 0x1234));
    assert_eq!((PRECOMPILE.since, PRECOMPILE.guard), (ArbosVersion::STYLUS, precompiles::Guard::Debug));
    let swap: &Method = PRECOMPILE.method(ArbDemo::swapCall::SELECTOR).unwrap();
    assert_eq!((swap.purity, swap.until), (Purity::Pure, ArbosVersion::STYLUS_FIXES));
    assert!(PRECOMPILE.method([0; 4]).is_none());
}

#[test]
fn the_context_of_each_method_follows_its_mutability() {
    let _: fn(&mut ViewCtx<'_, '_>, ArbDemo::baseFeeCall) -> Reply<U256> = Demo::baseFee;
    let _: fn(&mut WriteCtx<'_, '_>, ArbDemo::setSpeedLimitCall) -> Reply<()> = Demo::setSpeedLimit;
    let _: fn(&mut PureCtx<'_, '_>, ArbDemo::swapCall) -> Reply<ArbDemo::Pair> = Demo::swap;
    let _: fn(&mut PayCtx<'_, '_>, ArbDemo::payCall) -> Reply<ArbDemo::payReturn> = Demo::pay;
}

#[test]
fn calls_are_decoded_run_and_encoded() {
    let mut host = Words::default();
    let data = Bytes::from_static(&[1]);
    let (paid, _) = ask(&mut host, &ArbDemo::payCall { to: Address::ZERO, data: data.clone() }, 7);
    let paid = ArbDemo::payCall::abi_decode_returns(&paid.unwrap()).unwrap();
    assert_eq!((paid.value, paid.done), (U256::from(7), true));
    let (fee, gas) = ask(&mut host, &ArbDemo::baseFeeCall {}, 0);
    assert_eq!((ArbDemo::baseFeeCall::abi_decode_returns(&fee.unwrap()), gas), (Ok(U256::from(7)), 800));
    let (swapped, gas) = ask(&mut host, &ArbDemo::swapCall { pair: ArbDemo::Pair { first: 1, second: 2 } }, 0);
    let swapped = ArbDemo::swapCall::abi_decode_returns(&swapped.unwrap()).unwrap();
    assert_eq!((swapped.first, swapped.second, gas), (2, 1, 0));
    let (refused, _) = ask(&mut host, &ArbDemo::payCall { to: Address::ZERO, data }, 0);
    assert_eq!(refused, Err(Failure::Solidity(ArbDemo::NotNow { when: U256::from(5) }.abi_encode())));
}

#[test]
fn an_event_costs_its_topics_and_data_and_names_the_precompile() {
    let mut host = Words::default();
    let (set, gas) = ask(&mut host, &ArbDemo::setSpeedLimitCall { limit: 9 }, 0);
    assert_eq!((set, gas), (Ok(Vec::new()), 20_000 + 375 * 3));
    let [log] = &host.logs[..] else { panic!("one log") };
    assert_eq!((log.address, log.topics()[0]), (PRECOMPILE.address(), ArbDemo::SpeedSet::SIGNATURE_HASH));
    assert_eq!(U256::from_be_bytes(log.topics()[1].0), U256::from(9));
}

#[test]
fn an_unknown_selector_reaches_no_method() {
    let (mut host, mut burner) = (Words::default(), MeteredBurner::new(1_000));
    let context = Call {
        precompile: PRECOMPILE.address(),
        acting: PRECOMPILE.address(),
        caller: Address::ZERO,
        value: U256::ZERO,
        input: &[],
        gas: 1_000,
        read_only: false,
        static_frame: false,
    };
    let mut frame = Frame { host: &mut host, burner: &mut burner, call: &context, version: ArbosVersion::STYLUS };
    assert_eq!((PRECOMPILE.run)(&mut frame, [0; 4], &[]), Err(precompiles::error::UNDECODABLE));
}
