//! From an ArbOS version to the rules of the EVM (`spec/versions.md` 5).

use alloy_primitives::Bytes;
use revm::primitives::hardfork::SpecId;
use state::ArbosVersion;

/// Gas limit in every header; never binds.
pub const HEADER_GAS_LIMIT: u64 = 1 << 50;

/// The Ethereum fork whose instructions and intrinsic costs a version uses.
#[must_use]
pub fn spec_id(version: ArbosVersion) -> SpecId {
    if version >= ArbosVersion::OSAKA {
        SpecId::OSAKA
    } else if version >= ArbosVersion::PRAGUE {
        SpecId::PRAGUE
    } else if version >= ArbosVersion::CANCUN {
        SpecId::CANCUN
    } else if version >= ArbosVersion::SHANGHAI {
        SpecId::SHANGHAI
    } else {
        SpecId::MERGE
    }
}

/// What the first bytes of a contract's code say about Stylus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StylusCode {
    /// A whole program in one account, since version 30.
    Classic,
    /// A piece of a program, since version 60. Cannot run.
    Fragment,
    /// A program whose pieces live in other accounts, since version 60.
    Root,
}

impl StylusCode {
    /// Recognises the prefix of a Stylus component under a version.
    #[must_use]
    pub fn of(code: &[u8], version: ArbosVersion) -> Option<Self> {
        let fragments = version >= ArbosVersion::STYLUS_CONTRACT_LIMIT;
        match code {
            [0xef, 0xf0, 0x00, _, ..] if version >= ArbosVersion::STYLUS => Some(Self::Classic),
            [0xef, 0xf0, 0x01, _, ..] if fragments => Some(Self::Fragment),
            [0xef, 0xf0, 0x02, _, ..] if fragments => Some(Self::Root),
            _ => None,
        }
    }

    /// Whether a call of such code runs a program.
    #[must_use]
    pub const fn runs(self) -> bool {
        !matches!(self, Self::Fragment)
    }
}

/// Whether a creation may leave this code: nothing that starts with 0xEF but Stylus components.
#[must_use]
pub fn is_deployable(code: &Bytes, version: ArbosVersion) -> bool {
    code.first() != Some(&0xef) || StylusCode::of(code, version).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stylus_prefixes_may_start_with_ef() {
        let classic = Bytes::from_static(&[0xef, 0xf0, 0, 0]);
        assert!(!is_deployable(&classic, ArbosVersion::new(29)));
        assert!(is_deployable(&classic, ArbosVersion::STYLUS));
        assert!(!is_deployable(&Bytes::from_static(&[0xef, 0xf0, 1, 0]), ArbosVersion::new(59)));
        assert!(is_deployable(&Bytes::from_static(&[0xef, 0xf0, 1, 0]), ArbosVersion::STYLUS_CONTRACT_LIMIT));
        assert!(!is_deployable(&Bytes::from_static(&[0xef, 0xf0, 0]), ArbosVersion::STYLUS));
        assert!(!is_deployable(&Bytes::from_static(&[0xef, 0xf0, 1]), ArbosVersion::STYLUS_CONTRACT_LIMIT));
        assert!(is_deployable(&Bytes::new(), ArbosVersion::FIRST));
    }
}
