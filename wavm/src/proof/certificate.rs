//! Completing a proof that needs a certificate (`spec/wavm.md` 9, enhancement).
//!
//! The machine knows only the hash of a certificate. Its proof ends with that hash and a mark; who has the certificate puts it there
//! instead, with what its provider's contract wants to see.

use super::{NEEDS_CERTIFICATE, READ_CERTIFICATE, VALIDATE_CERTIFICATE};
use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};

/// What a proof lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// Hash of the certificate.
    pub hash: B256,
    /// Where its data are read; none if the certificate is validated.
    pub offset: Option<u64>,
}

impl Missing {
    /// Bytes that stand for it.
    const fn length(&self) -> usize {
        if self.offset.is_some() { 32 + 8 + 1 } else { 32 + 1 }
    }
}

/// What a proof lacks; none if it is complete.
#[must_use]
pub fn missing(proof: &[u8]) -> Option<Missing> {
    if proof.first()? & NEEDS_CERTIFICATE == 0 {
        return None;
    }
    let (mark, rest) = proof.split_last()?;
    let (rest, offset) = match *mark {
        READ_CERTIFICATE => rest.split_last_chunk().map(|(rest, offset)| (rest, Some(u64::from_be_bytes(*offset))))?,
        VALIDATE_CERTIFICATE => (rest, None),
        _ => return None,
    };
    let hash = B256::new(*rest.last_chunk()?);
    Some(Missing { hash, offset })
}

/// The proof with a certificate, followed by what the provider's contract wants to see. For a validation that begins with the byte that
/// says whether the certificate is valid.
///
/// None if the proof lacks no certificate, or another one.
#[must_use]
pub fn complete(mut proof: Vec<u8>, certificate: &[u8], shown: &[u8]) -> Option<Vec<u8>> {
    let missing = missing(&proof).filter(|missing| missing.hash == keccak256(certificate))?;
    proof[0] &= !NEEDS_CERTIFICATE;
    proof.truncate(proof.len() - missing.length());
    proof.extend_from_slice(&(certificate.len() as u64).to_be_bytes());
    proof.extend_from_slice(certificate);
    proof.extend_from_slice(shown);
    Some(proof)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn lacking(end: &[&[u8]]) -> Vec<u8> {
        [&[NEEDS_CERTIFICATE, 7, 7], end.concat().as_slice()].concat()
    }

    #[test]
    fn a_certificate_takes_the_place_of_its_hash() {
        let hash = keccak256(b"cert");
        let read = lacking(&[hash.as_slice(), &[0, 0, 0, 0, 0, 0, 0, 64], &[READ_CERTIFICATE]]);
        assert_eq!(missing(&read), Some(Missing { hash, offset: Some(64) }));
        let whole = [0, 7, 7, 0, 0, 0, 0, 0, 0, 0, 4, b'c', b'e', b'r', b't', 9].to_vec();
        assert_eq!(complete(read.clone(), b"cert", &[9]), Some(whole.clone()));
        assert_eq!(complete(read, b"other", &[9]), None);
        let validate = lacking(&[hash.as_slice(), &[VALIDATE_CERTIFICATE]]);
        assert_eq!(missing(&validate), Some(Missing { hash, offset: None }));
        assert_eq!(complete(validate, b"cert", &[9]), Some(whole));
    }

    #[test]
    fn what_is_no_such_proof_lacks_nothing() {
        let proofs = [vec![], vec![0; 50], vec![NEEDS_CERTIFICATE], vec![NEEDS_CERTIFICATE, READ_CERTIFICATE]];
        for proof in proofs {
            assert_eq!(missing(&proof), None);
            assert_eq!(complete(proof, b"cert", &[]), None);
        }
    }
}
