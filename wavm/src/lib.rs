//! WebAssembly on an Arbitrum chain: prove a machine, run a program.
//!
//! - **Modules**: [`binary`] checks a wasm binary, [`module`] translates it to WAVM operators, links it and hashes it.
//! - **Programs**: [`stylus`] turns deployed bytes into an instrumented module: what a contract's program is, and what it costs.
//!
//! The rules are in `spec/wavm.md` and `spec/stylus.md`.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod binary;
pub mod dispute;
pub mod error;
pub mod host;
pub mod machine;
pub mod memory;
pub mod merkle;
pub mod module;
pub mod op;
pub mod proof;
pub mod rules;
pub mod state;
pub mod stylus;
pub mod value;

pub use error::{Rule, WasmError};
pub use host::{Answers, Host};
pub use machine::{Code, Machine, MachineError, Status};
pub use module::{Function, Module};
pub use op::{Family, Instruction, Op};
pub use state::GlobalState;
pub use value::{FunctionType, ProgramCounter, Value, ValueType};
