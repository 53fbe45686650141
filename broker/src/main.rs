//! `lipno`: args -> config -> run until SIGTERM or SIGINT.

use clap::Parser;
use lipno::cli::Args;
use lipno::run;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let args = Args::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,openraft=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
    let result = args.config(std::env::vars()).map_err(|e| e.to_string()).and_then(|config| {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        runtime.block_on(serve(config))
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("lipno: {e}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: lipno::config::BrokerConfig) -> Result<(), String> {
    let mut term = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
    let mut int = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
    let data = config.data_dir.display().to_string();
    let running = run::start(config).await.map_err(|e| e.to_string())?;
    let kafka: Vec<String> = running.addresses.iter().map(ToString::to_string).collect();
    println!("lipno is ready: kafka {} http {} data {data}", kafka.join(","), running.http);
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}
