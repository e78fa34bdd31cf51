//! A call of a program: what it does with functions of the host, and what that costs (`spec/stylus.md` 6.2 and 7).
//!
//! [`Run`] goes on until it needs the chain: it comes back with a [`Request`] and is continued by an [`Answer`]. Ink is bought here,
//! in the order of the protocol; what an answer costs in gas is the chain's to say.

mod hostio;
mod price;
pub mod request;
mod storage;

pub use request::{Answer, CallKind, Request};

use crate::{
    engine::{Compiled, Instance, Stop},
    error::WasmError,
};
use alloc::vec::Vec;
use alloy_primitives::{Address, Bytes, U256};
use hostio::Waiting;
use storage::StorageCache;

/// What a program can learn without asking.
#[derive(Debug, Clone, Copy)]
pub struct Environment {
    /// Version of the operating system; rules of some functions depend on it.
    pub arbos_version: u64,
    /// Base fee of the block in wei.
    pub block_basefee: U256,
    /// Chain id.
    pub chain_id: u64,
    /// Poster of the message.
    pub block_coinbase: Address,
    /// Gas limit in the header.
    pub block_gas_limit: u64,
    /// L1 block number.
    pub block_number: u64,
    /// Time of the block in seconds.
    pub block_timestamp: u64,
    /// The account the program acts as.
    pub contract_address: Address,
    /// Its caller.
    pub msg_sender: Address,
    /// Value of the call in wei.
    pub msg_value: U256,
    /// What GASPRICE shows, in wei.
    pub tx_gas_price: U256,
    /// Sender of the transaction.
    pub tx_origin: Address,
    /// Whether the account is acting in an earlier frame too.
    pub reentrant: bool,
}

/// Limits and prices of a run.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Ink to begin with.
    pub ink: u64,
    /// Ink a gas buys.
    pub ink_price: u32,
    /// Words of stack.
    pub stack: u32,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The program returned zero.
    Success,
    /// It returned something else.
    Revert,
    /// It trapped, or asked for what cannot be.
    Failure,
    /// It ran out of ink.
    OutOfInk,
    /// It ran out of stack.
    OutOfStack,
}

/// What a run needs, or that it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The run waits for an answer.
    Ask(Request),
    /// The run is over.
    End(Outcome),
}

/// Why a function of the host does not return to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    Exit(u32),
    OutOfInk,
    Failure,
}

/// A call of a program.
#[derive(Debug)]
pub struct Run {
    instance: Instance,
    environment: Environment,
    ink_price: u32,
    calldata: Bytes,
    result: Vec<u8>,
    return_data: Bytes,
    storage: StorageCache,
    /// The last code that was asked for.
    code: Option<(Address, Bytes)>,
    waiting: Option<Waiting>,
}

impl Run {
    /// A run that has not begun.
    ///
    /// # Errors
    /// The program cannot be instantiated, which does not happen to one that was activated.
    pub fn new(
        program: &Compiled,
        limits: Limits,
        environment: Environment,
        calldata: Bytes,
    ) -> Result<Self, WasmError> {
        Ok(Self {
            instance: program.instance(limits.ink, limits.stack)?,
            environment,
            ink_price: limits.ink_price,
            calldata,
            result: Vec::new(),
            return_data: Bytes::new(),
            storage: StorageCache::default(),
            code: None,
            waiting: None,
        })
    }

    /// Begins.
    pub fn enter(&mut self) -> Event {
        let length = u32::try_from(self.calldata.len()).unwrap_or(u32::MAX);
        let stop = self.instance.enter(length);
        self.go_on(stop)
    }

    /// Goes on with the answer to what was asked last.
    pub fn answer(&mut self, answer: Answer) -> Event {
        let Some(waiting) = self.waiting.take() else { return Event::End(Outcome::Failure) };
        match self.finish(waiting, answer) {
            Ok(value) => {
                let stop = self.instance.resume(value);
                self.go_on(stop)
            }
            Err(escape) => Event::End(self.outcome(escape)),
        }
    }

    fn go_on(&mut self, mut stop: Stop) -> Event {
        loop {
            let called = match stop {
                Stop::Finished(0) => return Event::End(Outcome::Success),
                Stop::Finished(_) => return Event::End(Outcome::Revert),
                Stop::Trap => return Event::End(self.outcome(Escape::Failure)),
                Stop::Host(called) => called,
            };
            match self.begin(called) {
                Ok(hostio::Step::Return(value)) => stop = self.instance.resume(value),
                Ok(hostio::Step::Ask(waiting, request)) => {
                    self.waiting = Some(waiting);
                    return Event::Ask(request);
                }
                Err(escape) => return Event::End(self.outcome(escape)),
            }
        }
    }

    /// What an escape means. Stack and ink come first, whatever it was.
    fn outcome(&self, escape: Escape) -> Outcome {
        if self.instance.stack_left() == 0 {
            return Outcome::OutOfStack;
        }
        if self.instance.is_exhausted() {
            return Outcome::OutOfInk;
        }
        match escape {
            Escape::Exit(0) => Outcome::Success,
            Escape::Exit(_) => Outcome::Revert,
            Escape::OutOfInk => Outcome::OutOfInk,
            Escape::Failure => Outcome::Failure,
        }
    }

    /// Ink that is left; none once it ran out.
    #[must_use]
    pub fn ink_left(&self) -> u64 {
        if self.is_exhausted() { 0 } else { self.instance.ink() }
    }

    /// The ink that is left, as gas.
    #[must_use]
    pub fn gas_left(&self) -> u64 {
        self.ink_left().checked_div(u64::from(self.ink_price)).unwrap_or_default()
    }

    /// Whether the meter says that ink ran out.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.instance.is_exhausted()
    }

    /// Words of stack that are left.
    #[must_use]
    pub fn stack_left(&self) -> u32 {
        self.instance.stack_left()
    }

    /// Pages of memory it has.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.instance.pages()
    }

    /// Takes its result: return data, or revert data.
    #[must_use]
    pub fn take_result(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.result)
    }
}
