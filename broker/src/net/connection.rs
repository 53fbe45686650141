//! One client's connection: reads frames, hands them to dispatch, writes answers in the order of the requests.
//!
//! Invariants: requests are decided in arrival order; produce requests may wait for acks while later ones are
//! decided, everything else holds back what follows until it is answered; bytes and requests in flight are
//! bounded, above the bound nothing is read. One task, no hop: acks and wake-ups come through the mailbox.

use super::out::{Answer, Out};
use crate::broker::Broker;
use crate::dispatch::{self, Step};
use crate::flow;
use crate::handler::k00_produce::PendingProduce;
use crate::handler::k01_fetch::ParkedFetch;
use crate::limits;
use crate::partition::wake::{AckMail, Mailbox};
use bytes::{Bytes, BytesMut};
use protocol::frame::{self, Cut};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// What handlers know of the connection that a request came on.
pub struct Peer {
    pub address: SocketAddr,
    /// Index of the listener, which decides what addresses Metadata tells.
    pub listener: usize,
    pub mailbox: Arc<Mailbox>,
}

/// A request whose answer is not written yet.
enum Slot {
    Produce(Box<PendingProduce>),
    /// The current request's; always the last.
    Current,
    Ready(Answer),
}

/// The request that holds back those behind it.
enum Current {
    None,
    /// Waits for a log's first segment; handled from the start again then.
    Retry(Bytes),
    Fetch(Box<ParkedFetch>),
    Slow(Pin<Box<dyn Future<Output = Answer> + Send>>, dispatch::Started),
}

enum Event {
    Mail,
    Read(usize),
    Wrote,
    Answered(Answer),
    Timer,
}

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
pub enum Closed {
    #[error("the client closed")]
    ByClient,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Frame(#[from] frame::FrameError),
    #[error("{0}")]
    Request(String),
    #[error("idle for too long")]
    Idle,
    #[error("a request was begun but not completed in time")]
    Slow,
}

pub struct Connection {
    broker: Arc<Broker>,
    peer: Peer,
    stream: TcpStream,
    input: BytesMut,
    /// Bytes that the frame at the front still lacks.
    need: usize,
    out: Out,
    slots: VecDeque<Slot>,
    /// Number of the first slot's request.
    first: u64,
    current: Current,
    mail: Vec<AckMail>,
    last_read_ms: i64,
    frame_since_ms: Option<i64>,
    timer: Pin<Box<Sleep>>,
    timer_at_ms: i64,
}

impl Connection {
    pub fn new(broker: Arc<Broker>, stream: TcpStream, address: SocketAddr, listener: usize) -> Connection {
        let now = broker.clock.now().mono_ms;
        let timer_at_ms = now + limits::FRAME_MS_MAX as i64;
        let timer = Box::pin(tokio::time::sleep_until(broker.clock.instant(timer_at_ms)));
        Connection {
            broker,
            peer: Peer { address, listener, mailbox: Arc::new(Mailbox::default()) },
            stream,
            input: BytesMut::new(),
            need: 0,
            out: Out::default(),
            slots: VecDeque::new(),
            first: 0,
            current: Current::None,
            mail: Vec::new(),
            last_read_ms: now,
            frame_since_ms: None,
            timer,
            timer_at_ms,
        }
    }

    pub async fn serve(mut self) -> Closed {
        loop {
            if let Err(e) = self.process() {
                // Answers that are due still leave, as far as the socket takes them at once.
                return e;
            }
            let event = match self.wait().await {
                Ok(e) => e,
                Err(e) => return e,
            };
            match event {
                Event::Read(0) => return Closed::ByClient,
                Event::Read(_) => self.last_read_ms = self.now_ms(),
                Event::Wrote => {}
                Event::Mail => {
                    if let Err(e) = self.take_mail() {
                        return e;
                    }
                }
                Event::Answered(a) => self.answer_current(a),
                Event::Timer => {
                    if let Err(e) = self.on_timer() {
                        return e;
                    }
                }
            }
        }
    }

    fn now_ms(&self) -> i64 {
        self.broker.clock.now().mono_ms
    }

