//! Nodes to bytes and back.

use super::{Children, Kind, Node, Reference};
use alloc::{boxed::Box, vec::Vec};
use alloy_primitives::B256;
use alloy_rlp::{EMPTY_STRING_CODE, Encodable, Header};
use nybbles::Nibbles;

/// Room for the largest node: a branch with sixteen hashes.
pub(super) const LARGEST: usize = 3 + 16 * 33 + 1;

/// The encoding of a node whose children have references.
pub(super) fn encode(node: &Node) -> Vec<u8> {
    let mut out = Vec::with_capacity(LARGEST);
    write(node, &mut out);
    out
}

/// Appends the encoding of a node whose children have references.
pub(super) fn write(node: &Node, out: &mut Vec<u8>) {
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
            out.reserve(LARGEST);
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
            Some(Reference::Hash(hash)) => put_hash(hash, out),
            None => put_hash(&B256::ZERO, out),
        }
    }
}

/// Appends the encoding of a hash, all at once.
fn put_hash(hash: &B256, out: &mut Vec<u8>) {
    let mut item = [EMPTY_STRING_CODE + 32; 33];
    item[1..].copy_from_slice(hash.as_slice());
    out.extend_from_slice(&item);
}

/// Nibbles with the flag of a leaf and of an odd length in front.
struct EncodedPath {
    bytes: [u8; 33],
    length: usize,
}

impl EncodedPath {
    fn new(path: &Nibbles, leaf: bool) -> Self {
        let flag = if leaf { 0x20 } else { 0 };
        let (mut bytes, length) = ([0; 33], path.len() / 2 + 1);
        if path.len() % 2 == 1 {
            bytes[0] = flag | 0x10 | path.get_unchecked(0);
            path.slice_unchecked(1, path.len()).pack_to(&mut bytes[1..length]);
        } else {
            bytes[0] = flag;
            path.pack_to(&mut bytes[1..length]);
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
