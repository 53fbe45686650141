//! The parts of the generated code that are not one message: which log records form a file, and `mod.rs`.

use crate::schema::Message;
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub fn families(messages: &[Message]) -> Vec<(String, &'static str, Vec<&Message>)> {
    let pick = |f: &dyn Fn(&&Message) -> bool| messages.iter().filter(f).collect::<Vec<_>>();
    let coordinator = |m: &&Message| m.kind.starts_with("coordinator-");
    vec![
        ("header".into(), "Request and response headers.", pick(&|m| m.kind == "header")),
        (
            "group_log".into(),
            "Keys and values of `__consumer_offsets`.",
            pick(&|m| {
                coordinator(m)
                    && !m.name.starts_with("Transaction")
                    && !m.name.starts_with("ShareSnapshot")
                    && !m.name.starts_with("ShareUpdate")
            }),
        ),
        (
            "transaction_log".into(),
            "Keys and values of `__transaction_state`.",
            pick(&|m| coordinator(m) && m.name.starts_with("Transaction")),
        ),
        (
            "share_log".into(),
            "Keys and values of `__share_group_state`.",
            pick(&|m| {
                coordinator(m) && (m.name.starts_with("ShareSnapshot") || m.name.starts_with("ShareUpdate"))
            }),
        ),
        (
            "data".into(),
            "What clients put inside other messages: consumer protocol blobs, control records, principals.",
            pick(&|m| {
                [
                    "ConsumerProtocolAssignment",
                    "ConsumerProtocolSubscription",
                    "ControlRecordTypeSchema",
                    "DefaultPrincipalData",
                    "EndTxnMarker",
                ]
                .contains(&m.name.as_str())
            }),
        ),
    ]
}

const MOD_HEAD: &str = r#"//! Every message of the protocol, one file per API key. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. `CODECS` lets tests reach every (message, version).

use crate::primitive::{DecodeError, Message, Reader, Writer};
use bytes::{Bytes, BytesMut};

"#;

const APIS_HEAD: &str = r#"
/// What the facts say of one API: key, Kafka's name, versions (inclusive), first flexible version
/// (`i16::MAX` = never), and whether the newest version is unstable (not advertised).
#[derive(Clone, Copy, Debug)]
pub struct ApiFacts {
    pub key: i16,
    pub name: &'static str,
    pub versions: (i16, i16),
    pub flexible_from: i16,
    pub unstable_last: bool,
}

pub static APIS: &[ApiFacts] = &[
"#;

const CODECS_HEAD: &str = r#"];

/// One message of any kind, for tests and fuzzing.
pub struct Codec {
    pub name: &'static str,
    pub versions: (i16, i16),
    /// Decodes and encodes again; also how many bytes were left over.
    pub round_trip: fn(&Bytes, i16) -> Result<(BytesMut, usize), DecodeError>,
    /// Decodes only.
    pub decode: fn(&Bytes, i16) -> Result<(), DecodeError>,
    /// The decoded fields as text, to compare with another implementation's.
    pub describe: fn(&Bytes, i16) -> Result<String, DecodeError>,
}

fn round_trip<M: Message>(src: &Bytes, version: i16) -> Result<(BytesMut, usize), DecodeError> {
    let mut r = Reader::new(src);
    let m = M::decode(&mut r, version)?;
    let mut out = BytesMut::new();
    let mut gaps = Vec::new();
    m.encode(&mut Writer::new(&mut out, &mut gaps), version);
    Ok((out, r.remaining()))
}

fn decode<M: Message>(src: &Bytes, version: i16) -> Result<(), DecodeError> {
    M::decode(&mut Reader::new(src), version).map(drop)
}

fn describe<M: Message + std::fmt::Debug>(src: &Bytes, version: i16) -> Result<String, DecodeError> {
    Ok(format!("{:?}", M::decode(&mut Reader::new(src), version)?))
}

macro_rules! codec {
    ($name:ident, $file:ident :: $module:ident, $versions:expr) => {
        Codec {
            name: stringify!($name),
            versions: $versions,
            round_trip: round_trip::<$file::$module::$name>,
            decode: decode::<$file::$module::$name>,
            describe: describe::<$file::$module::$name>,
        }
    };
}

pub static CODECS: &[Codec] = &[
"#;

pub fn mod_file(
    files: &BTreeMap<String, String>,
    table: &[(String, String, String, &Message)],
    apis: &str,
) -> String {
    let mut s = String::from(MOD_HEAD);
    for f in files.keys() {
        let _ = writeln!(s, "pub mod {};", f.trim_end_matches(".rs"));
    }
    s.push_str(APIS_HEAD);
    s.push_str(apis);
    s.push_str(CODECS_HEAD);
    for (stem, module, name, m) in table {
        let _ = writeln!(s, "    codec!({name}, {stem}::{module}, ({}, {})),", m.valid.lo, m.valid.hi);
    }
    s.push_str("];\n");
    s
}
