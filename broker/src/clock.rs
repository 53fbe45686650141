//! The one place that reads clocks. Everything else gets time as a value.

use crate::machine::group::Now;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        Clock::new()
    }
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the one reader of clocks")]
    pub fn new() -> Clock {
        Clock { started: Instant::now() }
    }

    #[expect(clippy::disallowed_methods, reason = "the one reader of clocks")]
    pub fn now(&self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now { mono_ms: self.started.elapsed().as_millis() as i64, wall_ms: wall.as_millis() as i64 }
    }

    /// Monotonic milliseconds alone, where wall time is not needed.
    pub fn mono_ms(&self) -> i64 {
        self.started.elapsed().as_millis() as i64
    }

    /// For measuring how long something takes.
    #[expect(clippy::disallowed_methods, reason = "the one reader of clocks")]
    pub fn instant_now(&self) -> Instant {
        Instant::now()
    }

    /// A point in monotonic time as tokio's timers want it.
    pub fn instant(&self, mono_ms: i64) -> tokio::time::Instant {
        (self.started + Duration::from_millis(mono_ms.max(0) as u64)).into()
    }
}

/// For progress reports of code that runs before there is a `Clock` to pass around.
#[expect(clippy::disallowed_methods, reason = "the one reader of clocks")]
pub fn instant() -> Instant {
    Instant::now()
}
