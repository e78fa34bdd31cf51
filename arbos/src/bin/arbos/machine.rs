//! `arbos machine`: runs the proving machine, hashes it, shows its steps.

use crate::{
    End,
    image::{self, Loaded, Modules},
    progress::Steps,
};
use arbos::vectors::InputError;
use clap::Subcommand;
use serde_json::json;
use std::{fs, path::PathBuf};
use wavm::Machine;

/// Values of the stack that a trace shows.
const SHOWN: usize = 4;

/// Arguments of `machine`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Runs a machine and says how it is then
    Run(Run),
    /// Hashes a machine at steps
    Hash(Hash),
    /// Shows instructions with the values they find
    Trace(Trace),
}

/// The machine, and the form of the answer.
#[derive(Debug, clap::Args)]
struct Common {
    /// A machine image, a wasm file in binary or text form, or vectors: FILE or FILE#NAME
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    modules: Modules,
    /// JSON, one object a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Run {
    #[command(flatten)]
    common: Common,
    /// Stops there, if it has not ended before
    #[arg(long, value_name = "N", default_value_t = Machine::MAX_STEPS)]
    to: u64,
    /// Instruction by instruction, not whole blocks at once
    #[arg(long)]
    single: bool,
    /// Writes an image of the machine as it is then
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Hash {
    #[command(flatten)]
    common: Common,
    /// Steps, as a list with commas
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "0")]
    at: Vec<u64>,
}

#[derive(Debug, clap::Args)]
struct Trace {
    #[command(flatten)]
    common: Common,
    /// First step that is shown
    #[arg(long, value_name = "N", default_value_t = 0)]
    from: u64,
    /// How many are shown at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    count: u64,
}

/// Runs the verb.
pub(crate) fn run(args: &Args) -> End {
    let (common, ended) = match &args.verb {
        Verb::Run(args) => (&args.common, args.run()),
        Verb::Hash(args) => (&args.common, args.run()),
        Verb::Trace(args) => (&args.common, args.run()),
    };
    match ended {
        Ok(()) => End::Good,
        Err(error) => crate::bad_input(&error, common.json),
    }
}

impl Common {
    fn load(&self) -> Result<Loaded, InputError> {
        self.modules.load(&self.file)
    }
}

impl Run {
    fn run(&self) -> Result<(), InputError> {
        let mut loaded = self.common.load()?;
        let steps = Steps::new("running", Some(self.to), !self.common.json);
        if self.single {
            steps.single(&mut loaded, self.to)?;
        } else {
            steps.run(&mut loaded, self.to)?;
        }
        if let Some(path) = &self.image {
            fs::write(path, loaded.machine.to_image()).map_err(|error| InputError::of_file(path, error))?;
        }
        self.print(&mut loaded.machine);
        Ok(())
    }

    fn print(&self, machine: &mut Machine) {
        let (hash, pc, status) = (machine.hash(), machine.pc(), image::status(machine));
        let state = machine.global_state();
        if self.common.json {
            return crate::print_line(json!({
                "steps": machine.steps(), "status": status, "hash": hash, "module": pc.module, "function": pc.func,
                "instruction": pc.inst, "globalState": image::global_state(state),
            }));
        }
        crate::print_line(format!("{status} after {} steps", machine.steps()));
        crate::print_line(format!("  hash         {hash}"));
        crate::print_line(format!(
            "  place        module {}, function {}, instruction {}",
            pc.module, pc.func, pc.inst
        ));
        crate::print_line(format!("  block hash   {}", state.block_hash));
        crate::print_line(format!("  send root    {}", state.send_root));
        crate::print_line(format!("  position     {} of batch {}", state.position, state.batch));
    }
}

impl Hash {
    fn run(&self) -> Result<(), InputError> {
        let mut loaded = self.common.load()?;
        let mut at = self.at.clone();
        at.sort_unstable();
        let steps = Steps::new("running", at.last().copied(), !self.common.json);
        for step in at {
            steps.run(&mut loaded, step)?;
            let hash = loaded.machine.hash();
            steps.around(|| {
                if self.common.json {
                    crate::print_line(json!({ "step": step, "hash": hash, "halted": loaded.machine.is_halted() }));
                } else {
                    crate::print_line(format!("{step:>12} {hash}"));
                }
            });
        }
        Ok(())
    }
}

impl Trace {
    fn run(&self) -> Result<(), InputError> {
        let mut loaded = self.common.load()?;
        Steps::new("running", Some(self.from), !self.common.json).run(&mut loaded, self.from)?;
        for _ in 0..self.count {
            if loaded.machine.is_halted() {
                break;
            }
            self.print(&loaded.machine);
            let Loaded { machine, answers, .. } = &mut loaded;
            let ended = machine.step(answers);
            ended.map_err(|error| loaded.error(&loaded.machine, &error))?;
        }
        if !self.common.json {
            let machine = &loaded.machine;
            crate::print_line(format!("{} after {} steps", image::status(machine), machine.steps()));
        }
        Ok(())
    }

    fn print(&self, machine: &Machine) {
        let (pc, step, values) = (machine.pc(), machine.steps(), machine.values());
        let top: Vec<String> = values.iter().rev().take(SHOWN).map(|value| format!("{value:?}")).collect();
        let instruction = machine.next_instruction();
        let (name, argument) = instruction.map_or(("none", 0), |known| (known.op.name(), known.argument));
        if self.common.json {
            return crate::print_line(json!({
                "step": step, "module": pc.module, "function": pc.func, "instruction": pc.inst, "op": name,
                "argument": argument, "height": values.len(), "top": top,
            }));
        }
        let place = format!("{}:{}:{}", pc.module, pc.func, pc.inst);
        crate::print_line(format!("{step:>12} {place:<14} {name:<24} {argument:<20} {}", top.join(" ")));
    }
}
