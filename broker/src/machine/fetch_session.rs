//! Incremental fetch sessions (KIP-227): a client names partitions once, later only what changed.
//!
//! Invariants: epochs count 1, 2, .. 2^31-1, 1; a full fetch answers every requested partition, an incremental one
//! only those with news; at most `slots` sessions with `partitions_max` partitions in all exist, the least
//! recently used idle one makes room; whatever the sizes, a partition is found without walking the others.

use protocol::ErrorCode;
use smallvec::SmallVec;
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

/// Partitions in the order in which they are answered; most sessionless fetches name one.
pub type AllWanted<K> = SmallVec<[(K, Wanted); 1]>;

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
    order: BTreeMap<u64, (K, Wanted)>,
    /// Where each stands in the order.
    places: BTreeMap<K, u64>,
    next_place: u64,
    last_used_ms: i64,
    /// True if the session names topics by id.
    uses_ids: bool,
}

#[derive(Debug)]
pub struct FetchSessions<K> {
    slots: usize,
    partitions_max: usize,
    /// Partitions of all sessions.
    partitions: usize,
    sessions: BTreeMap<i32, Session<K>>,
}

/// The part of a fetch request that concerns sessions.
#[derive(Debug)]
pub struct SessionRequest<K> {
    pub id: i32,
    pub epoch: i32,
    pub uses_ids: bool,
    pub wanted: AllWanted<K>,
    pub forgotten: Vec<K>,
    /// An unused id for a new session; made outside, since machines have no randomness.
    pub fresh_id: i32,
}

fn after(epoch: i32) -> i32 {
    if epoch == i32::MAX { 1 } else { epoch + 1 }
}

impl<K: Clone + Ord> Session<K> {
    fn new(now_ms: i64, uses_ids: bool) -> Session<K> {
        let (order, places) = (BTreeMap::new(), BTreeMap::new());
        Session { next_epoch: 1, order, places, next_place: 0, last_used_ms: now_ms, uses_ids }
    }

    /// Adds a partition at the end, or takes over what the client now wants of it.
    fn want(&mut self, key: K, w: Wanted) {
        if let Some((_, old)) = self.places.get(&key).and_then(|at| self.order.get_mut(at)) {
            let told = (old.told_high_watermark, old.told_log_start);
            *old = Wanted { told_high_watermark: told.0, told_log_start: told.1, ..w };
            return;
        }
        self.places.insert(key.clone(), self.next_place);
        self.order.insert(self.next_place, (key, w));
        self.next_place += 1;
    }

    fn forget(&mut self, key: &K) {
        if let Some(at) = self.places.remove(key) {
            self.order.remove(&at);
        }
    }

    fn move_to_end(&mut self, key: &K) {
        let Some(at) = self.places.get_mut(key) else { return };
        if let Some(entry) = self.order.remove(at) {
            *at = self.next_place;
            self.order.insert(self.next_place, entry);
            self.next_place += 1;
        }
    }
}

impl<K: Clone + Ord> FetchSessions<K> {
    pub fn new(slots: usize, partitions_max: usize) -> FetchSessions<K> {
        FetchSessions { slots, partitions_max, partitions: 0, sessions: BTreeMap::new() }
    }