    fn may_take_more(&self) -> bool {
        matches!(self.current, Current::None)
            && self.out.len() < limits::UNSENT_BYTES_MAX
            && self.slots.len() < limits::PIPELINED_MAX
    }

    /// Handles every complete frame that the bounds allow.
    fn process(&mut self) -> Result<(), Closed> {
        while self.may_take_more() {
            let max = self.frame_max();
            match frame::cut(&mut self.input, max)? {
                Cut::Frame(f) => {
                    flow!("produce.1");
                    flow!("fetch.1");
                    self.need = 0;
                    self.frame_since_ms = None;
                    self.handle(f)?;
                }
                Cut::Need(n) => {
                    self.need = n;
                    if self.input.is_empty() {
                        self.frame_since_ms = None;
                        if self.input.capacity() > limits::READ_BUFFER_KEPT {
                            self.input = BytesMut::new();
                        }
                    } else if self.frame_since_ms.is_none() {
                        self.frame_since_ms = Some(self.now_ms());
                    }
                    break;
                }
            }
        }
        Ok(())
    }

    /// Only Produce may be large: the API key behind the length decides.
    fn frame_max(&self) -> usize {
        match self.input.get(4..6) {
            Some([0, 0]) | None => self.broker.config.request_bytes_max,
            _ => self.broker.config.request_bytes_max.min(limits::SMALL_REQUEST_BYTES_MAX),
        }
    }

    fn handle(&mut self, frame: Bytes) -> Result<(), Closed> {
        flow!("produce.2");
        flow!("fetch.2");
        let number = self.first + self.slots.len() as u64;
        let direct = self.slots.is_empty();
        let out = if direct { Some(&mut self.out) } else { None };
        match dispatch::dispatch(&self.broker, &self.peer, number, &frame, out) {
            Ok(Step::Written | Step::Nothing) => {}
            Ok(Step::Ready(a)) => self.finish(a),
            Ok(Step::Produce(p)) => self.slots.push_back(Slot::Produce(p)),
            Ok(Step::Retry) => self.current = Current::Retry(frame),
            Ok(Step::Fetch(f)) => {
                self.slots.push_back(Slot::Current);
                self.current = Current::Fetch(f);
            }
            Ok(Step::Slow(f, started)) => {
                self.slots.push_back(Slot::Current);
                self.current = Current::Slow(f, started);
            }
            Err(why) => return Err(Closed::Request(why)),
        }
        Ok(())
    }

    /// An answer without a slot of its own.
    fn finish(&mut self, a: Answer) {
        if self.slots.is_empty() {
            self.out.append(a);
        } else {
            self.slots.push_back(Slot::Ready(a));
        }
    }

    fn answer_current(&mut self, a: Answer) {
        if let Current::Slow(_, started) = &self.current {
            started.done(&self.broker);
        }
        self.current = Current::None;
        if let Some(last) = self.slots.back_mut() {
            *last = Slot::Ready(a);
        }
        self.drain();
    }

    /// Moves finished answers from the front into the stream.
    fn drain(&mut self) {
        flow!("produce.8");
        loop {
            let ready = match self.slots.front() {
                Some(Slot::Ready(_)) => true,
                Some(Slot::Produce(p)) => p.is_done(),
                _ => false,
            };
            if !ready {
                return;
            }
            self.first += 1;
            match self.slots.pop_front() {
                Some(Slot::Ready(a)) => self.out.append(a),
                Some(Slot::Produce(p)) => p.write(&self.broker, &mut self.out),
                _ => {}
            }
        }
    }

    fn take_mail(&mut self) -> Result<(), Closed> {
        let mut mail = std::mem::take(&mut self.mail);
        self.peer.mailbox.take_acks(&mut mail);
        for m in mail.drain(..) {
            let at = m.request.checked_sub(self.first).and_then(|i| usize::try_from(i).ok());
            // Mail for a request that timed out finds no slot.
            if let Some(Slot::Produce(p)) = at.and_then(|i| self.slots.get_mut(i)) {
                p.ack(m.part, m.ack);
            }
        }
        self.mail = mail;
        self.drain();
        if self.peer.mailbox.take_readable() {
            match std::mem::replace(&mut self.current, Current::None) {
                Current::Retry(frame) => self.handle(frame)?,
                Current::Fetch(f) => self.try_fetch(f, false),
                other => self.current = other,
            }
        }
        Ok(())
    }

