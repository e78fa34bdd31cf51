//! `arbos replay`: runs vectors of any format.

use crate::{End, bench, files, print::Printer, progress::Progress};
use arbos::vectors::{self, CaseReport, Difference, FileReport, Options, Verdict};
use std::{
    any::Any,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Stack of a thread that makes blocks.
pub(crate) const STACK: usize = 256 << 20;

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Vector files, or directories of them
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Only files with this label, or whose name begins so
    #[arg(long, value_name = "LABEL")]
    only: Vec<String>,
    /// Ends chains after this block
    #[arg(long, value_name = "N")]
    stop_at: Option<u64>,
    /// Prints this block in full
    #[arg(long, value_name = "N")]
    dump_block: Option<u64>,
    /// One JSON object a line; the last one sums up
    #[arg(long)]
    json: bool,
    /// Times the production of blocks alone
    #[arg(long)]
    bench: bool,
    /// How often each file is timed
    #[arg(long, value_name = "N", default_value_t = 5, requires = "bench", value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
}

/// Runs the verb.
pub(crate) fn run(args: &Args) -> End {
    let files = files::gather(&args.paths).and_then(|files| files::select(files, &args.only));
    let files = match files {
        Ok(files) => files,
        Err(error) => {
            eprintln!("error: {error}");
            return End::BadInput;
        }
    };
    let options = Options { stop_at: args.stop_at, dump_block: args.dump_block };
    let progress = Progress::new(files.iter().map(PathBuf::as_path), !args.json && !args.bench);
    let mut printer = Printer::new(args.json, progress.clone());
    if args.bench {
        bench::run(&files, &options, args.rounds, &mut printer);
    } else {
        replay(&files, &options, &progress, &mut printer);
    }
    progress.finish();
    printer.sum_up()
}

/// Runs files side by side and prints them in their order.
fn replay(files: &[PathBuf], options: &Options, progress: &Progress, printer: &mut Printer) {
    let next = AtomicUsize::new(0);
    let queue = Mutex::new(Queue { printer, printed: 0, waiting: BTreeMap::new() });
    let work = || {
        while let Some((index, path)) = take(&next, files) {
            let report = progress.file(path, |done| run_file(path, options, done));
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.add(index, report, files);
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(files.len());
    thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).is_ok();
        // Without a single thread of its own the work is done here.
        if (0..threads).filter(|index| spawn(*index)).count() == 0 {
            work();
        }
    });
}

fn take<'a>(next: &AtomicUsize, files: &'a [PathBuf]) -> Option<(usize, &'a Path)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    files.get(index).map(|path| (index, path.as_path()))
}

/// Runs a file. A panic is a failure of the file, not of the run.
pub(crate) fn run_file(path: &Path, options: &Options, progress: &dyn Fn(usize, usize)) -> FileReport {
    catch_unwind(AssertUnwindSafe(|| vectors::run(path, options, progress))).unwrap_or_else(|panic| {
        let (path, want, got) = (files::name(path), "an end".into(), panic_text(panic.as_ref()));
        let verdict = Verdict::Failed(vec![Difference { path: path.clone(), want, got }]);
        FileReport { cases: vec![CaseReport { verdict, ..CaseReport::new(path) }], ..FileReport::default() }
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("a panic: {}", text.unwrap_or("without a text"))
}

/// Reports that wait for those before them.
struct Queue<'a> {
    printer: &'a mut Printer,
    printed: usize,
    waiting: BTreeMap<usize, FileReport>,
}

impl Queue<'_> {
    fn add(&mut self, index: usize, report: FileReport, files: &[PathBuf]) {
        self.waiting.insert(index, report);
        while let Some(report) = self.waiting.remove(&self.printed) {
            self.printer.file(&files[self.printed], &report);
            self.printed += 1;
        }
    }
}
