//! What the catalog answers when it does not do what was asked: one JSON form for all, as the Iceberg REST spec has it.
//!
//! Invariants: `code` is the answer's HTTP status; `type` is the name by which clients choose the exception they throw.
//! Called by everything in the catalog that can refuse.

use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Longest name that a message repeats; the rest of it would only be the client's own words sent back.
const SHOWN_CHARS_MAX: usize = 200;

#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    pub status: StatusCode,
    pub kind: &'static str,
    pub message: String,
    /// Methods that the path does know; empty unless the method was the trouble.
    pub allow: String,
}

/// A client's word as a message shows it.
pub fn shown(word: &str) -> String {
    let mut out: String = word.chars().take(SHOWN_CHARS_MAX).flat_map(char::escape_debug).collect();
    if word.chars().nth(SHOWN_CHARS_MAX).is_some() {
        out.push_str("..");
    }
    out
}

impl Failure {
    fn new(status: StatusCode, kind: &'static str, message: String) -> Failure {
        Failure { status, kind, message, allow: String::new() }
    }

    pub fn bad_request(message: String) -> Failure {
        Failure::new(StatusCode::BAD_REQUEST, "BadRequestException", message)
    }

    pub fn no_path(path: &str) -> Failure {
        let message = format!("the catalog has no path {}", shown(path));
        Failure::new(StatusCode::NOT_FOUND, "NotFoundException", message)
    }

    pub fn no_warehouse(name: &str) -> Failure {
        let message = format!("there is no warehouse {}; leave it empty", shown(name));
        Failure::new(StatusCode::NOT_FOUND, "NoSuchWarehouseException", message)
    }

    pub fn no_namespace(name: &str) -> Failure {
        let message = format!("there is no namespace {}", shown(&dotted(name)));
        Failure::new(StatusCode::NOT_FOUND, "NoSuchNamespaceException", message)
    }

    pub fn no_table(namespace: &str, table: &str) -> Failure {
        let message = format!("there is no table {}.{}", shown(&dotted(namespace)), shown(table));
        Failure::new(StatusCode::NOT_FOUND, "NoSuchTableException", message)
    }

    pub fn no_view(namespace: &str, view: &str) -> Failure {
        let message =
            format!("there is no view {}.{}: there are no views", shown(&dotted(namespace)), shown(view));
        Failure::new(StatusCode::NOT_FOUND, "NoSuchViewException", message)
    }

    pub fn read_only() -> Failure {
        let message = "this catalog is read-only: the tables are those of the broker's topics, and the broker alone \
                       writes them; produce to the topic, or create and delete the topic";
        Failure::new(StatusCode::FORBIDDEN, "ForbiddenException", message.to_string())
    }

    pub fn method(method: &str, path: &str, allow: String) -> Failure {
        let message = format!("{} does not know the method {}, only {allow}", shown(path), shown(method));
        Failure {
            allow,
            ..Failure::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowedException", message)
        }
    }

    pub fn too_large(bytes_max: usize) -> Failure {
        let message = format!("the body is larger than {bytes_max} bytes");
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException", message)
    }

    /// The lake does not answer for now; clients try again.
    pub fn unavailable(message: String) -> Failure {
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableException", message)
    }

    pub fn internal(message: String) -> Failure {
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", message)
    }
}

/// A namespace's parts as people write them.
fn dotted(namespace: &str) -> String {
    namespace.replace(super::SEPARATOR, ".")
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body =
            json!({"error": {"message": self.message, "type": self.kind, "code": self.status.as_u16()}});
        let mut answer = json_answer(self.status, body.to_string());
        if let (false, Ok(allow)) = (self.allow.is_empty(), HeaderValue::from_str(&self.allow)) {
            answer.headers_mut().insert(ALLOW, allow);
        }
        answer
    }
}

/// Whoever asks for a token is told that none is needed, in OAuth's own form: the token's client reads no other.
pub fn no_token_needed() -> Response {
    let body = json!({
        "error": "unsupported_grant_type",
        "error_description": "this catalog gives out no tokens and needs none: connect without a credential \
                              (DuckDB: AUTHORIZATION_TYPE 'none')",
    });
    json_answer(StatusCode::BAD_REQUEST, body.to_string())
}

pub fn json_answer(status: StatusCode, body: impl Into<axum::body::Body>) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body.into()).into_response()
}
