//! Lengths that lie, frames that never end, foreign protocols, API keys and versions that do not exist, clients
//! that do not read.

use crate::client::{Client, encode, framed, until};
use crate::memory;
use crate::requests;
use crate::server::Case;
use protocol::message::k18_api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use std::io::Write;

fn api_versions(v: i16, name: &str) -> bytes::Bytes {
    let q = ApiVersionsRequest { client_software_name: name.into(), client_software_version: "1".into() };
    encode(18, v, 7, Some("wire"), &q)
}

#[test]
fn lengths_that_lie() {
    let case = Case::new(&[]);
    memory::within_mib(10, || {
        for len in [0i32, -1, i32::MIN, i32::MAX, 7, 100 * 1024 * 1024 + 1] {
            let mut c = Client::connect(case.address());
            c.send(&len.to_be_bytes());
            c.assert_closed(&format!("a frame of {len} bytes"));
        }
        // Too large for anything but Produce, which is known once the API key is there.
        let mut c = Client::connect(case.address());
        c.send(&(17i32 << 20).to_be_bytes());
        c.send(&3i16.to_be_bytes());
        c.assert_closed("17 MiB of Metadata");
        // A length, or a part of one, and then the end.
        for bytes in [&[0u8][..], &[0, 0, 0], &[0, 0, 0, 9], &[0, 0, 0, 9, 0, 18, 0]] {
            let mut c = Client::connect(case.address());
            c.send(bytes);
            c.finish_sending();
            c.assert_closed("half a frame");
        }
        // A length alone costs nothing, however large.
        let all: Vec<Client> = (0..50)
            .map(|_| {
                let mut c = Client::connect(case.address());
                c.send(&(100i32 << 20).to_be_bytes());
                c.send(&[0, 0]);
                c
            })
            .collect();
        until("all are read", || case.server.net.memory.used() >= 50 * 64 * 1024);
        drop(all);
    });
    case.finish();
}

#[test]
fn a_large_frame_takes_what_arrived() {
    let case = Case::new(&[]);
    // 100 MiB are announced, 3 MiB come: the buffer has at most doubled behind them.
    memory::within_mib(16, || {
        let mut c = Client::connect(case.address());
        c.send(&(100i32 << 20).to_be_bytes());
        c.send(&[0, 0]);
        c.send(&vec![0; 3 << 20]);
        until("they are read", || case.server.net.memory.used() >= 3 << 20);
        assert!(case.server.net.memory.used() <= 8 << 20);
    });
    case.finish();
}

#[test]
fn a_byte_at_a_time() {
    let case = Case::new(&[]);
    // Slow, but whole: that is fine.
    let mut c = Client::connect(case.address());
    for b in framed(&api_versions(3, "wire")) {
        c.send(&[b]);
    }
    assert!(c.read_answer::<ApiVersionsResponse>(18, 3).is_some());
    drop(c);
    case.finish();
}

#[test]
fn foreign_protocols() {
    let case = Case::new(&[]);
    for hello in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /topics/x HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x80\x00\x00\x00 a negative length",
        b"*1\r\n$4\r\nPING\r\n",
    ] {
        let mut c = Client::connect(case.address());
        c.send(hello);
        c.assert_closed("another protocol");
    }
    case.finish();
}

#[test]
fn keys_and_versions_that_are_not_served() {
    let case = Case::new(&[]);
    for key in [-1i16, 4, 5, 6, 7, 17, 24, 26, 36, 52, 56, 62, 93, 1000, 32767, i16::MIN] {
        let mut c = Client::connect(case.address());
        let mut body = api_versions(0, "").to_vec();
        body[..2].copy_from_slice(&key.to_be_bytes());
        c.send_frame(&body);
        c.assert_closed(&format!("API key {key}"));
    }
    for (key, v, body) in requests::all() {
        let api = protocol::api::served(key).unwrap();
        for wrong in [v - 1, v + 1, i16::MAX, i16::MIN] {
            if key == 18 || (api.min..=api.max).contains(&wrong) {
                continue;
            }
            let mut c = Client::connect(case.address());
            let mut bent = body.to_vec();
            bent[2..4].copy_from_slice(&wrong.to_be_bytes());
            c.send_frame(&bent);
            c.assert_closed(&format!("{} v{wrong}", api.name));
        }
    }
    case.finish();
}

