//! Retryable tickets and the queue of their timeouts (`spec/state.md` 7).
//!
//! Balances are moved by the caller: what must move is returned.

use crate::{
    error::{Fault, Result},
    gas::ResourceKind,
    shape::{Queue, StoredBytes},
    space::{Access, Space, Write},
    version::ArbosVersion,
    view,
    view::{Field, Layout, Place, View},
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, U256};

/// Seconds a ticket lives, and what a keepalive adds.
pub const LIFETIME_SECONDS: u64 = 604_800;
/// Gas of a keepalive for reaping the ticket later.
pub const REAP_GAS: u64 = 58_000;

view! {
    /// One ticket.
    pub struct Retryable {
        /// Attempts so far.
        num_tries: u64 = slot 0,
        /// Sender of the attempts.
        from: Address = slot 1,
        /// Target; none creates a contract.
        to: Option<Address> = slot 2,
        /// Value of the call, in wei.
        callvalue: U256 = slot 3,
        /// May cancel, and receives the value when the ticket ends.
        beneficiary: Address = slot 4,
        /// When it expires, in seconds; 0 where there is no ticket.
        timeout: u64 = slot 5,
        /// Lifetimes still to be added when it expires.
        timeout_windows_left: u64 = slot 6,
        /// Calldata of the call.
        calldata: StoredBytes = space [1],
    }
}

/// A ticket to be created.
#[derive(Debug, Clone)]
pub struct NewRetryable<'a> {
    /// Hash of the submission.
    pub id: B256,
    /// When it expires, in seconds.
    pub timeout: u64,
    /// Sender of the attempts.
    pub from: Address,
    /// Target; none creates a contract.
    pub to: Option<Address>,
    /// Value of the call, in wei.
    pub callvalue: U256,
    /// May cancel.
    pub beneficiary: Address,
    /// Calldata of the call.
    pub calldata: &'a [u8],
}

/// All tickets.
pub struct Retryables<'a, A> {
    space: Space<'a, A>,
}

impl<'a, A> View<'a, A> for Retryables<'a, A> {
    fn open(space: Space<'a, A>) -> Self {
        Self { space }
    }
}

impl<A> Layout for Retryables<'_, A> {
    const FIELDS: &'static [Field] = &[
        Field { name: "timeout_queue", place: Place::Space(&[0], <Queue<'static, crate::Read> as Layout>::FIELDS) },
        Field { name: "ticket", place: Place::Spaces(<Retryable<'static, crate::Read> as Layout>::FIELDS) },
    ];
}

impl<A: Access> Retryables<'_, A> {
    /// Tickets in the order of their timeouts.
    pub fn timeout_queue(&mut self) -> Queue<'_, A> {
        Queue::open(self.space.child(&[0]))
    }

    /// The words of a ticket, whether or not it exists. Free.
    pub fn at(&mut self, id: B256) -> Retryable<'_, A> {
        View::open(self.space.child(id.as_slice()))
    }

    /// The ticket, if it exists at `now`: one read, and from version 60 one more if its stored timeout has passed.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn open(&mut self, id: B256, now: u64, version: ArbosVersion) -> Result<Option<Retryable<'_, A>>> {
        let mut ticket = self.at(id);
        let timeout = ticket.timeout().get()?;
        if timeout == 0 {
            return Ok(None);
        }
        if timeout < now {
            if version < ArbosVersion::KEEPALIVE_REACHES {
                return Ok(None);
            }
            let windows = ticket.timeout_windows_left().get()?;
            if effective_timeout(timeout, windows) < now {
                return Ok(None);
            }
        }
        Ok(Some(ticket))
    }

    /// Size of a ticket in bytes, as it is charged; 0 if it does not exist.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn size_bytes(&mut self, id: B256, now: u64, version: ArbosVersion) -> Result<u64> {
        let Some(mut ticket) = self.open(id, now, version)? else { return Ok(0) };
        let length = ticket.calldata().len()?;
        Ok(6 * 32 + 32 + 32 * length.div_ceil(32))
    }
}

/// When a ticket with windows left ends for good.
#[must_use]
pub const fn effective_timeout(timeout: u64, windows: u64) -> u64 {
    timeout.wrapping_add(windows.wrapping_mul(LIFETIME_SECONDS))
}

/// Fields of a ticket that a redeem needs.
#[derive(Debug, Clone)]
pub struct RetryableFields {
    /// Sender of the attempts.
    pub from: Address,
    /// Target; none creates a contract.
    pub to: Option<Address>,
    /// Value of the call, in wei.
    pub callvalue: U256,
    /// Calldata of the call.
    pub calldata: Vec<u8>,
}

