//! What a large state costs: blocks over a million accounts against the same blocks over a thousand, and the memory that accounts
//! and slots take.
//!
//! Blocks are timed whole, and without their senders, which cost the same over any state; with transfers to the same accounts in
//! both, and to accounts all over the large state. Memory is what the process has resident, read from
//! `/proc/self/status`; where there is none, nothing is said of it. Every part runs in a process of its own, so that no part finds
//! memory that another one gave back.

use alloy_primitives::U256;
use arbos::{
    GenesisAccount, MessageWithMetadata,
    block::{Circumstances, Prepared},
};
use harness::{
    Chain, Draft, Setup,
    bench::{Senders, fastest, message, numbered},
    chain::CHAIN_ID,
};
use state::{
    ArbosVersion,
    world::{AccountChange, AccountInfo, Changes, MemoryWorld, World},
};
use std::{env, fs, process::Command, time::Duration};

const MANY: u64 = 1_000_000;
const FEW: u64 = 1_000;
const SENDERS: u64 = 100;
const VERSION: u64 = 51;
const ROUNDS: u64 = 100;

/// A chain with so many accounts beside the senders.
fn chain(senders: &Senders, accounts: u64) -> Chain {
    let funds = GenesisAccount { balance: U256::from(1), ..GenesisAccount::default() };
    let mut alloc = senders.alloc();
    alloc.extend((0..accounts).map(|number| (numbered(number), funds.clone())));
    let mut chain = Setup { alloc, ..Setup::devnet(VERSION) }.build();
    chain.empty_block();
    chain
}

/// Time of a block, and the part of it after its senders are known.
struct Times {
    whole: Duration,
    after_senders: Duration,
}

/// A chain and what was sent on it.
struct Sending {
    chain: Chain,
    senders: Senders,
    turns: u64,
}

impl Sending {
    fn over(accounts: u64) -> Self {
        let senders = Senders::new(SENDERS);
        Self { chain: chain(&senders, accounts), senders, turns: 0 }
    }

    /// The fastest of blocks of so many transfers, to so many of the accounts in turns.
    fn times(&mut self, transfers: u64, receivers: u64) -> Times {
        let level = self.chain.read(|state| state.brotli_compression_level().get());
        let guess = Circumstances { chain_id: CHAIN_ID, version: ArbosVersion::new(VERSION), level: Some(level) };
        let rounds: Vec<_> = (0..ROUNDS).map(|_| self.block(transfers, receivers, &guess)).collect();
        let fastest = |time: fn(&Times) -> Duration| rounds.iter().map(time).min().unwrap_or_default();
        Times { whole: fastest(|times| times.whole), after_senders: fastest(|times| times.after_senders) }
    }

    fn block(&mut self, transfers: u64, receivers: u64, guess: &Circumstances) -> Times {
        let turns = self.turns..self.turns + transfers;
        self.turns = turns.end;
        let to = |turn: u64| numbered(turn.wrapping_mul(7_919) % receivers);
        let message = message(&self.chain, &self.senders.sign(turns, |turn| Draft::transfer(to(turn), 1)));
        let message = MessageWithMetadata { message, delayed_messages_read: 1 };
        self.chain.wait(1);
        let (mut prepared, mut made) = (None, None);
        let before = fastest(1, || (), |()| prepared = Some(Prepared::new(&message, guess)));
        let prepared = || prepared.take().expect("it was prepared just now");
        let after_senders = fastest(1, prepared, |prepared| made = self.chain.inner().produce_prepared(prepared).ok());
        assert_eq!(made.map_or(0, |block| block.receipts.len() as u64), 1 + transfers);
        Times { whole: before + after_senders, after_senders }
    }
}

fn blocks() {
    let (mut small, mut large) = (Sending::over(FEW), Sending::over(MANY));
    for transfers in [0, 1, 10, 100] {
        let few = small.times(transfers, FEW);
        println!(
            "a block of {transfers} transfers over {FEW} accounts: {:?}, {:?} of it after the senders are known",
            few.whole, few.after_senders
        );
        for (to, receivers) in [("the same", FEW), ("all", MANY)] {
            let many = large.times(transfers, receivers);
            let ratio = |many: Duration, few: Duration| many.as_secs_f64() / few.as_secs_f64();
            println!(
                "  over {MANY}, to {to} of them: {:?}, ratio {:.2}; {:?}, ratio {:.2}",
                many.whole,
                ratio(many.whole, few.whole),
                many.after_senders,
                ratio(many.after_senders, few.after_senders)
            );
        }
    }
}

