//! Writes `protocol/src/message/*` from the message facts. Output is committed; `gen --check` compares.
//!
//! Shape: one file per API key (`k00_produce.rs`) with `mod request` and `mod response`; one file per family of
//! log records. Fields keep Kafka's names in snake case and Kafka's defaults. A field absent in a version is
//! skipped on the wire and has its default after decoding.

mod table;

use crate::schema::{Field, Message, Range, Type, client_apis};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// File name -> text, unformatted.
pub fn generate(messages: &[Message]) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut table: Vec<(String, String, String, &Message)> = Vec::new();
    let mut apis = String::new();
    for (key, (req, resp)) in client_apis(messages) {
        let base = req.name.trim_end_matches("Request");
        let stem = format!("k{key:02}_{}", snake(base));
        let mut s = format!(
            "//! {base} (api key {key}), versions {}-{}, flexible from {}. Generated from schema/messages.kmn.\n//!\n\
             //! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.\n\n",
            req.valid.lo,
            req.valid.hi,
            flex_from(req)
        );
        s.push_str(&format!("pub use request::{0};\npub use response::{1};\n\n", req.name, resp.name));
        s.push_str(&format!("pub mod request {{\n{}\n}}\n\n", body(req)));
        s.push_str(&format!("pub mod response {{\n{}\n}}\n", body(resp)));
        table.push((stem.clone(), "request".into(), req.name.clone(), req));
        table.push((stem.clone(), "response".into(), resp.name.clone(), resp));
        let _ = writeln!(
            apis,
            "    ApiFacts {{ key: {key}, name: \"{base}\", versions: ({}, {}), flexible_from: {}, unstable_last: {} }},",
            req.valid.lo,
            req.valid.hi,
            flex_from(req),
            req.unstable
        );
        files.insert(format!("{stem}.rs"), s);
    }
    for (stem, what, names) in table::families(messages) {
        let mut s = format!(
            "//! {what} Generated from schema/messages.kmn.\n//!\n\
             //! Never edit: `cargo xtask gen` writes it. Called by the coordinators and by tools that read their logs.\n\n"
        );
        for m in &names {
            let module = snake(&m.name);
            s.push_str(&format!("pub use {module}::{};\n", m.name));
        }
        s.push('\n');
        for m in &names {
            let module = snake(&m.name);
            s.push_str(&format!("pub mod {module} {{\n{}\n}}\n\n", body(m)));
            table.push((stem.clone(), module, m.name.clone(), m));
        }
        files.insert(format!("{stem}.rs"), s);
    }
    files.insert("mod.rs".into(), table::mod_file(&files, &table, &apis));
    files
}

fn flex_from(m: &Message) -> String {
    if m.flexible.is_none() { "i16::MAX".into() } else { m.flexible.lo.to_string() }
}

pub fn snake(name: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        if c.is_uppercase() {
            let prev_lower = i > 0 && (chars[i - 1].is_lowercase() || chars[i - 1].is_ascii_digit());
            let next_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
            if i > 0 && (prev_lower || (next_lower && chars[i - 1].is_uppercase())) {
                out.push('_');
            }
            out.extend(c.to_lowercase());
        } else {
            out.push(*c);
        }
    }
    match out.as_str() {
        "type" | "match" | "move" | "ref" | "in" | "use" => format!("{out}_"),
        _ => out,
    }
}

/// The fields of one struct with the message they belong to: what every emitter below needs.
struct Shape<'a> {
    m: &'a Message,
    name: &'a str,
    fields: &'a [Field],
}

fn body(m: &Message) -> String {
    let mut code = String::new();
    code.push_str(&emit_struct(&Shape { m, name: &m.name, fields: &m.fields }));
    for (name, fields) in &m.structs {
        code.push_str(&emit_struct(&Shape { m, name, fields }));
    }
    let mut uses = vec!["DecodeError", "Message", "Reader", "Writer"];
    for (word, import) in [(": Str", "Str"), ("<Str", "Str"), ("Records", "Records"), ("Uuid", "Uuid")] {
        let used = match import {
            "Records" => code.contains(": Records") || code.contains("<Records>"),
            "Uuid" => code.contains(": Uuid") || code.contains("<Uuid>"),
            _ => code.contains(word),
        };
        if used && !uses.contains(&import) {
            uses.push(import);
        }
    }
    let mut s = format!("use crate::primitive::{{{}}};\n", uses.join(", "));
    if code.contains(": Bytes") || code.contains("<Bytes>") {
        s.push_str("use bytes::Bytes;\n");
    }
    s + "\n" + &code
}

