//! `partial/1`: one real block over what was recorded of the state. Each line is a case.
//!
//! The message goes through the block producer, which must make the recorded transactions. A case without a message runs its
//! transactions one by one. The state root cannot be checked.

use super::{Run, Wanted, place, recorded::RecordedWorld};
use crate::{
    Block, Error,
    block::{ArbHeader, HeaderInfo, Parent, header::HeaderParts, produce},
    config::ChainConfig,
    evm::{ArbEvm, ArbPrecompiles, BlockRun, Caches, CodeLimits},
    process::{self, Executed, Incoming, PosterCost},
    receipt::ArbReceipt,
    tx::ArbTxEnvelope,
    vectors::{
        CaseReport, InputError, Verdict,
        compare::Comparison,
        format::partial::{BlockFacts, Case},
        names::SeenKeys,
    },
};
use ::precompiles::host::BlockFacts as Facts;
use ::state::{
    ArbosVersion,
    world::{Changes, World},
};
use alloy_primitives::{B256, Bloom, U256};

pub(in crate::vectors) fn run(run: &mut Run<'_>) -> Result<(), InputError> {
    for (index, line) in run.file.lines().enumerate() {
        let case: Case = line.read()?;
        let mut report = CaseReport::new(&case.id);
        replay(run, &case, &mut report);
        run.finish(report);
        (run.progress)(index + 1);
    }
    Ok(())
}

fn replay(run: &mut Run<'_>, case: &Case, report: &mut CaseReport) {
    let mut world = RecordedWorld::new(&case.prestate);
    let place = place(case.block.number);
    for tx in case.transactions.iter().filter_map(|listed| ArbTxEnvelope::decode(&listed.raw).ok()) {
        if let ArbTxEnvelope::SubmitRetryable(submission) = &tx {
            world.expect_ticket(tx.hash(), &submission.retry_data);
        }
    }
    let made = make(case, &mut world);
    report.assumed = world.assumed().map(|assumed| assumed.to_string()).collect();
    let block = match made {
        Ok(block) => block,
        Err(error) => {
            report.ends_with(place, "a block", &error);
            if let (Verdict::Failed(differences), Some(missing)) = (&mut report.verdict, world.unrecorded()) {
                differences.iter_mut().for_each(|difference| difference.got = missing.to_string());
            }
            return;
        }
    };
    report.work = block.work();
    run.dump(&block.as_sealed());
    let mut comparison = Comparison::at(place);
    comparison.made(case, &block);
    let mut seen = SeenKeys::default();
    seen.block(&block);
    if report.judge(comparison) {
        let want = Wanted { expected: &case.expected, derived: None };
        report.check(&want, &block.as_sealed(), &mut world, &seen);
    }
}

