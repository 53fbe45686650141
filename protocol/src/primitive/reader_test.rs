//! Hostile lengths, tags and texts against the reader, and what the writer does with values that do not fit.

use super::{DecodeError, Gap, Reader, Records, Str, Writer};
use bytes::{BufMut, Bytes, BytesMut};

fn written(body: impl FnOnce(&mut Writer<'_>)) -> Bytes {
    let mut out = BytesMut::new();
    body(&mut Writer::new(&mut out, &mut Vec::new()));
    out.freeze()
}

#[test]
fn null_and_empty_are_different() {
    let cases: [(bool, &'static [u8], Option<&str>); 5] = [
        (true, &[0], None),
        (true, &[1], Some("")),
        (true, &[2, b'a'], Some("a")),
        (false, &[0xff, 0xff], None),
        (false, &[0, 0], Some("")),
    ];
    for (flexible, bytes, want) in cases {
        let src = Bytes::from_static(bytes);
        let got = Reader::new(&src).string(flexible).unwrap();
        assert_eq!(got.as_deref(), want);
        assert_eq!(written(|w| w.string(flexible, got.as_ref())), src);
    }
}

#[test]
fn lengths_are_held_against_what_is_left() {
    let refused = |bytes: &[u8], read: &dyn Fn(&mut Reader<'_>) -> Result<(), DecodeError>| {
        read(&mut Reader::new(&Bytes::copy_from_slice(bytes))).unwrap_err()
    };
    let string = |r: &mut Reader<'_>| r.string(false).map(drop);
    let compact = |r: &mut Reader<'_>| r.string(true).map(drop);
    let bytes = |r: &mut Reader<'_>| r.bytes(false).map(drop);
    let array = |r: &mut Reader<'_>| r.array(false, 4, |r| r.i32()).map(drop);
    assert_eq!(refused(&[0, 2, b'a'], &string), DecodeError::BadLength);
    assert_eq!(refused(&[0xff, 0xfe, b'a'], &string), DecodeError::BadLength, "-2");
    assert_eq!(refused(&[0, 1, 0xc3], &string), DecodeError::NotUtf8);
    assert_eq!(refused(&[0xff, 0xff, 0xff, 0xff, 0x0f], &compact), DecodeError::BadLength);
    assert_eq!(refused(&[0x7f, 0xff, 0xff, 0xff], &bytes), DecodeError::BadLength);
    assert_eq!(refused(&[0x80, 0, 0, 0], &bytes), DecodeError::BadLength);
    assert_eq!(refused(&[0, 0, 0, 2, 0, 0, 0, 1, 0, 0], &array), DecodeError::BadLength);
    assert_eq!(refused(&[0xff, 0xff, 0xff, 0xfe], &array), DecodeError::BadLength);
    assert_eq!(refused(&[0, 0, 0], &array), DecodeError::Truncated);
}

/// Kafka refuses strings above 32,767 bytes in the compact form too: the classic form could not carry them on.
#[test]
fn a_string_is_at_most_32767_bytes() {
    for (len, fits) in [(32_767usize, true), (32_768, false), (65_536, false)] {
        let mut b = BytesMut::new();
        super::put_uvarint(&mut b, len as u32 + 1);
        b.put_bytes(b'a', len);
        let got = Reader::new(&b.freeze()).string(true);
        assert_eq!(got.is_ok(), fits, "{len}");
        if !fits {
            assert_eq!(got, Err(DecodeError::BadLength));
        }
    }
}

/// Whatever text a handler makes, the frame stays readable: it is cut at a character.
#[test]
fn a_text_too_long_for_the_wire_is_cut() {
    let text = Str::from("x".to_string() + &"é".repeat(20_000));
    for flexible in [false, true] {
        let b = written(|w| {
            w.string(flexible, Some(&text));
            w.i32(7);
        });
        let mut r = Reader::new(&b);
        let back = r.string(flexible).unwrap().unwrap();
        assert_eq!((back.len(), r.i32(), r.remaining()), (32_767, Ok(7), 0));
        assert!(text.starts_with(back.as_str()));
    }
}

#[test]
fn arrays_stay_in_the_budget() {
    struct Wide(#[expect(dead_code, reason = "only its size matters")] [u64; 32]);
    let wide = |r: &mut Reader<'_>| {
        r.i8()?;
        Ok(Wide([0; 32]))
    };
    let mut b = BytesMut::new();
    b.put_i32(100_000);
    b.put_bytes(0, 100_000);
    assert_eq!(Reader::new(&b.freeze()).array(false, 1, wide).err(), Some(DecodeError::TooBig));
    // Nested ones share one budget: each is small, together they are not.
    let mut b = BytesMut::new();
    b.put_i32(1_000);
    (0..1_000).for_each(|_| {
        b.put_i32(100);
        b.put_bytes(0, 100);
    });
    let nested = Reader::new(&b.freeze())
        .array(false, 4, |r| r.array(false, 1, wide)?.ok_or(DecodeError::NullNotAllowed))
        .err();
    assert_eq!(nested, Some(DecodeError::TooBig));
    // And no frame is large enough for more than a million items.
    let mut b = BytesMut::new();
    b.put_i32(1_000_001);
    b.put_bytes(0, 1_000_001);
    assert_eq!(Reader::new(&b.freeze()).array(false, 1, |r| r.i8()).err(), Some(DecodeError::BadLength));
}

#[test]
fn decoded_memory_has_a_ceiling() {
    // 900,000 items of 100 bytes from a frame whose size alone would allow them.
    let mut frame = 900_000u32.to_be_bytes().to_vec();
    frame.resize(12 << 20, 0);
    let frame = Bytes::from(frame);
    let items = Reader::new(&frame).array(false, 1, |r| r.i8().map(|_| [0u8; 100]));
    assert_eq!(items.err(), Some(DecodeError::TooBig));
}

#[test]
fn tags_are_ascending_bounded_and_skipped_unread() {
    let section = |bytes: &[u8]| {
        let src = Bytes::copy_from_slice(bytes);
        let mut r = Reader::new(&src);
        r.skip_tags().map(|()| r.remaining())
    };
    assert_eq!(section(&[0, 9]), Ok(1));
    assert_eq!(section(&[2, 1, 1, 0xaa, 5, 0, 9]), Ok(1));
    assert_eq!(section(&[2, 5, 0, 1, 0]), Err(DecodeError::BadTags), "out of order");
    assert_eq!(section(&[2, 5, 0, 5, 0]), Err(DecodeError::BadTags), "twice");
    assert_eq!(section(&[1, 5, 2, 0]), Err(DecodeError::BadLength), "size past the end");
    assert_eq!(section(&[1, 5]), Err(DecodeError::Truncated));
    assert_eq!(section(&[0x80, 0x80, 0x80, 0x80, 0x80, 1]), Err(DecodeError::BadVarint));
    let mut many = vec![65];
    (0..65).for_each(|t| many.extend([t, 0]));
    assert_eq!(section(&many), Err(DecodeError::BadTags), "65 tags");
    many[0] = 64;
    assert_eq!(section(&many), Ok(2));
    // 20 million: refused by the count, before the first is read.
    assert_eq!(section(&[0x80, 0xda, 0xc4, 0x09]), Err(DecodeError::BadTags));
}

#[test]
fn a_tagged_field_ends_where_it_says() {
    let field = |bytes: &'static [u8]| {
        let src = Bytes::from_static(bytes);
        let mut r = Reader::new(&src);
        let mut got = None;
        r.tags(|r, tag| {
            got = Some((tag, r.i32()?));
            Ok(true)
        })
        .map(|()| (got, r.remaining()))
    };
    assert_eq!(field(&[1, 3, 4, 0, 0, 0, 7]), Ok((Some((3, 7)), 0)));
    // A newer client may write more into it than we know.
    assert_eq!(field(&[1, 3, 6, 0, 0, 0, 7, 1, 2, 9]), Ok((Some((3, 7)), 1)));
    // It may not take its bytes from what follows.
    assert_eq!(field(&[1, 3, 2, 0, 0, 0, 7]), Err(DecodeError::Truncated));
}

#[test]
fn a_tag_grows_its_size_field() {
    for len in [0usize, 126, 127, 128, 20_000] {
        let body = Bytes::from(vec![7u8; len]);
        let b = written(|w| {
            w.uvarint(1);
            w.tag(2, |w| w.bytes(true, Some(&body)));
        });
        let mut back = None;
        let mut r = Reader::new(&b);
        r.tags(|r, _| {
            back = r.bytes(true)?;
            Ok(true)
        })
        .unwrap();
        assert_eq!((back, r.remaining()), (Some(body), 0));
    }
}

#[test]
fn external_records_leave_a_gap_and_count_in_the_length() {
    let (mut out, mut gaps) = (BytesMut::new(), Vec::new());
    let mut w = Writer::new(&mut out, &mut gaps);
    w.records(true, Some(&Records::External { len: 300, slot: 4 }));
    w.records(false, Some(&Records::External { len: 0, slot: 5 }));
    w.records(false, None);
    assert_eq!(out[..], [0xad, 0x02, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(gaps, [Gap { at: 2, slot: 4, len: 300 }]);
}

#[test]
fn any_nonzero_byte_is_true() {
    let src = Bytes::from_static(&[0, 1, 2, 0xff]);
    let mut r = Reader::new(&src);
    assert_eq!([r.bool(), r.bool(), r.bool(), r.bool()], [Ok(false), Ok(true), Ok(true), Ok(true)]);
    assert_eq!(r.bool(), Err(DecodeError::Truncated));
}
