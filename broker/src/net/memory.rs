//! How much memory the requests of all connections hold, and who must wait because of it.
//!
//! Invariants: above the bound a connection reads nothing new; one at a time may go on reading a frame that it has
//! begun, so that somebody always gets further; who waits is woken when there is room or the turn is free, and no
//! wake-up is lost. A frame that cannot be completed in its time ends its connection, which frees what it holds.
//! Called by connections when they are about to wait, never for a request that is handled at once.

use crate::partition::wake::Mailbox;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

pub struct RequestMemory {
    used: AtomicUsize,
    max: usize,
    /// Somebody reads on although the bound is passed.
    turn: AtomicBool,
    has_waiters: AtomicBool,
    waiters: Mutex<Vec<Arc<Mailbox>>>,
}

impl RequestMemory {
    pub fn new(max: usize) -> RequestMemory {
        RequestMemory {
            used: AtomicUsize::new(0),
            max,
            turn: AtomicBool::new(false),
            has_waiters: AtomicBool::new(false),
            waiters: Mutex::new(Vec::new()),
        }
    }

    pub fn used(&self) -> usize {
        self.used.load(SeqCst)
    }

    pub fn is_over(&self) -> bool {
        self.used() > self.max
    }

    /// A connection that held `from` bytes now holds `to`.
    pub fn change(&self, from: usize, to: usize) {
        if to > from {
            self.used.fetch_add(to - from, SeqCst);
        } else if from > to {
            let was = self.used.fetch_sub(from - to, SeqCst);
            if was - (from - to) <= self.max {
                self.wake();
            }
        }
    }

    /// The right to complete one frame above the bound.
    pub fn take_turn(&self) -> bool {
        self.turn.compare_exchange(false, true, SeqCst, SeqCst).is_ok()
    }

    pub fn end_turn(&self) {
        self.turn.store(false, SeqCst);
        self.wake();
    }

    /// Has `mailbox` woken when there may be room. The caller checks again after this.
    pub fn wait(&self, mailbox: &Arc<Mailbox>) {
        self.waiters.lock().push(mailbox.clone());
        self.has_waiters.store(true, SeqCst);
    }

    fn wake(&self) {
        if self.has_waiters.swap(false, SeqCst) {
            let all = std::mem::take(&mut *self.waiters.lock());
            all.iter().for_each(|m| m.wake());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiters_are_woken_when_there_is_room() {
        let m = RequestMemory::new(100);
        m.change(0, 100);
        assert!(!m.is_over());
        m.change(0, 1);
        assert!(m.is_over());
        let mailbox = Arc::new(Mailbox::default());
        m.wait(&mailbox);
        m.change(0, 50);
        m.change(50, 20);
        assert!(!mailbox.take_readable(), "still above the bound");
        m.change(20, 0);
        m.change(1, 0);
        assert!(mailbox.take_readable());
        assert_eq!(m.used(), 100);
    }

    #[test]
    fn one_turn_at_a_time() {
        let m = RequestMemory::new(0);
        assert!(m.take_turn());
        assert!(!m.take_turn());
        let mailbox = Arc::new(Mailbox::default());
        m.wait(&mailbox);
        m.end_turn();
        assert!(mailbox.take_readable() && m.take_turn());
    }
}
