//! One typed word of the state, and what fits in a word (`spec/state.md` 3).

use crate::{
    burn::{CLEAR_GAS, READ_GAS, WRITE_GAS},
    error::{Fault, Result},
    gas::ResourceKind,
    space::{Io, Write},
    version::ArbosVersion,
};
use alloy_primitives::{Address, B256, I256, U256};
use core::marker::PhantomData;

/// A value that is kept in one word.
pub trait Word: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// [`Fault::Halt`] if the word holds more than the type: no transition of the protocol writes such a word.
    fn from_word(word: U256) -> Result<Self>;

    /// The word that holds the value.
    fn into_word(self) -> U256;
}

macro_rules! unsigned_words {
    ($($type:ty),*) => {$(
        impl Word for $type {
            fn from_word(word: U256) -> Result<Self> {
                Self::try_from(word).map_err(|_| Fault::Halt(concat!("a stored word exceeds ", stringify!($type))))
            }
            fn into_word(self) -> U256 {
                U256::from(self)
            }
        }
    )*};
}
unsigned_words!(u8, u16, u32, u64);

impl Word for U256 {
    fn from_word(word: U256) -> Result<Self> {
        Ok(word)
    }
    fn into_word(self) -> U256 {
        self
    }
}

/// Two's complement over the whole word.
impl Word for I256 {
    fn from_word(word: U256) -> Result<Self> {
        Ok(Self::from_raw(word))
    }
    fn into_word(self) -> U256 {
        self.into_raw()
    }
}

/// Two's complement in the low 64 bits; the rest stays zero.
impl Word for i64 {
    fn from_word(word: U256) -> Result<Self> {
        u64::from_word(word).map(u64::cast_signed)
    }
    fn into_word(self) -> U256 {
        U256::from(self.cast_unsigned())
    }
}

impl Word for ArbosVersion {
    fn from_word(word: U256) -> Result<Self> {
        u64::from_word(word).map(Self::new)
    }
    fn into_word(self) -> U256 {
        U256::from(self.number())
    }
}

impl Word for bool {
    fn from_word(word: U256) -> Result<Self> {
        Ok(!word.is_zero())
    }
    fn into_word(self) -> U256 {
        U256::from(u8::from(self))
    }
}

impl Word for B256 {
    fn from_word(word: U256) -> Result<Self> {
        Ok(Self::from(word))
    }
    fn into_word(self) -> U256 {
        self.into()
    }
}

/// The low 20 bytes; higher ones are ignored.
impl Word for Address {
    fn from_word(word: U256) -> Result<Self> {
        Ok(Self::from_word(B256::from(word)))
    }
    fn into_word(self) -> U256 {
        U256::from_be_bytes(Self::into_word(&self).0)
    }
}

/// An address or none, where none is the word with only its highest bit set.
impl Word for Option<Address> {
    fn from_word(word: U256) -> Result<Self> {
        if word == U256::ONE << 255 { Ok(None) } else { <Address as Word>::from_word(word).map(Some) }
    }
    fn into_word(self) -> U256 {
        self.map_or(U256::ONE << 255, Word::into_word)
    }
}

/// A word of type `T`: readable by all, writable for [`Write`].
pub struct Slot<'a, T, A> {
    io: Io<'a>,
    account: Address,
    physical: B256,
    marker: PhantomData<(T, A)>,
}

impl<'a, T, A> Slot<'a, T, A> {
    pub(crate) const fn new(io: Io<'a>, account: Address, physical: B256) -> Self {
        Slot { io, account, physical, marker: PhantomData }
    }
}

impl<T: Word, A> Slot<'_, T, A> {
    /// Reads the value for 800 gas.
    ///
    /// # Errors
    /// Out of gas, a failing store, or a word that does not fit the type.
    pub fn get(self) -> Result<T> {
        self.io.burner.burn(ResourceKind::StorageAccessRead, READ_GAS)?;
        self.get_free()
    }

    /// Reads the value for nothing, where the protocol says so.
    ///
    /// # Errors
    /// A failing store, or a word that does not fit the type.
    pub fn get_free(self) -> Result<T> {
        T::from_word(self.io.backend.load(self.account, self.physical)?)
    }
}

