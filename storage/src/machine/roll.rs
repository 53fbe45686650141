//! When a log starts a new segment, and how far blocks are reserved ahead. Called under the partition's lock.

/// What the decision looks at. Times are wall-clock milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct RollInput {
    pub size: u64,
    pub batch_len: u64,
    /// Append time of the segment's first batch; `None` while it is empty.
    pub first_append_ms: Option<i64>,
    pub now_ms: i64,
    pub segment_bytes: u64,
    pub segment_ms: i64,
}

/// True when the next batch belongs into a new segment. An empty segment takes any batch.
pub fn must_roll(i: &RollInput) -> bool {
    let Some(first) = i.first_append_ms else { return false };
    i.size.saturating_add(i.batch_len) > i.segment_bytes
        || i.now_ms.saturating_sub(first) >= i.segment_ms
        // Positions are 32 bits.
        || i.size.saturating_add(i.batch_len) > u64::from(u32::MAX)
}

/// True when the next segment's file should be made in the background by now.
pub fn wants_next(size: u64, segment_bytes: u64) -> bool {
    size >= segment_bytes / 2
}

const AHEAD_MIN: u64 = 64 * 1024;
const AHEAD_MAX: u64 = 32 * 1024 * 1024;

/// How far blocks should be reserved, given what the segment holds and what is reserved; `None` if far enough.
/// Never further ahead than the segment already holds, so that thousands of small partitions cost little.
pub fn reserve_to(size: u64, reserved: u64, segment_bytes: u64) -> Option<u64> {
    let ahead = size.clamp(AHEAD_MIN, AHEAD_MAX);
    // A segment that ran on past its size, because the next one is late, reserves nothing more.
    if reserved >= size + ahead / 2 || reserved.max(size) >= segment_bytes {
        return None;
    }
    Some((size + ahead).next_multiple_of(4096).min(segment_bytes.next_multiple_of(4096)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const I: RollInput = RollInput {
        size: 900,
        batch_len: 100,
        first_append_ms: Some(0),
        now_ms: 10,
        segment_bytes: 1000,
        segment_ms: 100,
    };

    #[test]
    fn rolls_by_size_and_age() {
        assert!(!must_roll(&I));
        assert!(must_roll(&RollInput { batch_len: 101, ..I }));
        assert!(must_roll(&RollInput { now_ms: 100, ..I }));
        assert!(!must_roll(&RollInput { first_append_ms: None, batch_len: 5000, ..I }));
    }

    #[test]
    fn reserves_in_proportion() {
        assert_eq!(reserve_to(0, 0, 1 << 30), Some(64 * 1024));
        assert_eq!(reserve_to(1024, 64 * 1024, 1 << 30), None);
        assert_eq!(reserve_to(1 << 20, 1 << 20, 1 << 30), Some(2 << 20));
        assert_eq!(reserve_to(1 << 29, 1 << 29, 1 << 30), Some((1 << 29) + (32 << 20)));
        assert_eq!(reserve_to(1 << 30, 1 << 30, 1 << 30), None);
        assert_eq!(reserve_to((1 << 20) + 1, 0, 1 << 20), None, "ran on past its size");
    }
}
