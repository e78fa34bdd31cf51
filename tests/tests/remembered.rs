//! Blocks are the same whether or not anything is remembered from one to the next, or read and guessed ahead on another thread.

use arbos::{
    Block, Chain,
    block::{self, Parent},
    evm::Caches,
    message::MessageWithMetadata,
    vectors::Production,
};
use std::{fs, path::Path, thread};

/// Chains on which guesses come true, and on which messages change versions and levels of compression on the way.
const CHAINS: [&str; 7] =
    ["kinds-", "txs-", "retryables-", "upgrade-", "precompiles-upgrade-", "real-testnode-", "stylus-calls-v51"];

/// Stack of a thread that makes blocks: calls may be 1,024 deep, and here nothing is inlined.
const STACK: usize = 512 << 20;

fn productions() -> Vec<(String, Production)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/chain");
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file"));
    let chains = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().expect("a name");
        let wanted = CHAINS.iter().any(|prefix| name.starts_with(prefix));
        let production = wanted.then(|| Production::read(&entry.path(), None).expect("a chain file"))?;
        Some((name, production?))
    });
    chains.collect()
}

/// A block that is made from nothing but the state.
fn forgetting(chain: &mut Chain, parent: Option<&Block>, message: &MessageWithMetadata) -> Block {
    let (header, hash) =
        parent.map_or_else(|| (chain.head().clone(), chain.head_hash()), |block| (block.header.clone(), block.hash));
    let config = chain.config().clone();
    let parent = Parent { config: &config, header: &header, hash };
    let block = block::produce(chain.world_mut(), &parent, message, &mut Caches::default()).expect("a block");
    chain.world_mut().push_block_hash(block.header.inner.number, block.hash);
    block
}

fn compare() {
    let productions = productions();
    assert!(productions.len() > CHAINS.len());
    for (name, production) in productions {
        let (mut forgetful, mut last) = (production.chain().expect("a genesis"), None);
        let mut messages = production.messages().iter();
        let mut remembering = production.chain().expect("a genesis");
        let made = remembering.produce_all(production.messages(), |block| {
            let expected = forgetting(&mut forgetful, last.as_ref(), messages.next().expect("a message"));
            assert_eq!(block.hash, expected.hash, "{name}, block {}", expected.header.inner.number);
            assert_eq!(block.receipts, expected.receipts, "{name}");
            assert_eq!(block.changes, expected.changes, "{name}");
            last = Some(expected);
        });
        made.expect("all blocks");
        assert!(messages.next().is_none(), "{name}");
    }
}

#[test]
fn what_is_remembered_and_guessed_changes_no_block() {
    thread::Builder::new().stack_size(STACK).spawn(compare).expect("a thread").join().expect("no difference");
}
