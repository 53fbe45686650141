//! Every interleaving of the threads around a mailbox: no mail and no wake-up is lost.
//!
//! loom runs a body again and again, each time with another order of what the threads do and another choice of what
//! each load may see; a task that nobody wakes is a deadlock, which it reports. The broker's own file is compiled
//! here with loom's locks and atomics.

#[path = "../broker/src/partition/mailbox.rs"]
mod mailbox;

/// What the broker takes from parking_lot and std.
mod sync {
    pub use loom::sync::atomic::{AtomicBool, Ordering};

    #[derive(Debug)]
    pub struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub fn new(value: T) -> Mutex<T> {
            Mutex(loom::sync::Mutex::new(value))
        }
        pub fn lock(&self) -> loom::sync::MutexGuard<'_, T> {
            self.0.lock().unwrap()
        }
    }
}

use loom::future::block_on;
use loom::sync::Arc;
use loom::thread;
use mailbox::Mailbox;
use std::future::poll_fn;

/// Every order with up to three switches away from a thread that could have gone on; more take minutes and found
/// nothing else.
fn every_order(body: impl Fn() + Sync + Send + 'static) {
    let mut b = loom::model::Builder::new();
    b.preemption_bound = Some(3);
    b.check(body);
}

/// A task that waits until it has `n` mails, as a connection does.
fn collect(mailbox: &Mailbox<u32>, n: usize) -> Vec<u32> {
    block_on(async {
        let (mut all, mut part) = (Vec::new(), Vec::new());
        while all.len() < n {
            poll_fn(|cx| mailbox.poll_filled(cx)).await;
            mailbox.take(&mut part);
            all.append(&mut part);
        }
        all
    })
}

#[test]
fn every_ack_of_two_partitions_arrives() {
    every_order(|| {
        let mailbox = Arc::new(Mailbox::default());
        let senders: Vec<_> = (0..2u32)
            .map(|n| {
                let mailbox = mailbox.clone();
                thread::spawn(move || mailbox.put(n))
            })
            .collect();
        let mut got = collect(&mailbox, 2);
        got.sort_unstable();
        assert_eq!(got, [0, 1]);
        senders.into_iter().for_each(|s| s.join().unwrap());
    });
}

#[test]
fn acks_of_one_partition_keep_their_order() {
    every_order(|| {
        let mailbox = Arc::new(Mailbox::default());
        let sender = {
            let mailbox = mailbox.clone();
            thread::spawn(move || (0..3).for_each(|n| mailbox.put(n)))
        };
        assert_eq!(collect(&mailbox, 3), [0, 1, 2]);
        sender.join().unwrap();
    });
}

#[test]
fn a_parked_fetch_hears_of_records_beside_an_ack() {
    every_order(|| {
        let mailbox = Arc::new(Mailbox::<u32>::default());
        let sender = {
            let mailbox = mailbox.clone();
            thread::spawn(move || {
                mailbox.put(7);
                mailbox.wake();
            })
        };
        block_on(async {
            let (mut acks, mut part, mut readable) = (0, Vec::new(), false);
            while acks == 0 || !readable {
                poll_fn(|cx| mailbox.poll_filled(cx)).await;
                mailbox.take(&mut part);
                acks += part.drain(..).count();
                readable |= mailbox.take_readable();
            }
        });
        sender.join().unwrap();
    });
}
