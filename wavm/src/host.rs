//! What a machine asks of its surroundings: preimages, the inbox, programs.
//!
//! All are questions with one right answer, so a run depends on nothing else. An answer that is missing stops the machine with an
//! error and leaves it as it was; it is not a state of the machine.

use crate::machine::Code;
use alloc::{collections::BTreeMap, sync::Arc};
use alloy_primitives::{B256, Bytes};

/// Kinds of preimages. The numbers are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum PreimageType {
    /// Its keccak is the hash.
    Keccak256 = 0,
    /// Its sha256 is the hash.
    Sha256 = 1,
    /// A blob under its versioned hash.
    Blob = 2,
    /// The data that a certificate stands for, under the keccak of the certificate.
    DaCertificate = 3,
}

impl PreimageType {
    /// The kind with this number.
    #[must_use]
    pub const fn from_code(code: u64) -> Option<Self> {
        Some(match code {
            0 => Self::Keccak256,
            1 => Self::Sha256,
            2 => Self::Blob,
            3 => Self::DaCertificate,
            _ => return None,
        })
    }
}

/// Gives bytes by hash.
pub trait Preimages {
    /// The preimage of a hash; none if it is not known.
    fn preimage(&self, ty: PreimageType, hash: B256) -> Option<Bytes>;

    /// Whether the certificate with this hash is valid: one whose data are known is.
    fn is_valid_certificate(&self, hash: B256) -> bool {
        self.preimage(PreimageType::DaCertificate, hash).is_some()
    }
}

/// Gives messages by number.
pub trait Inbox {
    /// First number of a sequencer message that does not exist yet.
    fn sequencer_limit(&self) -> u64;

    /// A sequencer message; none if it is not known.
    fn sequencer_message(&self, number: u64) -> Option<Bytes>;

    /// A delayed message; none if it is not known.
    fn delayed_message(&self, number: u64) -> Option<Bytes>;
}

/// Gives programs by the hash of their module.
pub trait Programs {
    /// The module with this hash; none if it is not known.
    fn program(&self, module_hash: B256) -> Option<Arc<Code>>;
}

/// Everything a machine asks of its surroundings.
pub trait Host: Preimages + Inbox + Programs {}

impl<T: Preimages + Inbox + Programs + ?Sized> Host for T {}

/// Opens blobs, for proofs of steps that read one.
pub trait BlobProver {
    /// The opening of a blob at a point; none if the blob is malformed.
    fn open(&self, blob: &[u8], point: B256) -> Option<BlobOpening>;
}

/// What shows that a blob's polynomial has a value at a point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobOpening {
    /// The value.
    pub value: B256,
    /// Commitment to the blob.
    pub commitment: [u8; 48],
    /// Proof of the value.
    pub proof: [u8; 48],
}

/// A [`Host`] that holds all answers in memory.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    preimages: BTreeMap<(PreimageType, B256), Bytes>,
    sequencer: BTreeMap<u64, Bytes>,
    delayed: BTreeMap<u64, Bytes>,
    programs: BTreeMap<B256, Arc<Code>>,
}

impl Answers {
    /// Adds a preimage. Nothing checks that it belongs to the hash.
    pub fn add_preimage(&mut self, ty: PreimageType, hash: B256, data: impl Into<Bytes>) {
        self.preimages.insert((ty, hash), data.into());
    }

    /// Adds a sequencer message; the limit is behind the last one.
    pub fn add_sequencer_message(&mut self, number: u64, data: impl Into<Bytes>) {
        self.sequencer.insert(number, data.into());
    }

    /// Adds a delayed message.
    pub fn add_delayed_message(&mut self, number: u64, data: impl Into<Bytes>) {
        self.delayed.insert(number, data.into());
    }

    /// Adds a program under the hash of its module.
    pub fn add_program(&mut self, code: Arc<Code>) {
        self.programs.insert(code.hash(), code);
    }
}

impl Preimages for Answers {
    fn preimage(&self, ty: PreimageType, hash: B256) -> Option<Bytes> {
        self.preimages.get(&(ty, hash)).cloned()
    }
}

impl Inbox for Answers {
    fn sequencer_limit(&self) -> u64 {
        self.sequencer.last_key_value().map_or(0, |(number, _)| number.saturating_add(1))
    }

    fn sequencer_message(&self, number: u64) -> Option<Bytes> {
        self.sequencer.get(&number).cloned()
    }

    fn delayed_message(&self, number: u64) -> Option<Bytes> {
        self.delayed.get(&number).cloned()
    }
}

impl Programs for Answers {
    fn program(&self, module_hash: B256) -> Option<Arc<Code>> {
        self.programs.get(&module_hash).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_behind_the_last_sequencer_message() {
        let mut answers = Answers::default();
        assert_eq!(answers.sequencer_limit(), 0);
        answers.add_sequencer_message(7, alloc::vec![1]);
        answers.add_sequencer_message(3, alloc::vec![2]);
        answers.add_delayed_message(40, alloc::vec![3]);
        assert_eq!(answers.sequencer_limit(), 8);
        assert_eq!(answers.sequencer_message(4), None);
    }

    #[test]
    fn a_certificate_with_known_data_is_valid() {
        let mut answers = Answers::default();
        answers.add_preimage(PreimageType::DaCertificate, B256::ZERO, alloc::vec![1]);
        answers.add_preimage(PreimageType::Keccak256, B256::repeat_byte(1), alloc::vec![1]);
        assert!(answers.is_valid_certificate(B256::ZERO));
        assert!(!answers.is_valid_certificate(B256::repeat_byte(1)));
    }
}
