//! Whole blocks: one thousand signed transfers against as many bare recoveries of signers, an empty block, an owner's act.

use alloy_primitives::{Address, B256, Bytes, U256, address};
use arbos::{ArbTxEnvelope, GenesisAccount, Message};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use harness::{Account, Chain, Draft, ETHER, Setup, chain::CHAIN_ID, chain::batch};
use secp256k1::{
    SECP256K1,
    ecdsa::{RecoverableSignature, RecoveryId},
};
use std::{hint::black_box, time::Duration};

const TRANSFERS: u64 = 1_000;
const SENDERS: u64 = 100;
const TARGET: Address = address!("7a00000000000000000000000000000000000001");

/// A chain whose senders have funds, and signed transfers of theirs in turns.
fn prepared() -> (Chain, Vec<Bytes>) {
    let senders: Vec<_> = (0..SENDERS).map(|number| Account::numbered(1_000 + number)).collect();
    let funds = GenesisAccount { balance: U256::from(100 * ETHER), ..GenesisAccount::default() };
    let alloc = senders.iter().map(|sender| (sender.address(), funds.clone())).collect();
    let mut chain = Setup { alloc, ..Setup::devnet(51) }.build();
    chain.empty_block();
    let transfer = Draft::transfer(TARGET, 1).gas(30_000);
    let turns = (0..TRANSFERS).zip(senders.iter().cycle());
    let signed = turns.map(|(turn, sender)| sender.sign(&transfer, CHAIN_ID, turn / SENDERS));
    (chain, signed.collect())
}

fn message(chain: &Chain, transactions: &[Bytes]) -> Message {
    let (header, l2_msg) = (chain.sequencer_header(), batch(transactions));
    Message { header, l2_msg, legacy_batch_gas_cost: None, batch_data_stats: None }
}

/// What a recovery starts from: the hash that was signed, and the signature.
fn signatures() -> Vec<(B256, RecoverableSignature)> {
    let signer = Account::numbered(1);
    let hashes = (0..TRANSFERS).map(|number| alloy_primitives::keccak256(number.to_be_bytes()));
    let sign = |hash: B256| {
        let signature = signer.sign_hash(hash);
        let id = if signature.v() { RecoveryId::One } else { RecoveryId::Zero };
        let bytes = [signature.r().to_be_bytes::<32>(), signature.s().to_be_bytes::<32>()].concat();
        (hash, RecoverableSignature::from_compact(&bytes, id).expect("a signature just made"))
    };
    hashes.map(sign).collect()
}

fn recover(signatures: &[(B256, RecoverableSignature)]) {
    for (hash, signature) in signatures {
        let key = SECP256K1.recover_ecdsa(secp256k1::Message::from_digest(hash.0), signature);
        black_box(key.expect("a signature just made"));
    }
}

/// The fastest of some rounds.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn fastest<T>(rounds: usize, mut prepare: impl FnMut() -> T, mut run: impl FnMut(T)) -> Duration {
    let round = |_| {
        let input = prepare();
        let start = std::time::Instant::now();
        run(input);
        start.elapsed()
    };
    (0..rounds).map(round).min().unwrap_or_default()
}

fn transfers(criterion: &mut Criterion) {
    let (chain, transactions) = prepared();
    let message = message(&chain, &transactions);
    let block = chain.clone().try_message(message.clone()).expect("a block");
    assert_eq!(block.receipts.len() as u64, 1 + TRANSFERS, "all are included");
    assert!(block.transactions.iter().skip(1).all(|tx| matches!(tx, ArbTxEnvelope::Signed(_))));
    let signatures = signatures();
    let produce = |mut chain: Chain| drop(black_box(chain.try_message(message.clone())));
    let block_time = fastest(15, || chain.clone(), produce);
    let recovery_time = fastest(15, || (), |()| recover(&signatures));
    let ratio = block_time.as_secs_f64() / recovery_time.as_secs_f64();
    println!(
        "a block of {TRANSFERS} transfers: {block_time:?}; {TRANSFERS} recoveries: {recovery_time:?}; ratio {ratio:.2}"
    );
    let mut group = criterion.benchmark_group("blocks");
    group.sample_size(10);
    group.bench_function("transfers", |bencher| {
        bencher.iter_batched(|| chain.clone(), produce, BatchSize::PerIteration);
    });
    group.bench_function("recoveries", |bencher| bencher.iter(|| recover(&signatures)));
    group.bench_function("empty", |bencher| {
        let message = self::message(&chain, &[]);
        let produce = |mut chain: Chain| drop(black_box(chain.try_message(message.clone())));
        bencher.iter_batched(|| chain.clone(), produce, BatchSize::PerIteration);
    });
    group.finish();
}

criterion_group!(benches, transfers);
criterion_main!(benches);
