//! Codecs: round trips, what other libraries wrote, and streams that lie.

use super::*;

const ALL: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

/// `b"interop of every codec, " * 20` as Python's libraries pack it.
const FOREIGN: &[(&str, Codec, &str)] = &[
    (
        "gzip (zlib)",
        Codec::Gzip,
        "1f8b0800000000000203cbcc2b492dca2f50c84f53482d4b2daa5448ce4f494dd651c81c151f16e200810f3246e0010000",
    ),
    (
        "gzip, two members",
        Codec::Gzip,
        "1f8b0800000000000203cbcc2b492dca2f50c84f53482d4b2daa5448ce4f494dd651c81ca6e200e0de0419f0000000\
         1f8b0800000000000203cbcc2b492dca2f50c84f53482d4b2daa5448ce4f494dd651c81ca6e200e0de0419f0000000",
    ),
    (
        "snappy, framed by kafka-python",
        Codec::Snappy,
        "82534e4150505900000000010000000100000032e0035c696e7465726f70206f6620657665727920636f6465632c20fe1800\
         fe1800fe1800fe1800fe1800fe1800fe18001118",
    ),
    (
        "snappy, raw (python-snappy, cramjam)",
        Codec::Snappy,
        "e0035c696e7465726f70206f6620657665727920636f6465632c20fe1800fe1800fe1800fe1800fe1800fe1800fe18001118",
    ),
    (
        "lz4, linked, content size, block and content checksums",
        Codec::Lz4,
        "04224d187c40e0010000000000001d24000000ff09696e7465726f70206f6620657665727920636f6465632c201800ffb150\
         6465632c20935e19c300000000f0b2f174",
    ),
    (
        "lz4, independent, no size, no checksum",
        Codec::Lz4,
        "04224d1860408224000000ff09696e7465726f70206f6620657665727920636f6465632c201800ffb1506465632c2000000000",
    ),
    (
        "lz4 (kafka-python)",
        Codec::Lz4,
        "04224d186840e0010000000000009b24000000ff09696e7465726f70206f6620657665727920636f6465632c201800ffb150\
         6465632c2000000000",
    ),
    (
        "zstd with content size (cramjam)",
        Codec::Zstd,
        "28b52ffd60e000fd0000c0696e7465726f70206f6620657665727920636f6465632c20010014af3ac7",
    ),
    (
        "zstd without content size, checksum (python-zstandard)",
        Codec::Zstd,
        "28b52ffd0458fd0000c0696e7465726f70206f6620657665727920636f6465632c20010014af3ac758a203f6",
    ),
];

fn open(codec: Codec, src: &[u8]) -> Result<Vec<u8>, CodecError> {
    codec.decompress(src, DECOMPRESSED_MAX)
}

#[test]
fn round_trips() {
    for n in [0usize, 1, 100, 32 * 1024, 300_000] {
        let data: Vec<u8> = (0..n).map(|i| (i % 251) as u8).collect();
        for c in ALL {
            let packed = c.compress(&data).unwrap();
            assert_eq!(open(c, &packed).unwrap(), data, "{c:?} {n}");
            assert_eq!(Codec::from_bits(c.bits()).unwrap(), c);
        }
    }
    for bits in [-1, 5, 6, 7] {
        assert_eq!(Codec::from_bits(bits), Err(CodecError::Unknown(bits)));
    }
}

#[test]
fn other_libraries_are_read() {
    let want = b"interop of every codec, ".repeat(20);
    for (what, codec, hex) in FOREIGN {
        assert_eq!(open(*codec, &unhex(hex)).unwrap(), want, "{what}");
    }
}

/// A stream that stops early or goes on is corrupt, wherever it is cut: nothing is half read in silence.
#[test]
fn cut_or_continued_streams_are_errors() {
    for (what, codec, hex) in FOREIGN {
        let good = unhex(hex);
        for cut in 0..good.len() {
            // Two gzip members cut between them are one whole member; a snappy header alone is no block.
            let whole = (*what == "gzip, two members" && cut == good.len() / 2)
                || (what.contains("framed") && cut == XERIAL_HEADER);
            if whole {
                continue;
            }
            let got = open(*codec, &good[..cut]);
            assert!(got.is_err(), "{what} cut at {cut} gave {} bytes", got.unwrap().len());
        }
        for junk in [&b"\0"[..], b"junk", b"\x04\x22\x4d\x18", b"\0\0\0\0\0\0\0\0"] {
            let long = [&good[..], junk].concat();
            assert!(open(*codec, &long).is_err(), "{what} with {junk:?} behind it");
        }
    }
}

#[test]
fn flipped_bits_do_no_harm() {
    for (what, codec, hex) in FOREIGN {
        let good = unhex(hex);
        for at in 0..good.len() * 8 {
            let mut b = good.clone();
            b[at / 8] ^= 1 << (at % 8);
            if let Ok(out) = open(*codec, &b) {
                assert!(out.len() <= 1 << 20, "{what} bit {at}");
            }
        }
    }
}

