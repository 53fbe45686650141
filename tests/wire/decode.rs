//! Bodies that are not what their header says: cut, with nulls and lengths that lie, with tags without end.

use crate::client::{Client, encode, framed};
use crate::memory;
use crate::requests;
use crate::server::Case;
use bytes::Bytes;
use protocol::message::k03_metadata::MetadataResponse;
use protocol::message::k18_api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use protocol::message::k19_create_topics::CreateTopicsResponse;

/// Bytes of a request by hand: header of a flexible version without client id, then whatever is pushed.
struct Raw(Vec<u8>);

impl Raw {
    fn new(key: i16, version: i16) -> Raw {
        let mut b = Vec::new();
        b.extend(key.to_be_bytes());
        b.extend(version.to_be_bytes());
        b.extend(7i32.to_be_bytes());
        b.extend((-1i16).to_be_bytes());
        if version >= protocol::api::facts(key).unwrap().flexible_from {
            b.push(0);
        }
        Raw(b)
    }
    fn bytes(mut self, b: &[u8]) -> Raw {
        self.0.extend(b);
        self
    }
    /// A compact string.
    fn text(self, s: &[u8]) -> Raw {
        self.uvarint(s.len() as u64 + 1).bytes(s)
    }
    fn uvarint(mut self, mut n: u64) -> Raw {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
        self
    }
}

fn assert_refused(case: &Case, body: &[u8], why: &str) {
    let mut c = Client::connect(case.address());
    c.send_frame(body);
    c.assert_closed(why);
}

#[test]
fn cut_at_every_byte() {
    let case = Case::new(&[]);
    memory::within_mib(8, || {
        for (key, v, body) in requests::all() {
            for at in 0..body.len() {
                // The frame says that this is all: the fields do not fit.
                let mut c = Client::connect(case.address());
                c.send_frame(&body[..at]);
                if key == 18 && at >= 8 && v < 3 {
                    // Nothing but a header, whose last byte is all that can be missing.
                    drop(c.drain_after_end());
                } else {
                    c.assert_closed(&format!("API {key} v{v} cut at {at} of {}", body.len()));
                }
            }
        }
    });
    case.finish();
}

#[test]
fn the_connection_ends_at_any_byte() {
    let case = Case::new(&[]);
    for (_, _, body) in requests::all() {
        let frame = framed(&body);
        for at in (1..frame.len()).step_by(5) {
            let mut c = Client::connect(case.address());
            c.send(&frame[..at]);
            c.finish_sending();
            c.assert_closed("half a request and no more");
        }
    }
    case.finish();
}

#[test]
fn nulls_where_none_is_allowed() {
    let case = Case::new(&[]);
    let nothing: &[(i16, i16, &[u8], &str)] = &[
        (0, 9, &[0, 0, 1, 0, 0, 0, 9, 0, 0], "null topics of Produce"),
        (0, 9, &[0, 0, 1, 0, 0, 0, 9, 2, 0, 1, 0, 0], "a null topic name of Produce"),
        (0, 9, &[0, 0, 1, 0, 0, 0, 9, 2, 2, b't', 0, 0, 0], "null partitions of Produce"),
        (
            1,
            12,
            &[
                255, 255, 255, 255, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 9, 9, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0,
                1, 1, 0,
            ],
            "null topics of Fetch",
        ),
        (2, 6, &[255, 255, 255, 255, 0, 0, 0], "null topics of ListOffsets"),
        (3, 9, &[2, 0, 0, 1, 0, 0, 0], "a null topic name of Metadata"),
        (8, 8, &[0, 0, 0, 0, 1, 1, 0, 1, 0], "a null group of OffsetCommit"),
        (10, 4, &[0, 0, 0], "null keys of FindCoordinator"),
        (10, 4, &[0, 2, 0, 0], "a null key of FindCoordinator"),
        (11, 6, &[0, 0, 0, 9, 9, 0, 0, 9, 9, 1, 0, 1, 1, 0], "a null group of JoinGroup"),
        (12, 4, &[0, 0, 0, 0, 0, 1, 0, 0], "a null group of Heartbeat"),
        (13, 4, &[2, b'g', 0, 0], "null members of LeaveGroup"),
        (14, 4, &[2, b'g', 0, 0, 0, 0, 1, 0, 0, 0], "null assignments of SyncGroup"),
        (15, 5, &[0, 0, 0], "null groups of DescribeGroups"),
        (16, 4, &[0, 0], "null states of ListGroups"),
        (19, 5, &[0, 0, 0, 0, 1, 0, 0], "null topics of CreateTopics"),
        (20, 4, &[0, 0, 0, 0, 1, 0], "null names of DeleteTopics"),
        (21, 2, &[0, 0, 0, 0, 1, 0], "null topics of DeleteRecords"),
        (23, 4, &[255, 255, 255, 255, 0, 0], "null topics of OffsetForLeaderEpoch"),
        (32, 4, &[0, 0, 0, 0], "null resources of DescribeConfigs"),
        (37, 2, &[0, 0, 0, 0, 1, 0, 0], "null topics of CreatePartitions"),
        (42, 2, &[0, 0], "null groups of DeleteGroups"),
        (44, 1, &[0, 0, 0], "null resources of IncrementalAlterConfigs"),
        (55, 0, &[0, 0], "null topics of DescribeQuorum"),
        (75, 0, &[0, 0, 0, 0, 9, 255, 0], "null topics of DescribeTopicPartitions"),
        // Versions with plain lengths: -1.
        (3, 1, &[0, 0, 0, 1, 255, 255], "a null topic name of Metadata 1"),
        (19, 2, &[255, 255, 255, 255, 0, 0, 0, 1, 0], "null topics of CreateTopics 2"),
        (11, 1, &[255, 255, 0, 0, 9, 9, 0, 0, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0], "a null group of JoinGroup 1"),
    ];
    for (key, v, body, why) in nothing {
        assert_refused(&case, &Raw::new(*key, *v).bytes(body).0, why);
    }
    case.finish();
}

