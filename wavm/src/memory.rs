//! Linear memory with a tree below it (`spec/wavm.md` 2).
//!
//! A store costs two bits: the leaf it touched and the page that leaf is in. When the memory is hashed, the touched leaves are hashed
//! and the nodes above them. The tree is cut at the pages: a page has a tree of its own once it was touched, so that a large memory
//! costs nothing where it is still zero, and nothing at all before it is hashed for the first time.

use crate::merkle::{MerkleProof, MerkleTree, MerkleType};
use alloc::{boxed::Box, vec::Vec};
use alloy_primitives::{B256, keccak256};
#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// Bytes of a page.
pub const PAGE_SIZE: usize = 1 << 16;
/// Bytes of a leaf.
pub const LEAF_SIZE: usize = 32;
/// Most pages a memory can have: what 32-bit addresses reach.
pub const PAGE_LIMIT: u64 = 1 << 16;

/// Levels between the leaves of a page and its root.
const PAGE_DEPTH: usize = 11;
const LEAVES_A_PAGE: usize = 1 << PAGE_DEPTH;
const WORDS_A_PAGE: usize = LEAVES_A_PAGE / 64;
/// Leaves that are worth more than one thread.
#[cfg(feature = "parallel")]
const WORTH_THREADS: usize = 512;

/// Linear memory.
#[derive(Debug, Clone)]
pub struct Memory {
    bytes: Vec<u8>,
    max_pages: u64,
    touched: Touched,
    tree: Tree,
    /// Hash of the memory, unless something was touched since it was made.
    hash: Option<B256>,
}

/// What was written since the tree was last brought up to date.
#[derive(Debug, Clone, Default)]
struct Touched {
    /// One bit a leaf.
    leaves: Vec<u64>,
    /// One bit a page.
    pages: Vec<u64>,
}

/// The tree, cut at the roots of pages.
#[derive(Debug, Clone)]
struct Tree {
    /// A page that was never touched is zero.
    pages: Vec<Option<Box<MerkleTree>>>,
    top: MerkleTree,
    /// Pages whose root in the top may be old.
    stale: Vec<usize>,
}

impl Memory {
    /// A memory of zeros; both numbers of pages are cut to [`PAGE_LIMIT`].
    #[must_use]
    pub fn new(pages: u64, max_pages: u64) -> Self {
        let mut memory = Self {
            bytes: Vec::new(),
            max_pages: PAGE_LIMIT,
            touched: Touched::default(),
            tree: Tree::new(),
            hash: None,
        };
        memory.grow(pages.min(PAGE_LIMIT));
        memory.max_pages = max_pages.min(PAGE_LIMIT);
        memory
    }

    /// Its contents.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Size in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Size in pages.
    #[must_use]
    pub const fn pages(&self) -> u64 {
        (self.bytes.len() / PAGE_SIZE) as u64
    }

    /// Most pages it may grow to.
    #[must_use]
    pub const fn max_pages(&self) -> u64 {
        self.max_pages
    }

    /// Adds pages and returns how many there were; does nothing if there would be too many.
    pub fn grow(&mut self, pages: u64) -> Option<u64> {
        let old = self.pages();
        let new = old.checked_add(pages).filter(|new| *new <= self.max_pages)?;
        let size = usize::try_from(new).ok()?.checked_mul(PAGE_SIZE)?;
        if size / 2 > self.bytes.len() {
            // Fresh zeros cost nothing until they are touched; copying the smaller part is paid for by the growth.
            let mut bytes = alloc::vec![0; size];
            bytes[..self.bytes.len()].copy_from_slice(&self.bytes);
            self.bytes = bytes;
        } else {
            self.bytes.resize(size, 0);
        }
        self.touched.resize(size / PAGE_SIZE);
        self.hash = None;
        Some(old)
    }

    /// The `N` bytes at an address; none if they are not all inside.
    #[inline(always)]
    #[must_use]
    pub fn load<const N: usize>(&self, address: u64) -> Option<[u8; N]> {
        let start = usize::try_from(address).ok()?;
        self.bytes.get(start..)?.first_chunk().copied()
    }

    /// Writes `N` bytes at an address; none if they are not all inside.
    #[inline(always)]
    #[must_use]
    pub fn store<const N: usize>(&mut self, address: u64, bytes: [u8; N]) -> Option<()> {
        let start = usize::try_from(address).ok()?;
        *self.bytes.get_mut(start..)?.first_chunk_mut()? = bytes;
        let (first, last) = (start / LEAF_SIZE, (start + N - 1) / LEAF_SIZE);
        self.touched.mark(first);
        if first != last {
            self.touched.mark(last);
        }
        Some(())
    }

    /// Writes any number of bytes; none if they are not all inside.
    #[must_use]
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Option<()> {
        let start = usize::try_from(address).ok()?;
        self.bytes.get_mut(start..start.checked_add(bytes.len())?)?.copy_from_slice(bytes);
        if !bytes.is_empty() {
            (start / LEAF_SIZE..=(start + bytes.len() - 1) / LEAF_SIZE).for_each(|leaf| self.touched.mark(leaf));
        }
        Some(())
    }

