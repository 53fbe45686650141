//! One client's connection: reads frames, hands them to dispatch, writes answers in the order of the requests.
//!
//! Invariants: requests are decided in arrival order; produce requests may wait for acks while later ones are
//! decided, everything else holds back what follows until it is answered; bytes and requests in flight are
//! bounded, above the bound nothing is read; a connection that waits for its client holds no buffer. One task, no
//! hop: acks and wake-ups come through the mailbox. It is a hand-written future, so that an idle one is small.
//! Its times are in `deadline`.

use super::admission::{Net, Ticket};
use super::buffers;
use super::deadline::Deadlines;
use super::out::{Answer, Out};
use crate::broker::Broker;
use crate::dispatch::{self, Step};
use crate::flow;
use crate::handler::k00_produce::PendingProduce;
use crate::handler::k01_fetch::ParkedFetch;
use crate::limits;
use crate::partition::wake::{AckMail, Mailbox};
use bytes::{BufMut, Bytes, BytesMut};
use protocol::frame::{self, Cut};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;

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
    Ready(Box<Answer>),
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
    #[error("the client does not read its answers")]
    Unread,
    #[error("the partition's first segment was not made in time")]
    Unready,
    #[error("the broker stops")]
    Draining,
}

/// A connection that takes no more requests: what it owes still leaves, then it ends.
struct Closing {
    why: Closed,
    by_ms: i64,
    /// Closing with unread bytes resets the connection, which could cost the client answers that it has yet to
    /// read: its last bytes are read and thrown away first.
    lingers: bool,
    discards: bool,
}

pub struct Connection {
    broker: Arc<Broker>,
    peer: Peer,
    ticket: Ticket,
    stream: TcpStream,
    input: BytesMut,
    /// Bytes that the frame at the front still lacks.
    need: usize,
    /// The buffer grew too large to keep it for what follows.
    oversized: bool,
    out: Out,
    slots: VecDeque<Slot>,
    /// Bytes of answers in slots.
    queued: usize,
    /// Number of the first slot's request.
    first: u64,
    current: Current,
    /// What the current request may hold in memory.
    current_bytes: usize,
    mail: Vec<AckMail>,
    /// What `Net::memory` was told that this connection holds.
    charged: usize,
    has_turn: bool,
    waits_for_memory: bool,
    times: Deadlines,
    closing: Option<Box<Closing>>,
}

impl Connection {
    pub fn new(
        broker: Arc<Broker>,
        stream: TcpStream,
        address: SocketAddr,
        listener: usize,
        ticket: Ticket,
    ) -> Connection {
        let times = Deadlines::new(&broker.clock, &ticket.net().config);
        Connection {
            broker,
            peer: Peer { address, listener, mailbox: ticket.mailbox.clone() },
            ticket,
            stream,
            input: BytesMut::new(),
            need: 0,
            oversized: false,
            out: Out::default(),
            slots: VecDeque::new(),
            queued: 0,
            first: 0,
            current: Current::None,
            current_bytes: 0,
            mail: Vec::new(),
            charged: 0,
            has_turn: false,
            waits_for_memory: false,
            times,
            closing: None,
        }
    }

    fn net(&self) -> &Net {
        self.ticket.net()
    }

    fn now_ms(&self) -> i64 {
        self.broker.clock.mono_ms()
    }

    fn run(&mut self, cx: &mut Context<'_>) -> Poll<Closed> {
        loop {
            if self.closing.is_none() && self.net().is_draining() {
                self.drain_now();
            }
            if let Err(e) = self.process() {
                self.end(e);
            }
            if let Some(why) = self.ended(cx) {
                return Poll::Ready(why);
            }
            let event = match ready!(self.poll_event(cx)) {
                Ok(e) => e,
                Err(e) => return Poll::Ready(e),
            };
            if let Err(e) = self.on_event(event) {
                return Poll::Ready(e);
            }
        }
    }

    fn on_event(&mut self, event: Event) -> Result<(), Closed> {
        match event {
            Event::Read(0) => return Err(Closed::ByClient),
            Event::Read(n) => self.times.arrived(n),
            Event::Wrote => self.times.left(),
            Event::Mail => self.take_mail(),
            Event::Answered(a) => self.answer_current(a),
            Event::Timer => return self.on_timer(),
        }
        Ok(())
    }

    fn may_take_more(&self) -> bool {
        matches!(self.current, Current::None)
            && self.out.len() + self.queued < limits::UNSENT_BYTES_MAX
            && self.slots.len() < limits::PIPELINED_MAX
    }

