//! A row of a layout says where its field lives.

state::view! {
    /// A layout.
    pub struct Pricing {
        /// A field without a place.
        backlog: u64,
    }
}

fn main() {}
