//! There are two rights, and nobody adds a third.

struct Everything;

impl state::Access for Everything {}

fn main() {}
