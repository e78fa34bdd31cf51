//! An interface that is nowhere.

extern crate alloc;

precompiles::precompile! {
    /// A demonstration.
    #[guard(owner)]
    interface ArbDemo {
        /// The method.
        function f() external;
    }
}

fn main() {}
