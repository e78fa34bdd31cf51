//! A sequencer makes the block that a replay makes, and what it refuses leaves no trace.

use alloy_primitives::{Address, B256, Bytes, U256, address};
use alloy_sol_types::SolCall;
use arbos::{
    ArbTxEnvelope,
    block::{Candidate, Sequencing, Verdict},
    process::{Executed, Refusal},
};
use harness::{Account, Chain, Draft, Submission, VERSIONS, at, chain::batch};
use precompiles::{arb_debug::ArbDebug, arb_retryable_tx::ArbRetryableTx};
use std::collections::VecDeque;

const TARGET: Address = address!("7a00000000000000000000000000000000000001");

/// A source over a list, with what it refuses.
#[derive(Default)]
struct Source {
    waiting: VecDeque<Candidate>,
    /// Hashes refused before they run.
    before: Vec<B256>,
    /// Hashes refused after they ran.
    after: Vec<B256>,
    /// Whether attempts of tickets are refused after they ran.
    refuses_attempts: bool,
    seen: Vec<B256>,
    outcomes: Vec<Result<(), Refusal>>,
}

impl Source {
    fn of(transactions: &[Bytes]) -> Self {
        let candidate = |tx: &Bytes| Candidate::from(ArbTxEnvelope::decode_user(tx).expect("a signed transaction"));
        Self { waiting: transactions.iter().map(candidate).collect(), ..Self::default() }
    }
}

const fn verdict(refused: bool) -> Verdict {
    if refused { Verdict::Refuse } else { Verdict::Accept }
}

impl Sequencing for Source {
    fn next(&mut self) -> Option<Candidate> {
        self.waiting.pop_front()
    }

    fn before(&mut self, tx: &ArbTxEnvelope, _: Address) -> Verdict {
        verdict(self.before.contains(&tx.hash()))
    }

    fn after(&mut self, tx: &ArbTxEnvelope, _: &Executed) -> Verdict {
        self.seen.push(tx.hash());
        let refuses_attempt = self.refuses_attempts && matches!(tx, ArbTxEnvelope::Retry(_));
        verdict(refuses_attempt || self.after.contains(&tx.hash()))
    }

    fn ended(&mut self, _: &ArbTxEnvelope, outcome: Result<(), Refusal>) {
        self.outcomes.push(outcome);
    }
}

fn hash(tx: &Bytes) -> B256 {
    alloy_primitives::keccak256(tx)
}

/// Transactions of four accounts: transfers, a creation, a failing call, an owner's act.
fn mixed(chain: &mut Chain) -> Vec<Bytes> {
    let revert = ArbDebug::customRevertCall { number: 5 }.abi_encode();
    let owner = ArbDebug::becomeChainOwnerCall {}.abi_encode();
    let drafts = [
        (1, Draft::transfer(TARGET, 5)),
        (2, Draft::creation(vec![0x60, 0, 0x60, 0, 0xf3])),
        (3, Draft::call(at::ARB_DEBUG, revert)),
        (4, Draft::call(at::ARB_DEBUG, owner).legacy()),
    ];
    drafts.into_iter().map(|(number, draft)| chain.signed(&Account::numbered(number), &draft)).collect()
}

#[test]
fn both_ways_make_the_same_block() {
    for version in VERSIONS {
        let mut replayed = Chain::devnet(version);
        let mut sequenced = replayed.clone();
        for _ in 0..3 {
            let transactions = mixed(&mut replayed);
            let mut source = Source::of(&transactions);
            let block = sequenced.sequence(&mut source).expect("a block with transactions");
            let replay = replayed.send_all(&transactions);
            // Nothing of the bridge was read, so even the nonces of the headers agree.
            assert_eq!(block.header, replay.header, "at {version}");
            assert_eq!((block.hash, block.receipts.len()), (replay.hash, 5));
            assert!(source.outcomes.iter().all(Result::is_ok));
        }
    }
}

#[test]
fn what_is_refused_leaves_no_trace() {
    for version in [1, 11, 41, 50, 61] {
        let mut chain = Chain::devnet(version);
        let transactions = mixed(&mut chain);
        for refused in 0..transactions.len() {
            let mut rest = transactions.clone();
            let gone = rest.remove(refused);
            let want = chain.clone().send_all(&rest);
            for when in ["before", "after"] {
                let mut source = Source::of(&transactions);
                match when {
                    "before" => source.before.push(hash(&gone)),
                    _ => source.after.push(hash(&gone)),
                }
                let block = chain.clone().sequence(&mut source).expect("a block of the rest");
                assert_eq!(block.hash, want.hash, "refused {when} at {version}");
                assert_eq!(source.outcomes[refused], Err(Refusal::Sequencer));
            }
        }
    }
}

