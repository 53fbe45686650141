//! Somebody who looks at the groups all the time, commits without being a member, deletes groups and topics, and
//! changes a config.

use crate::clients::Client;
use crate::groups::{GROUPS, SIMPLE};
use crate::options::SECOND;
use crate::world::{Answer, Event, Request, World};
use lipno::machine::coordinator::{self as c, CommitItem, CommitRequest};

const AGAIN: u64 = 1;
/// A topic that nobody reads; commits for it go when it is deleted.
const TOPIC: &str = "short-lived";

pub struct Admin {
    id: usize,
    is_caching: bool,
}

impl Admin {
    pub fn new(id: usize) -> Admin {
        Admin { id, is_caching: true }
    }

    fn request(&mut self, w: &World) -> Request {
        let group = match w.within(0, 2) {
            0 => SIMPLE,
            i => GROUPS[i as usize - 1],
        };
        let group = group.to_string();
        match w.within(0, 99) {
            0..60 => Request::Group(c::Request::Offsets { group }),
            60..64 => Request::Group(c::Request::Describe { group }),
            64..66 => Request::Group(c::Request::List),
            66..68 => Request::Group(c::Request::AllOffsets),
            68..72 => Request::Group(c::Request::Delete { group }),
            72..74 => Request::TopicDeleted(TOPIC.into()),
            74..75 => {
                self.is_caching = !self.is_caching;
                Request::Caching(self.is_caching)
            }
            _ => Request::Group(self.commit(w)),
        }
    }

    fn commit(&self, w: &World) -> c::Request {
        let item = |topic: &str, partition| CommitItem {
            topic: topic.into(),
            partition,
            offset: w.fresh() as i64,
            leader_epoch: 0,
            metadata: format!("{}", w.fresh()),
        };
        let mut items = vec![item("t", w.within(0, 3) as i32)];
        if w.chance(300) {
            items.push(item(TOPIC, 0));
        }
        let request = CommitRequest { generation: -1, retention_ms: -1, items, ..CommitRequest::default() };
        c::Request::Commit { group: SIMPLE.into(), request }
    }
}

impl Client for Admin {
    fn start(&mut self, w: &World) {
        w.after(SECOND / 2, Event::Timer { client: self.id, what: AGAIN });
    }

    fn on_timer(&mut self, w: &World, _what: u64) {
        if w.is_healing.get() {
            return;
        }
        if w.chance(50) {
            w.reconnect(self.id);
        }
        let request = self.request(w);
        w.send(self.id, request);
        let us = w.within(1, w.options.admin_every_us * 2);
        w.after(us, Event::Timer { client: self.id, what: AGAIN });
    }

    fn on_answer(&mut self, w: &World, _number: u64, answer: Answer) {
        if matches!(answer, Answer::Disconnected) {
            w.reconnect(self.id);
        }
    }

    fn unsettled(&self, _w: &World) -> Option<String> {
        None
    }
}
