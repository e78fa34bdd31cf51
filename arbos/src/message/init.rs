//! The first message: chain id, L1 base fee and configuration (`spec/state.md` 12).

use alloy_primitives::{Bytes, U256};
use thiserror::Error;

/// L1 base fee of a chain whose first message names none, in wei.
pub const DEFAULT_INITIAL_L1_BASE_FEE: u64 = 50_000_000_000;

/// Payload of a message of kind 11.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitMessage {
    /// Chain id.
    pub chain_id: U256,
    /// L1 base fee the chain starts with, in wei.
    pub initial_l1_base_fee: U256,
    /// Text of the configuration; may be empty.
    pub chain_config: Bytes,
}

/// Why a payload is no first message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InitError {
    /// Its length fits no version.
    #[error("an initialization of {0} bytes")]
    Length(usize),
    /// Its version is unknown.
    #[error("initialization version {0} is unknown")]
    Version(u8),
}

impl InitMessage {
    /// Reads the payload.
    ///
    /// # Errors
    /// See [`InitError`].
    pub fn parse(payload: &[u8]) -> Result<Self, InitError> {
        let (chain_id, rest) = payload.split_at_checked(32).ok_or(InitError::Length(payload.len()))?;
        let default_fee = U256::from(DEFAULT_INITIAL_L1_BASE_FEE);
        let (initial_l1_base_fee, chain_config) = match rest.split_first() {
            None => (default_fee, &[][..]),
            Some((0, config)) => (default_fee, config),
            Some((1, rest)) => {
                let (fee, config) = rest.split_at_checked(32).ok_or(InitError::Length(payload.len()))?;
                (U256::from_be_slice(fee), config)
            }
            Some((version, _)) => return Err(InitError::Version(*version)),
        };
        Ok(Self {
            chain_id: U256::from_be_slice(chain_id),
            initial_l1_base_fee,
            chain_config: Bytes::copy_from_slice(chain_config),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_its_form() {
        let id = U256::from(7).to_be_bytes::<32>();
        assert_eq!(InitMessage::parse(&id).unwrap().initial_l1_base_fee, U256::from(DEFAULT_INITIAL_L1_BASE_FEE));
        assert_eq!(
            InitMessage::parse(&[&id[..], &[0], b"{}"].concat()).unwrap().chain_config,
            Bytes::from_static(b"{}")
        );
        let first = InitMessage::parse(&[&id[..], &[1], &id[..], b"{}"].concat()).unwrap();
        assert_eq!((first.initial_l1_base_fee, first.chain_config), (U256::from(7), Bytes::from_static(b"{}")));
        assert_eq!(InitMessage::parse(&[&id[..], &[2]].concat()), Err(InitError::Version(2)));
        assert_eq!(InitMessage::parse(&[0; 31]), Err(InitError::Length(31)));
    }
}
