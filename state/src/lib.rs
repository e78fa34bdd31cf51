//! The operating state of an Arbitrum chain, and the world of accounts it lives in.
//!
//! The state is kept in the storage of one account. A [`Space`] derives where a field lives, a [`Slot`] reads and writes one
//! typed word, and [`view!`] turns a layout table into accessors. What a caller may do is the type it holds ([`Read`] or
//! [`Write`]); who pays is a [`Burner`]; where words live is a [`Backend`].
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod address;
pub mod arbos;
pub mod backend;
pub mod burn;
pub mod error;
pub mod gas;
pub mod genesis;
pub mod keccak;
pub mod rules;
pub mod shape;
pub mod slot;
pub mod space;
pub mod upgrade;
pub mod version;
pub mod view;
pub mod world;

pub use arbos::ArbosState;
pub use backend::Backend;
pub use burn::{Burner, MeteredBurner, SystemBurner};
pub use error::{Fault, Result};
pub use gas::{MultiGas, ResourceKind};
pub use slot::{Slot, Word};
pub use space::{Access, Io, KeyCache, Read, Space, SpaceKey, Write};
pub use version::ArbosVersion;
pub use view::{Field, Layout, Place, View};
