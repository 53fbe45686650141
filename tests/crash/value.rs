//! The value of a record: who wrote it as its how-manieth, and a body that follows from that.
//!
//! ```text
//!  | producer u16 | partition u16 | counter u32 | body length u32 | body, 8 bytes repeated |
//! ```
//! Invariant: a value read back is either exactly what was written or `None`, so that a mixed-up or damaged record
//! is noticed. Used by `load` (writes) and `verify` (reads).

use std::fmt;

pub const HEAD: usize = 12;

/// Identity of a record within its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Value {
    pub producer: u16,
    pub counter: u32,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {} of producer {}", self.counter, self.producer)
    }
}

fn word(head: &[u8]) -> [u8; 8] {
    let mut x = 0xcbf2_9ce4_8422_2325u64;
    for b in head {
        x = (x ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    (x ^ (x >> 29)).to_be_bytes()
}

/// The bytes of a value with a body of `len` bytes.
pub fn encode(v: Value, partition: i32, len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD + len + 8);
    out.extend(v.producer.to_be_bytes());
    out.extend((partition as u16).to_be_bytes());
    out.extend(v.counter.to_be_bytes());
    out.extend((len as u32).to_be_bytes());
    let word = word(&out);
    while out.len() < HEAD + len {
        out.extend(word);
    }
    out.truncate(HEAD + len);
    out
}

/// Reads a value of this partition back; `None` if anything in it is not as `encode` wrote it.
pub fn decode(bytes: &[u8], partition: i32) -> Option<Value> {
    let (head, body) = bytes.split_at_checked(HEAD)?;
    let v = Value {
        producer: u16::from_be_bytes(*head.first_chunk()?),
        counter: u32::from_be_bytes(*head.get(4..)?.first_chunk()?),
    };
    let of = u16::from_be_bytes(*head.get(2..)?.first_chunk()?);
    let len = u32::from_be_bytes(*head.get(8..)?.first_chunk()?);
    if i32::from(of) != partition || len as usize != body.len() {
        return None;
    }
    let word = word(head);
    body.chunks(8).all(|c| word.get(..c.len()) == Some(c)).then_some(v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_and_mix_ups_are_noticed() {
        let v = Value { producer: 3, counter: 77 };
        for len in [0, 1, 8, 21] {
            let bytes = encode(v, 2, len);
            assert_eq!(decode(&bytes, 2), Some(v));
            assert_eq!(decode(&bytes, 1), None, "another partition's");
            assert_eq!(decode(&bytes[..bytes.len() - 1], 2), None, "cut");
            for i in 2..bytes.len() {
                let mut bad = bytes.clone();
                bad[i] ^= 0x10;
                assert!(decode(&bad, 2) != Some(v), "byte {i}");
            }
        }
    }
}
