//! Faults of the disk under a broker that lives: a sync that fails once, a disk that is full.
//!
//! Invariants: after a failed sync of the only log dir, or of Raft's, the process ends with an error; with a second
//! log dir the other one serves on. A full disk refuses what needs space and nothing else, and heals by itself.
//! In every case what was acknowledged is there after a restart.

use crate::client::{Client, by_topic, produce_request};
use crate::disk::{Disk, FileSystem};
use crate::load::{self, Phase};
use crate::model::Crash;
use crate::process::{Broker, Spec};
use crate::rng::Rng;
use crate::rounds::remove_dir;
use crate::wait;
use crate::world::{World, connect};
use protocol::ErrorCode;
use protocol::records::{BatchBuilder, Codec, NewRecord};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Something that must happen soon.
const SOON: Duration = Duration::from_secs(15);

/// Compiles the preload library; `None` where there is no C compiler.
pub fn shim(dir: &Path) -> Result<Option<PathBuf>, String> {
    let Some(cc) = ["cc", "gcc", "clang"].into_iter().find(|c| crate::process::has(c)) else {
        return Ok(None);
    };
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("crash/shim.c");
    let library = dir.join("shim.so");
    let out = Command::new(cc)
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .output()
        .map_err(|e| format!("{cc}: {e}"))?;
    if !out.status.success() {
        return Err(format!("{cc} {}: {}", source.display(), String::from_utf8_lossy(&out.stderr)));
    }
    Ok(Some(library))
}

/// A broker whose syncs under `part` can be made to fail once.
struct Faulty {
    spec: Spec,
    broker: Broker,
    world: World,
    trigger: PathBuf,
}

impl Faulty {
    fn start(spec: Spec, shim: &Path, part: &str, seed: u64) -> Result<Faulty, String> {
        remove_dir(&spec.data)?;
        let trigger = spec.data.with_extension("trigger");
        drop(std::fs::remove_file(&trigger));
        let faulty = spec.clone().env("LD_PRELOAD", shim).env("SHIM_PATH", part);
        let broker = faulty.env("SHIM_TRIGGER", &trigger).start_and_wait()?;
        let mut world = World::new(&spec.data, &mut Rng::new(seed));
        world.set_up(broker.address)?;
        Ok(Faulty { spec, broker, world, trigger })
    }

    /// Arms the failure under load and waits until it has happened.
    fn strike(trigger: &Path) -> Result<(), String> {
        wait::pass(Duration::from_millis(400))?;
        std::fs::write(trigger, "").map_err(|e| format!("{}: {e}", trigger.display()))?;
        wait::until("a sync of the chosen path", SOON, || Ok((!trigger.exists()).then_some(())))
    }

    /// The failure must end the process; a restart without it must hold what was acknowledged.
    fn must_exit(self) -> Result<u64, String> {
        let Faulty { spec, broker, mut world, trigger } = self;
        let mut process = broker.process;
        let status = world.load(broker.address, |phase| {
            phase.will_end();
            Faulty::strike(&trigger)?;
            process.wait_exit()
        })?;
        if status.success() {
            return Err("the broker ended as if nothing had happened".into());
        }
        world.after(Crash::Process);
        let broker = spec.start_and_wait()?;
        let checked = world.check(broker.address, Crash::Process)?;
        world.drain(broker.address)?;
        broker.process.terminate()?;
        remove_dir(&spec.data)?;
        Ok(checked.records)
    }

    /// One of two log dirs fails: the other one goes on, and a restart holds everything.
    fn must_serve_on(self) -> Result<u64, String> {
        let Faulty { spec, broker, mut world, trigger } = self;
        let mut process = broker.process;
        world.load(broker.address, |phase| {
            Faulty::strike(&trigger)?;
            let before = phase.acked();
            wait::until("acks from the other log dir", SOON, || {
                Ok((phase.acked() > before + 100).then_some(()))
            })?;
            wait::until(
                "refusals from the failed log dir",
                SOON,
                || Ok((phase.refused() > 0).then_some(())),
            )?;
            match process.exited()? {
                None => Ok(()),
                Some(status) => Err(format!("the broker ended ({status}) though one log dir is fine")),
            }
        })?;
        process.kill()?;
        world.after(Crash::Process);
        let broker = spec.start_and_wait()?;
        let checked = world.check(broker.address, Crash::Process)?;
        world.drain(broker.address)?;
        broker.process.terminate()?;
        remove_dir(&spec.data)?;
        Ok(checked.records)
    }
}

