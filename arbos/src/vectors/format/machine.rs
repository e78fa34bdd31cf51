//! `wavm-machine/1`: a machine with all it is given, its hashes at some steps, how it ends, and proofs of steps.

use crate::vectors::json::{Base64, FromNode, Node, Read};
use alloy_primitives::{B256, Bytes};
use wavm::{GlobalState, host::PreimageType, module::LinkOptions};

/// A further line. What is expected may be absent, so that a line can also describe a machine that is only to be run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The main module.
    pub main: Bytes,
    /// The modules before it, in the order of linking.
    pub libraries: Vec<Bytes>,
    /// How modules are linked.
    pub options: LinkOptions,
    /// The global state at the start.
    pub global_state: GlobalState,
    /// Messages that can be read.
    pub inbox: Vec<InboxMessage>,
    /// Preimages that can be read.
    pub preimages: Vec<Preimage>,
    /// Programs that can be linked.
    pub programs: Vec<Program>,
    /// What comes of it.
    pub expected: Expected,
    /// Steps that are proved.
    pub proofs: Vec<Proof>,
}

/// A message of the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxMessage {
    /// Whether it came from the sequencer, or else through the delayed inbox.
    pub sequencer: bool,
    /// Its number.
    pub index: u64,
    /// The message.
    pub data: Bytes,
}

/// A preimage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preimage {
    /// Its kind.
    pub ty: PreimageType,
    /// Its hash, where that does not follow from the data.
    pub hash: Option<B256>,
    /// The preimage.
    pub data: Bytes,
}

/// A program that the machine can link: activated with ArbOS version 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The binary.
    pub wasm: Bytes,
    /// Its code hash.
    pub code_hash: B256,
    /// The rules it is activated by.
    pub stylus_version: u16,
}

/// What comes of a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Why it cannot be built; informative.
    pub build_error: Option<String>,
    /// Root over the modules at the start.
    pub module_root: Option<B256>,
    /// Hash of the main module at the start.
    pub main_module_hash: Option<B256>,
    /// The machine's hash at steps.
    pub hashes: Vec<(u64, B256)>,
    /// Steps until it halts.
    pub steps: Option<u64>,
    /// Whether it halts at all.
    pub halted: Option<bool>,
    /// How it ends.
    pub status: Option<u8>,
    /// The global state at the end.
    pub global_state: Option<GlobalState>,
    /// Opcodes that are executed; there may be others.
    pub opcodes: Vec<u64>,
}

/// A proof of a step. That of a halted machine leads to the same hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The step.
    pub step: u64,
    /// Code of the instruction, if there is one.
    pub opcode: Option<u64>,
    /// Hash before the step.
    pub before: Option<B256>,
    /// The proof.
    pub proof: Option<Bytes>,
    /// Hash after the step.
    pub after: Option<B256>,
}

impl FromNode for Case {
    fn read(node: &Node<'_>) -> Read<Self> {
        let flag = |name| Ok(node.optional(name)?.unwrap_or(false));
        let options = LinkOptions {
            language_support: flag("languageSupport")?,
            host_api_from_main: flag("hostApiFromMain")?,
            debug_functions: flag("debugFuncs")?,
        };
        let libraries: Option<Vec<Library>> = node.optional("libraries")?;
        Ok(Self {
            name: node.optional("name")?.unwrap_or_else(|| "machine".into()),
            main: node.get::<Base64>("wasm")?.0,
            libraries: libraries.unwrap_or_default().into_iter().map(|library| library.0).collect(),
            options,
            global_state: node.optional_with("globalState", state)?.unwrap_or_default(),
            inbox: node.optional("inbox")?.unwrap_or_default(),
            preimages: node.optional("preimages")?.unwrap_or_default(),
            programs: node.optional("stylusModules")?.unwrap_or_default(),
            expected: node.optional("expected")?.unwrap_or_default(),
            proofs: node.optional("proofs")?.unwrap_or_default(),
        })
    }
}

struct Library(Bytes);

impl FromNode for Library {
    fn read(node: &Node<'_>) -> Read<Self> {
        Ok(Self(node.get::<Base64>("wasm")?.0))
    }
}

fn state(node: &Node<'_>) -> Read<GlobalState> {
    node.only(&["blockHash", "sendRoot", "batch", "posInBatch"])?;
    Ok(GlobalState {
        block_hash: node.optional("blockHash")?.unwrap_or_default(),
        send_root: node.optional("sendRoot")?.unwrap_or_default(),
        batch: node.optional("batch")?.unwrap_or_default(),
        position: node.optional("posInBatch")?.unwrap_or_default(),
    })
}

impl FromNode for InboxMessage {
    fn read(node: &Node<'_>) -> Read<Self> {
        let sequencer = node.with("kind", |kind| match kind.text()? {
            "sequencer" => Ok(true),
            "delayed" => Ok(false),
            other => Err(kind.error(format!("want sequencer or delayed, got {other}"))),
        })?;
        Ok(Self { sequencer, index: node.get("index")?, data: node.get("data")? })
    }
}

impl FromNode for Preimage {
    fn read(node: &Node<'_>) -> Read<Self> {
        let ty = node.with("type", |ty| {
            PreimageType::from_code(u64::read(ty)?).ok_or_else(|| ty.error("want a number from 0 to 3"))
        })?;
        Ok(Self { ty, hash: node.optional("hash")?, data: node.get("data")? })
    }
}

impl FromNode for Program {
    fn read(node: &Node<'_>) -> Read<Self> {
        Ok(Self {
            wasm: node.get::<Base64>("wasm")?.0,
            code_hash: node.get("codeHash")?,
            stylus_version: node.get("stylusVersion")?,
        })
    }
}

impl FromNode for Expected {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&[
            "buildError",
            "moduleRoot",
            "mainModuleHash",
            "hashes",
            "steps",
            "halted",
            "status",
            "globalState",
            "opcodes",
        ])?;
        let hashes: Option<Vec<HashAtStep>> = node.optional("hashes")?;
        Ok(Self {
            build_error: node.optional("buildError")?,
            module_root: node.optional("moduleRoot")?,
            main_module_hash: node.optional("mainModuleHash")?,
            hashes: hashes.unwrap_or_default().into_iter().map(|HashAtStep(step, hash)| (step, hash)).collect(),
            steps: node.optional("steps")?,
            halted: node.optional("halted")?,
            status: node.optional("status")?,
            global_state: node.optional_with("globalState", state)?,
            opcodes: node.optional("opcodes")?.unwrap_or_default(),
        })
    }
}

struct HashAtStep(u64, B256);

impl FromNode for HashAtStep {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.pair().map(|(step, hash)| Self(step, hash))
    }
}

impl FromNode for Proof {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["step", "opcode", "before", "proof", "after"])?;
        Ok(Self {
            step: node.get("step")?,
            opcode: node.optional::<Option<u64>>("opcode")?.flatten(),
            before: node.optional("before")?,
            proof: node.optional("proof")?,
            after: node.optional("after")?,
        })
    }
}
