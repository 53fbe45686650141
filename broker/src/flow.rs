//! Marks on the way of a request, held against docs/FLOWS.md by a test. Free in release builds.

/// `flow!("produce.5")`: the code here is step 5 of the page's produce request.
#[macro_export]
macro_rules! flow {
    ($step:literal) => {
        #[cfg(debug_assertions)]
        $crate::flow::mark($step);
    };
}

#[cfg(debug_assertions)]
mod seen {
    use parking_lot::Mutex;
    use std::collections::BTreeSet;

    static SEEN: Mutex<Option<BTreeSet<&'static str>>> = Mutex::new(None);

    /// Called by `flow!`; does nothing until `watch`.
    pub fn mark(step: &'static str) {
        if let Some(seen) = SEEN.lock().as_mut() {
            seen.insert(step);
        }
    }

    /// Starts to collect marks, from none.
    pub fn watch() {
        *SEEN.lock() = Some(BTreeSet::new());
    }

    /// The marks seen since `watch`.
    pub fn seen() -> Vec<&'static str> {
        SEEN.lock().iter().flatten().copied().collect()
    }
}

#[cfg(debug_assertions)]
pub use seen::{mark, seen, watch};
