//! The recorded frames of `tests/golden/wire`: what real clients sent, and what a broker answered.

use std::path::{Path, PathBuf};

#[derive(Clone, Debug)]
pub struct Recorded {
    /// `<client>/<api>_v<N>[-<variant>]_<request|response>`, for messages.
    pub name: String,
    pub api: String,
    pub version: i16,
    /// What sets it apart from others of the same version, e.g. the codec of a Produce.
    pub variant: String,
    pub is_request: bool,
    /// The comment line: client and version.
    pub comment: String,
    /// The whole frame, length included.
    pub frame: Vec<u8>,
}

pub fn golden_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

pub fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    assert!(digits.len().is_multiple_of(2), "an odd number of hex digits");
    digits
        .chunks(2)
        .map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).expect("hex digits"))
        .collect()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Every recorded frame, in order of name.
pub fn recorded() -> Vec<Recorded> {
    let mut out = Vec::new();
    let mut clients: Vec<_> =
        std::fs::read_dir(golden_dir().join("wire")).unwrap().map(|e| e.unwrap().path()).collect();
    clients.sort();
    for client in clients {
        let mut files: Vec<_> = std::fs::read_dir(&client).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let (comment, hex) = text.split_once('\n').expect("a comment line");
            let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
            let (head, what) = stem.rsplit_once('_').unwrap();
            let (api, version) = head.rsplit_once("_v").unwrap();
            let (version, variant) = version.split_once('-').unwrap_or((version, ""));
            out.push(Recorded {
                name: format!("{}/{stem}", client.file_name().unwrap().to_string_lossy()),
                api: api.to_string(),
                version: version.parse().unwrap(),
                variant: variant.to_string(),
                is_request: what == "request",
                comment: comment.trim_start_matches("# ").to_string(),
                frame: unhex(hex),
            });
        }
    }
    assert!(!out.is_empty(), "no recorded frames");
    out
}
