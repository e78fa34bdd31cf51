//! Blocks are the same whether or not anything is remembered from one to the next, or guessed and prepared ahead.

use alloy_primitives::B256;
use arbos::{
    Block,
    block::{self, Parent},
    evm::Caches,
    vectors::Production,
};
use std::path::Path;

/// A chain of the vectors that has contracts, programs, tickets or changes of version.
fn production(name: &str) -> Production {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/chain").join(format!("{name}.jsonl.zst"));
    Production::read(&path, None).expect("a file").expect("a chain")
}

/// Hashes of blocks that are made as a chain makes them.
fn remembering(production: &Production) -> Vec<B256> {
    let mut hashes = Vec::new();
    let mut chain = production.chain().expect("a chain");
    chain.produce_all(production.messages(), |block: Block| hashes.push(block.hash)).expect("blocks");
    hashes
}

/// Hashes of blocks that are each made from nothing but the state.
fn forgetting(production: &Production) -> Vec<B256> {
    let mut chain = production.chain().expect("a chain");
    let (mut header, mut hash) = (chain.head().clone(), chain.head_hash());
    let config = chain.config().clone();
    let world = chain.world_mut();
    let mut hashes = Vec::new();
    for message in production.messages() {
        let parent = Parent { config: &config, header: &header, hash };
        let block = block::produce(world, &parent, message, &mut Caches::default()).expect("a block");
        world.push_block_hash(block.header.inner.number, block.hash);
        (header, hash) = (block.header, block.hash);
        hashes.push(hash);
    }
    hashes
}

#[test]
fn what_is_remembered_and_guessed_changes_no_block() {
    for name in ["kinds-v40", "txs-v60", "retryables-v51", "upgrade-v31", "stylus-calls-v51"] {
        let production = production(name);
        let hashes = remembering(&production);
        assert!(!hashes.is_empty() && hashes == forgetting(&production), "{name}");
    }
}
