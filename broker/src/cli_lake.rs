//! `lipno lake ...`: asks a running broker over HTTP and shows the answer to people, or with `--json` to programs.
//!
//! Invariants: with `--json` the last line of stdout is one object, whatever happens; what is only progress goes to
//! stderr; exit code 0: done, or equal; 1: different; 2: could not tell. Called by `main`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// To a broker that does not answer at all.
const CONNECT: Duration = Duration::from_secs(5);
/// Between two lines of an answer; a proof sends one every half second.
const SILENCE: Duration = Duration::from_secs(60);
/// Of an answer that is no stream.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Tables of topics: how they are, and whether they are right
#[derive(Debug, Args)]
pub struct LakeArgs {
    #[command(subcommand)]
    what: What,
    /// The broker's http.listeners
    #[arg(long, global = true, value_name = "HOST:PORT", default_value = "127.0.0.1:8181")]
    http: String,
    /// One JSON object as the last line of stdout
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// How far each table is behind, and how large it is
    Status {
        /// Only this topic's
        topic: Option<String>,
    },
    /// Proves that a table has each offset of the log once, and equal
    Verify { topic: String },
    /// The offsets at which a snapshot ends
    Offsets {
        topic: String,
        /// Default: the current one
        #[arg(long)]
        snapshot: Option<i64>,
    },
    /// The first snapshot that has an offset, or the first record at or after a time
    Snapshot {
        topic: String,
        #[arg(long)]
        partition: i32,
        #[arg(long, conflicts_with = "time", required_unless_present = "time")]
        offset: Option<i64>,
        /// Milliseconds since 1970
        #[arg(long, value_name = "MS")]
        time: Option<i64>,
    },
    /// Writes a table again in the topic's present format; stopped, it goes on where it was
    Rebuild {
        topic: String,
        /// Gives up what was rebuilt so far
        #[arg(long)]
        cancel: bool,
    },
    /// Sets a consumer group without members to the end of a snapshot
    Seek {
        topic: String,
        #[arg(long)]
        snapshot: i64,
        #[arg(long)]
        group: String,
    },
}

/// What was found out, and the exit code that says so.
struct Answer {
    value: Value,
    text: String,
    code: u8,
}

impl LakeArgs {
    /// Asks and shows; returns the exit code.
    pub async fn run(self) -> u8 {
        let answer = match self.ask().await {
            Ok(answer) => answer,
            Err(why) => {
                eprintln!("lipno: {why}");
                Answer { value: json!({ "error": why }), text: String::new(), code: 2 }
            }
        };
        let shown = if self.json { format!("{}\n", answer.value) } else { answer.text };
        // Nobody need read it.
        drop(std::io::stdout().write_all(shown.as_bytes()));
        answer.code
    }