impl<T: Word> Slot<'_, T, Write> {
    /// Writes the value for 20000 gas, or 5000 if its word is zero. The same value again costs the same.
    ///
    /// # Errors
    /// Out of gas or a failing store; nothing is written then.
    pub fn set(self, value: T) -> Result<()> {
        let word = value.into_word();
        let gas = if word.is_zero() { CLEAR_GAS } else { WRITE_GAS };
        self.io.burner.burn(ResourceKind::StorageAccessWrite, gas)?;
        self.io.backend.store(self.account, self.physical, word)
    }

    /// Writes zero for 5000 gas.
    ///
    /// # Errors
    /// As [`Slot::set`].
    pub fn clear(self) -> Result<()> {
        self.io.burner.burn(ResourceKind::StorageAccessWrite, CLEAR_GAS)?;
        self.io.backend.store(self.account, self.physical, U256::ZERO)
    }
}

impl<T: Word> Slot<'_, T, Write> {
    /// Reads, changes and writes the value: a read and a write.
    ///
    /// # Errors
    /// As reading and writing; what `change` refuses is not written.
    pub fn update(mut self, change: impl FnOnce(T) -> Result<T>) -> Result<()> {
        let again = Slot::<T, Write>::new(self.io.reborrow(), self.account, self.physical);
        let value = change(again.get()?)?;
        self.set(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        address,
        backend::{Backend, memory::MemoryBackend},
        burn::{Burner, MeteredBurner},
        space::{Read, Space},
    };

    #[test]
    fn writing_zero_costs_a_clear() {
        let (mut backend, mut burner) = (MemoryBackend::new(), MeteredBurner::new(100_000));
        let mut space = Space::<Write>::root(Io::new(&mut backend, &mut burner), address::ARBOS_STATE);
        space.slot::<u64>(3).set(0).unwrap();
        space.slot::<u64>(3).set(7).unwrap();
        assert_eq!(space.slot::<u64>(3).get(), Ok(7));
        assert_eq!(burner.gas_left(), 100_000 - 5_000 - 20_000 - 800);
    }

    #[test]
    fn nothing_is_written_without_gas() {
        let (mut backend, mut burner) = (MemoryBackend::new(), MeteredBurner::new(19_999));
        let mut space = Space::<Write>::root(Io::new(&mut backend, &mut burner), address::ARBOS_STATE);
        assert_eq!(space.slot::<u64>(3).set(7), Err(Fault::OutOfGas));
        assert_eq!(backend.words().count(), 0);
        assert_eq!(burner.gas_left(), 0);
    }

    #[test]
    fn a_word_too_large_for_its_type_halts() {
        let (mut backend, mut burner) = (MemoryBackend::new(), MeteredBurner::new(10_000));
        let slot = crate::space::SpaceKey::ROOT.slot(B256::ZERO);
        backend.store(address::ARBOS_STATE, slot, U256::from(1u128 << 64)).unwrap();
        let mut space = Space::<Read>::root(Io::new(&mut backend, &mut burner), address::ARBOS_STATE);
        assert!(matches!(space.slot::<u64>(0).get(), Err(Fault::Halt(_))));
    }

    #[test]
    fn signed_and_absent_values_keep_their_words() {
        assert_eq!(Word::into_word(-1i64), U256::from(u64::MAX));
        assert_eq!(i64::from_word(U256::from(u64::MAX)), Ok(-1));
        assert_eq!(Option::<Address>::None.into_word(), U256::ONE << 255);
        assert_eq!(Option::<Address>::from_word(U256::ZERO), Ok(Some(Address::ZERO)));
    }
}
