//! One table of the APIs that Lipno serves: key, name, versions, first flexible version.
//!
//! Invariants: what is advertised works; a version outside the table closes the connection (ApiVersions answers
//! instead). Read by the broker's dispatch and its ApiVersions handler; the tidy test holds the table against the
//! handler files.

use crate::message::{APIS, ApiFacts};

/// Served API keys. One `handler/kNN_*.rs` in the broker for each.
pub const SERVED: &[i16] =
    &[0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 32, 37, 42, 44, 55, 60, 75];

/// What is served of one API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Api {
    pub key: i16,
    pub name: &'static str,
    pub min: i16,
    pub max: i16,
    /// What ApiVersions says as the minimum. Produce says 0 although 0-2 are refused: librdkafka before 2.11.1
    /// enables gzip, snappy and lz4 only if 0 is in the range (KAFKA-18659).
    pub advertised_min: i16,
    pub flexible_from: i16,
}

/// The facts of any API in the schema, served or not.
pub fn facts(key: i16) -> Option<&'static ApiFacts> {
    APIS.binary_search_by_key(&key, |a| a.key).ok().and_then(|i| APIS.get(i))
}

/// The API, if it is served.
pub fn served(key: i16) -> Option<Api> {
    if !SERVED.contains(&key) {
        return None;
    }
    let f = facts(key)?;
    let max = f.versions.1 - i16::from(f.unstable_last);
    Some(Api {
        key,
        name: f.name,
        min: f.versions.0,
        max,
        advertised_min: if key == 0 { 0 } else { f.versions.0 },
        flexible_from: f.flexible_from,
    })
}

impl Api {
    pub fn is_flexible(&self, version: i16) -> bool {
        version >= self.flexible_from
    }

    pub fn supports(&self, version: i16) -> bool {
        self.min <= version && version <= self.max
    }

    /// Version of the request header: 2 has tags.
    pub fn request_header_version(&self, version: i16) -> i16 {
        if self.is_flexible(version) { 2 } else { 1 }
    }

    /// Version of the response header. ApiVersions is always 0, so that any client can read it.
    pub fn response_header_version(&self, version: i16) -> i16 {
        i16::from(self.key != 18 && self.is_flexible(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_and_complete() {
        assert!(APIS.is_sorted_by_key(|a| a.key));
        for key in SERVED {
            let api = served(*key).unwrap();
            assert!(api.min <= api.max, "{}", api.name);
        }
        assert_eq!(served(22).unwrap().max, 5, "the unstable version 6 is not served");
        assert_eq!(served(0).unwrap().advertised_min, 0);
        assert!(served(26).is_none());
    }
}
