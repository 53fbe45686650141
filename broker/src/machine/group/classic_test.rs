//! A classic group: who is told what and when, and on which clock.

use super::classic::{Action, Group, GroupState, JoinAnswer, JoinRequest, SyncAnswer};
use super::{GroupConfig, Now};
use bytes::Bytes;
use protocol::ErrorCode;

const REBALANCE_MS: i64 = 20_000;
const SESSION_MS: i64 = 10_000;

struct Rig {
    group: Group<u32>,
    now: Now,
    out: Vec<Action<u32>>,
}

fn request(name: &str) -> JoinRequest {
    JoinRequest {
        session_timeout_ms: SESSION_MS as i32,
        rebalance_timeout_ms: REBALANCE_MS as i32,
        protocol_type: "consumer".into(),
        protocols: vec![("range".into(), Bytes::from_static(b"s"))],
        fresh_id: name.into(),
        ..JoinRequest::default()
    }
}

impl Rig {
    fn new(initial_rebalance_delay_ms: i32) -> Rig {
        let config = GroupConfig { initial_rebalance_delay_ms, ..GroupConfig::default() };
        let now = Now { mono_ms: 1_000, wall_ms: 1_700_000_000_000 };
        Rig { group: Group::new(config, now), now, out: Vec::new() }
    }

    fn join(&mut self, token: u32, r: JoinRequest) {
        self.group.join(self.now, r, token, &mut self.out);
    }

    fn sync(&mut self, token: u32, member: &str, shares: &[(&str, &'static str)]) {
        let shares = shares.iter().map(|(m, s)| (m.to_string(), Bytes::from(*s))).collect();
        let who = (member, None, self.group.generation());
        self.group.sync(self.now, who, (None, None), shares, token, &mut self.out);
    }

    fn tick(&mut self, after_ms: i64) {
        self.now.mono_ms += after_ms;
        self.group.tick(self.now, &mut self.out);
    }

    fn joins(&mut self) -> Vec<(u32, JoinAnswer)> {
        let mut joins = Vec::new();
        self.out.retain(|a| match a {
            Action::Join(t, a) => {
                joins.push((*t, a.clone()));
                false
            }
            _ => true,
        });
        joins
    }

    fn syncs(&mut self) -> Vec<(u32, SyncAnswer)> {
        let mut syncs = Vec::new();
        self.out.retain(|a| match a {
            Action::Sync(t, a) => {
                syncs.push((*t, a.clone()));
                false
            }
            _ => true,
        });
        syncs
    }

    /// Ends the append of the last record that the group wants.
    fn persisted(&mut self, result: Result<(), ErrorCode>) {
        let last = self.out.iter().rev().find_map(|a| match a {
            Action::Persist(p) => Some(p.number),
            _ => None,
        });
        self.group.on_persisted(self.now, last.expect("a record"), result, &mut self.out);
    }

    /// Two members, `a` leads; both know their shares.
    fn stable() -> Rig {
        let mut r = Rig::new(0);
        r.join(1, request("a"));
        r.join(2, request("b"));
        r.join(3, JoinRequest { member_id: "a".into(), ..request("a") });
        r.joins();
        r.sync(4, "a", &[("a", "left"), ("b", "right")]);
        r.sync(5, "b", &[]);
        r.persisted(Ok(()));
        assert_eq!((r.group.state(), r.syncs().len()), (GroupState::Stable, 2));
        r
    }
}

#[test]
fn shares_are_told_once_they_are_stored() {
    let mut r = Rig::new(0);
    r.join(1, request("a"));
    let (token, answer) = r.joins().remove(0);
    assert_eq!((token, answer.generation, answer.leader.as_str()), (1, 1, "a"));
    r.sync(2, "a", &[("a", "all")]);
    assert!(r.syncs().is_empty(), "the record is under way");
    r.persisted(Ok(()));
    assert_eq!(r.syncs().remove(0).1.assignment, "all");
    assert_eq!(r.group.state(), GroupState::Stable);
}

#[test]
fn shares_that_could_not_be_stored_are_told_to_nobody() {
    let mut r = Rig::new(0);
    r.join(1, request("a"));
    r.sync(2, "a", &[("a", "all")]);
    r.persisted(Err(ErrorCode::COORDINATOR_NOT_AVAILABLE));
    let told = r.syncs();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].1.error, told[0].1.assignment.len()), (ErrorCode::COORDINATOR_NOT_AVAILABLE, 0));
    assert_eq!(r.group.state(), GroupState::PreparingRebalance);
}

