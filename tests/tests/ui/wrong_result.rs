//! A method that answers with another type.

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
    fn backlog(_: &mut ViewCtx<'_, '_>, _: ArbDemo::backlogCall) -> Reply<u32> {
        Ok(0)
    }
}

fn main() {}
