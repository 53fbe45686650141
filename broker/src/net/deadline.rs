//! The times of one connection: idle, a frame that does not get further, answers that are not read.
//!
//! Invariants: one timer, which is set only when something is due earlier than it rings; a request that is handled
//! at once neither sets it nor reads a clock. What has passed is looked at when it rings. Owned by the connection.

use super::connection::Closed;
use crate::clock::Clock;
use crate::config::NetConfig;
use crate::limits;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::time::Sleep;

/// Idle time is counted in quarters: that is as late as an idle connection is noticed.
const IDLE_TICKS: u8 = 4;
const NEVER: i64 = i64::MAX;

/// A frame that is not complete: since when, and what came since then.
struct Window {
    since_ms: i64,
    bytes: u64,
}

pub struct Deadlines {
    timer: Pin<Box<Sleep>>,
    rings_ms: i64,
    idle_tick_ms: i64,
    quiet_ticks: u8,
    frame: Option<Window>,
    stalled_since_ms: i64,
    retry_since_ms: i64,
}

fn tick_ms(config: &NetConfig) -> i64 {
    (config.idle_ms / i64::from(IDLE_TICKS)).max(1)
}

impl Deadlines {
    pub fn new(clock: &Clock, config: &NetConfig) -> Deadlines {
        let at = clock.mono_ms().saturating_add(tick_ms(config));
        Deadlines {
            timer: Box::pin(tokio::time::sleep_until(clock.instant(at))),
            rings_ms: at,
            idle_tick_ms: at,
            quiet_ticks: 0,
            frame: None,
            stalled_since_ms: NEVER,
            retry_since_ms: NEVER,
        }
    }

