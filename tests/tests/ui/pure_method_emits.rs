//! A pure method that emits an event.

extern crate alloc;

use precompiles::{Precompile, PureCtx, Reply, precompile};

precompile! {
    /// A demonstration.
    #[at(0x70)]
    interface ArbDemo {
        /// The method.
        function warn() external pure;
        /// An event.
        event Warned(uint64 number);
    }
}

enum Demo {}
static PRECOMPILE: Precompile = row::<Demo>();

impl ArbDemoMethods for Demo {
    fn warn(cx: &mut PureCtx<'_, '_>, _: ArbDemo::warnCall) -> Reply<()> {
        cx.emit(&ArbDemo::Warned { number: 1 })
    }
}

fn main() {}
