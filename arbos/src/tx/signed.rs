//! Types 0x00, 0x01, 0x02 and 0x04.
//!
//! Numbers may exceed 256 bits here, as the protocol's decoder has no bound for most of them: such a transaction decodes and is
//! refused later, alone, while bytes that do not decode spoil the message they came in.

use super::{
    TxError,
    fields::{Field, whole_list},
    recover::{Signature, recover},
    typed,
};
use alloc::vec::Vec;
use alloy_eips::{
    eip2930::AccessList,
    eip7702::{Authorization, SignedAuthorization},
};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rlp::{Decodable, Encodable, Header};
use state::{ArbosVersion, keccak::keccak256};

/// A transaction with a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTx {
    tx_type: u8,
    /// Chain id; none for legacy transactions.
    pub chain_id: Option<U256>,
    /// Nonce of the sender.
    pub nonce: u64,
    /// Highest tip for a gas, in wei; none above 256 bits. The gas price where there is only one price.
    pub gas_tip_cap: Option<U256>,
    /// Highest price for a gas, in wei; none above 256 bits. The gas price where there is only one price.
    pub gas_fee_cap: Option<U256>,
    /// Gas limit.
    pub gas_limit: u64,
    /// Target; none creates a contract.
    pub to: Option<Address>,
    /// Value in wei; none above 256 bits.
    pub value: Option<U256>,
    /// Calldata or init code.
    pub data: Bytes,
    /// Accounts and slots that are warm from the start.
    pub access_list: AccessList,
    /// Authorizations of a type 4.
    pub authorization_list: Vec<SignedAuthorization>,
    v: Option<U256>,
    r: Option<U256>,
    s: Option<U256>,
    unsigned: core::ops::Range<usize>,
    raw: Bytes,
    hash: B256,
}

/// Type byte of legacy transactions.
const LEGACY: u8 = 0;
/// Type byte of access list transactions.
const ACCESS_LIST: u8 = 1;
/// Type byte of dynamic fee transactions.
const DYNAMIC_FEE: u8 = 2;
/// Type byte of set-code transactions.
const SET_CODE: u8 = 4;

