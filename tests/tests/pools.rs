//! A chain with the pair of pools: its limit and price follow the model run alone, and owners change every parameter on the way.

use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::SolCall;
use arbos::{ArbTxEnvelope, Block};
use harness::{Account, Chain, Draft, Setup, Submission, at};
use precompiles::{
    arb_gas_info::{ArbGasInfo as Info, pools::ArbGasInfoPools as PoolInfo},
    arb_owner::{ArbOwner as Owner, pools::ArbOwnerPools as Pools},
};
use pricing::l2::dual_pool::{Levels, Parameters, capacity};

/// Init code that fails with all its gas: INVALID.
const BURNER: &[u8] = &[0xfe];

fn chain(version: u64) -> Chain {
    Setup { pools: true, ..Setup::devnet(version) }.build()
}

/// The model beside the chain.
struct Beside {
    levels: Levels,
    seconds: u64,
    small_seconds: u64,
    speed: u64,
    min: U256,
    limit: u64,
    time: u64,
    /// How often each parameter was changed.
    changes: [u64; 6],
}

impl Beside {
    fn new() -> Self {
        let price = U256::from(1_000_000_000u64);
        let levels = Levels { large: 600_000_000, small: 60_000_000, price };
        Self {
            levels,
            seconds: 600,
            small_seconds: 60,
            speed: 1_000_000,
            min: price,
            limit: 20_000_000,
            time: 0,
            changes: [0; 6],
        }
    }

    fn sizes(&self) -> (i64, i64) {
        (capacity(self.seconds, self.speed), capacity(self.small_seconds, self.speed))
    }

    fn clip(&mut self) {
        let (large, small) = self.sizes();
        self.levels.large = self.levels.large.min(large);
        self.levels.small = self.levels.small.min(small);
    }

    /// What the block took out of the pools; attempts give back what they leave.
    fn used(block: &Block) -> i64 {
        let pairs = block.transactions.iter().zip(&block.receipts);
        let used = pairs.map(|(tx, receipt)| match tx {
            ArbTxEnvelope::Internal(_) | ArbTxEnvelope::Deposit(_) => 0,
            ArbTxEnvelope::Retry(retry) => receipt.gas_used.cast_signed() - retry.gas.cast_signed(),
            _ => (receipt.gas_used - receipt.gas_used_for_l1).cast_signed(),
        });
        used.sum()
    }

    fn follow(&mut self, block: &Block) {
        let header = &block.header;
        let used = Self::used(block);
        self.levels.large -= used;
        self.levels.small -= used;
        let (large, small) = self.sizes();
        let base_fee = header.base_fee.expect("every block has a base fee");
        let parameters = Parameters {
            large,
            small,
            speed_limit: self.speed,
            min_price: self.min,
            max_price: base_fee * U256::from(2),
        };
        self.levels = self.levels.after(header.inner.timestamp - self.time, &parameters);
        self.time = header.inner.timestamp;
    }

    fn check(&self, chain: &mut Chain) {
        let seen = chain.read(|state| {
            let mut pools = state.gas_pools();
            let (large, small) = (pools.gas_pool().get()?, pools.small_gas_pool().get()?);
            Ok(Levels { large, small, price: pools.gas_price_wei().get()? })
        });
        assert_eq!(seen, self.levels);
    }
}

/// Intrinsic gas of the dearest first transaction: the limit holds what comes after it.
const FIRST_INTRINSIC: i64 = 53_018;

/// A source of numbers that is always the same.
struct Dice(u64);

