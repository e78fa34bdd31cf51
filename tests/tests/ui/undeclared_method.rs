//! A method that is there and not declared.

extern crate alloc;

use precompiles::{Precompile, Reply, ViewCtx, WriteCtx, precompile};

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
    fn backlog(_: &mut ViewCtx<'_, '_>, _: ArbDemo::backlogCall) -> Reply<u64> {
        Ok(0)
    }

    fn secret(_: &mut WriteCtx<'_, '_>) -> Reply<()> {
        Ok(())
    }
}

fn main() {}
