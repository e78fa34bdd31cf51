//! The arbos program.
fn main() {}
