//! Frames that real clients sent, and their answers (`record.py` made them): decoded, encoded again, cut short.

use bytes::{Bytes, BytesMut};
use lipno_tests::wire::files::{Recorded, hex, recorded, unhex};
use protocol::api::{self, Api};
use protocol::frame::{self, Cut};
use protocol::message::header::{RequestHeader, ResponseHeader};
use protocol::message::{CODECS, Codec};
use protocol::primitive::{Reader, Writer};
use protocol::{DecodeError, Message};
use std::collections::{BTreeMap, BTreeSet};

/// Requests that go on behind their last field, as their clients send them. Kafka ignores what is left.
const TRAILING: &[(&str, &str)] = &[
    // Asks for all topics with a 4-byte count and then the three flags, where the compact form has one byte.
    ("librdkafka/metadata_v13_request", "010000"),
];

fn codec(name: &str) -> &'static Codec {
    CODECS.iter().find(|c| c.name == name).unwrap_or_else(|| panic!("no codec {name}"))
}

fn snake(name: &str) -> String {
    xtask::generate::snake(name)
}

struct Parts {
    api: Api,
    header: Bytes,
    body: Bytes,
    codec: &'static Codec,
}

fn encoded<M: Message>(m: &M, version: i16) -> BytesMut {
    let mut out = BytesMut::new();
    m.encode(&mut Writer::new(&mut out, &mut Vec::new()), version);
    out
}

/// Cuts the frame and splits it; the header must come back as it was.
fn split(r: &Recorded) -> Parts {
    let mut stream = BytesMut::from(&r.frame[..]);
    let Ok(Cut::Frame(frame)) = frame::cut(&mut stream, 1 << 20) else {
        panic!("{}: no whole frame", r.name)
    };
    assert!(stream.is_empty(), "{}: bytes behind the frame", r.name);
    let api = *api_of(&r.api);
    let mut reader = Reader::new(&frame);
    let again = if r.is_request {
        let h = api.read_header(&mut reader, r.version).unwrap();
        assert_eq!((h.request_api_key, h.request_api_version), (api.key, r.version), "{}", r.name);
        encoded(&h, api.request_header_version(r.version))
    } else {
        let version = api.response_header_version(r.version);
        encoded(&ResponseHeader::decode(&mut reader, version).unwrap(), version)
    };
    let (header, body) = (frame.slice(..reader.position()), frame.slice(reader.position()..));
    assert_eq!(hex(&again), hex(&header), "{}: header", r.name);
    let what = if r.is_request { "Request" } else { "Response" };
    Parts { api, header, body, codec: codec(&format!("{}{what}", api.name)) }
}

fn api_of(stem: &str) -> &'static Api {
    static ALL: std::sync::OnceLock<Vec<Api>> = std::sync::OnceLock::new();
    ALL.get_or_init(|| api::SERVED.iter().map(|k| api::served(*k).unwrap()).collect())
        .iter()
        .find(|a| snake(a.name) == stem)
        .unwrap_or_else(|| panic!("no served API is called {stem}"))
}

#[test]
fn every_frame_comes_back_as_it_was() {
    for r in recorded() {
        let p = split(&r);
        let (again, rest) =
            (p.codec.round_trip)(&p.body, r.version).unwrap_or_else(|e| panic!("{}: {e}", r.name));
        let (read, left) = p.body.split_at(p.body.len() - rest);
        assert_eq!(hex(&again), hex(read), "{} ({})", r.name, r.comment);
        let known = TRAILING.iter().find(|(name, _)| *name == r.name).map_or("", |(_, tail)| tail);
        assert_eq!(hex(left), known, "{}: bytes behind the last field", r.name);
    }
}