    fn try_fetch(&mut self, mut f: Box<ParkedFetch>, is_due: bool) {
        flow!("fetch.7");
        match f.wake(&self.broker, is_due) {
            Some(a) => self.answer_current(a),
            None => self.current = Current::Fetch(f),
        }
    }

    fn next_deadline(&self) -> i64 {
        let idle = self.last_read_ms + limits::IDLE_MS_MAX as i64;
        let frame = self.frame_since_ms.map(|t| t + limits::FRAME_MS_MAX as i64);
        let fetch = match &self.current {
            Current::Fetch(f) => Some(f.deadline_ms()),
            _ => None,
        };
        let produce = self.slots.iter().filter_map(|s| match s {
            Slot::Produce(p) => Some(p.deadline_ms()),
            _ => None,
        });
        produce.chain(fetch).chain(frame).fold(idle, i64::min)
    }

    fn on_timer(&mut self) -> Result<(), Closed> {
        let now = self.now_ms();
        let busy = !self.slots.is_empty() || !self.out.is_empty();
        if !busy && now - self.last_read_ms >= limits::IDLE_MS_MAX as i64 {
            return Err(Closed::Idle);
        }
        if busy {
            self.last_read_ms = self.last_read_ms.max(now - limits::IDLE_MS_MAX as i64 / 2);
        }
        if self.frame_since_ms.is_some_and(|t| now - t >= limits::FRAME_MS_MAX as i64) && self.may_take_more()
        {
            return Err(Closed::Slow);
        }
        for s in &mut self.slots {
            if let Slot::Produce(p) = s {
                p.expire(now);
            }
        }
        self.drain();
        if let Current::Fetch(f) = &self.current
            && f.deadline_ms() <= now
            && let Current::Fetch(f) = std::mem::replace(&mut self.current, Current::None)
        {
            self.try_fetch(f, true);
        }
        self.timer_at_ms = i64::MAX;
        Ok(())
    }

    async fn wait(&mut self) -> Result<Event, Closed> {
        let deadline = self.next_deadline();
        // A timer that rings early is cheap, one that is reset for each request is not.
        if deadline < self.timer_at_ms {
            self.timer_at_ms = deadline;
            self.timer.as_mut().reset(self.broker.clock.instant(deadline));
        }
        let want_read = self.may_take_more();
        if want_read && self.input.capacity() - self.input.len() < self.need.clamp(1, limits::READ_CHUNK) {
            // Grows with what really arrived, not with what the length claims.
            self.input
                .reserve(self.need.max(limits::READ_CHUNK).min(self.input.len().max(limits::READ_CHUNK)));
        }
        let this = self;
        poll_fn(|cx| {
            if this.peer.mailbox.poll_filled(cx).is_ready() {
                return Poll::Ready(Ok(Event::Mail));
            }
            if !this.out.is_empty() {
                let stream = &mut this.stream;
                let written =
                    this.out.write(|parts| match Pin::new(&mut *stream).poll_write_vectored(cx, parts) {
                        Poll::Ready(Ok(0)) => Err(io::ErrorKind::WriteZero.into()),
                        Poll::Ready(r) => r,
                        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
                    });
                match written {
                    Ok(_) => return Poll::Ready(Ok(Event::Wrote)),
                    Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                    Err(e) => return Poll::Ready(Err(e.into())),
                }
            }
            if want_read && let Poll::Ready(r) = pin!(this.stream.read_buf(&mut this.input)).poll(cx) {
                return Poll::Ready(r.map(Event::Read).map_err(Closed::from));
            }
            if let Current::Slow(f, _) = &mut this.current
                && let Poll::Ready(a) = f.as_mut().poll(cx)
            {
                return Poll::Ready(Ok(Event::Answered(a)));
            }
            if this.timer_at_ms != i64::MAX && this.timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(Event::Timer));
            }
            Poll::Pending
        })
        .await
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Current::Fetch(f) = &mut self.current {
            f.leave();
        }
    }
}