    async fn ask(&self) -> Result<Answer, String> {
        let topic = |topic: &str| -> Result<String, String> {
            let is_name = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
            match !topic.is_empty() && topic.bytes().all(is_name) {
                true => Ok(format!("topics/{topic}")),
                false => Err(format!("'{topic}' is not the name of a topic")),
            }
        };
        match &self.what {
            What::Status { topic: None } => self.get("topics", &[]).await.map(status),
            What::Status { topic: Some(t) } => self.get(&topic(t)?, &[]).await.map(status),
            What::Verify { topic: t } => {
                let last =
                    self.last_line(self.client()?.get(self.url(&format!("{}/verify", topic(t)?)))).await?;
                verdict(last)
            }
            What::Rebuild { topic: t, cancel: false } => {
                let url = self.url(&format!("{}/rebuild", topic(t)?));
                rebuilt(self.last_line(self.client()?.post(url)).await?)
            }
            What::Rebuild { topic: t, cancel: true } => {
                let url = self.url(&format!("{}/rebuild", topic(t)?));
                let value = whole(self.client()?.delete(url)).await?;
                let text = match value.get("cancelled").and_then(Value::as_bool) {
                    Some(true) => {
                        format!("the rebuild of {t} is given up; its files go with the next sweep\n")
                    }
                    _ => format!("{t} is not being rebuilt\n"),
                };
                Ok(Answer { value, text, code: 0 })
            }
            What::Offsets { topic: t, snapshot } => {
                let q = snapshot.map(|s| ("snapshot", s.to_string()));
                self.get(&format!("{}/offsets", topic(t)?), q.as_slice()).await.map(snapshot_end)
            }
            What::Snapshot { topic: t, partition, offset, time } => {
                let mut q = vec![("partition", partition.to_string())];
                q.extend(offset.map(|o| ("offset", o.to_string())));
                q.extend(time.map(|t| ("time", t.to_string())));
                self.get(&format!("{}/snapshot", topic(t)?), &q).await.map(snapshot_end)
            }
            What::Seek { topic: t, snapshot, group } => {
                let q = [("snapshot", snapshot.to_string()), ("group", group.clone())];
                let request = self.client()?.post(self.url(&format!("{}/seek", topic(t)?))).query(&q);
                let value = whole(request).await?;
                let text = format!("group {group} is at the end of snapshot {snapshot} of {t}\n");
                Ok(Answer { value, text, code: 0 })
            }
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/lake/v1/{path}", self.http)
    }

    fn client(&self) -> Result<reqwest::Client, String> {
        let builder = reqwest::Client::builder().connect_timeout(CONNECT).read_timeout(SILENCE).no_proxy();
        builder.build().map_err(|e| e.to_string())
    }

    async fn get(&self, path: &str, q: &[(&str, String)]) -> Result<Value, String> {
        whole(self.client()?.get(self.url(path)).query(q)).await
    }

    /// The last line of a long answer; what comes before it is progress.
    async fn last_line(&self, request: reqwest::RequestBuilder) -> Result<Value, String> {
        let mut answer = sent(request).await?;
        let is_shown = std::io::stderr().is_terminal();
        let (mut buffer, mut last) = (Vec::new(), Value::Null);
        while let Some(bytes) = answer.chunk().await.map_err(|e| told(&e))? {
            buffer.extend_from_slice(&bytes);
            while let Some(end) = buffer.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = buffer.drain(..=end).collect();
                let value: Value =
                    serde_json::from_slice(&line).map_err(|e| format!("a broken answer: {e}"))?;
                match value.get("progress") {
                    Some(p) if is_shown => {
                        let n = |key: &str| p.get(key).and_then(Value::as_u64).unwrap_or(0);
                        eprint!("\rpartition {} of {}, {} rows ", n("partition"), n("partitions"), n("rows"));
                    }
                    _ => {}
                }
                last = value;
            }
            if buffer.len() > ANSWER_BYTES_MAX {
                return Err("the answer has a line without an end".into());
            }
        }
        if is_shown {
            eprintln!();
        }
        Ok(last)
    }
}

/// A failure with its causes.
fn told(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut source = e.source();
    while let Some(e) = source {
        text = format!("{text}: {e}");
        source = e.source();
    }
    text
}

async fn sent(request: reqwest::RequestBuilder) -> Result<reqwest::Response, String> {
    let hint = "; is the broker running, and is --http its http.listeners?";
    let answer = request.send().await.map_err(|e| format!("{}{hint}", told(&e)))?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    let status = answer.status();
    let body: Value =
        serde_json::from_slice(&answer.bytes().await.map_err(|e| told(&e))?).unwrap_or_default();
    Err(match body.get("error").and_then(Value::as_str) {
        Some(why) => why.to_string(),
        None => format!("the answer is {status}{hint}"),
    })
}

async fn whole(request: reqwest::RequestBuilder) -> Result<Value, String> {
    let mut answer = sent(request).await?;
    let mut body = Vec::new();
    while let Some(bytes) = answer.chunk().await.map_err(|e| told(&e))? {
        body.extend_from_slice(&bytes);
        if body.len() > ANSWER_BYTES_MAX {
            return Err("the answer is too large".into());
        }
    }
    serde_json::from_slice(&body).map_err(|e| format!("a broken answer: {e}"))
}

/// Rows as a table, numbers to the right.
fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |i: usize| {
        let cells = rows.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count());
        cells.chain(head.get(i).map(|h| h.len())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let cells = cells.iter().zip(&widths).enumerate().map(|(i, (c, w))| match i {
            0 => format!("{c:<w$}"),
            _ => format!("{c:>w$}"),
        });
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    let mut out = line(head.to_vec());
    out.extend(rows.iter().map(|r| line(r.iter().map(String::as_str).collect())));
    out
}

fn cell(v: &Value, key: &str) -> String {
    match v.get(key) {
        None | Some(Value::Null) => "-".into(),
        Some(Value::String(s)) => s.clone(),
        Some(v) => v.to_string(),
    }
}

fn bytes(n: u64) -> String {
    match n {
        0..10_000 => format!("{n} B"),
        10_000..10_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        10_000_000..10_000_000_000 => format!("{:.1} MB", n as f64 / 1e6),
        _ => format!("{:.1} GB", n as f64 / 1e9),
    }
}

