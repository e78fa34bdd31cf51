//! Programs that ran lately in the block: from ArbOS 60 on a call of one of them costs what a cached one does.

use alloc::vec::Vec;
use alloy_primitives::B256;

/// Code hashes, the latest last. Stays when a call that entered it is undone.
#[derive(Debug, Clone, Default)]
pub struct RecentPrograms {
    /// Fixed by the first call of the block.
    capacity: Option<usize>,
    programs: Vec<B256>,
}

impl RecentPrograms {
    /// Notes a call and says whether the program was there.
    pub fn insert(&mut self, code_hash: B256, capacity: u16) -> bool {
        let capacity = *self.capacity.get_or_insert(usize::from(capacity).max(1));
        let known = self.programs.iter().position(|program| *program == code_hash);
        if let Some(place) = known {
            self.programs.remove(place);
        } else if self.programs.len() == capacity {
            self.programs.remove(0);
        }
        self.programs.push(code_hash);
        known.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_called_longest_ago_goes_first() {
        let [one, two, three] = [1, 2, 3].map(B256::with_last_byte);
        let mut recent = RecentPrograms::default();
        assert!(!recent.insert(one, 2) && !recent.insert(two, 9));
        assert!(recent.insert(one, 2));
        assert!(!recent.insert(three, 2));
        assert!(!recent.insert(two, 2));
        assert!(recent.insert(three, 2));
    }
}
