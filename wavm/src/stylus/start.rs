//! First instrumentation: a start function becomes an export (`spec/stylus.md` 5).
//!
//! Programs have no start function, except on chains for debugging. Elsewhere all exports but a few, and all names of functions, are
//! dropped, so that they are no part of the program.

use crate::{
    binary::{Export, WasmBinary},
    error::{Rule, WasmError},
    stylus::ENTRY_POINT,
};
use alloc::{borrow::ToOwned, format};
use wasmparser::ExternalKind;

/// The export that a start function becomes.
pub const NAME: &str = "stylus_start";

/// Moves the start function, and drops what is for people.
///
/// # Errors
/// There is a start function where there may be none, or its new name is taken.
pub fn install(binary: &mut WasmBinary<'_>, debug: bool) -> Result<(), WasmError> {
    if binary.exports.contains_key(NAME) {
        return Err(WasmError::new(Rule::ReservedExport, format!("{NAME} is exported already")));
    }
    if let Some(index) = binary.start.take() {
        if !debug {
            return Err(WasmError::new(Rule::StartFunction, "programs have no start function").in_function(index));
        }
        binary.exports.insert(NAME.to_owned(), Export { kind: ExternalKind::Func, index });
        binary.function_names.insert(index, NAME.to_owned());
    }
    if !debug {
        binary.exports.retain(|name, export| kept(name, export.kind));
        binary.function_names.clear();
    }
    Ok(())
}

/// Whether an export stays.
fn kept(name: &str, kind: ExternalKind) -> bool {
    match name {
        ENTRY_POINT | NAME => kind == ExternalKind::Func,
        "memory" => kind == ExternalKind::Memory,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::MultiValue;
    use alloc::vec::Vec;

    fn exports(text: &str, debug: bool) -> Result<Vec<alloc::string::String>, WasmError> {
        let bytes = wat::parse_str(text).expect("the test's text is well formed");
        let mut binary = WasmBinary::parse(&bytes, "user", MultiValue::On)?;
        install(&mut binary, debug)?;
        assert_eq!(binary.start, None);
        Ok(binary.exports.into_keys().collect())
    }

    #[test]
    fn only_what_a_program_needs_stays_exported() {
        let text = r#"(module (memory (export "memory") 1) (func $f (export "user_entrypoint") (export "other")))"#;
        assert_eq!(exports(text, false).expect("accepted"), ["memory", "user_entrypoint"]);
        assert_eq!(exports(text, true).expect("accepted"), ["memory", "other", "user_entrypoint"]);
        assert!(
            exports(r#"(module (global (export "memory") i32 (i32.const 0)))"#, false).expect("accepted").is_empty()
        );
    }

    #[test]
    fn a_start_function_is_an_export_for_debugging_only() {
        let text = "(module (func) (func $s) (start $s))";
        assert_eq!(exports(text, true).expect("for debugging"), [NAME]);
        let refused = exports(text, false).expect_err("not otherwise");
        assert_eq!((refused.rule, refused.function), (Rule::StartFunction, Some(1)));
    }
}
