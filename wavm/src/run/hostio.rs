//! The functions of the host: their first half, up to a question, and their second half, from the answer on.
//!
//! The order of charges and of reads of memory is the protocol's: it decides how a call ends that cannot pay for all of it.

mod account;
mod contract;
mod math;
mod memory;
mod slots;

use super::{Answer, Escape, Request, Run};
use crate::{engine::Called, stylus::hostio::HOSTIOS};
use alloy_primitives::{Address, B256, U256};

/// What the first half comes to.
#[derive(Debug)]
pub(super) enum Step {
    /// The function returns.
    Return(Option<u64>),
    /// It needs an answer.
    Ask(Waiting, Request),
}

/// What a function needs again when its answer is there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Waiting {
    Load { slot: B256, dest: u32, cache_gas: u64 },
    Flush,
    TransientLoad { dest: u32 },
    TransientStore,
    Call { return_len: u32 },
    Create { contract: u32, revert_len: u32 },
    Log,
    Word { dest: u32 },
    Code { address: Address, slice: Option<Slice> },
    Pages,
}

/// A stretch of code and where it goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice {
    offset: u32,
    size: u32,
    dest: u32,
}

type Begun = Result<Step, Escape>;
type Finished = Result<Option<u64>, Escape>;

const DONE: Begun = Ok(Step::Return(None));

/// Versions at which functions changed.
mod since {
    /// Charging for a flush.
    pub(super) const FLUSH_COSTS: u64 = 32;
    /// Empty code is asked for again.
    pub(super) const EMPTY_CODE_AGAIN: u64 = 40;
    /// Page counts above 16 bits are out of ink.
    pub(super) const WIDE_PAGES: u64 = 59;
}

/// Macro for [`for_each_hostio!`](crate::for_each_hostio): one arm a function, with its arguments.
macro_rules! dispatch {
    ($($index:literal $name:ident($($arg:ident: $ty:ident),*) $(-> $result:ident)? = $ink:literal;)*) => {
        impl Run {
            /// The first half of a function, after its base price.
            fn dispatch(&mut self, called: Called) -> Begun {
                match called.index {
                    $($index => {
                        #[allow(unused_mut, unused_variables, reason = "some functions take nothing")]
                        let mut args = called.args.into_iter();
                        $(let $arg = dispatch!(@arg $ty args);)*
                        self.$name($($arg),*)
                    })*
                    _ => Err(Escape::Failure),
                }
            }
        }
    };
    (@arg u32 $args:ident) => { u32::try_from($args.next().unwrap_or_default()).unwrap_or(u32::MAX) };
    (@arg u64 $args:ident) => { $args.next().unwrap_or_default() };
}
crate::for_each_hostio!(dispatch);

impl Run {
    /// Begins a function of the host.
    pub(super) fn begin(&mut self, called: Called) -> Begun {
        self.buy(HOSTIOS.get(called.index).map_or(0, |hostio| hostio.ink))?;
        self.dispatch(called)
    }

    /// Ends it with the answer.
    pub(super) fn finish(&mut self, waiting: Waiting, answer: Answer) -> Finished {
        match waiting {
            Waiting::Load { slot, dest, cache_gas } => self.loaded(slot, dest, cache_gas, &answer),
            Waiting::Flush => self.flushed(&answer),
            Waiting::TransientLoad { dest } => self.write(dest, word(&answer)?.as_slice()).map(|()| None),
            Waiting::TransientStore => status(&answer).map(|_| None),
            Waiting::Call { return_len } => self.called(return_len, answer),
            Waiting::Create { contract, revert_len } => self.created(contract, revert_len, answer),
            Waiting::Log => {
                if answer.result.is_empty() {
                    Ok(None)
                } else {
                    Err(Escape::Failure)
                }
            }
            Waiting::Word { dest } => {
                self.buy_gas(answer.gas)?;
                self.write(dest, word(&answer)?.as_slice()).map(|()| None)
            }
            Waiting::Code { address, slice } => self.learned_code(address, slice, answer),
            Waiting::Pages => self.buy_gas(answer.gas).map(|()| None),
        }
    }

    fn read(&self, at: u32, length: u32) -> Result<&[u8], Escape> {
        self.instance.read(at, length).ok_or(Escape::Failure)
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Escape> {
        self.instance.write(at, bytes).ok_or(Escape::Failure)
    }

    fn read_word(&self, at: u32) -> Result<B256, Escape> {
        Ok(B256::from_slice(self.read(at, 32)?))
    }

    fn read_number(&self, at: u32) -> Result<U256, Escape> {
        Ok(self.read_word(at)?.into())
    }

    fn read_address(&self, at: u32) -> Result<Address, Escape> {
        Ok(Address::from_slice(self.read(at, 20)?))
    }

    fn write_address(&mut self, at: u32, address: Address) -> Begun {
        self.write(at, address.as_slice())?;
        DONE
    }

    fn write_number(&mut self, at: u32, number: U256) -> Begun {
        self.write(at, &number.to_be_bytes::<32>())?;
        DONE
    }
}

/// The word of an answer.
fn word(answer: &Answer) -> Result<B256, Escape> {
    <[u8; 32]>::try_from(answer.result.as_slice()).map(B256::from).map_err(|_| Escape::Failure)
}

/// The status of an answer that may only be done.
fn status(answer: &Answer) -> Result<(), Escape> {
    if answer.result == [0] { Ok(()) } else { Err(Escape::Failure) }
}

const fn value(value: u64) -> Begun {
    Ok(Step::Return(Some(value)))
}
