//! Which whole segments retention may delete, from the oldest on. Kafka's `retention.ms` and `retention.bytes`.

/// One sealed segment as retention sees it.
#[derive(Clone, Copy, Debug)]
pub struct SegmentFacts {
    /// First offset after the segment.
    pub end_offset: i64,
    pub size: u64,
    /// Largest timestamp of its records, or its last append time if they carry none.
    pub newest_ms: i64,
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
    pub active_size: u64,
}

/// How many of the oldest sealed segments go.
pub fn expired(sealed: &[SegmentFacts], i: &RetentionInput) -> usize {
    let mut total: u64 = sealed.iter().map(|s| s.size).sum::<u64>() + i.active_size;
    let mut n = 0;
    for s in sealed {
        let below_start = s.end_offset <= i.log_start;
        let too_old = i.retention_ms >= 0 && i.now_ms.saturating_sub(s.newest_ms) > i.retention_ms;
        let too_much = i.retention_bytes >= 0 && total.saturating_sub(s.size) >= i.retention_bytes as u64;
        if !(below_start || ((too_old || too_much) && s.end_offset <= i.deletable_below)) {
            break;
        }
        total = total.saturating_sub(s.size);
        n += 1;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seg(end_offset: i64, newest_ms: i64) -> SegmentFacts {
        SegmentFacts { end_offset, size: 100, newest_ms }
    }

    const I: RetentionInput = RetentionInput {
        now_ms: 1000,
        retention_ms: -1,
        retention_bytes: -1,
        deletable_below: 1000,
        log_start: 0,
        active_size: 50,
    };

    #[test]
    fn by_time_size_start_and_floor() {
        let s = [seg(10, 100), seg(20, 200), seg(30, 900)];
        assert_eq!(expired(&s, &I), 0);
        assert_eq!(expired(&s, &RetentionInput { retention_ms: 500, ..I }), 2);
        assert_eq!(expired(&s, &RetentionInput { retention_bytes: 150, ..I }), 2);
        assert_eq!(expired(&s, &RetentionInput { retention_bytes: 0, ..I }), 3);
        assert_eq!(expired(&s, &RetentionInput { retention_bytes: 0, deletable_below: 15, ..I }), 1);
        assert_eq!(expired(&s, &RetentionInput { log_start: 20, deletable_below: 0, ..I }), 2);
    }

    #[test]
    fn an_old_segment_behind_a_young_one_stays() {
        assert_eq!(expired(&[seg(10, 900), seg(20, 1)], &RetentionInput { retention_ms: 500, ..I }), 0);
    }
}