#[test]
fn null_and_empty_are_told_apart() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    requests::make_topic(&mut c, "t", 1);
    for (len, topics) in [(0u8, 3), (1, 0)] {
        c.send_frame(&Raw::new(3, 9).bytes(&[len, 0, 0, 0, 0]).0);
        let a: MetadataResponse = c.read_answer(3, 9).unwrap();
        assert_eq!(a.topics.len(), topics, "the bystanders' and ours, or none");
    }
    // librdkafka's request for all topics: a length of four bytes where one is due, so three bytes are left over.
    c.send_frame(&Raw::new(3, 9).bytes(&[0, 0, 0, 0, 1, 1, 1, 0]).0);
    assert!(c.read_answer::<MetadataResponse>(3, 9).is_some());
    drop(c);
    case.finish();
}

#[test]
fn lengths_and_varints_that_overflow() {
    let case = Case::new(&[]);
    memory::within_mib(8, || {
        let tails: &[(&[u8], &str)] = &[
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x01], "a varint of six bytes"),
            (&[0xff, 0xff, 0xff, 0xff, 0x7f], "a varint of more than 32 bits"),
            (&[0xff; 10], "a varint of ten bytes"),
            (&[0xff, 0xff, 0xff, 0xff, 0x0f], "an array of 4 billion"),
            (&[0x81, 0x89, 0x7a], "an array of two million"),
            (&[0x80, 0x80, 0x80, 0x80], "a varint without end"),
            (&[2, 0xff, 0xff, 0xff, 0xff, 0x0f], "a string of 4 GB"),
            (&[2, 0x81, 0x80, 0x02], "a string of 32,768 bytes"),
        ];
        for (tail, why) in tails {
            assert_refused(&case, &Raw::new(3, 9).bytes(tail).0, why);
        }
        for (len, why) in [(i32::MAX, "2 billion topics"), (i32::MIN, "-2 billion topics"), (-2, "-2 topics")]
        {
            assert_refused(&case, &Raw::new(3, 1).bytes(&len.to_be_bytes()).0, why);
        }
        let records = |len: i32| {
            let head = [255, 255, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 1, 0, 0, 0, 0];
            Raw::new(0, 3).bytes(&head).bytes(&len.to_be_bytes()).0
        };
        for len in [i32::MAX, i32::MIN, -2, 1] {
            assert_refused(&case, &records(len), &format!("records of {len} bytes"));
        }
    });
    case.finish();
}

/// `count` unknown tags of two bytes each.
fn tags(count: u64) -> Vec<u8> {
    let mut raw = Raw(Vec::new()).uvarint(count);
    for i in 0..count.min(20) {
        raw = raw.uvarint(1000 + i).uvarint(0);
    }
    raw.0
}

#[test]
fn tags_without_end() {
    let case = Case::new(&[]);
    let header = |tags: &[u8]| {
        let mut b = Raw::new(3, 9).0;
        b.pop();
        b.extend(tags);
        b.extend([1, 0, 0, 0, 0]);
        b
    };
    // The client's own copies of 14 MB are most of it.
    memory::within_mib(90, || {
        // 7,000,000 of them fit below 16 MiB; that many are announced, and there.
        let mut many = Raw(Vec::new()).uvarint(7_000_000).0;
        many.extend([0x05, 0x00].repeat(7_000_000));
        assert_refused(&case, &header(&many), "seven million tags in the header");
        assert_refused(&case, &Raw::new(3, 9).bytes(&[1, 0, 0, 0]).bytes(&many).0, "in the body");
        assert_refused(&case, &header(&tags(20_000_000)), "twenty million that are not there");
    });
    let bad: &[(&[u8], &str)] = &[
        (&[2, 5, 0, 5, 0], "a tag twice"),
        (&[2, 6, 0, 5, 0], "tags out of order"),
        (&[1, 5, 200, 1, 0], "a tag longer than the frame"),
        (&[1, 0xff, 0xff, 0xff, 0xff, 0x7f, 0], "a tag of more than 32 bits"),
    ];
    for (tags, why) in bad {
        assert_refused(&case, &header(tags), why);
        assert_refused(&case, &Raw::new(3, 9).bytes(&[1, 0, 0, 0]).bytes(tags).0, why);
    }
    let mut c = Client::connect(case.address());
    c.send_frame(&header(&[3, 5, 1, 9, 6, 0, 200, 1, 2, 9, 9]));
    assert!(c.read_answer::<MetadataResponse>(3, 9).is_some(), "a few unknown tags are skipped");
    // A header of more than 4 KiB, be it a tag or a client id.
    let fat = Raw(Vec::new()).bytes(&[1, 5]).uvarint(5000).bytes(&[0; 5000]).0;
    assert_refused(&case, &header(&fat), "a header of 5,000 bytes");
    let name = |n: usize| {
        let q = ApiVersionsRequest::default();
        encode(18, 0, 7, Some("x".repeat(n).as_str()), &q)
    };
    assert_refused(&case, &name(5000), "a client id of 5,000 bytes");
    c.send_frame(&name(4000));
    assert!(c.read_answer::<ApiVersionsResponse>(18, 0).is_some());
    drop(c);
    case.finish();
}

