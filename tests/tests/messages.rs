//! Whatever arrives: there is a block, and it is the same one again.

use alloy_primitives::{Address, B256, Bytes, U256};
use arbos::{Error, Message, MessageHeader, MessageKind, message::BatchDataStats};
use harness::{Account, Chain, Draft, Submission};
use proptest::{collection::vec, option, prelude::*, sample::select};
use state::address::SEQUENCER;
use std::{cell::RefCell, collections::BTreeMap};

const VERSIONS: [u64; 7] = [1, 6, 11, 30, 41, 50, 61];
const KINDS: [u8; 12] = [3, 3, 3, 6, 7, 8, 9, 10, 11, 12, 13, 0xff];

/// Payloads of every form: bytes, words, valid ones, valid ones with a byte changed or cut.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let words = (any::<u8>(), vec(small_word(), 0..12), vec(any::<u8>(), 0..40))
        .prop_map(|(first, words, tail)| [&[first % 9][..], &words.concat(), &tail].concat());
    let bare_words =
        (vec(small_word(), 0..12), vec(any::<u8>(), 0..40)).prop_map(|(words, tail)| [words.concat(), tail].concat());
    let spoiled = (select(valid()), any::<prop::sample::Index>(), any::<u8>(), any::<bool>()).prop_map(
        |(mut bytes, index, byte, cut)| {
            let index = index.index(bytes.len());
            bytes[index] = byte;
            if cut {
                bytes.truncate(index);
            }
            bytes
        },
    );
    prop_oneof![vec(any::<u8>(), 0..600), words, bare_words, select(valid()), spoiled, nested()]
}

fn small_word() -> impl Strategy<Value = [u8; 32]> {
    prop_oneof![
        any::<u32>().prop_map(|number| U256::from(number).to_be_bytes()),
        Just([0; 32]),
        Just([0xff; 32]),
        any::<[u8; 32]>(),
        Just(Account::numbered(1).address().into_word().0),
    ]
}

/// Batches in batches, each with a length that may lie.
fn nested() -> impl Strategy<Value = Vec<u8>> {
    (vec(any::<u8>(), 0..60), 1usize..20, -2i64..3).prop_map(|(core, depth, lie)| {
        (0..depth).fold(core, |inner, _| {
            let length = (inner.len() as u64).saturating_add_signed(lie);
            [&[3][..], &length.to_be_bytes(), &inner].concat()
        })
    })
}

fn valid() -> Vec<Vec<u8>> {
    let alice = Account::numbered(1);
    let signed = alice.sign(&Draft::transfer(Address::ZERO, 5), harness::chain::CHAIN_ID, 0);
    let deposit = [alice.address().as_slice(), &U256::from(5).to_be_bytes::<32>()].concat();
    let submission = Submission::without_attempt(Address::ZERO, vec![1, 2, 3]).with_attempt(100_000);
    let number = |number: u64| U256::from(number).to_be_bytes::<32>();
    let unsigned = [&[0][..], &number(100_000), &number(1 << 40), &number(0), &number(7), &number(1)].concat();
    let report = [&number(1_700_000_000)[..], SEQUENCER.as_slice(), &[0; 32], &number(1), &number(1_000)].concat();
    let batch = harness::chain::batch(std::slice::from_ref(&signed)).to_vec();
    vec![[&[4], &signed[..]].concat(), batch, deposit, submission.payload().to_vec(), unsigned, report]
}

fn message() -> impl Strategy<Value = Message> {
    let kind = prop_oneof![9 => select(KINDS.to_vec()), 1 => any::<u8>()];
    let posters = vec![SEQUENCER, Account::numbered(1).address(), Address::ZERO];
    let header =
        (kind, select(posters), 0u64..5, 1_600_000_000u64..1_700_001_000, any::<bool>(), option::of(any::<u64>()));
    let stats = option::of((0u64..200_000, 0u64..200_000));
    (header, payload(), option::of(any::<u32>()), stats).prop_map(|(header, payload, cost, stats)| {
        let (kind, poster, block_number, timestamp, bridged, fee) = header;
        Message {
            header: MessageHeader {
                kind: MessageKind(kind),
                poster,
                block_number,
                timestamp,
                request_id: bridged.then(|| B256::with_last_byte(9)),
                l1_base_fee: fee.map(|fee| U256::from(fee % 1_000_000_000_000)),
            },
            l2_msg: Bytes::from(payload),
            legacy_batch_gas_cost: cost.map(u64::from),
            batch_data_stats: stats.map(|(length, non_zeros)| BatchDataStats { length, non_zeros }),
        }
    })
}

thread_local! {
    static CHAINS: RefCell<BTreeMap<u64, Chain>> = const { RefCell::new(BTreeMap::new()) };
}

/// A copy of a chain of a version, with two blocks.
fn chain(version: u64) -> Chain {
    CHAINS.with_borrow_mut(|chains| {
        let make = || {
            let mut chain = Chain::devnet(version);
            chain.empty_block();
            let _ticket =
                chain.submit_retryable(&Account::numbered(2), &Submission::without_attempt(SEQUENCER, vec![]));
            chain
        };
        chains.entry(version).or_insert_with(make).clone()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_message_makes_a_block(version in select(VERSIONS.to_vec()), message in message()) {
        let mut first = chain(version);
        let mut second = first.clone();
        let block = first.try_message(message.clone());
        let block = match block {
            Ok(block) => block,
            Err(Error::NotBuilt(feature)) => return Err(TestCaseError::fail(feature)),
            Err(error) => return Err(TestCaseError::fail(format!("{error}"))),
        };
        prop_assert!(!block.receipts.is_empty());
        prop_assert_eq!(block.receipts.len(), block.transactions.len());
        prop_assert_eq!(second.try_message(message).unwrap().hash, block.hash);
        // The chain goes on.
        prop_assert_eq!(first.empty_block().header.inner.parent_hash, block.hash);
    }
}

#[test]
fn an_oversized_payload_makes_a_block_without_transactions() {
    let mut chain = chain(61);
    let header = chain.sequencer_header();
    let block = chain.message(header, vec![3; 256 * 1024 + 1]);
    assert_eq!(block.receipts.len(), 1);
}

#[test]
fn a_deposit_past_256_bits_makes_a_block() {
    let alice = Account::numbered(1).address();
    for version in VERSIONS {
        let block = chain(version).deposit(alice, U256::MAX);
        assert_eq!(block.receipts.len(), 2, "at {version}");
    }
}
