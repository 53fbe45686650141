//! Grouped bars as SVG, drawn by hand: no plotting library comes into the build.
//!
//! Invariants: every bar has its value beside it; a log axis says so and starts at a power of ten. Called by `report`.

use crate::broker::{Flavour, System};
use crate::report::{Head, Table, short};
use crate::rows::Row;

/// What goes into one figure: `(row, metric)` pairs that share a unit.
struct Figure {
    name: &'static str,
    title: &'static str,
    log: bool,
    bars: &'static [(&'static str, &'static str)],
}

const FIGURES: &[Figure] = &[
    Figure {
        name: "cpu-large",
        title: "Broker CPU for large requests (CPU seconds a GB, less is better)",
        log: false,
        bars: &[
            ("produce-1mb-p1", "cpu"),
            ("produce-1mb-p6", "cpu"),
            ("fetch-1mib", "cpu"),
            ("fetch-16mib", "cpu"),
        ],
    },
    Figure {
        name: "cpu-small",
        title: "Broker CPU for small requests (microseconds a request, less is better)",
        log: false,
        bars: &[("produce-16kb", "cpu a request"), ("produce-single", "cpu a request")],
    },
    Figure {
        name: "latency",
        title: "Latency at 1,000 records a second (ms, less is better)",
        log: true,
        bars: &[
            ("ack", "p50"),
            ("ack", "p99"),
            ("ack", "p99.9"),
            ("delivery", "p50"),
            ("delivery", "p99"),
            ("delivery", "p99.9"),
        ],
    },
    Figure {
        name: "start",
        title: "Starting, creating, recovering (ms, less is better)",
        log: true,
        bars: &[
            ("start", "empty folder"),
            ("start", "restart"),
            ("partitions-1000", "created until led"),
            ("partitions-1000", "restart until led"),
            ("partitions-10000", "created until led"),
            ("partitions-10000", "restart until led"),
            ("crash", "first acked produce"),
        ],
    },
    Figure {
        name: "memory",
        title: "Resident memory (MiB, less is better)",
        log: true,
        bars: &[("idle", "RSS"), ("partitions-1000", "RSS"), ("partitions-10000", "RSS")],
    },
];

const SERIES: [(System, Flavour, &str); 4] = [
    (System::Kafka, Flavour::Relaxed, "#b8b8b8"),
    (System::Lipno, Flavour::Relaxed, "#1f77b4"),
    (System::Kafka, Flavour::Durable, "#7f7f7f"),
    (System::Lipno, Flavour::Durable, "#0b3d66"),
];

const LEFT: f64 = 250.0;
const PLOT: f64 = 520.0;
const BAR: f64 = 15.0;
const GAP: f64 = 14.0;
const TOP: f64 = 74.0;

struct Bar {
    value: f64,
    colour: &'static str,
}

struct Group {
    label: String,
    bars: Vec<Bar>,
}

/// The figures for which something was measured, by name.
pub fn figures(head: &Head, rows: &[&'static Row], t: &Table) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    for f in FIGURES {
        let groups: Vec<Group> = f.bars.iter().filter_map(|(r, m)| group(rows, t, r, m)).collect();
        if !groups.is_empty() {
            out.push((f.name, draw(f, head, &groups)));
        }
    }
    out
}

fn group(rows: &[&'static Row], t: &Table, row: &str, metric: &str) -> Option<Group> {
    let row = rows.iter().find(|r| r.name == row)?;
    let i = row.metrics.iter().position(|m| m.name == metric)?;
    let bars: Vec<Bar> = SERIES
        .iter()
        .filter_map(|(s, f, colour)| Some(Bar { value: t.median(row.name, *f, *s, i)?, colour }))
        .collect();
    (!bars.is_empty()).then(|| Group { label: format!("{}, {metric}", row.name), bars })
}

/// Where a value lies between 0 and 1 on the axis.
struct Axis {
    log: bool,
    low: f64,
    high: f64,
}

impl Axis {
    fn over(groups: &[Group], log: bool) -> Axis {
        let values = || groups.iter().flat_map(|g| &g.bars).map(|b| b.value).filter(|v| *v > 0.0);
        let (min, max) = (values().fold(f64::INFINITY, f64::min), values().fold(1e-9, f64::max));
        if !log {
            return Axis { log, low: 0.0, high: max };
        }
        let low = 10f64.powf(min.min(max).log10().floor());
        Axis { log, low, high: max.max(low * 10.0) }
    }

    fn at(&self, v: f64) -> f64 {
        let part = if self.log {
            (v.max(self.low) / self.low).log10() / (self.high / self.low).log10()
        } else {
            v / self.high
        };
        part.clamp(0.0, 1.0)
    }

    fn ticks(&self) -> Vec<f64> {
        if self.log {
            let (from, to) = (self.low.log10().round() as i32, self.high.log10().floor() as i32);
            return (from..=to).map(|e| 10f64.powi(e)).collect();
        }
        let rough = self.high / 5.0;
        let unit = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|f| f * unit).find(|s| *s >= rough).unwrap_or(rough);
        (0..=5).map(|i| f64::from(i) * step).take_while(|v| *v <= self.high).collect()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn text(x: f64, y: f64, anchor: &str, size: u32, fill: &str, what: &str) -> String {
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"{fill}\">{}</text>\n",
        escape(what)
    )
}

fn draw(f: &Figure, head: &Head, groups: &[Group]) -> String {
    let axis = Axis::over(groups, f.log);
    let bars: usize = groups.iter().map(|g| g.bars.len()).sum();
    let bottom = TOP + bars as f64 * BAR + groups.len() as f64 * GAP;
    let (width, height) = (LEFT + PLOT + 90.0, bottom + 44.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    out.push_str(&text(16.0, 24.0, "start", 16, "#111111", f.title));
    let mut x = 16.0;
    for (system, flavour, colour) in SERIES {
        out.push_str(&format!("<rect x=\"{x}\" y=\"38\" width=\"12\" height=\"12\" fill=\"{colour}\"/>\n"));
        out.push_str(&text(
            x + 18.0,
            49.0,
            "start",
            12,
            "#111111",
            &format!("{} {}", system.name(), flavour.name()),
        ));
        x += 130.0;
    }
    for tick in axis.ticks() {
        let x = LEFT + axis.at(tick) * PLOT;
        out.push_str(&format!(
            "<line x1=\"{x:.1}\" y1=\"{}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\" stroke=\"#dddddd\"/>\n",
            TOP - 6.0
        ));
        out.push_str(&text(x, bottom + 16.0, "middle", 11, "#555555", &short(tick)));
    }
    let mut y = TOP;
    for g in groups {
        let middle = y + g.bars.len() as f64 * BAR / 2.0 + 4.0;
        out.push_str(&text(LEFT - 10.0, middle, "end", 12, "#111111", &g.label));
        for b in &g.bars {
            let w = (axis.at(b.value) * PLOT).max(1.0);
            out.push_str(&format!(
                "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{}\" fill=\"{}\"/>\n",
                BAR - 2.0,
                b.colour
            ));
            out.push_str(&text(LEFT + w + 6.0, y + BAR - 4.0, "start", 11, "#111111", &short(b.value)));
            y += BAR;
        }
        y += GAP;
    }
    let scale = if f.log { "log scale; " } else { "" };
    out.push_str(&text(
        16.0,
        height - 8.0,
        "start",
        10,
        "#777777",
        &format!("{scale}{}, commit {}, {}", head.date, head.commit, head.machine),
    ));
    out + "</svg>\n"
}
