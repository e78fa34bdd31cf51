//! The machine's hash and the hashes of its stacks (`spec/wavm.md` 3).
//!
//! Nothing is noted while the machine runs. Each stack keeps what it hashed last, and compares: an instruction takes at most
//! [`MOST_TAKEN`] values and leaves at most one frame, so after a few steps only the top few can be other ones.

use super::{
    Machine, Status,
    slots::Slots,
    thread::{Frame, Thread},
};
use crate::{
    merkle::{MerkleTree, MerkleType},
    value::{ProgramCounter, Value},
};
use alloc::vec::Vec;
use alloy_primitives::{B256, Keccak256, keccak256};

/// Values that one instruction can take from a stack at most.
const MOST_TAKEN: u64 = 3;

/// What stands for the hash of a stack or place that is not there.
pub(crate) const ABSENT: B256 = B256::repeat_byte(0xff);

/// Hashes of a value stack.
#[derive(Debug, Clone, Default)]
pub(crate) struct StackHashes {
    items: Vec<Value>,
    /// Hash of the stack up to each item.
    hashes: Vec<B256>,
    /// Step at which they were made.
    steps: u64,
}

impl StackHashes {
    /// Hash of the stack, as it is at a step.
    pub(crate) fn hash(&mut self, values: &Slots, height: usize, steps: u64) -> B256 {
        let same = self.same(values, height, steps);
        self.items.truncate(same);
        self.hashes.truncate(same);
        for value in values.range(same, height) {
            let below = self.hashes.last().copied().unwrap_or_default();
            self.items.push(value);
            self.hashes.push(push_hash(b"Value stack:", value.hash(), below));
        }
        self.below(height)
    }

    /// Hash of the lowest `count` values, as it was when the stack was last hashed.
    pub(crate) fn below(&self, count: usize) -> B256 {
        count.checked_sub(1).and_then(|last| self.hashes.get(last)).copied().unwrap_or_default()
    }

    /// How many values from the bottom are those that were hashed.
    fn same(&mut self, values: &Slots, height: usize, steps: u64) -> usize {
        let taken = steps.abs_diff(core::mem::replace(&mut self.steps, steps)).saturating_mul(MOST_TAKEN);
        let untouched = untouched(self.items.len(), taken).min(height);
        let pairs = self.items[untouched..].iter().zip(values.range(untouched, height));
        untouched + pairs.take_while(|(old, new)| *old == new).count()
    }
}

/// Hashes of a frame stack.
#[derive(Debug, Clone, Default)]
struct FrameHashes {
    items: Vec<HashedFrame>,
    steps: u64,
}

/// A frame as it was hashed.
#[derive(Debug, Clone)]
struct HashedFrame {
    frame: Frame,
    locals: Vec<Value>,
    tree: MerkleTree,
    /// Hash of the stack up to this frame.
    hash: B256,
}

impl HashedFrame {
    fn new(frame: Frame, locals: impl Iterator<Item = Value>) -> Self {
        let locals: Vec<_> = locals.collect();
        let tree = MerkleTree::new(MerkleType::Value, locals.iter().map(|value| value.hash()).collect());
        Self { frame, locals, tree, hash: B256::ZERO }
    }

    /// Whether it is this frame, whatever its locals are.
    fn is(&self, frame: Frame, locals: usize) -> bool {
        self.frame == frame && self.locals.len() == locals
    }

    /// Takes over the locals, and says whether any is another one.
    fn update(&mut self, locals: impl Iterator<Item = Value>) -> bool {
        let mut changed = false;
        for (index, (old, new)) in self.locals.iter_mut().zip(locals).enumerate() {
            if *old != new {
                *old = new;
                self.tree.set(index, new.hash());
                changed = true;
            }
        }
        changed
    }
}