    /// Handles every complete frame that the bounds allow.
    fn process(&mut self) -> Result<(), Closed> {
        while self.closing.is_none() && self.may_take_more() {
            let max = self.frame_max();
            match frame::cut(&mut self.input, max)? {
                Cut::Frame(f) => {
                    flow!("produce.1");
                    flow!("fetch.1");
                    self.need = 0;
                    self.times.frame_done();
                    self.end_turn();
                    self.handle(f)?;
                }
                Cut::Need(n) => {
                    self.need = n;
                    if self.input.is_empty() {
                        self.times.frame_done();
                    } else {
                        self.times.frame_begun(&self.broker.clock, &self.ticket.net().config);
                    }
                    break;
                }
            }
        }
        Ok(())
    }

    /// Only Produce may be large: the API key behind the length decides.
    fn frame_max(&self) -> usize {
        let max = self.net().config.request_bytes_max;
        match self.input.get(4..6) {
            Some([0, 0]) | None => max,
            _ => max.min(limits::SMALL_REQUEST_BYTES_MAX),
        }
    }

    fn handle(&mut self, frame: Bytes) -> Result<(), Closed> {
        flow!("produce.2");
        flow!("fetch.2");
        let number = self.first + self.slots.len() as u64;
        let direct = self.slots.is_empty();
        let out = if direct { Some(&mut self.out) } else { None };
        let bytes = frame.len();
        match dispatch::dispatch(&self.broker, &self.peer, number, &frame, out) {
            Ok(Step::Written | Step::Nothing) => {}
            Ok(Step::Ready(a)) => self.finish(a),
            Ok(Step::Produce(p)) => {
                self.times.arm(&self.broker.clock, p.deadline_ms());
                self.slots.push_back(Slot::Produce(p));
            }
            Ok(Step::Retry) => {
                self.current_bytes = bytes;
                self.times.retry_begun(&self.broker.clock);
                self.current = Current::Retry(frame);
            }
            Ok(Step::Fetch(f)) => {
                self.times.arm(&self.broker.clock, f.deadline_ms());
                self.hold(Current::Fetch(f), bytes);
            }
            Ok(Step::Slow(f, started)) => self.hold(Current::Slow(f, started), bytes),
            Err(why) => return Err(Closed::Request(why)),
        }
        Ok(())
    }

    fn hold(&mut self, current: Current, frame_bytes: usize) {
        self.slots.push_back(Slot::Current);
        self.current_bytes = frame_bytes.saturating_mul(1 + limits::DECODED_BYTES_PER_BYTE);
        self.current = current;
    }

    /// An answer without a slot of its own.
    fn finish(&mut self, a: Answer) {
        if self.slots.is_empty() {
            self.out.append(a);
        } else {
            self.queued += a.len();
            self.slots.push_back(Slot::Ready(Box::new(a)));
        }
    }

