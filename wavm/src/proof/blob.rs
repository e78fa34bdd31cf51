//! How a step that reads a blob is proved: the blob's polynomial is opened at the point that stands for the offset.

use crate::{
    host::{BlobOpening, BlobProver},
    memory::LEAF_SIZE,
};
use alloc::vec::Vec;
use alloy_primitives::{B256, U256, uint};

/// Elements of a blob.
const ELEMENTS: u64 = 4096;
/// Order of the field that a blob's elements are of.
const MODULUS: U256 = uint!(52435875175126190479447740508185965837690552500527637822603658699938581184513_U256);
/// A root of unity of order 2^32.
const ROOT_OF_UNITY: U256 = uint!(10238227357739495823651030575849232062558860180284477541189508159991286009131_U256);
const ROOT_ORDER_BITS: u32 = 32;

impl BlobProver for () {
    fn open(&self, _: &[u8], _: B256) -> Option<BlobOpening> {
        None
    }
}

/// The point at which a blob's polynomial has the element at an offset in bytes. Behind the end there is nothing to show, so it is that of
/// the first element.
#[must_use]
pub fn point(offset: u64) -> B256 {
    let element = offset / LEAF_SIZE as u64;
    let element = if element < ELEMENTS { element } else { 0 };
    let bits = ELEMENTS.trailing_zeros();
    let reversed = element.reverse_bits() >> (u64::BITS - bits);
    let exponent = U256::from(reversed) << (ROOT_ORDER_BITS - bits);
    B256::from(ROOT_OF_UNITY.pow_mod(exponent, MODULUS))
}

/// The input of the precompile that checks the opening: hash, point, value, commitment, proof.
pub(super) fn open(prover: &(impl BlobProver + ?Sized), blob: &[u8], hash: B256, offset: u64) -> Option<Vec<u8>> {
    let point = point(offset);
    let opening = prover.open(blob, point)?;
    let parts: [&[u8]; 5] =
        [hash.as_slice(), point.as_slice(), opening.value.as_slice(), &opening.commitment, &opening.proof];
    Some(parts.concat())
}

#[cfg(feature = "native-crypto")]
mod native {
    use super::{B256, BlobOpening, BlobProver};
    use c_kzg::{Blob, Bytes32, ethereum_kzg_settings};

    /// Opens blobs with the trusted setup of the main chain.
    #[derive(Debug, Clone, Copy, Default)]
    pub struct NativeBlobProver;

    impl BlobProver for NativeBlobProver {
        fn open(&self, blob: &[u8], point: B256) -> Option<BlobOpening> {
            let settings = ethereum_kzg_settings(0);
            let blob = Blob::from_bytes(blob).ok()?;
            let commitment = settings.blob_to_kzg_commitment(&blob).ok()?;
            let (proof, value) = settings.compute_kzg_proof(&blob, &Bytes32::new(point.0)).ok()?;
            Some(BlobOpening {
                value: B256::from_slice(value.as_slice()),
                commitment: commitment.to_bytes().into_inner(),
                proof: proof.to_bytes().into_inner(),
            })
        }
    }
}

#[cfg(feature = "native-crypto")]
pub use native::NativeBlobProver;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_roots_of_unity_in_reversed_order() {
        let value = |offset| U256::from_be_bytes(point(offset).0);
        assert_eq!(value(0), U256::from(1));
        assert_eq!(value(32), MODULUS - U256::from(1));
        assert_eq!(value(64).mul_mod(value(64), MODULUS), value(32));
        assert_eq!(value(4095 * 32).pow_mod(U256::from(ELEMENTS), MODULUS), U256::from(1));
    }

    #[test]
    fn behind_the_end_the_first_element_is_opened() {
        assert_eq!(point(131_072), point(0));
        assert_eq!(point(u64::MAX), point(0));
    }
}
