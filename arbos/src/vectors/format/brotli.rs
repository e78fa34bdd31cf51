//! `brotli-sizes/1`: an input and its compressed size at every level.

use crate::vectors::json::{Base64, FromNode, Node, Read};
use alloy_primitives::Bytes;

/// A further line. The hashes of the compressed bytes are not read: only sizes matter to the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What kind of input it is.
    pub kind: String,
    /// The input.
    pub input: Bytes,
    /// Sizes at level 0, 1, ...
    pub sizes: Vec<u64>,
}

impl FromNode for Case {
    fn read(node: &Node<'_>) -> Read<Self> {
        let (input, length) = (node.get::<Base64>("input_b64")?.0, node.get::<u64>("len")?);
        if input.len() as u64 != length {
            return node.with("len", |len| Err(len.error(format!("the input has {} bytes", input.len()))));
        }
        Ok(Self { kind: node.get("kind")?, input, sizes: node.get("sizes")? })
    }
}
