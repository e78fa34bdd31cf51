//! Blocks whose messages another thread reads ahead are those of one message after the other, whatever the messages change on the way
//! (versions, compression levels) that was guessed.

use arbos::vectors::Production;
use std::{fs, path::Path, thread};

/// Chains on which guesses come true, and on which they do not.
const CHAINS: [&str; 6] = ["kinds-", "txs-", "retryables-", "upgrade-", "precompiles-upgrade-", "real-testnode-"];

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

fn compare() {
    let productions = productions();
    assert!(productions.len() > CHAINS.len());
    for (name, production) in productions {
        let mut one_by_one = production.chain().expect("a genesis");
        let blocks: Vec<_> = production.messages().iter().map(|message| one_by_one.produce(message)).collect();
        let mut blocks = blocks.into_iter();
        let mut ahead = production.chain().expect("a genesis");
        let made = ahead.produce_all(production.messages(), |block| {
            let expected = blocks.next().expect("a block a message").expect("a block");
            assert_eq!(block.hash, expected.hash, "{name}, block {}", expected.header.inner.number);
            assert_eq!(block.receipts, expected.receipts, "{name}");
            assert_eq!(block.changes, expected.changes, "{name}");
        });
        made.expect("all blocks");
        assert!(blocks.next().is_none(), "{name}");
        assert_eq!(ahead.head_hash(), one_by_one.head_hash(), "{name}");
    }
}

#[test]
fn blocks_are_the_same_whether_messages_are_read_ahead_or_not() {
    thread::Builder::new().stack_size(STACK).spawn(compare).expect("a thread").join().expect("no difference");
}
