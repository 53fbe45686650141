//! Well-formed requests with bytes bent, several on one connection: each is answered or ends the connection, and the
//! broker goes on. The seed is printed; `LIPNO_WIRE_SEED` repeats a run.

use crate::client::{Client, framed};
use crate::memory;
use crate::requests;
use crate::server::Case;

/// xorshift64*: the same bytes for the same seed, everywhere.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

fn bend(rng: &mut Rng, body: &mut Vec<u8>) {
    // Key and version stay: other tests bend those.
    let at = 8 + rng.below(body.len() - 8);
    match rng.below(6) {
        0 => body[at] = [0, 1, 0x7f, 0x80, 0xff][rng.below(5)],
        1 => body[at] ^= 1 << rng.below(8),
        2 => body.truncate(at.max(9)),
        3 => {
            let n = rng.below(20);
            let junk: Vec<u8> = (0..n).map(|_| rng.next() as u8).collect();
            body.splice(at..at, junk);
        }
        4 => {
            let len = (1 + rng.below(8)).min(body.len() - at);
            body[at..at + len].fill(rng.next() as u8);
        }
        _ => {
            let part = body[at..].to_vec();
            body.extend(part);
        }
    }
}

#[test]
fn bent_requests() {
    const CONNECTIONS: usize = 10_000;
    let seed = std::env::var("LIPNO_WIRE_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    println!("LIPNO_WIRE_SEED={seed}");
    let mut rng = Rng(seed);
    let case = Case::new(&[]);
    let mut c = Client::connect(case.address());
    requests::make_topic(&mut c, "t", 1);
    drop(c);
    let all = requests::all();
    memory::within_mib(64, || {
        for _ in 0..CONNECTIONS {
            let mut c = Client::connect(case.address());
            for _ in 0..1 + rng.below(6) {
                let (_, _, body) = &all[rng.below(all.len())];
                let mut body = body.to_vec();
                for _ in 0..rng.below(4) {
                    bend(&mut rng, &mut body);
                }
                c.send(&framed(&body));
            }
            c.finish_sending();
            // Answers, or none: what counts is that the end comes.
            drop(c.drain());
        }
    });
    case.finish();
}
