//! `arbos prices`: what a load and an owner do to prices, and the transactions that make the owner's changes.

#[path = "prices/progress.rs"]
mod progress;
#[path = "prices/recommend.rs"]
mod recommend;

use crate::End;
use alloy_primitives::hex;
use arbos::{
    prices::{Change, Load, Mix, Model, Row, Setting, Simulation, plot},
    vectors::InputError,
};
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// Verbs of `prices`.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Runs a model over a load
    Simulate(Simulate),
    /// Draws several models or settings over the same load on one sheet
    Compare(Compare),
    /// Prints the owner's transactions that make changes: parameter, contract, calldata
    Calls(Calls),
    /// Searches parameters that meet a goal and prints the owner's transactions
    Recommend(recommend::Args),
}

/// What users bring.
#[derive(Debug, clap::Args)]
struct LoadArgs {
    /// Gas a second as steady:GAS, step:GAS:GAS:AT, burst:GAS:PEAK:PERIOD:LENGTH, daily:LOW:HIGH or random:MEAN:SEED, or a CSV
    /// file with the columns time, gas or kinds of gas, and if you like data_bytes and l1_base_fee
    #[arg(long, value_name = "FILE|PATTERN")]
    load: String,
    /// How gas divides into kinds where the load does not say so
    #[arg(long, default_value = "computation:1", value_name = "KIND:PARTS,...")]
    mix: String,
}

/// What all runs have.
#[derive(Debug, clap::Args)]
struct Common {
    #[command(flatten)]
    load: LoadArgs,
    /// A change by the owner, named like its setter: speedLimit=7000000@3600
    #[arg(long = "set", value_name = "PARAM=VALUE@TIME")]
    settings: Vec<String>,
    /// Seconds to simulate
    #[arg(long, default_value_t = 86_400)]
    seconds: u64,
    /// Blocks in a second
    #[arg(long, default_value_t = 4)]
    blocks_per_second: u64,
    /// Seconds between rows
    #[arg(long, default_value_t = 60)]
    sample: u64,
}

/// Arguments of `simulate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Simulate {
    /// backlog, constraints, multi-gas, dual-pool, rate-estimate or first-exponential
    #[arg(long)]
    model: String,
    #[command(flatten)]
    common: Common,
    /// Prints objects of JSON instead of CSV
    #[arg(long)]
    json: bool,
    /// Draws a picture, too
    #[arg(long, value_name = "FILE.svg|png")]
    plot: Option<PathBuf>,
    /// Writes rows here instead of printing them
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Arguments of `compare`.
#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// A model, with changes of its own if you like; several times
    #[arg(long = "model", required = true, value_name = "MODEL[+PARAM=VALUE@TIME...]")]
    models: Vec<String>,
    #[command(flatten)]
    common: Common,
    /// The picture
    #[arg(long, value_name = "FILE.svg|png")]
    plot: PathBuf,
}

/// Arguments of `calls`.
#[derive(Debug, clap::Args)]
pub(crate) struct Calls {
    /// A change, named like its setter: speedLimit=7000000
    #[arg(long = "set", value_name = "PARAM=VALUE", required = true)]
    settings: Vec<String>,
}

/// Runs a verb.
pub(crate) fn run(verb: &Verb) -> End {
    let outcome = match verb {
        Verb::Simulate(args) => simulate(args),
        Verb::Compare(args) => compare(args),
        Verb::Calls(args) => calls(args),
        Verb::Recommend(args) => recommend::run(args),
    };
    match outcome {
        Ok(()) => End::Good,
        Err(error) => {
            eprintln!("error: {error}");
            End::BadInput
        }
    }
}

/// What is wrong with an argument.
fn wrong(argument: &str, problem: impl core::fmt::Display) -> InputError {
    InputError { field: Some(argument.into()), ..InputError::of_file(Path::new("prices"), problem) }
}

fn model_named(name: &str) -> Result<Model, InputError> {
    Model::named(name).ok_or_else(|| {
        let names = Model::ALL.map(Model::name).join(", ");
        wrong("model", format_args!("{name:?} is none of {names}"))
    })
}

impl LoadArgs {
    fn read(&self) -> Result<Load, InputError> {
        let mix = Mix::parse(&self.mix).map_err(|problem| wrong("mix", problem))?;
        Load::parse(&self.load, mix)
    }
}