/// One topic in CreateTopics 5 with a name of any bytes.
fn create_named(name: &[u8]) -> Vec<u8> {
    let r = Raw::new(19, 5).bytes(&[2]).text(name).bytes(&[0, 0, 0, 1, 0, 1, 1, 1, 0]);
    r.bytes(&[0, 0, 9, 9, 0, 0]).0
}

#[test]
fn names_of_any_bytes() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    let long = [b'x'; 250];
    let longer = vec![b'x'; 0x7fff];
    for bad in [
        &b""[..],
        b".",
        b"..",
        b"a/b",
        b"../../etc/passwd",
        b"a\0b",
        b"a\nb",
        b"a b",
        "käse".as_bytes(),
        "\u{202e}".as_bytes(),
        &long,
        &longer,
    ] {
        c.send_frame(&create_named(bad));
        let a: CreateTopicsResponse = c.read_answer(19, 5).unwrap();
        assert_eq!(a.topics[0].error_code, 17, "{bad:?}");
        let name = std::str::from_utf8(bad).unwrap();
        for create in [true, false] {
            let a: MetadataResponse = c.call(3, 9, &requests::metadata(&[name], create));
            assert_eq!(a.topics[0].error_code, 17, "{bad:?}");
        }
    }
    c.send_frame(&create_named(&long[..249]));
    let a: CreateTopicsResponse = c.read_answer(19, 5).unwrap();
    assert_eq!(a.topics[0].error_code, 0, "249 bytes are allowed");
    for broken in [&b"\xff\xfe"[..], b"\xc0\x80", b"\xed\xa0\x80", &[b'x'; 65536]] {
        assert_refused(&case, &create_named(broken), "a name that is not UTF-8, or of 64 KiB");
    }
    let mut bad_client = Raw::new(18, 0).0;
    bad_client.splice(8..10, [0, 2, 0xff, 0xfe]);
    assert_refused(&case, &bad_client, "a client id that is not UTF-8");
    drop(c);
    case.finish();
}

#[test]
fn more_items_than_any_answer_may_have() {
    let case = Case::new(&[]);
    // 1,000,000 names of eight bytes: the answer would be many times that.
    let many = |n: u64| {
        let mut r = Raw::new(3, 9).uvarint(n + 1).0;
        r.extend(b"\x09xxxxxxxx\x00".repeat(n as usize));
        r.extend([0, 0, 0, 0]);
        Bytes::from(r)
    };
    memory::within_mib(120, || {
        assert_refused(&case, &many(1_000_000), "a million topics of Metadata");
        assert_refused(&case, &many(100_001), "100,001 topics of Metadata");
        let mut c = Client::connect(case.address());
        c.send_frame(&many(100_000));
        let a: MetadataResponse = c.read_answer(3, 9).unwrap();
        assert_eq!(a.topics.len(), 1, "100,000 times the same is answered once");
        // One array in another: 1,000 topics of 1,000 partitions.
        let mut r = Raw::new(2, 6).bytes(&[255, 255, 255, 255, 0]).uvarint(1001).0;
        for _ in 0..1000 {
            r.extend([2, b'x', 0xe9, 0x07]);
            r.extend([0; 17].repeat(1000));
            r.push(0);
        }
        r.push(0);
        assert_refused(&case, &r, "a million partitions of ListOffsets");
    });
    case.finish();
}

#[test]
fn metadata_of_100_000_names() {
    let case = Case::new(&[]);
    memory::within_mib(150, || {
        let names: Vec<String> = (0..100_000).map(|i| format!("topic-{i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut c = Client::connect(case.address());
        let a: MetadataResponse = c.call(3, 12, &requests::metadata(&names, false));
        assert_eq!(a.topics.len(), 100_000);
        assert!(a.topics.iter().all(|t| t.error_code == 3));
    });
    case.finish();
}
