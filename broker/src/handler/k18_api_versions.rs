//! ApiVersions (18), versions 0-4. What this broker serves.
//!
//! The response header is version 0 in every version; an unknown version is answered with error 35 in the form of
//! version 0, never by closing. No feature is finalized in this version, so clients use the classic flows.

use crate::broker::Broker;
use crate::dispatch::Head;
use crate::net::out::{Answer, Slices};
use bytes::Bytes;
use protocol::ErrorCode;
use protocol::api::{self, SERVED};
use protocol::message::k18_api_versions::response::ApiVersion;
use protocol::message::k18_api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use std::sync::Arc;

fn entry(key: i16) -> Option<ApiVersion> {
    let a = api::served(key)?;
    Some(ApiVersion { api_key: key, min_version: a.advertised_min, max_version: a.max })
}

/// The answer to a version that does not exist. The body is not read.
pub fn unsupported(frame: &Bytes) -> Answer {
    let correlation = frame.get(4..8).and_then(|b| b.first_chunk()).map_or(0, |b| i32::from_be_bytes(*b));
    let response = ApiVersionsResponse {
        error_code: ErrorCode::UNSUPPORTED_VERSION.0,
        api_keys: entry(18).into_iter().collect(),
        ..Default::default()
    };
    Answer::encode(correlation, 0, &response, 0, Slices::new())
}

/// Kafka's pattern for client names: a letter or digit at both ends, '-' and '.' between.
fn is_valid(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    edge(text.chars().next())
        && edge(text.chars().last())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
}

pub async fn handle(_broker: Arc<Broker>, head: Head, q: ApiVersionsRequest) -> ApiVersionsResponse {
    let named =
        head.version < 3 || (is_valid(&q.client_software_name) && is_valid(&q.client_software_version));
    if !named {
        return ApiVersionsResponse { error_code: ErrorCode::INVALID_REQUEST.0, ..Default::default() };
    }
    ApiVersionsResponse {
        api_keys: SERVED.iter().filter_map(|k| entry(*k)).collect(),
        finalized_features_epoch: 0,
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_names() {
        for good in ["librdkafka", "apache-kafka-java", "2.16.0", "a"] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a b", "ä"] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}
