//! Every bound of the broker in one place. Those that depend on the machine derive from RLIMIT_NOFILE at start.
//!
//! Called by whoever reads from the wire, the disk or a config. Relations are checked at compile time.

/// `socket.request.max.bytes`: largest frame of a Produce request.
pub const REQUEST_BYTES_MAX: usize = 100 * 1024 * 1024;
/// Largest frame of any other request.
pub const SMALL_REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Answers waiting for a connection's client; above it no further request is read.
pub const UNSENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Produce requests of one connection that wait for their acks.
pub const PIPELINED_MAX: usize = 1024;
/// Bytes read from a socket at once.
pub const READ_CHUNK: usize = 64 * 1024;
/// A read buffer larger than this is given back when its connection is idle.
pub const READ_BUFFER_KEPT: usize = 2 * 1024 * 1024;
/// Topics or partitions of one Metadata or Fetch request.
pub const REQUEST_ITEMS_MAX: usize = 100_000;
/// Records of one batch.
pub const RECORDS_MAX: i32 = 1_000_000;
/// `max.incremental.fetch.session.cache.slots`.
pub const FETCH_SESSIONS_MAX: usize = 1_000;
/// Partitions of one topic.
pub const PARTITIONS_MAX: i32 = 20_000;
/// Metadata of one member of a group.
pub const MEMBER_METADATA_MAX: usize = 256 * 1024;
/// Kafka's limit on the length of a topic's name.
pub const TOPIC_NAME_MAX: usize = 249;
/// A line of a client's text in a log.
pub const LOGGED_TEXT_MAX: usize = 256;
/// A connection that is silent for this long is closed (`connections.max.idle.ms`).
pub const IDLE_MS_MAX: u64 = 10 * 60 * 1000;
/// A frame that has begun must be complete within this time.
pub const FRAME_MS_MAX: u64 = 30 * 1000;

const _: () = assert!(SMALL_REQUEST_BYTES_MAX < REQUEST_BYTES_MAX);
const _: () = assert!(READ_CHUNK <= READ_BUFFER_KEPT);

/// Connections in all and from one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    pub total: usize,
    pub per_ip: usize,
}

/// Half of the files that the process may open are for connections; one address may hold half of those.
pub fn connection_limits(files_max: u64) -> ConnectionLimits {
    let total = usize::try_from(files_max / 2).unwrap_or(usize::MAX).clamp(64, 1_000_000);
    ConnectionLimits { total, per_ip: total / 2 }
}

/// The process's limit on open files.
pub fn files_max() -> u64 {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(1 << 20)
}

/// Client text for a log line: escaped and cut.
pub fn logged(text: &str) -> String {
    let mut out: String = text.chars().take(LOGGED_TEXT_MAX).flat_map(char::escape_default).collect();
    if text.chars().nth(LOGGED_TEXT_MAX).is_some() {
        out.push_str("...");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_follow_the_machine() {
        assert_eq!(connection_limits(20_000), ConnectionLimits { total: 10_000, per_ip: 5_000 });
        assert_eq!(connection_limits(10).total, 64);
        assert_eq!(logged("a\nb\u{7}"), "a\\nb\\u{7}");
        assert!(logged(&"x".repeat(300)).ends_with("..."));
    }
}
