//! Record batches that lie, and codecs that unpack to more than anybody may hold.

use crate::client::Client;
use crate::memory;
use crate::requests::{self, batch, compressed, configured, create, list_offsets, produce};
use crate::server::Case;
use bytes::Bytes;
use protocol::message::k00_produce::ProduceResponse;
use protocol::message::k02_list_offsets::ListOffsetsResponse;
use protocol::message::k19_create_topics::CreateTopicsResponse;
use protocol::records::{BatchBuilder, Codec, NewRecord};

fn fix_crc(b: &mut [u8]) {
    let crc = crc_of(&b[21..]);
    b[17..21].copy_from_slice(&crc.to_be_bytes());
}

/// CRC-32C by the book, so that a test depends on nobody's crate.
fn crc_of(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for b in bytes {
        crc ^= u32::from(*b);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
        }
    }
    !crc
}

/// `good` with `bytes` at `at` and a CRC that covers it.
fn bent(good: &Bytes, at: usize, bytes: &[u8]) -> Bytes {
    let mut b = good.to_vec();
    b[at..at + bytes.len()].copy_from_slice(bytes);
    fix_crc(&mut b);
    Bytes::from(b)
}

fn send(c: &mut Client, topic: &str, records: Bytes, acks: i16) -> (i16, i64) {
    let a: ProduceResponse = c.call(0, 9, &produce(topic, 0, records, acks));
    let p = &a.responses[0].partition_responses[0];
    (p.error_code, p.base_offset)
}

fn look_up(c: &mut Client, topic: &str, timestamp: i64) -> (i16, i64) {
    let a: ListOffsetsResponse = c.call(2, 7, &list_offsets(topic, timestamp));
    let p = &a.topics[0].partitions[0];
    (p.error_code, p.offset)
}

fn make(c: &mut Client, topic: &str, configs: &[(&str, &str)]) {
    let a: CreateTopicsResponse = c.call(19, 7, &create(vec![configured(topic, configs)]));
    assert_eq!(a.topics[0].error_code, 0, "{:?}", a.topics[0].error_message);
}

/// A batch whose body is `body` as it stands, under the name of `codec`.
fn packed(codec: Codec, body: &[u8], count: i32) -> Bytes {
    let mut b = batch(&[b""])[..61].to_vec();
    b.extend_from_slice(body);
    let len = (b.len() - 12) as i32;
    b[8..12].copy_from_slice(&len.to_be_bytes());
    b[22] = codec.bits() as u8;
    b[23..27].copy_from_slice(&(count - 1).to_be_bytes());
    b[57..61].copy_from_slice(&count.to_be_bytes());
    fix_crc(&mut b);
    Bytes::from(b)
}

