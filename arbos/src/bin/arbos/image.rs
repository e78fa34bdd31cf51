//! Machines from files: an image, a wasm binary or its text form, or a line of `wavm-machine/1`.

use crate::program::{self, binary};
use alloy_primitives::{B256, hex};
use arbos::vectors::{
    InputError,
    format::{Title, machine::Case},
    input::VectorFile,
};
use serde_json::{Value, json};
use std::{
    fmt::Display,
    path::{Path, PathBuf},
};
use wavm::{Answers, GlobalState, Instruction, Machine, MachineError, Status, machine::Limits, module::LinkOptions};

/// The format that describes machines.
const FORMAT: &str = "wavm-machine/1";
/// Between the name of a file and that of a machine in it.
const SEPARATOR: char = '#';

/// A machine and what it is answered.
pub(crate) struct Loaded {
    path: PathBuf,
    pub(crate) machine: Machine,
    pub(crate) answers: Answers,
}

/// Where machines come from.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Modules {
    /// Modules that are linked before a wasm file, in this order
    #[arg(long, value_name = "FILE")]
    library: Vec<PathBuf>,
    /// The entrypoint of a wasm file calls `__main_void` and `_start`
    #[arg(long)]
    language_support: bool,
}

impl Modules {
    /// Reads a machine. A file with several has `#` and the name of one behind it.
    pub(crate) fn load(&self, path: &Path) -> Result<Loaded, InputError> {
        let (file, name) = split(path);
        if let Some(case) = vector(&file, name.as_deref())? {
            return loaded(path, case);
        }
        let bytes = program::read(&file)?;
        match Machine::from_image(&bytes, Limits::default()) {
            Ok(machine) => Ok(Loaded { path: path.into(), machine, answers: Answers::default() }),
            Err(wavm::machine::ImageError::Magic) => loaded(path, self.case(&file, bytes)?),
            Err(error) => Err(InputError::of_file(&file, error)),
        }
    }

    /// A machine of a binary alone.
    fn case(&self, file: &Path, bytes: Vec<u8>) -> Result<Case, InputError> {
        let library = |path: &PathBuf| Ok(binary(path, program::read(path)?)?.into());
        let language_support = self.language_support;
        Ok(Case {
            main: binary(file, bytes)?.into(),
            libraries: self.library.iter().map(library).collect::<Result<_, InputError>>()?,
            options: LinkOptions { language_support, host_api_from_main: true, debug_functions: true },
            global_state: GlobalState::default(),
            ..Case::default()
        })
    }
}

fn loaded(path: &Path, case: Case) -> Result<Loaded, InputError> {
    let machine = case.machine().map_err(|error| InputError::of_file(path, error))?;
    let answers = case.answers().map_err(|error| InputError::of_file(path, error))?;
    Ok(Loaded { path: path.into(), machine, answers })
}

/// The name of the file, and of the machine in it.
fn split(path: &Path) -> (PathBuf, Option<String>) {
    let text = path.to_string_lossy();
    match text.rsplit_once(SEPARATOR) {
        Some((file, name)) if !path.exists() => (file.into(), Some(name.into())),
        _ => (path.into(), None),
    }
}

/// The machine of a vector file; none if it is another file.
fn vector(file: &Path, name: Option<&str>) -> Result<Option<Case>, InputError> {
    let is_vector = [".jsonl", ".jsonl.zst"].iter().any(|ending| file.to_string_lossy().ends_with(ending));
    if !is_vector {
        return match name {
            Some(name) => Err(InputError::of_file(file, format!("no vectors, so no machine {name}"))),
            None => Ok(None),
        };
    }
    let vectors = VectorFile::read(file)?;
    let mut lines = vectors.lines();
    let title = lines.next().map(|line| line.read::<Title>()).transpose()?;
    if let Some(title) = title.filter(|title| title.format != FORMAT) {
        return Err(InputError::of_file(file, format!("want format {FORMAT}, got {}", title.format)));
    }
    let mut cases = lines.map(|line| line.read::<Case>()).collect::<Result<Vec<_>, _>>()?;
    let found = match name {
        Some(name) => cases.iter().position(|case| case.name == name),
        None => (cases.len() == 1).then_some(0),
    };
    match (found, name) {
        (Some(index), _) => Ok(Some(cases.swap_remove(index))),
        (None, Some(name)) => Err(InputError::of_file(file, format!("no machine is called {name}"))),
        (None, None) => {
            let count = cases.len();
            Err(InputError::of_file(file, format!("{count} machines; name one: FILE{SEPARATOR}NAME")))
        }
    }
}

impl Loaded {
    /// What went wrong at a step.
    pub(crate) fn error(&self, machine: &Machine, error: &MachineError) -> InputError {
        self.wrong(format!("step {}: {error}", machine.steps()))
    }

    /// Something that is wrong with the file.
    pub(crate) fn wrong(&self, problem: impl Display) -> InputError {
        InputError::of_file(&self.path, problem)
    }
}

/// What people call a status.
pub(crate) const fn status(machine: &Machine) -> &'static str {
    match machine.status() {
        Status::Running => "running",
        Status::Finished => "finished",
        Status::Errored => "errored",
        Status::TooFar => "too far",
    }
}

/// A global state, as vectors write it.
pub(crate) fn global_state(state: &GlobalState) -> Value {
    json!({
        "blockHash": state.block_hash, "sendRoot": state.send_root, "batch": state.batch, "posInBatch": state.position,
    })
}

/// A step that is proved, as vectors write it.
pub(crate) fn proof(step: u64, instruction: Option<Instruction>, before: B256, proof: &[u8], after: B256) -> Value {
    json!({
        "step": step,
        "opcode": instruction.map(|instruction| instruction.op.code()),
        "before": before,
        "proof": hex::encode_prefixed(proof),
        "after": after,
    })
}
