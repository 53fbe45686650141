//! What a run measured, as JSON, as a table for people, and as plots.
//!
//! Invariant: a number is a median of passes whose values the JSON keeps, with the command and the commit that gave
//! it. Called by `compare`.

use crate::broker::{Flavour, System};
use crate::plot;
use crate::rows::{Goal, Row};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[derive(Clone, Default)]
pub struct Head {
    pub date: String,
    pub commit: String,
    pub command: String,
    pub machine: String,
}

#[derive(Default)]
struct Cell {
    passes: Vec<Vec<f64>>,
    failures: Vec<String>,
}

/// Passes by row, flavour and system.
#[derive(Default)]
pub struct Table(BTreeMap<(&'static str, Flavour, System), Cell>);

pub fn median(values: &[f64]) -> Option<f64> {
    let mut v = values.to_vec();
    v.sort_by(f64::total_cmp);
    let upper = v.get(v.len() / 2).copied()?;
    if v.len() % 2 == 1 {
        return Some(upper);
    }
    Some((v.get((v.len() / 2).checked_sub(1)?)? + upper) / 2.0)
}

impl Table {
    pub fn add(
        &mut self,
        row: &'static str,
        flavour: Flavour,
        system: System,
        result: Result<Vec<f64>, String>,
    ) {
        let cell = self.0.entry((row, flavour, system)).or_default();
        match result {
            Ok(values) => cell.passes.push(values),
            Err(e) => cell.failures.push(e),
        }
    }

    pub fn failures(&self) -> usize {
        self.0.values().map(|c| c.failures.len()).sum()
    }

    fn all(&self, row: &'static str, flavour: Flavour, system: System, metric: usize) -> Vec<f64> {
        let passes = self.0.get(&(row, flavour, system)).map(|c| c.passes.as_slice()).unwrap_or_default();
        passes.iter().filter_map(|p| p.get(metric).copied()).collect()
    }

    pub fn median(&self, row: &'static str, flavour: Flavour, system: System, metric: usize) -> Option<f64> {
        median(&self.all(row, flavour, system, metric))
    }
}

/// Three significant digits.
pub fn short(v: f64) -> String {
    let digits = if v == 0.0 { 0 } else { 2 - v.abs().log10().floor() as i32 };
    let text = format!("{v:.*}", digits.clamp(0, 4) as usize);
    let Some((whole, rest)) = text.split_once('.') else { return thousands(&text) };
    format!("{}.{rest}", thousands(whole))
}

fn thousands(whole: &str) -> String {
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        let left = whole.len() - i;
        if i > 0 && left.is_multiple_of(3) && c.is_ascii_digit() && !out.ends_with('-') {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// One pass of a row.
pub fn line(row: &Row, values: &[f64]) -> String {
    let parts: Vec<String> = row
        .metrics
        .iter()
        .zip(values)
        .map(|(m, v)| format!("{} {} {}", m.name, short(*v), m.unit).trim().to_string())
        .collect();
    parts.join(", ")
}

fn goal_text(g: Goal) -> String {
    let mut out = Vec::new();
    if g.most.is_finite() {
        out.push(format!("<= {}", short(g.most)));
    }
    if g.least > 0.0 {
        out.push(format!(">= {}", short(g.least)));
    }
    if g.of_kafka.is_finite() {
        out.push(format!("<= {}x Kafka", short(g.of_kafka)));
    }
    out.join(" and ")
}

fn holds(g: Goal, ours: f64, kafka: Option<f64>) -> Option<bool> {
    if goal_text(g).is_empty() {
        return None;
    }
    let beside = match kafka {
        Some(k) => ours <= k * g.of_kafka,
        None => true,
    };
    Some(ours <= g.most && ours >= g.least && beside)
}

fn reached(goals: (Goal, Goal), ours: Option<f64>, kafka: Option<f64>) -> String {
    let Some(ours) = ours else { return String::new() };
    match (holds(goals.0, ours, kafka), holds(goals.1, ours, kafka)) {
        (_, Some(true)) => "aim".into(),
        (Some(true), None) => "yes".into(),
        (Some(true), Some(false)) => "floor".into(),
        (Some(false), _) | (None, Some(false)) => "no".into(),
        (None, None) => String::new(),
    }
}

fn cell(v: Option<f64>) -> String {
    v.map_or_else(String::new, short)
}

fn table_of(flavour: Flavour, rows: &[&'static Row], t: &Table) -> String {
    let mut out = String::from("| what | | unit | Kafka | Lipno | share | asked | aim | reached |\n");
    out.push_str("|---|---|---|---|---|---|---|---|---|\n");
    for row in rows {
        for (i, m) in row.metrics.iter().enumerate() {
            let of = |s| t.median(row.name, flavour, s, i);
            let (kafka, ours) = (of(System::Kafka), of(System::Lipno));
            if kafka.is_none() && ours.is_none() {
                continue;
            }
            let share = kafka.zip(ours).map(|(k, o)| o / k).filter(|s| s.is_finite());
            let goals = m.goals(flavour);
            out.push_str(&format!(
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
                if i == 0 { row.title } else { "" },
                m.name,
                m.unit,
                cell(kafka),
                cell(ours),
                cell(share),
                goal_text(goals.0),
                goal_text(goals.1),
                reached(goals, ours, kafka),
            ));
        }
    }
    out
}

pub fn markdown(head: &Head, rows: &[&'static Row], t: &Table) -> String {
    let mut out = format!(
        "# Measured {}, commit {}\n\n`{}`\n\n{}\n\nMedians; every pass is in the JSON beside this. GB and MB are 10^9 and 10^6 \
         bytes of record batches, CPU is user + system of the broker process.\n",
        head.date, head.commit, head.command, head.machine
    );
    let about = [
        (Flavour::Relaxed, "acks from the page cache: Kafka's default, Lipno with `write.caching=true`"),
        (Flavour::Durable, "acks after a sync: Lipno's default, Kafka with `log.flush.interval.messages=1`"),
    ];
    for (flavour, what) in about {
        if t.0.keys().any(|(_, f, _)| *f == flavour) {
            out.push_str(&format!("\n## {}: {what}\n\n{}", flavour.name(), table_of(flavour, rows, t)));
        }
    }
    let failed: Vec<String> =
        t.0.iter()
            .flat_map(|((row, f, s), c)| {
                c.failures.iter().map(move |e| format!("- {row}, {}, {}: {e}\n", s.name(), f.name()))
            })
            .collect();
    if !failed.is_empty() {
        out.push_str(&format!("\n## Passes that failed\n\n{}", failed.concat()));
    }
    out
}

fn json_of(head: &Head, rows: &[&'static Row], t: &Table) -> Value {
    let mut out = Vec::new();
    for ((name, flavour, system), c) in &t.0 {
        let metrics = rows.iter().find(|r| r.name == *name).map(|r| r.metrics).unwrap_or_default();
        for (i, m) in metrics.iter().enumerate() {
            let passes = t.all(name, *flavour, *system, i);
            out.push(json!({
                "row": name, "metric": m.name, "unit": m.unit, "flavour": flavour.name(),
                "system": system.name(), "median": median(&passes), "passes": passes,
            }));
        }
        for e in &c.failures {
            out.push(json!({
                "row": name, "flavour": flavour.name(), "system": system.name(), "failed": e,
            }));
        }
    }
    json!({
        "date": head.date, "commit": head.commit, "command": head.command, "machine": head.machine,
        "results": out,
    })
}

/// Writes `<date>-<commit>.json`, `.md` and the plots.
pub fn write(dir: &Path, head: &Head, rows: &[&'static Row], t: &Table) -> Result<(), String> {
    fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let stem = format!("{}-{}", head.date, head.commit);
    let put = |name: String, text: String| {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))
    };
    let json = serde_json::to_string_pretty(&json_of(head, rows, t)).map_err(|e| e.to_string())?;
    put(format!("{stem}.json"), json + "\n")?;
    let mut text = markdown(head, rows, t);
    for (name, svg) in plot::figures(head, rows, t) {
        let file = format!("{stem}-{name}.svg");
        text.push_str(&format!("\n![{name}]({file})\n"));
        put(file, svg)?;
    }
    put(format!("{stem}.md"), text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::ROWS;

    #[test]
    fn medians_and_digits() {
        assert_eq!(
            (median(&[3.0, 1.0, 2.0]), median(&[1.0, 2.0]), median(&[])),
            (Some(2.0), Some(1.5), None)
        );
        let shown: Vec<String> =
            [0.0, 0.1234, 1.005, 12.34, 345.6, 17_400.0].iter().map(|v| short(*v)).collect();
        assert_eq!(shown, ["0", "0.123", "1.00", "12.3", "346", "17,400"]);
    }

    #[test]
    fn goals_are_judged() {
        let goals = ROWS[0].metrics[0].goals(Flavour::Relaxed);
        let judged = |ours, kafka| reached(goals, Some(ours), Some(kafka));
        assert_eq!(judged(0.4, 1.0), "aim");
        assert_eq!(judged(0.6, 1.0), "floor");
        assert_eq!(judged(0.6, 0.7), "no", "the share of Kafka's counts too");
        assert_eq!(judged(0.7, 2.0), "no");
    }

    #[test]
    fn reports_hold_what_was_measured() {
        let rows: Vec<&'static Row> = ROWS.iter().collect();
        let mut t = Table::default();
        for v in [0.5, 0.7, 0.6] {
            t.add(ROWS[0].name, Flavour::Relaxed, System::Lipno, Ok(vec![v, 1_000.0]));
        }
        t.add(ROWS[0].name, Flavour::Relaxed, System::Kafka, Ok(vec![1.2, 900.0]));
        t.add(ROWS[1].name, Flavour::Durable, System::Kafka, Err("no disk".into()));
        let head = Head { commit: "abc".into(), ..Head::default() };
        let text = markdown(&head, &rows, &t);
        assert!(text.contains("| 1.20 | 0.600 | 0.500 |"), "{text}");
        assert!(text.contains("Kafka, durable: no disk"), "{text}");
        let json = json_of(&head, &rows, &t);
        let ours = json["results"].as_array().unwrap().iter().find(|r| r["system"] == "Lipno").unwrap();
        assert_eq!((ours["median"].as_f64(), ours["passes"].as_array().unwrap().len()), (Some(0.6), 3));
        let figures = plot::figures(&head, &rows, &t);
        assert!(figures.iter().any(|(n, svg)| *n == "cpu-large" && svg.contains("0.600")));
    }
}