#[test]
fn batches_that_lie() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make(&mut c, "t", &[]);
    let good = batch(&[b"one", b"two", b"three"]);
    let mut bad_crc = good.to_vec();
    bad_crc[70] ^= 1;
    let mut trailing = good.to_vec();
    trailing.push(0);
    let lies: Vec<(Bytes, i16, &str)> = vec![
        (Bytes::new(), 87, "no batch"),
        (good.slice(..60), 2, "half a header"),
        (good.slice(..good.len() - 1), 2, "a byte is missing"),
        (Bytes::from(trailing), 87, "a byte too many"),
        (Bytes::from([&good[..], &good[..]].concat()), 87, "two batches"),
        (Bytes::from(bad_crc), 2, "a wrong CRC"),
        (bent(&good, 16, &[0]), 87, "magic 0"),
        (bent(&good, 16, &[1]), 87, "magic 1"),
        (bent(&good, 16, &[9]), 87, "magic 9"),
        (bent(&good, 8, &0i32.to_be_bytes()), 2, "length 0"),
        (bent(&good, 8, &(-1i32).to_be_bytes()), 2, "length -1"),
        (bent(&good, 8, &i32::MAX.to_be_bytes()), 2, "length 2^31-1"),
        (bent(&good, 23, &7i32.to_be_bytes()), 87, "last offset delta 7 of 3"),
        (bent(&good, 23, &(-1i32).to_be_bytes()), 87, "last offset delta -1"),
        (bent(&good, 57, &0i32.to_be_bytes()), 87, "count 0"),
        (bent(&good, 57, &(-1i32).to_be_bytes()), 87, "count -1"),
        (bent(&good, 57, &i32::MAX.to_be_bytes()), 87, "count 2^31-1"),
        (bent(&good, 22, &[0x20]), 87, "a control batch"),
        (bent(&good, 22, &[0x10]), 87, "transactional without a producer id"),
        (bent(&good, 22, &[0x08]), 32, "log append time"),
        (bent(&good, 22, &[5]), 76, "codec 5"),
        (bent(&good, 22, &[7]), 76, "codec 7"),
        (bent(&good, 0, &5i64.to_be_bytes()), 87, "base offset 5"),
        (bent(&good, 0, &i64::MIN.to_be_bytes()), 87, "base offset -2^63"),
        (bent(&good, 43, &5i64.to_be_bytes()), 87, "a producer without a sequence"),
        (bent(&good, 61, &[0x7f]), 87, "a record longer than the batch"),
        (bent(&good, 61, &[0xff, 0xff, 0xff, 0xff, 0x0f]), 87, "a record of -2^31 bytes"),
        (bent(&good, 61, &[0xff; 10]), 87, "a varint without end"),
        (packed(Codec::None, &[0; 40], 3), 87, "empty records"),
    ];
    for (records, code, why) in &lies {
        for acks in [1, -1] {
            assert_eq!(send(&mut c, "t", records.clone(), acks), (*code, -1), "{why}, acks={acks}");
        }
    }
    assert_eq!(look_up(&mut c, "t", -1), (0, 0), "none of them is in the log");
    assert_eq!(send(&mut c, "t", good, -1), (0, 0));
    // acks that do not exist.
    for acks in [-2, 2, i16::MIN, i16::MAX] {
        assert_eq!(send(&mut c, "t", batch(&[b"x"]), acks).0, 21, "acks={acks}");
    }
    drop(c);
    case.finish();
}

#[test]
fn a_batch_larger_than_allowed() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make(&mut c, "t", &[("max.message.bytes", "1000")]);
    assert_eq!(send(&mut c, "t", batch(&[&[7; 2000]]), -1).0, 10);
    assert_eq!(send(&mut c, "t", batch(&[&[7; 500]]), -1), (0, 0));
    // 2 MiB against the default of 1 MiB.
    make(&mut c, "u", &[]);
    assert_eq!(send(&mut c, "u", batch(&[&vec![7; 2 << 20]]), -1).0, 10);
    drop(c);
    case.finish();
}

#[test]
fn timestamps_at_the_ends_of_time() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make(&mut c, "t", &[("message.timestamp.after.max.ms", "9223372036854775807")]);
    make(&mut c, "u", &[]);
    let good = batch(&[b"x"]);
    let at = |max: i64| bent(&good, 35, &max.to_be_bytes());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    // By default as Kafka does: an hour ahead and no more.
    assert_eq!(send(&mut c, "u", at(now + 4_000_000), -1), (32, -1));
    assert_eq!(send(&mut c, "u", at(i64::MAX), -1), (32, -1));
    assert_eq!(send(&mut c, "u", at(now + 3_000_000), -1), (0, 0));
    for (i, (base, max)) in
        [(-1i64, -1i64), (i64::MAX, i64::MAX), (i64::MIN, i64::MIN), (0, i64::MAX)].into_iter().enumerate()
    {
        let b = bent(&bent(&good, 27, &base.to_be_bytes()), 35, &max.to_be_bytes());
        assert_eq!(send(&mut c, "t", b, -1), (0, i as i64));
    }
    for t in [0, 1, i64::MAX, -3, i64::MAX - 1] {
        assert_eq!(look_up(&mut c, "t", t).0, 0, "{t}");
    }
    for t in [-7, i64::MIN] {
        assert_eq!(look_up(&mut c, "t", t).0, 35, "{t}");
    }
    drop(c);
    case.finish();
}