impl<A: Access> Retryable<'_, A> {
    /// Reads what an attempt needs, in the order in which it is charged.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn fields(&mut self) -> Result<RetryableFields> {
        Ok(RetryableFields {
            from: self.from().get()?,
            to: self.to().get()?,
            callvalue: self.callvalue().get()?,
            calldata: self.calldata().get()?,
        })
    }

    /// The timeout with all windows: two reads.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn effective_timeout(&mut self) -> Result<u64> {
        let timeout = self.timeout().get()?;
        Ok(effective_timeout(timeout, self.timeout_windows_left().get()?))
    }
}

impl Retryable<'_, Write> {
    /// Counts an attempt and returns how many there were before: a read and a write.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn increment_tries(&mut self) -> Result<u64> {
        let mut before = 0;
        self.num_tries().update(|tries| {
            before = tries;
            Ok(tries.wrapping_add(1))
        })?;
        Ok(before)
    }

    /// Clears all words of the ticket.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    fn clear(&mut self) -> Result<()> {
        for number in 0..7 {
            self.space.slot::<U256>(number).clear()?;
        }
        self.calldata().clear()
    }
}

/// What the reaper has to do with the ticket at the front of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaped {
    /// Nothing is due.
    Nothing,
    /// An entry was handled and nothing has to move.
    Handled,
    /// The ticket has to be deleted: its escrow goes to the beneficiary, then [`Retryables::clear`].
    Delete(B256),
}

impl Retryables<'_, Write> {
    /// Writes an empty queue.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn initialize(&mut self) -> Result<()> {
        self.timeout_queue().initialize()
    }

    /// Creates a ticket and queues its timeout.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn create(&mut self, new: &NewRetryable<'_>) -> Result<()> {
        let mut ticket = self.at(new.id);
        ticket.num_tries().set(0)?;
        ticket.from().set(new.from)?;
        ticket.to().set(new.to)?;
        ticket.callvalue().set(new.callvalue)?;
        ticket.beneficiary().set(new.beneficiary)?;
        ticket.calldata().set(new.calldata)?;
        ticket.timeout().set(new.timeout)?;
        ticket.timeout_windows_left().set(0)?;
        self.timeout_queue().put(new.id)
    }

    /// Adds a lifetime to a ticket and queues it again. `limit` is the latest effective timeout that may be extended.
    ///
    /// # Errors
    /// [`Fault::Rejected`] if the ticket is unknown or lives long enough already.
    pub fn keepalive(&mut self, id: B256, now: u64, limit: u64, version: ArbosVersion) -> Result<u64> {
        let mut ticket = self.open(id, now, version)?.ok_or(Fault::Rejected("ticket does not exist"))?;
        let timeout = ticket.effective_timeout()?;
        if timeout > limit {
            return Err(Fault::Rejected("timeout too far into the future"));
        }
        self.timeout_queue().put(id)?;
        self.at(id).timeout_windows_left().update(|windows| Ok(windows.wrapping_add(1)))?;
        self.space.burn(ResourceKind::Computation, REAP_GAS)?;
        Ok(timeout.wrapping_add(LIFETIME_SECONDS))
    }

    /// Who gets what is in escrow when the ticket is deleted; none if there is no such ticket. Followed by [`Self::clear`].
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn beneficiary_of(&mut self, id: B256) -> Result<Option<Address>> {
        let mut ticket = self.at(id);
        if ticket.timeout().get()? == 0 {
            return Ok(None);
        }
        ticket.beneficiary().get().map(Some)
    }

    /// Clears the words of a ticket. The escrow has been moved to [`Self::beneficiary_of`] before.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn clear(&mut self, id: B256) -> Result<()> {
        self.at(id).clear()
    }

    /// Looks at the front of the timeout queue and handles one entry.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn reap_one(&mut self, now: u64) -> Result<Reaped> {
        let Some(id) = self.timeout_queue().peek()? else { return Ok(Reaped::Nothing) };
        let timeout = self.at(id).timeout().get()?;
        if timeout == 0 {
            self.timeout_queue().get()?;
            return Ok(Reaped::Handled);
        }
        let windows = self.at(id).timeout_windows_left().get()?;
        if timeout >= now {
            return Ok(Reaped::Nothing);
        }
        self.timeout_queue().get()?;
        if windows == 0 {
            return Ok(Reaped::Delete(id));
        }
        let mut ticket = self.at(id);
        ticket.timeout().set(timeout.wrapping_add(LIFETIME_SECONDS))?;
        ticket.timeout_windows_left().set(windows - 1)?;
        Ok(Reaped::Handled)
    }
}
