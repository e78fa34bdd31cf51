//! Configurations in files of their own.

use super::InputError;
use crate::config::{ChainConfig, ConfigError};
use std::{fs::File, io::Read, path::Path};

/// Most bytes of a configuration.
const MAX_CONFIG: u64 = 16 << 20;

/// Reads the configuration of a chain. White space at the end of the file is no part of it.
///
/// # Errors
/// A file that cannot be read, or is no configuration: with line and field, where there is one.
pub fn read(path: &Path) -> Result<ChainConfig, InputError> {
    let wrong = |error: std::io::Error| InputError::of_file(path, error);
    let mut text = Vec::new();
    File::open(path).map_err(wrong)?.take(MAX_CONFIG + 1).read_to_end(&mut text).map_err(wrong)?;
    if text.len() as u64 > MAX_CONFIG {
        return Err(InputError::of_file(path, format_args!("more than {MAX_CONFIG} bytes")));
    }
    let text = text.trim_ascii_end();
    ChainConfig::parse(text).map_err(|error| place(path, text, &error))
}

/// Says where in the text a configuration is wrong.
fn place(path: &Path, text: &[u8], error: &ConfigError) -> InputError {
    let mut wrong = InputError::of_file(path, error);
    match error {
        ConfigError::Field { field, problem } => {
            let name = field.rsplit('.').next().unwrap_or(field);
            wrong.line = Some(keys(text).find(|(_, key)| *key == name.as_bytes()).map_or(1, |(at, _)| line(text, at)));
            wrong.field = Some((*field).into());
            wrong.problem.clone_from(problem);
        }
        ConfigError::Json(problem) => {
            let Some((line, column)) = line_and_column(problem) else { return wrong };
            let start: usize = text.split_inclusive(|byte| *byte == b'\n').take(line - 1).map(<[u8]>::len).sum();
            let key = keys(text).take_while(|(at, _)| *at < start + column).last();
            wrong.line = Some(line);
            wrong.field = key.map(|(_, key)| String::from_utf8_lossy(key).into_owned());
        }
    }
    wrong
}

/// Number of the line of a byte, from 1.
fn line(text: &[u8], at: usize) -> usize {
    1 + text[..at].iter().filter(|byte| **byte == b'\n').count()
}

/// Line and column that end a message of the JSON reader.
fn line_and_column(problem: &str) -> Option<(usize, usize)> {
    let (line, column) = problem.rsplit_once(" at line ")?.1.split_once(" column ")?;
    Some((line.parse().ok().filter(|line| *line > 0)?, column.parse().ok()?))
}

/// Names of fields with where they begin: strings before a colon.
fn keys(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    core::iter::from_fn(move || {
        loop {
            let start = at + text.get(at..)?.iter().position(|byte| *byte == b'"')? + 1;
            let mut end = start;
            while *text.get(end)? != b'"' {
                end += if text[end] == b'\\' { 2 } else { 1 };
            }
            at = end + 1;
            if text[at..].trim_ascii_start().first() == Some(&b':') {
                return Some((start, &text[start..end]));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> (Option<usize>, Option<String>) {
        let error = ChainConfig::parse(text.as_bytes()).unwrap_err();
        let error = place(Path::new("config.json"), text.as_bytes(), &error);
        assert_eq!(error.file, "config.json");
        (error.line, error.field)
    }

    #[test]
    fn a_wrong_value_is_named_by_line_and_field() {
        let text = "{\"chainId\": 1,\n\"arbitrum\": {\"EnableArbOS\": true,\n\"InitialArbOSVersion\": 99}}";
        assert_eq!(wrong(text), (Some(3), Some("arbitrum.InitialArbOSVersion".into())));
        assert_eq!(wrong("{\"chainId\": 1}"), (Some(1), Some("arbitrum.EnableArbOS".into())));
    }

    #[test]
    fn a_wrong_type_is_named_by_line_and_field() {
        let text = "{\n\"chainId\": \"one\",\n\"arbitrum\": {}}";
        assert_eq!(wrong(text), (Some(2), Some("chainId".into())));
        assert_eq!(wrong("{\n\"a\\\"b\": 1,\n\"chainId\" : 1.5}"), (Some(3), Some("chainId".into())));
        assert_eq!(wrong("").0, Some(1));
    }
}
