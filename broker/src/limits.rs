//! Every bound of the broker in one place. Those that depend on the machine derive from RLIMIT_NOFILE and RAM.
//!
//! Called by whoever reads from the wire, the disk or a config. Relations are checked at compile time.

/// `socket.request.max.bytes`: largest frame of a Produce request.
pub const REQUEST_BYTES_MAX: usize = 100 * 1024 * 1024;
/// The config goes no further: from here on a length could be the first bytes of a TLS record.
pub const REQUEST_BYTES_CEILING: usize = 0x1600_0000;
/// Largest frame of any other request.
pub const SMALL_REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Client id and tags before the request itself.
pub const HEADER_BYTES_MAX: usize = protocol::api::REQUEST_HEADER_BYTES_MAX;
/// A quarter of the memory is for requests that are being read or handled (`queued.max.request.bytes`).
pub const REQUEST_MEMORY_SHARE: usize = 4;
/// What a request's decoded form may take beside its frame.
pub const DECODED_BYTES_PER_BYTE: usize = 8;
/// Answers waiting for a connection's client; above it no further request is read.
pub const UNSENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Above this an answer that a client does not take at all holds memory for `FRAME_MS_MAX` and no longer.
pub const UNSENT_BYTES_IDLE: usize = 64 * 1024;
/// Produce requests of one connection that wait for their acks.
pub const PIPELINED_MAX: usize = 1024;
/// Bytes read from a socket at once.
pub const READ_CHUNK: usize = 64 * 1024;
/// A read buffer larger than this is given back when its connection is idle.
pub const READ_BUFFER_KEPT: usize = 2 * 1024 * 1024;
/// Items (topics, partitions, groups, ..) of one request.
pub const REQUEST_ITEMS_MAX: usize = 100_000;
/// Partitions of one Produce request.
pub const PRODUCE_PARTITIONS_MAX: usize = 20_000;
/// Partitions that one CreateTopics or CreatePartitions may make, as Kafka's controller has it.
pub const CREATED_PARTITIONS_MAX: usize = 10_000;
/// Topics that one Metadata request may make; the client asks again for the rest.
pub const AUTO_CREATED_TOPICS_MAX: usize = 100;
/// Records of one batch.
pub const RECORDS_MAX: i32 = 1_000_000;
/// `max.incremental.fetch.session.cache.slots`.
pub const FETCH_SESSIONS_MAX: usize = 1_000;
/// Partitions of all fetch sessions together.
pub const FETCH_SESSION_PARTITIONS_MAX: usize = 500_000;
/// A fetch waits no longer, whatever it asks for.
pub const FETCH_WAIT_MS_MAX: i64 = 10 * 60 * 1000;
/// Partitions of one topic.
pub const PARTITIONS_MAX: i32 = 20_000;
/// Partitions of the cluster.
pub const CLUSTER_PARTITIONS_MAX: usize = 200_000;
/// Idempotent producers that one partition remembers; above it those of the last minutes stay, new ones are refused.
pub const PRODUCERS_MAX: usize = 100_000;
pub const PRODUCER_IDLE_MS: i64 = 5 * 60 * 1000;
/// What one member tells its group: names and metadata of its protocols.
pub const MEMBER_METADATA_MAX: usize = 256 * 1024;
pub const MEMBER_PROTOCOLS_MAX: usize = 64;
/// One member's assignment.
pub const ASSIGNMENT_BYTES_MAX: usize = 256 * 1024;
/// Names of groups, and of static members.
pub const GROUP_ID_MAX: usize = 4 * 1024;
pub const INSTANCE_ID_MAX: usize = 249;
/// A group's record in the offsets topic.
pub const GROUP_RECORD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The members of all groups may take this share of the memory.
pub const GROUP_MEMORY_SHARE: usize = 8;
/// One answer that is made of many stored values.
pub const ANSWER_BYTES_MAX: usize = 100 * 1024 * 1024;
/// Kafka's limit on the length of a topic's name.
pub const TOPIC_NAME_MAX: usize = 249;
/// A line of a client's text in a log or an error message.
pub const LOGGED_TEXT_MAX: usize = 256;
/// Lines about refused and broken connections.
pub const LOGGED_LINES_PER_SECOND: u32 = 10;
/// New connections (`max.connection.creation.rate`); those above it are paced, not refused.
pub const CONNECTIONS_PER_SECOND_MAX: u32 = 500;
/// A connection that is silent for this long is closed (`connections.max.idle.ms`).
pub const IDLE_MS_MAX: i64 = 10 * 60 * 1000;
/// A frame that has begun is complete within this time, or at least so many bytes of it arrive in each such time
/// (`socket.request.timeout.ms`, `socket.request.min.bytes.per.second`).
pub const FRAME_MS_MAX: i64 = 30 * 1000;
pub const FRAME_BYTES_PER_SECOND_MIN: u64 = 1024;
/// Bytes that a socket takes before it makes its connection wait (`socket.send.buffer.bytes`). What the kernel would
/// grow it to, some megabytes, no longer fits the processor's cache when the client reads it: sending costs half as much.
pub const SEND_BUFFER_BYTES: usize = 450 * 1024;
/// Connections of the HTTP listener, and how long one of them may be silent.
pub const HTTP_CONNECTIONS_MAX: usize = 64;
pub const HTTP_SILENCE_MS_MAX: u64 = 30 * 1000;
/// Largest buffer that may be asked for a socket.
pub const SOCKET_BUFFER_BYTES_MAX: i64 = 1 << 30;
/// A produce request waits this long for its partition's first segment.
pub const FIRST_SEGMENT_MS_MAX: i64 = 30 * 1000;
/// A connection that ends because of an error may take this long to send the answers before it.
pub const CLOSE_MS_MAX: i64 = 10 * 1000;
/// How long the client's last bytes are thrown away, so that closing does not reset what it has yet to read.
pub const LINGER_MS: i64 = 1000;
/// Configured intervals: longer ones would overflow the clock, and nobody would see their end.
pub const INTERVAL_MS_MAX: i64 = 1 << 40;
/// Rows of a sample (`lake.verify.sample.rows`): more is a proof, which has a command of its own.
pub const SAMPLE_ROWS_MAX: u64 = 100_000_000;
/// SIGTERM waits this long for requests in flight.
pub const DRAIN_MS_MAX: u64 = 15 * 1000;