fn rust_type(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".into(),
        Type::Int8 => "i8".into(),
        Type::Int16 => "i16".into(),
        Type::Uint16 => "u16".into(),
        Type::Int32 => "i32".into(),
        Type::Uint32 => "u32".into(),
        Type::Int64 => "i64".into(),
        Type::Float64 => "f64".into(),
        Type::String => "Str".into(),
        Type::Uuid => "Uuid".into(),
        Type::Bytes => "Bytes".into(),
        Type::Records => "Records".into(),
        Type::Array(item) => format!("Vec<{}>", rust_type(item)),
        Type::Struct(n) => n.clone(),
    }
}

fn is_option(f: &Field) -> bool {
    !f.nullable.is_none()
}

fn default_of(f: &Field) -> String {
    let d = f.default.as_deref();
    let value = match &f.ty {
        _ if d == Some("null") => return "None".into(),
        Type::Bool => d.unwrap_or("false").to_string(),
        Type::Float64 => d.unwrap_or("0.0").to_string(),
        Type::Int8 | Type::Int16 | Type::Uint16 | Type::Int32 | Type::Uint32 | Type::Int64 => {
            let d = d.unwrap_or("0");
            match d.strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16).unwrap_or(0).to_string(),
                None => d.to_string(),
            }
        }
        Type::String => match d {
            Some(text) if !text.is_empty() => format!("Str::from_static({text:?})"),
            _ => "Str::default()".into(),
        },
        // Kafka's null records are a default only where nothing was sent.
        Type::Records if is_option(f) => return "None".into(),
        _ => "Default::default()".into(),
    };
    if is_option(f) { format!("Some({value})") } else { value }
}

/// A Rust condition for "version v is in r", given that v is in the message's valid range.
fn condition(r: Range, valid: Range) -> String {
    let lo = r.lo > valid.lo;
    let hi = r.hi < valid.hi;
    if r.is_none() || r.lo > valid.hi || r.hi < valid.lo {
        return "false".into();
    }
    match (lo, hi) {
        (false, false) => "true".into(),
        (true, false) => format!("v >= {}", r.lo),
        (false, true) => format!("v <= {}", r.hi),
        (true, true) if r.lo == r.hi => format!("v == {}", r.lo),
        (true, true) => format!("({}..={}).contains(&v)", r.lo, r.hi),
    }
}

fn min_size(m: &Message, ty: &Type) -> usize {
    match ty {
        Type::Bool | Type::Int8 => 1,
        Type::Int16 | Type::Uint16 => 2,
        Type::Int32 | Type::Uint32 => 4,
        Type::Int64 | Type::Float64 => 8,
        Type::Uuid => 16,
        // A compact null or empty value is one byte.
        Type::String | Type::Bytes | Type::Records | Type::Array(_) => 1,
        Type::Struct(n) => {
            let fields = m.fields_of(n).unwrap_or(&[]);
            (m.valid.lo..=m.valid.hi)
                .map(|v| {
                    fields
                        .iter()
                        .filter(|f| f.versions.contains(v) && !f.tagged(v))
                        .map(|f| match &f.ty {
                            Type::Struct(_) if is_option(f) => 1,
                            ty => min_size(m, ty),
                        })
                        .sum::<usize>()
                        + usize::from(m.flexible.contains(v))
                })
                .min()
                .unwrap_or(1)
                .max(1)
        }
    }
}

