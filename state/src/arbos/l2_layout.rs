//! The two layouts of L2 pricing, and the words both of them have (`spec/pricing.md` 2.1 and 3.7).
//!
//! A chain has one of them for life. What is asked of L2 pricing without knowing the model goes through the accessors here.

use super::{ArbosState, GasPools, L2Pricing};
use crate::{
    slot::Slot,
    space::{Access, Read},
    view::{Field, Layout, Place},
};
use alloy_primitives::U256;

/// What the subspace of L2 pricing holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum L2Layout {
    /// Backlogs: [`L2Pricing`].
    #[default]
    Backlog,
    /// The pair of pools: [`GasPools`].
    DualPool,
}

/// The number of a field's word.
const fn number_of(fields: &[Field], name: &str) -> u64 {
    let mut index = 0;
    while index < fields.len() {
        if let Place::Slot(number) = fields[index].place
            && is_same(fields[index].name, name)
        {
            return number;
        }
        index += 1;
    }
    panic!("both layouts have the field")
}

const fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut index = 0;
    while index < left.len() && index < right.len() && left[index] == right[index] {
        index += 1;
    }
    index == left.len() && index == right.len()
}

/// Accessors of words that both layouts have: `name: type = field of L2Pricing | field of GasPools;`
macro_rules! in_both_layouts {
    ($($(#[doc = $doc:literal])* $name:ident: $type:ty = $backlog:ident | $pools:ident;)*) => {$(
        $(#[doc = $doc])*
        pub fn $name(&mut self) -> Slot<'_, $type, A> {
            const BACKLOG: u64 = number_of(<L2Pricing<'static, Read> as Layout>::FIELDS, stringify!($backlog));
            const POOLS: u64 = number_of(<GasPools<'static, Read> as Layout>::FIELDS, stringify!($pools));
            let number = match self.layout {
                L2Layout::Backlog => BACKLOG,
                L2Layout::DualPool => POOLS,
            };
            self.root.l2_space().into_slot(number)
        }
    )*};
}

impl<A: Access> ArbosState<'_, A> {
    in_both_layouts! {
        /// Base fee of the next block, in wei.
        base_fee_wei: U256 = base_fee_wei | gas_price_wei;
        /// Lowest base fee, in wei.
        min_base_fee_wei: U256 = min_base_fee_wei | min_gas_price_wei;
        /// Gas the chain aims to use a second.
        speed_limit_per_second: u64 = speed_limit_per_second | speed_limit_per_second;
        /// Most compute gas of a block, as it is set.
        per_block_gas_limit: u64 = per_block_gas_limit | max_per_block_gas_limit;
        /// Compute gas of a transaction. Since version 50.
        per_tx_gas_limit: u64 = per_tx_gas_limit | per_tx_gas_limit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SystemBurner, Write, backend::memory::MemoryBackend};

    #[test]
    fn shared_words_are_those_of_the_layouts() {
        let mut burner = SystemBurner::default();
        let mut backend = MemoryBackend::new();
        let mut state = ArbosState::<Write>::system(&mut backend, &mut burner).unwrap();
        state.l2_pricing().base_fee_wei().set(U256::from(2)).unwrap();
        state.l2_pricing().per_block_gas_limit().set(3).unwrap();
        assert_eq!(state.base_fee_wei().get(), Ok(U256::from(2)));
        assert_eq!(state.per_block_gas_limit().get(), Ok(3));
        let mut backend = MemoryBackend::with_layout(L2Layout::DualPool);
        let mut state = ArbosState::<Write>::system(&mut backend, &mut burner).unwrap();
        state.gas_pools().gas_price_wei().set(U256::from(2)).unwrap();
        state.gas_pools().per_tx_gas_limit().set(3).unwrap();
        assert_eq!(state.base_fee_wei().get(), Ok(U256::from(2)));
        assert_eq!(state.per_tx_gas_limit().get(), Ok(3));
    }
}
