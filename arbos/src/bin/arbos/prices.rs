//! `arbos prices`: what a load and an owner do to prices, and the transactions that make the owner's changes.

use crate::End;
use alloy_primitives::hex;
use arbos::{
    prices::{Load, Model, Row, Setting, Simulation, plot},
    vectors::InputError,
};
use indicatif::ProgressBar;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::Instant,
};

/// Verbs of `prices`.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Runs a model over a load
    Simulate(Simulate),
    /// Draws several models over the same load on one sheet
    Compare(Compare),
    /// Prints the owner's transactions that make changes: to, and calldata
    Calls(Calls),
}

/// What all runs have.
#[derive(Debug, clap::Args)]
struct Common {
    /// steady:GAS, step:GAS:GAS:AT, burst:GAS:PEAK:PERIOD:LENGTH, daily:LOW:HIGH, random:MEAN:SEED (gas a second), or a CSV file
    /// with the columns time,gas,data_bytes,l1_base_fee
    #[arg(long)]
    load: String,
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
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// Writes rows here instead of printing them
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Arguments of `compare`.
#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// A model; several times
    #[arg(long = "model", required = true)]
    models: Vec<String>,
    #[command(flatten)]
    common: Common,
    /// The picture
    #[arg(long, value_name = "FILE.svg")]
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
    };
    match outcome {
        Ok(()) => End::Good,
        Err(error) => {
            eprintln!("error: {error}");
            End::BadInput
        }
    }
}

impl Common {
    fn simulation(&self, model: &str) -> Result<Simulation, InputError> {
        let unknown = || InputError::of_file(Path::new("--model"), format_args!("there is no model {model:?}"));
        Ok(Simulation {
            model: Model::named(model).ok_or_else(unknown)?,
            load: Load::parse(&self.load)?,
            settings: self.settings.iter().map(|text| Setting::parse(text)).collect::<Result<_, _>>()?,
            seconds: self.seconds,
            blocks_per_second: self.blocks_per_second,
            sample: self.sample,
        })
    }
}

/// Runs a simulation with a bar and says how fast it went.
fn rows(simulation: &Simulation) -> Result<Vec<Row>, InputError> {
    let bar = ProgressBar::new(simulation.seconds);
    let mut rows = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "the program says how fast it was")]
    let start = Instant::now();
    simulation.run(
        |row| rows.push(row),
        |second| {
            if second % 4_096 == 0 {
                bar.set_position(second);
            }
        },
    )?;
    bar.finish_and_clear();
    #[expect(clippy::disallowed_methods, reason = "the program says how fast it was")]
    let seconds = start.elapsed().as_secs_f64().max(1e-9);
    let blocks = simulation.seconds.saturating_mul(simulation.blocks_per_second);
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = blocks as f64 / seconds;
    eprintln!("{}: {blocks} blocks in {seconds:.1} s, {rate:.0} a second", simulation.model.name());
    Ok(rows)
}

fn simulate(args: &Simulate) -> Result<(), InputError> {
    if let Some(path) = &args.plot {
        require_svg(path)?;
    }
    let simulation = args.common.simulation(&args.model)?;
    let rows = rows(&simulation)?;
    let name = args.out.clone().unwrap_or_else(|| PathBuf::from("standard output"));
    print(&rows, args.json, args.out.as_deref()).map_err(|error| InputError::of_file(&name, error))?;
    match &args.plot {
        Some(path) => draw(path, &[plot::Series { name: args.model.clone(), rows }]),
        None => Ok(()),
    }
}

fn print(rows: &[Row], json: bool, out: Option<&Path>) -> io::Result<()> {
    let mut out: Box<dyn Write> = match out {
        Some(path) => Box::new(BufWriter::new(File::create(path)?)),
        None => Box::new(BufWriter::new(io::stdout().lock())),
    };
    if !json {
        writeln!(out, "{}", Row::COLUMNS)?;
    }
    for row in rows {
        if json { writeln!(out, "{}", row.json())? } else { writeln!(out, "{}", row.csv())? }
    }
    out.flush()
}

fn compare(args: &Compare) -> Result<(), InputError> {
    require_svg(&args.plot)?;
    let series = args.models.iter().map(|model| {
        let simulation = args.common.simulation(model)?;
        Ok(plot::Series { name: model.clone(), rows: rows(&simulation)? })
    });
    draw(&args.plot, &series.collect::<Result<Vec<_>, InputError>>()?)
}

fn require_svg(path: &Path) -> Result<(), InputError> {
    let is_svg = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg"));
    if is_svg { Ok(()) } else { Err(InputError::of_file(path, "pictures are SVG: the name has to end in .svg")) }
}

fn draw(path: &Path, series: &[plot::Series]) -> Result<(), InputError> {
    plot::svg(path, series).map_err(|error| InputError::of_file(path, error))
}

fn calls(args: &Calls) -> Result<(), InputError> {
    for text in &args.settings {
        let change = Setting::parse(text)?.change;
        println!(
            "{} 0x0000000000000000000000000000000000000070 {}",
            change.parameter,
            hex::encode_prefixed(&change.calldata)
        );
    }
    Ok(())
}