#[test]
fn sequences_wrap_and_epochs_do_not_go_back() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make(&mut c, "t", &[]);
    let of = |epoch: i16, sequence: i32| {
        let mut b = BatchBuilder::new(Codec::None).producer(9, epoch, sequence);
        for _ in 0..2 {
            b.push(NewRecord { value: Some(b"x"), ..NewRecord::default() });
        }
        b.finish().unwrap()
    };
    assert_eq!(send(&mut c, "t", of(3, i32::MAX), -1), (0, 0), "2^31-1, then 0");
    assert_eq!(send(&mut c, "t", of(3, 1), -1), (0, 2));
    assert_eq!(send(&mut c, "t", of(3, 1), -1), (0, 2), "again: the first answer");
    assert_eq!(send(&mut c, "t", of(3, i32::MAX), -1), (0, 0), "an older one again");
    assert_eq!(send(&mut c, "t", of(3, 7), -1).0, 45);
    assert_eq!(send(&mut c, "t", of(2, 0), -1).0, 47);
    assert_eq!(send(&mut c, "t", of(i16::MAX, 5), -1).0, 45);
    assert_eq!(send(&mut c, "t", of(i16::MAX, 0), -1), (0, 4));
    assert_eq!(send(&mut c, "t", of(-1, 0), -1).0, 87);
    assert_eq!(send(&mut c, "t", of(3, -2), -1).0, 87);
    drop(c);
    case.finish();
}

/// Bodies that are small and claim, or unpack to, very much.
fn bombs() -> Vec<(Codec, Vec<u8>, &'static str)> {
    let zeros = vec![0u8; 300 << 20];
    let once = Codec::Zstd.compress(&zeros).unwrap();
    let mut out = vec![(Codec::Zstd, once.clone(), "300 MiB of zeros in zstd")];
    out.push((Codec::Gzip, Codec::Gzip.compress(&zeros[..80 << 20]).unwrap(), "80 MiB of zeros in gzip"));
    out.push((Codec::Lz4, Codec::Lz4.compress(&zeros[..100 << 20]).unwrap(), "100 MiB of zeros in lz4"));
    out.push((Codec::Zstd, Codec::Zstd.compress(&once).unwrap(), "zstd in zstd"));
    out.push((Codec::Gzip, once, "zstd that is called gzip"));
    // Raw snappy that claims 4 GiB; xerial blocks that claim the same, a negative length, and no block at all.
    out.push((Codec::Snappy, vec![0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0], "snappy of 4 GiB"));
    let xerial = |tail: &[u8]| [b"\x82SNAPPY\x00\0\0\0\x01\0\0\0\x01", tail].concat();
    out.push((Codec::Snappy, xerial(&[0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]), "a xerial block of 4 GiB"));
    out.push((Codec::Snappy, xerial(&[0x7f, 0xff, 0xff, 0xff]), "a xerial length of 2 GiB"));
    out.push((Codec::Snappy, xerial(&[0xff, 0xff, 0xff, 0xff]), "a xerial length of -1"));
    out.push((Codec::Snappy, b"\x82SNAPPY\x00\0\0".to_vec(), "half a xerial header"));
    // Zstandard's legacy magic (0.7), and a frame header that claims 2^62 bytes.
    out.push((Codec::Zstd, vec![0x27, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0], "legacy zstd"));
    let claims = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x40, 1, 0, 0];
    out.push((Codec::Zstd, claims.to_vec(), "zstd that claims 2^62 bytes"));
    out.push((Codec::Lz4, vec![4, 0x22, 0x4d, 0x18, 0x7f, 0x7f, 0x7f], "a bad lz4 header"));
    out.push((Codec::Gzip, vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0], "gzip without a body"));
    out.push((Codec::Zstd, Vec::new(), "nothing at all"));
    out
}

/// Packed records with bytes behind them that belong to nothing.
fn with_junk(codec: Codec) -> Bytes {
    let plain = batch(&[b"x"]).slice(61..);
    let mut body = codec.compress(&plain).unwrap();
    body.extend([0xde, 0xad, 0xbe, 0xef, 1, 2, 3]);
    packed(codec, &body, 1)
}

