//! The only code that indexes raw bytes: readers, writers and the small value types of the wire.
//!
//! Invariants: a length from the wire is checked against the bytes that remain before anything is allocated;
//! decoded memory is bounded by a budget; strings and byte fields are slices of the frame, never copies.
//! Called by the generated messages and by `records`.

mod reader;
#[cfg(test)]
mod reader_test;
mod text;
mod varint;
mod writer;

pub use reader::Reader;
pub(crate) use reader::STRING_BYTES_MAX;
pub use text::Str;
pub use varint::{put_uvarint, put_varint, put_varlong};
pub use varint::{uvarint_len, varint_decode, varint_len, varlong_decode, varlong_len};
pub use writer::{Gap, Writer};

use bytes::Bytes;

/// Why bytes are not a message. The connection is closed: nothing in a broken frame can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the message ends before its fields do")]
    Truncated,
    #[error("a length is negative or larger than the message")]
    BadLength,
    #[error("a null stands where the version allows none")]
    NullNotAllowed,
    #[error("a string is not UTF-8")]
    NotUtf8,
    #[error("a variable-length integer is too long")]
    BadVarint,
    #[error("tags are not in ascending order or too many")]
    BadTags,
    #[error("decoding would need more memory than a message of this size may")]
    TooBig,
    #[error("version {0} does not exist")]
    BadVersion(i16),
}

/// A protocol message or a struct inside one. `version` must be in the message's valid range.
///
/// `encode` leaves out what the version does not have; a null in a version that forbids null is written empty.
pub trait Message: Sized + Default {
    fn decode(r: &mut Reader<'_>, version: i16) -> Result<Self, DecodeError>;
    fn encode(&self, w: &mut Writer<'_>, version: i16);
}

/// 128 bits as on the wire. Zero means "none".
#[derive(
    Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    pub const ZERO: Uuid = Uuid([0; 16]);

    pub fn is_zero(&self) -> bool {
        *self == Uuid::ZERO
    }

    /// Parses 32 hex digits, hyphens ignored (the form that `Display` writes).
    pub fn parse(text: &str) -> Option<Uuid> {
        let mut out = [0u8; 16];
        let mut digits = text.bytes().filter(|b| *b != b'-').map(|b| (b as char).to_digit(16));
        for byte in &mut out {
            let hi = digits.next()??;
            let lo = digits.next()??;
            *byte = (hi * 16 + lo) as u8;
        }
        digits.next().is_none().then_some(Uuid(out))
    }

    /// Kafka's own text form: 22 characters of URL-safe base64 without padding.
    pub fn to_base64(self) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let n = u128::from_be_bytes(self.0);
        (0..22u32)
            .map(|i| {
                // 132 bits in 22 digits: the value is shifted left by 4.
                let shift = 126 - 6 * i as i32;
                let six = if shift + 6 > 128 {
                    (n >> 122) as u8 & 63
                } else {
                    let s = shift - 4;
                    if s >= 0 { (n >> s) as u8 & 63 } else { ((n << -s) as u8) & 63 }
                };
                DIGITS.get(six as usize).map_or('A', |d| *d as char)
            })
            .collect()
    }
}

impl std::fmt::Debug for Uuid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for Uuid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, b) in self.0.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{b:02x}")?;
        }
        Ok(())
    }
}

/// Record batches of one partition: bytes in hand, or a length whose bytes the write loop adds later
/// (slot `slot` of the answer), so that a fetch copies nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Records {
    Bytes(Bytes),
    External { len: u32, slot: u32 },
}

impl Default for Records {
    fn default() -> Self {
        Records::Bytes(Bytes::new())
    }
}

impl Records {
    pub fn len(&self) -> usize {
        match self {
            Records::Bytes(b) => b.len(),
            Records::External { len, .. } => *len as usize,
        }
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The bytes in hand; empty for an external slot.
    pub fn bytes(&self) -> Bytes {
        match self {
            Records::Bytes(b) => b.clone(),
            Records::External { .. } => Bytes::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuid_text_forms() {
        let u = Uuid([0xff; 16]);
        assert_eq!(u.to_base64(), "_____________________w");
        assert_eq!(Uuid::ZERO.to_base64(), "AAAAAAAAAAAAAAAAAAAAAA");
        let mut one = [0u8; 16];
        one[15] = 1;
        assert_eq!(Uuid(one).to_base64(), "AAAAAAAAAAAAAAAAAAAAAQ");
        one[0] = 0x12;
        one[7] = 0xab;
        assert_eq!(Uuid::parse(&Uuid(one).to_string()), Some(Uuid(one)));
        // Checked against Python's base64.urlsafe_b64encode.
        assert_eq!(Uuid(one).to_base64(), "EgAAAAAAAKsAAAAAAAAAAQ");
    }
}
