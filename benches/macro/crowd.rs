//! A thousand connections at once: idle ones, and long polls that wait for a record.
//!
//! Invariant: one thread of ours serves them all, so that the client's share stays small. Called by the rows.

use crate::admin;
use crate::broker::Broker;
use crate::clock;
use crate::conn::Conn;
use crate::histogram::Histogram;
use crate::produce::{Load, Pace, Producer, Until};
use crate::system;
use crate::wire::{self, Fetch, FetchBounds};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MAX_WAIT_MS: i32 = 30_000;
const CONNECT_MAX: Duration = Duration::from_secs(90);
const VALUE_BYTES: usize = 100;

/// Resident bytes that each of `n` connections costs: they have spoken once and stay open.
pub fn idle_connections(broker: &Broker, n: usize) -> Result<f64, String> {
    // The first ones pay for what all share.
    let warm = (0..20).map(|_| broker.connect()).collect::<Result<Vec<Conn>, _>>()?;
    drop(warm);
    clock::sleep(Duration::from_secs(1));
    let before = system::rss(broker.pid())?;
    let held = (0..n)
        .map(|_| {
            let mut c = broker.connect()?;
            admin::metadata(&mut c, None)?;
            Ok(c)
        })
        .collect::<Result<Vec<Conn>, String>>()?;
    clock::sleep(Duration::from_secs(1));
    let after = system::rss(broker.pid())?;
    drop(held);
    Ok(after.saturating_sub(before) as f64 / n as f64)
}

/// What parked fetches cost and how fast they wake.
pub struct Parked {
    /// CPU of a core while nothing arrives.
    pub cpu: f64,
    /// From the due time of a record to each consumer that waited for it.
    pub wake_up: Histogram,
}

/// `n` consumers wait on `partitions` partitions; after `quiet` records come one by one, round robin.
pub fn parked(
    broker: &Broker,
    n: usize,
    partitions: i32,
    quiet: Duration,
    wakes: u64,
) -> Result<Parked, String> {
    let topic = format!("parked-{partitions}");
    admin::create_serving(&mut broker.connect()?, &topic, partitions)?;
    let load = Load { partitions, acks: 1, in_flight: 5, ..Load::singles(&topic, VALUE_BYTES) };
    let mut producer = Producer::open(&broker.address, &load, 0)?;
    // Every partition gets its first segment now, and the consumers start behind that.
    producer.saturate(Until::time(Duration::from_millis(500)))?;
    let mut conn = broker.connect()?;
    let starts = admin::latest(&mut conn, &topic, partitions)?;
    let pace =
        Pace { rate: 20.0, warm_up: Duration::ZERO, time: Duration::from_secs_f64(wakes as f64 / 20.0) };
    let began = Arc::new(Mutex::new(None));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("a runtime for the consumers: {e}"))?;
    let (stop, stopped) = mpsc::channel::<()>();
    let (tell, connected) = mpsc::channel::<()>();
    let consumers = Consumers { address: broker.address.clone(), topic, starts, pace, began: began.clone() };
    std::thread::scope(|s| {
        let waiting = s.spawn(move || runtime.block_on(consumers.run(n, tell, stopped)));
        // An error of theirs comes with the join.
        let ready = connected.recv_timeout(CONNECT_MAX).map_err(|_| "the consumers did not all connect");
        clock::sleep(Duration::from_secs(2));
        let (_, cpu) = broker.cpu_of(|| {
            clock::sleep(quiet);
            Ok(())
        })?;
        let sent = producer.paced(&pace, |at| {
            if let Ok(mut b) = began.lock() {
                *b = Some(at);
            }
        });
        // Whoever was held up still gets its record.
        clock::sleep(Duration::from_secs(2));
        drop(stop);
        let wake_up = waiting.join().unwrap_or_else(|_| Err("the consumers panicked".into()))?;
        ready?;
        sent?;
        Ok(Parked { cpu: cpu / quiet.as_secs_f64(), wake_up })
    })
}

fn waiting_failed(e: std::io::Error) -> String {
    format!("a waiting consumer: {e}")
}

struct Consumers {
    address: String,
    topic: String,
    starts: Vec<i64>,
    pace: Pace,
    began: Arc<Mutex<Option<Instant>>>,
}

impl Consumers {
    async fn run(
        self,
        n: usize,
        connected: mpsc::Sender<()>,
        stopped: mpsc::Receiver<()>,
    ) -> Result<Histogram, String> {
        // One after another: a burst overflows a listener's backlog, and the kernel retries only after seconds.
        let mut streams = Vec::with_capacity(n);
        for _ in 0..n {
            let stream = TcpStream::connect(&self.address).await.map_err(waiting_failed)?;
            stream.set_nodelay(true).map_err(waiting_failed)?;
            streams.push(stream);
        }
        connected.send(()).map_err(|_| "nobody waits for the consumers")?;
        let shared = Arc::new(Mutex::new((Histogram::default(), None::<String>)));
        let me = Arc::new(self);
        let mut tasks = Vec::new();
        for (i, stream) in streams.into_iter().enumerate() {
            let (me, shared) = (me.clone(), shared.clone());
            tasks.push(tokio::spawn(async move {
                let Err(e) = me.consume(i, stream, &shared).await else { return };
                if let Ok(mut s) = shared.lock() {
                    s.1.get_or_insert(e);
                }
            }));
        }
        while matches!(stopped.try_recv(), Err(mpsc::TryRecvError::Empty)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
        let mut s = shared.lock().map_err(|_| "a consumer panicked")?;
        match s.1.take() {
            Some(e) => Err(e),
            None => Ok(std::mem::take(&mut s.0)),
        }
    }

    async fn consume(
        &self,
        i: usize,
        mut stream: TcpStream,
        shared: &Mutex<(Histogram, Option<String>)>,
    ) -> Result<(), String> {
        let partition = i % self.starts.len().max(1);
        let start = *self.starts.get(partition).ok_or("no partitions")?;
        let p = partition as i32;
        let bounds = FetchBounds {
            partition_bytes: 1 << 20,
            max_bytes: 1 << 20,
            min_bytes: 1,
            max_wait_ms: MAX_WAIT_MS,
        };
        let mut request = Fetch::new(&self.topic, p..p + 1, &bounds)?;
        request.set_offset(p, start)?;
        let mut frame = Vec::new();
        loop {
            stream.write_all(&request.frame).await.map_err(waiting_failed)?;
            let len = stream.read_u32().await.map_err(waiting_failed)? as usize;
            frame.resize(len.min(4 << 20), 0);
            stream.read_exact(&mut frame).await.map_err(waiting_failed)?;
            let at = clock::now();
            let began = self.began.lock().map_err(|_| "a consumer panicked")?.unwrap_or(at);
            let mut outcome = Ok(());
            wire::fetched(&frame, |_, records| {
                let mut shared = shared.lock();
                let walked = wire::stamps(records, VALUE_BYTES, |n| {
                    if let Ok(s) = &mut shared {
                        s.0.record(at.saturating_duration_since(self.pace.due(began, n)));
                    }
                });
                let moved = wire::next_offset(records).map_or(Ok(()), |next| request.set_offset(p, next));
                outcome = walked.and(moved);
            })?;
            outcome?;
        }
    }
}