#[test]
fn bombs_are_cut() {
    let zeros = vec![0u8; 8 << 20];
    for c in ALL.into_iter().skip(1) {
        let packed = c.compress(&zeros).unwrap();
        assert_eq!(c.decompress(&packed, 1 << 20), Err(CodecError::TooLarge(1 << 20)), "{c:?}");
        // Just the limit is no bomb.
        let fair = c.compress(&zeros[..1 << 20]).unwrap();
        assert_eq!(c.decompress(&fair, 1 << 20).map(|b| b.len()), Ok(1 << 20), "{c:?}");
    }
    // zstd packs zeros far beyond 1,000:1; the ratio stops it below the limit.
    let packed = Codec::Zstd.compress(&zeros).unwrap();
    assert!(matches!(open(Codec::Zstd, &packed), Err(CodecError::TooLarge(_))));
    // So do gzip members one after the other: the bound is on the whole.
    let member = Codec::Gzip.compress(&zeros[..1 << 20]).unwrap();
    assert_eq!(Codec::Gzip.decompress(&member.repeat(3), 2 << 20), Err(CodecError::TooLarge(2 << 20)));
    assert_eq!(Codec::None.decompress(&zeros, 1 << 20), Err(CodecError::TooLarge(1 << 20)));
}

#[test]
fn wrong_magic_is_an_error() {
    for c in ALL.into_iter().skip(1) {
        assert!(open(c, b"not compressed at all").is_err(), "{c:?}");
        assert!(open(c, &[]).is_err(), "{c:?} of nothing");
        for other in ALL.into_iter().skip(1).filter(|o| *o != c) {
            let packed = other.compress(&b"some text, some text".repeat(9)).unwrap();
            assert!(open(c, &packed).is_err(), "{other:?} read as {c:?}");
        }
    }
}

#[test]
fn legacy_and_oversized_zstd_frames_are_refused() {
    for version in 0x22..=0x27u8 {
        // Magic of zstd 0.2 to 0.7, and something that could be a block.
        let b = [&[version, 0xb5, 0x2f, 0xfd][..], &[0; 24]].concat();
        assert!(open(Codec::Zstd, &b).is_err(), "0.{}", version - 0x20);
    }
    assert!(open(Codec::Zstd, &[0x1e, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]).is_err(), "0.1");
    // A window of 256 MiB: more than any Kafka client asks for (level 22 has 128 MiB).
    let window = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 0x01, 0x00, 0x00];
    let err = open(Codec::Zstd, &window).unwrap_err().to_string();
    assert!(err.contains("memory"), "{err}");
    // The same frame with the least window is a fair, empty one.
    let small = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x00, 0x01, 0x00, 0x00];
    assert_eq!(open(Codec::Zstd, &small), Ok(Vec::new()));
}

#[test]
fn xerial_headers_and_blocks_that_lie() {
    let framed = |tail: &[u8]| [&XERIAL_MAGIC[..], &[0, 0, 0, 1, 0, 0, 0, 1], tail].concat();
    let block = snap::raw::Encoder::new().compress_vec(b"hello hello hello").unwrap();
    let sized = |len: i32| [&len.to_be_bytes()[..], &block].concat();
    let ok = framed(&sized(block.len() as i32));
    assert_eq!(open(Codec::Snappy, &ok).unwrap(), b"hello hello hello");
    assert_eq!(open(Codec::Snappy, &framed(&[])).unwrap(), b"", "no block at all");
    assert!(open(Codec::Snappy, XERIAL_MAGIC).is_err(), "no versions");
    for len in [-1, i32::MIN, i32::MAX, 0, block.len() as i32 - 1, block.len() as i32 + 1] {
        assert!(open(Codec::Snappy, &framed(&sized(len))).is_err(), "block of {len} bytes");
    }
    // Blocks that claim far more than snappy can pack into them: refused before a byte is made ready.
    for claim in [[0xff, 0xff, 0xff, 0xff, 0x0f, 0].as_slice(), &[0x80, 0x80, 0x40, 0]] {
        assert!(matches!(open(Codec::Snappy, claim), Err(CodecError::Corrupt(..))), "{claim:?}");
        let len = (claim.len() as i32).to_be_bytes();
        assert!(open(Codec::Snappy, &framed(&[&len[..], claim].concat())).is_err());
    }
    // Many blocks share one bound.
    let big = snap::raw::Encoder::new().compress_vec(&[7; 32 * 1024]).unwrap();
    let one = [&(big.len() as i32).to_be_bytes()[..], &big].concat();
    let many = framed(&one.repeat(64));
    assert_eq!(Codec::Snappy.decompress(&many, 1 << 20), Err(CodecError::TooLarge(1 << 20)));
    assert_eq!(Codec::Snappy.decompress(&many, 2 << 20).map(|b| b.len()), Ok(2 << 20));
}

#[test]
fn lz4_frames_that_lie() {
    let good = unhex(FOREIGN[5].2);
    let with = |at: usize, byte: u8| {
        let mut b = good.clone();
        b[at] = byte;
        open(Codec::Lz4, &b)
    };
    assert!(with(0, 0x02).is_err(), "legacy magic");
    assert!(with(0, 0x50).is_err(), "skippable frame");
    assert!(with(4, 0x20).is_err(), "version 0");
    assert!(with(5, 0x30).is_err(), "block size code 3");
    assert!(with(6, 0x00).is_err(), "header checksum");
    assert!(with(10, 0x7f).is_err(), "block length past the end");
    // A content size that is not the content's.
    let mut sized = unhex(FOREIGN[6].2);
    sized[6] ^= 1;
    assert!(open(Codec::Lz4, &sized).is_err());
    // Two frames: clients write one, and Kafka's own reader stops after it.
    assert!(open(Codec::Lz4, &good.repeat(2)).is_err());
}
