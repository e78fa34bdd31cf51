//! Activated Stylus programs (`spec/state.md` 9).

use super::{DataPricer, StylusParams, data_pricer::ARBITRUM_START_TIME};
use crate::{
    error::Result,
    shape::AddressSet,
    slot::{Slot, Word},
    space::{Access, Space, Write},
    version::ArbosVersion,
    view::{Field, Layout, Place, View},
};
use alloy_primitives::{B256, U256};

/// Seconds of a day.
pub const DAY: u64 = 86_400;

/// What is kept of a program, packed into one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Program {
    /// Version of Stylus it was activated under; 0 if never.
    pub version: u16,
    /// Cost of a first call.
    pub init_cost: u16,
    /// Cost of a call when cached.
    pub cached_cost: u16,
    /// Pages at start.
    pub footprint: u16,
    /// Hours since the start of Arbitrum's time, when it was activated (24 bits).
    pub activated_at: u32,
    /// Size of its native code in KiB, rounded up (24 bits).
    pub asm_estimate_kb: u32,
    /// Whether it is cached.
    pub cached: bool,
}

impl Program {
    /// Seconds since activation; zero if that lies ahead.
    #[must_use]
    pub const fn age(&self, now: u64) -> u64 {
        now.saturating_sub(ARBITRUM_START_TIME + self.activated_at as u64 * 3600)
    }

    /// Whether it was activated longer ago than the parameters allow.
    #[must_use]
    pub const fn is_expired(&self, params: &StylusParams, now: u64) -> bool {
        self.age(now) > params.expiry_days as u64 * DAY
    }

    /// Whole hours since the start of Arbitrum's time.
    #[must_use]
    pub const fn hours(now: u64) -> u32 {
        let hours = now.saturating_sub(ARBITRUM_START_TIME) / 3600;
        #[expect(clippy::cast_possible_truncation, reason = "24 bits are kept")]
        let hours = hours as u32 & 0xff_ffff;
        hours
    }

    /// Size of its native code in bytes, saturating.
    #[must_use]
    pub const fn asm_size(&self) -> u32 {
        self.asm_estimate_kb.saturating_mul(1024)
    }
}

impl Word for Program {
    fn from_word(word: U256) -> Result<Self> {
        let word = word.to_be_bytes::<32>();
        let u16_at = |at: usize| u16::from_be_bytes([word[at], word[at + 1]]);
        let u24_at = |at: usize| u32::from_be_bytes([0, word[at], word[at + 1], word[at + 2]]);
        Ok(Self {
            version: u16_at(0),
            init_cost: u16_at(2),
            cached_cost: u16_at(4),
            footprint: u16_at(6),
            activated_at: u24_at(8),
            asm_estimate_kb: u24_at(11),
            cached: word[14] != 0,
        })
    }

    fn into_word(self) -> U256 {
        let mut word = [0; 32];
        word[0..2].copy_from_slice(&self.version.to_be_bytes());
        word[2..4].copy_from_slice(&self.init_cost.to_be_bytes());
        word[4..6].copy_from_slice(&self.cached_cost.to_be_bytes());
        word[6..8].copy_from_slice(&self.footprint.to_be_bytes());
        word[8..11].copy_from_slice(&self.activated_at.to_be_bytes()[1..]);
        word[11..14].copy_from_slice(&self.asm_estimate_kb.to_be_bytes()[1..]);
        word[14] = u8::from(self.cached);
        U256::from_be_bytes(word)
    }
}

/// Programs by code hash, parameters, and who may cache.
pub struct Programs<'a, A> {
    space: Space<'a, A>,
}

impl<'a, A> View<'a, A> for Programs<'a, A> {
    fn open(space: Space<'a, A>) -> Self {
        Self { space }
    }
}

impl<A> Layout for Programs<'_, A> {
    const FIELDS: &'static [Field] = &[
        Field { name: "params", place: Place::Space(&[0], &[Field { name: "packed", place: Place::Slot(0) }]) },
        Field { name: "programs", place: Place::Space(&[1], &[Field { name: "program", place: Place::Keyed }]) },
        Field { name: "modules", place: Place::Space(&[2], &[Field { name: "hash", place: Place::Keyed }]) },
        Field { name: "data_pricer", place: Place::Space(&[3], <DataPricer<'static, crate::Read> as Layout>::FIELDS) },
        Field {
            name: "cache_managers",
            place: Place::Space(&[4], <AddressSet<'static, crate::Read> as Layout>::FIELDS),
        },
        Field { name: "activation", place: Place::Space(&[5], &[Field { name: "gas", place: Place::Slot(0) }]) },
    ];
}

impl<A: Access> Programs<'_, A> {
    /// Reads the parameters for 100 gas.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn params(&mut self, version: ArbosVersion) -> Result<StylusParams> {
        StylusParams::read(&mut self.space.child(&[0]), version)
    }

    /// The row of a code hash.
    pub fn program(&mut self, code_hash: B256) -> Slot<'_, Program, A> {
        self.space.child(&[1]).into_slot_at(code_hash)
    }

    /// The module hash of a code hash.
    pub fn module_hash(&mut self, code_hash: B256) -> Slot<'_, B256, A> {
        self.space.child(&[2]).into_slot_at(code_hash)
    }

    /// Price of activated code.
    pub fn data_pricer(&mut self) -> DataPricer<'_, A> {
        View::open(self.space.child(&[3]))
    }

    /// Who may cache programs.
    pub fn cache_managers(&mut self) -> AddressSet<'_, A> {
        View::open(self.space.child(&[4]))
    }

    /// Gas burnt by each activation. Since version 59.
    pub fn activation_gas(&mut self) -> Slot<'_, u64, A> {
        self.space.child(&[5]).into_slot(0)
    }
}

impl Programs<'_, Write> {
    /// Writes the parameters: one write.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn save_params(&mut self, params: &StylusParams, version: ArbosVersion) -> Result<()> {
        params.save(&mut self.space.child(&[0]), version)
    }

    /// Writes what version 30 starts with.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn initialize(&mut self, version: ArbosVersion) -> Result<()> {
        self.save_params(&StylusParams::initial(), version)?;
        self.data_pricer().initialize()?;
        self.cache_managers().initialize()
    }
}
