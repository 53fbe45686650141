//! Fetch load: reads a topic from its start again and again, and the wait of a consumer for single records.
//!
//! Invariants: one fetch in flight, as real consumers have per broker; what was fetched is counted by whole batches.
//! Called by the command line and the rows.

use crate::admin;
use crate::clock;
use crate::conn::Conn;
use crate::histogram::Histogram;
use crate::produce::{Done, Load, Pace, Producer, Until};
use crate::wire::{self, FETCH_VERSION, Fetch, FetchBounds};
use std::sync::mpsc;
use std::time::Instant;

/// A consumer's long poll, as clients have it by default.
const POLL_WAIT_MS: i32 = 500;

pub struct Fetcher {
    conn: Conn,
    request: Fetch,
    /// Next offset and end of each partition.
    places: Vec<(i64, i64)>,
}

impl Fetcher {
    /// Reads what is in `topic` now.
    pub fn open(
        address: &str,
        topic: &str,
        partitions: i32,
        partition_bytes: i32,
    ) -> Result<Fetcher, String> {
        let mut conn = Conn::open(address)?;
        if conn.version(1, FETCH_VERSION)? != FETCH_VERSION {
            return Err(format!("the broker does not speak Fetch version {FETCH_VERSION}"));
        }
        let ends = admin::latest(&mut conn, topic, partitions)?;
        let places: Vec<(i64, i64)> = ends.into_iter().map(|end| (0, end)).collect();
        if places.iter().all(|(_, end)| *end == 0) {
            return Err(format!("{topic} is empty: produce something first"));
        }
        let bounds = FetchBounds {
            partition_bytes,
            max_bytes: partition_bytes.saturating_mul(partitions).max(50 << 20),
            min_bytes: 1,
            max_wait_ms: POLL_WAIT_MS,
        };
        Ok(Fetcher { conn, request: Fetch::new(topic, 0..partitions, &bounds)?, places })
    }

    /// Fetches until the bound is reached. Latency is that of each request.
    pub fn run(&mut self, until: Until) -> Result<Done, String> {
        let mut done = Done::default();
        let began = clock::now();
        while done.bytes < until.bytes && began.elapsed() < until.time {
            let asked = clock::now();
            self.conn.sender.send(&self.request.frame)?;
            let (request, places) = (&mut self.request, &mut self.places);
            let mut failed = Ok(());
            let mut got = 0;
            wire::fetched(self.conn.receiver.receive()?, |partition, records| {
                let Some(place) = usize::try_from(partition).ok().and_then(|p| places.get_mut(p)) else {
                    return;
                };
                got += records.len() as u64;
                if let Some(next) = wire::next_offset(records) {
                    done.records += (next - place.0).max(0) as u64;
                    place.0 = if next >= place.1 { 0 } else { next };
                }
                if failed.is_ok() {
                    failed = request.set_offset(partition, place.0);
                }
            })?;
            failed?;
            if got == 0 {
                return Err("a fetch below the end brought nothing".into());
            }
            done.latency.record(asked.elapsed());
            done.requests += 1;
            done.bytes += got;
        }
        done.time = began.elapsed();
        Ok(done)
    }
}

/// Produces at a fixed rate and measures, for each record, from its due time until a waiting consumer has it.
pub fn delivery(address: &str, load: &Load, pace: &Pace) -> Result<(Done, Histogram), String> {
    let single = Load { records: 1, partitions: 1, record_size: load.record_size.max(8), ..load.clone() };
    let mut producer = Producer::open(address, &single, 0)?;
    let mut conn = Conn::open(address)?;
    let start = admin::latest(&mut conn, &single.topic, 1)?;
    let start = start.first().copied().ok_or("no partition")?;
    let bounds = FetchBounds {
        partition_bytes: 1 << 20,
        max_bytes: 50 << 20,
        min_bytes: 1,
        max_wait_ms: POLL_WAIT_MS,
    };
    let mut request = Fetch::new(&single.topic, 0..1, &bounds)?;
    request.set_offset(0, start)?;
    let total = (pace.rate * (pace.warm_up + pace.time).as_secs_f64()) as u64;
    let (tell, told) = mpsc::sync_channel(1);
    let size = single.record_size;
    std::thread::scope(|s| {
        let consumer = s.spawn(move || consume(&mut conn, &mut request, size, pace, total, &told));
        // A consumer that failed early says so itself.
        let done = producer.paced(pace, |began| tell.send(began).unwrap_or(()));
        let seen = consumer.join().unwrap_or_else(|_| Err("the consumer thread panicked".into()));
        Ok((done?, seen?))
    })
}

fn consume(
    conn: &mut Conn,
    request: &mut Fetch,
    size: usize,
    pace: &Pace,
    total: u64,
    told: &mpsc::Receiver<Instant>,
) -> Result<Histogram, String> {
    clock::be_punctual()?;
    let began = told.recv().map_err(|_| "the producer did not start")?;
    let warm = (pace.rate * pace.warm_up.as_secs_f64()) as u64;
    let (mut seen, mut latency) = (0, Histogram::default());
    let limit = began + pace.warm_up + pace.time + std::time::Duration::from_secs(30);
    while seen < total {
        if clock::now() > limit {
            return Err(format!("{} of {total} records did not arrive", total - seen));
        }
        conn.sender.send(&request.frame)?;
        let answer = conn.receiver.receive()?;
        let at = clock::now();
        let mut outcome = Ok(());
        wire::fetched(answer, |_, records| {
            let walked = wire::stamps(records, size, |n| {
                seen += 1;
                if n >= warm {
                    latency.record(at.saturating_duration_since(pace.due(began, n)));
                }
            });
            let moved = wire::next_offset(records).map_or(Ok(()), |next| request.set_offset(0, next));
            outcome = walked.and(moved);
        })?;
        outcome?;
    }
    Ok(latency)
}