/// Makes the block, by its message if that is known.
fn make(case: &Case, world: &mut RecordedWorld) -> Result<Block, Error> {
    let version = case.arbos_version.map_or(ArbosVersion::FIRST, ArbosVersion::new);
    // The configuration was not recorded; what blocks need of it beside the chain id has its usual value.
    let text =
        format!(r#"{{"chainId":{},"arbitrum":{{"EnableArbOS":true,"InitialArbOSVersion":{version}}}}}"#, case.chain_id);
    let config = ChainConfig::parse(text.as_bytes())?;
    let Some(message) = &case.message else { return one_by_one(case, &config, world) };
    let number = case.block.number.saturating_sub(1);
    let known = case.prestate.block_hashes.iter().find(|(known, _)| *known == number);
    let hash = known.map_or(B256::ZERO, |(_, hash)| *hash);
    let header = header(&case.block, number, case.block.parent_timestamp.unwrap_or(case.block.timestamp), version);
    produce(world, &Parent { config: &config, header: &header, hash }, message, &mut Caches::default())
}

/// A header of which only what was recorded is true.
fn header(block: &BlockFacts, number: u64, timestamp: u64, version: ArbosVersion) -> ArbHeader {
    HeaderParts {
        parent_hash: B256::ZERO,
        number,
        timestamp,
        coinbase: block.coinbase,
        base_fee: block.base_fee,
        delayed_messages_read: 0,
        state_root: B256::ZERO,
        transactions_root: B256::ZERO,
        receipts_root: B256::ZERO,
        logs_bloom: Bloom::ZERO,
        gas_used: 0,
        info: HeaderInfo { version, l1_block_number: block.l1_block_number, ..HeaderInfo::default() },
    }
    .into()
}

/// Runs the transactions without a block around them. What signed ones pay for their data is not known without it.
fn one_by_one(case: &Case, config: &ChainConfig, world: &mut RecordedWorld) -> Result<Block, Error> {
    let block = &case.block;
    let header = header(block, block.number, block.timestamp, config.initial_version);
    let mut made =
        Block { hash: header.hash(), header, transactions: vec![], receipts: vec![], changes: Changes::default() };
    let mut evm = evm(block, config, world);
    for listed in &case.transactions {
        let tx = ArbTxEnvelope::decode(&listed.raw).map_err(|_| Error::State("a transaction that does not decode"))?;
        if tx.has_poster_cost() {
            return Err(Error::NotBuilt("signed transactions without their block"));
        }
        let incoming = Incoming::new(&tx, listed.from, PosterCost::default());
        let executed =
            process::transact(&mut evm, &incoming)?.map_err(|_| Error::State("a transaction that is refused"))?;
        evm.ledger().end_transaction();
        made.receipts.push(receipt(&incoming, executed, block.base_fee));
        made.transactions.push(tx);
    }
    made.changes = evm.ledger().changes();
    drop(evm);
    world.commit(&made.changes)?;
    Ok(made)
}

fn evm<'w>(block: &BlockFacts, config: &ChainConfig, world: &'w mut RecordedWorld) -> ArbEvm<'w> {
    let facts = Facts {
        number: block.number,
        timestamp: block.timestamp,
        l1_block_number: block.l1_block_number,
        base_fee: block.base_fee,
        coinbase: block.coinbase,
        chain_id: config.chain_id,
        header_version: config.initial_version,
        allow_debug: config.allow_debug_precompiles,
        max_code_size: config.max_code_size,
        on_chain: true,
    };
    let run = BlockRun::new(facts, Caches::default());
    ArbEvm::new(world, run, ArbPrecompiles::new(config.initial_version), CodeLimits::of(config))
}

/// A receipt as far as a transaction alone decides it.
fn receipt(incoming: &Incoming<'_>, executed: Executed, price: U256) -> ArbReceipt {
    ArbReceipt { cumulative_gas_used: 0, ..ArbReceipt::of(incoming, executed, 0, price) }
}

impl Comparison {
    /// Compares the recorded transactions with what their bytes say, and with those that were made.
    fn made(&mut self, case: &Case, block: &Block) {
        self.items("transactions", &case.transactions, &block.transactions, |here, want, got| {
            match ArbTxEnvelope::decode(&want.raw) {
                Ok(tx) => here.field("hash", Some(&want.hash), &tx.hash()),
                Err(error) => here.differs("raw", "a transaction".into(), error.to_string()),
            }
            here.field("hash", Some(&want.hash), &got.hash());
            here.bytes("raw", &want.raw, &got.encoded());
        });
        let (want, got) = (&case.block, &block.header);
        self.field("timestamp", Some(&want.timestamp), &got.inner.timestamp);
        self.field("coinbase", Some(&want.coinbase), &got.inner.beneficiary);
        self.field("baseFee", Some(&want.base_fee), &got.base_fee.unwrap_or_default());
        self.field("gasLimit", Some(&want.gas_limit), &got.inner.gas_limit);
        self.field("l1BlockNumber", Some(&want.l1_block_number), &HeaderInfo::of(got).l1_block_number);
    }
}
