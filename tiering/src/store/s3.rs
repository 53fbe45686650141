//! S3 and compatibles: where the bucket is, and the client for it.
//!
//! Invariants: reads, lists and deletes are tried again a few times, a conditional put never is: who repeats it must
//! look at what is there first (`Store::put`). Connections live on a thread of their own, of which the lake's
//! short-lived threads and the broker's only borrow. Called by `Store::open_s3`.

use super::StoreError;
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::client::SpawnedReqwestConnector;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A request that takes longer is given up; its outcome is unknown.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
const READ_RETRIES: usize = 3;
const READ_RETRY_TIMEOUT: Duration = Duration::from_secs(30);

/// `lake.s3.*`. What is not set comes from the `AWS_*` environment.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct S3Config {
    pub endpoint: Option<String>,
    pub region: Option<String>,
    /// The bucket in the path, not in the host name.
    pub path_style: Option<bool>,
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<String>,
}

/// Never shows the key.
impl std::fmt::Debug for S3Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let S3Config { endpoint, region, path_style, .. } = self;
        f.debug_struct("S3Config")
            .field("endpoint", endpoint)
            .field("region", region)
            .field("path_style", path_style)
            .finish_non_exhaustive()
    }
}

impl S3Config {
    /// What clients of the same store are to be told, by the names that Iceberg's readers have for it; keys only
    /// `with_keys`, and only if they are not such as expire.
    pub fn for_clients(&self, with_keys: bool) -> BTreeMap<String, String> {
        let env = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let endpoint =
            self.endpoint.clone().or_else(|| env("AWS_ENDPOINT_URL_S3").or_else(|| env("AWS_ENDPOINT_URL")));
        let region = self.region.clone().or_else(|| env("AWS_REGION").or_else(|| env("AWS_DEFAULT_REGION")));
        let region = region.unwrap_or_else(|| "us-east-1".to_string());
        let mut out = BTreeMap::from([("s3.region", region.clone()), ("client.region", region)]);
        if let Some(path_style) = self.path_style.or_else(|| endpoint.as_ref().map(|_| true)) {
            out.insert("s3.path-style-access", path_style.to_string());
        }
        if let Some(endpoint) = endpoint {
            out.insert("s3.endpoint", endpoint);
        }
        let key = self.access_key_id.clone().or_else(|| env("AWS_ACCESS_KEY_ID"));
        let secret = self.secret_access_key.clone().or_else(|| env("AWS_SECRET_ACCESS_KEY"));
        if let (true, Some(key), Some(secret), None) = (with_keys, key, secret, env("AWS_SESSION_TOKEN")) {
            out.insert("s3.access-key-id", key);
            out.insert("s3.secret-access-key", secret);
        }
        out.into_iter().map(|(k, v)| (k.to_string(), v)).collect()
    }
}

/// A bucket and a prefix in it, without slashes at its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub name: String,
    pub prefix: String,
}

impl Bucket {
    pub fn uri(&self) -> String {
        match self.prefix.as_str() {
            "" => format!("s3://{}", self.name),
            prefix => format!("s3://{}/{prefix}", self.name),
        }
    }
}

