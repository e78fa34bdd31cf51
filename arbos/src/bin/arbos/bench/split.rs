//! Where the time of a block goes: the library's phases, timed in rounds of their own by a subscriber that the timed rounds do not
//! have.
//!
//! All work is done on one thread, so the shares say what the work is, and not how threads divide it. What lies outside all
//! phases, and the reading of the clock, is the rest.

use crate::replay::STACK;
use arbos::{
    Error,
    phase::{self, Phase},
    vectors::Production,
};
use serde_json::{Map, Value};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tracing::{Event, Metadata, Subscriber, level_filters::LevelFilter, span};

/// Rounds that are split; the fastest is kept.
const ROUNDS: usize = 3;
const PHASES: usize = Phase::ALL.len();

/// Time by phase.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Split {
    whole: Duration,
    phases: [Duration; PHASES],
    blocks: u64,
}

impl Split {
    /// Makes the blocks of a file a few times more, on one thread. None if there can be no such thread.
    pub(super) fn measure(production: &Production) -> Result<Option<Self>, Error> {
        let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK).build() else {
            return Ok(None);
        };
        let rounds = pool.install(|| (0..ROUNDS).map(|_| Self::round(production)).collect::<Result<Vec<_>, _>>())?;
        Ok(rounds.into_iter().min_by_key(|round| round.whole))
    }

    #[expect(clippy::disallowed_methods, reason = "a bench reads the clock, blocks do not")]
    fn round(production: &Production) -> Result<Self, Error> {
        let mut chain = production.chain()?;
        let watch = Watch::default();
        let messages = production.messages();
        let start = Instant::now();
        let made = tracing::subscriber::with_default(watch.clone(), || {
            messages.iter().try_for_each(|message| chain.produce(message).map(drop))
        });
        let whole = start.elapsed();
        let phases = watch.stopwatch().own;
        drop(watch);
        // The rounds of the next file find no subscriber again.
        tracing::callsite::rebuild_interest_cache();
        made.map(|()| Self { whole, phases, blocks: messages.len() as u64 })
    }

    /// Adds the time of another file.
    pub(super) fn add(&mut self, other: &Self) {
        self.whole += other.whole;
        self.phases.iter_mut().zip(other.phases).for_each(|(sum, time)| *sum += time);
        self.blocks += other.blocks;
    }

    /// Microseconds a block by the name of the phase.
    pub(super) fn object(&self) -> Map<String, Value> {
        let per_block = |time| self.per_block(time).into();
        let whole = ("whole", self.whole);
        self.parts().chain([whole]).map(|(name, time)| (name.into(), per_block(time))).collect()
    }

    /// Phases, and the rest.
    fn parts(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        let rest = self.whole.saturating_sub(self.phases.iter().sum());
        Phase::ALL.map(Phase::name).into_iter().zip(self.phases).chain([("rest", rest)])
    }

    fn per_block(&self, time: Duration) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let blocks = self.blocks.max(1) as f64;
        time.as_secs_f64() * 1e6 / blocks
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.whole.as_secs_f64().max(1e-9);
        let part = |(name, time): (&str, Duration)| format!("{name} {:.0} %", time.as_secs_f64() / whole * 100.0);
        let parts: Vec<_> = self.parts().map(part).collect();
        write!(f, "{} of {:.0} \u{b5}s a block on one thread", parts.join(", "), self.per_block(self.whole))
    }
}

/// A subscriber that sees the spans of phases and nothing else.
#[derive(Debug, Clone)]
struct Watch {
    start: Instant,
    stopwatch: Arc<Mutex<Stopwatch>>,
}

impl Default for Watch {
    #[expect(clippy::disallowed_methods, reason = "a bench reads the clock, blocks do not")]
    fn default() -> Self {
        Self { start: Instant::now(), stopwatch: Arc::default() }
    }
}

impl Watch {
    fn stopwatch(&self) -> MutexGuard<'_, Stopwatch> {
        self.stopwatch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[expect(clippy::disallowed_methods, reason = "a bench reads the clock, blocks do not")]
    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A span's number is that of its phase, from 1 on.
impl Subscriber for Watch {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target() == phase::TARGET
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let name = attributes.metadata().name();
        let phase = Phase::ALL.iter().position(|phase| phase.name() == name);
        span::Id::from_u64(1 + phase.unwrap_or_default() as u64)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, id: &span::Id) {
        let phase = usize::try_from(id.into_u64() - 1).unwrap_or_default();
        self.stopwatch().enter(phase, self.now());
    }

    fn exit(&self, _: &span::Id) {
        self.stopwatch().exit(self.now());
    }
}

/// The time of each phase, without that of the phases inside it. Works for one thread.
#[derive(Debug, Default)]
struct Stopwatch {
    own: [Duration; PHASES],
    /// Phases that are open, the innermost last: it is the one whose time runs.
    open: Vec<usize>,
    /// When that began.
    since: Duration,
}

impl Stopwatch {
    fn enter(&mut self, phase: usize, now: Duration) {
        self.stop(now);
        self.open.push(phase);
    }

    fn exit(&mut self, now: Duration) {
        self.stop(now);
        self.open.pop();
    }

    fn stop(&mut self, now: Duration) {
        if let Some(phase) = self.open.last() {
            self.own[*phase] += now.saturating_sub(self.since);
        }
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn time_inside_an_inner_phase_is_not_that_of_the_outer_one() {
        let mut stopwatch = Stopwatch::default();
        stopwatch.enter(4, at(10));
        stopwatch.enter(5, at(13));
        stopwatch.exit(at(20));
        stopwatch.exit(at(21));
        // Between phases nobody's time runs.
        stopwatch.enter(5, at(100));
        stopwatch.exit(at(102));
        assert_eq!((stopwatch.own[4], stopwatch.own[5]), (at(4), at(9)));
        assert_eq!(stopwatch.own.iter().sum::<Duration>(), at(13));
    }

    #[test]
    fn a_phase_inside_itself_counts_once() {
        let mut stopwatch = Stopwatch::default();
        stopwatch.enter(3, at(0));
        stopwatch.enter(3, at(5));
        stopwatch.exit(at(6));
        stopwatch.exit(at(8));
        assert_eq!(stopwatch.own[3], at(8));
    }

    #[test]
    fn spans_of_phases_are_seen_and_others_are_not() {
        let watch = Watch::default();
        tracing::subscriber::with_default(watch.clone(), || {
            let _other = tracing::error_span!("execute").entered();
            assert!(watch.stopwatch().open.is_empty(), "another target");
            let _fees = tracing::trace_span!(target: phase::TARGET, "fees").entered();
            assert_eq!(watch.stopwatch().open, [Phase::Fees as usize]);
        });
        assert!(watch.stopwatch().open.is_empty());
    }

    #[test]
    fn what_no_phase_took_is_the_rest() {
        let mut split = Split { whole: at(10), blocks: 4, ..Split::default() };
        split.phases[Phase::Root as usize] = at(6);
        let object = split.object();
        assert_eq!((object["root"].as_f64(), object["rest"].as_f64()), (Some(1_500.0), Some(1_000.0)));
        assert!(split.to_string().ends_with("root 60 %, seal 0 %, rest 40 % of 2500 \u{b5}s a block on one thread"));
        let other = split;
        split.add(&other);
        assert_eq!(split.object(), other.object());
    }
}