    fn answer_current(&mut self, a: Answer) {
        if let Current::Slow(_, started) = &self.current {
            started.done(&self.broker);
        }
        self.current = Current::None;
        self.current_bytes = 0;
        if let Some(last) = self.slots.back_mut() {
            self.queued += a.len();
            *last = Slot::Ready(Box::new(a));
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
                Some(Slot::Ready(a)) => {
                    self.queued -= a.len();
                    self.out.append(*a);
                }
                Some(Slot::Produce(p)) => p.write(&self.broker, &mut self.out),
                _ => {}
            }
        }
    }

    fn take_mail(&mut self) {
        self.waits_for_memory = false;
        let mut mail = std::mem::take(&mut self.mail);
        self.peer.mailbox.take(&mut mail);
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
                Current::Retry(frame) => {
                    self.times.retry_done();
                    self.current_bytes = 0;
                    if let Err(e) = self.handle(frame) {
                        self.end(e);
                    }
                }
                Current::Fetch(f) => self.try_fetch(f, false),
                other => self.current = other,
            }
        }
    }

    fn try_fetch(&mut self, mut f: Box<ParkedFetch>, is_due: bool) {
        flow!("fetch.7");
        match f.wake(&self.broker, is_due) {
            Some(a) => self.answer_current(a),
            None => self.current = Current::Fetch(f),
        }
    }

    fn on_timer(&mut self) -> Result<(), Closed> {
        let now = self.now_ms();
        let busy = !self.slots.is_empty() || !matches!(self.current, Current::None);
        let paused = !self.may_take_more();
        self.times.rang();
        let config = &self.ticket.net().config;
        self.times.check_idle(now, config, busy)?;
        self.times.check_frame(now, config, paused)?;
        self.times.check_rest(now, config)?;
        if self.closing.as_ref().is_some_and(|c| c.by_ms <= now) {
            return Err(self.closing.take().map_or(Closed::Idle, |c| c.why));
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
        let next = self.next_deadline();
        self.times.arm(&self.broker.clock, next);
        Ok(())
    }

    /// Looked at when the timer rings, not for each request: until then the timer may ring too early, never late.
    fn next_deadline(&self) -> i64 {
        let fetch = match &self.current {
            Current::Fetch(f) => Some(f.deadline_ms()),
            _ => None,
        };
        let produce = self.slots.iter().filter_map(|s| match s {
            Slot::Produce(p) => Some(p.deadline_ms()),
            _ => None,
        });
        let closing = self.closing.as_ref().map(|c| c.by_ms);
        produce.chain(fetch).chain(closing).fold(self.times.next(&self.ticket.net().config), i64::min)
    }

    /// The broker stops: no more requests, those that wait for records are answered with what there is.
    fn drain_now(&mut self) {
        self.end(Closed::Draining);
        match std::mem::replace(&mut self.current, Current::None) {
            Current::Fetch(f) => self.try_fetch(f, true),
            // Nothing of it was appended.
            Current::Retry(_) => {}
            other => self.current = other,
        }
    }

    /// Takes no more requests; the first reason counts.
    fn end(&mut self, why: Closed) {
        if self.closing.is_some() {
            return;
        }
        let owes = !self.slots.is_empty() || !self.out.is_empty();
        let lingers = owes || matches!(why, Closed::Draining);
        let by_ms = self.now_ms() + limits::CLOSE_MS_MAX;
        self.times.arm(&self.broker.clock, by_ms);
        self.closing = Some(Box::new(Closing { why, by_ms, lingers, discards: false }));
        self.input = BytesMut::new();
        self.end_turn();
    }

    /// Why it ends, once all that is owed has left.
    fn ended(&mut self, cx: &mut Context<'_>) -> Option<Closed> {
        let closing = self.closing.as_mut()?;
        if closing.discards || !self.slots.is_empty() || !self.out.is_empty() {
            return None;
        }
        // The client sees the end of the stream behind its last answer.
        if closing.lingers && matches!(Pin::new(&mut self.stream).poll_shutdown(cx), Poll::Ready(Ok(()))) {
            closing.discards = true;
            closing.by_ms = closing.by_ms.min(self.broker.clock.mono_ms() + limits::LINGER_MS);
            self.times.arm(&self.broker.clock, closing.by_ms);
            return None;
        }
        self.closing.take().map(|c| c.why)
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<Event, Closed>> {
        if self.peer.mailbox.poll_filled(cx).is_ready() {
            return Poll::Ready(Ok(Event::Mail));
        }
        if !self.out.is_empty() {
            match self.poll_write(cx) {
                Poll::Ready(Ok(_)) => return Poll::Ready(Ok(Event::Wrote)),
                Poll::Ready(Err(e)) => return Poll::Ready(Err(e.into())),
                Poll::Pending if self.out.heap_len() > limits::UNSENT_BYTES_IDLE => {
                    self.times.stalled(&self.broker.clock, &self.ticket.net().config);
                }
                Poll::Pending => {}
            }
        }
        if self.closing.is_some() {
            if let Poll::Ready(why) = self.poll_discard(cx) {
                return Poll::Ready(Err(why));
            }
        } else if self.wants_read()
            && let Poll::Ready(r) = self.poll_read(cx)
        {
            return Poll::Ready(r.map(Event::Read).map_err(Closed::from));
        }
        if let Current::Slow(f, _) = &mut self.current
            && let Poll::Ready(a) = f.as_mut().poll(cx)
        {
            return Poll::Ready(Ok(Event::Answered(a)));
        }
        self.park();
        if self.times.poll(cx).is_ready() {
            return Poll::Ready(Ok(Event::Timer));
        }
        Poll::Pending
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let stream = &mut self.stream;
        let written = self.out.write(|parts| match Pin::new(&mut *stream).poll_write_vectored(cx, parts) {
            Poll::Ready(Ok(0)) => Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(r) => r,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        });
        match written {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            r => Poll::Ready(r),
        }
    }

    /// While a request is held back one chunk is read ahead: so the end of a client is noticed.
    fn wants_read(&mut self) -> bool {
        let ahead = !matches!(self.current, Current::None) && self.input.len() < limits::READ_CHUNK;
        if !ahead && !self.may_take_more() {
            return false;
        }
        if !self.net().memory.is_over() {
            self.end_turn();
            return true;
        }
        self.may_read_above_bound()
    }

    fn may_read_above_bound(&mut self) -> bool {
        let begun = !self.input.is_empty();
        if self.has_turn || (begun && self.net().memory.take_turn()) {
            self.has_turn = true;
            return true;
        }
        if !self.waits_for_memory {
            self.waits_for_memory = true;
            self.net().memory.wait(&self.peer.mailbox);
        }
        // Room that was made before it waited wakes nobody.
        !self.net().memory.is_over()
    }

    fn end_turn(&mut self) {
        if std::mem::take(&mut self.has_turn) {
            self.net().memory.end_turn();
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.input.capacity() == 0 {
            ready!(self.stream.poll_read_ready(cx))?;
            self.input = buffers::take();
        }
        self.make_room();
        if self.need > limits::READ_CHUNK {
            // Up to the frame's end: what followed it in this buffer would have to be moved out of it.
            let mut rest = (&mut self.input).limit(self.need);
            return pin!(self.stream.read_buf(&mut rest)).poll(cx);
        }
        pin!(self.stream.read_buf(&mut self.input)).poll(cx)
    }

    /// The buffer grows with what really arrived, not with what a length claims.
    fn make_room(&mut self) {
        let spare = self.input.capacity() - self.input.len();
        if spare >= self.need.clamp(limits::READ_CHUNK / 4, limits::READ_CHUNK) {
            return;
        }
        // The buffer of the frame before, if nothing points into it any more: large frames follow each other.
        if self.need > limits::READ_CHUNK && self.input.try_reclaim(self.need) {
            return;
        }
        let all = self.input.len() + self.need;
        if all <= limits::READ_BUFFER_KEPT
            && self.need > limits::READ_CHUNK
            && let Some(mut large) = buffers::take_large(all)
        {
            large.extend_from_slice(&self.input);
            buffers::give(std::mem::replace(&mut self.input, large));
            return;
        }
        let more = self.need.max(limits::READ_CHUNK).min(self.input.len().max(limits::READ_CHUNK));
        self.input.reserve(more);
        self.oversized |= self.input.capacity() > limits::READ_BUFFER_KEPT;
    }

    /// Reads and throws away; ready when the client's end is seen.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<Closed> {
        if !self.closing.as_ref().is_some_and(|c| c.discards) {
            return Poll::Pending;
        }
        let mut scratch = buffers::take();
        let mut done = pin!(self.stream.read_buf(&mut scratch)).poll(cx);
        while matches!(done, Poll::Ready(Ok(1..))) {
            scratch.clear();
            done = pin!(self.stream.read_buf(&mut scratch)).poll(cx);
        }
        buffers::give(scratch);
        match (done, self.closing.take()) {
            (Poll::Ready(_), Some(c)) => Poll::Ready(c.why),
            (_, c) => {
                self.closing = c;
                Poll::Pending
            }
        }
    }

    /// Before it waits: buffers that are not needed go back, and the memory that stays is counted.
    fn park(&mut self) {
        if self.input.is_empty() {
            if self.input.capacity() > 0 {
                buffers::give(std::mem::take(&mut self.input));
                self.oversized = false;
            }
        } else if self.oversized && self.input.len() + self.need <= limits::READ_CHUNK {
            let mut small = buffers::take();
            small.extend_from_slice(&self.input);
            self.input = small;
            self.oversized = false;
        }
        self.out.park();
        // Records are not decoded, everything else is.
        let decoded = match self.input.get(4..6) {
            Some([0, 0]) => 0,
            _ => self.input.len() * limits::DECODED_BYTES_PER_BYTE,
        };
        let held = self.input.capacity() + decoded + self.current_bytes + self.queued + self.out.heap_len();
        if held != self.charged {
            self.net().memory.change(self.charged, held);
            self.charged = held;
        }
    }

    fn report(&self, why: &Closed) {
        let address = self.peer.address;
        match why {
            Closed::ByClient | Closed::Io(_) | Closed::Idle | Closed::Draining => {
                tracing::debug!("{address}: closed: {why}");
            }
            other => match self.net().may_log(self.now_ms()) {
                Some(0) => tracing::info!("{address}: closed: {other}"),
                Some(more) => tracing::info!("{address}: closed: {other} ({more} such lines left out)"),
                None => tracing::debug!("{address}: closed: {other}"),
            },
        }
    }
}

impl Future for Connection {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let why = ready!(this.run(cx));
        this.report(&why);
        Poll::Ready(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Current::Fetch(f) = &mut self.current {
            f.leave();
        }
        self.end_turn();
        self.net().memory.change(self.charged, 0);
    }
}