impl FrameHashes {
    /// Brings the hashes up to a step.
    fn refresh(&mut self, frames: &[Frame], locals: &Slots, steps: u64) {
        // A step changes locals of the last frame only, or takes it away.
        let taken = steps.abs_diff(core::mem::replace(&mut self.steps, steps)).saturating_add(1);
        self.items.truncate(frames.len());
        let mut changed = false;
        for index in untouched(self.items.len(), taken).min(frames.len())..frames.len() {
            let frame = frames[index];
            let locals = locals.range(frame.base, frames.get(index + 1).map_or(locals.len(), |next| next.base));
            match self.items.get_mut(index) {
                Some(item) if item.is(frame, locals.len()) => changed |= item.update(locals),
                _ => {
                    self.items.truncate(index);
                    self.items.push(HashedFrame::new(frame, locals));
                    changed = true;
                }
            }
            if changed {
                let below = self.below(index);
                let item = &mut self.items[index];
                item.hash = push_hash(b"Stack frame stack:", frame_hash(&item.frame, item.tree.root()), below);
            }
        }
    }

    /// Hash of the lowest `count` frames.
    fn below(&self, count: usize) -> B256 {
        count.checked_sub(1).and_then(|last| self.items.get(last)).map_or(B256::ZERO, |item| item.hash)
    }
}

/// Hashes of a thread's two stacks.
#[derive(Debug, Clone, Default)]
pub(crate) struct ThreadHashes {
    values: StackHashes,
    frames: FrameHashes,
}

impl Thread {
    /// Hash of the value stack, as it is at a step.
    pub(crate) fn values_hash(&mut self, steps: u64) -> B256 {
        self.hashes.values.hash(&self.slots, self.height, steps)
    }

    /// Hash of the frame stack, as it is at a step.
    pub(crate) fn frames_hash(&mut self, steps: u64) -> B256 {
        let Self { frames, locals, hashes, .. } = self;
        hashes.frames.refresh(frames, locals, steps);
        hashes.frames.below(frames.len())
    }

    /// Hash of all values but the upper `count`, as they were when last hashed.
    pub(crate) fn values_below(&self, count: usize) -> B256 {
        self.hashes.values.below(self.height.saturating_sub(count))
    }

    /// Hash of all frames but the last, as they were when last hashed.
    pub(crate) fn frames_below(&self) -> B256 {
        self.hashes.frames.below(self.frames.len().saturating_sub(1))
    }

    /// Tree over the locals of the last frame, as they were when last hashed.
    pub(crate) fn locals_tree(&mut self) -> Option<&mut MerkleTree> {
        self.hashes.frames.items.last_mut().map(|item| &mut item.tree)
    }
}

impl Machine {
    /// The machine's hash, as the reference prover forms it, and the contracts before version 3.
    pub fn hash(&mut self) -> B256 {
        match self.status {
            Status::Running => self.running_hash(),
            Status::Finished => self.finished_hash(),
            Status::Errored => keccak256(b"Machine errored:"),
            Status::TooFar => keccak256(b"Machine too far:"),
        }
    }

    /// The machine's hash, as the contracts from version 3 form it: an errored machine's contains the global state, and a machine that
    /// read too far is an errored one.
    pub fn hash_v3(&mut self) -> B256 {
        match self.status {
            Status::Running => self.running_hash(),
            Status::Finished => self.finished_hash(),
            Status::Errored | Status::TooFar => {
                keccak256([b"Machine errored:".as_slice(), self.global_state.hash().as_slice()].concat())
            }
        }
    }

    fn finished_hash(&self) -> B256 {
        keccak256([b"Machine finished:".as_slice(), self.global_state.hash().as_slice()].concat())
    }

    fn running_hash(&mut self) -> B256 {
        let mut hasher = Keccak256::new();
        hasher.update(b"Machine running:");
        hasher.update(multistack_hash(&self.value_stack_hashes()));
        hasher.update(self.internal_hash());
        hasher.update(multistack_hash(&self.frame_stack_hashes()));
        hasher.update(self.global_state.hash());
        hasher.update(self.pc.word().split_at(20).1);
        hasher.update(self.recovery_word());
        hasher.update(self.modules_root());
        hasher.finalize()
    }

    /// Hash of each thread's value stack.
    pub(crate) fn value_stack_hashes(&mut self) -> Vec<B256> {
        self.threads.iter_mut().map(|thread| thread.values_hash(self.steps)).collect()
    }

    /// Hash of each thread's frame stack.
    pub(crate) fn frame_stack_hashes(&mut self) -> Vec<B256> {
        self.threads.iter_mut().map(|thread| thread.frames_hash(self.steps)).collect()
    }

    /// Hash of the internal stack.
    pub(crate) fn internal_hash(&mut self) -> B256 {
        self.internal_hashes.hash(&self.internal, self.internal.len(), self.steps)
    }

