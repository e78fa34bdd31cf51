//! The rules of the precompiles, page by page, as they stand in the folder `spec` of this crate. No code.
//!
//! Elsewhere a page and its section are named like this: `spec/precompiles.md` 3.
#![expect(clippy::doc_lazy_continuation, reason = "the pages keep their own line breaks")]
#![allow(rustdoc::broken_intra_doc_links, reason = "square brackets of the pages are indices and footnotes, not links")]

#[doc = include_str!("../spec/precompiles.md")]
pub mod precompiles {}
