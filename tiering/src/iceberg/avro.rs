//! Avro object container files, as far as Iceberg's manifests need them: values are written and read by hand, in the
//! order of a fixed schema.
//!
//! Follows Avro 1.11, "Object Container Files", codecs `null` and `deflate`. Invariants: what `write_file` wrote
//! `read_file` reads; nothing is allocated from a length before it was checked against the bytes that remain; a
//! decompressed block is bounded. Called by `manifest`.

use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use std::collections::BTreeMap;
use std::io::Read;

const MAGIC: &[u8; 4] = b"Obj\x01";
const SYNC_LEN: usize = 16;
/// Bytes of one decompressed block that are taken.
const BLOCK_BYTES_MAX: u64 = 256 << 20;
/// Entries of a file's metadata.
const META_MAX: usize = 64;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("no Avro file of ours: {0}")]
pub struct AvroError(pub String);

fn bad<T>(why: impl Into<String>) -> Result<T, AvroError> {
    Err(AvroError(why.into()))
}

/// Appends values.
#[derive(Default)]
pub struct Encoder(pub Vec<u8>);

impl Encoder {
    pub fn long(&mut self, v: i64) {
        let mut z = ((v << 1) ^ (v >> 63)) as u64;
        while z >= 0x80 {
            self.0.push(z as u8 | 0x80);
            z >>= 7;
        }
        self.0.push(z as u8);
    }

    pub fn int(&mut self, v: i32) {
        self.long(v.into());
    }

    pub fn bool(&mut self, v: bool) {
        self.0.push(v.into());
    }

    pub fn bytes(&mut self, v: &[u8]) {
        self.long(v.len() as i64);
        self.0.extend_from_slice(v);
    }

    pub fn string(&mut self, v: &str) {
        self.bytes(v.as_bytes());
    }

    /// A union of null and something.
    pub fn optional<T>(&mut self, v: Option<T>, write: impl FnOnce(&mut Encoder, T)) {
        match v {
            None => self.long(0),
            Some(v) => {
                self.long(1);
                write(self, v);
            }
        }
    }

    /// An array, as one block.
    pub fn array<T>(
        &mut self,
        items: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Encoder, T),
    ) {
        if items.len() > 0 {
            self.long(items.len() as i64);
            items.for_each(|i| write(self, i));
        }
        self.long(0);
    }
}

/// Takes values from the front of a buffer.
pub struct Decoder<'a>(pub &'a [u8]);

impl<'a> Decoder<'a> {
    pub fn long(&mut self) -> Result<i64, AvroError> {
        let mut z = 0u64;
        for shift in (0..64).step_by(7) {
            let Some((b, rest)) = self.0.split_first() else { return bad("it ends inside a number") };
            self.0 = rest;
            let part = u64::from(b & 0x7f);
            if shift == 63 && part > 1 {
                return bad("a number is too large");
            }
            z |= part << shift;
            if b & 0x80 == 0 {
                return Ok((z >> 1) as i64 ^ -((z & 1) as i64));
            }
        }
        bad("a number is too long")
    }

    pub fn int(&mut self) -> Result<i32, AvroError> {
        i32::try_from(self.long()?).or_else(|_| bad("an int is too large"))
    }

    pub fn bool(&mut self) -> Result<bool, AvroError> {
        match self.take(1)? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => bad("a boolean is neither 0 nor 1"),
        }
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], AvroError> {
        let Some((part, rest)) = self.0.split_at_checked(n) else { return bad("it ends early") };
        self.0 = rest;
        Ok(part)
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], AvroError> {
        let n = self.long()?;
        self.take(usize::try_from(n).or_else(|_| bad("a length is negative"))?)
    }

    pub fn string(&mut self) -> Result<&'a str, AvroError> {
        str::from_utf8(self.bytes()?).or_else(|_| bad("a string is not UTF-8"))
    }

    pub fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, AvroError>,
    ) -> Result<Option<T>, AvroError> {
        match self.long()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            n => bad(format!("branch {n} of a union of two")),
        }
    }

    /// An array; every item takes at least one byte.
    pub fn array<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, AvroError>,
    ) -> Result<Vec<T>, AvroError> {
        let mut out = Vec::new();
        loop {
            let mut n = self.long()?;
            if n == 0 {
                return Ok(out);
            }
            if n < 0 {
                // A block that tells its size in bytes, too.
                self.long()?;
                n = n.checked_neg().map_or_else(|| bad("a count is too large"), Ok)?;
            }
            if n as u64 > self.0.len() as u64 {
                return bad("an array is longer than its bytes");
            }
            for _ in 0..n {
                out.push(read(self)?);
            }
        }
    }
}

