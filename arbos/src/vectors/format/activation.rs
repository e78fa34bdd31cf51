//! `stylus-activation/1`: a program, and what comes of its activations.

use crate::vectors::json::{Base64, FromNode, Node, Read};
use alloy_primitives::{B256, Bytes};
use wavm::stylus::ActivationParams;

/// A further line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its name.
    pub name: String,
    /// The binary.
    pub wasm: Bytes,
    /// Its activations.
    pub cases: Vec<Case>,
}

/// An activation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it is done with.
    pub params: ActivationParams,
    /// Gas there is.
    pub gas: u64,
    /// Gas taken, also on failure.
    pub gas_used: Option<u64>,
    /// How it ends.
    pub end: End,
}

/// How an activation ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The program is active.
    Active(ExpectedActivation),
    /// It is refused, by a rule of this class.
    Refused(String),
}

/// What is known of an active program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedActivation {
    /// Hash of the module.
    pub module_hash: Option<B256>,
    /// Numbers, by the names of the format.
    pub numbers: Vec<(&'static str, u64)>,
}

impl ExpectedActivation {
    /// Names of the numbers.
    pub const NUMBERS: [&'static str; 8] = [
        "footprint",
        "initCost",
        "cachedInitCost",
        "asmEstimate",
        "inkLeftGlobal",
        "inkStatusGlobal",
        "depthLeftGlobal",
        "userMain",
    ];
}

impl FromNode for Program {
    fn read(node: &Node<'_>) -> Read<Self> {
        let code_hash = node.get("codeHash")?;
        let mut cases: Vec<Case> = node.get("cases")?;
        cases.iter_mut().for_each(|case| case.params.code_hash = code_hash);
        Ok(Self { name: node.get("name")?, wasm: node.get::<Base64>("wasm")?.0, cases })
    }
}

impl FromNode for Case {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["stylusVersion", "arbosVersion", "pageLimit", "debug", "gas", "gasUsed", "ok", "error", "note"])?;
        let params = ActivationParams {
            code_hash: B256::ZERO,
            stylus_version: node.get("stylusVersion")?,
            arbos_version: node.get("arbosVersion")?,
            page_limit: node.get("pageLimit")?,
            debug: node.get("debug")?,
        };
        Ok(Self { params, gas: node.get("gas")?, gas_used: node.optional("gasUsed")?, end: End::read(node)? })
    }
}

impl FromNode for End {
    fn read(node: &Node<'_>) -> Read<Self> {
        let active = node.optional::<Option<ExpectedActivation>>("ok")?.flatten();
        let class = || node.with("error", |error| error.get("class"));
        active.map_or_else(|| class().map(Self::Refused), |active| Ok(Self::Active(active)))
    }
}

impl FromNode for ExpectedActivation {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&[&["moduleHash"], Self::NUMBERS.as_slice()].concat())?;
        let numbers = Self::NUMBERS.into_iter().filter_map(|name| match node.optional(name) {
            Ok(number) => number.map(|number| Ok((name, number))),
            Err(error) => Some(Err(error)),
        });
        Ok(Self { module_hash: node.optional("moduleHash")?, numbers: numbers.collect::<Read<_>>()? })
    }
}
