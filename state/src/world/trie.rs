//! A Merkle Patricia trie over keys of 32 bytes that keeps its nodes and hashes only what changed.
//!
//! A node may be known by its hash alone; reaching it asks the [`NodeSource`]. Callers write changed values before they delete, so
//! that a witness needs no more nodes than the protocol's own replay (`arbos/spec/replay.md`, last section).

mod codec;
mod edit;
mod hash;

pub(crate) use codec::decode;

use super::WorldError;
use crate::keccak::keccak256;
use alloc::{boxed::Box, vec::Vec};
use alloy_primitives::{B256, Bytes, b256};
use alloy_rlp::Encodable;
use nybbles::Nibbles;

/// Root of a trie without entries.
pub const EMPTY_ROOT: B256 = b256!("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");

/// Answers for nodes that are known by hash alone.
pub trait NodeSource {
    /// The encoding of a node.
    ///
    /// # Errors
    /// [`WorldError::MissingNode`].
    fn node(&mut self, hash: B256) -> Result<Bytes, WorldError>;
}

/// The source of a trie whose nodes are all there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Resident;

impl NodeSource for Resident {
    fn node(&mut self, hash: B256) -> Result<Bytes, WorldError> {
        Err(WorldError::MissingNode(hash))
    }
}

/// How a parent names a child: by hash, or by the encoding itself if it is short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// Keccak of the encoding.
    Hash(B256),
    /// An encoding of fewer than 32 bytes.
    Inline(Vec<u8>),
}

/// Children of a branch, by nibble.
pub(crate) type Children = [Option<Box<Node>>; 16];

/// A node, with the reference its parent uses while nothing below changed.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) reference: Option<Reference>,
}

/// What a node is. Keys have one length, so branches hold no values.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Leaf { path: Nibbles, value: Vec<u8> },
    Extension { path: Nibbles, child: Box<Node> },
    Branch { children: Box<Children> },
    Unresolved(B256),
}

impl Node {
    pub(crate) fn new(kind: Kind) -> Box<Self> {
        Box::new(Self { kind, reference: None })
    }

    fn unresolved(hash: B256) -> Box<Self> {
        Box::new(Self { kind: Kind::Unresolved(hash), reference: Some(Reference::Hash(hash)) })
    }

    /// Loads the node if only its hash is known.
    pub(crate) fn resolve(&mut self, source: &mut dyn NodeSource) -> Result<(), WorldError> {
        if let Kind::Unresolved(hash) = self.kind {
            let mut node = decode(&source.node(hash)?).ok_or(WorldError::Corrupt { what: "trie node", hash })?;
            node.reference = Some(Reference::Hash(hash));
            *self = node;
        }
        Ok(())
    }
}

/// A trie.
#[derive(Debug, Clone, Default)]
pub struct Trie {
    root: Option<Box<Node>>,
}

impl Trie {
    /// The trie with this root, whose nodes are asked for when they are needed.
    #[must_use]
    pub fn at(root: B256) -> Self {
        Self { root: (root != EMPTY_ROOT && !root.is_zero()).then(|| Node::unresolved(root)) }
    }

    /// Whether it has no entries.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// The value of a hashed key.
    ///
    /// # Errors
    /// What the source misses.
    pub fn get(&mut self, key: B256, source: &mut dyn NodeSource) -> Result<Option<&[u8]>, WorldError> {
        let key = Nibbles::unpack(key);
        let mut at = 0;
        let Some(mut node) = self.root.as_deref_mut() else { return Ok(None) };
        loop {
            node.resolve(source)?;
            match &mut node.kind {
                Kind::Leaf { path, value } => return Ok((key.slice(at..) == *path).then_some(value.as_slice())),
                Kind::Extension { path, child } => {
                    if !key.slice(at..).starts_with(path) {
                        return Ok(None);
                    }
                    at += path.len();
                    node = child;
                }
                Kind::Branch { children } => match &mut children[usize::from(key.get_unchecked(at))] {
                    None => return Ok(None),
                    Some(child) => {
                        at += 1;
                        node = child;
                    }
                },
                Kind::Unresolved(hash) => return Err(WorldError::Corrupt { what: "trie node", hash: *hash }),
            }
        }
    }

    /// Writes a value under a hashed key.
    ///
    /// # Errors
    /// What the source misses; the trie is not to be used then.
    pub fn insert(&mut self, key: B256, value: Vec<u8>, source: &mut dyn NodeSource) -> Result<(), WorldError> {
        let root = self.root.take();
        self.root = Some(edit::insert(root, &Nibbles::unpack(key), value, source)?);
        Ok(())
    }

    /// Removes a hashed key.
    ///
    /// # Errors
    /// What the source misses; the trie is not to be used then.
    pub fn remove(&mut self, key: B256, source: &mut dyn NodeSource) -> Result<(), WorldError> {
        if let Some(root) = self.root.take() {
            self.root = edit::remove(root, &Nibbles::unpack(key), source)?;
        }
        Ok(())
    }

    /// The trie of a list: items by the encoding of their index, as transactions and receipts are kept.
    #[must_use]
    pub fn of_list(items: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut root = None;
        let mut key = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            key.clear();
            index.encode(&mut key);
            // A resident trie misses nothing.
            root = edit::insert(root, &Nibbles::unpack(&key), item, &mut Resident).ok();
        }
        Self { root }
    }

    /// Hashes what changed in several tries since the last time. Their nodes are hashed side by side, which is faster than one
    /// trie after the other.
    pub fn hash_all<'a>(tries: impl IntoIterator<Item = &'a mut Self>) {
        let roots = tries.into_iter().filter_map(|trie| trie.root.as_deref_mut());
        let mut changed: Vec<_> = roots.filter(|root| root.reference.is_none()).collect();
        hash::settle(&mut changed);
    }

    /// The root, hashing what changed since the last time.
    pub fn root(&mut self) -> B256 {
        Self::hash_all([&mut *self]);
        match self.root.as_deref().and_then(|root| root.reference.as_ref()) {
            None => EMPTY_ROOT,
            Some(Reference::Hash(hash)) => *hash,
            Some(Reference::Inline(encoding)) => keccak256(encoding),
        }
    }

    /// Encodings of the nodes on the path of a key, from the root: a proof that the key is there or not.
    ///
    /// # Errors
    /// What the source misses.
    pub fn proof(&mut self, key: B256, source: &mut dyn NodeSource) -> Result<Vec<Bytes>, WorldError> {
        self.root();
        let key = Nibbles::unpack(key);
        let mut nodes = Vec::new();
        let mut at = 0;
        let mut next = self.root.as_deref_mut();
        while let Some(node) = next {
            node.resolve(source)?;
            let encoding = codec::encode(node);
            if at == 0 || encoding.len() >= 32 {
                nodes.push(Bytes::from(encoding));
            }
            next = match &mut node.kind {
                Kind::Extension { path, child } if key.slice(at..).starts_with(path) => {
                    at += path.len();
                    Some(child)
                }
                Kind::Branch { children } => {
                    at += 1;
                    children[usize::from(key.get_unchecked(at - 1))].as_deref_mut()
                }
                _ => None,
            };
        }
        Ok(nodes)
    }
}

#[cfg(test)]
mod tests;
