//! The five codecs of record batches, each bounded in its output.
//!
//! Invariants: decompression stops at `limit` bytes and at a ratio of 1,000:1, whatever the stream claims; legacy
//! zstd frames are not built in. Snappy is Java's xerial framing, or raw as some clients send it.

use bytes::BufMut;
use std::io::{Read, Write};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Codec {
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

/// Most bytes that one batch may decompress to.
pub const DECOMPRESSED_MAX: usize = 64 * 1024 * 1024;
/// Most output bytes per input byte, above a floor of 1 MiB.
pub const RATIO_MAX: usize = 1_000;
const RATIO_FLOOR: usize = 1024 * 1024;

const XERIAL_MAGIC: &[u8; 8] = b"\x82SNAPPY\x00";
const XERIAL_HEADER: usize = 16;
const XERIAL_BLOCK: usize = 32 * 1024;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    #[error("decompressed data would exceed {0} bytes")]
    TooLarge(usize),
    #[error("corrupt {0:?} data: {1}")]
    Corrupt(Codec, String),
    #[error("codec {0} does not exist")]
    Unknown(i16),
}

impl Codec {
    pub fn from_bits(bits: i16) -> Result<Codec, CodecError> {
        match bits {
            0 => Ok(Codec::None),
            1 => Ok(Codec::Gzip),
            2 => Ok(Codec::Snappy),
            3 => Ok(Codec::Lz4),
            4 => Ok(Codec::Zstd),
            n => Err(CodecError::Unknown(n)),
        }
    }

    pub fn bits(self) -> i16 {
        self as i16
    }

    fn corrupt(self, e: impl std::fmt::Display) -> CodecError {
        CodecError::Corrupt(self, e.to_string())
    }

    /// Decompresses `src`; at most `limit` bytes come out.
    pub fn decompress(self, src: &[u8], limit: usize) -> Result<Vec<u8>, CodecError> {
        let limit = limit.min(src.len().saturating_mul(RATIO_MAX).max(RATIO_FLOOR));
        match self {
            Codec::None if src.len() > limit => Err(CodecError::TooLarge(limit)),
            Codec::None => Ok(src.to_vec()),
            Codec::Gzip => self.drain(flate2::read::MultiGzDecoder::new(src), limit),
            Codec::Snappy => snappy_decompress(src, limit),
            Codec::Lz4 => self.drain(lz4_flex::frame::FrameDecoder::new(src), limit),
            Codec::Zstd => {
                let d = zstd::stream::read::Decoder::with_buffer(src).map_err(|e| self.corrupt(e))?;
                self.drain(d, limit)
            }
        }
    }

    fn drain(self, from: impl Read, limit: usize) -> Result<Vec<u8>, CodecError> {
        let mut out = Vec::new();
        from.take(limit as u64 + 1).read_to_end(&mut out).map_err(|e| self.corrupt(e))?;
        if out.len() > limit {
            return Err(CodecError::TooLarge(limit));
        }
        Ok(out)
    }

    /// Compresses with each codec's usual level (Kafka's defaults).
    pub fn compress(self, src: &[u8]) -> Result<Vec<u8>, CodecError> {
        match self {
            Codec::None => Ok(src.to_vec()),
            Codec::Gzip => {
                let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                e.write_all(src).map_err(|x| self.corrupt(x))?;
                e.finish().map_err(|x| self.corrupt(x))
            }
            Codec::Snappy => snappy_compress(src),
            Codec::Lz4 => {
                let info =
                    lz4_flex::frame::FrameInfo::new().block_mode(lz4_flex::frame::BlockMode::Independent);
                let mut e = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
                e.write_all(src).map_err(|x| self.corrupt(x))?;
                e.finish().map_err(|x| self.corrupt(x))
            }
            Codec::Zstd => zstd::stream::encode_all(src, 3).map_err(|e| self.corrupt(e)),
        }
    }
}

