//! What turning logs into Parquet costs, and what it does to producers meanwhile. Lipno only.
//!
//! Invariant: the backlog is produced with lake.mode=off, so that conversion starts when it is switched on and
//! nothing else runs while its CPU is counted. Progress is read from /metrics. Called by the rows.

use crate::broker::Broker;
use crate::clock;
use crate::histogram::Histogram;
use crate::produce::{Content, Load, Pace, Producer, Until};
use crate::{admin, system};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const CONVERSION_MAX: Duration = Duration::from_secs(240);
const FIRST_ROWS_MAX: Duration = Duration::from_secs(20);
const FLIGHT_BYTES: usize = 340;

/// The HTTP listener's address, from the line that the broker prints when it is ready.
fn http_address(broker: &Broker) -> Result<String, String> {
    let printed = broker.recipe.printed()?;
    let line = printed.lines().find(|l| l.contains("is ready")).ok_or("the broker printed no ready line")?;
    let mut words = line.split(' ').skip_while(|w| *w != "http").skip(1);
    words.next().map(str::to_string).ok_or_else(|| format!("no HTTP address in '{line}'"))
}

/// The sum of a metric over its labels; 0 if it is not there yet.
pub fn metric(broker: &Broker, name: &str) -> Result<f64, String> {
    let address = http_address(broker)?;
    let failed = |e: std::io::Error| format!("http {address}: {e}");
    let mut s = TcpStream::connect(&address).map_err(failed)?;
    s.set_read_timeout(Some(Duration::from_secs(10))).map_err(failed)?;
    s.write_all(b"GET /metrics HTTP/1.1\r\nHost: lipno\r\nConnection: close\r\n\r\n").map_err(failed)?;
    let mut body = String::new();
    s.read_to_string(&mut body).map_err(failed)?;
    Ok(sum_of(&body, name))
}

fn sum_of(text: &str, name: &str) -> f64 {
    text.lines()
        .filter(|l| l.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{'])))
        .filter_map(|l| l.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

const ROWS: &str = "lipno_lake_rows_total";

/// A topic of flights that the lake does not know yet. Returns its records and bytes.
fn backlog(broker: &Broker, topic: &str, bytes: u64) -> Result<(u64, u64), String> {
    let load = Load { content: Content::Flights, ..Load::batches(topic, 6, 1_000_000, FLIGHT_BYTES) };
    let mut admin = broker.connect()?;
    admin::create(&mut admin, topic, load.partitions, &[("lake.mode", "off")])?;
    admin::wait_serving(&mut admin, topic, load.partitions)?;
    let done = Producer::open(&broker.address, &load, 0)?.saturate(Until::bytes(bytes))?;
    Ok((done.records, done.bytes))
}

fn switch_on(broker: &Broker, topic: &str) -> Result<(), String> {
    let mut c = broker.connect()?;
    admin::alter(&mut c, topic, "lake.commit.interval.ms", "1000")?;
    admin::alter(&mut c, topic, "lake.mode", "copy")
}

/// Megabytes of log that one second of one core turns into Parquet.
pub fn conversion(broker: &Broker, bytes: u64) -> Result<f64, String> {
    let (records, bytes) = backlog(broker, "flights", bytes)?;
    system::settle(&broker.recipe.dir)?;
    let ((), cpu) = broker.cpu_of(|| {
        switch_on(broker, "flights")?;
        clock::poll_every(Duration::from_millis(50), "the first converted rows", FIRST_ROWS_MAX, || {
            Ok(metric(broker, ROWS)? > 0.0)
        })?;
        clock::poll_every(Duration::from_millis(200), "conversion to Parquet", CONVERSION_MAX, || {
            Ok(metric(broker, ROWS)? >= records as f64)
        })
    })?;
    Ok(bytes as f64 / 1e6 / cpu.max(0.01))
}

/// Produce latency without and with a backlog under conversion.
pub fn beside_conversion(broker: &Broker, bytes: u64, pace: &Pace) -> Result<(Histogram, Histogram), String> {
    let (records, _) = backlog(broker, "flights-beside", bytes)?;
    admin::create(&mut broker.connect()?, "beside", 1, &[("lake.mode", "off")])?;
    let mut producer = Producer::open(&broker.address, &Load::singles("beside", 1024), 0)?;
    system::settle(&broker.recipe.dir)?;
    let without = producer.paced(pace, |_| {})?.latency;
    let before = metric(broker, ROWS)?;
    switch_on(broker, "flights-beside")?;
    clock::poll("the first converted rows", FIRST_ROWS_MAX, || Ok(metric(broker, ROWS)? > before))?;
    let with = producer.paced(&Pace { warm_up: Duration::ZERO, ..*pace }, |_| {})?.latency;
    if metric(broker, ROWS)? - before >= records as f64 {
        return Err("the backlog was converted before the measurement ended: use a larger one".into());
    }
    Ok((without, with))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_summed_over_labels() {
        let text = "# TYPE a counter\na{topic=\"x\"} 2\na{topic=\"y\"} 3\nab 7\nb 1\n";
        assert_eq!((sum_of(text, "a"), sum_of(text, "b"), sum_of(text, "c")), (5.0, 1.0, 0.0));
    }
}
