//! `chain/1`: messages to blocks, from genesis. A file is one case and ends at the first block that differs.

use super::{Run, Wanted, place};
use crate::{
    Chain, Error, Genesis,
    message::{InitMessage, Message, MessageWithMetadata},
    vectors::{
        CaseReport, InputError,
        compare::{Comparison, Sealed},
        format::{
            Title,
            chain::{Start, Step},
        },
        input::VectorFile,
        names::SeenKeys,
    },
};
use ::state::world::Changes;
use std::path::Path;

pub(in crate::vectors) fn run(run: &mut Run<'_>) -> Result<(), InputError> {
    let file = run.file;
    let mut lines = file.lines();
    let Some(first) = lines.next() else { return Ok(()) };
    let start: Start = first.read()?;
    let mut case = CaseReport::new(&start.id);
    let ended = replay(run, &start, &mut case);
    run.finish(case);
    ended
}

fn replay(run: &mut Run<'_>, start: &Start, case: &mut CaseReport) -> Result<(), InputError> {
    let mut chain = match Chain::genesis(&start.genesis) {
        Ok(chain) => chain,
        Err(error) => {
            case.ends_with(place(0), "a genesis", &error);
            return Ok(());
        }
    };
    let mut seen = SeenKeys::default();
    start.genesis.alloc.iter().for_each(|(address, _)| seen.address(*address));
    if !check_genesis(run, start, &mut chain, case) {
        return Ok(());
    }
    for (index, line) in run.file.lines().enumerate().skip(1) {
        let next = chain.head().inner.number + 1;
        if run.options.stop_at.is_some_and(|last| next > last) {
            break;
        }
        let step: Step = line.read()?;
        let block = match chain.produce(&step.message) {
            Ok(block) => block,
            Err(error) => {
                case.ends_with(place(next), "a block", &error);
                break;
            }
        };
        case.work += block.work();
        seen.block(&block);
        run.dump(&block.as_sealed());
        let want = Wanted { expected: &step.expected, derived: step.derived.as_ref() };
        if !case.check(&want, &block.as_sealed(), chain.world_mut(), &seen) {
            break;
        }
        (run.progress)(index + 1);
    }
    Ok(())
}

fn check_genesis(run: &mut Run<'_>, start: &Start, chain: &mut Chain, case: &mut CaseReport) -> bool {
    if let Some(message) = &start.message {
        let mut comparison = Comparison::at("init.message");
        comparison.init(&message.message, &start.genesis);
        if !case.judge(comparison) {
            return false;
        }
    }
    let (header, changes) = (chain.head().clone(), Changes::default());
    let block = Sealed { header: &header, hash: chain.head_hash(), receipts: &[], changes: &changes };
    run.dump(&block);
    let want = Wanted { expected: &start.expected, derived: start.derived.as_ref() };
    case.check(&want, &block, chain.world_mut(), &SeenKeys::default())
}

impl Comparison {
    /// Compares the message that began a chain with what the chain began with.
    fn init(&mut self, message: &Message, genesis: &Genesis) {
        match InitMessage::parse(&message.l2_msg) {
            Ok(init) => {
                self.field("initialL1BaseFee", Some(&genesis.initial_l1_base_fee), &init.initial_l1_base_fee);
                self.bytes("chainConfig", &genesis.config.text, &init.chain_config);
            }
            Err(error) => self.differs("l2Msg", "a first message".into(), error.to_string()),
        }
    }
}

/// A chain file in memory, to be produced again and again.
#[derive(Debug, Clone)]
pub struct Production {
    genesis: Genesis,
    messages: Vec<MessageWithMetadata>,
}

impl Production {
    /// Reads a chain file, up to a block; none if the file holds no chain.
    ///
    /// # Errors
    /// Input that is not what it must be.
    pub fn read(path: &Path, stop_at: Option<u64>) -> Result<Option<Self>, InputError> {
        let file = VectorFile::read(path)?;
        let mut lines = file.lines();
        let Some(first) = lines.next() else { return Ok(None) };
        if first.read::<Title>()?.format != "chain/1" {
            return Ok(None);
        }
        let start: Start = first.read()?;
        let blocks = stop_at.map_or(usize::MAX, |last| {
            let blocks = last.saturating_sub(start.genesis.config.genesis_block_number);
            usize::try_from(blocks).unwrap_or(usize::MAX)
        });
        let steps = lines.take(blocks).map(|line| line.read::<Step>());
        let messages = steps.map(|step| step.map(|step| step.message)).collect::<Result<_, _>>()?;
        Ok(Some(Self { genesis: start.genesis, messages }))
    }

    /// The chain at its genesis.
    ///
    /// # Errors
    /// As [`Chain::genesis`].
    pub fn chain(&self) -> Result<Chain, Error> {
        Chain::genesis(&self.genesis)
    }

    /// All messages, in order.
    #[must_use]
    pub fn messages(&self) -> &[MessageWithMetadata] {
        &self.messages
    }
}
