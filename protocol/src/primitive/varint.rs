//! Variable-length integers: unsigned (lengths, tags) and zigzag (records).
//!
//! Invariant: an encoding longer than its type needs (5 or 10 bytes) is refused, never wrapped.

use super::DecodeError;
use bytes::BufMut;

/// Decodes an unsigned varint of at most `max` bytes; returns the value and its length.
fn decode(src: &[u8], max: usize) -> Result<(u64, usize), DecodeError> {
    let mut value = 0u64;
    for (i, byte) in src.iter().take(max).enumerate() {
        let bits = u64::from(byte & 0x7f);
        let shift = 7 * i as u32;
        if shift == 63 && bits > 1 || (max == 5 && i == 4 && bits > 0x0f) {
            return Err(DecodeError::BadVarint);
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok((value, i + 1));
        }
    }
    Err(if src.len() < max { DecodeError::Truncated } else { DecodeError::BadVarint })
}

pub(super) fn uvarint_decode(src: &[u8]) -> Result<(u32, usize), DecodeError> {
    // Lengths and tags are mostly below 128.
    if let Some(b) = src.first()
        && *b < 0x80
    {
        return Ok((u32::from(*b), 1));
    }
    decode(src, 5).map(|(v, n)| (v as u32, n))
}

/// Zigzag int32; returns the value and how many bytes it took.
pub fn varint_decode(src: &[u8]) -> Result<(i32, usize), DecodeError> {
    let (v, n) = uvarint_decode(src)?;
    Ok(((v >> 1) as i32 ^ -((v & 1) as i32), n))
}

/// Zigzag int64; returns the value and how many bytes it took.
pub fn varlong_decode(src: &[u8]) -> Result<(i64, usize), DecodeError> {
    if let Some(b) = src.first()
        && *b < 0x80
    {
        let v = u64::from(*b);
        return Ok(((v >> 1) as i64 ^ -((v & 1) as i64), 1));
    }
    let (v, n) = decode(src, 10)?;
    Ok(((v >> 1) as i64 ^ -((v & 1) as i64), n))
}

pub fn put_uvarint(out: &mut impl BufMut, mut v: u32) {
    while v >= 0x80 {
        out.put_u8(v as u8 | 0x80);
        v >>= 7;
    }
    out.put_u8(v as u8);
}

pub fn put_varint(out: &mut impl BufMut, v: i32) {
    put_uvarint(out, ((v << 1) ^ (v >> 31)) as u32);
}

pub fn put_varlong(out: &mut impl BufMut, v: i64) {
    let mut v = ((v << 1) ^ (v >> 63)) as u64;
    while v >= 0x80 {
        out.put_u8(v as u8 | 0x80);
        v >>= 7;
    }
    out.put_u8(v as u8);
}

pub fn uvarint_len(v: u32) -> usize {
    (38 - (v | 1).leading_zeros() as usize) / 7
}

pub fn varint_len(v: i32) -> usize {
    uvarint_len(((v << 1) ^ (v >> 31)) as u32)
}

pub fn varlong_len(v: i64) -> usize {
    let v = ((v << 1) ^ (v >> 63)) as u64;
    (70 - (v | 1).leading_zeros() as usize) / 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_round_trip() {
        for v in [0, 1, -1, 63, -64, 64, 8191, -8192, i32::MAX, i32::MIN] {
            let mut b = Vec::new();
            put_varint(&mut b, v);
            assert_eq!(varint_decode(&b), Ok((v, b.len())));
            assert_eq!(varint_len(v), b.len(), "{v}");
            let mut b = Vec::new();
            put_varlong(&mut b, i64::from(v) << 20);
            assert_eq!(varlong_decode(&b), Ok((i64::from(v) << 20, b.len())));
            assert_eq!(varlong_len(i64::from(v) << 20), b.len());
        }
        for v in [i64::MIN, i64::MAX] {
            let mut b = Vec::new();
            put_varlong(&mut b, v);
            assert_eq!((varlong_decode(&b), b.len()), (Ok((v, 10)), 10));
        }
    }

    #[test]
    fn overlong_is_refused() {
        assert_eq!(uvarint_decode(&[0x80; 6]), Err(DecodeError::BadVarint));
        assert_eq!(uvarint_decode(&[0xff, 0xff, 0xff, 0xff, 0x1f]), Err(DecodeError::BadVarint));
        assert_eq!(varlong_decode(&[0xff; 11]), Err(DecodeError::BadVarint));
        assert_eq!(varlong_decode(&[0x80, 0x80]), Err(DecodeError::Truncated));
    }
}
