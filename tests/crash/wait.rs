//! Time for the harness: waiting for a condition with a bound, and pauses that are part of the load.
//!
//! The only place of this binary that reads a clock or sleeps; Ctrl-C and SIGTERM end every wait.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Signals received so far.
static SIGNALS: AtomicU32 = AtomicU32::new(0);

#[expect(clippy::disallowed_methods, reason = "a harness of real processes needs the real clock")]
pub fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a harness of real processes polls them")]
pub fn pause(d: Duration) {
    std::thread::sleep(d);
}

pub fn interrupted() -> bool {
    SIGNALS.load(Ordering::Relaxed) > 0
}

/// Runs `act`, unless it was interrupted before.
pub fn check_interrupt() -> Result<(), String> {
    if interrupted() { Err("interrupted".into()) } else { Ok(()) }
}

/// Polls until `f` gives something; an error after `bound` names `what`.
pub fn until<T>(
    what: &str,
    bound: Duration,
    mut f: impl FnMut() -> Result<Option<T>, String>,
) -> Result<T, String> {
    let began = now();
    loop {
        if let Some(found) = f()? {
            return Ok(found);
        }
        check_interrupt()?;
        if began.elapsed() > bound {
            return Err(format!("{what}: not within {} s", bound.as_secs()));
        }
        pause(Duration::from_millis(2));
    }
}

/// Lets `d` pass, or less when interrupted.
pub fn pass(d: Duration) -> Result<(), String> {
    let began = now();
    while let Some(rest) = d.checked_sub(began.elapsed()).filter(|r| !r.is_zero()) {
        check_interrupt()?;
        pause(rest.min(Duration::from_millis(20)));
    }
    Ok(())
}

/// From now on SIGINT and SIGTERM end waits, so that everything is cleaned up. A second one counts, too: the first
/// may have come to the process group while a child was being waited for.
pub fn listen_for_signals() -> Result<(), String> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("signals: {e}"))?;
    let (mut int, mut term) = {
        let _in = runtime.enter();
        let of = |k| signal(k).map_err(|e| format!("signals: {e}"));
        (of(SignalKind::interrupt())?, of(SignalKind::terminate())?)
    };
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            runtime.block_on(async move {
                loop {
                    tokio::select! {
                        _ = int.recv() => {}
                        _ = term.recv() => {}
                    }
                    SIGNALS.fetch_add(1, Ordering::Relaxed);
                    eprintln!("interrupted: cleaning up");
                }
            });
        })
        .map_err(|e| format!("signals: {e}"))?;
    Ok(())
}
