//! Whole blocks: one thousand signed transfers against as many bare recoveries of signers; three hundred token transfers, one
//! transfer, nothing.

use alloy_primitives::{B256, Bytes};
use arbos::{ArbTxEnvelope, Message};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use harness::{
    Account, Chain, Draft, Setup,
    bench::{Senders, TARGET, fastest, message, token_transfer},
};
use secp256k1::{
    SECP256K1,
    ecdsa::{RecoverableSignature, RecoveryId},
};
use std::hint::black_box;

const TRANSFERS: u64 = 1_000;
const TOKEN_TRANSFERS: u64 = 300;
const SENDERS: u64 = 100;

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

/// A message whose block includes all of the transactions, and they succeed.
fn checked(chain: &Chain, transactions: &[Bytes]) -> Message {
    let message = message(chain, transactions);
    let block = chain.clone().try_message(message.clone()).expect("a block");
    assert_eq!(block.receipts.len(), 1 + transactions.len(), "all are included");
    assert!(block.receipts.iter().all(|receipt| receipt.success));
    assert!(block.transactions.iter().skip(1).all(|tx| matches!(tx, ArbTxEnvelope::Signed(_))));
    message
}

fn against_recoveries(chain: &Chain, transfers: &Message, signatures: &[(B256, RecoverableSignature)]) {
    let produce = |mut chain: Chain| chain.try_message(transfers.clone());
    let block = fastest(15, || chain.clone(), produce);
    let recovery = fastest(15, || (), |()| recover(signatures));
    let ratio = block.as_secs_f64() / recovery.as_secs_f64();
    println!("a block of {TRANSFERS} transfers: {block:?}; {TRANSFERS} recoveries: {recovery:?}; ratio {ratio:.2}");
}

fn blocks(criterion: &mut Criterion) {
    let senders = Senders::new(SENDERS);
    let mut chain = Setup { alloc: senders.alloc(), ..Setup::devnet(51) }.build();
    chain.empty_block();
    let transfers = senders.sign(0..TRANSFERS, |_| Draft::transfer(TARGET, 1));
    let token_transfers = senders.sign(0..TOKEN_TRANSFERS, |_| token_transfer(TARGET));
    let (all, signatures) = (checked(&chain, &transfers), signatures());
    against_recoveries(&chain, &all, &signatures);
    let mut group = criterion.benchmark_group("blocks");
    group.sample_size(10);
    for (name, message) in [
        ("transfers", all),
        ("token transfers", checked(&chain, &token_transfers)),
        ("one transfer", checked(&chain, &transfers[..1])),
        ("empty", checked(&chain, &[])),
    ] {
        // The chain is dropped outside of what is timed.
        let produce = |mut chain: Chain| (black_box(chain.try_message(message.clone())), chain);
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| chain.clone(), produce, BatchSize::PerIteration);
        });
    }
    group.bench_function("recoveries", |bencher| bencher.iter(|| recover(&signatures)));
    group.finish();
}

criterion_group!(benches, blocks);
criterion_main!(benches);
