//! A guard nobody knows.

extern crate alloc;

precompiles::precompile! {
    /// A demonstration.
    #[at(0x70)] #[guard(friend)]
    interface ArbDemo {
        /// The method.
        function f() external;
    }
}

fn main() {}
