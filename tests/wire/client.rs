//! A client that can say anything: whole requests, parts of them, or bytes that mean nothing.

use bytes::{Bytes, BytesMut};
use protocol::Message;
use protocol::message::header::{RequestHeader, ResponseHeader};
use protocol::primitive::{Reader, Writer};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// Nothing here takes so long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something that comes by itself.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..PATIENCE.as_millis() / 2 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("in vain: {what}");
}

pub struct Client {
    pub stream: TcpStream,
    pub client_id: Option<&'static str>,
}

/// A whole request without its length.
pub fn encode<Q: Message>(key: i16, version: i16, correlation: i32, client_id: Option<&str>, q: &Q) -> Bytes {
    let api = protocol::api::facts(key).unwrap();
    let mut out = BytesMut::new();
    let mut gaps = Vec::new();
    let mut w = Writer::new(&mut out, &mut gaps);
    let header = RequestHeader {
        request_api_key: key,
        request_api_version: version,
        correlation_id: correlation,
        client_id: client_id.map(Into::into),
    };
    header.encode(&mut w, if version >= api.flexible_from { 2 } else { 1 });
    q.encode(&mut w, version);
    out.freeze()
}

pub fn framed(body: &[u8]) -> Vec<u8> {
    let mut out = (body.len() as i32).to_be_bytes().to_vec();
    out.extend_from_slice(body);
    out
}

fn is_closed(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted)
}

impl Client {
    pub fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Client { stream, client_id: Some("wire") }
    }

    /// Sends bytes; that the other end is gone already is no failure.
    pub fn send(&mut self, bytes: &[u8]) {
        if let Err(e) = self.stream.write_all(bytes) {
            assert!(is_closed(e.kind()), "sending: {e}");
        }
    }

    pub fn send_frame(&mut self, body: &[u8]) {
        self.send(&framed(body));
    }

    pub fn send_request<Q: Message>(&mut self, key: i16, version: i16, q: &Q) {
        let body = encode(key, version, 7, self.client_id, q);
        self.send_frame(&body);
    }

    /// The next answer without its length; `None` when the connection ends instead.
    pub fn read_frame(&mut self) -> Option<Bytes> {
        let mut len = [0; 4];
        if !self.fill(&mut len) {
            return None;
        }
        let mut body = vec![0; usize::try_from(i32::from_be_bytes(len)).unwrap()];
        self.fill(&mut body).then(|| Bytes::from(body))
    }

    fn fill(&mut self, buf: &mut [u8]) -> bool {
        match self.stream.read_exact(buf) {
            Ok(()) => true,
            Err(e) if e.kind() == ErrorKind::UnexpectedEof || is_closed(e.kind()) => false,
            Err(e) => panic!("neither an answer nor the end of the connection: {e}"),
        }
    }

    pub fn read_answer<A: Message>(&mut self, key: i16, version: i16) -> Option<A> {
        let api = protocol::api::served(key).unwrap();
        let frame = self.read_frame()?;
        let mut r = Reader::new(&frame);
        let header = ResponseHeader::decode(&mut r, api.response_header_version(version)).unwrap();
        assert_eq!(header.correlation_id, 7);
        let a = A::decode(&mut r, version).unwrap();
        assert_eq!(r.remaining(), 0, "bytes after the answer");
        Some(a)
    }

    pub fn try_call<Q: Message, A: Message>(&mut self, key: i16, version: i16, q: &Q) -> Option<A> {
        self.send_request(key, version, q);
        self.read_answer(key, version)
    }

    pub fn call<Q: Message, A: Message>(&mut self, key: i16, version: i16, q: &Q) -> A {
        self.try_call(key, version, q).unwrap_or_else(|| panic!("API {key} v{version}: closed"))
    }

    /// The broker ends the connection without another byte.
    pub fn assert_closed(&mut self, why: &str) {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(e) if is_closed(e.kind()) => {}
            Err(e) => panic!("{why}: the connection stays open: {e}"),
        }
        assert!(rest.is_empty(), "{why}: answered with {rest:?}");
    }

    /// Whatever comes, until the end.
    pub fn drain(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(e) if is_closed(e.kind()) => {}
            Err(e) => panic!("the connection stays open: {e}"),
        }
        rest
    }

    /// Whatever comes to a client that says no more.
    pub fn drain_after_end(&mut self) -> Vec<u8> {
        self.finish_sending();
        self.drain()
    }

    pub fn finish_sending(&self) {
        // Fails only if the other end is gone.
        drop(self.stream.shutdown(Shutdown::Write));
    }
}
