//! So many a second, and at once as many as one second allows: how new connections and log lines are paced.
//!
//! Pure: time comes in as a value.

/// A generic cell rate algorithm: the next event's due time, which runs ahead of the clock by at most a second.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    interval_us: i64,
    due_us: i64,
}

const SECOND_US: i64 = 1_000_000;

impl Pace {
    pub fn per_second(events: u32) -> Pace {
        Pace { interval_us: SECOND_US / i64::from(events.max(1)), due_us: 0 }
    }

    /// Counts an event and says how many milliseconds it comes too early.
    pub fn take(&mut self, now_ms: i64) -> u64 {
        let now_us = now_ms.saturating_mul(1000);
        self.due_us = self.due_us.max(now_us).saturating_add(self.interval_us);
        let early_us = self.due_us - now_us - SECOND_US;
        u64::try_from(early_us).unwrap_or(0).div_ceil(1000)
    }

    /// Counts an event if it is in time.
    pub fn allows(&mut self, now_ms: i64) -> bool {
        let before = *self;
        let in_time = self.take(now_ms) == 0;
        if !in_time {
            *self = before;
        }
        in_time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_a_second_then_evenly() {
        let mut p = Pace::per_second(500);
        assert!((0..500).all(|_| p.take(10_000) == 0));
        assert_eq!((p.take(10_000), p.take(10_000)), (2, 4));
        assert_eq!(p.take(10_006), 0, "the clock caught up");
        assert_eq!(p.take(99_000), 0);
    }

    #[test]
    fn what_is_refused_does_not_count() {
        let mut p = Pace::per_second(2);
        assert!(p.allows(0) && p.allows(0));
        assert!(!p.allows(0) && !p.allows(499));
        assert!(p.allows(500));
    }
}
