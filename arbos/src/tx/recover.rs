//! Senders from signatures: secp256k1 in C where it is built in, in Rust elsewhere. Both give the same answers.

use alloy_primitives::{Address, B256, U256, uint};

/// A signature over a hash.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// First number.
    pub r: U256,
    /// Second number.
    pub s: U256,
    /// Parity of the curve point.
    pub odd: bool,
}

/// Half of the curve's order: larger second numbers are refused.
const HALF_ORDER: U256 = uint!(0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0_U256);

/// The address that signed a hash; none if the signature is not valid.
#[must_use]
pub fn recover(hash: B256, signature: &Signature) -> Option<Address> {
    if signature.s > HALF_ORDER || signature.s.is_zero() || signature.r.is_zero() {
        return None;
    }
    #[cfg(feature = "native-crypto")]
    return native(hash, signature);
    #[cfg(not(feature = "native-crypto"))]
    portable(hash, signature)
}

#[cfg(feature = "native-crypto")]
fn native(hash: B256, signature: &Signature) -> Option<Address> {
    use ::state::keccak::keccak256;
    use secp256k1::{
        Message, SECP256K1,
        ecdsa::{RecoverableSignature, RecoveryId},
    };
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&signature.r.to_be_bytes::<32>());
    bytes[32..].copy_from_slice(&signature.s.to_be_bytes::<32>());
    let id = if signature.odd { RecoveryId::One } else { RecoveryId::Zero };
    let signature = RecoverableSignature::from_compact(&bytes, id).ok()?;
    let key = SECP256K1.recover_ecdsa(Message::from_digest(hash.0), &signature).ok()?;
    Some(Address::from_word(keccak256(&key.serialize_uncompressed()[1..])))
}

#[cfg(any(test, not(feature = "native-crypto")))]
fn portable(hash: B256, signature: &Signature) -> Option<Address> {
    let signature = alloy_primitives::Signature::new(signature.r, signature.s, signature.odd);
    signature.recover_address_from_prehash(&hash).ok()
}

#[cfg(all(test, feature = "native-crypto"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_ways_give_the_same_address(hash in any::<[u8; 32]>(), r in any::<[u8; 32]>(), s in any::<[u8; 32]>(), odd: bool) {
            let signature = Signature { r: U256::from_be_bytes(r), s: U256::from_be_bytes(s) >> 1, odd };
            let hash = B256::from(hash);
            prop_assert_eq!(native(hash, &signature), portable(hash, &signature));
        }
    }
}