impl Common {
    /// The simulation of a model with changes of its own beside those of all.
    fn simulation(&self, model: &str, own: &[&str]) -> Result<Simulation, InputError> {
        let model = model_named(model)?;
        let settings = self.settings.iter().map(String::as_str).chain(own.iter().copied());
        Ok(Simulation {
            model,
            load: self.load.read()?,
            settings: settings.map(|text| Setting::parse(text, model)).collect::<Result<_, _>>()?,
            seconds: self.seconds,
            blocks_per_second: self.blocks_per_second,
            sample: self.sample,
        })
    }
}

fn simulate(args: &Simulate) -> Result<(), InputError> {
    let simulation = args.common.simulation(&args.model, &[])?;
    if let Some(path) = &args.plot {
        check_picture(path, &simulation)?;
    }
    let name = args.out.clone().unwrap_or_else(|| PathBuf::from("standard output"));
    let failed = |error| InputError::of_file(&name, error);
    let mut printer = Printer::new(args.json, args.out.as_deref()).map_err(failed)?;
    let (mut rows, mut is_first) = (Vec::new(), true);
    progress::run(&simulation, |row| {
        printer.print(&row, std::mem::take(&mut is_first));
        if args.plot.is_some() {
            rows.push(row);
        }
    })?;
    printer.finish().map_err(failed)?;
    match &args.plot {
        Some(path) => draw(path, &[plot::Series { name: args.model.clone(), rows }]),
        None => Ok(()),
    }
}

/// Prints rows as they come, up to the first that cannot be written.
struct Printer {
    out: Box<dyn Write>,
    json: bool,
    state: io::Result<()>,
}

impl Printer {
    fn new(json: bool, path: Option<&Path>) -> io::Result<Self> {
        let out: Box<dyn Write> = match path {
            Some(path) => Box::new(BufWriter::new(File::create(path)?)),
            None => Box::new(BufWriter::new(io::stdout().lock())),
        };
        Ok(Self { out, json, state: Ok(()) })
    }

    fn line(&mut self, line: impl core::fmt::Display) {
        if self.state.is_ok() {
            self.state = writeln!(self.out, "{line}");
        }
    }

    /// The columns come with the first row, so that what is refused prints nothing.
    fn print(&mut self, row: &Row, is_first: bool) {
        if is_first && !self.json {
            self.line(Row::columns());
        }
        if self.json { self.line(row.json()) } else { self.line(row.csv()) }
    }

    fn finish(mut self) -> io::Result<()> {
        self.state?;
        self.out.flush()
    }
}

fn compare(args: &Compare) -> Result<(), InputError> {
    let mut series = Vec::new();
    for text in &args.models {
        let mut parts = text.split('+');
        let model = parts.next().unwrap_or_default();
        let simulation = args.common.simulation(model, &parts.collect::<Vec<_>>())?;
        check_picture(&args.plot, &simulation)?;
        let mut rows = Vec::new();
        progress::run(&simulation, |row| rows.push(row))?;
        series.push(plot::Series { name: text.clone(), rows });
    }
    draw(&args.plot, &series)
}

fn format_of(picture: &Path) -> Result<plot::Format, InputError> {
    plot::Format::named(picture).ok_or_else(|| wrong("plot", "the name of a picture has to end in .svg or .png"))
}

/// Pictures are of a format we draw and of a size that people can look at.
fn check_picture(path: &Path, simulation: &Simulation) -> Result<(), InputError> {
    format_of(path)?;
    if simulation.seconds / simulation.sample.max(1) > plot::MAX_ROWS {
        return Err(wrong(
            "sample",
            format_args!("a picture has at most {} rows: take longer samples", plot::MAX_ROWS),
        ));
    }
    Ok(())
}

fn draw(path: &Path, series: &[plot::Series]) -> Result<(), InputError> {
    let picture = format_of(path)?.draw(series).map_err(|error| wrong("plot", error))?;
    fs::write(path, picture).map_err(|error| InputError::of_file(path, error))
}

fn calls(args: &Calls) -> Result<(), InputError> {
    for text in &args.settings {
        if text.contains('@') {
            return Err(wrong(text, "a transaction is made when it is sent: want PARAM=VALUE without @TIME"));
        }
        print_call(&Setting::parse(text, Model::Backlog)?.change);
    }
    Ok(())
}

/// A line for a transaction: parameter, contract, calldata.
fn print_call(change: &Change) {
    if let Change::Call { parameter, calldata } = change {
        println!("{parameter} 0x0000000000000000000000000000000000000070 {}", hex::encode_prefixed(calldata));
    }
}
