//! Typed reading of JSON that names the field that is wrong.
//!
//! A [`Node`] is a value and the way to it. [`FromNode`] reads a type from a node; what it refuses carries the path
//! (`expected.receipts[2].gasUsed`).

use alloy_primitives::{Address, Bloom, Bytes, FixedBytes, U256, hex};
use base64::{Engine, prelude::BASE64_STANDARD};
use core::fmt;
use serde_json::{Map, Value};
use thiserror::Error;

/// A field that is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("field {field}: {problem}")]
pub struct FieldError {
    /// Path of the field; `.` is the whole line.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What reading a field gives.
pub type Read<T> = Result<T, FieldError>;

/// A value and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    value: &'a Value,
    path: Path<'a>,
}

/// The way from the line to a value.
#[derive(Debug, Clone, Copy)]
enum Path<'a> {
    Line,
    Field(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line => Ok(()),
            Self::Field(Path::Line, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// A type with a form in JSON.
pub trait FromNode: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// The first field that is not what it must be.
    fn read(node: &Node<'_>) -> Read<Self>;
}

/// A type with a form in text, so that it can be the name of a field too.
pub trait FromText: Sized {
    /// What the text must be.
    const WHAT: &'static str;

    /// Reads the text.
    fn from_text(text: &str) -> Option<Self>;
}

impl<'a> Node<'a> {
    /// The value of a whole line.
    #[must_use]
    pub const fn line(value: &'a Value) -> Self {
        Self { value, path: Path::Line }
    }

    /// The refusal of this value.
    pub fn error(&self, problem: impl Into<String>) -> FieldError {
        let field = if matches!(self.path, Path::Line) { ".".into() } else { self.path.to_string() };
        FieldError { field, problem: problem.into() }
    }

    fn unlike(&self, what: &str) -> FieldError {
        self.error(format!("want {what}, got {}", excerpt(self.value)))
    }

    fn object(&self) -> Read<&'a Map<String, Value>> {
        self.value.as_object().ok_or_else(|| self.unlike("an object"))
    }

    /// Reads with a function what stands in a field that must be there.
    ///
    /// # Errors
    /// A missing field, or what the function refuses.
    pub fn with<T>(&self, name: &str, read: impl FnOnce(&Node<'_>) -> Read<T>) -> Read<T> {
        let path = Path::Field(&self.path, name);
        match self.object()?.get(name) {
            Some(value) => read(&Node { value, path }),
            None => Err(Node { value: self.value, path }.error("missing")),
        }
    }

    /// Reads a field that must be there.
    ///
    /// # Errors
    /// A missing field, or a field of another type.
    pub fn get<T: FromNode>(&self, name: &str) -> Read<T> {
        self.with(name, T::read)
    }

    /// Reads a field that may be absent.
    ///
    /// # Errors
    /// A field of another type.
    pub fn optional<T: FromNode>(&self, name: &str) -> Read<Option<T>> {
        self.optional_with(name, T::read)
    }

    /// Reads with a function what stands in a field that may be absent.
    ///
    /// # Errors
    /// What the function refuses.
    pub fn optional_with<T>(&self, name: &str, read: impl FnOnce(&Node<'_>) -> Read<T>) -> Read<Option<T>> {
        if self.object()?.contains_key(name) { self.with(name, read).map(Some) } else { Ok(None) }
    }

    /// Refuses fields that have another name than these.
    ///
    /// # Errors
    /// The first unknown field.
    pub fn only(&self, names: &[&str]) -> Read<()> {
        let unknown = self.object()?.iter().find(|(name, _)| !names.contains(&name.as_str()));
        unknown.map_or(Ok(()), |(name, value)| {
            Err(Node { value, path: Path::Field(&self.path, name) }.error("no field of this format"))
        })
    }

    /// The two items of a list of two.
    ///
    /// # Errors
    /// A value of another type.
    pub fn pair<A: FromNode, B: FromNode>(&self) -> Read<(A, B)> {
        match self.value.as_array().map(Vec::as_slice) {
            Some([first, second]) => {
                let item = |index, value| Node { value, path: Path::Item(&self.path, index) };
                Ok((A::read(&item(0, first))?, B::read(&item(1, second))?))
            }
            _ => Err(self.unlike("a list of two")),
        }
    }

    /// The text of a string.
    ///
    /// # Errors
    /// A value of another type.
    pub fn text(&self) -> Read<&'a str> {
        self.value.as_str().ok_or_else(|| self.unlike("a string"))
    }

    fn text_as<T: FromText>(&self) -> Read<T> {
        self.value.as_str().and_then(T::from_text).ok_or_else(|| self.unlike(T::WHAT))
    }
}

/// Bytes that are written in base64.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Base64(pub Bytes);

impl FromNode for Base64 {
    fn read(node: &Node<'_>) -> Read<Self> {
        let bytes = BASE64_STANDARD.decode(node.text()?).map_err(|error| node.error(format!("not base64: {error}")))?;
        Ok(Self(bytes.into()))
    }
}

/// Fields of an object whose names are data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries<K, V>(pub Vec<(K, V)>);

impl<K, V> Default for Entries<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: FromText, V: FromNode> FromNode for Entries<K, V> {
    fn read(node: &Node<'_>) -> Read<Self> {
        let read = |(name, value): (&String, &Value)| {
            let entry = Node { value, path: Path::Field(&node.path, name) };
            let key = K::from_text(name).ok_or_else(|| entry.error(format!("its name must be {}", K::WHAT)))?;
            Ok((key, V::read(&entry)?))
        };
        node.object()?.iter().map(read).collect::<Read<_>>().map(Self)
    }
}

/// The start of a value, to be shown.
fn excerpt(value: &Value) -> String {
    const SHOWN: usize = 40;
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

impl<const N: usize> FromText for FixedBytes<N> {
    const WHAT: &'static str = match N {
        32 => "a 0x text of 32 bytes",
        _ => "a 0x text of the right length",
    };

    fn from_text(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        hex::decode_to_slice(text.strip_prefix("0x")?, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl FromText for Address {
    const WHAT: &'static str = "an address";

    fn from_text(text: &str) -> Option<Self> {
        FixedBytes::from_text(text).map(Self)
    }
}

impl FromText for String {
    const WHAT: &'static str = "a text";

    fn from_text(text: &str) -> Option<Self> {
        Some(text.into())
    }
}

impl FromText for u64 {
    const WHAT: &'static str = "a number";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl<const N: usize> FromNode for FixedBytes<N> {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.text_as()
    }
}

impl FromNode for Address {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.text_as()
    }
}

impl FromNode for Bloom {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.text_as().map(Self)
    }
}

impl FromNode for Bytes {
    fn read(node: &Node<'_>) -> Read<Self> {
        let bytes = node.value.as_str().and_then(|text| hex::decode(text.strip_prefix("0x")?).ok());
        bytes.map(Into::into).ok_or_else(|| node.unlike("a 0x text of whole bytes"))
    }
}

impl FromNode for U256 {
    fn read(node: &Node<'_>) -> Read<Self> {
        let number = match node.value {
            Value::Number(number) => number.as_u64().map(Self::from),
            Value::String(text) => text.strip_prefix("0x").filter(|digits| !digits.is_empty()).and_then(quantity),
            _ => None,
        };
        number.ok_or_else(|| node.unlike("a number, or a 0x text of at most 256 bits"))
    }
}

/// Hexadecimal digits, and nothing else that a parser of numbers might take.
fn quantity(digits: &str) -> Option<U256> {
    let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if plain { U256::from_str_radix(digits, 16).ok() } else { None }
}

impl FromNode for u64 {
    fn read(node: &Node<'_>) -> Read<Self> {
        U256::read(node)?.try_into().map_err(|_| node.unlike("a number of at most 64 bits"))
    }
}

impl FromNode for u8 {
    fn read(node: &Node<'_>) -> Read<Self> {
        u64::read(node)?.try_into().map_err(|_| node.unlike("a number up to 255"))
    }
}

impl FromNode for u16 {
    fn read(node: &Node<'_>) -> Read<Self> {
        u64::read(node)?.try_into().map_err(|_| node.unlike("a number up to 65535"))
    }
}

impl FromNode for u32 {
    fn read(node: &Node<'_>) -> Read<Self> {
        u64::read(node)?.try_into().map_err(|_| node.unlike("a number of at most 32 bits"))
    }
}

impl FromNode for bool {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.value.as_bool().ok_or_else(|| node.unlike("true or false"))
    }
}

impl FromNode for String {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.text().map(Into::into)
    }
}

