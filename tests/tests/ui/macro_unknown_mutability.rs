//! A mutability Solidity no longer has.

extern crate alloc;

precompiles::precompile! {
    /// A demonstration.
    #[at(0x70)]
    interface ArbDemo {
        /// The method.
        function f() external constant returns (uint64);
    }
}

fn main() {}
