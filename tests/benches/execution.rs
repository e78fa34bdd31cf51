//! Execution alone: one thousand transfers against plain revm.
//!
//! Both know the senders and have the state in memory. Ours is `process::transact` with what the size of each transaction costs on
//! L1, from its checks to the distribution of its fees, the closing of each transaction and the collected changes of all; without
//! senders, compression, start of block, receipts and root. revm's is the mainnet handler with all its checks over a `CacheDB`:
//! `transact_one` with `finalize` at the end, and `transact_commit`, which hands each transaction's changes to the database.

use alloy_primitives::{Address, B256, Bytes, U256};
use arbos::{
    ArbTxEnvelope,
    evm::{ArbEvm, ArbPrecompiles, BlockRun, Caches, CodeLimits},
    process::{self, Incoming, PosterCost},
    spec::spec_id,
};
use criterion::{Criterion, criterion_group, criterion_main};
use harness::{
    Chain, Draft, ETHER, Setup,
    bench::{self, Senders, TARGET, fastest},
    chain::CHAIN_ID,
};
use precompiles::host::BlockFacts;
use pricing::{
    brotli::{Brotli, Compressor},
    l1,
};
use revm::{
    Context, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext, MainnetEvm,
    context::{BlockEnv, CfgEnv, TxEnv},
    database::InMemoryDB,
    handler::MainnetContext,
    primitives::TxKind,
    state::AccountInfo,
};
use state::{
    ArbosVersion,
    world::{Changes, MemoryWorld},
};

const TRANSFERS: u64 = 1_000;
const SENDERS: u64 = 100;
const VERSION: ArbosVersion = ArbosVersion::new(51);
const ROUNDS: usize = 30;

/// A transfer with all that is known of it before it runs.
struct Transfer {
    tx: ArbTxEnvelope,
    hash: B256,
    sender: Address,
    poster: PosterCost,
}

fn transfers(chain: &mut Chain, senders: &Senders) -> Vec<Transfer> {
    let signed = senders.sign(0..TRANSFERS, |_| Draft::transfer(TARGET, 1));
    let (level, price) =
        chain.read(|state| Ok((state.brotli_compression_level().get()?, state.l1_pricing().price_per_unit().get()?)));
    let mut compressor = Brotli::default();
    let transfer = |bytes: &Bytes| {
        let tx = ArbTxEnvelope::decode_user(bytes).expect("a transaction just signed");
        let sender = tx.sender(CHAIN_ID, VERSION).expect("a signature just made");
        let units = l1::units(compressor.compressed_len(bytes, level).expect("a level of the chain") as u64);
        Transfer { hash: tx.hash(), tx, sender, poster: PosterCost { units, wei: l1::data_cost(price, units) } }
    };
    signed.iter().map(transfer).collect()
}

fn ours(
    world: &mut MemoryWorld,
    caches: Caches,
    facts: BlockFacts,
    limits: CodeLimits,
    transfers: &[Transfer],
) -> (Changes, Caches) {
    let run = BlockRun::new(facts, caches);
    let mut evm = ArbEvm::new(world, run, ArbPrecompiles::new(VERSION), limits);
    evm.set_base_fee(facts.base_fee);
    for Transfer { tx, hash, sender, poster } in transfers {
        let incoming = Incoming { tx, hash: *hash, sender: *sender, poster: *poster };
        let executed = process::transact(&mut evm, &incoming).expect("a world in memory").expect("a valid transfer");
        assert!(executed.success);
        evm.ledger().end_transaction();
    }
    (evm.ledger().changes(), evm.into_parts().0)
}

/// The same accounts for revm.
fn database(senders: &Senders) -> InMemoryDB {
    let mut database = InMemoryDB::default();
    for sender in senders.addresses() {
        database.insert_account_info(sender, AccountInfo::from_balance(U256::from(100 * ETHER)));
    }
    database
}

fn environment(transfer: &Transfer, nonce: u64) -> TxEnv {
    TxEnv::builder()
        .caller(transfer.sender)
        .chain_id(Some(CHAIN_ID))
        .nonce(nonce)
        .kind(TxKind::Call(TARGET))
        .value(U256::from(1))
        .gas_limit(transfer.tx.gas_limit())
        .max_fee_per_gas(harness::account::DEFAULT_FEE_CAP)
        .gas_priority_fee(Some(0))
        .build()
        .expect("a transaction that was valid before")
}

/// revm in a block like ours.
fn plain(database: InMemoryDB, facts: &BlockFacts) -> MainnetEvm<MainnetContext<InMemoryDB>> {
    let mut cfg = CfgEnv::new_with_spec(spec_id(VERSION));
    cfg.chain_id = CHAIN_ID;
    let block = BlockEnv {
        beneficiary: facts.coinbase,
        basefee: u64::try_from(facts.base_fee).expect("a low base fee"),
        gas_limit: u64::MAX,
        ..BlockEnv::default()
    };
    Context::mainnet().with_db(database).with_cfg(cfg).with_block(block).build_mainnet()
}

fn execution(_: &mut Criterion) {
    let senders = Senders::new(SENDERS);
    let mut chain = Setup { alloc: senders.alloc(), ..Setup::devnet(VERSION.number()) }.build();
    chain.empty_block();
    let (transfers, facts) = (transfers(&mut chain, &senders), bench::facts(&mut chain));
    let limits = CodeLimits::of(chain.inner().config());
    let environments: Vec<_> =
        (0..TRANSFERS).zip(&transfers).map(|(turn, transfer)| environment(transfer, turn / SENDERS)).collect();
    let mut world = chain.inner().world_mut().clone();
    let (changes, mut caches) = ours(&mut world, Caches::default(), facts, limits, &transfers);
    let moved = changes.accounts[&TARGET].info.expect("it is there now").balance;
    assert_eq!(moved, U256::from(TRANSFERS));

    // What a chain remembers from block to block.
    let round = |()| caches = ours(&mut world, core::mem::take(&mut caches), facts, limits, &transfers).1;
    let ours = fastest(ROUNDS, || (), round);
    let plain = || (self::plain(database(&senders), &facts), environments.clone());
    let at_the_end = fastest(ROUNDS, plain, |(mut evm, environments)| {
        for environment in environments {
            assert!(evm.transact_one(environment).expect("a valid transfer").is_success());
        }
        let changes = evm.finalize();
        assert_eq!(changes[&TARGET].info.balance, moved);
        (evm, changes)
    });
    let each = fastest(ROUNDS, plain, |(mut evm, environments)| {
        for environment in environments {
            assert!(evm.transact_commit(environment).expect("a valid transfer").is_success());
        }
        evm
    });
    let ratio = |plain: std::time::Duration| ours.as_secs_f64() / plain.as_secs_f64();
    println!(
        "{TRANSFERS} transfers executed: {ours:?}; revm, finalized once: {at_the_end:?}, ratio {:.2}; each committed: {each:?}, \
         ratio {:.2}",
        ratio(at_the_end),
        ratio(each)
    );
}

criterion_group!(benches, execution);
criterion_main!(benches);
