//! `view!`: a storage layout, written as a table, becomes accessors.
//!
//! A view is a struct around a [`Space`]. It holds no values, so it cannot be stale. For
//! `view! { pub struct Name { field: T = slot N, part: View = space [id], } }` the macro generates
//!
//! - `struct Name<'a, A>` with `Name::open(space)`,
//! - `fn field(&mut self) -> Slot<'_, T, A>` for each word,
//! - `fn part(&mut self) -> View<'_, A>` for each subspace,
//! - `impl Layout for Name`, the same table as data, for tools that name raw slots.

use crate::space::Space;

/// A type that is opened over a space.
pub trait View<'a, A> {
    /// The view over `space`. Costs nothing and reads nothing.
    fn open(space: Space<'a, A>) -> Self;
}

/// The table behind a view, as data.
pub trait Layout {
    /// Fields in the order of the table.
    const FIELDS: &'static [Field];
}

/// A row of a layout.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The accessor's name.
    pub name: &'static str,
    /// Where it lives.
    pub place: Place,
}

/// Where a field lives in its space.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// The word with this number.
    Slot(u64),
    /// `count` words from this number on, one an element.
    Slots(u64),
    /// The subspace with this id, laid out as in the table.
    Space(&'static [u8], &'static [Field]),
    /// Subspaces with ids chosen at run time (addresses, ticket ids, indices), each laid out as in the table.
    Spaces(&'static [Field]),
    /// Words with logical keys chosen at run time (addresses, hashes).
    Keyed,
}

/// Declares a view. See the [module](self).
#[macro_export]
macro_rules! view {
    // struct Name { fields } => struct, View, accessors, Layout
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($body:tt)* }) => {
        $(#[$meta])*
        $vis struct $name<'a, A> { space: $crate::Space<'a, A> }
        impl<'a, A> $crate::View<'a, A> for $name<'a, A> {
            fn open(space: $crate::Space<'a, A>) -> Self { Self { space } }
        }
        #[allow(dead_code, reason = "a layout is complete even where nothing reads a field")]
        impl<A: $crate::Access> $name<'_, A> { $crate::view!(@accessors $($body)*); }
        impl<A> $crate::Layout for $name<'_, A> {
            const FIELDS: &'static [$crate::Field] = $crate::view!(@fields [] $($body)*);
        }
    };
    // field: u64 = slot 3  =>  fn field(&mut self) -> Slot<'_, u64, A>
    (@accessors $(#[$meta:meta])* $field:ident : $type:ty = slot $number:literal, $($rest:tt)*) => {
        $(#[$meta])*
        pub fn $field(&mut self) -> $crate::Slot<'_, $type, A> { self.space.slot($number) }
        $crate::view!(@accessors $($rest)*);
    };
    // part: View = space [1]  =>  fn part(&mut self) -> View<'_, A>
    (@accessors $(#[$meta:meta])* $field:ident : $type:ident = space [$($id:literal),*], $($rest:tt)*) => {
        $(#[$meta])*
        pub fn $field(&mut self) -> $type<'_, A> { $crate::View::open(self.space.child(&[$($id),*])) }
        $crate::view!(@accessors $($rest)*);
    };
    (@accessors) => {};
    (@fields [$($done:tt)*] $(#[$meta:meta])* $field:ident : $type:ty = slot $number:literal, $($rest:tt)*) => {
        $crate::view!(@fields [$($done)* $crate::Field { name: stringify!($field), place: $crate::Place::Slot($number) },] $($rest)*)
    };
    (@fields [$($done:tt)*] $(#[$meta:meta])* $field:ident : $type:ident = space [$($id:literal),*], $($rest:tt)*) => {
        $crate::view!(@fields [$($done)* $crate::Field {
            name: stringify!($field),
            place: $crate::Place::Space(&[$($id),*], <$type<'static, $crate::Read> as $crate::Layout>::FIELDS),
        },] $($rest)*)
    };
    (@fields [$($done:tt)*]) => { &[$($done)*] };
}
