//! Finding the step at which two machines part (`spec/wavm.md` 7: what a dispute comes down to).
//!
//! Both are run side by side to steps at doubling distances until their hashes differ; then the last stretch is halved until one step
//! is left. Only the machines at the last step they agree on are kept, so the cost is twice the steps up to the difference, and two
//! hashes a round.

use crate::{
    host::Host,
    machine::{Machine, MachineError},
};
use alloy_primitives::B256;

/// Where two machines part.
#[derive(Debug, Clone)]
pub struct Divergence {
    /// The step that both make from the same state.
    pub step: u64,
    /// Hash of both machines before it.
    pub before: B256,
    /// Hash of each machine after it.
    pub after: [B256; 2],
    /// The machines before it, ready to prove it.
    pub machines: [Machine; 2],
}

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// The last step at which the machines are known to agree.
    pub agreed: u64,
    /// A step at which they are known to differ.
    pub differing: Option<u64>,
}

/// The first step after which two machines differ, of the first `limit` steps. None if they do not differ there.
///
/// Each machine has its own host: a missing or wrong answer is what a dispute may be about. `progress` is called before each round.
/// Machines that part and come together again may be taken for machines that agree.
///
/// # Errors
///
/// If a host misses an answer, or the code is ill-formed. A machine that differs from the beginning is no error: the step is the one
/// the machines are at, and the hash before it is that of the left one.
pub fn first_divergence(
    machines: [Machine; 2],
    hosts: (&(impl Host + ?Sized), &(impl Host + ?Sized)),
    limit: u64,
    mut progress: impl FnMut(Round),
) -> Result<Option<Divergence>, MachineError> {
    let mut search = Search::new(machines);
    if let Some(divergence) = search.differs_at_once() {
        return Ok(Some(divergence));
    }
    let last = search.agreed.saturating_add(limit);
    let mut distance = 1;
    while search.differing.is_none() && search.agreed < last && !search.is_over() {
        progress(search.round());
        let step = search.agreed.saturating_add(distance).min(last);
        search.probe(hosts, step)?;
        distance = distance.saturating_mul(2);
    }
    let Some((mut step, mut after)) = search.differing else { return Ok(None) };
    while step - search.agreed > 1 {
        progress(search.round());
        search.probe(hosts, search.agreed + (step - search.agreed) / 2)?;
        (step, after) = search.differing.unwrap_or((step, after));
    }
    let before = search.machines[0].hash();
    Ok(Some(Divergence { step: search.agreed, before, after, machines: search.machines }))
}

/// Two machines that agree, and a later step at which they differ.
struct Search {
    machines: [Machine; 2],
    agreed: u64,
    differing: Option<(u64, [B256; 2])>,
}

impl Search {
    const fn new(machines: [Machine; 2]) -> Self {
        Self { agreed: machines[0].steps(), machines, differing: None }
    }

    fn differs_at_once(&mut self) -> Option<Divergence> {
        let after = self.machines.each_mut().map(Machine::hash);
        let same = after[0] == after[1] && self.machines[0].steps() == self.machines[1].steps();
        let machines = self.machines.clone();
        (!same).then(|| Divergence { step: self.agreed, before: after[0], after, machines })
    }

    fn is_over(&self) -> bool {
        self.machines.iter().all(Machine::is_halted)
    }

    fn round(&self) -> Round {
        Round { agreed: self.agreed, differing: self.differing.map(|(step, _)| step) }
    }

    /// Compares the machines at a step after the last one they agree on.
    fn probe(&mut self, hosts: (&(impl Host + ?Sized), &(impl Host + ?Sized)), step: u64) -> Result<(), MachineError> {
        let mut machines = self.machines.clone();
        machines[0].skip_to(hosts.0, step)?;
        machines[1].skip_to(hosts.1, step)?;
        let hashes = machines.each_mut().map(Machine::hash);
        if hashes[0] == hashes[1] {
            (self.agreed, self.machines) = (step, machines);
        } else {
            self.differing = Some((step, hashes));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
