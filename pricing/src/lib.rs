//! What things cost on an Arbitrum chain, and who is paid.
//!
//! Formulas take plain numbers and give plain numbers. Thin functions beside them load their inputs through the views of crate
//! `state` and store the results. The rules are in `spec/pricing.md`.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod brotli;
pub mod l1;
pub mod l2;
pub mod math;
pub mod retryable;
pub mod rules;
pub mod stylus;
