//! The loop that makes a block (`spec/execution.md` 6).
//!
//! [`produce`] replays a message; [`sequence`] takes transactions from a source that may refuse them. Both run the same
//! builder, so the same transactions make the same block.

mod build;
pub mod candidate;
pub mod header;
pub mod hooks;
mod seal;
mod start;

pub use candidate::{Candidate, Circumstances, Prepared};
pub use header::{ArbHeader, HeaderInfo};
pub use hooks::{Role, Sequencing, Verdict};
pub use start::Moment;

use crate::{
    config::ChainConfig,
    error::Error,
    evm::Caches,
    message::{MessageHeader, MessageWithMetadata},
    phase::Phase,
    receipt::ArbReceipt,
    tx::ArbTxEnvelope,
};
use ::state::world::{Changes, World};
use alloc::vec::Vec;
use alloy_primitives::B256;
use build::Builder;
use hooks::Replay;

/// The block a new one is built on, and the chain it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Parent<'a> {
    /// Configuration of the chain.
    pub config: &'a ChainConfig,
    /// Header of the block.
    pub header: &'a ArbHeader,
    /// Its hash.
    pub hash: B256,
}

/// A sealed block.
#[derive(Debug, Clone)]
pub struct Block {
    /// Header.
    pub header: ArbHeader,
    /// Hash of the header.
    pub hash: B256,
    /// Transactions in order, the start of the block first.
    pub transactions: Vec<ArbTxEnvelope>,
    /// A receipt for each.
    pub receipts: Vec<ArbReceipt>,
    /// What the block changed.
    pub changes: Changes,
}

/// Makes the block of a message and commits it to the world.
///
/// # Errors
/// A failing world, or a rule under which no block may follow. The world is as it was then.
pub fn produce(
    world: &mut dyn World,
    parent: &Parent<'_>,
    message: &MessageWithMetadata,
    caches: &mut Caches,
) -> Result<Block, Error> {
    let mut builder = open(world, parent, &message.message.header, caches)?;
    let prepared = Prepared::new(message, &builder.circumstances()?);
    replay(&mut builder, prepared)?;
    finish(builder, parent, message.delayed_messages_read, caches)
}

/// The same for a message that was prepared ahead.
///
/// # Errors
/// See [`produce`].
pub fn produce_prepared(
    world: &mut dyn World,
    parent: &Parent<'_>,
    prepared: Prepared<'_>,
    caches: &mut Caches,
) -> Result<Block, Error> {
    let message = prepared.message;
    let mut builder = open(world, parent, &message.message.header, caches)?;
    replay(&mut builder, prepared)?;
    finish(builder, parent, message.delayed_messages_read, caches)
}

fn open<'w>(
    world: &'w mut dyn World,
    parent: &Parent<'_>,
    header: &MessageHeader,
    caches: &mut Caches,
) -> Result<Builder<'w>, Error> {
    Phase::Start.run(|| Builder::new(world, parent, header, core::mem::take(caches)))
}

fn replay(builder: &mut Builder<'_>, mut prepared: Prepared<'_>) -> Result<(), Error> {
    let circumstances = builder.circumstances()?;
    builder.guessed_start = prepared.start.take();
    let candidates = prepared.into_candidates(&circumstances);
    builder.expect(candidates.len());
    builder.run(&mut Replay::new(candidates))
}

/// Makes a block of what a source offers and commits it to the world. None if nothing was included.
///
/// # Errors
/// See [`produce`].
pub fn sequence(
    world: &mut dyn World,
    parent: &Parent<'_>,
    header: &MessageHeader,
    source: &mut dyn Sequencing,
    caches: &mut Caches,
) -> Result<Option<Block>, Error> {
    let mut builder = open(world, parent, header, caches)?;
    builder.run(source)?;
    if !builder.has_user_transactions() {
        *caches = builder.into_caches();
        return Ok(None);
    }
    finish(builder, parent, parent.header.delayed_messages_read(), caches).map(Some)
}

/// Ends a block: commits its changes and completes its header with the state root.
fn finish(
    builder: Builder<'_>,
    parent: &Parent<'_>,
    delayed_messages_read: u64,
    caches: &mut Caches,
) -> Result<Block, Error> {
    let (unsealed, world) = Phase::Seal.run(|| builder.seal(parent, delayed_messages_read, caches))?;
    let root = Phase::Root.run(|| world.commit(&unsealed.changes))?;
    Ok(Phase::Seal.run(|| unsealed.sealed(root)))
}
