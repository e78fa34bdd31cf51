//! The rules of prices, page by page, as they stand in the folder `spec` of this crate. No code.
//!
//! Elsewhere a page and its section are named like this: `spec/pricing.md` 3.
#![allow(rustdoc::invalid_html_tags, reason = "angle brackets of the pages are types and comparisons")]
#![expect(clippy::doc_lazy_continuation, reason = "the pages keep their own line breaks")]
// The listings of the page are not Rust: no doc tests.
#![cfg(not(doctest))]
#![allow(rustdoc::invalid_rust_codeblocks, reason = "the listings of the page are not Rust")]
#![allow(rustdoc::broken_intra_doc_links, reason = "square brackets of the pages are indices and footnotes, not links")]

#[doc = include_str!("../spec/pricing.md")]
pub mod pricing {}
