//! Runs the table on one broker or on two in turn, and keeps every pass.
//!
//! Invariants: systems alternate, and who goes first alternates too; a row that fails is reported and the rest goes
//! on; results are written after each pair, so that a stopped run leaves what it has. Called by the command line.

use crate::broker::{Broker, Flavour, Scratch, System};
use crate::report::{self, Head, Table};
use crate::rows::{Context, ROWS, Row, Run};
use std::path::PathBuf;

pub struct Options {
    /// Names of rows; empty: all.
    pub rows: Vec<String>,
    pub systems: Vec<System>,
    pub flavours: Vec<Flavour>,
    pub pairs: usize,
    pub quick: bool,
    /// Where the report goes; none: only to the terminal.
    pub out: Option<PathBuf>,
}

fn chosen(names: &[String]) -> Result<Vec<&'static Row>, String> {
    let known = || ROWS.iter().map(|r| r.name).collect::<Vec<_>>().join(", ");
    if let Some(n) = names.iter().find(|n| !ROWS.iter().any(|r| r.name == n.as_str())) {
        return Err(format!("no row '{n}'; there are {}", known()));
    }
    Ok(ROWS.iter().filter(|r| names.is_empty() || names.iter().any(|n| n == r.name)).collect())
}

fn runs(row: &Row, system: System, flavour: Flavour, first: Flavour) -> bool {
    (system == System::Lipno || !row.only_lipno) && (!row.once || flavour == first)
}

/// The broker that rows share; started when first needed and again if it died.
struct Shared<'a> {
    context: &'a Context<'a>,
    broker: Option<Broker>,
}

impl Shared<'_> {
    fn running(&mut self) -> Result<&Broker, String> {
        if !self.broker.as_mut().is_some_and(Broker::is_alive) {
            self.broker = Some(self.context.recipe("shared")?.start()?);
        }
        self.broker.as_ref().ok_or_else(|| "no broker".into())
    }

    fn run(&mut self, row: &Row) -> Result<Vec<f64>, String> {
        let c = self.context;
        let values = match row.run {
            Run::Own(pass) => {
                // Not beside an idle broker: two of them would share the machine.
                if let Some(b) = self.broker.take() {
                    b.stop()?;
                }
                pass(c)?
            }
            Run::Shared(pass) => {
                let broker = Some(self.running()?);
                pass(&Context { broker, ..*c })?
            }
        };
        if values.len() == row.metrics.len() { Ok(values) } else { Err("a row lost a metric".into()) }
    }
}

fn session(c: &Context<'_>, rows: &[&'static Row], first: Flavour, table: &mut Table) -> Result<(), String> {
    let mut shared = Shared { context: c, broker: None };
    let (together, own): (Vec<&Row>, Vec<&Row>) = rows
        .iter()
        .copied()
        .filter(|r| runs(r, c.system, c.flavour, first))
        .partition(|r| matches!(r.run, Run::Shared(_)));
    for row in together.into_iter().chain(own) {
        let result = shared.run(row);
        let shown = match &result {
            Ok(values) => report::line(row, values),
            Err(e) => format!("FAILED: {e}"),
        };
        println!("{:5} {:7} {:16} {shown}", c.system.name(), c.flavour.name(), row.name);
        table.add(row.name, c.flavour, c.system, result);
    }
    match shared.broker.take() {
        Some(b) => b.stop(),
        None => Ok(()),
    }
}

pub fn run(o: &Options, head: &Head) -> Result<(), String> {
    let rows = chosen(&o.rows)?;
    let scratch = Scratch::new()?;
    let head = &Head { machine: crate::system::describe(scratch.path())?, ..head.clone() };
    println!("{}\ncommit {}", head.machine, head.commit);
    let first = *o.flavours.first().ok_or("no flavour")?;
    let mut table = Table::default();
    for pair in 0..o.pairs {
        for flavour in &o.flavours {
            let mut systems = o.systems.clone();
            if pair % 2 == 1 {
                systems.reverse();
            }
            for system in systems {
                println!("-- pass {} of {}: {}, {}", pair + 1, o.pairs, system.name(), flavour.name());
                let c =
                    Context { system, flavour: *flavour, scratch: &scratch, quick: o.quick, broker: None };
                session(&c, &rows, first, &mut table)?;
            }
        }
        if let Some(out) = &o.out {
            report::write(out, head, &rows, &table)?;
        }
    }
    println!("\n{}", report::markdown(head, &rows, &table));
    if table.failures() > 0 { Err(format!("{} passes failed", table.failures())) } else { Ok(()) }
}
