//! Nodes to bytes and back.

use super::{Children, Kind, Node, Reference};
use alloc::{boxed::Box, vec::Vec};
use alloy_primitives::{B256, keccak256};
use alloy_rlp::{EMPTY_STRING_CODE, Encodable, Header};
use nybbles::Nibbles;

/// Room for the largest node: a branch with sixteen hashes.
const LARGEST: usize = 3 + 16 * 33 + 1;

/// The hash of a root node, whatever its length.
pub(super) fn root_hash(node: &mut Node) -> B256 {
    match reference(node, &mut Vec::with_capacity(LARGEST)) {
        Reference::Hash(hash) => *hash,
        Reference::Inline(bytes) => keccak256(bytes),
    }
}

/// How a parent names the node; computed below it where something changed. `scratch` is used for encodings.
pub(super) fn reference<'a>(node: &'a mut Node, scratch: &mut Vec<u8>) -> &'a Reference {
    if node.reference.is_none() {
        name_children(node, scratch);
        write(node, scratch);
        node.reference = Some(if scratch.len() < 32 {
            Reference::Inline(scratch.clone())
        } else {
            Reference::Hash(keccak256(&scratch))
        });
    }
    node.reference.get_or_insert_with(|| Reference::Inline(Vec::new()))
}

/// The encoding of a node.
pub(super) fn encode(node: &mut Node) -> Vec<u8> {
    let mut out = Vec::with_capacity(LARGEST);
    name_children(node, &mut out);
    write(node, &mut out);
    out
}

/// Makes sure that the children have references.
fn name_children(node: &mut Node, scratch: &mut Vec<u8>) {
    match &mut node.kind {
        Kind::Extension { child, .. } => {
            reference(child, scratch);
        }
        Kind::Branch { children } => {
            hash_changed_branches(children);
            for child in children.iter_mut().flatten() {
                reference(child, scratch);
            }
        }
        Kind::Leaf { .. } | Kind::Unresolved(_) => {}
    }
}

/// Writes the encoding of a node, whose children have references, in place of what `out` holds.
fn write(node: &Node, out: &mut Vec<u8>) {
    out.clear();
    match &node.kind {
        Kind::Leaf { path, value } => {
            let path = EncodedPath::new(path, true);
            list(path.as_slice().length() + value.as_slice().length(), out);
            path.as_slice().encode(out);
            value.as_slice().encode(out);
        }
        Kind::Extension { path, child } => {
            let path = EncodedPath::new(path, false);
            list(path.as_slice().length() + child.reference_length(), out);
            path.as_slice().encode(out);
            child.put_reference(out);
        }
        Kind::Branch { children } => {
            let length = |child: &Option<Box<Node>>| child.as_ref().map_or(1, |child| child.reference_length());
            list(children.iter().map(length).sum::<usize>() + 1, out);
            for child in children.iter() {
                match child {
                    Some(child) => child.put_reference(out),
                    None => out.push(EMPTY_STRING_CODE),
                }
            }
            out.push(EMPTY_STRING_CODE);
        }
        Kind::Unresolved(hash) => hash.encode(out),
    }
}

fn list(payload_length: usize, out: &mut Vec<u8>) {
    Header { list: true, payload_length }.encode(out);
}

/// Hashes changed children side by side where threads are to be had and there is enough to do.
#[cfg(feature = "parallel")]
fn hash_changed_branches(children: &mut Children) {
    use rayon::prelude::*;
    /// Changed branches below one branch that make threads worth while.
    const THRESHOLD: usize = 400;
    let changed = |child: &&mut Option<Box<Node>>| {
        child.as_ref().is_some_and(|node| node.reference.is_none() && matches!(node.kind, Kind::Branch { .. }))
    };
    if children.iter_mut().filter(changed).count() >= THRESHOLD {
        children.par_iter_mut().flatten().for_each_init(
            || Vec::with_capacity(LARGEST),
            |scratch, child| {
                reference(child, scratch);
            },
        );
    }
}

#[cfg(not(feature = "parallel"))]
const fn hash_changed_branches(_children: &mut Children) {}

impl Node {
    /// Bytes of the reference, which is there.
    const fn reference_length(&self) -> usize {
        match &self.reference {
            Some(Reference::Inline(bytes)) => bytes.len(),
            Some(Reference::Hash(_)) | None => 33,
        }
    }

    fn put_reference(&self, out: &mut Vec<u8>) {
        match &self.reference {
            Some(Reference::Inline(bytes)) => out.extend_from_slice(bytes),
            Some(Reference::Hash(hash)) => hash.encode(out),
            None => B256::ZERO.encode(out),
        }
    }
}

/// Nibbles with the flag of a leaf and of an odd length in front.
struct EncodedPath {
    bytes: [u8; 33],
    length: usize,
}

impl EncodedPath {
    fn new(path: &Nibbles, leaf: bool) -> Self {
        let odd = path.len() % 2 == 1;
        let flag = if leaf { 0x20 } else { 0 };
        let mut bytes = [0; 33];
        let mut nibbles = path.iter();
        bytes[0] = if odd { flag | 0x10 | nibbles.next().unwrap_or_default() } else { flag };
        let length = path.len() / 2 + 1;
        for byte in &mut bytes[1..length] {
            *byte = nibbles.next().unwrap_or_default() << 4 | nibbles.next().unwrap_or_default();
        }
        Self { bytes, length }
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
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
