//! The load generator's one reader of a clock, and waiting that is exact enough for latencies below 0.1 ms.
//!
//! Invariant: nobody else here reads time, so a measurement has one place that can be wrong. Called by every mode.

use std::num::NonZeroU64;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The last stretch before a due time is spun: a sleeping thread comes back up to this late.
const SPIN: Duration = Duration::from_micros(40);

#[expect(clippy::disallowed_methods, reason = "the load generator's one reader of the monotonic clock")]
pub fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the load generator's one reader of the wall clock")]
pub fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "a load generator sends at due times; no runtime is involved")]
pub fn sleep(d: Duration) {
    std::thread::sleep(d);
}

/// Takes the calling thread's timer slack (50 us by default) away.
pub fn be_punctual() -> Result<(), String> {
    rustix::thread::set_current_timer_slack(NonZeroU64::new(1)).map_err(|e| format!("timer slack: {e}"))
}

/// Returns at `t`, not earlier.
pub fn wait_until(t: Instant) {
    loop {
        let left = t.saturating_duration_since(now());
        if left.is_zero() {
            return;
        }
        if left > SPIN { sleep(left - SPIN) } else { std::hint::spin_loop() }
    }
}

/// Polls `done` every millisecond until it says yes; an error after `limit`.
pub fn poll(what: &str, limit: Duration, done: impl FnMut() -> Result<bool, String>) -> Result<(), String> {
    poll_every(Duration::from_millis(1), what, limit, done)
}

pub fn poll_every(
    every: Duration,
    what: &str,
    limit: Duration,
    mut done: impl FnMut() -> Result<bool, String>,
) -> Result<(), String> {
    let began = now();
    loop {
        if done()? {
            return Ok(());
        }
        if began.elapsed() > limit {
            return Err(format!("{what}: not within {limit:?}"));
        }
        sleep(every);
    }
}

/// `YYYY-MM-DD` in UTC.
pub fn date() -> String {
    civil((wall().as_secs() / 86_400) as i64)
}

/// The Gregorian date of a day number since 1970-01-01.
fn civil(days: i64) -> String {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let m = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * m + 2) / 5 + 1;
    let month = if m < 10 { m + 3 } else { m - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(civil(0), "1970-01-01");
        assert_eq!(civil(11_016), "2000-02-29");
        assert_eq!(civil(20_782), "2026-11-25");
    }

    #[test]
    fn waits_are_never_short() {
        let due = now() + Duration::from_micros(300);
        wait_until(due);
        assert!(now() >= due);
    }
}
