//! A function that is not external.

extern crate alloc;

precompiles::precompile! {
    /// A demonstration.
    #[at(0x70)]
    interface ArbDemo {
        /// The method.
        function f() internal;
    }
}

fn main() {}
