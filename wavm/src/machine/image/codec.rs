//! Numbers and lists of an image.

use super::ImageError;
use alloc::{string::String, vec::Vec};

/// Writes an image.
#[derive(Debug, Default)]
pub(super) struct Encoder(Vec<u8>);

impl Encoder {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn u8(&mut self, number: u8) {
        self.0.push(number);
    }

    pub(super) fn u16(&mut self, number: u16) {
        self.bytes(&number.to_le_bytes());
    }

    pub(super) fn u32(&mut self, number: u32) {
        self.bytes(&number.to_le_bytes());
    }

    pub(super) fn u64(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    /// A number of things that are in memory, none of which has more than 2^32.
    pub(super) fn length(&mut self, length: usize) {
        self.u32(u32::try_from(length).expect("the machine limits its parts to fewer than 2^32"));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.length(text.len());
        self.bytes(text.as_bytes());
    }

    pub(super) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    pub(super) fn list<T>(&mut self, items: impl ExactSizeIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.length(items.len());
        items.for_each(|item| write(self, item));
    }
}

/// Reads an image.
#[derive(Debug)]
pub(super) struct Decoder<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Decoder<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// Something that was just read cannot be.
    pub(super) const fn invalid(&self, what: &'static str) -> ImageError {
        ImageError::Invalid { what, offset: self.offset }
    }

    /// Nothing may follow.
    pub(super) const fn end(&self) -> Result<(), ImageError> {
        if self.offset == self.bytes.len() { Ok(()) } else { Err(ImageError::Trailing(self.offset)) }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ImageError> {
        let rest = &self.bytes[self.offset..];
        let taken = rest.get(..length).ok_or(ImageError::Truncated(self.bytes.len()))?;
        self.offset += length;
        Ok(taken)
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], ImageError> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    pub(super) fn u8(&mut self) -> Result<u8, ImageError> {
        self.bytes().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, ImageError> {
        self.bytes().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, ImageError> {
        self.bytes().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, ImageError> {
        self.bytes().map(u64::from_le_bytes)
    }

    pub(super) fn byte_string(&mut self) -> Result<Vec<u8>, ImageError> {
        let length = self.u32()? as usize;
        self.take(length).map(<[u8]>::to_vec)
    }

    pub(super) fn text(&mut self) -> Result<String, ImageError> {
        let bytes = self.byte_string()?;
        String::from_utf8(bytes).map_err(|_| self.invalid("text"))
    }

    pub(super) fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, ImageError>,
    ) -> Result<Option<T>, ImageError> {
        match self.u8()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => Err(self.invalid("mark of a choice")),
        }
    }

    /// A list. Every item takes at least a byte, so that no list is longer than what is left.
    pub(super) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, ImageError>,
    ) -> Result<Vec<T>, ImageError> {
        let length = self.u32()? as usize;
        if length > self.bytes.len() - self.offset {
            return Err(ImageError::Truncated(self.bytes.len()));
        }
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(read(self)?);
        }
        Ok(items)
    }
}
