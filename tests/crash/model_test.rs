//! Each promise of the model, kept and broken.

use super::*;

fn v(producer: u16, counter: u32) -> Value {
    Value { producer, counter }
}

fn content(counters: &[u32]) -> Vec<Value> {
    counters.iter().map(|c| v(1, *c)).collect()
}

fn durable(offset: i64, counter: u32) -> Fact {
    Fact { offset, value: v(1, counter), strength: Strength::Durable }
}

fn leader(offset: i64, counter: u32) -> Fact {
    Fact { strength: Strength::Leader, ..durable(offset, counter) }
}

fn check(facts: &[Fact], log: &[u32], caching: bool, crash: Crash) -> Vec<Problem> {
    let mut p = Partition::default();
    facts.iter().for_each(|f| p.learn(*f));
    p.check("t-0", content(log), caching, crash)
}

#[test]
fn an_acked_record_must_be_there() {
    let acked = [durable(0, 0), durable(1, 1)];
    for crash in [Crash::Process, Crash::Power] {
        assert_eq!(check(&acked, &[0, 1], false, crash), []);
        assert!(matches!(check(&acked, &[0], false, crash)[..], [Problem::Lost { offset: 1, .. }]));
        assert!(matches!(check(&acked, &[0, 2], false, crash)[..], [Problem::Changed { offset: 1, .. }]));
    }
}

#[test]
fn acks_1_and_write_caching_may_lose_in_a_power_cut_only() {
    let acked = [durable(0, 0), leader(1, 1)];
    assert_eq!(check(&acked, &[0], false, Crash::Power), []);
    assert!(matches!(check(&acked, &[0], false, Crash::Process)[..], [Problem::Lost { offset: 1, .. }]));
    assert_eq!(check(&acked, &[], true, Crash::Power), []);
    assert_eq!(check(&acked, &[], true, Crash::Process).len(), 2);
    assert_eq!(check(&acked, &[], false, Crash::Power).len(), 1);
}

#[test]
fn what_was_read_stays_as_it_was_read() {
    let again = |log: &[u32], caching, crash| {
        let mut p = Partition::default();
        assert_eq!(p.check("t-0", content(&[0, 1, 2]), caching, Crash::Process), []);
        p.check("t-0", content(log), caching, crash)
    };
    assert_eq!(again(&[0, 1, 2, 3], false, Crash::Power), []);
    assert!(matches!(again(&[0, 1], false, Crash::Power)[..], [Problem::Lost { offset: 2, .. }]));
    assert_eq!(again(&[0, 1], true, Crash::Power), [], "a prefix remains");
    assert!(matches!(again(&[0, 2], true, Crash::Power)[..], [Problem::Changed { offset: 1, .. }]));
}

#[test]
fn nothing_twice_and_in_order_without_gaps() {
    assert!(matches!(check(&[], &[0, 1, 0], false, Crash::Process)[..], [Problem::Twice { second: 2, .. }]));
    assert!(matches!(
        check(&[], &[1, 0], false, Crash::Process)[..],
        [Problem::Disordered { offset: 1, .. }]
    ));
    assert_eq!(check(&[], &[1, 3], false, Crash::Process), [], "a producer that gives up may leave gaps");
    let mut p = Partition::default();
    p.expect_gapless(1);
    assert!(matches!(
        p.check("t-0", content(&[0, 2]), false, Crash::Power)[..],
        [Problem::Gap { expected: 1, .. }]
    ));
}

#[test]
fn the_end_never_goes_back() {
    let mut p = Partition::default();
    p.saw_end(3);
    assert!(matches!(p.check("t-0", content(&[0, 1]), false, Crash::Process)[..], [Problem::EndBack { .. }]));
}

#[test]
fn topics_stay_and_deleted_ones_stay_away() {
    let mut m = Model::default();
    for (name, e) in [
        ("made", Existence::Created),
        ("perhaps", Existence::MaybeCreated),
        ("gone", Existence::Deleted),
        ("going", Existence::MaybeDeleted),
    ] {
        m.topic(name, 2, false).existence = e;
    }
    let all = |names: &[&str], n| names.iter().map(|t| (t.to_string(), [1; 16], n)).collect::<Vec<_>>();
    assert_eq!(m.check_topics(&all(&["made", "perhaps"], 2)), []);
    assert_eq!(m.topics["going"].existence, Existence::Deleted);
    assert_eq!(m.check_topics(&all(&["made"], 2)).len(), 1, "what was seen is known");
    assert!(matches!(
        m.check_topics(&all(&["made", "perhaps", "going"], 2))[..],
        [Problem::TopicBack { .. }]
    ));
    assert_eq!(m.check_topics(&all(&["made", "perhaps"], 1)).len(), 2, "partitions are missing");
    let other: Vec<_> = ["made", "perhaps"].iter().map(|t| (t.to_string(), [2; 16], 2)).collect();
    assert_eq!(m.check_topics(&other).len(), 2, "another topic of the same name");
}

#[test]
fn committed_offsets_only_grow() {
    let mut m = Model::default();
    m.committed("g", "t", 0, 5, true);
    m.committed("g", "t", 0, 9, false);
    let at = |offset| vec![("t".to_string(), 0, offset)];
    assert_eq!(m.check_group("g", &at(5)), []);
    assert_eq!(m.check_group("g", &at(9)), []);
    assert!(matches!(m.check_group("g", &at(5))[..], [Problem::GroupBack { floor: 9, .. }]), "it was seen");
    assert!(matches!(m.check_group("g", &at(10))[..], [Problem::GroupAhead { .. }]));
    let mut m = Model::default();
    m.committed("g", "t", 0, 5, true);
    assert!(matches!(m.check_group("g", &[])[..], [Problem::GroupBack { found: -1, .. }]));
    assert!(m.pid_given(3).is_none());
    assert!(m.pid_given(3).is_some());
}
