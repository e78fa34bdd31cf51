//! A table that replaces addresses by small numbers.

use super::shape;
use crate::{
    error::{Fault, Result},
    slot::Word,
    space::{Access, Write},
    view::{Field, Place},
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256};
use alloy_rlp::{Decodable, Encodable, Header};

shape!(
    /// Addresses in the order of their registration.
    AddressTable,
    &[
        Field { name: "size", place: Place::Slot(0) },
        Field { name: "addresses", place: Place::Slots(1) },
        Field { name: "by_address", place: Place::Space(&[], &[Field { name: "number", place: Place::Keyed }]) },
    ]
);

fn key(address: Address) -> B256 {
    B256::from(Word::into_word(address))
}

impl<A: Access> AddressTable<'_, A> {
    /// Number of addresses: one read.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn size(&mut self) -> Result<u64> {
        self.space.slot(0).get()
    }

    /// Index of an address, if it is registered: one read.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn lookup(&mut self, address: Address) -> Result<Option<u64>> {
        let number: u64 = self.space.child(&[]).slot_at(key(address)).get()?;
        Ok(number.checked_sub(1))
    }

    /// Address with an index: one read, and one more if it exists.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn lookup_index(&mut self, index: u64) -> Result<Option<Address>> {
        if index >= self.size()? {
            return Ok(None);
        }
        self.space.slot(index + 1).get().map(Some)
    }

    /// RLP of the index, or of the address if it is not registered.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn compress(&mut self, address: Address) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        match self.lookup(address)? {
            Some(index) => index.encode(&mut out),
            None => address.encode(&mut out),
        }
        Ok(out)
    }

    /// Reads what [`Self::compress`] made, and tells how many bytes it took.
    ///
    /// # Errors
    /// Out of gas, a failing store, or bytes that name no address.
    pub fn decompress(&mut self, bytes: &[u8]) -> Result<(Address, u64)> {
        const BAD: Fault = Fault::Rejected("not a compressed address");
        let mut rest = bytes;
        let string = Header::decode_bytes(&mut rest, false).map_err(|_| BAD)?;
        let taken = (bytes.len() - rest.len()) as u64;
        if taken > 21 {
            return Err(BAD);
        }
        if string.len() == 20 {
            return Ok((Address::from_slice(string), taken));
        }
        if taken > 9 {
            return Err(BAD);
        }
        let index = u64::decode(&mut &bytes[..]).map_err(|_| BAD)?;
        let address = self.lookup_index(index)?.ok_or(Fault::Rejected("no address with this index"))?;
        Ok((address, taken))
    }
}

impl AddressTable<'_, Write> {
    /// Registers an address and returns its index.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn register(&mut self, address: Address) -> Result<u64> {
        if let Some(index) = self.lookup(address)? {
            return Ok(index);
        }
        let mut number = 0;
        self.space.slot::<u64>(0).update(|size| {
            number = size + 1;
            Ok(number)
        })?;
        self.space.slot(number).set(address)?;
        self.space.child(&[]).slot_at(key(address)).set(number)?;
        Ok(number - 1)
    }
}
