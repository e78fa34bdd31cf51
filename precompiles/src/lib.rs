//! precompiles