fn emit_struct(s: &Shape) -> String {
    let mut out = String::new();
    let copy_eq = "#[derive(Clone, Debug, PartialEq)]";
    let _ = writeln!(out, "{copy_eq}\npub struct {} {{", s.name);
    for f in s.fields {
        let ty = rust_type(&f.ty);
        let ty = if is_option(f) { format!("Option<{ty}>") } else { ty };
        let _ = writeln!(out, "    pub {}: {ty},", snake(&f.name));
    }
    let _ =
        writeln!(out, "}}\n\nimpl Default for {} {{\n    fn default() -> Self {{\n        Self {{", s.name);
    for f in s.fields {
        let _ = writeln!(out, "            {}: {},", snake(&f.name), default_of(f));
    }
    out.push_str("        }\n    }\n}\n\n");
    let _ = writeln!(out, "impl Message for {} {{", s.name);
    out.push_str(&emit_decode(s));
    out.push_str(&emit_encode(s));
    out.push_str("}\n\n");
    out
}

fn flex_expr(m: &Message, f: Option<&Field>) -> String {
    if f.is_some_and(|f| f.never_flexible) {
        return "false".into();
    }
    match condition(m.flexible, m.valid).as_str() {
        "true" => "true".into(),
        "false" => "false".into(),
        _ => "flex".into(),
    }
}

fn flex_let(m: &Message, code: &str) -> String {
    let c = condition(m.flexible, m.valid);
    let used = code.contains("flex)") || code.contains("flex,") || code.contains("if flex ");
    if c != "true" && c != "false" && used { format!("        let flex = {c};\n") } else { String::new() }
}

fn read_expr(m: &Message, f: &Field, ty: &Type) -> String {
    let flex = flex_expr(m, Some(f));
    match ty {
        Type::Bool => "r.bool()?".into(),
        Type::Int8 => "r.i8()?".into(),
        Type::Int16 => "r.i16()?".into(),
        Type::Uint16 => "r.u16()?".into(),
        Type::Int32 => "r.i32()?".into(),
        Type::Uint32 => "r.u32()?".into(),
        Type::Int64 => "r.i64()?".into(),
        Type::Float64 => "r.f64()?".into(),
        Type::Uuid => "r.uuid()?".into(),
        Type::String => format!("r.string({flex})?"),
        Type::Bytes => format!("r.bytes({flex})?"),
        Type::Records => format!("r.records({flex})?"),
        Type::Array(item) => {
            format!("r.array({flex}, {}, |r| Ok({}))?", min_size(m, item), read_item(m, f, item))
        }
        Type::Struct(n) => format!("{n}::decode(r, v)?"),
    }
}

fn read_item(m: &Message, f: &Field, item: &Type) -> String {
    match item {
        Type::String | Type::Bytes | Type::Records | Type::Array(_) => {
            // Items of arrays are never null in Kafka's schemas.
            let e = read_expr(m, f, item);
            format!("{}.ok_or(DecodeError::NullNotAllowed)?", e)
        }
        _ => read_expr(m, f, item),
    }
}

fn read_field(m: &Message, f: &Field) -> String {
    let flexible_value = matches!(f.ty, Type::String | Type::Bytes | Type::Records | Type::Array(_));
    let e = read_expr(m, f, &f.ty);
    if flexible_value {
        if !is_option(f) {
            return format!("{e}.ok_or(DecodeError::NullNotAllowed)?");
        }
        return match condition(f.nullable, Range { lo: m.valid.lo.max(f.versions.lo), ..m.valid }).as_str() {
            "true" => e,
            "false" => format!("Some({e}.ok_or(DecodeError::NullNotAllowed)?)"),
            c => format!(
                "{{ let x = {e}; if x.is_none() && !({c}) {{ return Err(DecodeError::NullNotAllowed); }} x }}"
            ),
        };
    }
    if is_option(f) {
        // A nullable struct: one signed byte, negative for null.
        return format!("if r.i8()? < 0 {{ None }} else {{ Some({e}) }}");
    }
    e
}

