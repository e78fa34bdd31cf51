//! What is remembered from block to block; forgetting it changes no result.

use crate::evm::{ledger::LedgerState, programs::CompiledPrograms};
use alloc::vec::Vec;
use alloy_primitives::{B256, map::B256Map};
use revm::{
    bytecode::Bytecode,
    context::{JournalEntry, journal::JournalInner},
};
use state::{ArbosVersion, KeyCache};

/// What is remembered from block to block.
#[derive(Debug, Clone, Default)]
pub struct Caches {
    /// Derived storage keys.
    pub keys: KeyCache,
    /// Compiled programs.
    pub programs: CompiledPrograms,
    /// Code with its jump targets.
    pub codes: KnownCodes,
    /// Maps and lists of the last block, emptied.
    pub emptied: Emptied,
}

/// Code with its jump targets, by hash: a contract that is called in many blocks is looked through once.
#[derive(Debug, Clone, Default)]
pub struct KnownCodes {
    codes: B256Map<Bytecode>,
    bytes: usize,
}

impl KnownCodes {
    /// Past this many bytes the cache starts again.
    const LIMIT: usize = 32 << 20;
    /// Bytes that an entry takes beside its code.
    const ENTRY: usize = 256;

    /// Code that is known.
    pub(super) fn get(&self, hash: &B256) -> Option<Bytecode> {
        self.codes.get(hash).cloned()
    }

    /// Remembers code.
    pub(super) fn insert(&mut self, hash: B256, code: &Bytecode) {
        if self.bytes >= Self::LIMIT {
            *self = Self::default();
        }
        if self.codes.insert(hash, code.clone()).is_none() {
            self.bytes += code.len() + Self::ENTRY;
        }
    }
}

/// Maps and lists of a block, emptied: the next one fills them again without making them grow.
#[derive(Debug, Clone, Default)]
pub struct Emptied {
    journal: Option<JournalInner<JournalEntry>>,
    /// The version whose precompiles the journal knows.
    precompiles: Option<ArbosVersion>,
    ledger: LedgerState,
    memory: Vec<u8>,
}

impl Emptied {
    /// A block with more entries than this leaves no room: emptying it would cost every block after it.
    pub(super) const LIMIT: usize = 1 << 12;
    /// Bytes of memory of contracts that are kept at most.
    const MEMORY: usize = 1 << 20;

    /// What a block leaves that ran last with the precompiles of this version.
    pub(super) fn left_by(journal: JournalInner<JournalEntry>, ledger: LedgerState, precompiles: ArbosVersion) -> Self {
        let journal = emptied(journal);
        let precompiles = journal.is_some().then_some(precompiles);
        Self { precompiles, journal, ledger: ledger.emptied(), memory: Vec::new() }
    }

    /// The same with the memory of contracts.
    pub(super) fn with_memory(self, mut memory: Vec<u8>) -> Self {
        memory.clear();
        if memory.capacity() > Self::MEMORY { self } else { Self { memory, ..self } }
    }

    /// Empty memory for contracts.
    pub(super) fn take_memory(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.memory)
    }

    /// An empty journal.
    pub(super) fn take_journal(&mut self) -> JournalInner<JournalEntry> {
        self.journal.take().unwrap_or_default()
    }

    /// The version whose precompiles the journal knows.
    pub(super) const fn precompiles(&self) -> Option<ArbosVersion> {
        self.precompiles
    }

    /// Notes the version whose precompiles the journal knows.
    pub(super) const fn know_precompiles(&mut self, version: ArbosVersion) {
        self.precompiles = Some(version);
    }

    /// Nothing that changed.
    pub(super) fn take_ledger(&mut self) -> LedgerState {
        core::mem::take(&mut self.ledger)
    }
}

/// A journal that is as good as new, but for the precompiles it knows.
fn emptied(mut journal: JournalInner<JournalEntry>) -> Option<JournalInner<JournalEntry>> {
    if journal.state.capacity().max(journal.journal.capacity()) > Emptied::LIMIT {
        return None;
    }
    let mut state = journal.finalize();
    state.clear();
    journal.state = state;
    Some(journal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evm::ArbPrecompiles;
    use alloy_primitives::Address;
    use revm::state::Account;

    #[test]
    fn an_emptied_journal_is_a_new_one_that_knows_the_precompiles() {
        let version = ArbosVersion::LATEST;
        let mut fresh = JournalInner::new();
        fresh.warm_addresses.set_precompile_addresses(ArbPrecompiles::new(version).addresses());
        let mut used = fresh.clone();
        used.state.insert(Address::ZERO, Account::default());
        used.journal.push(JournalEntry::NonceBump { address: Address::ZERO });
        used.warm_addresses.set_coinbase(Address::ZERO);
        used.transient_storage.insert(Default::default(), Default::default());
        used.transaction_id.increment();
        used.depth = 1;
        let mut emptied = Emptied::left_by(used, LedgerState::default(), version);
        assert_eq!(emptied.precompiles(), Some(version));
        assert_eq!(emptied.take_journal(), fresh);
    }

    #[test]
    fn a_large_block_leaves_no_room() {
        let mut used = JournalInner::<JournalEntry>::new();
        used.journal.reserve(2 * Emptied::LIMIT);
        let emptied = Emptied::left_by(used, LedgerState::default(), ArbosVersion::LATEST);
        assert!(emptied.journal.is_none() && emptied.precompiles().is_none());
    }
}
