//! A type Solidity does not have.

extern crate alloc;

precompiles::precompile! {
    /// A demonstration.
    #[at(0x70)]
    interface ArbDemo {
        /// The method.
        function f(number a) external;
    }
}

fn main() {}
