//! The rules of the machine and of programs, page by page, as they stand in the folder `spec` of this crate. No code.
//!
//! Elsewhere a page and its section are named like this: `spec/wavm.md` 3.
#![allow(clippy::doc_lazy_continuation, reason = "the pages are indented as they are read, not as lists")]
#![allow(rustdoc::invalid_html_tags, reason = "angle brackets of the pages stand for names")]
#![allow(rustdoc::broken_intra_doc_links, reason = "square brackets of the pages are indices and footnotes, not links")]

#[doc = include_str!("../spec/wavm.md")]
pub mod wavm {}

#[doc = include_str!("../spec/stylus.md")]
pub mod stylus {}
