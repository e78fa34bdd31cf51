//! Global state: the hashes and positions that leave the machine (`spec/wavm.md` 3).

use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};

/// What a machine is given at the start and is judged by at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GlobalState {
    /// Hash of the last block, then of the new one.
    pub block_hash: B256,
    /// Root over all sends; written, never read.
    pub send_root: B256,
    /// Number of the batch the next message is in.
    pub batch: u64,
    /// Number of that message in its batch.
    pub position: u64,
}

impl GlobalState {
    /// Bytes in a proof.
    pub const SIZE: usize = 80;

    /// The hash with an index; there are two.
    #[must_use]
    pub const fn bytes32(&self, index: u32) -> Option<B256> {
        match index {
            0 => Some(self.block_hash),
            1 => Some(self.send_root),
            _ => None,
        }
    }

    /// The place of the hash with an index.
    pub const fn bytes32_mut(&mut self, index: u32) -> Option<&mut B256> {
        match index {
            0 => Some(&mut self.block_hash),
            1 => Some(&mut self.send_root),
            _ => None,
        }
    }

    /// The number with an index; there are two.
    #[must_use]
    pub const fn u64(&self, index: u32) -> Option<u64> {
        match index {
            0 => Some(self.batch),
            1 => Some(self.position),
            _ => None,
        }
    }

    /// The place of the number with an index.
    pub const fn u64_mut(&mut self, index: u32) -> Option<&mut u64> {
        match index {
            0 => Some(&mut self.batch),
            1 => Some(&mut self.position),
            _ => None,
        }
    }

    /// Its form in a proof.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        bytes[..32].copy_from_slice(self.block_hash.as_slice());
        bytes[32..64].copy_from_slice(self.send_root.as_slice());
        bytes[64..72].copy_from_slice(&self.batch.to_be_bytes());
        bytes[72..].copy_from_slice(&self.position.to_be_bytes());
        bytes
    }

    /// The state with this form.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::SIZE]) -> Self {
        let number = |start: usize| u64::from_be_bytes(core::array::from_fn(|index| bytes[start + index]));
        Self {
            block_hash: B256::from_slice(&bytes[..32]),
            send_root: B256::from_slice(&bytes[32..64]),
            batch: number(64),
            position: number(72),
        }
    }

    /// Its hash.
    #[must_use]
    pub fn hash(&self) -> B256 {
        let mut preimage = Vec::from(b"Global state:".as_slice());
        preimage.extend_from_slice(&self.to_bytes());
        keccak256(preimage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip() {
        let state =
            GlobalState { block_hash: B256::repeat_byte(1), send_root: B256::repeat_byte(2), batch: 3, position: 4 };
        assert_eq!(GlobalState::from_bytes(&state.to_bytes()), state);
        assert_eq!(state.to_bytes()[71..], [3, 0, 0, 0, 0, 0, 0, 0, 4]);
    }

    #[test]
    fn there_are_two_of_each() {
        let mut state = GlobalState::default();
        assert_eq!((state.bytes32(2), state.u64(2)), (None, None));
        assert_eq!(state.bytes32_mut(2), None);
        assert_eq!(state.u64_mut(2), None);
        *state.u64_mut(1).expect("the second") = 9;
        assert_eq!((state.position, state.u64(1)), (9, Some(9)));
    }
}
