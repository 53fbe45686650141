//! `Reader`: a cursor over one frame.
//!
//! Invariants: never reads past the end, never allocates more than the budget (8 bytes of decoded memory for
//! each byte of the frame, plus a floor, up to a ceiling), strings are at most 32,767 bytes, byte fields are slices
//! that share the frame. Called by generated code.

use super::varint::{uvarint_decode, varint_decode};
use super::{DecodeError, Records, Str, Uuid};
use bytes::Bytes;

/// Decoded bytes allowed per byte of the frame, and the floor for small frames.
const BUDGET_FACTOR: usize = 8;
const BUDGET_FLOOR: usize = 64 * 1024;
/// Decoded bytes of any frame: record data is not decoded, so even a large frame has few structs.
const BUDGET_MAX: usize = 64 * 1024 * 1024;
/// Unknown tags of one tag section; more is hostile (CVE-2026-111115's shape).
const TAGS_MAX: u32 = 64;
/// Items of one array, whatever the frame's size.
const ARRAY_ITEMS_MAX: usize = 1_000_000;
/// Longest string in either form, as in Kafka: the classic form's length is an int16.
pub const STRING_BYTES_MAX: usize = i16::MAX as usize;

pub struct Reader<'a> {
    src: &'a Bytes,
    pos: usize,
    end: usize,
    budget: usize,
}

impl<'a> Reader<'a> {
    pub fn new(src: &'a Bytes) -> Reader<'a> {
        let budget = src.len().saturating_mul(BUDGET_FACTOR).saturating_add(BUDGET_FLOOR).min(BUDGET_MAX);
        Reader { src, pos: 0, end: src.len(), budget }
    }

    pub fn remaining(&self) -> usize {
        self.end - self.pos
    }

    pub fn position(&self) -> usize {
        self.pos
    }

    /// Runs `read` on at most the next `max` bytes: what does not fit into them is an error.
    pub fn within<T>(
        &mut self,
        max: usize,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let outer = self.end;
        self.end = outer.min(self.pos.saturating_add(max));
        let result = read(self);
        self.end = outer;
        result
    }

    fn rest(&self) -> &'a [u8] {
        self.src.get(self.pos..self.end).unwrap_or_default()
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let bytes = self.rest().first_chunk::<N>().ok_or(DecodeError::Truncated)?;
        self.pos += N;
        Ok(*bytes)
    }

    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        Ok(self.i8()? != 0)
    }
    pub fn i8(&mut self) -> Result<i8, DecodeError> {
        self.take::<1>().map(i8::from_be_bytes)
    }
    pub fn i16(&mut self) -> Result<i16, DecodeError> {
        self.take().map(i16::from_be_bytes)
    }
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.take().map(u16::from_be_bytes)
    }
    pub fn i32(&mut self) -> Result<i32, DecodeError> {
        self.take().map(i32::from_be_bytes)
    }
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.take().map(u32::from_be_bytes)
    }
    pub fn i64(&mut self) -> Result<i64, DecodeError> {
        self.take().map(i64::from_be_bytes)
    }
    pub fn f64(&mut self) -> Result<f64, DecodeError> {
        self.take().map(f64::from_be_bytes)
    }
    pub fn uuid(&mut self) -> Result<Uuid, DecodeError> {
        self.take().map(Uuid)
    }

    pub fn uvarint(&mut self) -> Result<u32, DecodeError> {
        let (v, n) = uvarint_decode(self.rest())?;
        self.pos += n;
        Ok(v)
    }

    pub fn varint(&mut self) -> Result<i32, DecodeError> {
        let (v, n) = varint_decode(self.rest())?;
        self.pos += n;
        Ok(v)
    }

    fn slice(&mut self, len: usize) -> Result<Bytes, DecodeError> {
        if len > self.remaining() {
            return Err(DecodeError::BadLength);
        }
        let b = self.src.slice(self.pos..self.pos + len);
        self.pos += len;
        Ok(b)
    }

    /// A compact length: 0 is null, else length + 1.
    fn compact_len(&mut self) -> Result<Option<usize>, DecodeError> {
        Ok((self.uvarint()? as usize).checked_sub(1))
    }

    fn classic_len(n: i32) -> Result<Option<usize>, DecodeError> {
        match n {
            -1 => Ok(None),
            n => usize::try_from(n).map(Some).map_err(|_| DecodeError::BadLength),
        }
    }

    /// `None` is null; the caller knows whether the version allows it.
    pub fn string(&mut self, flexible: bool) -> Result<Option<Str>, DecodeError> {
        let len = if flexible { self.compact_len()? } else { Self::classic_len(self.i16()?.into())? };
        let Some(len) = len else { return Ok(None) };
        if len > STRING_BYTES_MAX {
            return Err(DecodeError::BadLength);
        }
        let bytes = self.slice(len)?;
        Str::from_utf8(bytes).map(Some).ok_or(DecodeError::NotUtf8)
    }

    pub fn bytes(&mut self, flexible: bool) -> Result<Option<Bytes>, DecodeError> {
        let len = if flexible { self.compact_len()? } else { Self::classic_len(self.i32()?)? };
        len.map(|n| self.slice(n)).transpose()
    }

    pub fn records(&mut self, flexible: bool) -> Result<Option<Records>, DecodeError> {
        Ok(self.bytes(flexible)?.map(Records::Bytes))
    }

    /// An array whose items take at least `min_size` bytes each.
    pub fn array<T>(
        &mut self,
        flexible: bool,
        min_size: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<Vec<T>>, DecodeError> {
        let len = if flexible { self.compact_len()? } else { Self::classic_len(self.i32()?)? };
        let Some(len) = len else { return Ok(None) };
        if len > ARRAY_ITEMS_MAX || len.saturating_mul(min_size) > self.remaining() {
            return Err(DecodeError::BadLength);
        }
        let cost = len.saturating_mul(std::mem::size_of::<T>());
        self.budget = self.budget.checked_sub(cost).ok_or(DecodeError::TooBig)?;
        let mut out = Vec::with_capacity(len);
        for _ in 0..len {
            out.push(item(self)?);
        }
        Ok(Some(out))
    }

    /// A tag section. `known` reads the tag it knows and returns true, else the tag is skipped unread.
    pub fn tags(
        &mut self,
        mut known: impl FnMut(&mut Self, u32) -> Result<bool, DecodeError>,
    ) -> Result<(), DecodeError> {
        let count = self.uvarint()?;
        if count > TAGS_MAX {
            return Err(DecodeError::BadTags);
        }
        let mut last: Option<u32> = None;
        for _ in 0..count {
            let tag = self.uvarint()?;
            if last.is_some_and(|l| l >= tag) {
                return Err(DecodeError::BadTags);
            }
            last = Some(tag);
            let size = self.uvarint()? as usize;
            if size > self.remaining() {
                return Err(DecodeError::BadLength);
            }
            // The field may not read past its own size; what it leaves is skipped.
            let field_end = self.pos + size;
            self.within(size, |r| known(r, tag))?;
            self.pos = field_end;
        }
        Ok(())
    }

    pub fn skip_tags(&mut self) -> Result<(), DecodeError> {
        // The common case is an empty section.
        if self.rest().first() == Some(&0) {
            self.pos += 1;
            return Ok(());
        }
        self.tags(|_, _| Ok(false))
    }
}