/// The bucket that an `s3://` URL names; `None` if it is no such URL.
pub fn bucket_of(url: &str) -> Option<Result<Bucket, StoreError>> {
    let (scheme, rest) = url.split_once("://")?;
    let bad = |why: &str| Some(Err(StoreError::Url(url.to_string(), why.to_string())));
    if matches!(scheme, "s3a" | "s3n") {
        return bad("write s3://, whatever the engine that reads it");
    }
    if scheme != "s3" {
        return None;
    }
    let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let is_name = (3..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.');
    if !is_name {
        return bad("is not s3://bucket/prefix: a bucket has 3 to 63 of a-z, 0-9, - and .");
    }
    let prefix = prefix.trim_matches('/').to_string();
    if prefix.split('/').any(|part| part.is_empty() && !prefix.is_empty() || part == "." || part == "..") {
        return bad("has an empty part, . or .. in its prefix");
    }
    Some(Ok(Bucket { name: name.to_string(), prefix }))
}

/// The clients of a bucket, and the thread on which their connections live.
pub(super) struct Clients {
    pub objects: Arc<dyn ObjectStore>,
    pub puts: Arc<dyn ObjectStore>,
    io: Option<Runtime>,
}

impl Drop for Clients {
    fn drop(&mut self) {
        // A runtime must not be waited for on a thread of another one.
        if let Some(io) = self.io.take() {
            io.shutdown_background();
        }
    }
}

impl Clients {
    pub fn new(bucket: &Bucket, config: &S3Config) -> Result<Clients, StoreError> {
        let failed = |source| StoreError::Io { path: "the thread for S3".into(), source };
        let io = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("lake-io")
            .enable_all()
            .build()
            .map_err(failed)?;
        let client = |retries: usize| -> Result<Arc<dyn ObjectStore>, StoreError> {
            let s3 = builder(bucket, config)
                .with_retry(RetryConfig {
                    backoff: BackoffConfig::default(),
                    max_retries: retries,
                    retry_timeout: READ_RETRY_TIMEOUT,
                })
                .with_http_connector(SpawnedReqwestConnector::new(io.handle().clone()))
                .build()?;
            Ok(match bucket.prefix.as_str() {
                "" => Arc::new(s3),
                prefix => Arc::new(PrefixStore::new(s3, prefix)),
            })
        };
        Ok(Clients { objects: client(READ_RETRIES)?, puts: client(0)?, io: Some(io) })
    }
}

fn builder(bucket: &Bucket, config: &S3Config) -> AmazonS3Builder {
    let options = ClientOptions::new().with_connect_timeout(CONNECT_TIMEOUT).with_timeout(REQUEST_TIMEOUT);
    let mut b = AmazonS3Builder::from_env()
        .with_bucket_name(&bucket.name)
        .with_conditional_put(S3ConditionalPut::ETagMatch);
    let is_plain = |e: &String| e.starts_with("http://");
    let from_env = std::env::var("AWS_ENDPOINT_URL_S3").or_else(|_| std::env::var("AWS_ENDPOINT_URL")).ok();
    // Only an operator who names a plain endpoint gets one.
    let allows_http = config.endpoint.as_ref().or(from_env.as_ref()).is_some_and(is_plain);
    if let Some(e) = &config.endpoint {
        b = b.with_endpoint(e.trim_end_matches('/'));
    }
    b = b.with_client_options(options.with_allow_http(allows_http));
    if let Some(region) = &config.region {
        b = b.with_region(region);
    }
    if let Some(path_style) = config.path_style {
        b = b.with_virtual_hosted_style_request(!path_style);
    }
    if let Some(key) = &config.access_key_id {
        b = b.with_access_key_id(key);
    }
    if let Some(secret) = &config.secret_access_key {
        b = b.with_secret_access_key(secret);
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_have_names_and_prefixes() {
        let of = |url: &str| bucket_of(url).unwrap();
        let bucket = |name: &str, prefix: &str| Bucket { name: name.into(), prefix: prefix.into() };
        assert_eq!(of("s3://my-lake").unwrap(), bucket("my-lake", ""));
        assert_eq!(of("s3://my.lake/a/b/").unwrap(), bucket("my.lake", "a/b"));
        assert!(bucket_of("/data/lake").is_none() && bucket_of("file:///lake").is_none());
        for (url, says) in [
            ("s3a://my-lake", "s3://"),
            ("s3://", "3 to 63"),
            ("s3://My_Lake/x", "3 to 63"),
            ("s3://my-lake/a//b", "empty part"),
            ("s3://my-lake/../b", ".."),
        ] {
            let message = of(url).unwrap_err().to_string();
            assert!(message.contains("lake.url") && message.contains(says), "{message}");
        }
    }
}
