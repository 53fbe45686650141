//! The rounds: load, death, restart, check. One function for kills, one for power cuts.
//!
//! Invariants: a data folder lives through several rounds, so that what one recovery left is what the next one
//! finds; a failure names the seed and keeps the folder (or the image) and the broker's log.

use crate::disk::{Disk, FileSystem};
use crate::load::Phase;
use crate::model::Crash;
use crate::process::{Broker, Spec};
use crate::progress::Progress;
use crate::rng::Rng;
use crate::verify::Checked;
use crate::wait;
use crate::world::{ROLLING_TOPIC, World};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Rounds that one data folder lives through.
const KILLS_EACH: u64 = 10;
const CUTS_EACH: u64 = 4;
const IMAGE_BYTES: u64 = 1 << 30;

pub struct Harness {
    pub program: PathBuf,
    /// Everything is made here.
    pub dir: PathBuf,
    pub seed: u64,
}

/// A data folder, its broker and its clients.
struct Life {
    spec: Spec,
    world: World,
    broker: Option<Broker>,
    rng: Rng,
}

fn ms(d: Duration) -> u128 {
    d.as_millis()
}

impl Life {
    fn new(spec: Spec, seed: u64) -> Life {
        let mut rng = Rng::new(seed);
        let world = World::new(&spec.data, &mut rng);
        Life { spec, world, broker: None, rng }
    }

    /// The broker of this life, started if it does not run.
    fn broker(&mut self) -> Result<&Broker, String> {
        if self.broker.is_none() {
            let broker = self.spec.start_and_wait()?;
            self.world.set_up(broker.address)?;
            self.broker = Some(broker);
        }
        self.broker.as_ref().ok_or_else(|| "no broker".to_string())
    }

    /// Loads the broker for a random time, or until a segment rolls, then kills it under load. Gives the load's
    /// length and what was acknowledged.
    fn load_and_kill(
        &mut self,
        longest_ms: u64,
        before: impl FnOnce(&Phase) -> Result<(), String>,
    ) -> Result<(Duration, u64), String> {
        let address = self.broker()?.address;
        let Some(broker) = self.broker.take() else { return Err("no broker".into()) };
        let time = Duration::from_millis(self.rng.between(20, longest_ms));
        let at_roll = self.rng.percent(35);
        let folder = self.rolling_folder();
        let linger = Duration::from_millis(self.rng.between(0, 60));
        self.world.load(address, move |phase| {
            let began = wait::now();
            wait::pass(time)?;
            if at_roll && let Some(folder) = folder {
                let had = segments(&folder);
                // If nothing rolls the kill comes all the same.
                drop(wait::until("a roll", Duration::from_millis(500), || {
                    Ok((segments(&folder) > had).then_some(()))
                }));
            }
            before(phase)?;
            wait::pause(linger);
            let took = began.elapsed();
            broker.process.kill()?;
            Ok((took, phase.acked()))
        })
    }

    fn rolling_folder(&self) -> Option<PathBuf> {
        let id = self.world.model.topics.get(ROLLING_TOPIC)?.id?;
        Some(self.spec.data.join("logs").join(format!("{}-0", protocol::Uuid(id))))
    }

    /// Kills the broker while it starts, a few times. Gives how often.
    fn kill_while_starting(&mut self) -> Result<u64, String> {
        let n = if self.rng.percent(50) { self.rng.between(1, 3) } else { 0 };
        for _ in 0..n {
            let starting = self.spec.start()?;
            wait::pause(Duration::from_micros(self.rng.between(0, 80_000)));
            starting.process.kill()?;
        }
        Ok(n)
    }

    /// Restarts and checks.
    fn recover(&mut self, crash: Crash) -> Result<(Checked, Duration), String> {
        self.world.after(crash);
        let broker = self.broker()?;
        let (address, started_in) = (broker.address, broker.started_in);
        Ok((self.world.check(address, crash)?, started_in))
    }

