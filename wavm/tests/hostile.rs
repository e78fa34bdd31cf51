//! Bytes that nobody checked: whatever is read, built, activated or run ends with an answer, and the answer is the same again.
//!
//! Input is noise, what the conformance vectors hold with a few bytes changed, and generated modules, which are also run by another
//! engine. See [`budget`] for how much is tried.

#[path = "hostile/binaries.rs"]
mod binaries;
#[path = "hostile/budget.rs"]
mod budget;
#[path = "support/calls.rs"]
mod calls;
#[path = "hostile/engine.rs"]
mod engine;
#[path = "hostile/generate.rs"]
mod generate;
#[path = "hostile/machines.rs"]
mod machines;
#[path = "support/vectors.rs"]
mod vectors;