/// Changes of some accounts: a balance each, and so many slots.
fn changes(numbers: impl Iterator<Item = u64>, value: u64, slots: u64) -> Changes {
    let slots: Vec<_> = (0..slots).map(|slot| (U256::from(slot), U256::from(value))).collect();
    let info = AccountInfo { balance: U256::from(value), ..AccountInfo::default() };
    let change =
        |number| (numbered(number), AccountChange { info: Some(info), storage_cleared: false, slots: slots.clone() });
    Changes { accounts: numbers.map(change).collect(), codes: Vec::new() }
}

/// A world with so many accounts, each with so many slots, written in small blocks.
fn world(accounts: u64, slots: u64) -> MemoryWorld {
    let in_a_block = (10_000 / slots.max(1)).max(1);
    let mut world = MemoryWorld::new();
    let mut next = 0;
    while next < accounts {
        let end = accounts.min(next + in_a_block);
        world.commit(&changes(next..end, 1, slots)).expect("a world in memory misses nothing");
        next = end;
    }
    world
}

/// Bytes of this process that are in memory.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024)
}

/// What a world takes for each of its parts.
fn take(what: &str, count: u64, make: impl FnOnce() -> MemoryWorld) {
    let Some(before) = resident() else { return };
    let world = make();
    let after = resident().unwrap_or_default();
    println!("{what}: {} bytes each, of {count}", after.saturating_sub(before) / count);
    drop(world);
}

fn accounts() {
    take("accounts without slots", MANY, || world(MANY, 0));
}

fn slots() {
    take("slots, ten thousand an account", MANY, || world(MANY / 10_000, 10_000));
}

fn few_slots() {
    take("accounts with ten slots", MANY / 10, || world(MANY / 10, 10));
}

/// What a thousand more blocks add to the memory of those before.
fn growth(what: &str, mut block: impl FnMut(u64)) {
    const FIRST: u64 = 200;
    (0..FIRST).for_each(&mut block);
    let Some(before) = resident() else { return };
    (FIRST..FIRST + 1_000).for_each(&mut block);
    let after = resident().unwrap_or_default();
    let grown = i128::from(after) - i128::from(before);
    println!("1000 more blocks of {what}: {grown} bytes beside {before}");
}

fn overwrites() {
    const ACCOUNTS: u64 = 100_000;
    let mut world = world(ACCOUNTS, 1);
    growth("1000 accounts and slots written over", |block| {
        let numbers = (0..1_000).map(|number| (number * 97 + block * 1_009) % ACCOUNTS);
        world.commit(&changes(numbers, 2 + block, 1)).expect("a world in memory misses nothing");
    });
}

fn sealed() {
    let senders = Senders::new(SENDERS);
    let mut chain = chain(&senders, 10 * FEW);
    growth("100 transfers between accounts that are there", |block| {
        let turns = block * SENDERS..(block + 1) * SENDERS;
        let signed = senders.sign(turns, |turn| Draft::transfer(numbered(turn.wrapping_mul(7_919) % (10 * FEW)), 1));
        assert_eq!(chain.send_all(&signed).receipts.len() as u64, 1 + SENDERS);
    });
}

/// The parts by name.
const PARTS: [(&str, fn()); 6] = [
    ("blocks", blocks),
    ("accounts", accounts),
    ("slots", slots),
    ("few_slots", few_slots),
    ("overwrites", overwrites),
    ("sealed", sealed),
];
/// Names the part that a process is for.
const PART: &str = "ARBOS_BENCH_PART";

#[expect(clippy::disallowed_methods, reason = "a bench is told what to measure")]
fn main() {
    if let Ok(wanted) = env::var(PART) {
        return PARTS.iter().filter(|(name, _)| *name == wanted).for_each(|(_, run)| run());
    }
    let program = env::current_exe().expect("a program that runs has a file");
    for (name, _) in PARTS {
        let ended = Command::new(&program).env(PART, name).status().expect("it starts again");
        assert!(ended.success(), "{name} fails");
    }
}