#[test]
fn every_cut_is_an_error() {
    for r in recorded() {
        let p = split(&r);
        let (_, rest) = (p.codec.round_trip)(&p.body, r.version).unwrap();
        for cut in 0..p.body.len() - rest {
            let got = (p.codec.decode)(&p.body.slice(..cut), r.version);
            assert!(got.is_err(), "{}: {cut} of {} bytes were enough", r.name, p.body.len());
        }
        for cut in 0..p.header.len() {
            let head = p.header.slice(..cut);
            let mut reader = Reader::new(&head);
            let failed = if r.is_request {
                p.api.read_header(&mut reader, r.version).is_err()
            } else {
                ResponseHeader::decode(&mut reader, p.api.response_header_version(r.version)).is_err()
            };
            assert!(failed, "{}: {cut} bytes of header were enough", r.name);
        }
        for cut in 0..r.frame.len() {
            let mut stream = BytesMut::from(&r.frame[..cut]);
            match frame::cut(&mut stream, 1 << 20) {
                Ok(Cut::Need(n)) => assert!(n > 0 && cut + n <= r.frame.len(), "{}", r.name),
                other => panic!("{} cut at {cut}: {other:?}", r.name),
            }
        }
    }
}

#[test]
fn answers_belong_to_their_requests() {
    let mut pairs: BTreeMap<String, Vec<Recorded>> = BTreeMap::new();
    for r in recorded() {
        let key = r.name.rsplit_once('_').unwrap().0.to_string();
        pairs.entry(key).or_default().push(r);
    }
    for (name, pair) in pairs {
        let [request, response] = &pair[..] else { panic!("{name}: not one request and one response") };
        assert!(request.is_request && !response.is_request);
        assert_eq!(request.frame[8..12], response.frame[4..8], "{name}: correlation id");
    }
}

/// Every API that is served was sent by a client of ours, in the newest version of those that speak it.
#[test]
fn every_served_api_is_here() {
    let seen: BTreeSet<(String, i16)> = recorded().into_iter().map(|r| (r.api, r.version)).collect();
    for key in api::SERVED {
        let api = api::served(*key).unwrap();
        let versions: Vec<i16> =
            seen.iter().filter(|(a, _)| *a == snake(api.name)).map(|(_, v)| *v).collect();
        assert!(!versions.is_empty(), "no frame of {}", api.name);
        assert!(versions.iter().all(|v| api.supports(*v)), "{}: {versions:?}", api.name);
    }
    assert!(seen.len() > 80, "only {} (api, version) pairs", seen.len());
}

/// librdkafka's request for all topics, byte by byte: read as Kafka reads it.
#[test]
fn all_topics_of_librdkafka() {
    use protocol::message::k03_metadata::MetadataRequest;
    let body = Bytes::from(unhex("00000000010000"));
    // Up to version 10 there is one flag more, and what follows reads as an unknown tag without content.
    for (version, left) in [(9, 0), (10, 0), (11, 3), (13, 3)] {
        let mut r = Reader::new(&body);
        let m = MetadataRequest::decode(&mut r, version).unwrap();
        assert_eq!((m.topics, m.allow_auto_topic_creation, r.remaining()), (None, false, left), "v{version}");
    }
}

/// The client id is a classic string in the flexible header too, and may be null.
#[test]
fn the_flexible_header_has_a_classic_client_id() {
    let bytes = Bytes::from(unhex("0012 0003 00000007 0002 6162 00"));
    let h = RequestHeader::decode(&mut Reader::new(&bytes), 2).unwrap();
    assert_eq!((h.correlation_id, h.client_id.as_deref()), (7, Some("ab")));
    let bytes = Bytes::from(unhex("0012 0003 00000007 ffff 00"));
    assert_eq!(RequestHeader::decode(&mut Reader::new(&bytes), 2).unwrap().client_id, None);
}

/// An answer to ApiVersions never has tags in its header, and is read by clients that know nothing yet.
#[test]
fn api_versions_answers_have_the_oldest_header() {
    let api = api::served(18).unwrap();
    for v in 0..=4 {
        assert_eq!(api.response_header_version(v), 0);
    }
    assert_eq!(api::served(3).unwrap().response_header_version(9), 1);
    assert_eq!(api::served(3).unwrap().response_header_version(8), 0);
}

#[test]
fn empty_is_an_error_where_a_field_is_missing() {
    for c in CODECS {
        for v in c.versions.0..=c.versions.1 {
            match (c.round_trip)(&Bytes::new(), v) {
                Err(e) => assert_eq!(e, DecodeError::Truncated, "{} v{v}", c.name),
                // No fields at all: then nothing is written either.
                Ok((out, _)) => assert!(out.is_empty(), "{} v{v}", c.name),
            }
        }
    }
}
