//! How a partition reaches those who wait: connections by a shared mailbox, tasks by a channel.
//!
//! Invariant: a wake-up is never lost: the mailbox is filled before the connection is notified, and the connection
//! empties it after each notification. Called by the partition outside its lock.

use super::Wake;
use crate::machine::partition::Ack;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use tokio::sync::oneshot;

/// An ack for part `part` of the produce request with number `request` of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AckMail {
    pub request: u64,
    pub part: u32,
    pub ack: Ack,
}

/// What other threads may touch of a connection.
#[derive(Debug, Default)]
pub struct Mailbox {
    acks: Mutex<Vec<AckMail>>,
    readable: AtomicBool,
    filled: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Mailbox {
    fn notify(&self) {
        // Once until the connection looks: more mail needs no second wake-up.
        if !self.filled.swap(true, Ordering::AcqRel)
            && let Some(w) = self.waker.lock().as_ref()
        {
            w.wake_by_ref();
        }
    }

    /// Ready once something was put in since the last time; registers the task before it looks.
    pub fn poll_filled(&self, cx: &mut Context<'_>) -> Poll<()> {
        {
            let mut waker = self.waker.lock();
            if !waker.as_ref().is_some_and(|w| w.will_wake(cx.waker())) {
                *waker = Some(cx.waker().clone());
            }
        }
        if self.filled.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
    }

    pub fn wake(&self) {
        self.readable.store(true, Ordering::Release);
        self.notify();
    }

    /// Moves the acks out; `into` keeps its capacity.
    pub fn take_acks(&self, into: &mut Vec<AckMail>) {
        std::mem::swap(&mut *self.acks.lock(), into);
    }

    /// True once after each `wake`.
    pub fn take_readable(&self) -> bool {
        self.readable.swap(false, Ordering::AcqRel)
    }
}

/// Who hears an ack.
#[derive(Debug)]
pub enum AckToken {
    Connection { mailbox: Arc<Mailbox>, request: u64, part: u32 },
    Task(oneshot::Sender<Ack>),
}

/// The broker's waiters.
#[derive(Debug)]
pub struct Waiters;

impl Wake for Waiters {
    type Ack = AckToken;
    type Fetch = Arc<Mailbox>;

    fn acked(token: AckToken, ack: Ack) {
        match token {
            AckToken::Connection { mailbox, request, part } => {
                mailbox.acks.lock().push(AckMail { request, part, ack });
                mailbox.notify();
            }
            // A task that stopped waiting needs no answer.
            AckToken::Task(tx) => drop(tx.send(ack)),
        }
    }

    fn readable(token: &Arc<Mailbox>) {
        token.wake();
    }
}
