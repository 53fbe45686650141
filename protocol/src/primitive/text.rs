//! `Str`: UTF-8 text that is a slice of the frame it came in. Cloning shares, nothing is copied.
//!
//! Invariant: the bytes are valid UTF-8 (checked once, when made). Used by every message.

use bytes::Bytes;
use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Str(Bytes);

impl Str {
    pub const fn from_static(s: &'static str) -> Str {
        Str(Bytes::from_static(s.as_bytes()))
    }

    /// `None` when the bytes are not UTF-8.
    pub fn from_utf8(b: Bytes) -> Option<Str> {
        std::str::from_utf8(&b).is_ok().then_some(Str(b))
    }

    pub fn as_str(&self) -> &str {
        // Checked on construction; a failure here is impossible and reads as empty.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// A copy that does not keep the frame alive; for values that outlive the request.
    pub fn to_owned_str(&self) -> Str {
        Str(Bytes::copy_from_slice(&self.0))
    }
}

impl Deref for Str {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

/// As `str` hashes, since maps are searched through `Borrow<str>`; `Bytes` hashes otherwise.
impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Borrow<str> for Str {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Str {
    fn from(s: &str) -> Str {
        Str(Bytes::copy_from_slice(s.as_bytes()))
    }
}

impl From<String> for Str {
    fn from(s: String) -> Str {
        Str(Bytes::from(s))
    }
}

impl From<&String> for Str {
    fn from(s: &String) -> Str {
        Str::from(s.as_str())
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, HashMap};

    #[test]
    fn maps_keyed_by_text_are_searched_with_a_plain_str() {
        let one = HashMap::from([(Str::from("topic"), 1)]);
        assert_eq!(one.get("topic"), Some(&1));
        let sorted = BTreeMap::from([(Str::from("b"), 1), (Str::from("a"), 2)]);
        assert_eq!((sorted.get("a"), sorted.get("c")), (Some(&2), None));
    }

    #[test]
    fn an_owned_copy_lets_the_frame_go() {
        let frame = Bytes::from(b"topic and a large frame".to_vec());
        let name = Str::from_utf8(frame.slice(..5)).unwrap().to_owned_str();
        assert_eq!(name, "topic");
        assert!(frame.is_unique());
        assert!(Str::from_utf8(Bytes::from_static(&[0xc3, 0x28])).is_none());
    }
}