    fn remove(&mut self, id: i32) -> bool {
        let gone = self.sessions.remove(&id);
        self.partitions -= gone.as_ref().map_or(0, |s| s.order.len());
        gone.is_some()
    }

    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Finds or makes the session and returns the partitions to answer, in order.
    pub fn begin(&mut self, now_ms: i64, r: SessionRequest<K>) -> Result<(Mode, AllWanted<K>), ErrorCode> {
        if r.epoch == -1 || r.epoch == 0 {
            // A full fetch; an old session of this client ends.
            self.remove(r.id);
            let fits = self.partitions + r.wanted.len() <= self.partitions_max;
            let free = r.fresh_id > 0 && !self.sessions.contains_key(&r.fresh_id);
            if r.epoch == -1 || r.wanted.is_empty() || !fits || !free || !self.make_room(now_ms) {
                return Ok((Mode::Sessionless, r.wanted));
            }
            let mut session = Session::new(now_ms, r.uses_ids);
            r.wanted.iter().for_each(|(k, w)| session.want(k.clone(), *w));
            self.partitions += session.order.len();
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
        let before = s.order.len();
        r.wanted.into_iter().for_each(|(k, w)| s.want(k, w));
        r.forgotten.iter().for_each(|k| s.forget(k));
        let all: AllWanted<K> = s.order.values().cloned().collect();
        self.partitions = self.partitions + all.len() - before;
        if self.partitions > self.partitions_max {
            // The client starts over with a full fetch, which then gets no session.
            self.remove(r.id);
            return Err(ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
        }
        Ok((Mode::Incremental(r.id), all))
    }

    fn make_room(&mut self, now_ms: i64) -> bool {
        if self.sessions.len() < self.slots {
            return true;
        }
        let oldest =
            self.sessions.iter().min_by_key(|(_, s)| s.last_used_ms).map(|(id, s)| (*id, s.last_used_ms));
        match oldest {
            Some((id, used)) if now_ms - used > EVICT_IDLE_MS => self.remove(id),
            _ => false,
        }
    }

    /// Takes note of what an answer says of a partition. Those with data go to the end of the order.
    pub fn told(&mut self, id: i32, key: &K, high_watermark: i64, log_start: i64, had_data: bool) {
        let Some(s) = self.sessions.get_mut(&id) else { return };
        if let Some((_, w)) = s.places.get(key).and_then(|at| s.order.get_mut(at)) {
            w.told_high_watermark = high_watermark;
            w.told_log_start = log_start;
        }
        if had_data {
            s.move_to_end(key);
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
        let mut s = FetchSessions::new(10, 100);
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
        let mut s = FetchSessions::new(1, 100);
        s.begin(0, req(0, 0, &[1], &[])).unwrap();
        let other = SessionRequest { fresh_id: 78, ..req(0, 0, &[1], &[]) };
        assert_eq!(s.begin(1000, other).unwrap().0, Mode::Sessionless);
        let other = SessionRequest { fresh_id: 78, ..req(0, 0, &[1], &[]) };
        assert_eq!(s.begin(EVICT_IDLE_MS + 1, other).unwrap().0, Mode::New(78));
        assert_eq!((after(i32::MAX), after(1)), (1, 2));
    }

    #[test]
    fn partitions_are_bounded_over_all_sessions() {
        let mut s = FetchSessions::new(10, 4);
        s.begin(0, req(0, 0, &[1, 2], &[])).unwrap();
        let other = |wanted: &[u8]| SessionRequest { fresh_id: 78, ..req(0, 0, wanted, &[]) };
        assert_eq!(s.begin(0, other(&[1, 2, 3])).unwrap().0, Mode::Sessionless);
        assert_eq!(s.begin(0, other(&[1, 2])).unwrap().0, Mode::New(78));
        assert_eq!(s.begin(0, req(78, 1, &[1], &[2])).unwrap().0, Mode::Incremental(78));
        assert_eq!(s.begin(0, req(77, 1, &[3], &[])).unwrap().0, Mode::Incremental(77));
        assert_eq!(s.begin(0, req(77, 2, &[4], &[])).unwrap_err(), ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
        assert_eq!((s.len(), s.partitions), (1, 1), "the greedy one is gone");
    }

    #[test]
    fn an_id_that_is_taken_is_not_given_again() {
        let mut s = FetchSessions::new(10, 100);
        s.begin(0, req(0, 0, &[1], &[])).unwrap();
        assert_eq!(s.begin(0, req(0, 0, &[2], &[])).unwrap().0, Mode::Sessionless);
        assert_eq!(
            keys(&s.begin(0, req(77, 1, &[], &[])).unwrap().1),
            [1],
            "the first one's session is whole"
        );
    }

    #[test]
    fn large_sessions_take_no_time() {
        // Each of the steps walked over all partitions would be 10^10 comparisons.
        let n = 100_000u32;
        let wanted: Vec<(u32, Wanted)> = (0..n).map(|k| (k, W)).collect();
        let request = |id, epoch, forgotten| SessionRequest {
            id,
            epoch,
            uses_ids: true,
            wanted: wanted.clone().into(),
            forgotten,
            fresh_id: 77,
        };
        let mut s = FetchSessions::new(1, 200_000);
        s.begin(0, request(0, 0, Vec::new())).unwrap();
        (0..n).for_each(|k| s.told(77, &k, 1, 0, true));
        let (_, all) = s.begin(0, request(77, 1, (1..n).collect())).unwrap();
        assert_eq!(all.len(), 1);
    }
}