#[test]
fn bombs_are_refused_where_they_are_looked_into() {
    let bombs = bombs();
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make(&mut c, "t", &[("produce.validate", "full")]);
    // 64 MiB may come out of one batch, and the buffer may double once.
    memory::within_mib(160, || {
        for (codec, body, why) in &bombs {
            assert_eq!(send(&mut c, "t", packed(*codec, body, 1), -1), (87, -1), "{why}");
        }
    });
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        // More records than there are, fewer than there are, and junk behind them.
        let good = compressed(codec, &[b"one", b"two"]);
        for count in [1, 3, 1_000_000] {
            let body = good.slice(61..);
            assert_eq!(send(&mut c, "t", packed(codec, &body, count), -1).0, 87, "{codec:?} of {count}");
        }
        let (code, offset) = send(&mut c, "t", with_junk(codec), -1);
        assert!(code == 87 || (code == 0 && offset >= 0), "{codec:?}: {code}");
    }
    let end = look_up(&mut c, "t", -1).1;
    assert_eq!(send(&mut c, "t", compressed(Codec::Zstd, &[b"fine"]), -1), (0, end));
    drop(c);
    case.finish();
}

#[test]
fn bombs_in_the_log_are_found_by_who_looks() {
    let bombs = bombs();
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    // Header and CRC are right, and nobody looks further when it is produced.
    for (i, (codec, body, why)) in bombs.iter().enumerate() {
        let topic = format!("t{i}");
        make(&mut c, &topic, &[]);
        assert_eq!(send(&mut c, &topic, packed(*codec, body, 1), -1), (0, 0), "{why}");
    }
    memory::within_mib(160, || {
        for (i, (_, _, why)) in bombs.iter().enumerate() {
            for t in [0, -3] {
                assert_eq!(look_up(&mut c, &format!("t{i}"), t), (2, -1), "{why}");
            }
        }
    });
    // Many at once: searches are few at a time, whatever is asked.
    memory::within_mib(700, || {
        let clients: Vec<Client> = (0..24)
            .map(|_| {
                let mut c = Client::connect(case.address());
                c.send_request(2, 7, &list_offsets("t0", 0));
                c
            })
            .collect();
        for mut c in clients {
            let a: ListOffsetsResponse = c.read_answer(2, 7).unwrap();
            assert_eq!(a.topics[0].partitions[0].error_code, 2);
        }
    });
    // What is stored is served as it is.
    let f: protocol::message::k01_fetch::FetchResponse = c.call(1, 12, &requests::fetch("t0", 0));
    assert_eq!(f.responses[0].partitions[0].error_code, 0);
    drop(c);
    case.finish();
}

#[test]
fn a_record_with_too_many_headers() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make(&mut c, "t", &[]);
    let headers: Vec<(&str, Option<&[u8]>)> = vec![("h", None); 100_000];
    let mut b = BatchBuilder::new(Codec::None);
    b.push(NewRecord { value: Some(b"x"), headers: &headers, ..NewRecord::default() });
    let (code, _) = send(&mut c, "t", b.finish().unwrap(), -1);
    assert_eq!(code, 87);
    let mut b = BatchBuilder::new(Codec::None);
    b.push(NewRecord { value: Some(b"x"), headers: &headers[..1000], ..NewRecord::default() });
    assert_eq!(send(&mut c, "t", b.finish().unwrap(), -1), (0, 0));
    drop(c);
    case.finish();
}

#[test]
fn the_same_partition_many_times() {
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    make(&mut c, "t", &[]);
    let mut q = produce("t", 0, batch(&[b"x"]), -1);
    let one = q.topic_data[0].partition_data[0].clone();
    q.topic_data[0].partition_data = vec![one.clone(); 10_000];
    memory::within_mib(40, || {
        let a: ProduceResponse = c.call(0, 9, &q);
        let parts = &a.responses[0].partition_responses;
        assert_eq!(parts.len(), 10_000);
        assert!(parts.iter().enumerate().all(|(i, p)| (p.error_code, p.base_offset) == (0, i as i64)));
        q.topic_data[0].partition_data = vec![one; 20_001];
        c.send_request(0, 9, &q);
        c.assert_closed("more partitions than a produce may have");
    });
    case.finish();
}