impl SignedTx {
    /// Reads a transaction of a user, and nothing after it.
    ///
    /// # Errors
    /// See [`TxError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, TxError> {
        let first = *bytes.first().ok_or(TxError::TooShort(0))?;
        let (tx_type, mut body) = if first > 0x7f { (LEGACY, bytes) } else { (first, &bytes[1..]) };
        if first <= 0x7f {
            if bytes.len() <= 1 {
                return Err(TxError::TooShort(bytes.len()));
            }
            if !matches!(first, ACCESS_LIST | DYNAMIC_FEE | SET_CODE) {
                return Err(TxError::Type(first));
            }
        }
        let mut list = whole_list(&mut body)?;
        if !body.is_empty() {
            return Err(TxError::Trailing(body.len()));
        }
        let start = bytes.len() - list.len();
        let mut tx = Self::empty(tx_type, Bytes::copy_from_slice(bytes));
        tx.read_fields(&mut list)?;
        tx.unsigned = start..bytes.len() - list.len();
        tx.read_signature(&mut list)?;
        if list.is_empty() { Ok(tx) } else { Err(alloy_rlp::Error::UnexpectedLength.into()) }
    }

    fn empty(tx_type: u8, raw: Bytes) -> Self {
        Self {
            tx_type,
            chain_id: None,
            nonce: 0,
            gas_tip_cap: None,
            gas_fee_cap: None,
            gas_limit: 0,
            to: None,
            value: None,
            data: Bytes::new(),
            access_list: AccessList::default(),
            authorization_list: Vec::new(),
            v: None,
            r: None,
            s: None,
            unsigned: 0..0,
            hash: keccak256(&raw),
            raw,
        }
    }

    fn read_fields(&mut self, list: &mut &[u8]) -> Result<(), TxError> {
        let set_code = self.tx_type == SET_CODE;
        if self.tx_type != LEGACY {
            // A chain id past 256 bits is no chain's.
            let chain_id: Option<U256> = number(list, set_code)?;
            self.chain_id = Some(chain_id.unwrap_or(U256::MAX));
        }
        self.nonce = Field::take(list)?;
        self.gas_tip_cap = number(list, set_code)?;
        self.gas_fee_cap = match self.tx_type {
            DYNAMIC_FEE | SET_CODE => number(list, set_code)?,
            _ => self.gas_tip_cap,
        };
        self.gas_limit = Field::take(list)?;
        self.to = if set_code { Some(Field::take(list)?) } else { Field::take(list)? };
        self.value = number(list, set_code)?;
        self.data = Field::take(list)?;
        if self.tx_type != LEGACY {
            self.access_list = AccessList::decode(list)?;
        }
        if set_code {
            self.authorization_list = authorizations(list)?;
        }
        Ok(())
    }

    fn read_signature(&mut self, list: &mut &[u8]) -> Result<(), TxError> {
        let set_code = self.tx_type == SET_CODE;
        self.v = number(list, set_code)?;
        self.r = number(list, set_code)?;
        self.s = number(list, set_code)?;
        Ok(())
    }

    /// Type byte.
    #[must_use]
    pub const fn tx_type(&self) -> u8 {
        self.tx_type
    }

    /// Whether it is of type 4.
    #[must_use]
    pub const fn is_set_code(&self) -> bool {
        self.tx_type == SET_CODE
    }

    /// Bytes as they came.
    #[must_use]
    pub const fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// Hash of the transaction.
    #[must_use]
    pub const fn hash(&self) -> B256 {
        self.hash
    }

    /// The sender, by the rules of a version; none if the signature is not valid for the chain.
    #[must_use]
    pub fn sender(&self, chain_id: u64, version: ArbosVersion) -> Option<Address> {
        let (r, s) = (self.r?, self.s?);
        let (hash, odd) = match self.tx_type {
            LEGACY => self.legacy_hash(chain_id)?,
            SET_CODE if version < ArbosVersion::PRAGUE => return None,
            _ if self.chain_id != Some(U256::from(chain_id)) => return None,
            _ => (keccak256(typed(self.tx_type, &self.unsigned_list(&[]))), parity(self.v?)?),
        };
        recover(hash, &Signature { r, s, odd })
    }

    /// What a legacy transaction signs, and the parity its `v` says: with the chain id unless `v` is 27 or 28.
    fn legacy_hash(&self, chain_id: u64) -> Option<(B256, bool)> {
        let v = self.v?;
        if let Some(odd) = v.checked_sub(U256::from(27)).and_then(parity) {
            return Some((keccak256(self.unsigned_list(&[])), odd));
        }
        let base = U256::from(chain_id) * U256::from(2) + U256::from(35);
        let odd = parity(v.checked_sub(base)?)?;
        let mut suffix = Vec::with_capacity(11);
        chain_id.encode(&mut suffix);
        suffix.extend_from_slice(&[alloy_rlp::EMPTY_STRING_CODE; 2]);
        Some((keccak256(self.unsigned_list(&suffix)), odd))
    }

    /// The list of fields without the signature.
    fn unsigned_list(&self, suffix: &[u8]) -> Vec<u8> {
        let fields = &self.raw[self.unsigned.clone()];
        let payload_length = fields.len() + suffix.len();
        let mut out = Vec::with_capacity(payload_length + 8);
        Header { list: true, payload_length }.encode(&mut out);
        out.extend_from_slice(fields);
        out.extend_from_slice(suffix);
        out
    }
}

/// Reads a number; with `bounded` one past 256 bits does not decode.
fn number(list: &mut &[u8], bounded: bool) -> Result<Option<U256>, TxError> {
    let number: Option<U256> = Field::take(list)?;
    if bounded && number.is_none() { Err(alloy_rlp::Error::Overflow.into()) } else { Ok(number) }
}

fn parity(v: U256) -> Option<bool> {
    if v.is_zero() { Some(false) } else { (v == U256::ONE).then_some(true) }
}

fn authorizations(list: &mut &[u8]) -> Result<Vec<SignedAuthorization>, TxError> {
    let mut entries = Header::decode_bytes(list, true)?;
    let mut authorizations = Vec::new();
    while !entries.is_empty() {
        let mut fields = Header::decode_bytes(&mut entries, true)?;
        let inner = Authorization {
            chain_id: Field::take(&mut fields)?,
            address: Field::take(&mut fields)?,
            nonce: Field::take(&mut fields)?,
        };
        let y_parity = u8::decode(&mut fields)?;
        let (r, s) = (Field::take(&mut fields)?, Field::take(&mut fields)?);
        if !fields.is_empty() {
            return Err(alloy_rlp::Error::UnexpectedLength.into());
        }
        authorizations.push(SignedAuthorization::new_unchecked(inner, y_parity, r, s));
    }
    Ok(authorizations)
}
