//! Whether calldata is what the protocol's decoder accepts (`spec/precompiles.md` 1.4).
//!
//! It is stricter than some decoders (booleans and integers must be in range) and laxer than others (dirty address bytes, trailing
//! bytes and missing padding are fine), so the check is made here, before a lax decoder reads the values.

/// A Solidity type, read from a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type<'a> {
    Uint(usize),
    Int(usize),
    Bool,
    /// Addresses and fixed bytes: any word will do.
    Word,
    Bytes,
    Slice(&'a str),
    Array(&'a str, usize),
    Tuple(&'a str),
}

/// Whether `data` holds the arguments of a method with this signature.
#[must_use]
pub fn accepts(signature: &str, data: &[u8]) -> bool {
    let Some(list) = signature.find('(').and_then(|open| signature.get(open + 1..signature.len() - 1)) else {
        return false;
    };
    list.is_empty() || (!data.is_empty() && tuple(list, data).is_some())
}

/// How many words the arguments of a method take, if any words will do; none if a type has to be looked at.
#[must_use]
pub const fn plain_words(signature: &str) -> Option<usize> {
    /// Types every word is a value of.
    const PLAIN: [&str; 4] = ["address", "uint256", "int256", "bytes32"];
    let bytes = signature.as_bytes();
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b'(' {
        at += 1;
    }
    at += 1;
    let mut words = 0;
    while at < bytes.len() && bytes[at] != b')' {
        let mut known = 0;
        while known < PLAIN.len() && !stands_at(PLAIN[known].as_bytes(), bytes, at) {
            known += 1;
        }
        if known == PLAIN.len() {
            return None;
        }
        at += PLAIN[known].len();
        if at < bytes.len() && bytes[at] == b',' {
            at += 1;
        } else if at >= bytes.len() || bytes[at] != b')' {
            return None;
        }
        words += 1;
    }
    Some(words)
}

/// Whether a word stands in a text at a place.
const fn stands_at(word: &[u8], text: &[u8], at: usize) -> bool {
    let mut index = 0;
    while index < word.len() {
        if at + index >= text.len() || text[at + index] != word[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// Splits a list of types at its commas.
fn members(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0i32;
    list.split(move |character| {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        character == ',' && depth == 0
    })
}

fn parse(text: &str) -> Option<Type<'_>> {
    if let Some(inner) = text.strip_suffix("[]") {
        return Some(Type::Slice(inner));
    }
    if let Some(rest) = text.strip_suffix(']') {
        let (inner, length) = rest.rsplit_once('[')?;
        return Some(Type::Array(inner, length.parse().ok()?));
    }
    if let Some(inner) = text.strip_prefix('(') {
        return Some(Type::Tuple(inner.strip_suffix(')')?));
    }
    Some(match text {
        "bool" => Type::Bool,
        "address" => Type::Word,
        "bytes" | "string" => Type::Bytes,
        _ if text.starts_with("bytes") => Type::Word,
        _ => match text.strip_prefix("uint") {
            Some(bits) => Type::Uint(bits.parse().ok()?),
            None => Type::Int(text.strip_prefix("int")?.parse().ok()?),
        },
    })
}

fn is_dynamic(text: &str) -> bool {
    match parse(text) {
        Some(Type::Bytes | Type::Slice(_)) => true,
        Some(Type::Array(inner, _)) => is_dynamic(inner),
        Some(Type::Tuple(list)) => members(list).any(is_dynamic),
        _ => false,
    }
}

/// Bytes a type takes in the head it stands in.
fn head_size(text: &str) -> usize {
    if is_dynamic(text) {
        return 32;
    }
    match parse(text) {
        Some(Type::Array(inner, length)) => length.saturating_mul(head_size(inner)),
        Some(Type::Tuple(list)) => members(list).map(head_size).sum(),
        _ => 32,
    }
}

fn word(data: &[u8], at: usize) -> Option<&[u8]> {
    data.get(at..at.checked_add(32)?)
}

/// A word that counts or points: its value, if it fits the data at all.
fn number(data: &[u8], at: usize) -> Option<usize> {
    let word = word(data, at)?;
    let (high, low) = word.split_at(24);
    if high.iter().any(|byte| *byte != 0) {
        return None;
    }
    usize::try_from(u64::from_be_bytes(low.try_into().ok()?)).ok().filter(|number| *number <= data.len())
}

/// Members one after the other, dynamic ones behind offsets from the start of `data`.
fn tuple(list: &str, data: &[u8]) -> Option<()> {
    let mut at = 0;
    for member in members(list) {
        value(member, data, at)?;
        at += head_size(member);
    }
    Some(())
}

fn elements(inner: &str, count: usize, data: &[u8]) -> Option<()> {
    let size = head_size(inner);
    if count.checked_mul(size)? > data.len() {
        return None;
    }
    (0..count).try_for_each(|index| value(inner, data, index * size))
}

/// The value whose head is at `at`.
fn value(text: &str, data: &[u8], at: usize) -> Option<()> {
    let body = if is_dynamic(text) { data.get(number(data, at)?..)? } else { data.get(at..)? };
    match parse(text)? {
        Type::Uint(bits) => word(body, 0)?[..32 - bits / 8].iter().all(|byte| *byte == 0).then_some(()),
        Type::Int(bits) => {
            let word = word(body, 0)?;
            let (high, low) = word.split_at(32 - bits / 8);
            let fill = if low.first()? & 0x80 == 0 { 0 } else { 0xff };
            high.iter().all(|byte| *byte == fill).then_some(())
        }
        Type::Bool => {
            let (last, high) = word(body, 0)?.split_last()?;
            (high.iter().all(|byte| *byte == 0) && *last <= 1).then_some(())
        }
        Type::Word => word(body, 0).map(drop),
        Type::Bytes => {
            let length = number(body, 0)?;
            body.get(32..32usize.checked_add(length)?).map(drop)
        }
        Type::Slice(inner) => elements(inner, number(body, 0)?, body.get(32..)?),
        Type::Array(inner, count) => elements(inner, count, body),
        Type::Tuple(list) => tuple(list, body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};

    fn words(list: &[u64]) -> Vec<u8> {
        list.iter().flat_map(|word| [vec![0; 24], word.to_be_bytes().to_vec()].concat()).collect()
    }

    #[test]
    fn integers_and_booleans_must_be_in_range() {
        assert!(accepts("f(uint64)", &words(&[7])));
        let mut wide = words(&[7]);
        wide[23] = 1;
        assert!(!accepts("f(uint64)", &wide));
        assert!(accepts("f(uint256)", &wide));
        assert!(accepts("f(address)", &[0xff; 32]));
        assert!(accepts("f(bytes4)", &[0xff; 32]));
        assert!(accepts("f(int64)", &[0xff; 32]));
        assert!(!accepts("f(bool)", &words(&[2])));
    }

    #[test]
    fn plain_words_are_counted_and_nothing_else() {
        assert_eq!(plain_words("f()"), Some(0));
        assert_eq!(plain_words("f(address,uint256,bytes32)"), Some(3));
        for looked_at in ["f(uint64)", "f(address,bool)", "f(uint256[])", "f(address[2])", "f(bytes)", "f((address))"] {
            assert_eq!(plain_words(looked_at), None, "{looked_at}");
        }
    }

    #[test]
    fn counting_words_answers_like_looking_at_types() {
        for method in crate::REGISTRY.iter().flat_map(|precompile| precompile.methods) {
            let Some(words) = plain_words(method.signature) else { continue };
            for length in 0..=32 * words + 33 {
                let data = vec![0xa5; length];
                assert_eq!(method.accepts(&data), accepts(method.signature, &data), "{} with {length}", method.name);
            }
        }
    }

    #[test]
    fn data_may_be_too_long_but_not_too_short() {
        assert!(accepts("f()", &[]));
        assert!(accepts("f()", &[1, 2, 3]));
        assert!(!accepts("f(uint64)", &[]));
        assert!(!accepts("f(uint64)", &[0; 31]));
        assert!(accepts("f(uint64)", &[0; 33]));
    }

    #[test]
    fn bytes_need_no_padding_but_their_length() {
        let mut data = words(&[32, 3]);
        data.extend([1, 2, 3]);
        assert!(accepts("f(bytes)", &data));
        data.pop();
        assert!(!accepts("f(bytes)", &data));
        assert!(!accepts("f(bytes)", &words(&[64])));
    }

    #[test]
    fn nested_lists_are_followed() {
        assert!(accepts("f(uint64[3][])", &words(&[32, 1, 4, 5, 6])));
        assert!(!accepts("f(uint64[3][])", &words(&[32, 2, 4, 5, 6])));
        let list = words(&[32, 1, 32, 128, 9, 8, 7, 1, 2, 3]);
        assert!(accepts("f(((uint8,uint64)[],uint32,uint64,uint64)[])", &list));
    }
}
