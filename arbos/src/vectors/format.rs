//! The formats of vector files, read strictly into types.
//!
//! The description of the formats travels with the vectors. A field that is unknown inside of a message, an expectation or another
//! nested object is refused, so that nothing is left uncompared because it was misspelt.

pub mod activation;
pub mod block;
pub mod brotli;
pub mod chain;
pub mod feed;
pub mod machine;
pub mod message;
pub mod partial;
pub mod program;
pub mod witness;

use super::json::{FromNode, Node, Read};

/// What the first line of a file says of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// Name and version of the format.
    pub format: String,
    /// Name of the chain or case, where it has one.
    pub id: Option<String>,
    /// What it is about.
    pub labels: Vec<String>,
}

impl FromNode for Title {
    fn read(node: &Node<'_>) -> Read<Self> {
        Ok(Self {
            format: node.get("format")?,
            id: node.optional("id")?,
            labels: node.optional("labels")?.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests;
