//! How a partition reaches those who wait: connections by a shared mailbox, tasks by a channel.
//!
//! Invariant: a wake-up is never lost: the mailbox is filled before the connection is notified, and the connection
//! empties it after each notification (`mailbox`). Called by the partition outside its lock.

use super::Wake;
use crate::machine::partition::Ack;
use std::sync::Arc;
use tokio::sync::oneshot;

/// An ack for part `part` of the produce request with number `request` of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AckMail {
    pub request: u64,
    pub part: u32,
    pub ack: Ack,
}

/// What other threads may touch of a connection.
pub type Mailbox = super::mailbox::Mailbox<AckMail>;

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
                mailbox.put(AckMail { request, part, ack });
            }
            // A task that stopped waiting needs no answer.
            AckToken::Task(tx) => drop(tx.send(ack)),
        }
    }

    fn readable(token: &Arc<Mailbox>) {
        token.wake();
    }
}
