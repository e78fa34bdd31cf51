//! arbos
