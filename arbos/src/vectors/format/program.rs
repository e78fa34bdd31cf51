//! `stylus-run/1`: a program, and calls of its entry point before a chain that answers what is recorded.

use crate::vectors::json::{Base64, FromNode, Node, Read};
use alloy_primitives::Bytes;
use wavm::run::{Answer, Limits};

/// A further line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its name.
    pub name: String,
    /// The binary.
    pub wasm: Bytes,
    /// Whether functions for debugging are there.
    pub debug: bool,
    /// Its calls.
    pub cases: Vec<Case>,
}

/// A call.
#[derive(Debug, Clone)]
pub struct Case {
    /// Version of Stylus.
    pub stylus_version: u16,
    /// Version of the operating system.
    pub arbos_version: u64,
    /// Ink, its price, stack.
    pub limits: Limits,
    /// Calldata.
    pub calldata: Bytes,
    /// What is asked of the chain, in order.
    pub requests: Vec<Exchange>,
    /// How it ends.
    pub expected: Expected,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Number of the request.
    pub id: u32,
    /// Its bytes.
    pub data: Bytes,
    /// The answer.
    pub answer: Answer,
}

/// How a call ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Name of the outcome.
    pub outcome: String,
    /// Return data or revert data.
    pub output: Bytes,
    /// Numbers, by the names of the format.
    pub numbers: Vec<(&'static str, u64)>,
    /// Whether the meter says that ink ran out.
    pub exhausted: bool,
}

impl Expected {
    /// Names of the numbers.
    pub const NUMBERS: [&'static str; 4] = ["inkLeft", "gasLeft", "stackLeft", "pages"];
}

impl PartialEq for Case {
    fn eq(&self, other: &Self) -> bool {
        self.calldata == other.calldata && self.requests == other.requests && self.expected == other.expected
    }
}

impl Eq for Case {}

impl FromNode for Program {
    fn read(node: &Node<'_>) -> Read<Self> {
        let wasm = node.get::<Base64>("wasm")?.0;
        Ok(Self { name: node.get("name")?, wasm, debug: node.get("debug")?, cases: node.get("cases")? })
    }
}

impl FromNode for Case {
    fn read(node: &Node<'_>) -> Read<Self> {
        let limits = Limits { ink: node.get("ink")?, ink_price: node.get("inkPrice")?, stack: node.get("maxDepth")? };
        Ok(Self {
            stylus_version: node.get("stylusVersion")?,
            arbos_version: node.get("arbosVersion")?,
            limits,
            calldata: node.get("calldata")?,
            requests: node.get("requests")?,
            expected: node.get("expected")?,
        })
    }
}

impl FromNode for Exchange {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["id", "name", "data", "result", "raw", "gas"])?;
        let answer =
            Answer { result: node.get::<Bytes>("result")?.to_vec(), data: node.get("raw")?, gas: node.get("gas")? };
        Ok(Self { id: node.get("id")?, data: node.get("data")?, answer })
    }
}

impl FromNode for Expected {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&[&["outcome", "output", "failure", "exhausted"], Self::NUMBERS.as_slice()].concat())?;
        let numbers = Self::NUMBERS.into_iter().map(|name| Ok((name, node.get(name)?)));
        Ok(Self {
            outcome: node.get("outcome")?,
            output: node.get("output")?,
            numbers: numbers.collect::<Read<_>>()?,
            exhausted: node.get("exhausted")?,
        })
    }
}
