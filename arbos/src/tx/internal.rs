//! Type 0x6a: an act of the operating system.

use super::fields::own_type;
use alloy_primitives::{Bytes, U256};

own_type! {
    /// Start of a block, or report of a posted batch.
    InternalTx = 0x6a {
        /// Chain id.
        chain_id: U256,
        /// Call of `ArbosActs`.
        data: Bytes,
    }
}
