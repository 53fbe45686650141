//! What other threads may leave for a task: mail, and the news that something can be read. One notification is enough
//! until the task has looked.
//!
//! Invariant: a wake-up is never lost: mail is put in before `filled` is raised, and the task registers its waker
//! before it lowers `filled` and looks. tests/loom.rs takes this very file through every interleaving of two threads,
//! so what it needs from `super::sync` is all that it may share. Called through `wake`.

use super::sync::{AtomicBool, Mutex, Ordering};
use std::task::{Context, Poll, Waker};

#[derive(Debug)]
pub struct Mailbox<M> {
    mail: Mutex<Vec<M>>,
    readable: AtomicBool,
    filled: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl<M> Default for Mailbox<M> {
    fn default() -> Mailbox<M> {
        Mailbox {
            mail: Mutex::new(Vec::new()),
            readable: AtomicBool::new(false),
            filled: AtomicBool::new(false),
            waker: Mutex::new(None),
        }
    }
}

impl<M> Mailbox<M> {
    fn notify(&self) {
        // Once until the task looks: more mail needs no second wake-up.
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

    pub fn put(&self, mail: M) {
        self.mail.lock().push(mail);
        self.notify();
    }

    pub fn wake(&self) {
        // An exchange like all others here: each side sees the other's last word.
        self.readable.swap(true, Ordering::AcqRel);
        self.notify();
    }

    /// Moves the mail out; `into` keeps its capacity.
    pub fn take(&self, into: &mut Vec<M>) {
        std::mem::swap(&mut *self.mail.lock(), into);
    }

    /// True once after each `wake`.
    pub fn take_readable(&self) -> bool {
        self.readable.swap(false, Ordering::AcqRel)
    }
}
