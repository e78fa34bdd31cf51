//! Vector files: JSON lines, plain or zstd, with a bound on what a file may become in memory.

use super::json::{FieldError, FromNode, Node};
use core::{fmt, ops::Range};
use serde_json::Value;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

/// Most bytes of a file, decompressed.
const MAX_FILE: u64 = 1 << 30;
/// Most bytes of a line.
const MAX_LINE: u64 = 256 << 20;
/// First bytes of a zstd frame.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Input that is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// Name of the file.
    pub file: String,
    /// Number of the line, from 1.
    pub line: Option<usize>,
    /// Path of the field.
    pub field: Option<String>,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", field {field}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl core::error::Error for InputError {}

impl InputError {
    /// A file that is wrong as a whole.
    pub fn of_file(path: &Path, problem: impl fmt::Display) -> Self {
        Self { file: path.display().to_string(), line: None, field: None, problem: problem.to_string() }
    }
}

/// A file in memory, cut into lines. Lines without text are left out.
#[derive(Debug)]
pub struct VectorFile {
    name: String,
    text: Vec<u8>,
    lines: Vec<(usize, Range<usize>)>,
}

/// A line of a file.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    file: &'a str,
    number: usize,
    text: &'a [u8],
}

impl VectorFile {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, is too large, or has no line.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        let wrong = |problem: &dyn fmt::Display| InputError::of_file(path, problem);
        let mut text = Vec::new();
        let reader = open(path).map_err(|error| wrong(&error))?;
        reader.take(MAX_FILE + 1).read_to_end(&mut text).map_err(|error| wrong(&error))?;
        if text.len() as u64 > MAX_FILE {
            return Err(wrong(&format_args!("more than {MAX_FILE} bytes, decompressed")));
        }
        Self::from_text(path.display().to_string(), text)
    }

    /// Cuts a text into lines.
    ///
    /// # Errors
    /// A text without lines, or a line that is too long.
    pub fn from_text(name: String, text: Vec<u8>) -> Result<Self, InputError> {
        let mut lines = Vec::new();
        let mut start = 0;
        for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let range = start..start + line.len();
            start = range.end;
            if line.len() as u64 > MAX_LINE {
                let problem = format!("a line of {} bytes; at most {MAX_LINE} are read", line.len());
                return Err(InputError { file: name, line: Some(index + 1), field: None, problem });
            }
            if !line.trim_ascii().is_empty() {
                lines.push((index + 1, range));
            }
        }
        if lines.is_empty() {
            return Err(InputError { file: name, line: None, field: None, problem: "an empty file".into() });
        }
        Ok(Self { name, text, lines })
    }

    /// Name of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Lines in order; there is at least one.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = Line<'_>> {
        self.lines.iter().map(|(number, range)| Line {
            file: &self.name,
            number: *number,
            text: &self.text[range.clone()],
        })
    }
}

impl Line<'_> {
    /// Reads the line as a type.
    ///
    /// # Errors
    /// Text that is no JSON, or the first field that is not what it must be.
    pub fn read<T: FromNode>(&self) -> Result<T, InputError> {
        let value: Value = serde_json::from_slice(self.text).map_err(|error| self.not_json(&error))?;
        T::read(&Node::line(&value)).map_err(|error| self.error(error))
    }

    /// The refusal of a field of this line.
    #[must_use]
    pub fn error(&self, error: FieldError) -> InputError {
        let field = Some(error.field).filter(|field| field != ".");
        InputError { file: self.file.into(), line: Some(self.number), field, problem: error.problem }
    }

    fn not_json(&self, error: &serde_json::Error) -> InputError {
        let text = error.to_string();
        // The parser counts lines too, but sees only one.
        let text = text.split(" at line ").next().unwrap_or_default();
        let problem = format!("not JSON: {text}, at byte {}", error.column());
        InputError { file: self.file.into(), line: Some(self.number), field: None, problem }
    }
}

/// What the first line of a file says of it, without reading the rest.
///
/// # Errors
/// A file that cannot be read or does not begin with such a line.
pub fn first_line<T: FromNode>(path: &Path) -> Result<T, InputError> {
    let wrong = |error: io::Error| InputError::of_file(path, error);
    let mut text = Vec::new();
    open(path).map_err(wrong)?.take(MAX_LINE).read_until(b'\n', &mut text).map_err(wrong)?;
    let file = path.display().to_string();
    Line { file: &file, number: 1, text: &text }.read()
}

/// Opens a file and decompresses it if it is a zstd one.
fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::new(File::open(path)?);
    if file.fill_buf()?.starts_with(&ZSTD_MAGIC) {
        return Ok(Box::new(BufReader::new(zstd::Decoder::with_buffer(file)?)));
    }
    Ok(Box::new(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<VectorFile, InputError> {
        VectorFile::from_text("some.jsonl".into(), text.into())
    }

    #[test]
    fn lines_keep_their_numbers() {
        let file = file("1\n\n  \n2").unwrap();
        let numbers: Vec<(usize, u64)> = file.lines().map(|line| (line.number, line.read().unwrap())).collect();
        assert_eq!(numbers, [(1, 1), (4, 2)]);
    }

    #[test]
    fn text_that_is_no_json_is_named_by_file_line_and_byte() {
        let error = file("1\n{\"a\": tru}").unwrap().lines().nth(1).unwrap().read::<u64>().unwrap_err();
        assert_eq!(error.to_string(), "some.jsonl, line 2: not JSON: expected ident, at byte 10");
        assert!(file("\n \n").unwrap_err().to_string().contains("empty file"));
    }

    #[test]
    fn a_wrong_type_is_named_by_file_line_and_field() {
        let error = file("[0,1,null]").unwrap().lines().next().unwrap().read::<Vec<u64>>().unwrap_err();
        assert_eq!((error.line, error.field.as_deref()), (Some(1), Some("[2]")));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a file needs a place")]
    fn compressed_files_read_like_plain_ones() {
        let path = std::env::temp_dir().join(format!("arbos-input-{}.jsonl.zst", std::process::id()));
        std::fs::write(&path, zstd::encode_all(&b"1\n2\n"[..], 1).unwrap()).unwrap();
        let (first, all) = (first_line::<u64>(&path), VectorFile::read(&path));
        let cut = std::fs::read(&path).unwrap();
        std::fs::write(&path, &cut[..cut.len() - 3]).unwrap();
        let truncated = VectorFile::read(&path);
        std::fs::remove_file(&path).unwrap();
        assert_eq!((first, all.unwrap().lines().len()), (Ok(1), 2));
        assert_eq!(truncated.unwrap_err().line, None);
        assert!(VectorFile::read(&path).unwrap_err().file.contains("arbos-input"));
    }
}