    /// The leaf with this index; none if it is not inside.
    #[must_use]
    pub fn leaf(&self, index: usize) -> Option<[u8; LEAF_SIZE]> {
        self.load(index.checked_mul(LEAF_SIZE)? as u64)
    }

    /// Whether the hash may have changed since it was last asked for.
    #[must_use]
    pub fn is_touched(&self) -> bool {
        self.hash.is_none() || self.touched.pages.iter().any(|word| *word != 0)
    }

    /// Root of the tree.
    pub fn root(&mut self) -> B256 {
        self.refresh();
        self.tree.top.root()
    }

    /// Hash of size, limit and root.
    pub fn hash(&mut self) -> B256 {
        self.refresh();
        if let Some(hash) = self.hash {
            return hash;
        }
        let hash = hash_of(self.size(), self.max_pages, self.tree.top.root());
        self.hash = Some(hash);
        hash
    }

    /// Siblings of a leaf from the leaf upward; none if it is not inside.
    pub fn proof(&mut self, leaf: usize) -> Option<MerkleProof> {
        self.leaf(leaf)?;
        self.refresh();
        let page = leaf / LEAVES_A_PAGE;
        let mut proof = self.tree.page(page).padding_proof(leaf % LEAVES_A_PAGE)?;
        proof.0.extend(self.tree.top.padding_proof(page)?.0);
        Some(proof)
    }

    /// Siblings of the leaf after `changed` as they would be if `changed` held these bytes; none if that leaf is not inside.
    pub fn proof_after(&mut self, changed: usize, bytes: &[u8; LEAF_SIZE]) -> Option<MerkleProof> {
        let mut proof = self.proof(changed + 1)?;
        let beside = self.proof(changed)?;
        let (mut node, mut index) = (leaf_hash(bytes), changed);
        for (sibling, above) in proof.0.iter_mut().zip(beside.0) {
            if index & 1 == 0 {
                *sibling = node;
                break;
            }
            node = MerkleType::Memory.node(&above, &node);
            index >>= 1;
        }
        Some(proof)
    }

    fn refresh(&mut self) {
        let mut leaves = Vec::new();
        self.touched.drain(|leaf| leaves.push(leaf));
        if !leaves.is_empty() {
            self.hash = None;
        }
        for (leaf, hash) in leaves.iter().zip(self.leaf_hashes(&leaves)) {
            self.tree.set(*leaf, hash);
        }
        self.tree.lift();
    }

    fn leaf_hashes(&self, leaves: &[usize]) -> Vec<B256> {
        let hash = |leaf: &usize| self.leaf(*leaf).as_ref().map_or(B256::ZERO, leaf_hash);
        #[cfg(feature = "parallel")]
        if leaves.len() >= WORTH_THREADS {
            return leaves.par_iter().map(hash).collect();
        }
        leaves.iter().map(hash).collect()
    }
}

impl Touched {
    fn resize(&mut self, pages: usize) {
        self.leaves.resize(pages * WORDS_A_PAGE, 0);
        self.pages.resize(pages.div_ceil(64), 0);
    }

    #[inline(always)]
    fn mark(&mut self, leaf: usize) {
        let page = leaf / LEAVES_A_PAGE;
        self.leaves[leaf / 64] |= 1 << (leaf % 64);
        self.pages[page / 64] |= 1 << (page % 64);
    }

    /// Calls `each` with every marked leaf in ascending order, and forgets them.
    fn drain(&mut self, mut each: impl FnMut(usize)) {
        for (index, pages) in self.pages.iter_mut().enumerate() {
            for page in bits(core::mem::take(pages)) {
                let first = (index * 64 + page) * WORDS_A_PAGE;
                for (index, leaves) in self.leaves[first..first + WORDS_A_PAGE].iter_mut().enumerate() {
                    bits(core::mem::take(leaves)).for_each(|leaf| each((first + index) * 64 + leaf));
                }
            }
        }
    }
}

/// Indexes of the bits that are set.
fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let bit = (word != 0).then_some(word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(bit)
    })
}

impl Tree {
    fn new() -> Self {
        let top = MerkleTree::section(MerkleType::Memory, PAGE_DEPTH, MerkleType::MEMORY_DEPTH - PAGE_DEPTH);
        Self { pages: Vec::new(), top, stale: Vec::new() }
    }

    fn page(&mut self, page: usize) -> &mut MerkleTree {
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, || None);
        }
        self.pages[page].get_or_insert_with(|| Box::new(MerkleTree::section(MerkleType::Memory, 0, PAGE_DEPTH)))
    }

    fn set(&mut self, leaf: usize, hash: B256) {
        let index = leaf / LEAVES_A_PAGE;
        let page = self.page(index);
        page.extend_to(leaf % LEAVES_A_PAGE + 1);
        page.set(leaf % LEAVES_A_PAGE, hash);
        if self.stale.last() != Some(&index) {
            self.stale.push(index);
        }
    }

    /// Brings the roots of pages into the top.
    fn lift(&mut self) {
        self.top.extend_to(self.pages.len());
        let stale = core::mem::take(&mut self.stale);
        #[cfg(feature = "parallel")]
        if stale.len() > 1 {
            // A page remembers its root.
            self.pages.par_iter_mut().flatten().for_each(|page| _ = page.root());
        }
        for index in stale {
            let root = self.page(index).root();
            self.top.set(index, root);
        }
    }
}

