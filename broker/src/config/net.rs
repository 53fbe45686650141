//! The configs of connections and requests.
//!
//! Invariant: every bound has a value that is safe to run with; -1 means that the machine decides. Read from the
//! broker's configs, used by `net`.

use super::ConfigError;
use super::broker::Reader;
use crate::limits;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetConfig {
    pub request_bytes_max: usize,
    pub request_memory_max: usize,
    pub connections_max: usize,
    pub connections_per_ip_max: usize,
    pub connections_per_second_max: u32,
    pub idle_ms: i64,
    pub frame_ms: i64,
    pub frame_bytes_per_second_min: u64,
    /// `None` leaves the socket's buffer to the operating system.
    pub send_buffer_bytes: Option<usize>,
    pub receive_buffer_bytes: Option<usize>,
}

impl Default for NetConfig {
    fn default() -> Self {
        let bounds = limits::connection_limits(limits::files_max());
        NetConfig {
            request_bytes_max: limits::REQUEST_BYTES_MAX,
            request_memory_max: limits::memory_bytes() / limits::REQUEST_MEMORY_SHARE,
            connections_max: bounds.total,
            connections_per_ip_max: bounds.per_ip,
            connections_per_second_max: limits::CONNECTIONS_PER_SECOND_MAX,
            idle_ms: limits::IDLE_MS_MAX,
            frame_ms: limits::FRAME_MS_MAX,
            frame_bytes_per_second_min: limits::FRAME_BYTES_PER_SECOND_MIN,
            send_buffer_bytes: Some(limits::SEND_BUFFER_BYTES),
            receive_buffer_bytes: None,
        }
    }
}

impl NetConfig {
    pub fn read(r: &Reader<'_>) -> Result<NetConfig, ConfigError> {
        let machine = NetConfig::default();
        let or = |key: &str, lo: i64, hi: i64, default: usize| -> Result<usize, ConfigError> {
            match r.number(key, -1i64, hi)? {
                -1 => Ok(default),
                n if n < lo => {
                    Err(ConfigError::invalid(key, &n.to_string(), format!("must be -1 or at least {lo}")))
                }
                n => Ok(n as usize),
            }
        };
        let buffer = |key: &str| -> Result<Option<usize>, ConfigError> {
            let n = or(key, 1024, limits::SOCKET_BUFFER_BYTES_MAX, 0)?;
            Ok(Some(n).filter(|n| *n > 0))
        };
        let connections_max = or("max.connections", 1, i32::MAX.into(), machine.connections_max)?;
        let per_ip = machine.connections_per_ip_max.min(connections_max);
        Ok(NetConfig {
            request_bytes_max: r.number("socket.request.max.bytes", 1024, limits::REQUEST_BYTES_CEILING)?,
            request_memory_max: or("queued.max.request.bytes", 1024, i64::MAX, machine.request_memory_max)?,
            connections_max,
            connections_per_ip_max: or("max.connections.per.ip", 1, i32::MAX.into(), per_ip)?,
            connections_per_second_max: r.number("max.connection.creation.rate", 1, i32::MAX as u32)?,
            idle_ms: r.number("connections.max.idle.ms", 1, limits::INTERVAL_MS_MAX)?,
            frame_ms: r.number("socket.request.timeout.ms", 1, limits::INTERVAL_MS_MAX)?,
            frame_bytes_per_second_min: r.number("socket.request.min.bytes.per.second", 0, 1 << 30)?,
            send_buffer_bytes: buffer("socket.send.buffer.bytes")?,
            receive_buffer_bytes: buffer("socket.receive.buffer.bytes")?,
        })
    }
}