/// A sync fails once, in each place that matters.
pub fn failed_syncs(program: &Path, dir: &Path, shim: &Path, seed: u64) -> Result<(), String> {
    let data = dir.join("faults");
    let log = dir.join("faults.log");
    drop(std::fs::remove_file(&log));
    let spec = || Spec::new(program, &data, &log);
    let named = |what: &'static str, log: PathBuf| {
        move |e: String| format!("a failed sync of {what}, --seed {seed}: {e}\nlog: {}", log.display())
    };
    let n = Faulty::start(spec(), shim, "/faults/logs/", seed)?
        .must_exit()
        .map_err(named("the only log dir", log.clone()))?;
    println!("a failed sync of the only log dir: the broker ends, {n} records are there after a restart");
    let n = Faulty::start(spec(), shim, "/faults/raft/", seed + 1)?
        .must_exit()
        .map_err(named("the Raft log", log.clone()))?;
    println!("a failed sync of the Raft log: the broker ends, {n} records are there after a restart");
    let dirs = format!("log.dirs={},{}", data.join("one").display(), data.join("two").display());
    // The coordinator's topic is in both; what is on the failed one answers with an error until the restart.
    let n = Faulty::start(spec().set(dirs), shim, "/faults/two/", seed + 2)?
        .must_serve_on()
        .map_err(named("one of two log dirs", log.clone()))?;
    println!("a failed sync of one of two log dirs: the other serves on, {n} records after a restart");
    Ok(())
}

const SMALL_DISK_BYTES: u64 = 96 << 20;
const BALLAST_BYTES: usize = 24 << 20;

/// A full disk: produce is refused and can be tried again, everything else works, and it heals without a restart.
pub fn full_disk(program: &Path, dir: &Path, seed: u64) -> Result<(), String> {
    let disk = Disk::create(dir, "full", FileSystem::Ext4, SMALL_DISK_BYTES)?;
    let ballast = disk.path().join("ballast");
    std::fs::write(&ballast, vec![7; BALLAST_BYTES]).map_err(|e| format!("ballast: {e}"))?;
    let log = dir.join("full.log");
    drop(std::fs::remove_file(&log));
    let spec = Spec::new(program, &disk.path().join("data"), &log);
    let fail = |e: String| format!("full disk, --seed {seed}: {e}\nlog: {}", log.display());
    let broker = spec.start_and_wait().map_err(fail)?;
    let mut world = World::new(&spec.data, &mut Rng::new(seed));
    world.without_pace();
    world.set_up(broker.address)?;
    let address = broker.address;
    let mut process = broker.process;
    let result = world.load(address, |phase| {
        fill(phase)?;
        let mut client = connect(address)?;
        read_something(&mut client)?;
        make_and_write(&mut client)?;
        std::fs::remove_file(&ballast).map_err(|e| format!("ballast: {e}"))?;
        let before = phase.acked();
        wait::until("acks after space was freed", SOON, || Ok((phase.acked() > before + 500).then_some(())))?;
        match process.exited()? {
            None => Ok(()),
            Some(status) => Err(format!("the broker ended: {status}")),
        }
    });
    result.map_err(fail)?;
    world.check_except(address, Crash::Process, FULL_TOPIC).map_err(fail)?;
    process.kill()?;
    world.after(Crash::Process);
    let broker = spec.start_and_wait().map_err(fail)?;
    let checked = world.check_except(broker.address, Crash::Process, FULL_TOPIC).map_err(fail)?;
    broker.process.kill()?;
    println!(
        "a full disk: produce is refused, reads and metadata work, it heals; {} records are there after a restart",
        checked.records
    );
    Ok(())
}

/// Until the disk is full: the broker refuses, again and again, with an error that says "later".
fn fill(phase: &Phase) -> Result<(), String> {
    wait::until("the disk to be full", Duration::from_secs(40), || Ok((phase.refused() >= 20).then_some(())))
}

const FULL_TOPIC: &str = "made-while-full";

/// Reads work while nothing can be written.
fn read_something(client: &mut Client) -> Result<(), String> {
    let from = by_topic([("durable-a".to_string(), 0, 0)]);
    let request = crate::client::fetch_request(100, 1 << 20, from);
    // The first records may still be on their way to the disk.
    wait::until("a fetch on a full disk", SOON, || {
        let answer = client.call(&request).map_err(|e| format!("fetch on a full disk: {e}"))?;
        let p = answer.responses.first().and_then(|t| t.partitions.first()).ok_or("no partition")?;
        let bytes = p.records.as_ref().map_or(0, |r| r.len());
        match p.error_code {
            0 => Ok((bytes > 0).then_some(())),
            code => Err(format!("fetch on a full disk: error {code}")),
        }
    })
}

/// Metadata has its reserve; the first write to the new topic gets an answer that can be tried again.
fn make_and_write(client: &mut Client) -> Result<(), String> {
    client.create_topic(FULL_TOPIC, 1, &[]).map_err(|e| format!("a new topic on a full disk: {e}"))?;
    let mut b = BatchBuilder::new(Codec::None);
    b.push(NewRecord { value: Some(&[1; 900_000]), ..Default::default() });
    let batch = b.finish().map_err(|e| e.to_string())?;
    let request = produce_request(-1, 5_000, by_topic([(FULL_TOPIC.to_string(), 0, batch)]));
    let answer =
        client.call(&request).map_err(|e| format!("a new topic's first write on a full disk: {e}"))?;
    let p = answer.responses.first().and_then(|t| t.partition_responses.first()).ok_or("no partition")?;
    match p.error_code {
        // There may just have been room for one batch.
        0 => Ok(()),
        code if load::is_retriable(ErrorCode(code)) => Ok(()),
        code => Err(format!("a write on a full disk is refused with {code}, which clients do not try again")),
    }
}
