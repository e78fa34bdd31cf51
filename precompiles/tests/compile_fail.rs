//! What the compiler refuses: a view method that writes, a pure method that reads, a missing method, a wrong context, and what
//! is no interface or no layout.
//!
//! The programs stand with their messages in `tests/tests/ui`.

#[test]
fn the_compiler_refuses_what_the_types_forbid() {
    trybuild::TestCases::new().compile_fail("../tests/tests/ui/*.rs");
}
