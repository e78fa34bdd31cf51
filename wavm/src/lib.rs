//! wavm
