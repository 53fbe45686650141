//! `lipno`: args -> config -> run until SIGTERM or SIGINT.

use clap::Parser;
use lipno::cli::{Args, Command};
use lipno::cli_lake::LakeArgs;
use lipno::{limits, run};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use tiering::steps;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Raft's own remarks are noise as long as nothing is wrong.
const LOGGED: &str = "info,openraft=error";

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(Command::Lake(lake)) = args.command {
        return ask(lake);
    }
    match logging().and_then(|()| serve(&args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("lipno: {e}");
            ExitCode::FAILURE
        }
    }
}

/// A command that asks a running broker.
fn ask(lake: LakeArgs) -> ExitCode {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => ExitCode::from(runtime.block_on(lake.run())),
        Err(e) => {
            eprintln!("lipno: {e}");
            ExitCode::from(2)
        }
    }
}

fn logging() -> Result<(), String> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(text) if !text.is_empty() => {
            EnvFilter::try_new(&text).map_err(|e| format!("RUST_LOG={text}: {e}"))?
        }
        _ => EnvFilter::new(LOGGED),
    };
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        .with_target(false)
        .init();
    Ok(())
}

fn serve(args: &Args) -> Result<(), String> {
    if let Ok(order) = std::env::var(steps::ORDER) {
        steps::crash_at(&order)?;
    }
    // Before the config, whose bounds on connections follow from it.
    limits::raise_files_max();
    let config = args.config(std::env::vars_os()).map_err(|e| e.to_string())?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(run_until_told(config))
}

async fn run_until_told(config: lipno::config::BrokerConfig) -> Result<(), String> {
    let mut term = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
    let mut int = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
    let data = config.data_dir.display().to_string();
    let running = run::start(config).await.map_err(|e| e.to_string())?;
    let kafka: Vec<String> = running.addresses.iter().map(ToString::to_string).collect();
    let line = format!("lipno is ready: kafka {} http {} data {data}", kafka.join(","), running.http);
    // Nobody need listen.
    drop(writeln!(std::io::stdout(), "{line}"));
    told(&mut term, &mut int).await;
    tracing::info!("stopping: requests in flight are finished first");
    tokio::select! {
        () = running.stop() => Ok(()),
        () = told(&mut term, &mut int) => Err("stopped at once, as asked twice".into()),
    }
}

async fn told(term: &mut Signal, int: &mut Signal) {
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}
