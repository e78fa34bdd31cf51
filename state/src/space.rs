//! Keyed subspaces: how a field of the operating state finds its word (`spec/state.md` 2).
//!
//! A space is a key and a way to the words below it. The root's key is empty; the key of a child is
//! `keccak(parent key ‖ id)`. The word with logical key `k` lives at `keccak(key ‖ k[..31])[..31] ‖ k[31]`, so 256 neighbouring
//! fields share one hash (a page). Deriving costs no gas and is remembered in a [`KeyCache`]; a space carries the page of its first
//! 256 words, so reaching a numbered word looks nothing up.

use crate::{
    backend::Backend,
    burn::{Burner, keccak_gas},
    error::Result,
    gas::ResourceKind,
    keccak::keccak256,
    slot::Slot,
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, b256, map::HashMap};
use core::marker::PhantomData;

mod sealed {
    pub trait Sealed {}
}

/// What the holder of a space may do with it. Fixed when the state is opened.
pub trait Access: sealed::Sealed + 'static {}

/// May read.
#[derive(Debug, Clone, Copy)]
pub struct Read;

/// May read and write.
#[derive(Debug, Clone, Copy)]
pub struct Write;

impl sealed::Sealed for Read {}
impl sealed::Sealed for Write {}
impl Access for Read {}
impl Access for Write {}

/// The words and who pays for reaching them.
pub struct Io<'a> {
    /// Where words live.
    pub backend: &'a mut dyn Backend,
    /// Who pays.
    pub burner: &'a mut dyn Burner,
}

impl<'a> Io<'a> {
    /// Joins a backend and a burner.
    pub fn new(backend: &'a mut dyn Backend, burner: &'a mut dyn Burner) -> Self {
        Self { backend, burner }
    }

    /// The same for a shorter time.
    pub fn reborrow(&mut self) -> Io<'_> {
        Io { backend: &mut *self.backend, burner: &mut *self.burner }
    }
}

/// The key of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SpaceKey(Option<B256>);

impl SpaceKey {
    /// The empty key of an account's root space.
    pub const ROOT: Self = Self(None);

    fn bytes(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |key| key.as_slice())
    }

    /// The key of the child with this id.
    #[must_use]
    pub fn child(&self, id: &[u8]) -> Self {
        let mut preimage = Vec::with_capacity(64);
        preimage.extend_from_slice(self.bytes());
        preimage.extend_from_slice(id);
        Self(Some(keccak256(&preimage)))
    }

    /// The physical slot of a logical key.
    #[must_use]
    pub fn slot(&self, logical: B256) -> B256 {
        let key = self.bytes();
        let mut preimage = [0u8; 63];
        preimage[..key.len()].copy_from_slice(key);
        preimage[key.len()..key.len() + 31].copy_from_slice(&logical[..31]);
        let mut slot = keccak256(&preimage[..key.len() + 31]);
        slot[31] = logical[31];
        slot
    }
}

/// A space as it is reached: its key, and where its first words live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    key: SpaceKey,
    /// The physical slot of word zero.
    page: B256,
    /// Its number, if it is a part of the operating state.
    part: Option<u8>,
}

impl Place {
    /// The root space of an account.
    const ROOT: Self = Self {
        key: SpaceKey::ROOT,
        page: b256!("15fed0451499512d95f3ec5a41c878b9de55f21878b5b4e190d4667ec709b400"),
        part: None,
    };

    fn of(key: SpaceKey) -> Self {
        Self { key, page: key.slot(B256::ZERO), part: None }
    }
}

/// Derived keys, remembered. Holds nothing that cannot be derived again.
#[derive(Debug, Clone, Default)]
pub struct KeyCache {
    /// Children of the root with an id of one small byte: the parts of the operating state.
    parts: [Option<Place>; Self::PARTS],
    /// The same below the parts, by part; empty until one is asked for.
    below: Vec<[Option<Place>; Self::PARTS]>,
    children: HashMap<(SpaceKey, ChildId), Place>,
    pages: HashMap<(SpaceKey, [u8; 31]), B256>,
}

/// The id of a child: up to 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct ChildId {
    length: u8,
    bytes: [u8; 32],
}

impl KeyCache {
    /// Ids come from users too (tickets, accounts), so the cache starts again past this many entries.
    const LIMIT: usize = 1 << 16;

    const PARTS: usize = 16;

    /// The physical slot of a logical key.
    pub fn slot(&mut self, space: SpaceKey, logical: B256) -> B256 {
        let mut page = [0u8; 31];
        page.copy_from_slice(&logical[..31]);
        if self.pages.len() >= Self::LIMIT {
            self.pages.clear();
        }
        let mut slot = *self.pages.entry((space, page)).or_insert_with(|| space.slot(logical));
        slot[31] = logical[31];
        slot
    }

    /// The key of a child.
    pub fn child(&mut self, space: SpaceKey, id: &[u8]) -> SpaceKey {
        // Only the key of a parent counts, unless it is a part.
        self.place(&Place { key: space, page: B256::ZERO, part: None }, id).key
    }

    fn place(&mut self, parent: &Place, id: &[u8]) -> Place {
        let space = parent.key;
        if let [number] = id
            && let Some(known) = self.near(parent, *number)
        {
            let part = (space == SpaceKey::ROOT).then_some(*number);
            return *known.get_or_insert_with(|| Place { part, ..Place::of(space.child(id)) });
        }
        if id.len() > 32 {
            return Place::of(space.child(id));
        }
        if self.children.len() >= Self::LIMIT {
            self.children.clear();
        }
        let mut bytes = [0u8; 32];
        bytes[..id.len()].copy_from_slice(id);
        #[expect(clippy::cast_possible_truncation, reason = "at most 32, checked above")]
        let id_key = ChildId { length: id.len() as u8, bytes };
        *self.children.entry((space, id_key)).or_insert_with(|| Place::of(space.child(id)))
    }

