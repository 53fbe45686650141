//! A well-behaved client that produces and fetches all the time, and notices everything.

use crate::client::{Client, until};
use crate::requests;
use protocol::message::k00_produce::ProduceResponse;
use protocol::message::k01_fetch::FetchResponse;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

#[derive(Default)]
struct Shared {
    rounds: AtomicU64,
    stop: AtomicBool,
}

pub struct Bystander {
    shared: Arc<Shared>,
    thread: std::thread::JoinHandle<()>,
}

/// Produces one record, durably, and fetches it back.
fn round(c: &mut Client, topic: &str, offset: i64) {
    let value = format!("round {offset}");
    let batch = requests::batch(&[value.as_bytes()]);
    let p: ProduceResponse = c.call(0, 9, &requests::produce(topic, 0, batch, -1));
    let got = &p.responses[0].partition_responses[0];
    assert_eq!((got.error_code, got.base_offset), (0, offset), "{topic}");
    let f: FetchResponse = c.call(1, 12, &requests::fetch(topic, offset));
    let got = &f.responses[0].partitions[0];
    assert_eq!((got.error_code, got.high_watermark), (0, offset + 1), "{topic}");
    let bytes = got.records.as_ref().unwrap().bytes();
    assert!(bytes.windows(value.len()).any(|w| w == value.as_bytes()), "{topic}: not what was produced");
}

impl Bystander {
    pub fn start(address: SocketAddr, number: usize) -> Bystander {
        let topic = format!("bystander-{number}");
        let mut c = Client::connect(address);
        requests::make_topic(&mut c, &topic, 1);
        let shared = Arc::new(Shared::default());
        let seen = shared.clone();
        let thread = std::thread::spawn(move || {
            let mut offset = 0;
            while !seen.stop.load(SeqCst) {
                round(&mut c, &topic, offset);
                offset += 1;
                seen.rounds.fetch_add(1, SeqCst);
            }
        });
        until("the first round", || shared.rounds.load(SeqCst) > 0);
        Bystander { shared, thread }
    }

    /// It still gets its answers, all of them right.
    pub fn assert_alive(&self) {
        let now = self.shared.rounds.load(SeqCst);
        until("a bystander goes on", || {
            assert!(!self.thread.is_finished(), "a bystander noticed: see its panic above");
            self.shared.rounds.load(SeqCst) >= now + 3
        });
    }

    pub fn stop(self) {
        self.shared.stop.store(true, SeqCst);
        self.thread.join().expect("a bystander noticed");
    }
}
