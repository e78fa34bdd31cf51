//! Accounts with keys, and transactions they sign.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEip7702, TxEnvelope, TxLegacy};
use alloy_eips::{
    eip2718::Encodable2718,
    eip2930::AccessList,
    eip7702::{Authorization, SignedAuthorization},
};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256, keccak256};
use secp256k1::{Message, PublicKey, SECP256K1, SecretKey};

/// An account with its key.
#[derive(Debug, Clone)]
pub struct Account {
    key: SecretKey,
    address: Address,
}

impl Account {
    /// The account with this number; always the same.
    ///
    /// # Panics
    /// Never: a hash is a valid key for all practical purposes, and these are fixed.
    #[must_use]
    pub fn numbered(number: u64) -> Self {
        let seed = keccak256([b"account".as_slice(), &number.to_be_bytes()].concat());
        let key = SecretKey::from_byte_array(seed.0).expect("the hash is below the order of the curve");
        let public = PublicKey::from_secret_key(SECP256K1, &key).serialize_uncompressed();
        Self { key, address: Address::from_raw_public_key(&public[1..]) }
    }

    /// Its address.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Signs a hash.
    #[must_use]
    pub fn sign_hash(&self, hash: B256) -> Signature {
        let signature = SECP256K1.sign_ecdsa_recoverable(Message::from_digest(hash.0), &self.key);
        let (id, bytes) = signature.serialize_compact();
        let number = |part: &[u8]| U256::from_be_slice(part);
        Signature::new(number(&bytes[..32]), number(&bytes[32..]), i32::from(id) & 1 == 1)
    }

    /// Allows `delegate` to act with this account.
    #[must_use]
    pub fn authorizes(&self, chain_id: u64, delegate: Address, nonce: u64) -> SignedAuthorization {
        let authorization = Authorization { chain_id: U256::from(chain_id), address: delegate, nonce };
        let signature = self.sign_hash(authorization.signature_hash());
        authorization.into_signed(signature)
    }

    /// Signs a draft and returns the bytes of the transaction.
    #[must_use]
    pub fn sign(&self, draft: &Draft, chain_id: u64, nonce: u64) -> Bytes {
        draft.signed(self, chain_id, draft.nonce.unwrap_or(nonce))
    }
}

/// What a transaction is besides its common fields.
#[derive(Debug, Clone)]
enum Form {
    Legacy,
    AccessList(AccessList),
    DynamicFee { tip_cap: u128 },
    SetCode(Vec<SignedAuthorization>),
}

/// A transaction before it is signed.
#[derive(Debug, Clone)]
pub struct Draft {
    form: Form,
    to: TxKind,
    value: U256,
    data: Bytes,
    gas: u64,
    fee_cap: u128,
    nonce: Option<u64>,
}

/// Gas of a draft that names none.
pub const DEFAULT_GAS: u64 = 5_000_000;
/// Fee cap of a draft that names none, in wei.
pub const DEFAULT_FEE_CAP: u128 = 1_000_000_000_000;

impl Draft {
    const fn new(to: TxKind, data: Bytes) -> Self {
        Self {
            form: Form::DynamicFee { tip_cap: 0 },
            to,
            value: U256::ZERO,
            data,
            gas: DEFAULT_GAS,
            fee_cap: DEFAULT_FEE_CAP,
            nonce: None,
        }
    }

    /// A call, of type 2 unless said otherwise.
    #[must_use]
    pub fn call(to: Address, data: impl Into<Bytes>) -> Self {
        Self::new(TxKind::Call(to), data.into())
    }

    /// A transfer of value.
    #[must_use]
    pub fn transfer(to: Address, value: u128) -> Self {
        Self::call(to, Bytes::new()).value(value)
    }

    /// A creation of a contract.
    #[must_use]
    pub fn creation(init_code: impl Into<Bytes>) -> Self {
        Self::new(TxKind::Create, init_code.into())
    }

    /// With a value in wei.
    #[must_use]
    pub fn value(self, wei: u128) -> Self {
        Self { value: U256::from(wei), ..self }
    }