/// A file of `count` records, which `records` holds one after the other. `sync` marks its blocks: something that no
/// other file has.
pub fn write_file(meta: &[(&str, &str)], sync: [u8; SYNC_LEN], count: usize, records: &[u8]) -> Vec<u8> {
    let mut out = Encoder(MAGIC.to_vec());
    out.array([("avro.codec", "deflate")].iter().chain(meta).collect::<Vec<_>>().into_iter(), |e, (k, v)| {
        e.string(k);
        e.string(v);
    });
    out.0.extend_from_slice(&sync);
    if count > 0 {
        let mut packed = Vec::new();
        // Reading from memory cannot fail.
        drop(DeflateEncoder::new(records, Compression::default()).read_to_end(&mut packed));
        out.long(count as i64);
        out.bytes(&packed);
        out.0.extend_from_slice(&sync);
    }
    out.0
}

/// What a file holds: its metadata, and its records one after the other.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    pub meta: BTreeMap<String, Vec<u8>>,
    pub count: u64,
    pub records: Vec<u8>,
}

pub fn read_file(bytes: &[u8]) -> Result<File, AvroError> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else { return bad("it begins with something else") };
    let mut d = Decoder(rest);
    let pairs = d.array(|d| Ok((d.string()?.to_string(), d.bytes()?.to_vec())))?;
    if pairs.len() > META_MAX {
        return bad("it has too much metadata");
    }
    let meta: BTreeMap<String, Vec<u8>> = pairs.into_iter().collect();
    let packed = match meta.get("avro.codec").map(Vec::as_slice) {
        None | Some(b"null") => false,
        Some(b"deflate") => true,
        Some(other) => return bad(format!("codec {}", String::from_utf8_lossy(other))),
    };
    let sync = d.take(SYNC_LEN)?;
    let (mut count, mut records) = (0u64, Vec::new());
    while !d.0.is_empty() {
        let n = u64::try_from(d.long()?).or_else(|_| bad("a block's count is negative"))?;
        let block = d.bytes()?;
        if packed {
            let left = BLOCK_BYTES_MAX.saturating_sub(records.len() as u64);
            let took = DeflateDecoder::new(block).take(left + 1).read_to_end(&mut records);
            if took.or_else(|e| bad(e.to_string()))? as u64 > left {
                return bad("a block is too large");
            }
        } else {
            records.extend_from_slice(block);
        }
        count = count.saturating_add(n);
        if d.take(SYNC_LEN)? != sync {
            return bad("a block does not end with its file's mark");
        }
    }
    Ok(File { meta, count, records })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_zigzag() {
        for (v, bytes) in [
            (0, &[0u8][..]),
            (-1, &[1]),
            (1, &[2]),
            (-64, &[0x7f]),
            (64, &[0x80, 1]),
            (i64::MIN, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
        ] {
            let mut e = Encoder::default();
            e.long(v);
            assert_eq!(e.0, bytes, "{v}");
            assert_eq!(Decoder(bytes).long(), Ok(v));
        }
        assert!(Decoder(&[0xff; 11]).long().is_err() && Decoder(&[0x80]).long().is_err());
    }

    #[test]
    fn arrays_are_no_longer_than_their_bytes() {
        let mut e = Encoder::default();
        e.long(i64::MAX);
        assert!(Decoder(&e.0).array(|d| d.long()).is_err());
        let mut sized = Encoder::default();
        [-2, 2, 5, 6, 0].into_iter().for_each(|v| sized.long(v));
        assert_eq!(Decoder(&sized.0).array(|d| d.long()), Ok(vec![5, 6]));
    }

    proptest! {
        #[test]
        fn files_are_read_back(records: Vec<u8>, key in "[a-z]{1,8}", value in ".{0,40}", sync: [u8; 16]) {
            let count = records.len();
            let file = write_file(&[(key.as_str(), value.as_str())], sync, count, &records);
            let read = read_file(&file).unwrap();
            prop_assert_eq!(read.count, count as u64);
            prop_assert_eq!(&read.meta[&key], &value.into_bytes());
            prop_assert_eq!(read.records, records);
        }

        #[test]
        fn damage_never_panics(mut file in Just(write_file(&[("a", "b")], [7; 16], 3, b"abc")), at: prop::sample::Index, to: u8) {
            let i = at.index(file.len());
            file[i] = to;
            drop(read_file(&file));
            drop(read_file(&file[..i]));
        }
    }
}
