//! Which whole segments retention may delete, from the oldest on. Kafka's `retention.ms` and `retention.bytes`.

/// One segment as retention sees it, oldest first; the last may be the active one.
#[derive(Clone, Copy, Debug)]
pub struct SegmentFacts {
    /// First offset after the segment.
    pub end_offset: i64,
    pub size: u64,
    /// Largest timestamp of its records, or its last append time if they carry none; `None` if not known yet.
    pub newest_ms: Option<i64>,
    /// Closed, and complete on disk.
    pub is_sealed: bool,
    pub is_active: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct RetentionInput {
    pub now_ms: i64,
    /// -1 keeps forever.
    pub retention_ms: i64,
    /// -1 keeps all.
    pub retention_bytes: i64,
    /// Nothing at or above this offset is deleted (the high watermark, and what the lake still needs).
    pub deletable_below: i64,
    pub log_start: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// How many of the oldest segments go.
    pub delete: usize,
    /// The log start after that.
    pub log_start: i64,
    /// All that is left is an active segment that would go too: close it, so that it can.
    pub roll: bool,
}

pub fn plan(segments: &[SegmentFacts], i: &RetentionInput) -> Plan {
    let mut total: u64 = segments.iter().map(|s| s.size).sum();
    let mut out = Plan { log_start: i.log_start, ..Plan::default() };
    for s in segments {
        let below_start = s.end_offset <= i.log_start;
        let too_old =
            i.retention_ms >= 0 && s.newest_ms.is_some_and(|t| i.now_ms.saturating_sub(t) > i.retention_ms);
        let too_much = i.retention_bytes >= 0 && total.saturating_sub(s.size) >= i.retention_bytes as u64;
        if !(below_start || ((too_old || too_much) && s.end_offset <= i.deletable_below)) {
            break;
        }
        if !s.is_sealed {
            out.roll = s.is_active && s.size > 0;
            break;
        }
        total = total.saturating_sub(s.size);
        out.delete += 1;
        out.log_start = out.log_start.max(s.end_offset);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seg(end_offset: i64, newest_ms: i64) -> SegmentFacts {
        SegmentFacts { end_offset, size: 100, newest_ms: Some(newest_ms), is_sealed: true, is_active: false }
    }

    const I: RetentionInput = RetentionInput {
        now_ms: 1000,
        retention_ms: -1,
        retention_bytes: -1,
        deletable_below: 1000,
        log_start: 0,
    };

    fn deleted(s: &[SegmentFacts], i: RetentionInput) -> usize {
        plan(s, &i).delete
    }

    #[test]
    fn by_time_size_start_and_floor() {
        let active = SegmentFacts { size: 50, is_sealed: false, is_active: true, ..seg(40, 950) };
        let s = [seg(10, 100), seg(20, 200), seg(30, 900), active];
        assert_eq!(deleted(&s, I), 0);
        assert_eq!(
            plan(&s, &RetentionInput { retention_ms: 500, ..I }),
            Plan { delete: 2, log_start: 20, roll: false }
        );
        assert_eq!(deleted(&s, RetentionInput { retention_bytes: 150, ..I }), 2);
        assert_eq!(deleted(&s, RetentionInput { retention_bytes: 0, ..I }), 3);
        assert_eq!(deleted(&s, RetentionInput { retention_bytes: 0, deletable_below: 15, ..I }), 1);
        assert_eq!(deleted(&s, RetentionInput { log_start: 20, deletable_below: 0, ..I }), 2);
    }

    #[test]
    fn an_old_segment_behind_a_young_one_stays() {
        assert_eq!(deleted(&[seg(10, 900), seg(20, 1)], RetentionInput { retention_ms: 500, ..I }), 0);
    }

    #[test]
    fn unknown_ages_stay_and_an_old_active_segment_is_closed() {
        let unknown = SegmentFacts { newest_ms: None, ..seg(10, 0) };
        assert_eq!(deleted(&[unknown, seg(20, 1)], RetentionInput { retention_ms: 500, ..I }), 0);
        let active = SegmentFacts { is_sealed: false, is_active: true, ..seg(20, 2) };
        let old = RetentionInput { retention_ms: 500, ..I };
        assert_eq!(plan(&[seg(10, 1), active], &old), Plan { delete: 1, log_start: 10, roll: true });
        assert!(!plan(&[SegmentFacts { is_active: false, ..active }], &old).roll, "not yet on disk");
        assert!(!plan(&[SegmentFacts { size: 0, ..active }], &old).roll, "an empty one is left alone");
        assert!(!plan(&[active], &RetentionInput { deletable_below: 19, ..old }).roll);
    }
}
