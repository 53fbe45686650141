//! Cuts length-prefixed frames out of a byte stream, without IO.
//!
//! Invariants: a size is checked against the limit before anything waits for it; bytes that look like TLS, HTTP
//! or SSH are named, since their first bytes read as an absurd length. Called by the broker's connection.

use bytes::{Buf, Bytes, BytesMut};

#[derive(Debug, PartialEq, Eq)]
pub enum Cut {
    Frame(Bytes),
    /// At least this many more bytes are needed.
    Need(usize),
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("frame of {size} bytes is larger than socket.request.max.bytes ({max})")]
    TooLarge { size: i64, max: usize },
    #[error("negative or empty frame ({0} bytes)")]
    BadSize(i32),
    #[error("these bytes are {0}, not Kafka's protocol")]
    Foreign(&'static str),
}

/// Takes the next frame, without its length, out of `buf`.
pub fn cut(buf: &mut BytesMut, max: usize) -> Result<Cut, FrameError> {
    let Some(head) = buf.first_chunk::<4>() else { return Ok(Cut::Need(4 - buf.len())) };
    let size = i32::from_be_bytes(*head);
    // A request is at least a header of 8 bytes.
    if size < 8 {
        return Err(FrameError::BadSize(size));
    }
    let len = size as usize;
    if len > max {
        return Err(foreign(head).unwrap_or(FrameError::TooLarge { size: size.into(), max }));
    }
    if buf.len() < 4 + len {
        return Ok(Cut::Need(4 + len - buf.len()));
    }
    buf.advance(4);
    Ok(Cut::Frame(buf.split_to(len).freeze()))
}

fn foreign(head: &[u8; 4]) -> Option<FrameError> {
    match head {
        [0x16, 0x03, ..] => Some(FrameError::Foreign("TLS")),
        b"GET " | b"POST" | b"HEAD" | b"PUT " => Some(FrameError::Foreign("HTTP")),
        b"SSH-" => Some(FrameError::Foreign("SSH")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_and_waits() {
        let mut b = BytesMut::from(&[0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0][..]);
        assert_eq!(cut(&mut b, 100), Ok(Cut::Frame(Bytes::from_static(&[1, 2, 3, 4, 5, 6, 7, 8]))));
        assert_eq!(cut(&mut b, 100), Ok(Cut::Need(2)));
    }

    #[test]
    fn refuses_hostile_sizes() {
        let mut b = BytesMut::from(&[0x7f, 0xff, 0xff, 0xff][..]);
        assert!(matches!(cut(&mut b, 100), Err(FrameError::TooLarge { size: 0x7fff_ffff, max: 100 })));
        let mut b = BytesMut::from(&[0xff; 4][..]);
        assert_eq!(cut(&mut b, 100), Err(FrameError::BadSize(-1)));
        let mut b = BytesMut::from(&[0; 4][..]);
        assert_eq!(cut(&mut b, 100), Err(FrameError::BadSize(0)));
        let mut b = BytesMut::from(&[0x16, 3, 1, 0][..]);
        assert_eq!(cut(&mut b, 100), Err(FrameError::Foreign("TLS")));
    }
}