    /// Has the timer ring at `at_ms` or before. One that rings early is cheap, one that is reset for each request
    /// is not.
    pub fn arm(&mut self, clock: &Clock, at_ms: i64) {
        if at_ms < self.rings_ms {
            self.rings_ms = at_ms;
            self.timer.as_mut().reset(clock.instant(at_ms));
        }
    }

    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.rings_ms == NEVER {
            return Poll::Pending;
        }
        self.timer.as_mut().poll(cx)
    }

    /// The timer rang: it is set anew once everything was looked at.
    pub fn rang(&mut self) {
        self.rings_ms = NEVER;
    }

    /// Bytes came from the client.
    pub fn arrived(&mut self, bytes: usize) {
        self.quiet_ticks = 0;
        if let Some(w) = &mut self.frame {
            w.bytes += bytes as u64;
        }
    }

    /// Bytes left to the client.
    pub fn left(&mut self) {
        self.quiet_ticks = 0;
        self.stalled_since_ms = NEVER;
    }

    pub fn frame_begun(&mut self, clock: &Clock, config: &NetConfig) {
        if self.frame.is_none() {
            let since_ms = clock.mono_ms();
            self.frame = Some(Window { since_ms, bytes: 0 });
            self.arm(clock, since_ms.saturating_add(config.frame_ms));
        }
    }

    pub fn frame_done(&mut self) {
        self.frame = None;
    }

    /// Answers that hold memory are not taken by the client.
    pub fn stalled(&mut self, clock: &Clock, config: &NetConfig) {
        if self.stalled_since_ms == NEVER {
            self.stalled_since_ms = clock.mono_ms();
            self.arm(clock, self.stalled_since_ms.saturating_add(config.frame_ms));
        }
    }

    /// A request waits for a log's first segment.
    pub fn retry_begun(&mut self, clock: &Clock) {
        if self.retry_since_ms == NEVER {
            self.retry_since_ms = clock.mono_ms();
            self.arm(clock, self.retry_since_ms.saturating_add(limits::FIRST_SEGMENT_MS_MAX));
        }
    }

    pub fn retry_done(&mut self) {
        self.retry_since_ms = NEVER;
    }

    /// `busy`: the client waits for us, so its silence says nothing.
    pub fn check_idle(&mut self, now_ms: i64, config: &NetConfig, busy: bool) -> Result<(), Closed> {
        if now_ms < self.idle_tick_ms {
            return Ok(());
        }
        self.idle_tick_ms = now_ms.saturating_add(tick_ms(config));
        self.quiet_ticks = if busy { 0 } else { self.quiet_ticks + 1 };
        // The first tick came somewhere in a quarter.
        if self.quiet_ticks > IDLE_TICKS { Err(Closed::Idle) } else { Ok(()) }
    }

    /// `paused`: we do not read, so what is missing is not the client's fault.
    pub fn check_frame(&mut self, now_ms: i64, config: &NetConfig, paused: bool) -> Result<(), Closed> {
        let Some(w) = &self.frame else { return Ok(()) };
        if now_ms < w.since_ms.saturating_add(config.frame_ms) {
            return Ok(());
        }
        let least = config.frame_bytes_per_second_min.saturating_mul(config.frame_ms as u64) / 1000;
        if !paused && (w.bytes < least || least == 0) {
            return Err(Closed::Slow);
        }
        self.frame = Some(Window { since_ms: now_ms, bytes: 0 });
        Ok(())
    }

    /// Answers that are not read, and requests whose segment does not come.
    pub fn check_rest(&self, now_ms: i64, config: &NetConfig) -> Result<(), Closed> {
        if now_ms >= self.stalled_since_ms.saturating_add(config.frame_ms) {
            return Err(Closed::Unread);
        }
        if now_ms >= self.retry_since_ms.saturating_add(limits::FIRST_SEGMENT_MS_MAX) {
            return Err(Closed::Unready);
        }
        Ok(())
    }

    /// When the next of these times is due.
    pub fn next(&self, config: &NetConfig) -> i64 {
        let frame = self.frame.as_ref().map_or(NEVER, |w| w.since_ms.saturating_add(config.frame_ms));
        let stalled = self.stalled_since_ms.saturating_add(config.frame_ms);
        let retry = self.retry_since_ms.saturating_add(limits::FIRST_SEGMENT_MS_MAX);
        self.idle_tick_ms.min(frame).min(stalled).min(retry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> NetConfig {
        NetConfig { idle_ms: 400, frame_ms: 1000, frame_bytes_per_second_min: 10, ..NetConfig::default() }
    }

    #[tokio::test]
    async fn idle_is_four_quarters_without_a_byte() {
        let (clock, c) = (Clock::new(), config());
        let mut d = Deadlines::new(&clock, &c);
        let t = d.idle_tick_ms;
        for i in 0..4 {
            d.check_idle(t + i * 100, &c, false).unwrap();
        }
        d.arrived(1);
        for i in 4..8 {
            d.check_idle(t + i * 100, &c, false).unwrap();
        }
        assert!(matches!(d.check_idle(t + 800, &c, false), Err(Closed::Idle)));
        d.check_idle(t + 900, &c, true).unwrap();
    }

    #[tokio::test]
    async fn a_frame_goes_on_or_ends() {
        let (clock, c) = (Clock::new(), config());
        let mut d = Deadlines::new(&clock, &c);
        d.frame_begun(&clock, &c);
        let t = d.frame.as_ref().unwrap().since_ms;
        d.check_frame(t + 999, &c, false).unwrap();
        d.arrived(10);
        d.check_frame(t + 1000, &c, false).unwrap();
        d.arrived(9);
        d.check_frame(t + 2000, &c, true).unwrap();
        d.arrived(9);
        assert!(matches!(d.check_frame(t + 3000, &c, false), Err(Closed::Slow)));
        d.frame_done();
        d.check_frame(t + 9000, &c, false).unwrap();
        // Without a rate to keep up, the time alone counts.
        let strict = NetConfig { frame_bytes_per_second_min: 0, ..c };
        d.frame_begun(&clock, &strict);
        d.arrived(1_000_000);
        assert!(matches!(d.check_frame(t + 99_000, &strict, false), Err(Closed::Slow)));
    }

    #[tokio::test]
    async fn the_timer_only_moves_forward() {
        let (clock, c) = (Clock::new(), config());
        let mut d = Deadlines::new(&clock, &c);
        let first = d.rings_ms;
        d.arm(&clock, first + 1);
        assert_eq!(d.rings_ms, first);
        d.arm(&clock, first - 1);
        assert_eq!(d.rings_ms, first - 1);
        d.stalled(&clock, &c);
        let t = d.stalled_since_ms;
        assert!(matches!(d.check_rest(t + 1000, &c), Err(Closed::Unread)));
        d.left();
        d.check_rest(t + 1000, &c).unwrap();
        assert_eq!(d.next(&c), d.idle_tick_ms);
    }
}