    /// Ends in good order: everything in flight is acknowledged, then SIGTERM, a restart, a last check.
    fn end(&mut self) -> Result<(), String> {
        let address = self.broker()?.address;
        self.world.drain(address)?;
        self.world.check(address, Crash::Process)?;
        self.world.wait_for_lake()?;
        if let Some(b) = self.broker.take() {
            b.process.terminate()?;
        }
        self.recover(Crash::Process)?;
        self.broker = None;
        Ok(())
    }
}

/// Number of segment files in a partition's folder.
fn segments(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().filter(|e| e.file_name().to_string_lossy().contains("-0.log")).count()
}

impl Harness {
    fn log(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.log"))
    }

    /// kill -9 until `total` rounds are done; returns early when `more` says so.
    pub fn kills(&self, total: u64, progress: &mut Progress, more: &dyn Fn() -> bool) -> Result<(), String> {
        while progress.get("kills") < total && more() {
            let seed = self.seed + progress.get("kills");
            let data = self.dir.join("kills");
            remove_dir(&data)?;
            let log = self.log("kills");
            drop(std::fs::remove_file(&log));
            let mut life = Life::new(Spec::new(&self.program, &data, &log), seed);
            let rounds = KILLS_EACH.min(total - progress.get("kills"));
            let result = self.kill_rounds(&mut life, rounds, total, progress, more);
            life.broker = None;
            if let Err(e) = result {
                let kept = self.dir.join(format!("kept-kills-{seed}"));
                remove_dir(&kept)?;
                std::fs::rename(&data, &kept).map_err(|e| e.to_string())?;
                return Err(format!(
                    "kills, --seed {seed}: {e}\nkept: {} and {}",
                    kept.display(),
                    log.display()
                ));
            }
            remove_dir(&data)?;
        }
        Ok(())
    }

    fn kill_rounds(
        &self,
        life: &mut Life,
        rounds: u64,
        total: u64,
        progress: &mut Progress,
        more: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        for _ in 0..rounds {
            if !more() {
                break;
            }
            let (took, acked) = life.load_and_kill(2_500, |_| Ok(()))?;
            let starts = life.kill_while_starting()?;
            let (checked, started_in) = life.recover(Crash::Process)?;
            progress.add("kills", 1);
            progress.add("kills at start-up", starts);
            progress.add("records acknowledged before a kill", acked);
            progress.save()?;
            println!(
                "kill {}/{total}: {} ms of load, {acked} records acknowledged, killed {starts} times at start-up, \
                 back in {} ms, {} records of {} partitions and {} rows checked",
                progress.get("kills"),
                ms(took),
                ms(started_in),
                checked.records,
                checked.partitions,
                checked.rows,
            );
        }
        life.end()
    }

    /// Power cuts until `total` are done, ext4 and XFS in turn.
    pub fn power_cuts(
        &self,
        total: u64,
        progress: &mut Progress,
        more: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        while progress.get("power cuts") < total && more() {
            let seed = self.seed + 1_000_000 + progress.get("power cuts");
            let rounds = (2 * CUTS_EACH).min(total - progress.get("power cuts"));
            let mut sites =
                [self.site(FileSystem::Ext4, seed, &[])?, self.site(FileSystem::Xfs, seed + 500_000, &[])?];
            let start = progress.get("power cuts");
            for i in 0..rounds {
                if !more() {
                    break;
                }
                let turn = (start + i) % 2;
                let Some(site) = sites.get_mut(turn as usize) else { break };
                let line = site.round().map_err(|e| site.fail(e))?;
                progress.add("power cuts", 1);
                progress.add(&format!("power cuts on {}", site.disk.fs.name()), 1);
                progress.save()?;
                println!("power cut {}/{total}: {line}", progress.get("power cuts"));
            }
            for site in &mut sites {
                if site.cuts > 0 {
                    site.life.end().map_err(|e| site.fail(e))?;
                }
            }
        }
        Ok(())
    }

    /// The power cut must be able to find something: where syncs do nothing it finds loss within a few cuts.
    pub fn sync_off(&self, cuts_max: u64) -> Result<(), String> {
        for (part, what) in [(".log", "of segments"), ("/raft/", "of the Raft log")] {
            self.sync_off_of(part, what, cuts_max)?;
        }
        Ok(())
    }

