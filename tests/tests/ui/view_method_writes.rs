//! A view method that writes.

extern crate alloc;

use precompiles::{Precompile, Reply, ViewCtx, precompile};

precompile! {
    /// A demonstration.
    #[at(0x70)]
    interface ArbDemo {
        /// The method.
        function backlog() external view returns (uint64);
    }
}

enum Demo {}
static PRECOMPILE: Precompile = row::<Demo>();

impl ArbDemoMethods for Demo {
    fn backlog(cx: &mut ViewCtx<'_, '_>, _: ArbDemo::backlogCall) -> Reply<u64> {
        cx.state().l2_pricing().gas_backlog().set(0)?;
        Ok(0)
    }
}

fn main() {}
