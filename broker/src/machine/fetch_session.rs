//! Incremental fetch sessions (KIP-227): a client names partitions once, later only what changed.
//!
//! Invariants: epochs count 1, 2, .. 2^31-1, 1; a full fetch answers every requested partition, an incremental one
//! only those with news; at most `slots` sessions exist, the least recently used idle one makes room.

use protocol::ErrorCode;
use std::collections::BTreeMap;

/// Sessions idle for this long may be evicted by others.
const EVICT_IDLE_MS: i64 = 120_000;

/// What the client wants of one partition, and what it was last told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub fetch_offset: i64,
    pub max_bytes: i32,
    pub leader_epoch: i32,
    pub last_fetched_epoch: i32,
    pub log_start_offset: i64,
    /// High watermark and log start of the last answer; -1 before the first.
    pub told_high_watermark: i64,
    pub told_log_start: i64,
}

/// How the request relates to sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// No session: answer everything, id 0.
    Sessionless,
    /// A new session was made.
    New(i32),
    /// A session goes on.
    Incremental(i32),
}

#[derive(Debug)]
struct Session<K> {
    /// Epoch that the next request must carry.
    next_epoch: i32,
    /// In the order in which they are answered; those with data move to the end.
    partitions: Vec<(K, Wanted)>,
    last_used_ms: i64,
    /// True if the session names topics by id.
    uses_ids: bool,
}

#[derive(Debug)]
pub struct FetchSessions<K> {
    slots: usize,
    sessions: BTreeMap<i32, Session<K>>,
}

/// The part of a fetch request that concerns sessions.
#[derive(Debug)]
pub struct SessionRequest<K> {
    pub id: i32,
    pub epoch: i32,
    pub uses_ids: bool,
    pub wanted: Vec<(K, Wanted)>,
    pub forgotten: Vec<K>,
    /// An unused id for a new session; made outside, since machines have no randomness.
    pub fresh_id: i32,
}

fn after(epoch: i32) -> i32 {
    if epoch == i32::MAX { 1 } else { epoch + 1 }
}

impl<K: Clone + PartialEq> FetchSessions<K> {
    pub fn new(slots: usize) -> FetchSessions<K> {
        FetchSessions { slots, sessions: BTreeMap::new() }
    }

    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Finds or makes the session and returns the partitions to answer, in order.
    pub fn begin(
        &mut self,
        now_ms: i64,
        r: SessionRequest<K>,
    ) -> Result<(Mode, Vec<(K, Wanted)>), ErrorCode> {
        if r.epoch == -1 || r.epoch == 0 {
            // A full fetch; an old session of this client ends.
            self.sessions.remove(&r.id);
            if r.epoch == -1 || r.fresh_id <= 0 || r.wanted.is_empty() || !self.make_room(now_ms) {
                return Ok((Mode::Sessionless, r.wanted));
            }
            let session = Session {
                next_epoch: 1,
                partitions: r.wanted.clone(),
                last_used_ms: now_ms,
                uses_ids: r.uses_ids,
            };
            self.sessions.insert(r.fresh_id, session);
            return Ok((Mode::New(r.fresh_id), r.wanted));
        }
        let s = self.sessions.get_mut(&r.id).ok_or(ErrorCode::FETCH_SESSION_ID_NOT_FOUND)?;
        if s.next_epoch != r.epoch {
            return Err(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        }
        if s.uses_ids != r.uses_ids {
            return Err(ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
        }
        s.next_epoch = after(r.epoch);
        s.last_used_ms = now_ms;
        for (k, w) in r.wanted {
            match s.partitions.iter_mut().find(|(have, _)| *have == k) {
                Some((_, old)) => {
                    *old = Wanted {
                        told_high_watermark: old.told_high_watermark,
                        told_log_start: old.told_log_start,
                        ..w
                    };
                }
                None => s.partitions.push((k, w)),
            }
        }
        s.partitions.retain(|(k, _)| !r.forgotten.contains(k));
        Ok((Mode::Incremental(r.id), s.partitions.clone()))
    }

    fn make_room(&mut self, now_ms: i64) -> bool {
        if self.sessions.len() < self.slots {
            return true;
        }
        let oldest =
            self.sessions.iter().min_by_key(|(_, s)| s.last_used_ms).map(|(id, s)| (*id, s.last_used_ms));
        match oldest {
            Some((id, used)) if now_ms - used > EVICT_IDLE_MS => self.sessions.remove(&id).is_some(),
            _ => false,
        }
    }

    /// Takes note of what an answer says of a partition. Those with data go to the end of the order.
    pub fn told(&mut self, id: i32, key: &K, high_watermark: i64, log_start: i64, had_data: bool) {
        let Some(s) = self.sessions.get_mut(&id) else { return };
        let Some(at) = s.partitions.iter().position(|(k, _)| k == key) else { return };
        if let Some((_, w)) = s.partitions.get_mut(at) {
            w.told_high_watermark = high_watermark;
            w.told_log_start = log_start;
        }
        if had_data {
            let moved = s.partitions.remove(at);
            s.partitions.push(moved);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: Wanted = Wanted {
        fetch_offset: 0,
        max_bytes: 1,
        leader_epoch: -1,
        last_fetched_epoch: -1,
        log_start_offset: -1,
        told_high_watermark: -1,
        told_log_start: -1,
    };

    fn req(id: i32, epoch: i32, wanted: &[u8], forgotten: &[u8]) -> SessionRequest<u8> {
        SessionRequest {
            id,
            epoch,
            uses_ids: true,
            wanted: wanted.iter().map(|k| (*k, W)).collect(),
            forgotten: forgotten.to_vec(),
            fresh_id: 77,
        }
    }

    fn keys(v: &[(u8, Wanted)]) -> Vec<u8> {
        v.iter().map(|(k, _)| *k).collect()
    }

    #[test]
    fn a_session_remembers_adds_forgets_and_rotates() {
        let mut s = FetchSessions::new(10);
        let (mode, all) = s.begin(0, req(0, 0, &[1, 2, 3], &[])).unwrap();
        assert_eq!((mode, keys(&all)), (Mode::New(77), vec![1, 2, 3]));
        s.told(77, &1, 5, 0, true);
        let (mode, all) = s.begin(0, req(77, 1, &[4], &[2])).unwrap();
        assert_eq!((mode, keys(&all)), (Mode::Incremental(77), vec![3, 1, 4]));
        assert_eq!(all[1].1.told_high_watermark, 5);
        assert_eq!(s.begin(0, req(77, 1, &[], &[])).unwrap_err(), ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        assert_eq!(s.begin(0, req(78, 1, &[], &[])).unwrap_err(), ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
        let named = SessionRequest { uses_ids: false, ..req(77, 2, &[], &[]) };
        assert_eq!(s.begin(0, named).unwrap_err(), ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
        assert_eq!(s.begin(0, req(77, -1, &[1], &[])).unwrap().0, Mode::Sessionless);
        assert!(s.is_empty());
    }

    #[test]
    fn slots_are_bounded() {
        let mut s = FetchSessions::new(1);
        s.begin(0, req(0, 0, &[1], &[])).unwrap();
        let other = SessionRequest { fresh_id: 78, ..req(0, 0, &[1], &[]) };
        assert_eq!(s.begin(1000, other).unwrap().0, Mode::Sessionless);
        let other = SessionRequest { fresh_id: 78, ..req(0, 0, &[1], &[]) };
        assert_eq!(s.begin(EVICT_IDLE_MS + 1, other).unwrap().0, Mode::New(78));
        assert_eq!((after(i32::MAX), after(1)), (1, 2));
    }
}