/// Java's framing: magic, version, compatible version, then blocks of (length, raw snappy).
fn snappy_compress(src: &[u8]) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::with_capacity(src.len() / 2 + XERIAL_HEADER);
    out.put_slice(XERIAL_MAGIC);
    out.put_i32(1);
    out.put_i32(1);
    let mut encoder = snap::raw::Encoder::new();
    for block in src.chunks(XERIAL_BLOCK) {
        let packed = encoder.compress_vec(block).map_err(|e| Codec::Snappy.corrupt(e))?;
        out.put_i32(packed.len() as i32);
        out.put_slice(&packed);
    }
    Ok(out)
}

fn snappy_decompress(src: &[u8], limit: usize) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::new();
    if !src.starts_with(XERIAL_MAGIC) {
        snappy_block(src, limit, &mut out)?;
        return Ok(out);
    }
    let mut rest = src.get(XERIAL_HEADER..).ok_or_else(|| Codec::Snappy.corrupt("short header"))?;
    while !rest.is_empty() {
        let (len, tail) =
            rest.split_first_chunk::<4>().ok_or_else(|| Codec::Snappy.corrupt("short block"))?;
        let len = usize::try_from(i32::from_be_bytes(*len)).map_err(|e| Codec::Snappy.corrupt(e))?;
        let (block, tail) =
            tail.split_at_checked(len).ok_or_else(|| Codec::Snappy.corrupt("block length past the end"))?;
        snappy_block(block, limit, &mut out)?;
        rest = tail;
    }
    Ok(out)
}

fn snappy_block(block: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let len = snap::raw::decompress_len(block).map_err(|e| Codec::Snappy.corrupt(e))?;
    if out.len().saturating_add(len) > limit {
        return Err(CodecError::TooLarge(limit));
    }
    let start = out.len();
    out.resize(start + len, 0);
    let into = out.get_mut(start..).unwrap_or_default();
    let n = snap::raw::Decoder::new().decompress(block, into).map_err(|e| Codec::Snappy.corrupt(e))?;
    out.truncate(start + n);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

    #[test]
    fn round_trips() {
        for n in [0usize, 1, 100, 32 * 1024, 300_000] {
            let data: Vec<u8> = (0..n).map(|i| (i % 251) as u8).collect();
            for c in ALL {
                let packed = c.compress(&data).unwrap();
                assert_eq!(c.decompress(&packed, DECOMPRESSED_MAX).unwrap(), data, "{c:?} {n}");
                assert_eq!(Codec::from_bits(c.bits()).unwrap(), c);
            }
        }
    }

    #[test]
    fn bombs_are_cut() {
        let zeros = vec![0u8; 8 << 20];
        for c in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
            let packed = c.compress(&zeros).unwrap();
            assert_eq!(c.decompress(&packed, 1 << 20), Err(CodecError::TooLarge(1 << 20)), "{c:?}");
        }
        // zstd packs zeros far beyond 1,000:1; the ratio stops it below the limit.
        let packed = Codec::Zstd.compress(&zeros).unwrap();
        assert!(matches!(Codec::Zstd.decompress(&packed, 64 << 20), Err(CodecError::TooLarge(_))));
    }

    #[test]
    fn raw_snappy_is_read() {
        let packed = snap::raw::Encoder::new().compress_vec(b"hello hello hello").unwrap();
        assert_eq!(Codec::Snappy.decompress(&packed, 1000).unwrap(), b"hello hello hello");
    }

    #[test]
    fn lying_headers_are_errors() {
        let mut b = XERIAL_MAGIC.to_vec();
        b.extend([0, 0, 0, 1, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff, 1, 2]);
        assert!(Codec::Snappy.decompress(&b, 1000).is_err());
        // A block that claims 4 GiB.
        assert!(Codec::Snappy.decompress(&[0xff, 0xff, 0xff, 0xff, 0x0f, 0], 1000).is_err());
        for c in [Codec::Gzip, Codec::Lz4, Codec::Zstd] {
            assert!(c.decompress(b"not compressed at all", 1000).is_err(), "{c:?}");
        }
    }
}
