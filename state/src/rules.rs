//! The rules of the state and its versions, page by page, as they stand in the folder `spec` of this crate. No code.
//!
//! Elsewhere a page and its section are named like this: `spec/state.md` 3.
#![allow(clippy::doc_lazy_continuation, reason = "the pages are indented as they are read, not as lists")]
#![allow(rustdoc::broken_intra_doc_links, reason = "square brackets of the pages are indices and footnotes, not links")]

#[doc = include_str!("../spec/state.md")]
pub mod state {}

#[doc = include_str!("../spec/versions.md")]
pub mod versions {}