fn emit_decode(s: &Shape) -> String {
    let m = s.m;
    let mut code = String::new();
    for f in s.fields {
        let name = snake(&f.name);
        let inline = inline_condition(m, f);
        let read = read_field(m, f);
        match inline.as_str() {
            "false" => {}
            "true" => {
                let _ = writeln!(code, "        m.{name} = {read};");
            }
            c => {
                let _ = writeln!(code, "        if {c} {{ m.{name} = {read}; }}");
            }
        }
    }
    let flexible = condition(m.flexible, m.valid);
    if flexible != "false" {
        let tags = s
            .fields
            .iter()
            .filter_map(|f| f.tag.map(|(t, r)| (f, t, r)))
            .map(|(f, t, r)| {
                let guard = match condition(r, m.valid).as_str() {
                    "true" => String::new(),
                    c => format!(" if {c}"),
                };
                format!("                {t}{guard} => m.{} = {},\n", snake(&f.name), read_field(m, f))
            })
            .collect::<String>();
        let section = if tags.is_empty() {
            "r.skip_tags()?;\n".to_string()
        } else {
            format!(
                "r.tags(|r, tag| {{\n            match tag {{\n{tags}                _ => return Ok(false),\n            }}\n            Ok(true)\n        }})?;\n"
            )
        };
        if flexible == "true" {
            let _ = write!(code, "        {section}");
        } else {
            let _ = write!(code, "        if flex {{ {section} }}");
        }
    }
    let uses_v = code.contains("v >= ")
        || code.contains("v <= ")
        || code.contains("v == ")
        || code.contains("(&v)")
        || code.contains(", v)")
        || flex_let(m, &code).contains('v');
    let v = if uses_v { "v" } else { "_v" };
    let mutable = if code.contains("m.") { "let mut m" } else { "let m" };
    let r = if code.contains("r.") || code.contains("(r,") { "r" } else { "_r" };
    format!(
        "    fn decode({r}: &mut Reader<'_>, {v}: i16) -> Result<Self, DecodeError> {{\n{}        {mutable} = Self::default();\n{code}        Ok(m)\n    }}\n\n",
        flex_let(m, &code)
    )
}

fn inline_condition(m: &Message, f: &Field) -> String {
    match f.tag {
        None => condition(f.versions, m.valid),
        Some((_, tagged)) => {
            // Inline only in the versions before the tagged range, if any.
            let hi = f.versions.hi.min(tagged.lo.saturating_sub(1));
            condition(Range { lo: f.versions.lo, hi }, m.valid)
        }
    }
}

fn write_expr(m: &Message, f: &Field, ty: &Type, value: &str) -> String {
    let flex = flex_expr(m, Some(f));
    match ty {
        Type::Bool => format!("w.bool({value});"),
        Type::Int8 => format!("w.i8({value});"),
        Type::Int16 => format!("w.i16({value});"),
        Type::Uint16 => format!("w.u16({value});"),
        Type::Int32 => format!("w.i32({value});"),
        Type::Uint32 => format!("w.u32({value});"),
        Type::Int64 => format!("w.i64({value});"),
        Type::Float64 => format!("w.f64({value});"),
        Type::Uuid => format!("w.uuid({value});"),
        Type::String => format!("w.string({flex}, Some({value}));"),
        Type::Bytes => format!("w.bytes({flex}, Some({value}));"),
        Type::Records => format!("w.records({flex}, Some({value}));"),
        Type::Array(item) => {
            let by_value = matches!(
                item.as_ref(),
                Type::Bool
                    | Type::Int8
                    | Type::Int16
                    | Type::Uint16
                    | Type::Int32
                    | Type::Uint32
                    | Type::Int64
                    | Type::Float64
            );
            let item_value = if by_value { "*x" } else { "x" };
            format!("w.array({flex}, Some({value}), |w, x| {{ {} }});", write_expr(m, f, item, item_value))
        }
        Type::Struct(_) => format!("{}.encode(w, v);", value.trim_start_matches('&')),
    }
}