const _: () = assert!(SMALL_REQUEST_BYTES_MAX < REQUEST_BYTES_MAX);
const _: () = assert!(REQUEST_BYTES_MAX <= REQUEST_BYTES_CEILING);
// What foreign protocols start with is larger than any frame: TLS, "GET ", "HEAD", "POST", "PUT ", "SSH-".
const _: () = assert!(REQUEST_BYTES_CEILING <= 0x1603_0000 && REQUEST_BYTES_CEILING < 0x4745_5420);
const _: () = assert!(HEADER_BYTES_MAX < READ_CHUNK && READ_CHUNK <= READ_BUFFER_KEPT);
const _: () = assert!(UNSENT_BYTES_IDLE <= READ_CHUNK && READ_CHUNK < UNSENT_BYTES_MAX);
const _: () = assert!(PRODUCE_PARTITIONS_MAX <= REQUEST_ITEMS_MAX);
const _: () = assert!(REQUEST_ITEMS_MAX <= FETCH_SESSION_PARTITIONS_MAX);
const _: () = assert!(AUTO_CREATED_TOPICS_MAX < CREATED_PARTITIONS_MAX);
const _: () = assert!(CREATED_PARTITIONS_MAX <= PARTITIONS_MAX as usize);
const _: () = assert!(PARTITIONS_MAX as usize <= CLUSTER_PARTITIONS_MAX);
const _: () =
    assert!(MEMBER_METADATA_MAX < GROUP_RECORD_BYTES_MAX && ASSIGNMENT_BYTES_MAX < GROUP_RECORD_BYTES_MAX);
const _: () = assert!(MEMBER_METADATA_MAX < SMALL_REQUEST_BYTES_MAX);
// Member ids are made of a client's name and a uuid, and must still fit a string of the protocol.
const _: () = assert!(HEADER_BYTES_MAX + 64 < i16::MAX as usize);
const _: () = assert!(GROUP_ID_MAX + 64 < i16::MAX as usize);
const _: () = assert!(FRAME_MS_MAX < IDLE_MS_MAX && FETCH_WAIT_MS_MAX <= IDLE_MS_MAX);
const _: () = assert!(LINGER_MS < CLOSE_MS_MAX && CLOSE_MS_MAX as u64 <= DRAIN_MS_MAX);

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

/// Raises the soft limit on open files to the hard one, which is there for programs that ask.
pub fn raise_files_max() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum
        && let Err(e) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })
    {
        tracing::warn!("the limit on open files stays at {:?}: {e}", limit.current);
    }
}

/// Memory of this machine, or of this control group where that is less.
pub fn memory_bytes() -> usize {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    memory_of(&read("/proc/meminfo"), &read("/sys/fs/cgroup/memory.max"))
}

fn memory_of(meminfo: &str, group: &str) -> usize {
    const UNKNOWN: usize = 1 << 30;
    let kib = meminfo.lines().find_map(|l| l.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    let machine =
        kib.and_then(|n| n.trim().parse::<usize>().ok()).map_or(UNKNOWN, |n| n.saturating_mul(1024));
    // "max" is no limit.
    group.trim().parse::<usize>().map_or(machine, |g| g.min(machine))
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
        assert_eq!(memory_of("MemTotal:       1000 kB\nMemFree: 5 kB", "max\n"), 1_024_000);
        assert_eq!(memory_of("MemTotal:       1000 kB", "4096\n"), 4096);
        assert_eq!(memory_of("", ""), 1 << 30);
    }

    #[test]
    fn client_text_is_escaped_and_cut() {
        assert_eq!(logged("a\nb\u{7}"), "a\\nb\\u{7}");
        assert!(logged(&"x".repeat(300)).ends_with("..."));
        assert!(logged(&"\u{1b}".repeat(100_000)).len() <= LOGGED_TEXT_MAX * 10 + 3);
    }
}
