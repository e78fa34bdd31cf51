//! Nodes to bytes and back.

use super::{Children, Kind, Node, Reference};
use alloc::{boxed::Box, vec::Vec};
use alloy_primitives::{B256, keccak256};
use alloy_rlp::{EMPTY_STRING_CODE, Encodable, Header};
use nybbles::Nibbles;

/// The hash of a root node, whatever its length.
pub(super) fn root_hash(node: &mut Node) -> B256 {
    match reference(node) {
        Reference::Hash(hash) => *hash,
        Reference::Inline(bytes) => keccak256(bytes),
    }
}

/// How a parent names the node; computed below it where something changed.
pub(super) fn reference(node: &mut Node) -> &Reference {
    if node.reference.is_none() {
        let bytes = encode(node);
        node.reference =
            Some(if bytes.len() < 32 { Reference::Inline(bytes) } else { Reference::Hash(keccak256(&bytes)) });
    }
    node.reference.get_or_insert_with(|| Reference::Inline(Vec::new()))
}

/// The encoding of a node.
pub(super) fn encode(node: &mut Node) -> Vec<u8> {
    let mut payload = Vec::with_capacity(64);
    match &mut node.kind {
        Kind::Leaf { path, value } => {
            encode_path(path, true).as_slice().encode(&mut payload);
            value.as_slice().encode(&mut payload);
        }
        Kind::Extension { path, child } => {
            encode_path(path, false).as_slice().encode(&mut payload);
            put_reference(child, &mut payload);
        }
        Kind::Branch { children } => {
            payload.reserve(17 * 33);
            hash_children(children);
            for child in children.iter_mut() {
                match child {
                    Some(child) => put_reference(child, &mut payload),
                    None => payload.push(EMPTY_STRING_CODE),
                }
            }
            payload.push(EMPTY_STRING_CODE);
        }
        Kind::Unresolved(hash) => {
            hash.encode(&mut payload);
            return payload;
        }
    }
    let mut out = Vec::with_capacity(payload.len() + 4);
    Header { list: true, payload_length: payload.len() }.encode(&mut out);
    out.extend_from_slice(&payload);
    out
}

/// Hashes changed children side by side where threads are to be had and there is enough to do.
#[cfg(feature = "parallel")]
fn hash_children(children: &mut Children) {
    use rayon::prelude::*;
    /// Changed branches below one branch that make threads worth while.
    const THRESHOLD: usize = 4;
    let changed = |child: &&mut Option<Box<Node>>| {
        child.as_ref().is_some_and(|node| node.reference.is_none() && matches!(node.kind, Kind::Branch { .. }))
    };
    if children.iter_mut().filter(changed).count() >= THRESHOLD {
        children.par_iter_mut().flatten().for_each(|child| {
            reference(child);
        });
    }
}

#[cfg(not(feature = "parallel"))]
const fn hash_children(_children: &mut Children) {}

fn put_reference(child: &mut Node, out: &mut Vec<u8>) {
    match reference(child) {
        Reference::Hash(hash) => hash.encode(out),
        Reference::Inline(bytes) => out.extend_from_slice(bytes),
    }
}

/// Nibbles with the flag of a leaf and of an odd length in front.
fn encode_path(path: &Nibbles, leaf: bool) -> Vec<u8> {
    let odd = path.len() % 2 == 1;
    let mut out = Vec::with_capacity(path.len() / 2 + 1);
    let flag = if leaf { 0x20 } else { 0 };
    let mut nibbles = path.iter();
    out.push(if odd { flag | 0x10 | nibbles.next().unwrap_or_default() } else { flag });
    while let Some(high) = nibbles.next() {
        out.push(high << 4 | nibbles.next().unwrap_or_default());
    }
    out
}

fn decode_path(bytes: &[u8]) -> Option<(Nibbles, bool)> {
    let (first, rest) = bytes.split_first()?;
    if bytes.len() > 33 || first >> 4 > 3 {
        return None;
    }
    let mut path = Nibbles::new();
    if first & 0x10 != 0 {
        path.push(first & 0x0f);
    } else if first & 0x0f != 0 {
        return None;
    }
    for byte in rest {
        if path.len() + 2 > 64 {
            return None;
        }
        path.push(byte >> 4);
        path.push(byte & 0x0f);
    }
    Some((path, first & 0x20 != 0))
}

/// Reads a node. Children that are named by hash stay unresolved.
#[must_use]
pub(crate) fn decode_node(bytes: &[u8], depth: usize) -> Option<Node> {
    // Inline nodes nest; their length alone bounds the depth, and this bounds it again.
    if depth > 64 {
        return None;
    }
    let mut rest = bytes;
    let mut list = Header::decode_bytes(&mut rest, true).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let mut items = Vec::with_capacity(17);
    while !list.is_empty() {
        if items.len() == 17 {
            return None;
        }
        let start = list;
        let header = Header::decode(&mut list).ok()?;
        let (payload, after) = list.split_at_checked(header.payload_length)?;
        items.push(Item { list: header.list, payload, raw: &start[..start.len() - after.len()] });
        list = after;
    }
    let kind = match items.as_slice() {
        [path, value] => {
            let (path, leaf) = decode_path(path.string()?)?;
            if leaf {
                Kind::Leaf { path, value: value.string()?.to_vec() }
            } else if path.is_empty() {
                return None;
            } else {
                Kind::Extension { path, child: value.child(depth)?? }
            }
        }
        [children @ .., value] if children.len() == 16 => {
            if !value.string()?.is_empty() {
                return None;
            }
            let mut nodes: Box<Children> = Box::default();
            for (slot, item) in nodes.iter_mut().zip(children) {
                *slot = item.child(depth)?;
            }
            Kind::Branch { children: nodes }
        }
        _ => return None,
    };
    Some(Node { kind, reference: None })
}

/// One item of a node's list.
struct Item<'a> {
    list: bool,
    payload: &'a [u8],
    raw: &'a [u8],
}

impl<'a> Item<'a> {
    fn string(&self) -> Option<&'a [u8]> {
        (!self.list).then_some(self.payload)
    }

    /// A child: none, one by hash, or one inside. The outer option is none for a malformed item.
    #[expect(clippy::option_option, reason = "malformed and absent differ")]
    fn child(&self, depth: usize) -> Option<Option<Box<Node>>> {
        if self.list {
            if self.raw.len() >= 32 {
                return None;
            }
            let mut node = decode_node(self.raw, depth + 1)?;
            node.reference = Some(Reference::Inline(self.raw.to_vec()));
            return Some(Some(Box::new(node)));
        }
        match self.payload.len() {
            0 => Some(None),
            32 => Some(Some(Node::unresolved(B256::from_slice(self.payload)))),
            _ => None,
        }
    }
}

/// Reads a node from its encoding.
#[must_use]
pub(crate) fn decode(bytes: &[u8]) -> Option<Node> {
    decode_node(bytes, 0)
}
