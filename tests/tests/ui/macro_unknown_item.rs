//! An item that is no function, event, error or struct.

extern crate alloc;

precompiles::precompile! {
    /// A demonstration.
    #[at(0x70)]
    interface ArbDemo {
        /// The method.
        modifier onlyOwner();
    }
}

fn main() {}
