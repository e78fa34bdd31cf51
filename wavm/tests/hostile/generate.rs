//! Modules that are valid with the features that the protocol allows, made from random bytes, and changes of valid bytes.

use arbitrary::Unstructured;
use proptest::prelude::*;

/// What a generated module shall be like.
pub(crate) enum Kind {
    /// Any module.
    Any,
    /// One that exports what a program must.
    Program,
    /// One that exports all it has, and ends: loops and calls use up fuel.
    Closed,
}

/// Loops and calls of a module that ends.
const FUEL: u32 = 2000;

/// A module; none if the bytes are too few.
pub(crate) fn module(bytes: &[u8], kind: &Kind) -> Option<Vec<u8>> {
    let config = wasm_smith::Config {
        exports: matches!(kind, Kind::Program).then(|| {
            let text = r#"(module (memory (export "memory") 1 1)
                (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#;
            wat::parse_str(text).expect("well formed")
        }),
        allow_start_export: matches!(kind, Kind::Closed),
        allow_floats: false,
        bulk_memory_enabled: false,
        exceptions_enabled: false,
        export_everything: matches!(kind, Kind::Closed),
        extended_const_enabled: false,
        gc_enabled: false,
        max_imports: 0,
        max_memories: 1,
        max_memory32_bytes: 1 << 20,
        max_tables: 1,
        max_instructions: 400,
        memory64_enabled: false,
        memory_max_size_required: matches!(kind, Kind::Closed),
        min_funcs: usize::from(matches!(kind, Kind::Closed)),
        multi_value_enabled: true,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        ..wasm_smith::Config::default()
    };
    let mut module = wasm_smith::Module::new(config, &mut Unstructured::new(bytes)).ok()?;
    if matches!(kind, Kind::Closed) {
        module.ensure_termination(FUEL).expect("every function was generated");
    }
    Some(module.to_bytes())
}

/// A change of valid bytes.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Replace(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Insert(prop::sample::Index, u8),
    Cut(prop::sample::Index),
}

impl Change {
    pub(crate) fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        if length == 0 {
            return;
        }
        match self {
            Self::Replace(at, byte) => bytes[at.index(length)] = *byte,
            Self::Remove(at) => {
                bytes.remove(at.index(length));
            }
            Self::Insert(at, byte) => bytes.insert(at.index(length), *byte),
            Self::Cut(at) => bytes.truncate(at.index(length)),
        }
    }
}

/// A few changes.
pub(crate) fn changes() -> impl Strategy<Value = Vec<Change>> {
    let place = any::<prop::sample::Index>;
    let change = prop_oneof![
        8 => (place(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        2 => place().prop_map(Change::Remove),
        2 => (place(), any::<u8>()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        1 => place().prop_map(Change::Cut),
    ];
    proptest::collection::vec(change, 1..6)
}

/// Bytes, at most so many.
pub(crate) fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..most)
}
