//! A method that is declared and not there.

extern crate alloc;

use precompiles::{Precompile, Reply, WriteCtx, precompile};

precompile! {
    /// A demonstration.
    #[at(0x70)]
    interface ArbDemo {
        /// The method.
        function backlog() external view returns (uint64);
        /// Another one.
        function other() external;
    }
}

enum Demo {}
static PRECOMPILE: Precompile = row::<Demo>();

impl ArbDemoMethods for Demo {
    fn other(_: &mut WriteCtx<'_, '_>, _: ArbDemo::otherCall) -> Reply<()> {
        Ok(())
    }
}

fn main() {}
