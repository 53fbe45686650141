//! `Writer`: appends a message to a buffer that the caller owns and reuses.
//!
//! Invariant: record bytes that live elsewhere (a mapped segment) are not copied: their length is written and a
//! `Gap` notes where the write loop must put them. Called by generated code.

use super::{Records, STRING_BYTES_MAX, Str, Uuid, put_uvarint};
use bytes::{BufMut, Bytes, BytesMut};

/// `len` bytes of slot `slot` belong at byte `at` of the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub at: usize,
    pub slot: u32,
    pub len: u32,
}

/// The longest head of `s` that the wire can carry. Only our own messages can be longer, never a client's text.
fn fitting(s: &str) -> &str {
    if s.len() <= STRING_BYTES_MAX { s } else { s.split_at(s.floor_char_boundary(STRING_BYTES_MAX)).0 }
}

pub struct Writer<'a> {
    out: &'a mut BytesMut,
    gaps: &'a mut Vec<Gap>,
}

impl<'a> Writer<'a> {
    pub fn new(out: &'a mut BytesMut, gaps: &'a mut Vec<Gap>) -> Writer<'a> {
        Writer { out, gaps }
    }

    pub fn position(&self) -> usize {
        self.out.len()
    }

    pub fn bool(&mut self, v: bool) {
        self.out.put_u8(v.into());
    }
    pub fn i8(&mut self, v: i8) {
        self.out.put_i8(v);
    }
    pub fn i16(&mut self, v: i16) {
        self.out.put_i16(v);
    }
    pub fn u16(&mut self, v: u16) {
        self.out.put_u16(v);
    }
    pub fn i32(&mut self, v: i32) {
        self.out.put_i32(v);
    }
    pub fn u32(&mut self, v: u32) {
        self.out.put_u32(v);
    }
    pub fn i64(&mut self, v: i64) {
        self.out.put_i64(v);
    }
    pub fn f64(&mut self, v: f64) {
        self.out.put_f64(v);
    }
    pub fn uuid(&mut self, v: &Uuid) {
        self.out.put_slice(&v.0);
    }
    pub fn uvarint(&mut self, v: u32) {
        put_uvarint(self.out, v);
    }

    fn compact_len(&mut self, len: Option<usize>) {
        put_uvarint(self.out, len.map_or(0, |n| n as u32 + 1));
    }

    fn classic_len(&mut self, len: Option<usize>) {
        self.out.put_i32(len.map_or(-1, |n| n as i32));
    }

    pub fn string(&mut self, flexible: bool, v: Option<&Str>) {
        let v = v.map(|s| fitting(s));
        if flexible {
            self.compact_len(v.map(str::len));
        } else {
            self.out.put_i16(v.map_or(-1, |s| s.len() as i16));
        }
        self.out.put_slice(v.unwrap_or_default().as_bytes());
    }

    pub fn string_or_empty(&mut self, flexible: bool, v: Option<&Str>, null_allowed: bool) {
        let empty = Str::default();
        self.string(flexible, v.or(if null_allowed { None } else { Some(&empty) }));
    }

    pub fn bytes(&mut self, flexible: bool, v: Option<&Bytes>) {
        let len = v.map(|b| b.len());
        if flexible {
            self.compact_len(len)
        } else {
            self.classic_len(len)
        }
        self.out.put_slice(v.map(|b| &b[..]).unwrap_or_default());
    }

    pub fn bytes_or_empty(&mut self, flexible: bool, v: Option<&Bytes>, null_allowed: bool) {
        let empty = Bytes::new();
        self.bytes(flexible, v.or(if null_allowed { None } else { Some(&empty) }));
    }

    pub fn records(&mut self, flexible: bool, v: Option<&Records>) {
        let len = v.map(|r| r.len());
        if flexible {
            self.compact_len(len)
        } else {
            self.classic_len(len)
        }
        match v {
            Some(Records::Bytes(b)) => self.out.put_slice(b),
            Some(Records::External { len, slot }) if *len > 0 => {
                self.gaps.push(Gap { at: self.out.len(), slot: *slot, len: *len });
            }
            _ => {}
        }
    }

    pub fn slice_or_empty<T>(v: Option<&[T]>, null_allowed: bool) -> Option<&[T]> {
        v.or(if null_allowed { None } else { Some(&[]) })
    }

    pub fn array<T>(&mut self, flexible: bool, v: Option<&[T]>, mut item: impl FnMut(&mut Self, &T)) {
        let len = v.map(|a| a.len());
        if flexible {
            self.compact_len(len)
        } else {
            self.classic_len(len)
        }
        for x in v.unwrap_or_default() {
            item(self, x);
        }
    }

    pub fn no_tags(&mut self) {
        self.out.put_u8(0);
    }

    /// One tagged field. Its size goes before it, so the body is written first and moved by the size's length.
    pub fn tag(&mut self, tag: u32, body: impl FnOnce(&mut Self)) {
        put_uvarint(self.out, tag);
        let start = self.out.len();
        body(self);
        let size = self.out.len() - start;
        let mut prefix = [0u8; 5];
        let mut cursor = &mut prefix[..];
        put_uvarint(&mut cursor, size as u32);
        let left = cursor.len();
        let prefix = prefix.get(..5 - left).unwrap_or_default();
        self.out.put_slice(prefix);
        if let Some(moved) = self.out.get_mut(start..) {
            moved.rotate_right(prefix.len());
        }
    }
}
