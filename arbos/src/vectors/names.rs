//! From a raw slot of the operating state back to the name of its field.
//!
//! The mapping of slots is one-way, so it is walked forward from the layout of the views: fixed fields and the first pages of
//! every list at once, keyed fields for the addresses and hashes that were seen.

use alloy_primitives::{Address, B256, map::HashMap};
use state::{Field, Layout, Place, Read, SpaceKey, address, arbos::Root};
use std::collections::BTreeSet;

/// Pages of 256 words that are known of a space with a list, and of one below a key.
const PAGES: (u64, u64) = (64, 4);
/// Elements that are known of a vector of spaces.
const ELEMENTS: u64 = 128;

/// Keys seen in a chain: addresses, and hashes of tickets and code.
#[derive(Debug, Clone, Default)]
pub struct SeenKeys {
    addresses: BTreeSet<Address>,
    hashes: BTreeSet<B256>,
}

impl SeenKeys {
    /// Remembers an address.
    pub fn address(&mut self, address: Address) {
        self.addresses.insert(address);
    }

    /// Remembers a hash.
    pub fn hash(&mut self, hash: B256) {
        self.hashes.insert(hash);
    }
}

/// Names of slots, for accounts that have some.
#[derive(Debug)]
pub struct SlotNames {
    /// By the hash of the page, 31 bytes.
    pages: HashMap<[u8; 31], Page>,
    /// Single words, by slot.
    words: HashMap<B256, String>,
    filtered: HashMap<B256, String>,
}

/// 256 neighbouring words of a space.
#[derive(Debug)]
struct Page {
    space: String,
    fields: &'static [Field],
    first: u64,
}

