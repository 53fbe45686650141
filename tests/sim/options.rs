//! What a seed stands for: sizes, rates and faults of one run, all drawn from it.

use lipno_tests::rng::Rng;

pub const SECOND: u64 = 1_000_000;
pub const MILLI: u64 = 1_000;

/// Partitions with data: 0 and 1 durable, 2 with `write.caching`, 3 durable with retention and DeleteRecords.
pub const DATA: usize = 4;
pub const CACHED: usize = 2;
pub const TRIMMED: usize = 3;
/// Partitions of the offsets topic; they follow the data's.
pub const OFFSETS: usize = 2;
pub const ALL: usize = DATA + OFFSETS;

/// Times are virtual microseconds, chances are of 1,000.
#[derive(Clone, Debug)]
pub struct Options {
    pub seed: u64,
    pub run_us: u64,
    pub segment_bytes: u64,
    pub index_interval: u32,
    pub checkpoint_us: u64,
    pub checkpoint_bytes: u64,
    pub flush_messages: i64,
    pub flush_ms: i64,
    pub record_bytes_max: u64,
    pub records_max: u64,
    /// All batches are of one size, so that what one run left in a file fits behind what the next one writes.
    pub is_uniform: bool,
    pub produce_every_us: u64,
    pub sync_us: u64,
    pub slow_sync: u32,
    pub slow_sync_us: u64,
    pub latency_us: u64,
    pub late: u32,
    pub late_us: u64,
    /// A connection breaks at a message.
    pub cut: u32,
    pub crash_every_us: u64,
    pub power: u32,
    /// A crash is one between two actions, or at a disk call.
    pub crash_inside: u32,
    pub crash_again: u32,
    pub short_writes: u32,
    pub write_error_every_us: u64,
    pub call_error_every_us: u64,
    pub full_every_us: u64,
    pub failed_sync_every_us: u64,
    pub hide: u32,
    pub jump_every_us: u64,
    pub session_ms: i32,
    pub rebalance_ms: i32,
    pub initial_delay_ms: i32,
    /// How often somebody looks at the groups, deletes one, or changes a config.
    pub admin_every_us: u64,
}

const NEVER: u64 = u64::MAX;

impl Options {
    pub fn new(seed: u64, run_us: u64) -> Options {
        let mut r = Rng::new(seed);
        let mut of = |values: &[u64]| *r.pick(values).unwrap_or(&0);
        Options {
            seed,
            run_us,
            segment_bytes: of(&[6_000, 20_000, 80_000]),
            index_interval: of(&[1, 200, 4096]) as u32,
            checkpoint_us: of(&[SECOND, 4 * SECOND, 60 * SECOND]),
            checkpoint_bytes: of(&[20_000, 100_000, 64 << 20]),
            flush_messages: of(&[20, 200, i64::MAX as u64]) as i64,
            flush_ms: of(&[300, 2_000, i64::MAX as u64]) as i64,
            record_bytes_max: of(&[16, 100, 600]),
            records_max: of(&[1, 3, 12]),
            is_uniform: of(&[0, 1]) == 1,
            produce_every_us: of(&[25, 60, 120]) * MILLI,
            sync_us: of(&[150, 800, 4_000]),
            slow_sync: of(&[0, 10, 50]) as u32,
            slow_sync_us: of(&[50, 300, 3_000]) * MILLI,
            latency_us: of(&[100, 1_000]),
            late: of(&[0, 5, 40]) as u32,
            late_us: of(&[100, 2_500]) * MILLI,
            cut: of(&[0, 2, 15]) as u32,
            crash_every_us: of(&[1_500, 4_000, 12_000]) * MILLI,
            power: of(&[300, 600, 1_000]) as u32,
            crash_inside: of(&[300, 700]) as u32,
            crash_again: of(&[0, 300, 600]) as u32,
            short_writes: of(&[0, 0, 50, 300]) as u32,
            write_error_every_us: of(&[NEVER, NEVER, 3 * SECOND]),
            call_error_every_us: of(&[NEVER, NEVER, 4 * SECOND]),
            full_every_us: of(&[NEVER, NEVER, 5 * SECOND]),
            failed_sync_every_us: of(&[NEVER, NEVER, 8 * SECOND]),
            hide: of(&[0, 0, 200]) as u32,
            jump_every_us: of(&[NEVER, 4 * SECOND, 15 * SECOND]),
            session_ms: 6_000,
            rebalance_ms: of(&[3_000, 8_000]) as i32,
            initial_delay_ms: of(&[0, 0, 500]) as i32,
            admin_every_us: of(&[5, 30, 200]) * MILLI,
        }
    }
}