impl<T: FromNode> FromNode for Option<T> {
    fn read(node: &Node<'_>) -> Read<Self> {
        if node.value.is_null() { Ok(None) } else { T::read(node).map(Some) }
    }
}

impl<T: FromNode> FromNode for Vec<T> {
    fn read(node: &Node<'_>) -> Read<Self> {
        let items = node.value.as_array().ok_or_else(|| node.unlike("a list"))?;
        let read = |(index, value)| T::read(&Node { value, path: Path::Item(&node.path, index) });
        items.iter().enumerate().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_name_the_path() {
        let value = json!({"a": {"b": [1, "0x2", "three"]}});
        let error = Node::line(&value).with("a", |a| a.get::<Vec<u64>>("b")).unwrap_err();
        assert_eq!(error.field, "a.b[2]");
        assert_eq!(error.problem, "want a number, or a 0x text of at most 256 bits, got \"three\"");
        let missing = Node::line(&value).with("a", |a| a.get::<u64>("c")).unwrap_err();
        assert_eq!((missing.field.as_str(), missing.problem.as_str()), ("a.c", "missing"));
        assert_eq!(Node::line(&json!(7)).get::<u64>("a").unwrap_err().field, ".");
    }

    #[test]
    fn numbers_are_exact_or_refused() {
        let read = |value: Value| U256::read(&Node::line(&value));
        assert_eq!(read(json!(u64::MAX)), Ok(U256::from(u64::MAX)));
        assert_eq!(read(json!(format!("0x{}", "f".repeat(64)))), Ok(U256::MAX));
        for wrong in [
            json!(1.5),
            json!(-1),
            json!(1e30),
            json!("0x"),
            json!("0x1_0"),
            json!("12"),
            json!(format!("0x1{}", "0".repeat(64))),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(u64::read(&Node::line(&json!("0x10000000000000000"))).is_err());
        assert!(u8::read(&Node::line(&json!(256))).is_err());
    }

    #[test]
    fn byte_strings_have_whole_bytes_and_their_length() {
        assert_eq!(Bytes::read(&Node::line(&json!("0x00ff"))), Ok(Bytes::from_static(&[0, 0xff])));
        assert!(Bytes::read(&Node::line(&json!("0x00f"))).is_err());
        assert!(Bytes::read(&Node::line(&json!("00ff"))).is_err());
        assert!(Address::read(&Node::line(&json!("0x00ff"))).is_err());
    }

    #[test]
    fn unknown_fields_are_refused_where_asked() {
        let value = json!({"hash": 1, "hsah": 2});
        let error = Node::line(&value).only(&["hash"]).unwrap_err();
        assert_eq!(error, FieldError { field: "hsah".into(), problem: "no field of this format".into() });
    }
}