impl SlotNames {
    /// All names that can be derived with the keys.
    #[must_use]
    pub fn new(seen: &SeenKeys) -> Self {
        let mut names = Self { pages: HashMap::default(), words: HashMap::default(), filtered: HashMap::default() };
        names.space(SpaceKey::ROOT, "", <Root<'static, Read> as Layout>::FIELDS, PAGES.0, seen);
        for hash in &seen.hashes {
            names.filtered.insert(SpaceKey::ROOT.slot(*hash), format!("filtered_transactions[{hash}]"));
        }
        names
    }

    /// The name of a slot of an account, if it has one.
    #[must_use]
    pub fn name(&self, account: Address, slot: B256) -> Option<String> {
        if account == address::FILTERED_TRANSACTIONS {
            return self.filtered.get(&slot).cloned();
        }
        if account != address::ARBOS_STATE {
            return None;
        }
        let in_page = || self.pages.get(&slot[..31]).map(|page| page.name(slot[31]));
        self.words.get(&slot).cloned().or_else(in_page)
    }

    fn space(&mut self, key: SpaceKey, path: &str, fields: &'static [Field], pages: u64, seen: &SeenKeys) {
        let lists = fields.iter().any(|field| matches!(field.place, Place::Slots(_)));
        for page in 0..if lists { pages } else { 1 } {
            self.page(key, path, fields, page * 256);
        }
        for field in fields {
            let path = join(path, field.name);
            match field.place {
                Place::Slot(_) | Place::Slots(_) => {}
                Place::Space(id, fields) => self.space(key.child(id), &path, fields, pages, seen),
                Place::Spaces(fields) => self.spaces(key, &path, fields, seen),
                Place::Keyed => self.keyed(key, &path, seen),
            }
        }
    }

    fn page(&mut self, key: SpaceKey, space: &str, fields: &'static [Field], first: u64) {
        let mut logical = B256::ZERO;
        logical[24..].copy_from_slice(&first.to_be_bytes());
        let mut page = [0; 31];
        page.copy_from_slice(&key.slot(logical)[..31]);
        // Two views may share a space; the first one in the table names it.
        self.pages.entry(page).or_insert_with(|| Page { space: space.into(), fields, first });
    }

    fn spaces(&mut self, key: SpaceKey, path: &str, fields: &'static [Field], seen: &SeenKeys) {
        for index in 0..ELEMENTS {
            self.space(key.child(&index.to_be_bytes()), &format!("{path}[{index}]"), fields, PAGES.1, seen);
        }
        for address in &seen.addresses {
            self.space(key.child(address.as_slice()), &format!("{path}[{address:#x}]"), fields, PAGES.1, seen);
        }
        for hash in &seen.hashes {
            self.space(key.child(hash.as_slice()), &format!("{path}[{hash}]"), fields, PAGES.1, seen);
        }
    }

    fn keyed(&mut self, key: SpaceKey, path: &str, seen: &SeenKeys) {
        for address in &seen.addresses {
            self.words.insert(key.slot(address.into_word()), format!("{path}[{address:#x}]"));
        }
        for hash in &seen.hashes {
            self.words.insert(key.slot(*hash), format!("{path}[{hash}]"));
        }
    }
}

impl Page {
    fn name(&self, word: u8) -> String {
        let number = self.first + u64::from(word);
        let exact = self.fields.iter().find(|field| matches!(field.place, Place::Slot(slot) if slot == number));
        if let Some(field) = exact {
            return join(&self.space, field.name);
        }
        let list = self.fields.iter().rev().find_map(|field| match field.place {
            Place::Slots(first) if first <= number => Some(format!("{}[{}]", field.name, number - first)),
            _ => None,
        });
        join(&self.space, &list.unwrap_or_else(|| format!("word[{number}]")))
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::b256;

    fn name(seen: &SeenKeys, key: SpaceKey, logical: B256) -> Option<String> {
        SlotNames::new(seen).name(address::ARBOS_STATE, key.slot(logical))
    }

    fn word(number: u64) -> B256 {
        B256::from(alloy_primitives::U256::from(number))
    }

    #[test]
    fn fixed_fields_have_their_names() {
        let slot = b256!("e54de2a4cdacc0a0059d2b6e16348103df8c4aff409c31e40ec73d11926c8204");
        let names = SlotNames::new(&SeenKeys::default());
        assert_eq!(names.name(address::ARBOS_STATE, slot).as_deref(), Some("l2_pricing.gas_backlog"));
        assert_eq!(names.name(address::ARB_SYS, slot), None);
        assert_eq!(names.name(address::ARBOS_STATE, B256::repeat_byte(7)), None);
    }

    #[test]
    fn lists_are_indexed_also_past_their_first_page() {
        let seen = SeenKeys::default();
        let queue = SpaceKey::ROOT.child(&[2]).child(&[0]);
        assert_eq!(name(&seen, queue, word(300)).unwrap(), "retryables.timeout_queue.items[298]");
        let constraint = SpaceKey::ROOT.child(&[1]).child(&[0]).child(&3u64.to_be_bytes());
        assert_eq!(name(&seen, constraint, word(2)).unwrap(), "l2_pricing.gas_constraints.elements[3].backlog");
        assert_eq!(name(&seen, SpaceKey::ROOT, word(200)).unwrap(), "word[200]");
    }

    #[test]
    fn keyed_fields_are_named_once_their_key_was_seen() {
        let (ticket, owner) = (B256::repeat_byte(9), Address::repeat_byte(8));
        let mut seen = SeenKeys::default();
        let tickets = SpaceKey::ROOT.child(&[2]).child(ticket.as_slice());
        assert_eq!(name(&seen, tickets, word(5)), None);
        seen.hash(ticket);
        seen.address(owner);
        assert_eq!(name(&seen, tickets, word(5)).unwrap(), format!("retryables.ticket[{ticket}].timeout"));
        let by_address = SpaceKey::ROOT.child(&[4]).child(&[0]);
        let expected = format!("chain_owners.by_address.index[{owner:#x}]");
        assert_eq!(name(&seen, by_address, owner.into_word()).unwrap(), expected);
    }
}