    fn sync_off_of(&self, part: &str, what: &str, cuts_max: u64) -> Result<(), String> {
        for i in 0..cuts_max {
            let fs = if i % 2 == 0 { FileSystem::Ext4 } else { FileSystem::Xfs };
            let mut site = self.site(fs, self.seed + 2_000_000 + i, &[("CRASH_TEST_SYNC_OFF", part)])?;
            match site.round() {
                Ok(_) => {}
                Err(e) if wait::interrupted() => return Err(e),
                Err(e) => {
                    let first = e.lines().take(2).collect::<Vec<_>>().join(" ");
                    println!(
                        "syncs {what} that do nothing: found by cut {} on {}: {first}",
                        i + 1,
                        fs.name()
                    );
                    return Ok(());
                }
            }
        }
        Err(format!(
            "{cuts_max} power cuts with syncs {what} that do nothing found no loss: they prove nothing"
        ))
    }

    fn site(&self, fs: FileSystem, seed: u64, env: &[(&'static str, &str)]) -> Result<Site, String> {
        let disk = Disk::create(&self.dir, &format!("cut-{}", fs.name()), fs, IMAGE_BYTES)?;
        let log = self.log(&format!("cut-{}", fs.name()));
        drop(std::fs::remove_file(&log));
        let mut spec = Spec::new(&self.program, &disk.path().join("data"), &log);
        for (k, v) in env {
            spec = spec.env(k, *v);
        }
        Ok(Site { life: Life::new(spec, seed), disk, seed, cuts: 0 })
    }
}

/// A disk whose power gets cut, with the life on it.
struct Site {
    // Before the disk: its broker must be gone when that is unmounted.
    life: Life,
    disk: Disk,
    seed: u64,
    cuts: u64,
}

impl Site {
    /// One power cut under load, sometimes more of them while the broker recovers, then the check.
    fn round(&mut self) -> Result<String, String> {
        self.cuts += 1;
        let mut extra = String::new();
        let disk = &self.disk;
        let (took, acked) = self.life.load_and_kill(2_000, |phase| {
            phase.power_goes();
            disk.cut_power()
        })?;
        self.disk.restore()?;
        // What a first recovery did not sync is lost to a second cut.
        while self.life.rng.percent(35) {
            let starting = self.life.spec.start()?;
            wait::pause(Duration::from_micros(self.life.rng.between(0, 100_000)));
            self.disk.cut_power()?;
            starting.process.kill()?;
            self.disk.restore()?;
            extra.push_str(", again while starting");
        }
        let (mut checked, started_in) = self.life.recover(Crash::Power)?;
        // What was just shown must survive: a kill leaves it to the page cache, the recovery must sync it.
        if self.life.rng.percent(50) {
            self.life.load_and_kill(400, |_| Ok(()))?;
            self.life.recover(Crash::Process)?;
            if let Some(b) = self.life.broker.take() {
                self.disk.cut_power()?;
                b.process.kill()?;
            }
            self.disk.restore()?;
            checked = self.life.recover(Crash::Power)?.0;
            extra.push_str(", a kill and a cut right after its recovery");
        }
        Ok(format!(
            "{}, {} ms of load, {acked} records acknowledged{extra}, back in {} ms, {} records of {} partitions and {} rows checked",
            self.disk.fs.name(),
            ms(took),
            ms(started_in),
            checked.records,
            checked.partitions,
            checked.rows,
        ))
    }

    fn fail(&mut self, e: String) -> String {
        let image = match self.disk.keep(self.seed) {
            Ok(path) => path.display().to_string(),
            Err(e) => e,
        };
        format!(
            "power cuts, --seed {}: {e}\nkept: {image} (mount it with -o loop) and {}",
            self.seed,
            self.life.spec.log.display()
        )
    }
}

pub fn remove_dir(dir: &Path) -> Result<(), String> {
    match std::fs::remove_dir_all(dir) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(format!("{}: {e}", dir.display())),
        _ => Ok(()),
    }
}
