//! Writing and removing keys.

use super::{Children, Kind, Node, NodeSource};
use crate::world::WorldError;
use alloc::{boxed::Box, vec::Vec};
use nybbles::Nibbles;

type Edited<T> = Result<T, WorldError>;

/// Writes `value` under `key`, the rest of the path below `node`.
pub(super) fn insert(
    node: Option<Box<Node>>,
    key: &Nibbles,
    value: Vec<u8>,
    source: &mut dyn NodeSource,
) -> Edited<Box<Node>> {
    let Some(mut node) = node else { return Ok(Node::new(Kind::Leaf { path: *key, value })) };
    node.resolve(source)?;
    node.reference = None;
    match &mut node.kind {
        Kind::Leaf { path, value: old } => {
            let common = path.common_prefix_length(key);
            if common == path.len() {
                *old = value;
                return Ok(node);
            }
            let mut children = Children::default();
            let below = Kind::Leaf { path: path.slice(common + 1..), value: core::mem::take(old) };
            children[usize::from(path.get_unchecked(common))] = Some(Node::new(below));
            let new = Kind::Leaf { path: key.slice(common + 1..), value };
            children[usize::from(key.get_unchecked(common))] = Some(Node::new(new));
            Ok(extend(key.slice(..common), Node::new(Kind::Branch { children: Box::new(children) })))
        }
        Kind::Extension { path, child } => {
            let common = path.common_prefix_length(key);
            if common == path.len() {
                let below = core::mem::replace(child, Node::new(Kind::Unresolved(Default::default())));
                *child = insert(Some(below), &key.slice(common..), value, source)?;
                return Ok(node);
            }
            let mut children = Children::default();
            let below = core::mem::replace(child, Node::new(Kind::Unresolved(Default::default())));
            children[usize::from(path.get_unchecked(common))] = Some(extend(path.slice(common + 1..), below));
            let new = Kind::Leaf { path: key.slice(common + 1..), value };
            children[usize::from(key.get_unchecked(common))] = Some(Node::new(new));
            Ok(extend(key.slice(..common), Node::new(Kind::Branch { children: Box::new(children) })))
        }
        Kind::Branch { children } => {
            let child = &mut children[usize::from(key.get_unchecked(0))];
            *child = Some(insert(child.take(), &key.slice(1..), value, source)?);
            Ok(node)
        }
        Kind::Unresolved(hash) => Err(WorldError::Corrupt { what: "trie node", hash: *hash }),
    }
}

/// Removes `key`, the rest of the path below `node`. A branch with one child left folds into it.
pub(super) fn remove(mut node: Box<Node>, key: &Nibbles, source: &mut dyn NodeSource) -> Edited<Option<Box<Node>>> {
    node.resolve(source)?;
    match &mut node.kind {
        Kind::Leaf { path, .. } => Ok(if path == key { None } else { Some(node) }),
        Kind::Extension { path, child } => {
            if !key.starts_with(path) {
                return Ok(Some(node));
            }
            let path = *path;
            let below = core::mem::replace(child, Node::new(Kind::Unresolved(Default::default())));
            Ok(remove(below, &key.slice(path.len()..), source)?.map(|child| extend(path, child)))
        }
        Kind::Branch { children } => {
            let index = usize::from(key.get_unchecked(0));
            let Some(child) = children[index].take() else { return Ok(Some(node)) };
            children[index] = remove(child, &key.slice(1..), source)?;
            node.reference = None;
            fold(node, source)
        }
        Kind::Unresolved(hash) => Err(WorldError::Corrupt { what: "trie node", hash: *hash }),
    }
}

/// Replaces a branch with a single child by that child.
fn fold(mut node: Box<Node>, source: &mut dyn NodeSource) -> Edited<Option<Box<Node>>> {
    let Kind::Branch { children } = &mut node.kind else { return Ok(Some(node)) };
    let mut present = children.iter().enumerate().filter(|(_, child)| child.is_some());
    let first = present.next().map(|(index, _)| index);
    let more = present.next().is_some();
    let (Some(index), false) = (first, more) else { return Ok(first.map(|_| node)) };
    let Some(mut child) = children[index].take() else { return Ok(None) };
    child.resolve(source)?;
    #[expect(clippy::cast_possible_truncation, reason = "an index of sixteen children")]
    let nibble = Nibbles::from_nibbles([index as u8]);
    Ok(Some(extend(nibble, child)))
}

/// Puts `path` in front of a node, joining it with the path that is there. The node is loaded, unless it stays a child.
fn extend(path: Nibbles, mut node: Box<Node>) -> Box<Node> {
    if path.is_empty() {
        return node;
    }
    match &mut node.kind {
        Kind::Leaf { path: below, .. } | Kind::Extension { path: below, .. } => {
            *below = path.join(below);
            node.reference = None;
            node
        }
        Kind::Branch { .. } | Kind::Unresolved(_) => Node::new(Kind::Extension { path, child: node }),
    }
}
