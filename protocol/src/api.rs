//! One table of the APIs that Lipno serves: key, name, versions, first flexible version.
//!
//! Invariants: what is advertised works; a version outside the table closes the connection (ApiVersions answers
//! instead). Read by the broker's dispatch and its ApiVersions handler; the tidy test holds the table against the
//! handler files.

use crate::message::header::RequestHeader;
use crate::message::{APIS, ApiFacts};
use crate::primitive::{DecodeError, Message, Reader};

/// Served API keys. One `handler/kNN_*.rs` in the broker for each.
pub const SERVED: &[i16] =
    &[0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 32, 37, 42, 44, 55, 60, 75];

/// Bytes that the header of a request may take. An honest one is a client id and no tags.
pub const REQUEST_HEADER_BYTES_MAX: usize = 4096;

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

    /// Reads the header of a request of this API, from at most `REQUEST_HEADER_BYTES_MAX` bytes.
    pub fn read_header(&self, r: &mut Reader<'_>, version: i16) -> Result<RequestHeader, DecodeError> {
        r.within(REQUEST_HEADER_BYTES_MAX, |r| RequestHeader::decode(r, self.request_header_version(version)))
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

    fn header(client_id: usize, tag: usize, version: i16) -> Result<RequestHeader, DecodeError> {
        let (mut out, mut gaps) = (bytes::BytesMut::new(), Vec::new());
        let mut w = crate::primitive::Writer::new(&mut out, &mut gaps);
        let api = served(0).unwrap();
        let id = crate::Str::from("c".repeat(client_id));
        let h = RequestHeader { client_id: Some(id), request_api_version: version, ..Default::default() };
        h.encode(&mut w, 1);
        if api.is_flexible(version) {
            w.uvarint(1);
            w.tag(9, |w| (0..tag).for_each(|_| w.bool(false)));
        }
        (0..10_000).for_each(|_| w.bool(true));
        let frame = out.freeze();
        let mut r = Reader::new(&frame);
        let header = api.read_header(&mut r, version)?;
        assert_eq!(r.remaining(), 10_000, "the body begins where the header ends");
        Ok(header)
    }

    /// The client id has a classic length in every version, and unknown tags are skipped.
    #[test]
    fn headers_of_both_forms_are_read() {
        for version in [3, 13] {
            assert_eq!(header(200, 300, version).unwrap().client_id.unwrap().len(), 200);
        }
    }

    #[test]
    fn a_header_has_at_most_4_kib() {
        assert!(header(4000, 0, 3).is_ok());
        assert!(header(4090, 0, 3).is_err());
        assert!(header(3, 4000, 13).is_ok());
        assert!(header(3, 4100, 13).is_err());
    }
}