#[test]
fn api_versions_is_always_answered() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    for v in [5i16, 99, i16::MAX, -1, i16::MIN] {
        // The body of an unknown version means nothing to us, and is not read.
        let mut body = api_versions(4, "wire").to_vec();
        body[2..4].copy_from_slice(&v.to_be_bytes());
        body.extend_from_slice(&[0xff; 50]);
        c.send_frame(&body);
        let a: ApiVersionsResponse = c.read_answer(18, 0).unwrap();
        assert_eq!((a.error_code, a.api_keys.len()), (35, 1));
        assert_eq!((a.api_keys[0].api_key, a.api_keys[0].max_version), (18, 4));
    }
    // A name that is none is refused, and the connection goes on.
    for bad in ["", "-x", "a b", "x\n", "käse"] {
        c.send_frame(&api_versions(3, bad));
        let a: ApiVersionsResponse = c.read_answer(18, 3).unwrap();
        assert_eq!(a.error_code, 42, "{bad:?}");
    }
    c.send_frame(&api_versions(3, "wire"));
    let a: ApiVersionsResponse = c.read_answer(18, 3).unwrap();
    assert_eq!((a.error_code, a.api_keys.len()), (0, protocol::api::SERVED.len()));
    drop(c);
    case.finish();
}

#[test]
fn answers_before_a_broken_frame_still_leave() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    requests::make_topic(&mut c, "t", 1);
    let mut bytes = Vec::new();
    // The first waits for a sync, the second for the first.
    let p = requests::produce("t", 0, requests::batch(&[b"x"]), -1);
    bytes.extend(framed(&encode(0, 9, 7, None, &p)));
    bytes.extend(framed(&api_versions(3, "wire")));
    bytes.extend((-1i32).to_be_bytes());
    bytes.extend(framed(&api_versions(3, "wire")));
    c.send(&bytes);
    let a: protocol::message::k00_produce::ProduceResponse = c.read_answer(0, 9).unwrap();
    assert_eq!(a.responses[0].partition_responses[0].error_code, 0);
    assert!(c.read_answer::<ApiVersionsResponse>(18, 3).is_some());
    c.assert_closed("what follows a broken frame");
    case.finish();
}

#[test]
fn acks_0_tells_of_an_error_by_closing() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    requests::make_topic(&mut c, "t", 1);
    c.send_request(0, 9, &requests::produce("t", 0, requests::batch(&[b"x"]), 0));
    c.send_frame(&api_versions(3, "wire"));
    assert!(c.read_answer::<ApiVersionsResponse>(18, 3).is_some(), "no answer to the produce");
    c.send_request(0, 9, &requests::produce("t", 7, requests::batch(&[b"x"]), 0));
    c.assert_closed("acks=0 to a partition that is not there");
    case.finish();
}

/// Sends 100,000 requests and reads nothing; what the broker holds is bounded, and nothing is lost when the client
/// reads at last.
#[test]
fn a_client_that_does_not_read() {
    const REQUESTS: usize = 100_000;
    let case = Case::new(&[]);
    memory::within_mib(24, || {
        let mut c = Client::connect(case.address());
        let request = framed(&api_versions(3, "wire"));
        let mut sender = c.stream.try_clone().unwrap();
        let sending = std::thread::spawn(move || {
            let chunk = request.repeat(1000);
            for _ in 0..REQUESTS / 1000 {
                sender.write_all(&chunk).unwrap();
            }
        });
        // The broker stops reading: its answers and the sockets' buffers are full.
        until("the broker holds back", || case.server.net.memory.used() >= lipno::limits::UNSENT_BYTES_MAX);
        assert!(case.server.net.memory.used() <= 2 * lipno::limits::UNSENT_BYTES_MAX);
        for _ in 0..REQUESTS {
            assert!(c.read_answer::<ApiVersionsResponse>(18, 3).is_some());
        }
        sending.join().unwrap();
    });
    case.finish();
}

/// The same with answers that wait behind one that cannot leave yet.
#[test]
fn answers_behind_one_that_waits() {
    let case = Case::new(&[]);
    memory::within_mib(24, || {
        let mut c = Client::connect(case.address());
        let mut other = Client::connect(case.address());
        requests::make_topic(&mut other, "t", 1);
        let mut sender = c.stream.try_clone().unwrap();
        // A long poll for a record that comes late.
        sender.write_all(&framed(&encode(1, 12, 7, None, &requests::fetch("t", 0)))).unwrap();
        let sending = std::thread::spawn(move || {
            let chunk = framed(&api_versions(3, "wire")).repeat(1000);
            for _ in 0..50 {
                sender.write_all(&chunk).unwrap();
            }
        });
        let p = requests::produce("t", 0, requests::batch(&[b"late"]), -1);
        let _: protocol::message::k00_produce::ProduceResponse = other.call(0, 9, &p);
        let f: protocol::message::k01_fetch::FetchResponse = c.read_answer(1, 12).unwrap();
        assert_eq!(f.responses[0].partitions[0].high_watermark, 1);
        for _ in 0..50_000 {
            assert!(c.read_answer::<ApiVersionsResponse>(18, 3).is_some());
        }
        sending.join().unwrap();
    });
    case.finish();
}
