//! Collections kept in a space, one file each (`spec/state.md` 6 to 8).

pub mod accumulator;
pub mod address_set;
pub mod address_table;
pub mod bytes;
pub mod queue;
pub mod vector;

pub use accumulator::{Accumulator, MergeEvent};
pub use address_set::AddressSet;
pub use address_table::AddressTable;
pub use bytes::StoredBytes;
pub use queue::Queue;
pub use vector::SpaceVector;

/// A collection over a space: the struct, how it is opened, and its layout for tools.
macro_rules! shape {
    ($(#[$meta:meta])* $name:ident, $fields:expr) => {
        $(#[$meta])*
        pub struct $name<'a, A> {
            pub(crate) space: $crate::Space<'a, A>,
        }
        impl<'a, A> $crate::View<'a, A> for $name<'a, A> {
            fn open(space: $crate::Space<'a, A>) -> Self {
                Self { space }
            }
        }
        impl<A> $crate::Layout for $name<'_, A> {
            const FIELDS: &'static [$crate::Field] = $fields;
        }
    };
}
pub(crate) use shape;
