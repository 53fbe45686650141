//! The catalog's paths: which method does what, and what of it clients are told.
//!
//! Invariants: `ROUTES` is the one table of them; what the config endpoint advertises is read from it, so that it can
//! name nothing that is not there. Called by the router for each request.

use super::errors::Failure;
use super::paging::hex;
use axum::http::Method;

/// What a request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Config,
    Token,
    ListNamespaces,
    LoadNamespace,
    NamespaceExists,
    ListTables,
    LoadTable,
    TableExists,
    Report,
    ListViews,
    LoadView,
    ViewExists,
    /// A commit to a table. Refused like every write, but clients are told of it: one that does not know it would refuse
    /// by itself, and its user would not learn why.
    Commit,
    /// Whatever else would change something.
    Write,
}

use Action::*;

/// As the Iceberg REST spec writes them; `{prefix}/` stands for nothing here.
const ROUTES: [(&str, &str, Action); 26] = [
    ("GET", "/v1/config", Config),
    ("POST", "/v1/oauth/tokens", Token),
    ("GET", "/v1/{prefix}/namespaces", ListNamespaces),
    ("POST", "/v1/{prefix}/namespaces", Write),
    ("GET", "/v1/{prefix}/namespaces/{namespace}", LoadNamespace),
    ("HEAD", "/v1/{prefix}/namespaces/{namespace}", NamespaceExists),
    ("DELETE", "/v1/{prefix}/namespaces/{namespace}", Write),
    ("POST", "/v1/{prefix}/namespaces/{namespace}/properties", Write),
    ("GET", "/v1/{prefix}/namespaces/{namespace}/tables", ListTables),
    ("POST", "/v1/{prefix}/namespaces/{namespace}/tables", Write),
    ("POST", "/v1/{prefix}/namespaces/{namespace}/register", Write),
    ("GET", "/v1/{prefix}/namespaces/{namespace}/tables/{table}", LoadTable),
    ("HEAD", "/v1/{prefix}/namespaces/{namespace}/tables/{table}", TableExists),
    ("POST", "/v1/{prefix}/namespaces/{namespace}/tables/{table}", Commit),
    ("DELETE", "/v1/{prefix}/namespaces/{namespace}/tables/{table}", Write),
    ("POST", "/v1/{prefix}/namespaces/{namespace}/tables/{table}/metrics", Report),
    ("POST", "/v1/{prefix}/tables/rename", Write),
    ("POST", "/v1/{prefix}/transactions/commit", Write),
    ("GET", "/v1/{prefix}/namespaces/{namespace}/views", ListViews),
    ("POST", "/v1/{prefix}/namespaces/{namespace}/views", Write),
    ("POST", "/v1/{prefix}/namespaces/{namespace}/register-view", Write),
    ("GET", "/v1/{prefix}/namespaces/{namespace}/views/{view}", LoadView),
    ("HEAD", "/v1/{prefix}/namespaces/{namespace}/views/{view}", ViewExists),
    ("POST", "/v1/{prefix}/namespaces/{namespace}/views/{view}", Write),
    ("DELETE", "/v1/{prefix}/namespaces/{namespace}/views/{view}", Write),
    ("POST", "/v1/{prefix}/views/rename", Write),
];

/// A request's action with the names in its path; a name that the path lacks is empty.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    pub action: Action,
    pub namespace: String,
    /// The table or view.
    pub name: String,
}

/// What the config endpoint says is served. Itself and the tokens are no part of it: a client asks them before.
pub fn advertised() -> impl Iterator<Item = String> {
    ROUTES.iter().filter_map(|(method, path, action)| match action {
        Config | Token | Write => None,
        _ => Some(format!("{method} {path}")),
    })
}

pub fn find(method: &Method, path: &str) -> Result<Found, Failure> {
    let mut found: Vec<(&str, Action)> = Vec::new();
    let mut names = Vec::new();
    for (known, pattern, action) in ROUTES {
        if let Some(in_path) = names_in(pattern, path) {
            names = in_path;
            found.push((known, action));
        }
    }
    let of = |method: &str| found.iter().find(|(known, _)| *known == method).map(|(_, action)| *action);
    // Where the spec has no HEAD it is a GET whose body is not sent.
    let head = || if method == Method::HEAD { of("GET") } else { None };
    let Some(action) = of(method.as_str()).or_else(head) else {
        if found.is_empty() {
            return Err(Failure::no_path(path));
        }
        let allow: Vec<&str> = found.iter().map(|(known, _)| *known).collect();
        return Err(Failure::method(method.as_str(), path, allow.join(", ")));
    };
    let mut decoded = names.into_iter().map(|name| match decode(name) {
        Some(text) => Ok(text),
        None => Err(Failure::bad_request(format!("{name} is not percent-encoded UTF-8"))),
    });
    let namespace = decoded.next().transpose()?.unwrap_or_default();
    let name = decoded.next().transpose()?.unwrap_or_default();
    Ok(Found { action, namespace, name })
}

/// What stands in the path where the pattern has a name in braces; none if the path is another.
fn names_in<'a>(pattern: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let mut names = Vec::new();
    let mut parts = path.split('/');
    for want in pattern.split('/').filter(|want| *want != "{prefix}") {
        let part = parts.next()?;
        if want.starts_with('{') && !part.is_empty() {
            names.push(part);
        } else if want != part {
            return None;
        }
    }
    parts.next().is_none().then_some(names)
}

/// A part of a path, without the escapes.
fn decode(part: &str) -> Option<String> {
    let mut out = Vec::with_capacity(part.len());
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        out.push(if byte == b'%' { hex(bytes.next()?)? << 4 | hex(bytes.next()?)? } else { byte });
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_one_by_one() {
        let found = find(&Method::GET, "/v1/namespaces/a%1Fb%2Fc/tables/%C3%A9+%20x").unwrap();
        let (namespace, name) = ("a\u{1f}b/c".to_string(), "é+ x".to_string());
        assert_eq!(found, Found { action: LoadTable, namespace, name });
        for bad in ["%", "%2", "%zz", "%ff", "a%C3"] {
            let failure = find(&Method::GET, &format!("/v1/namespaces/{bad}")).unwrap_err();
            assert_eq!(failure.status, 400, "{bad}");
        }
    }

    #[test]
    fn a_method_is_unknown_only_where_the_path_is_known() {
        for path in ["/v1", "/v1/", "/v1/x", "/v1/namespaces/", "/v1/namespaces//tables", "/v1/p/namespaces"]
        {
            assert_eq!(find(&Method::GET, path).unwrap_err().status, 404, "{path}");
        }
        let failure = find(&Method::PUT, "/v1/namespaces/n").unwrap_err();
        assert_eq!((failure.status.as_u16(), failure.allow.as_str()), (405, "GET, HEAD, DELETE"));
        assert_eq!(find(&Method::HEAD, "/v1/config").unwrap().action, Config);
        assert_eq!(find(&Method::HEAD, "/v1/tables/rename").unwrap_err().status, 405);
    }

    #[test]
    fn only_what_reads_is_advertised() {
        let all: Vec<String> = advertised().collect();
        assert_eq!(all.len(), 11);
        assert!(all.contains(&"HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}".to_string()));
        assert!(!all.iter().any(|e| e.starts_with("DELETE") || e.contains("config") || e.contains("oauth")));
    }
}
