//! A version nobody knows.

extern crate alloc;

precompiles::precompile! {
    /// A demonstration.
    #[at(0x70)]
    interface ArbDemo {
        /// The method.
        #[since(TOMORROW)] function f() external;
    }
}

fn main() {}