/// Hash of a leaf.
#[must_use]
pub fn leaf_hash(bytes: &[u8; LEAF_SIZE]) -> B256 {
    const PREFIX: &[u8; 12] = b"Memory leaf:";
    if *bytes == [0; LEAF_SIZE] {
        return MerkleType::Memory.empty(0);
    }
    let mut preimage = [0; PREFIX.len() + LEAF_SIZE];
    preimage[..PREFIX.len()].copy_from_slice(PREFIX);
    preimage[PREFIX.len()..].copy_from_slice(bytes);
    keccak256(preimage)
}

/// Hash of a memory from its size in bytes, its limit in pages and the root of its tree.
#[must_use]
pub fn hash_of(size: u64, max_pages: u64, root: B256) -> B256 {
    let mut preimage = [0; 55];
    preimage[..7].copy_from_slice(b"Memory:");
    preimage[7..15].copy_from_slice(&size.to_be_bytes());
    preimage[15..23].copy_from_slice(&max_pages.to_be_bytes());
    preimage[23..].copy_from_slice(root.as_slice());
    keccak256(preimage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::root_of;
    use alloy_primitives::b256;
    use proptest::prelude::*;

    fn slow_root(memory: &Memory) -> B256 {
        root_of(MerkleType::Memory, memory.bytes().as_chunks().0.iter().map(leaf_hash).collect())
    }

    #[test]
    fn known_hashes() {
        let page = b256!("56b1c03cd97bdd99764fe57ad230bb682854703f895636023876489ef2e14150");
        let none = b256!("7a8a903dfdc7fda04667981580843bbb2fbd587c27f26f6df670c94d9c9f240e");
        assert_eq!(Memory::new(1, 1).hash(), page);
        assert_eq!(Memory::new(0, 0).hash(), none);
    }

    #[test]
    fn access_ends_with_the_last_page() {
        let mut memory = Memory::new(1, 1);
        assert_eq!(memory.store(65_532, [1, 2, 3, 4]), Some(()));
        assert_eq!(memory.load(65_532), Some([1, 2, 3, 4]));
        assert_eq!(memory.load::<4>(65_533), None);
        assert_eq!(memory.store(u64::MAX, [1]), None);
        assert_eq!(memory.write(65_535, &[1, 2]), None);
    }

    #[test]
    fn growth_stops_at_the_limit() {
        let mut memory = Memory::new(1, 3);
        assert_eq!(memory.grow(2), Some(1));
        assert_eq!(memory.grow(1), None);
        assert_eq!(memory.grow(u64::MAX), None);
        assert_eq!((memory.pages(), memory.size()), (3, 3 << 16));
    }

    #[test]
    fn a_proof_after_a_store_is_the_proof_of_the_changed_memory() {
        let mut memory = Memory::new(2, 2);
        assert_eq!(memory.write(40, &[7; 500]), Some(()));
        for leaf in [0, 1, 2, 3, 7, 2046, 2047, 2048] {
            let foreseen = memory.proof_after(leaf, &[9; 32]);
            let mut changed = memory.clone();
            assert_eq!(changed.store((leaf * 32) as u64, [9; 32]), Some(()));
            assert_eq!(foreseen, changed.proof(leaf + 1), "{leaf}");
        }
        assert_eq!(memory.proof_after(4095, &[9; 32]), None);
        assert_eq!(memory.proof(4096), None);
    }

    #[test]
    fn many_touched_leaves_are_hashed_as_few() {
        let mut memory = Memory::new(3, 3);
        assert_eq!(memory.write(5, &[1; 150_000]), Some(()));
        assert_eq!(memory.root(), slow_root(&memory));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn an_updated_root_equals_a_new_one(
            writes in proptest::collection::vec((0u64..200_000, any::<[u8; 8]>(), any::<bool>()), 1..40),
        ) {
            let mut memory = Memory::new(1, 3);
            for (address, bytes, hash) in writes {
                if memory.store(address, bytes).is_none() {
                    memory.grow(1);
                }
                if hash {
                    prop_assert_eq!(memory.root(), slow_root(&memory));
                    prop_assert!(memory.leaf(0).is_some());
                }
            }
            let root = slow_root(&memory);
            prop_assert_eq!(memory.root(), root);
            for leaf in [0, 31, 2047] {
                let hash = leaf_hash(&memory.leaf(leaf).expect("one page"));
                let proof = memory.proof(leaf).expect("one page");
                prop_assert_eq!(proof.root(MerkleType::Memory, leaf, hash), Some(root));
            }
        }
    }
}
