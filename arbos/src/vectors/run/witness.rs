//! `witness/1`: one block from preimages. Each line is a case.
//!
//! What needs a part that is not built yet (the position in a batch) makes a case skipped once all else is equal: a case passes only
//! if everything that is known was compared.

mod modules;

use super::{Run, Wanted, place};
use crate::{
    Block, Error,
    block::{ArbHeader, HeaderInfo, Parent, produce},
    config::ChainConfig,
    evm::Caches,
    vectors::{
        CaseReport, Difference, InputError, Verdict,
        compare::Comparison,
        format::witness::{Case, Expected, GlobalState, MissingKind},
        input::Line,
        json::FieldError,
        names::SeenKeys,
    },
};
use ::state::{
    ArbosState, Backend, Fault, KeyCache, Read, SystemBurner,
    world::{WitnessWorld, World, WorldError},
};
use alloy_primitives::{Address, B256, U256, keccak256};

pub(in crate::vectors) fn run(run: &mut Run<'_>) -> Result<(), InputError> {
    for (index, line) in run.file.lines().enumerate() {
        let report = run_case(run, &line)?;
        run.finish(report);
        (run.progress)(index + 1);
    }
    Ok(())
}

fn run_case(run: &mut Run<'_>, line: &Line<'_>) -> Result<CaseReport, InputError> {
    let case: Case = line.read()?;
    let header = ArbHeader::decode(&case.parent).map_err(|error| {
        line.error(FieldError { field: "parentHeader".into(), problem: format!("no header: {error}") })
    })?;
    let mut attempt = Attempt::new(case, header);
    let block = attempt.produce();
    Ok(attempt.judge(run, block))
}

/// A case, and the world it has.
struct Attempt {
    case: Case,
    parent: ArbHeader,
    hash: B256,
    world: WitnessWorld,
}

impl Attempt {
    fn new(case: Case, parent: ArbHeader) -> Self {
        let hash = keccak256(&case.parent);
        let headers = case.headers.iter().chain([&case.parent]).cloned();
        let world = WitnessWorld::new(
            parent.inner.state_root,
            (parent.inner.number, hash),
            case.nodes.iter().cloned(),
            case.codes.iter().cloned(),
            headers,
        );
        Self { case, parent, hash, world }
    }

    fn produce(&mut self) -> Result<Block, Error> {
        let config = match &self.case.config {
            Some(config) => config.clone(),
            None => stored_config(&mut self.world)?,
        };
        let parent = Parent { config: &config, header: &self.parent, hash: self.hash };
        produce(&mut self.world, &parent, &self.case.message, &mut Caches::default())
    }

    fn judge(mut self, run: &mut Run<'_>, outcome: Result<Block, Error>) -> CaseReport {
        let mut report = CaseReport::new(&self.case.id);
        let place = place(self.parent.inner.number + 1);
        match (&self.case.expected, outcome) {
            (Expected::Missing { hash, kind }, outcome) => missing(&mut report, place, kind.error(*hash), outcome),
            (Expected::Block { .. }, Err(error)) => report.ends_with(place, "a block", &error),
            (Expected::Block { block: expected, end_state, modules }, Ok(block)) => {
                report.work = block.work();
                run.dump(&block.as_sealed());
                let mut seen = SeenKeys::default();
                seen.block(&block);
                let want = Wanted { expected, derived: self.case.derived.as_ref() };
                let equal = report.check(&want, &block.as_sealed(), &mut self.world, &seen)
                    && end_state.as_ref().is_none_or(|end| report.judge(compare_end(place.clone(), end, &block)))
                    && report.judge(modules::compare(&mut self.world, self.case.config.as_ref(), place, modules));
                if equal && self.case.batch.is_some() {
                    report.verdict = Verdict::Skipped("batches".into());
                }
            }
        }
        report
    }
}

/// Compares of the position after a message what the block decides.
fn compare_end(place: String, want: &GlobalState, block: &Block) -> Comparison {
    let mut comparison = Comparison::at(place);
    comparison.inside("endState", |here| {
        here.field("blockHash", want.block_hash.as_ref(), &block.hash);
        here.field("sendRoot", want.send_root.as_ref(), &HeaderInfo::of(&block.header).send_root);
    });
    comparison
}

/// Judges a case from which something was taken out.
fn missing(report: &mut CaseReport, place: String, want: WorldError, outcome: Result<Block, Error>) {
    match outcome {
        Err(Error::Host(error)) if error == want => {}
        Err(error) => report.ends_with(place, &want.to_string(), &error),
        Ok(_) => {
            let difference = Difference { path: place, want: want.to_string(), got: "a block".into() };
            report.verdict = Verdict::Failed(vec![difference]);
        }
    }
}

impl MissingKind {
    const fn error(self, hash: B256) -> WorldError {
        match self {
            Self::Node => WorldError::MissingNode(hash),
            Self::Code => WorldError::MissingCode(hash),
            Self::Header => WorldError::MissingHeader(hash),
        }
    }
}

/// Reads of the operating state outside of a block.
struct Reads<'w> {
    world: &'w mut WitnessWorld,
    keys: KeyCache,
    failure: Option<WorldError>,
}

impl Backend for Reads<'_> {
    fn load(&mut self, account: Address, slot: B256) -> ::state::Result<U256> {
        self.world.storage(account, slot.into()).map_err(|error| {
            self.failure.get_or_insert(error);
            Fault::Host
        })
    }

    fn store(&mut self, _account: Address, _slot: B256, _value: U256) -> ::state::Result<()> {
        Err(Fault::WriteProtection)
    }

    fn keys(&mut self) -> &mut KeyCache {
        &mut self.keys
    }
}

/// The configuration as the state keeps it.
fn stored_config(world: &mut WitnessWorld) -> Result<ChainConfig, Error> {
    let text = read(world, |state| state.chain_config().get())?;
    Ok(ChainConfig::parse(&text)?)
}

/// Reads the operating state where nobody pays.
fn read<T>(
    world: &mut WitnessWorld,
    step: impl FnOnce(&mut ArbosState<'_, Read>) -> ::state::Result<T>,
) -> Result<T, Error> {
    let mut reads = Reads { world, keys: KeyCache::default(), failure: None };
    let mut burner = SystemBurner::default();
    let outcome = ArbosState::system_read(&mut reads, &mut burner).and_then(|mut state| step(&mut state));
    match (outcome, reads.failure) {
        (_, Some(failure)) => Err(failure.into()),
        (Err(fault), None) => Err(Error::from_fault(fault)),
        (Ok(value), None) => Ok(value),
    }
}