impl Dice {
    const fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// An owner changes a parameter; the model follows.
fn owner_change(chain: &mut Chain, beside: &mut Beside, which: u64, dice: &mut Dice) -> Block {
    let wei = U256::from(500_000_000 + dice.roll(1_000_000_000));
    beside.changes[usize::try_from(which % 6).expect("small")] += 1;
    let sent = match which % 6 {
        0 => {
            beside.seconds = 300 + dice.roll(1_000);
            chain.owner_calls(&Pools::setGasPoolSecondsCall { sec: beside.seconds })
        }
        1 => {
            beside.small_seconds = 1 + dice.roll(120);
            chain.owner_calls(&Pools::setSmallGasPoolSecondsCall { sec: beside.small_seconds })
        }
        2 => {
            beside.speed = 200_000 + dice.roll(2_000_000);
            chain.owner_calls(&Owner::setSpeedLimitCall { limit: beside.speed })
        }
        3 => {
            (beside.min, beside.levels.price) = (wei, beside.levels.price.max(wei));
            chain.owner_calls(&Owner::setMinimumL2BaseFeeCall { priceInWei: wei })
        }
        4 => {
            beside.levels.price = wei * U256::from(2);
            chain.owner_calls(&Owner::setL2BaseFeeCall { priceInWei: wei * U256::from(2) })
        }
        _ => {
            beside.limit = 5_000_000 + dice.roll(20_000_000);
            chain.owner_calls(&Owner::setMaxBlockGasLimitCall { limit: beside.limit })
        }
    };
    beside.clip();
    sent.block
}

fn burners(first_nonce: u64, count: u64, gas: u64) -> Vec<Bytes> {
    let account = Account::numbered(1);
    let draft = Draft::creation(BURNER).gas(gas);
    (0..count).map(|index| account.sign(&draft, harness::chain::CHAIN_ID, first_nonce + index)).collect()
}

/// A block of one of several kinds. What nobody can pay for, or what no gas is left for, stays out of it.
fn one_block(chain: &mut Chain, beside: &mut Beside, number: u64, dice: &mut Dice) -> Block {
    if number % 97 == 96 {
        let owner_can_pay = beside.levels.price < U256::from(500_000_000_000u64);
        if owner_can_pay && beside.levels.large > 1_000_000 {
            return owner_change(chain, beside, number / 97, dice);
        }
        chain.wait(1_200);
        return chain.empty_block();
    }
    match dice.roll(8) {
        0 => chain.empty_block(),
        1 | 2 => {
            let nonce = chain.nonce(Account::numbered(1).address());
            let transactions = burners(nonce, 1 + dice.roll(4), 1_000_000 + dice.roll(4_000_000));
            chain.send_all(&transactions)
        }
        3 => {
            let to = Account::numbered(3).address();
            chain.submit_retryable(&Account::numbered(2), &Submission::without_attempt(to, []).with_attempt(100_000)).1
        }
        4 => chain.deposit(Account::numbered(2).address(), U256::from(7)),
        _ => {
            let transfer = Draft::transfer(Account::numbered(3).address(), 1).gas(100_000);
            let signed = chain.signed(&Account::numbered(2), &transfer);
            chain.send_all(&[signed])
        }
    }
}

/// Makes blocks and holds each of them to the model beside the chain.
fn follow(chain: &mut Chain, beside: &mut Beside, blocks: u64) {
    let mut dice = Dice(0x5eed);
    for number in 0..blocks {
        chain.wait(dice.roll(4));
        let (price, limit) = (beside.levels.price, beside.levels.large.max(0).unsigned_abs().min(beside.limit));
        let block = one_block(chain, beside, number, &mut dice);
        assert_eq!(block.header.base_fee, Some(price), "block {number}");
        let used = Beside::used(&block);
        assert!(used <= limit.cast_signed() + FIRST_INTRINSIC, "block {number}: {used} of {limit}");
        beside.follow(&block);
        beside.check(chain);
    }
}

fn run(version: u64, blocks: u64) -> B256 {
    let (mut chain, mut beside) = (chain(version), Beside::new());
    follow(&mut chain, &mut beside, blocks);
    assert!(blocks < 1_000 || beside.changes.iter().all(|changes| *changes > 5), "{:?}", beside.changes);
    chain.root()
}

#[test]
fn ten_thousand_mixed_blocks_follow_the_model_and_repeat() {
    assert_eq!(run(51, 10_000), run(51, 10_000));
}

#[test]
fn the_model_works_at_every_version() {
    for version in [1, 6, 11, 32, 50, 60, 61] {
        run(version, 90);
    }
}

#[test]
fn upgrades_leave_pools_as_they_are() {
    let (mut chain, mut beside) = (chain(6), Beside::new());
    for version in [11, 20, 32, 51, 60] {
        let upgrade = Owner::scheduleArbOSUpgradeCall { newVersion: version, timestamp: 0 };
        beside.follow(&chain.owner_calls(&upgrade).block);
        follow(&mut chain, &mut beside, 20);
        assert_eq!(chain.read(|state| Ok(state.version().number())), version);
    }
    assert_eq!(chain.read(|state| state.gas_pools().per_tx_gas_limit().get()), 32_000_000);
}

#[test]
fn the_first_transaction_is_held_to_the_limit_and_later_ones_are_refused() {
    let mut chain = chain(51);
    chain.owner_calls(&Owner::setMaxBlockGasLimitCall { limit: 3_000_000 });
    let transactions = burners(chain_nonce(&mut chain), 2, 5_000_000);
    let block = chain.send_all(&transactions);
    assert_eq!(block.receipts.len(), 2, "the start and the first transaction");
    let first = &block.receipts[1];
    assert_eq!(first.gas_used - first.gas_used_for_l1, 3_000_000 + 53_000 + 16 + 2);
}

fn chain_nonce(chain: &mut Chain) -> u64 {
    chain.nonce(Account::numbered(1).address())
}

#[test]
fn getters_tell_of_pools_and_backlogs_are_refused() {
    let mut chain = chain(60);
    assert_eq!(chain.ask(at::ARB_GAS_INFO, &PoolInfo::getGasPoolSecondsCall {}), 600);
    assert_eq!(chain.ask(at::ARB_GAS_INFO, &PoolInfo::getSmallGasPoolSecondsCall {}), 60);
    let parameters = chain.ask(at::ARB_GAS_INFO, &Info::getGasAccountingParamsCall {});
    assert_eq!((parameters._0, parameters._1), (U256::from(1_000_000), U256::from(600_000_000)));
    assert_eq!(parameters._2, U256::from(20_000_000));
    assert_eq!(chain.ask(at::ARB_GAS_INFO, &Info::getGasBacklogCall {}), 0);
    assert_eq!(chain.ask(at::ARB_GAS_INFO, &Info::getMinimumGasPriceCall {}), U256::from(1_000_000_000u64));
    for refused in [
        Info::getPricingInertiaCall {}.abi_encode(),
        Info::getGasBacklogToleranceCall {}.abi_encode(),
        Info::getGasPricingConstraintsCall {}.abi_encode(),
        Info::getMultiGasPricingConstraintsCall {}.abi_encode(),
    ] {
        assert!(!chain.try_ask(Account::numbered(1).address(), at::ARB_GAS_INFO, refused.into()).success);
    }
}

#[test]
fn sizes_out_of_range_are_refused_and_nothing_is_written() {
    let mut chain = chain(51);
    let owner = Chain::owner();
    for call in [
        Pools::setGasPoolSecondsCall { sec: 0 }.abi_encode(),
        Pools::setGasPoolSecondsCall { sec: 59 }.abi_encode(),
        Pools::setGasPoolSecondsCall { sec: 10_801 }.abi_encode(),
        Pools::setSmallGasPoolSecondsCall { sec: 0 }.abi_encode(),
        Pools::setSmallGasPoolSecondsCall { sec: 601 }.abi_encode(),
        Owner::setSpeedLimitCall { limit: 0 }.abi_encode(),
        Owner::setSpeedLimitCall { limit: u64::MAX / 600 }.abi_encode(),
        Owner::setL2GasPricingInertiaCall { sec: 5 }.abi_encode(),
        Owner::setGasBacklogCall { backlog: 5 }.abi_encode(),
        Owner::setL2GasBacklogToleranceCall { sec: 5 }.abi_encode(),
        Owner::setGasPricingConstraintsCall { constraints: vec![[1, 1, 1]] }.abi_encode(),
    ] {
        let _ = chain.send(&owner, &Draft::call(at::ARB_OWNER, call)).failed();
    }
    let seconds = chain.read(|state| state.gas_pools().gas_pool_seconds().get());
    let speed = chain.read(|state| state.gas_pools().speed_limit_per_second().get());
    assert_eq!((seconds, speed), (600, 1_000_000));
}

#[test]
fn other_chains_do_not_know_the_methods_of_pools() {
    let mut chain = Chain::devnet(51);
    let call = Pools::setGasPoolSecondsCall { sec: 60 }.abi_encode();
    let _ = chain.send(&Chain::owner(), &Draft::call(at::ARB_OWNER, call)).failed();
    let ask = PoolInfo::getGasPoolSecondsCall {}.abi_encode();
    assert!(!chain.try_ask(Account::numbered(1).address(), at::ARB_GAS_INFO, ask.into()).success);
}