    /// Where a child of the root or of a part is remembered whose id is one small byte: found without hashing.
    fn near(&mut self, parent: &Place, number: u8) -> Option<&mut Option<Place>> {
        let siblings = match parent.part {
            Some(part) => {
                if self.below.is_empty() {
                    self.below.resize(Self::PARTS, [None; Self::PARTS]);
                }
                self.below.get_mut(usize::from(part))?
            }
            None if parent.key == SpaceKey::ROOT => &mut self.parts,
            None => return None,
        };
        siblings.get_mut(usize::from(number))
    }
}

/// A subspace of an account's storage.
pub struct Space<'a, A> {
    io: Io<'a>,
    account: Address,
    place: Place,
    access: PhantomData<A>,
}

impl<'a, A: Access> Space<'a, A> {
    /// The root space of an account.
    pub const fn root(io: Io<'a>, account: Address) -> Self {
        Space { io, account, place: Place::ROOT, access: PhantomData }
    }

    /// The child with this id, for as long as `self` is borrowed.
    pub fn child(&mut self, id: &[u8]) -> Space<'_, A> {
        self.reborrow().into_child(id)
    }

    /// The child with this id, in place of `self`.
    #[must_use]
    pub fn into_child(self, id: &[u8]) -> Self {
        let place = self.io.backend.keys().place(&self.place, id);
        Space { place, ..self }
    }

    /// The same space for a shorter time.
    pub fn reborrow(&mut self) -> Space<'_, A> {
        Space { io: self.io.reborrow(), account: self.account, place: self.place, access: PhantomData }
    }

    /// The word with this number.
    pub fn slot<T>(&mut self, number: u64) -> Slot<'_, T, A> {
        self.reborrow().into_slot(number)
    }

    /// The word with this logical key.
    pub fn slot_at<T>(&mut self, logical: B256) -> Slot<'_, T, A> {
        self.reborrow().into_slot_at(logical)
    }

    /// The word with this number, in place of `self`.
    #[must_use]
    pub fn into_slot<T>(self, number: u64) -> Slot<'a, T, A> {
        if let Ok(near) = u8::try_from(number) {
            let mut physical = self.place.page;
            physical[31] = near;
            return Slot::new(self.io, self.account, physical);
        }
        let mut logical = B256::ZERO;
        logical[24..].copy_from_slice(&number.to_be_bytes());
        self.into_slot_at(logical)
    }

    /// The word with this logical key, in place of `self`.
    #[must_use]
    pub fn into_slot_at<T>(self, logical: B256) -> Slot<'a, T, A> {
        let physical = self.io.backend.keys().slot(self.place.key, logical);
        Slot::new(self.io, self.account, physical)
    }

    /// Hashes `data` and pays for it as computation.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`](crate::Fault::OutOfGas).
    pub fn keccak(&mut self, data: &[u8]) -> Result<B256> {
        self.burn(ResourceKind::Computation, keccak_gas(data.len() as u64))?;
        Ok(keccak256(data))
    }

    /// Burns gas for work that is not an access.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`](crate::Fault::OutOfGas).
    pub fn burn(&mut self, kind: ResourceKind, amount: u64) -> Result<()> {
        self.io.burner.burn(kind, amount)
    }

    /// Gas the burner has left.
    #[must_use]
    pub fn gas_left(&self) -> u64 {
        self.io.burner.gas_left()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::hex;

    #[test]
    fn keys_are_those_of_the_protocol() {
        let root = SpaceKey::ROOT;
        assert_eq!(root.slot(B256::ZERO), b256!("15fed0451499512d95f3ec5a41c878b9de55f21878b5b4e190d4667ec709b400"));
        assert_eq!(Place::of(root), Place::ROOT);
        let pricing = root.child(&[0]);
        assert_eq!(pricing.bytes(), hex!("bc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a"));
        assert_eq!(pricing.slot(B256::ZERO), b256!("a9f6f085d78d1d37c5819e5c16c9e03198bd14e08cd1f6f8191bc6207b9e9700"));
        assert_eq!(
            pricing.child(&[0]).slot(B256::ZERO),
            b256!("33f46529933152e1782e51b69b5bebb0810705b1e56844f07ef4225ddbc0d700")
        );
    }

    #[test]
    fn the_cache_answers_like_the_derivation() {
        let mut cache = KeyCache::default();
        let space = SpaceKey::ROOT.child(&[2]);
        for number in [0u64, 1, 255, 256, 257, u64::MAX] {
            let mut logical = B256::ZERO;
            logical[24..].copy_from_slice(&number.to_be_bytes());
            assert_eq!(cache.slot(space, logical), space.slot(logical));
            assert_eq!(cache.slot(space, logical), space.slot(logical));
        }
        assert_eq!(cache.child(space, &[]), space.child(&[]));
        assert_eq!(cache.child(space, &[0]), space.child(&[0]));
        assert_ne!(cache.child(space, &[]), cache.child(space, &[0]));
        let words = |place: Place| (place.key, place.page);
        for part in 0..=255 {
            let place = cache.place(&Place::ROOT, &[part]);
            assert_eq!(words(place), words(Place::of(SpaceKey::ROOT.child(&[part]))));
            for number in [0, 1, 15, 16, 255, 1, 16] {
                let below = cache.place(&place, &[number]);
                assert_eq!(words(below), words(Place::of(place.key.child(&[number]))));
                let deeper = cache.place(&below, &[number]);
                assert_eq!(words(deeper), words(Place::of(below.key.child(&[number]))));
            }
        }
    }
}
