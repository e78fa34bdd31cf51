//! Storage as a program sees it: a cache of its own in front of the state (`spec/stylus.md` 7.1).

use alloc::{collections::BTreeMap, vec::Vec};
use alloy_primitives::B256;

/// A slot in the cache.
#[derive(Debug, Clone, Copy)]
struct Word {
    value: B256,
    /// What the state holds, if that is known.
    known: Option<B256>,
}

/// Slots that a run read or wrote. What is not flushed is lost.
#[derive(Debug, Default)]
pub(super) struct StorageCache {
    words: BTreeMap<B256, Word>,
    reads: u32,
    writes: u32,
}

impl StorageCache {
    /// Gas of the next read.
    pub(super) const fn read_gas(&mut self) -> u64 {
        self.reads = self.reads.saturating_add(1);
        match self.reads {
            0..=32 => 0,
            33..=128 => 2,
            _ => 10,
        }
    }

    /// Gas of the next write.
    pub(super) const fn write_gas(&mut self) -> u64 {
        self.writes = self.writes.saturating_add(1);
        match self.writes {
            0..=8 => 0,
            9..=64 => 7,
            _ => 10,
        }
    }

    pub(super) fn get(&self, slot: &B256) -> Option<B256> {
        self.words.get(slot).map(|word| word.value)
    }

    /// Remembers what the state holds.
    pub(super) fn learn(&mut self, slot: B256, value: B256) {
        self.words.insert(slot, Word { value, known: Some(value) });
    }

    pub(super) fn set(&mut self, slot: B256, value: B256) {
        self.words.entry(slot).or_insert(Word { value, known: None }).value = value;
    }

    /// Slots that differ from the state as far as it is known; they count as written from now on.
    pub(super) fn flush(&mut self, clear: bool) -> Vec<(B256, B256)> {
        let mut changed = Vec::new();
        for (slot, word) in &mut self.words {
            if word.known != Some(word.value) {
                changed.push((*slot, word.value));
                word.known = Some(word.value);
            }
        }
        if clear {
            self.words.clear();
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_flushed() {
        let (mut cache, one, two) = (StorageCache::default(), B256::with_last_byte(1), B256::with_last_byte(2));
        cache.learn(one, B256::ZERO);
        cache.set(one, B256::ZERO);
        cache.set(two, B256::ZERO);
        assert_eq!(cache.flush(false), [(two, B256::ZERO)]);
        cache.set(one, two);
        assert_eq!(cache.flush(true), [(one, two)]);
        assert_eq!(cache.get(&one), None);
    }

    #[test]
    fn many_accesses_cost_more() {
        let mut cache = StorageCache::default();
        let reads: Vec<_> = (0..130).map(|_| cache.read_gas()).collect();
        assert_eq!((reads[31], reads[32], reads[127], reads[128]), (0, 2, 2, 10));
        let writes: Vec<_> = (0..70).map(|_| cache.write_gas()).collect();
        assert_eq!((writes[7], writes[8], writes[63], writes[64]), (0, 7, 7, 10));
    }
}