#[test]
fn sessions_run_on_the_monotonic_clock() {
    let mut r = Rig::stable();
    r.now.wall_ms += 1 << 40;
    r.tick(SESSION_MS - 1);
    assert_eq!(r.group.member_count(), 2, "the wall clock jumped, no session ended");
    assert_eq!(r.group.heartbeat(r.now, "b", None, r.group.generation()), ErrorCode::NONE);
    r.now.wall_ms -= 1 << 41;
    r.tick(1);
    assert_eq!(r.group.member_count(), 1, "a was silent for its session");
    assert_eq!(r.group.heartbeat(r.now, "b", None, r.group.generation()), ErrorCode::REBALANCE_IN_PROGRESS);
}

#[test]
fn who_does_not_ask_for_its_share_in_time_is_out() {
    let mut r = Rig::new(0);
    r.join(1, request("a"));
    r.join(2, request("b"));
    r.join(3, JoinRequest { member_id: "a".into(), ..request("a") });
    r.sync(4, "a", &[("a", "left"), ("b", "right")]);
    r.persisted(Ok(()));
    // b only sends heartbeats; a as well.
    for _ in 0..REBALANCE_MS / 5_000 - 1 {
        r.tick(5_000);
        for m in ["a", "b"] {
            assert_eq!(r.group.heartbeat(r.now, m, None, r.group.generation()), ErrorCode::NONE);
        }
    }
    r.tick(5_000);
    let generation = r.group.generation();
    assert_eq!(r.group.heartbeat(r.now, "b", None, generation), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(r.group.heartbeat(r.now, "a", None, generation), ErrorCode::REBALANCE_IN_PROGRESS);
}

#[test]
fn several_leavers_cause_one_rebalance() {
    let mut r = Rig::stable();
    r.join(6, JoinRequest { member_id: "a".into(), ..request("a") });
    assert!(r.joins().is_empty(), "b must come back first");
    let leavers = [("b".to_string(), None), ("nobody".to_string(), None), ("a".to_string(), None)];
    let codes = r.group.leave(r.now, &leavers, &mut r.out);
    assert_eq!(codes, [ErrorCode::NONE, ErrorCode::UNKNOWN_MEMBER_ID, ErrorCode::NONE]);
    assert_eq!(r.joins()[0].1.error, ErrorCode::UNKNOWN_MEMBER_ID, "there is no generation in between");
    assert_eq!((r.group.state(), r.group.generation()), (GroupState::Empty, 3));
}

#[test]
fn a_static_member_that_starts_anew_takes_its_place_and_fences_the_old_one() {
    let instance = |id: &str| JoinRequest { instance_id: Some("i".into()), ..request(id) };
    let mut r = Rig::new(0);
    r.join(1, instance("old"));
    let who = ("old", Some("i"), r.group.generation());
    let shares = vec![("old".to_string(), Bytes::from("all"))];
    r.group.sync(r.now, who, (None, None), shares, 2, &mut r.out);
    r.persisted(Ok(()));
    r.joins();
    let generation = r.group.generation();
    r.join(3, instance("new"));
    assert!(r.joins().is_empty(), "answered once it is stored");
    r.persisted(Ok(()));
    let (_, answer) = r.joins().remove(0);
    assert_eq!((answer.error, answer.generation), (ErrorCode::NONE, generation), "no rebalance");
    assert_eq!(r.group.heartbeat(r.now, "old", Some("i"), generation), ErrorCode::FENCED_INSTANCE_ID);
    assert_eq!(r.group.heartbeat(r.now, "new", Some("i"), generation), ErrorCode::NONE);
}

#[test]
fn a_new_group_gathers_as_long_as_members_come() {
    let mut r = Rig::new(3_000);
    r.join(1, request("a"));
    r.tick(2_999);
    r.join(2, request("b"));
    r.tick(1);
    assert!(r.joins().is_empty(), "b came in this window: there is another one");
    r.tick(3_000);
    assert_eq!(r.joins().len(), 2);
    assert_eq!(r.group.generation(), 1);
}

#[test]
fn commits_without_a_generation_need_a_group_without_members() {
    let mut r = Rig::new(0);
    for member in ["", "anybody"] {
        assert_eq!(
            r.group.check_commit(r.now, member, None, -1),
            Ok(()),
            "as Kafka: nobody is asked who he is"
        );
    }
    let mut r = Rig::stable();
    let now = r.now;
    let mut check =
        |member: &str, instance, generation| r.group.check_commit(now, member, instance, generation);
    assert_eq!(check("", None, -1), Err(ErrorCode::UNKNOWN_MEMBER_ID));
    assert_eq!(check("anybody", None, -1), Err(ErrorCode::UNKNOWN_MEMBER_ID));
    assert_eq!(check("a", None, -1), Err(ErrorCode::ILLEGAL_GENERATION));
    assert_eq!(check("a", None, 1), Err(ErrorCode::ILLEGAL_GENERATION));
    assert_eq!(check("a", Some("i"), 2), Err(ErrorCode::UNKNOWN_MEMBER_ID));
    assert_eq!(check("a", None, 2), Ok(()));
}