fn items<'a>(v: &'a Value, key: &str) -> &'a [Value] {
    v.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn status(value: Value) -> Answer {
    let head = [
        "topic",
        "table",
        "mode",
        "behind",
        "for",
        "in the log",
        "rows",
        "files",
        "size",
        "columns",
        "snapshots",
    ];
    let row = |t: &Value| {
        let number = |key: &str| t.get(key).and_then(Value::as_u64).unwrap_or(0);
        let seconds = format!("{:.1} s", number("lag_ms") as f64 / 1e3);
        let plain = |key: &str| cell(t, key);
        vec![
            plain("topic"),
            plain("table"),
            plain("mode"),
            plain("lag_offsets"),
            seconds,
            bytes(number("lag_bytes")),
            plain("rows"),
            plain("files"),
            bytes(number("bytes")),
            plain("columns"),
            plain("snapshots"),
        ]
    };
    let rows: Vec<Vec<String>> = items(&value, "tables").iter().map(row).collect();
    let errors = items(&value, "tables").iter().filter_map(|t| t.get("error")?.as_str());
    let mut text = table(&head, &rows);
    text.extend(errors.map(|e| format!("{e}\n")));
    Answer { value, text, code: 0 }
}

fn snapshot_end(value: Value) -> Answer {
    let mut text = format!(
        "snapshot {} of {} ms since 1970 ends at\n",
        cell(&value, "snapshot_id"),
        cell(&value, "timestamp_ms")
    );
    let mut offsets: Vec<(i64, String)> = match value.get("offsets").and_then(Value::as_object) {
        Some(o) => o.iter().map(|(p, o)| (p.parse().unwrap_or(-1), o.to_string())).collect(),
        None => Vec::new(),
    };
    offsets.sort();
    let rows: Vec<Vec<String>> = offsets.into_iter().map(|(p, o)| vec![p.to_string(), o]).collect();
    text.push_str(&table(&["partition", "offset"], &rows));
    Answer { value, text, code: 0 }
}

fn rebuilt(value: Value) -> Result<Answer, String> {
    if let Some(why) = value.get("error").and_then(Value::as_str) {
        return Err(why.to_string());
    }
    if value.get("version").is_none() {
        return Err("the answer ended early; run it again, it goes on where it was".into());
    }
    let of = |key: &str| cell(&value, key);
    let (table, version, rows) = (of("table"), of("version"), of("rows"));
    let (files, replaced, kept) = (of("files"), of("replaced"), of("kept"));
    let text = format!(
        "table {table} is rebuilt as of version {version}: {rows} rows written, {files} files in the place of {replaced}, \
         {kept} without values kept\n"
    );
    Ok(Answer { value, text, code: 0 })
}

fn verdict(value: Value) -> Result<Answer, String> {
    if let Some(why) = value.get("error").and_then(Value::as_str) {
        return Err(format!("could not tell: {why}"));
    }
    let Some(ok) = value.get("ok").and_then(Value::as_bool) else {
        return Err("could not tell: the answer ended early".into());
    };
    let keys = [
        "partition",
        "start",
        "end",
        "rows",
        "before_log",
        "dead_letters",
        "dropped",
        "undecodable",
        "missing",
        "duplicated",
        "different",
    ];
    let row = |p: &Value| keys.iter().map(|key| cell(p, key)).collect::<Vec<_>>();
    let partitions = items(&value, "partitions");
    let mut text = table(&keys, &partitions.iter().map(row).collect::<Vec<_>>());
    for p in partitions {
        let at = cell(p, "partition");
        text.extend(
            items(p, "gaps")
                .iter()
                .map(|g| format!("partition {at}: gap {g}: lost before it was converted\n")),
        );
        text.extend(
            items(p, "examples").iter().filter_map(Value::as_str).map(|e| format!("partition {at}: {e}\n")),
        );
    }
    let name = cell(&value, "table");
    text.push_str(&match ok {
        true => format!("table {name} equals the log\n"),
        false => format!("table {name} DIFFERS from the log\n"),
    });
    Ok(Answer { value, text, code: u8::from(!ok) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_a_table_and_a_code() {
        let p = json!({"partition": 0, "start": 0, "end": 9, "rows": 8, "before_log": 0, "dropped": 0, "undecodable": 0,
            "missing": 1, "duplicated": 0, "different": 0, "gaps": [[3, 5]], "examples": ["offset 8 is missing"]});
        let a = verdict(json!({"ok": false, "table": "t", "partitions": [p]}))
            .map_err(|e| panic!("{e}"))
            .unwrap();
        assert_eq!(a.code, 1);
        assert!(
            a.text.contains("gap [3,5]")
                && a.text.contains("offset 8 is missing")
                && a.text.contains("DIFFERS")
        );
        assert!(verdict(json!({"error": "x"})).is_err() && verdict(json!({})).is_err());
        assert_eq!(table(&["a", "b"], &[vec!["x".into(), "100".into()]]), "a    b\nx  100\n");
    }
}
