//! A method that is not payable and looks at the value.

extern crate alloc;

use precompiles::{Precompile, Reply, WriteCtx, precompile};

precompile! {
    /// A demonstration.
    #[at(0x70)]
    interface ArbDemo {
        /// The method.
        function pay() external returns (uint256);
    }
}

enum Demo {}
static PRECOMPILE: Precompile = row::<Demo>();

impl ArbDemoMethods for Demo {
    fn pay(cx: &mut WriteCtx<'_, '_>, _: ArbDemo::payCall) -> Reply<alloy_primitives::U256> {
        Ok(cx.value())
    }
}

fn main() {}
