//! Buffers of a network thread that no connection needs right now.
//!
//! Invariants: a connection that waits for its client holds none; what is kept is bounded in number and size; a
//! buffer that requests still point into is never handed out again for the bytes that they see. Each network
//! thread has its own, without a lock. Called by the connection and its answers.

use crate::limits;
use bytes::BytesMut;
use std::cell::RefCell;

/// Buffers kept of each size.
const SMALL_KEPT: usize = 32;
const LARGE_KEPT: usize = 2;
/// A large one saves growing a buffer step by step.
const LARGE: usize = 1024 * 1024;
const SMALL: usize = limits::READ_CHUNK;

#[derive(Default)]
struct Kept {
    small: Vec<BytesMut>,
    large: Vec<BytesMut>,
    /// Large ones were asked for since the last `trim`.
    large_used: bool,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::default();
}

/// An empty buffer with room for a read.
pub fn take() -> BytesMut {
    KEPT.with_borrow_mut(|k| k.small.pop()).unwrap_or_else(|| BytesMut::with_capacity(SMALL))
}

/// An empty buffer with room for at least `bytes`, if there is one.
pub fn take_large(bytes: usize) -> Option<BytesMut> {
    KEPT.with_borrow_mut(|k| {
        k.large_used = true;
        let at = k.large.iter().position(|b| b.capacity() >= bytes)?;
        Some(k.large.swap_remove(at))
    })
}

/// Takes a buffer back. What is too small, too large, or one too many is freed.
pub fn give(mut buffer: BytesMut) {
    buffer.clear();
    if buffer.capacity() > limits::READ_BUFFER_KEPT {
        return;
    }
    KEPT.with_borrow_mut(|k| {
        // Reclaiming moves nothing and allocates nothing; it fails while requests still point into the buffer.
        let (list, kept) = if buffer.try_reclaim(LARGE) {
            (&mut k.large, LARGE_KEPT)
        } else if buffer.try_reclaim(SMALL) {
            (&mut k.small, SMALL_KEPT)
        } else {
            return;
        };
        if list.len() < kept && buffer.capacity() <= limits::READ_BUFFER_KEPT {
            list.push(buffer);
        }
    });
}

/// Frees large buffers that nobody asked for since the last time.
pub fn trim() {
    KEPT.with_borrow_mut(|k| {
        if !std::mem::take(&mut k.large_used) {
            k.large = Vec::new();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BufMut;

    #[test]
    fn buffers_come_back_whole_and_only_if_nobody_sees_them() {
        let mut b = take();
        b.put_slice(&[1; 1000]);
        let place = b.as_ptr();
        let seen = b.split_to(1000).freeze();
        give(b);
        // The rest of the buffer is large enough only when the first bytes can be used again.
        let mut other = take();
        assert_ne!(other.as_ptr(), place);
        other.put_slice(&[2; 1000]);
        assert_eq!(&seen[..], &[1; 1000]);
        drop(seen);
        other.clear();
        let place = other.as_ptr();
        give(other);
        assert_eq!(take().as_ptr(), place, "the same buffer again");
    }

    #[test]
    fn large_ones_are_found_and_trimmed() {
        assert!(take_large(10).is_none());
        give(BytesMut::with_capacity(LARGE));
        give(BytesMut::with_capacity(limits::READ_BUFFER_KEPT + 1));
        assert!(take_large(limits::READ_BUFFER_KEPT).is_none());
        give(take_large(LARGE).unwrap());
        trim();
        trim();
        assert!(take_large(10).is_none());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        for _ in 0..SMALL_KEPT + 10 {
            give(BytesMut::with_capacity(SMALL));
        }
        KEPT.with_borrow(|k| assert_eq!(k.small.len(), SMALL_KEPT));
    }
}
