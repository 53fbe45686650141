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
/// Snappy's best: 3 bytes that copy 64.
const SNAPPY_RATIO_MAX: usize = 22;
/// Largest zstd window, as log2: 128 MiB, what level 22 asks for.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

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
            Codec::Lz4 => {
                lz4_frame_is_whole(src).ok_or_else(|| self.corrupt("not one whole frame"))?;
                self.drain(lz4_flex::frame::FrameDecoder::new(src), limit)
            }
            Codec::Zstd => {
                let mut d = zstd::stream::read::Decoder::with_buffer(src).map_err(|e| self.corrupt(e))?;
                d.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|e| self.corrupt(e))?;
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

/// True (`Some`) if `src` is exactly one LZ4 frame with its end mark. The decoder takes a stream that stops between
/// two blocks for a finished one and does not look behind the end mark; and it knows older forms that Kafka does not.
fn lz4_frame_is_whole(src: &[u8]) -> Option<()> {
    const CONTENT_SIZE: u8 = 0x08;
    const CONTENT_CHECKSUM: u8 = 0x04;
    const BLOCK_CHECKSUM: u8 = 0x10;
    const DICTIONARY: u8 = 0x01;
    let rest = src.strip_prefix(b"\x04\x22\x4d\x18")?;
    let (flags, _) = rest.split_first()?;
    let has = |bit: u8| flags & bit != 0;
    if has(DICTIONARY) {
        return None;
    }
    // Flags, block size, content size, header checksum.
    let mut rest = rest.get(3 + if has(CONTENT_SIZE) { 8 } else { 0 }..)?;
    loop {
        let (size, tail) = rest.split_first_chunk::<4>()?;
        let size = (u32::from_le_bytes(*size) & 0x7fff_ffff) as usize;
        if size == 0 {
            return (tail.len() == if has(CONTENT_CHECKSUM) { 4 } else { 0 }).then_some(());
        }
        rest = tail.get(size..)?.get(if has(BLOCK_CHECKSUM) { 4 } else { 0 }..)?;
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
    if len > block.len().saturating_mul(SNAPPY_RATIO_MAX) {
        return Err(Codec::Snappy.corrupt("a block claims more than it can hold"));
    }
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
#[path = "codec_test.rs"]
mod tests;
