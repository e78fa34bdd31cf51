//! `arbos prove`: the proof of a step, and the step at which two machines part.

use crate::{
    End,
    image::{self, Loaded, Modules},
    progress::Steps,
};
use alloy_primitives::{B256, hex};
use arbos::vectors::InputError;
use clap::Subcommand;
use serde_json::json;
use std::path::PathBuf;
use wavm::{
    Machine, MachineError,
    dispute::{Divergence, first_divergence},
    proof::blob::NativeBlobProver,
};

/// Arguments of `prove`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Finds the first step after which two machines differ, and proves it
    Bisect(Bisect),
}

/// Needed only without a verb, which is why they can be absent.
#[derive(Debug, clap::Args)]
struct Step {
    /// A machine image, a wasm file in binary or text form, or vectors: FILE or FILE#NAME
    #[arg(value_name = "FILE", required = true)]
    file: Option<PathBuf>,
    /// The step
    #[arg(long, value_name = "N", required = true)]
    step: Option<u64>,
    #[command(flatten)]
    modules: Modules,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Bisect {
    /// A machine, as for `prove`
    #[arg(value_name = "A")]
    left: PathBuf,
    /// Another one
    #[arg(value_name = "B")]
    right: PathBuf,
    /// Most steps that are searched
    #[arg(long, value_name = "N", default_value_t = Machine::MAX_STEPS)]
    limit: u64,
    #[command(flatten)]
    modules: Modules,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub(crate) fn run(args: &Args) -> End {
    let (json, ended) = match &args.verb {
        Some(Verb::Bisect(args)) => (args.json, args.run()),
        None => (args.step.json, args.step.run()),
    };
    ended.unwrap_or_else(|error| crate::bad_input(&error, json))
}

impl Step {
    fn run(&self) -> Result<End, InputError> {
        let (file, step) = (self.file.clone().unwrap_or_default(), self.step.unwrap_or_default());
        let mut loaded = self.modules.load(&file)?;
        Steps::new("running", Some(step), !self.json).run(&mut loaded, step)?;
        let Loaded { machine, answers, .. } = &mut loaded;
        let (step, instruction) = (machine.steps(), machine.next_instruction());
        let before = machine.hash();
        let proved = machine.prove(answers, &NativeBlobProver).and_then(|proof| {
            let mut after = machine.clone();
            after.step(answers)?;
            Ok((proof, after.hash()))
        });
        let (proof, after) = proved.map_err(|error: MachineError| loaded.error(&loaded.machine, &error))?;
        if self.json {
            crate::print_line(image::proof(step, instruction, before, &proof, after));
            return Ok(End::Good);
        }
        let name = instruction.map_or("halted", |instruction| instruction.op.name());
        crate::print_line(format!("step {step}: {name}"));
        crate::print_line(format!("  before  {before}"));
        crate::print_line(format!("  after   {after}"));
        crate::print_line(format!("  proof   {}", hex::encode_prefixed(&proof)));
        Ok(End::Good)
    }
}

impl Bisect {
    fn run(&self) -> Result<End, InputError> {
        let (left, right) = (self.modules.load(&self.left)?, self.modules.load(&self.right)?);
        let steps = Steps::new("searching", None, !self.json);
        let machines = [left.machine.clone(), right.machine.clone()];
        let found = first_divergence(machines, (&left.answers, &right.answers), self.limit, |round| {
            steps.at(round.agreed, round.differing);
        });
        let found = found.map_err(|error| left.wrong(format!("while it was searched: {error}")))?;
        steps.finish();
        let Some(divergence) = found else {
            self.print_none();
            return Ok(End::Good);
        };
        self.print(divergence, [&left, &right])?;
        Ok(End::Good)
    }

    fn print_none(&self) {
        if self.json {
            crate::print_line(json!({ "differ": false }));
        } else {
            crate::print_line("they do not differ");
        }
    }

    fn print(&self, divergence: Divergence, loaded: [&Loaded; 2]) -> Result<(), InputError> {
        let Divergence { step, before, after, mut machines } = divergence;
        let instructions = machines.each_ref().map(Machine::next_instruction);
        let mut proofs = Vec::new();
        for (machine, loaded) in machines.iter_mut().zip(loaded) {
            let hash: B256 = machine.hash();
            let proof = machine.prove(&loaded.answers, &NativeBlobProver);
            proofs.push((hash, proof.map_err(|error| loaded.error(machine, &error))?));
        }
        if self.json {
            let proofs = (0..2).map(|side| {
                let (before, proof) = &proofs[side];
                image::proof(step, instructions[side], *before, proof, after[side])
            });
            let proofs: Vec<_> = proofs.collect();
            crate::print_line(json!({ "differ": true, "step": step, "before": before, "proofs": proofs }));
            return Ok(());
        }
        crate::print_line(format!("they differ after step {step}"));
        crate::print_line(format!("  before   {before}"));
        for (side, name) in ["A", "B"].into_iter().enumerate() {
            let op = instructions[side].map_or("halted", |instruction| instruction.op.name());
            crate::print_line(format!("  {name} after  {} {op}", after[side]));
            crate::print_line(format!("  {name} proof  {}", hex::encode_prefixed(&proofs[side].1)));
        }
        Ok(())
    }
}