#[test]
fn a_block_of_refused_transactions_is_none() {
    let mut chain = Chain::devnet(61);
    let transactions = mixed(&mut chain);
    let mut source = Source::of(&transactions);
    source.after = transactions.iter().map(hash).collect();
    let (root, head) = (chain.root(), chain.inner().head_hash());
    assert!(chain.sequence(&mut source).is_none());
    assert_eq!((chain.root(), chain.inner().head_hash()), (root, head));
    assert_eq!(source.outcomes, [Err(Refusal::Sequencer); 4]);
}

#[test]
fn refusals_of_the_rules_tell_their_reason() {
    let mut chain = Chain::devnet(61);
    let alice = Account::numbered(1);
    let transfer = Draft::transfer(TARGET, 5);
    let poor = Account::numbered(1_000);
    let drafts = [
        (&alice, transfer.clone().nonce(7), Refusal::NonceTooHigh),
        (&alice, transfer.clone().gas(20_000), Refusal::IntrinsicGas),
        (&alice, transfer.clone().fee_cap(1), Refusal::FeeCapBelowBaseFee),
        (&poor, transfer.clone(), Refusal::InsufficientFunds),
    ];
    let mut signed: Vec<_> = drafts.iter().map(|(from, draft, _)| chain.signed(from, draft)).collect();
    signed.push(chain.signed(&alice, &transfer));
    let mut source = Source::of(&signed);
    let block = chain.clone().sequence(&mut source).expect("a block of the last one");
    let mut want: Vec<_> = drafts.iter().map(|(_, _, refusal)| Err(*refusal)).collect();
    want.push(Ok(()));
    assert_eq!(source.outcomes, want);
    assert_eq!(block.hash, chain.send_all(&signed[4..]).hash);
}

/// A chain with a ticket that sends value, and a transaction that redeems it.
fn with_redeem(version: u64) -> (Chain, B256, Bytes) {
    let mut chain = Chain::devnet(version);
    let submission = Submission { value: U256::from(11), ..Submission::without_attempt(TARGET, Vec::new()) };
    let (ticket, _) = chain.submit_retryable(&Account::numbered(6), &submission);
    let redeem = ArbRetryableTx::redeemCall { ticketId: ticket }.abi_encode();
    let signed = chain.signed(&Account::numbered(1), &Draft::call(at::ARB_RETRYABLE_TX, redeem).gas(1_000_000));
    (chain, ticket, signed)
}

fn tries(chain: &mut Chain, ticket: B256) -> u64 {
    chain.read(|state| state.retryables().at(ticket).num_tries().get())
}

#[test]
fn an_accepted_redeem_is_followed_by_its_attempt() {
    for version in [1, 11, 50, 61] {
        let (mut chain, _, redeem) = with_redeem(version);
        let later = chain.signed(&Account::numbered(2), &Draft::transfer(TARGET, 5));
        let transactions = [redeem, later];
        let mut source = Source::of(&transactions);
        let mut sequenced = chain.clone();
        let block = sequenced.sequence(&mut source).expect("a block");
        assert_eq!(block.hash, chain.send_all(&transactions).hash, "at {version}");
        let types: Vec<_> = block.transactions.iter().map(ArbTxEnvelope::tx_type).collect();
        assert_eq!(types, [0x6a, 2, 0x68, 2]);
        assert_eq!(sequenced.balance(TARGET), U256::from(16));
        assert!(source.seen.contains(&block.transactions[2].hash()), "the source sees the attempt");
    }
}

#[test]
fn refusing_a_scheduled_attempt_undoes_the_whole_group() {
    for version in [1, 11, 50, 61] {
        let (mut chain, ticket, redeem) = with_redeem(version);
        let first = chain.signed(&Account::numbered(2), &Draft::transfer(TARGET, 5));
        let last = chain.signed(&Account::numbered(3), &Draft::transfer(TARGET, 7));
        let mut source = Source::of(&[first.clone(), redeem, last.clone()]);
        source.refuses_attempts = true;
        let mut sequenced = chain.clone();
        let block = sequenced.sequence(&mut source).expect("a block of the others");
        assert_eq!(source.outcomes, [Ok(()), Err(Refusal::Sequencer), Ok(())]);
        assert_eq!(block.hash, chain.send_all(&[first, last]).hash, "at {version}");
        assert_eq!(tries(&mut sequenced, ticket), 0);
        assert_eq!(sequenced.balance(TARGET), U256::from(12));
    }
}

#[test]
fn a_refused_redeem_schedules_nothing() {
    let (mut chain, ticket, redeem) = with_redeem(61);
    let mut source = Source::of(std::slice::from_ref(&redeem));
    source.after.push(hash(&redeem));
    assert!(chain.sequence(&mut source).is_none());
    assert_eq!(source.seen, [hash(&redeem)], "the attempt never ran");
    assert_eq!(tries(&mut chain, ticket), 0);
}

#[test]
fn a_source_without_transactions_makes_no_block() {
    let mut chain = Chain::devnet(61);
    assert!(chain.sequence(&mut Source::default()).is_none());
    let replay = chain.message(chain.sequencer_header(), batch(&[]));
    assert_eq!(replay.receipts.len(), 1);
}
