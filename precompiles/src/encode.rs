//! Results as the words of the ABI.
//!
//! Results of fixed size go into room the host keeps, so that a call of such a method allocates nothing; those with a list, bytes or
//! text are encoded by `alloy-sol-types`, which is the test oracle for the others.

use alloy_primitives::{Bytes, bytes::BytesMut};
use alloy_sol_types::{
    SolCall,
    abi::token::{DynSeqToken, FixedSeqToken, PackedSeqToken, WordToken},
};

/// Least room that is taken at a time, in bytes.
const ROOM: usize = 4_096;

/// A value as words.
pub trait Words {
    /// Number of words; none if it depends on the value.
    const FIXED: Option<usize>;

    /// Appends the words, if their number is fixed.
    fn put(&self, out: &mut BytesMut);
}

impl Words for WordToken {
    const FIXED: Option<usize> = Some(1);

    fn put(&self, out: &mut BytesMut) {
        out.extend_from_slice(self.0.as_slice());
    }
}

impl<T: Words, const N: usize> Words for FixedSeqToken<T, N> {
    const FIXED: Option<usize> = times(T::FIXED, N);

    fn put(&self, out: &mut BytesMut) {
        self.0.iter().for_each(|element| element.put(out));
    }
}

impl<T> Words for DynSeqToken<T> {
    const FIXED: Option<usize> = None;

    fn put(&self, _: &mut BytesMut) {}
}

impl Words for PackedSeqToken<'_> {
    const FIXED: Option<usize> = None;

    fn put(&self, _: &mut BytesMut) {}
}

/// Tuples of up to eight members.
macro_rules! tuples {
    ($($first:ident $($rest:ident)*)?) => { $(
        impl<$first: Words, $($rest: Words),*> Words for ($first, $($rest,)*) {
            const FIXED: Option<usize> = plus($first::FIXED, <($($rest,)*) as Words>::FIXED);

            #[allow(non_snake_case, reason = "a value is named as its type")]
            fn put(&self, out: &mut BytesMut) {
                let ($first, $($rest,)*) = self;
                $first.put(out);
                $($rest.put(out);)*
            }
        }
        tuples!($($rest)*);
    )? };
}
tuples!(A B C D E F G H);

impl Words for () {
    const FIXED: Option<usize> = Some(0);

    fn put(&self, _: &mut BytesMut) {}
}

const fn plus(one: Option<usize>, other: Option<usize>) -> Option<usize> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        _ => None,
    }
}

const fn times(one: Option<usize>, count: usize) -> Option<usize> {
    match one {
        Some(one) => Some(one * count),
        None => None,
    }
}

/// Encodes what a method returned. `token` is the value as tokens.
pub fn returns<'a, C: SolCall>(value: &C::Return, token: &C::ReturnToken<'a>, room: &mut BytesMut) -> Bytes
where
    C::ReturnToken<'a>: Words,
{
    let Some(words) = <C::ReturnToken<'a> as Words>::FIXED else { return C::abi_encode_returns(value).into() };
    if room.capacity() < 32 * words {
        room.reserve(ROOM.max(32 * words));
    }
    token.put(room);
    room.split().freeze().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{Address, B256, U256};

    alloy_sol_types::sol! {
        function nothing();
        function one() returns (uint64);
        function three() returns (address who, bytes32 what, int64[3] much);
        function some() returns (uint256 size, bytes32[] list);
        function text() returns (string);
    }

    fn check<C: SolCall>(value: &C::Return, room: &mut BytesMut)
    where
        for<'a> C::ReturnToken<'a>: Words,
    {
        let encoded = returns::<C>(value, &C::tokenize_returns(value), room);
        assert_eq!(encoded, C::abi_encode_returns(value));
    }

    #[test]
    fn results_are_encoded_as_alloy_does() {
        let mut room = BytesMut::new();
        for round in 0u64..300 {
            check::<nothingCall>(&nothingReturn {}, &mut room);
            check::<oneCall>(&round, &mut room);
            let (who, what) = (Address::repeat_byte(7), B256::repeat_byte(9));
            check::<threeCall>(&threeReturn { who, what, much: [-1, 2, 3] }, &mut room);
            check::<someCall>(&someReturn { size: U256::from(round), list: alloc::vec![what; 2] }, &mut room);
            check::<textCall>(&alloc::string::String::from("a result"), &mut room);
        }
    }
}
