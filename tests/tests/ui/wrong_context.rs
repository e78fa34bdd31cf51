//! A view method that asks for the context of one that writes.

extern crate alloc;

use precompiles::{Precompile, Reply, WriteCtx, precompile};

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
    fn backlog(_: &mut WriteCtx<'_, '_>, _: ArbDemo::backlogCall) -> Reply<u64> {
        Ok(0)
    }
}

fn main() {}
