//! Fields of transactions in RLP, as strict as the protocol and no stricter.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rlp::{Decodable, Encodable, Error, Header};

/// A field: how it is written and read.
pub(crate) trait Field: Sized {
    /// Appends the field.
    fn put(&self, out: &mut alloc::vec::Vec<u8>);
    /// Reads the field off the front.
    fn take(bytes: &mut &[u8]) -> Result<Self, Error>;
}

macro_rules! plain_fields {
    ($($type:ty),*) => {$(
        impl Field for $type {
            fn put(&self, out: &mut alloc::vec::Vec<u8>) {
                self.encode(out);
            }
            fn take(bytes: &mut &[u8]) -> Result<Self, Error> {
                <$type as Decodable>::decode(bytes)
            }
        }
    )*};
}
plain_fields!(u64, U256, B256, Address, Bytes);

/// An address or the empty string.
impl Field for Option<Address> {
    fn put(&self, out: &mut alloc::vec::Vec<u8>) {
        match self {
            Some(address) => address.encode(out),
            None => out.push(alloy_rlp::EMPTY_STRING_CODE),
        }
    }
    fn take(bytes: &mut &[u8]) -> Result<Self, Error> {
        if bytes.first() == Some(&alloy_rlp::EMPTY_STRING_CODE) {
            *bytes = &bytes[1..];
            return Ok(None);
        }
        Address::decode(bytes).map(Some)
    }
}

/// An unsigned number of any length; none if it exceeds 256 bits.
impl Field for Option<U256> {
    fn put(&self, out: &mut alloc::vec::Vec<u8>) {
        self.unwrap_or(U256::MAX).encode(out);
    }
    fn take(bytes: &mut &[u8]) -> Result<Self, Error> {
        let number = Header::decode_bytes(bytes, false)?;
        if number.first() == Some(&0) {
            return Err(Error::LeadingZero);
        }
        Ok((number.len() <= 32).then(|| U256::from_be_slice(number)))
    }
}

/// Opens a list that ends with the bytes.
pub(crate) fn whole_list<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Error> {
    Header::decode_bytes(bytes, true)
}

/// A type of the chain's own: fields in order, with their RLP.
macro_rules! own_type {
    ($(#[$meta:meta])* $name:ident = $type:literal { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name { $($(#[$field_meta])* pub $field: $kind,)* }
        impl $name {
            /// Type byte.
            pub const TYPE: u8 = $type;

            /// Type byte and fields.
            #[must_use]
            pub fn encoded(&self) -> alloy_primitives::Bytes {
                let mut fields = alloc::vec::Vec::with_capacity(256);
                $($crate::tx::fields::Field::put(&self.$field, &mut fields);)*
                let mut list = alloc::vec::Vec::with_capacity(fields.len() + 8);
                alloy_rlp::Header { list: true, payload_length: fields.len() }.encode(&mut list);
                list.extend_from_slice(&fields);
                $crate::tx::typed(Self::TYPE, &list).into()
            }

            /// Hash of the transaction.
            #[must_use]
            pub fn hash(&self) -> alloy_primitives::B256 {
                state::keccak::keccak256(self.encoded())
            }

            /// Reads the fields behind the type byte, and nothing after them.
            ///
            /// # Errors
            /// Malformed RLP or other fields.
            pub fn decode_fields(mut bytes: &[u8]) -> Result<Self, $crate::tx::TxError> {
                let mut list = $crate::tx::fields::whole_list(&mut bytes)?;
                let tx = Self { $($field: $crate::tx::fields::Field::take(&mut list)?,)* };
                match (bytes.len(), list.len()) {
                    (0, 0) => Ok(tx),
                    (0, _) => Err(alloy_rlp::Error::UnexpectedLength.into()),
                    (rest, _) => Err($crate::tx::TxError::Trailing(rest)),
                }
            }
        }
    };
}
pub(crate) use own_type;