fn write_field(m: &Message, f: &Field) -> String {
    let name = snake(&f.name);
    let flex = flex_expr(m, Some(f));
    let by_ref = matches!(
        f.ty,
        Type::String | Type::Bytes | Type::Records | Type::Array(_) | Type::Struct(_) | Type::Uuid
    );
    if !is_option(f) {
        let value = if by_ref { format!("&self.{name}") } else { format!("self.{name}") };
        return write_expr(m, f, &f.ty, &value);
    }
    // In a version that forbids null, null is written as empty.
    let null_ok =
        condition(f.nullable, Range { lo: m.valid.lo.max(f.versions.lo.min(m.valid.hi)), ..m.valid });
    let value = format!("self.{name}.as_ref()");
    match &f.ty {
        Type::String if null_ok == "true" => format!("w.string({flex}, {value});"),
        Type::Bytes if null_ok == "true" => format!("w.bytes({flex}, {value});"),
        Type::Records if null_ok == "true" => format!("w.records({flex}, {value});"),
        Type::String => format!("w.string_or_empty({flex}, self.{name}.as_ref(), {null_ok});"),
        Type::Bytes => format!("w.bytes_or_empty({flex}, self.{name}.as_ref(), {null_ok});"),
        Type::Records => format!("w.records({flex}, self.{name}.as_ref());"),
        Type::Array(item) => {
            let by_value = matches!(
                item.as_ref(),
                Type::Bool
                    | Type::Int8
                    | Type::Int16
                    | Type::Uint16
                    | Type::Int32
                    | Type::Uint32
                    | Type::Int64
                    | Type::Float64
            );
            let x = if by_value { "*x" } else { "x" };
            let call = write_expr(m, f, item, x);
            let arg = if null_ok == "true" {
                format!("self.{name}.as_deref()")
            } else {
                format!("Writer::slice_or_empty(self.{name}.as_deref(), {null_ok})")
            };
            format!("w.array({flex}, {arg}, |w, x| {{ {call} }});")
        }
        Type::Struct(_) => {
            format!("match &self.{name} {{ Some(x) => {{ w.i8(1); x.encode(w, v); }} None => w.i8(-1) }}")
        }
        other => unreachable!("{other:?} cannot be nullable"),
    }
}

fn non_default(f: &Field) -> String {
    let name = snake(&f.name);
    let d = default_of(f);
    match (&f.ty, is_option(f)) {
        (_, true) if d == "None" => format!("self.{name}.is_some()"),
        (Type::Array(_) | Type::String | Type::Bytes, false)
            if f.default.as_deref().unwrap_or("").is_empty() =>
        {
            format!("!self.{name}.is_empty()")
        }
        (Type::Struct(n), false) => format!("self.{name} != {n}::default()"),
        (Type::Uuid, false) => format!("self.{name} != Uuid::ZERO"),
        (Type::Bool, false) => {
            if d == "false" {
                format!("self.{name}")
            } else {
                format!("!self.{name}")
            }
        }
        _ => format!("self.{name} != {d}"),
    }
}

fn emit_encode(s: &Shape) -> String {
    let m = s.m;
    let mut code = String::new();
    for f in s.fields {
        let write = write_field(m, f);
        match inline_condition(m, f).as_str() {
            "false" => {}
            "true" => {
                let _ = writeln!(code, "        {write}");
            }
            c => {
                let _ = writeln!(code, "        if {c} {{ {write} }}");
            }
        }
    }
    let flexible = condition(m.flexible, m.valid);
    if flexible != "false" {
        let mut tags: Vec<(&Field, u32, Range)> =
            s.fields.iter().filter_map(|f| f.tag.map(|(t, r)| (f, t, r))).collect();
        tags.sort_by_key(|(_, t, _)| *t);
        let section = if tags.is_empty() {
            "w.no_tags();\n".to_string()
        } else {
            let mut count = String::new();
            let mut writes = String::new();
            for (f, t, r) in &tags {
                let present = match condition(*r, m.valid).as_str() {
                    "true" => non_default(f),
                    c => format!("{c} && {}", non_default(f)),
                };
                let _ = writeln!(count, "            + u32::from({present})");
                let _ = writeln!(
                    writes,
                    "        if {present} {{ w.tag({t}, |w| {{ {} }}); }}",
                    write_field(m, f)
                );
            }
            format!("w.uvarint(0{count});\n{writes}")
        };
        if flexible == "true" {
            let _ = write!(code, "        {section}");
        } else {
            let _ = write!(code, "        if flex {{ {section} }}");
        }
    }
    let flex = flex_let(m, &code);
    let uses_v = code.contains("v >= ")
        || code.contains("v <= ")
        || code.contains("v == ")
        || code.contains("(&v)")
        || code.contains(", v)")
        || flex.contains('v');
    let v = if uses_v { "v" } else { "_v" };
    let w = if code.contains("w.") || code.contains("(w,") { "w" } else { "_w" };
    format!("    fn encode(&self, {w}: &mut Writer<'_>, {v}: i16) {{\n{flex}{code}    }}\n")
}
