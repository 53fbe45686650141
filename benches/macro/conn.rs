//! A blocking connection that speaks Kafka's frames, cheap enough that one core of client can fill a broker.
//!
//! Invariants: one write per request and as few reads as the kernel allows; the read buffer is reused, so the
//! steady state allocates nothing; every read ends after `TIMEOUT`, so a dead broker never hangs a benchmark.

use crate::wire;
use protocol::Message;
use protocol::message::k18_api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(90);
const READ_BYTES: usize = 64 * 1024;
/// Larger answers are not what was asked for.
const FRAME_BYTES_MAX: usize = 256 << 20;

pub struct Sender {
    stream: TcpStream,
}

pub struct Receiver {
    stream: TcpStream,
    buf: Vec<u8>,
    start: usize,
}

pub struct Conn {
    pub sender: Sender,
    pub receiver: Receiver,
    versions: ApiVersionsResponse,
}

fn resolve(address: &str) -> Result<SocketAddr, String> {
    let mut all = address.to_socket_addrs().map_err(|e| format!("{address}: {e}"))?;
    all.next().ok_or_else(|| format!("{address}: no such host"))
}

impl Sender {
    pub fn send(&mut self, frame: &[u8]) -> Result<(), String> {
        self.stream.write_all(frame).map_err(|e| format!("sending a request: {e}"))
    }
}

impl Receiver {
    /// Length of the frame at the front, if it is all there.
    fn complete(&self) -> Result<Option<usize>, String> {
        let rest = self.buf.get(self.start..).unwrap_or_default();
        let Some(head) = rest.first_chunk::<4>() else { return Ok(None) };
        let len = usize::try_from(i32::from_be_bytes(*head)).unwrap_or(usize::MAX);
        if len > FRAME_BYTES_MAX {
            return Err(format!("an answer of {len} bytes"));
        }
        Ok((rest.len() >= 4 + len).then_some(len))
    }

    fn fill(&mut self) -> Result<(), String> {
        self.buf.drain(..self.start);
        self.start = 0;
        let claimed = self.buf.first_chunk::<4>().map_or(0, |h| u32::from_be_bytes(*h) as usize + 4);
        let want = claimed.saturating_sub(self.buf.len()).clamp(READ_BYTES, FRAME_BYTES_MAX);
        if self.buf.capacity() - self.buf.len() < want {
            self.buf.reserve(want);
        }
        loop {
            match rustix::io::read(&self.stream, rustix::buffer::spare_capacity(&mut self.buf)) {
                Ok(0) => return Err("the broker closed the connection".into()),
                Ok(_) => return Ok(()),
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => return Err(format!("no answer within {TIMEOUT:?}")),
                Err(e) => return Err(format!("reading an answer: {e}")),
            }
        }
    }

    /// True if `receive` would not block.
    pub fn has_frame(&self) -> Result<bool, String> {
        Ok(self.complete()?.is_some())
    }

    /// The next answer without its length.
    pub fn receive(&mut self) -> Result<&[u8], String> {
        let len = loop {
            match self.complete()? {
                Some(len) => break len,
                None => self.fill()?,
            }
        };
        let at = self.start + 4;
        self.start = at + len;
        self.buf.get(at..at + len).ok_or_else(|| "an answer is gone".into())
    }
}

impl Conn {
    /// Connects and asks what the broker speaks.
    pub fn open(address: &str) -> Result<Conn, String> {
        let failed = |e: std::io::Error| format!("{address}: {e}");
        let stream =
            TcpStream::connect_timeout(&resolve(address)?, Duration::from_secs(5)).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_read_timeout(Some(TIMEOUT)).map_err(failed)?;
        let sender = Sender { stream: stream.try_clone().map_err(failed)? };
        let receiver = Receiver { stream, buf: Vec::new(), start: 0 };
        let mut conn = Conn { sender, receiver, versions: ApiVersionsResponse::default() };
        let asked = ApiVersionsRequest {
            client_software_name: "lipno-load".into(),
            client_software_version: env!("CARGO_PKG_VERSION").into(),
        };
        conn.versions = conn.call_at(18, 3, &asked)?;
        Ok(conn)
    }

    /// True if a broker accepts connections there; any other trouble is an error.
    pub fn is_up(address: &str) -> Result<bool, String> {
        match TcpStream::connect_timeout(&resolve(address)?, Duration::from_secs(1)) {
            Ok(_) => Ok(true),
            Err(e) if matches!(e.kind(), ErrorKind::ConnectionRefused | ErrorKind::TimedOut) => Ok(false),
            Err(e) => Err(format!("{address}: {e}")),
        }
    }

    /// The newest version of an API that the broker and we know, at most `ours`.
    pub fn version(&self, key: i16, ours: i16) -> Result<i16, String> {
        let api = self.versions.api_keys.iter().find(|a| a.api_key == key);
        match api {
            Some(a) if a.min_version <= ours => Ok(a.max_version.min(ours)),
            _ => Err(format!("the broker does not speak API {key} at version {ours} or older")),
        }
    }

    /// One request and its answer; nothing else may be in flight.
    pub fn call<Q: Message, A: Message>(&mut self, key: i16, ours: i16, q: &Q) -> Result<A, String> {
        let version = self.version(key, ours)?;
        self.call_at(key, version, q)
    }

    fn call_at<Q: Message, A: Message>(&mut self, key: i16, version: i16, q: &Q) -> Result<A, String> {
        self.sender.send(&wire::frame(key, version, q)?)?;
        wire::answer(key, version, self.receiver.receive()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn frames_survive_any_split() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut writer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        writer.set_nodelay(true).unwrap();
        let stream = listener.accept().unwrap().0;
        let mut r = Receiver { stream, buf: Vec::new(), start: 0 };
        let frames: Vec<Vec<u8>> = [0usize, 1, 70_000, 5].iter().map(|n| vec![*n as u8; *n]).collect();
        let bytes: Vec<u8> =
            frames.iter().flat_map(|f| [&(f.len() as u32).to_be_bytes(), f.as_slice()].concat()).collect();
        std::thread::scope(|s| {
            s.spawn(|| bytes.chunks(3_001).for_each(|c| writer.write_all(c).unwrap()));
            for f in &frames {
                assert_eq!(r.receive().unwrap(), f);
            }
        });
        assert!(!r.has_frame().unwrap());
    }
}
