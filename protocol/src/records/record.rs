//! One record inside a batch, and the walk over them.
//!
//! Invariants: every length is checked against the record's own end; the walk stops at the first error.

use crate::primitive::{DecodeError, varint_decode, varlong_decode};

/// Most headers of one record.
pub const HEADERS_MAX: i32 = 1_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    pub attributes: i8,
    pub timestamp_delta: i64,
    pub offset_delta: i32,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub header_count: i32,
    headers: &'a [u8],
}

impl<'a> Record<'a> {
    /// Reads all headers once; bytes behind the last one are an error, as in Kafka.
    pub fn check_headers(&self) -> Result<(), DecodeError> {
        let mut c = Cursor(self.headers);
        for _ in 0..self.header_count {
            c.header()?;
        }
        if c.0.is_empty() { Ok(()) } else { Err(DecodeError::BadLength) }
    }

    /// Header keys and values, in order.
    pub fn headers(
        &self,
    ) -> impl Iterator<Item = Result<(&'a str, Option<&'a [u8]>), DecodeError>> + use<'a> {
        let mut c = Cursor(self.headers);
        let mut left = self.header_count;
        std::iter::from_fn(move || {
            if left <= 0 {
                return None;
            }
            left -= 1;
            let item = c.header();
            if item.is_err() {
                left = 0;
            }
            Some(item)
        })
    }
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn varint(&mut self) -> Result<i32, DecodeError> {
        let (v, n) = varint_decode(self.0)?;
        self.0 = self.0.get(n..).unwrap_or_default();
        Ok(v)
    }
    fn varlong(&mut self) -> Result<i64, DecodeError> {
        let (v, n) = varlong_decode(self.0)?;
        self.0 = self.0.get(n..).unwrap_or_default();
        Ok(v)
    }
    fn i8(&mut self) -> Result<i8, DecodeError> {
        let (first, rest) = self.0.split_first().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(*first as i8)
    }
    fn take(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        let (head, rest) = self.0.split_at_checked(n).ok_or(DecodeError::BadLength)?;
        self.0 = rest;
        Ok(head)
    }
    fn nullable(&mut self) -> Result<Option<&'a [u8]>, DecodeError> {
        match self.varint()? {
            -1 => Ok(None),
            n => self.take(usize::try_from(n).map_err(|_| DecodeError::BadLength)?).map(Some),
        }
    }
    fn header(&mut self) -> Result<(&'a str, Option<&'a [u8]>), DecodeError> {
        let key = self.nullable()?.ok_or(DecodeError::NullNotAllowed)?;
        let key = std::str::from_utf8(key).map_err(|_| DecodeError::NotUtf8)?;
        Ok((key, self.nullable()?))
    }
}

/// Walks the (decompressed) records of a batch.
pub struct RecordIter<'a> {
    cursor: Cursor<'a>,
    left: i32,
}

impl<'a> RecordIter<'a> {
    pub fn new(records: &'a [u8], count: i32) -> RecordIter<'a> {
        RecordIter { cursor: Cursor(records), left: count }
    }

    /// Bytes not yet walked; must be 0 after the last record.
    pub fn remaining(&self) -> usize {
        self.cursor.0.len()
    }

    fn read(&mut self) -> Result<Record<'a>, DecodeError> {
        let len = usize::try_from(self.cursor.varint()?).map_err(|_| DecodeError::BadLength)?;
        let mut c = Cursor(self.cursor.take(len)?);
        let attributes = c.i8()?;
        let timestamp_delta = c.varlong()?;
        let offset_delta = c.varint()?;
        let key = c.nullable()?;
        let value = c.nullable()?;
        let header_count = c.varint()?;
        // A header takes at least two bytes.
        if !(0..=HEADERS_MAX).contains(&header_count) || header_count as usize * 2 > c.0.len() {
            return Err(DecodeError::BadLength);
        }
        Ok(Record { attributes, timestamp_delta, offset_delta, key, value, header_count, headers: c.0 })
    }
}

impl<'a> Iterator for RecordIter<'a> {
    type Item = Result<Record<'a>, DecodeError>;
    fn next(&mut self) -> Option<Self::Item> {
        if self.left <= 0 {
            return None;
        }
        self.left -= 1;
        let item = self.read();
        if item.is_err() {
            self.left = 0;
        }
        Some(item)
    }
}
