//! Bare recoveries of signers on one thread: the pace of the machine while blocks are timed beside them.

use alloy_primitives::keccak256;
use secp256k1::{Message, SECP256K1, SecretKey, ecdsa::RecoverableSignature};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Signatures of one sample: a few milliseconds.
const SIGNATURES: u32 = 200;

/// Signatures to recover from.
#[derive(Debug)]
pub(super) struct Signatures(Vec<(Message, RecoverableSignature)>);

impl Signatures {
    pub(super) fn new() -> Self {
        let key = SecretKey::from_byte_array([1; 32]).expect("a number below the order of the curve is a key");
        let sign = |number: u32| {
            let message = Message::from_digest(keccak256(number.to_be_bytes()).0);
            (message, SECP256K1.sign_ecdsa_recoverable(message, &key))
        };
        Self((0..SIGNATURES).map(sign).collect())
    }

    /// Recovers all signers, again and again for some time, and says how long one took.
    #[expect(clippy::disallowed_methods, reason = "a bench reads the clock, blocks do not")]
    pub(super) fn time_of_one(&self, at_least: Duration) -> Duration {
        let (start, mut recovered) = (Instant::now(), 0);
        loop {
            for (message, signature) in &self.0 {
                let _key = black_box(SECP256K1.recover_ecdsa(*message, signature));
            }
            recovered += SIGNATURES;
            let elapsed = start.elapsed();
            if elapsed >= at_least {
                return elapsed / recovered;
            }
        }
    }
}