    /// Hash of the internal stack without its upper `count` values, as it was when last hashed.
    pub(crate) fn internal_below(&self, count: usize) -> B256 {
        self.internal_hashes.below(self.internal.len().saturating_sub(count))
    }

    /// Where the main thread goes on if a program traps, as 32 bytes.
    pub(crate) fn recovery_word(&self) -> B256 {
        self.recovery.map_or(ABSENT, ProgramCounter::word)
    }

    /// Root over the modules.
    pub fn modules_root(&mut self) -> B256 {
        self.modules_tree().root()
    }

    /// Tree over the modules as they are now.
    pub(crate) fn modules_tree(&mut self) -> &mut MerkleTree {
        while self.modules_tree.len() > self.modules.len() {
            self.modules_tree.pop();
        }
        for (index, module) in self.modules.iter_mut().enumerate() {
            match module.hash() {
                hash if index < self.modules_tree.len() => self.modules_tree.set(index, hash),
                hash => self.modules_tree.push(hash),
            }
        }
        &mut self.modules_tree
    }
}

/// How many of `length` items cannot have been touched if at most so many were taken.
fn untouched(length: usize, taken: u64) -> usize {
    length.saturating_sub(usize::try_from(taken).unwrap_or(usize::MAX))
}

/// Hash of a stack with one more item.
fn push_hash(tag: &[u8], item: B256, below: B256) -> B256 {
    let mut preimage = [0; 96];
    let end = tag.len() + 64;
    preimage[..tag.len()].copy_from_slice(tag);
    preimage[tag.len()..end - 32].copy_from_slice(item.as_slice());
    preimage[end - 32..end].copy_from_slice(below.as_slice());
    keccak256(&preimage[..end])
}

fn frame_hash(frame: &Frame, locals_root: B256) -> B256 {
    let mut hasher = Keccak256::new();
    hasher.update(b"Stack frame:");
    hasher.update(frame.return_value().hash());
    hasher.update(locals_root);
    hasher.update(frame.caller_module.to_be_bytes());
    hasher.update(frame.caller_internals.to_be_bytes());
    hasher.finalize()
}

/// Hash of the stacks of all threads.
fn multistack_hash(stacks: &[B256]) -> B256 {
    let last = if stacks.len() > 1 { stacks[stacks.len() - 1] } else { ABSENT };
    let mut preimage = [0; 11 + 96];
    preimage[..11].copy_from_slice(b"multistack:");
    preimage[11..43].copy_from_slice(stacks[0].as_slice());
    preimage[43..75].copy_from_slice(last.as_slice());
    preimage[75..].copy_from_slice(inner_stacks_hash(stacks, 1).as_slice());
    keccak256(preimage)
}

/// Hash of the stacks between the main thread's and the last `cut`.
pub(crate) fn inner_stacks_hash(stacks: &[B256], cut: usize) -> B256 {
    let end = stacks.len().saturating_sub(cut).max(1);
    stacks[1..end].iter().fold(B256::ZERO, |below, stack| push_hash(b"cothread:", *stack, below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_stack_is_hashed_as_a_new_one() {
        let value = |number| Value::I64(number);
        let mut hashes = StackHashes::default();
        let mut stack: Slots = (0..20).map(value).collect();
        for steps in 1..40 {
            stack.truncate(stack.len().saturating_sub(3));
            (0..steps % 7).for_each(|number| stack.push(value(steps + number).into()));
            let new = StackHashes::default().hash(&stack, stack.len(), 0);
            assert_eq!(hashes.hash(&stack, stack.len(), steps), new, "{steps}");
        }
    }

    #[test]
    fn stacks_between_the_first_and_the_last_are_folded() {
        let stacks = [1, 2, 3, 4].map(B256::repeat_byte);
        assert_eq!(inner_stacks_hash(&stacks[..1], 1), B256::ZERO);
        assert_eq!(inner_stacks_hash(&stacks[..2], 1), B256::ZERO);
        let second = push_hash(b"cothread:", stacks[1], B256::ZERO);
        assert_eq!(inner_stacks_hash(&stacks, 1), push_hash(b"cothread:", stacks[2], second));
        assert_eq!(inner_stacks_hash(&stacks, 2), second);
    }
}
