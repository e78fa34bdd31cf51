//! A pure method that reads.

extern crate alloc;

use precompiles::{Precompile, PureCtx, Reply, precompile};

precompile! {
    /// A demonstration.
    #[at(0x70)]
    interface ArbDemo {
        /// The method.
        function backlog() external pure returns (uint64);
    }
}

enum Demo {}
static PRECOMPILE: Precompile = row::<Demo>();

impl ArbDemoMethods for Demo {
    fn backlog(cx: &mut PureCtx<'_, '_>, _: ArbDemo::backlogCall) -> Reply<u64> {
        Ok(cx.state().l2_pricing().gas_backlog().get()?)
    }
}

fn main() {}