    /// With a gas limit.
    #[must_use]
    pub fn gas(self, gas: u64) -> Self {
        Self { gas, ..self }
    }

    /// With a highest price for a gas, in wei.
    #[must_use]
    pub fn fee_cap(self, fee_cap: u128) -> Self {
        Self { fee_cap, ..self }
    }

    /// With a tip for a gas, in wei; of type 2.
    #[must_use]
    pub fn tip_cap(self, tip_cap: u128) -> Self {
        Self { form: Form::DynamicFee { tip_cap }, ..self }
    }

    /// With a nonce other than the next one.
    #[must_use]
    pub fn nonce(self, nonce: u64) -> Self {
        Self { nonce: Some(nonce), ..self }
    }

    /// Of type 0.
    #[must_use]
    pub fn legacy(self) -> Self {
        Self { form: Form::Legacy, ..self }
    }

    /// Of type 1.
    #[must_use]
    pub fn access_list(self, list: AccessList) -> Self {
        Self { form: Form::AccessList(list), ..self }
    }

    /// Of type 4.
    #[must_use]
    pub fn authorizations(self, list: Vec<SignedAuthorization>) -> Self {
        Self { form: Form::SetCode(list), ..self }
    }

    fn signed(&self, signer: &Account, chain_id: u64, nonce: u64) -> Bytes {
        let Self { to, value, gas: gas_limit, fee_cap, .. } = *self;
        let input = self.data.clone();
        match &self.form {
            Form::Legacy => {
                let chain_id = Some(chain_id);
                encoded(TxLegacy { chain_id, nonce, gas_price: fee_cap, gas_limit, to, value, input }, signer)
            }
            Form::AccessList(list) => {
                let access_list = list.clone();
                encoded(
                    TxEip2930 { chain_id, nonce, gas_price: fee_cap, gas_limit, to, value, access_list, input },
                    signer,
                )
            }
            Form::DynamicFee { tip_cap } => encoded(
                TxEip1559 {
                    chain_id,
                    nonce,
                    gas_limit,
                    max_fee_per_gas: fee_cap,
                    max_priority_fee_per_gas: *tip_cap,
                    to,
                    value,
                    access_list: AccessList::default(),
                    input,
                },
                signer,
            ),
            Form::SetCode(list) => encoded(
                TxEip7702 {
                    chain_id,
                    nonce,
                    gas_limit,
                    max_fee_per_gas: fee_cap,
                    max_priority_fee_per_gas: 0,
                    to: to.to().copied().unwrap_or_default(),
                    value,
                    access_list: AccessList::default(),
                    authorization_list: list.clone(),
                    input,
                },
                signer,
            ),
        }
    }
}

/// Signs and encodes a transaction of any type.
fn encoded<T: SignableTransaction<Signature>>(tx: T, signer: &Account) -> Bytes
where
    TxEnvelope: From<alloy_consensus::Signed<T>>,
{
    let signature = signer.sign_hash(tx.signature_hash());
    TxEnvelope::from(tx.into_signed(signature)).encoded_2718().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arbos::ArbTxEnvelope;
    use state::ArbosVersion;

    #[test]
    fn every_type_recovers_its_signer() {
        let signer = Account::numbered(1);
        let draft = Draft::transfer(Address::ZERO, 5);
        let authorization = Account::numbered(2).authorizes(7, Address::ZERO, 0);
        let drafts = [
            (0, draft.clone().legacy()),
            (1, draft.clone().access_list(AccessList::default())),
            (2, draft.clone()),
            (4, draft.authorizations(vec![authorization])),
        ];
        for (tx_type, draft) in drafts {
            let tx = ArbTxEnvelope::decode_user(&signer.sign(&draft, 7, 3)).unwrap();
            assert_eq!((tx.tx_type(), tx.nonce()), (tx_type, 3));
            assert_eq!(tx.sender(7, ArbosVersion::LATEST), Some(signer.address()));
            assert_eq!(tx.sender(8, ArbosVersion::LATEST), None);
        }
    }
}
