//! The process's configs of the lake.
//!
//! Invariant: whether a store is there is not asked here, only whether the words make sense. Read by `run`.

use super::ConfigError;
use super::broker::Reader;
use crate::limits;
use tiering::store::S3Config;

/// What clients of the catalog are told of the store's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientConfig {
    None,
    /// Endpoint, region, style of addresses.
    Settings,
    /// Keys, too: whoever reaches the HTTP listener has them.
    Credentials,
}

#[derive(Clone, Debug)]
pub struct LakeConfig {
    pub url: Option<String>,
    pub namespace: String,
    pub s3: S3Config,
    pub client_config: ClientConfig,
    pub orphan_age_ms: i64,
    pub upkeep_interval_ms: u64,
    pub hold_free_percent: u64,
    pub pause_free_percent: u64,
    pub sample_rows: u64,
}

impl LakeConfig {
    pub fn read(r: &Reader<'_>) -> Result<LakeConfig, ConfigError> {
        Ok(LakeConfig {
            url: r.optional("lake.url"),
            namespace: r.text("lake.namespace").to_string(),
            s3: s3_config(r)?,
            client_config: client_config(r.text("lake.catalog.client.config"))?,
            orphan_age_ms: r.number("lake.orphan.age.ms", 1, i64::MAX)?,
            hold_free_percent: r.number("lake.retention.hold.free.percent", 0, 101)?,
            pause_free_percent: r.number("lake.pause.free.percent", 0, 101)?,
            sample_rows: r.number("lake.verify.sample.rows", 0, limits::SAMPLE_ROWS_MAX)?,
            upkeep_interval_ms: r.number("lake.upkeep.interval.ms", 1, limits::INTERVAL_MS_MAX as u64)?,
        })
    }
}

fn client_config(text: &str) -> Result<ClientConfig, ConfigError> {
    match text {
        "none" => Ok(ClientConfig::None),
        "settings" => Ok(ClientConfig::Settings),
        "credentials" => Ok(ClientConfig::Credentials),
        other => {
            let why = "must be none, settings or credentials";
            Err(ConfigError::invalid("lake.catalog.client.config", other, why))
        }
    }
}

/// `lake.s3.*`. A store of its own is asked in the path's style unless told otherwise: few have wildcard names.
fn s3_config(r: &Reader<'_>) -> Result<S3Config, ConfigError> {
    let key = "lake.s3.path.style.access";
    let endpoint = r.optional("lake.s3.endpoint");
    if let Some(e) = endpoint.as_ref().filter(|e| !e.starts_with("http://") && !e.starts_with("https://")) {
        return Err(ConfigError::invalid("lake.s3.endpoint", e, "must begin with http:// or https://"));
    }
    let path_style = match r.optional(key) {
        Some(_) => Some(r.flag(key)?),
        None => endpoint.as_ref().map(|_| true),
    };
    Ok(S3Config {
        endpoint,
        region: r.optional("lake.s3.region"),
        path_style,
        access_key_id: r.optional("lake.s3.access.key.id"),
        secret_access_key: r.optional("lake.s3.secret.access.key"),
    })
}
