//! `xtask conform [--full] [--only TEXT]`: real clients and tools against a broker, `tests/conform`.
//!
//! Builds the broker in the dev profile, as the tests do, prepares pinned toolchains in the cache folder (a Python
//! environment, Kafka's jars through Maven, our Java classes) and runs the ring, which prints a table. A missing
//! toolchain is skipped by name on a person's machine and fails under CI. kcat is a Debian package: it is named when
//! missing, never installed. `--full` gives each case three times its time and the main job more kills.

use crate::process::{self, cache, check, has, is_ci, root};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of the cache that is complete once its marker stands in it; its name follows what it is made of.
fn prepared(
    name: &str,
    inputs: &[PathBuf],
    make: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let mut hasher = DefaultHasher::new();
    for path in inputs {
        let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
        bytes.hash(&mut hasher);
    }
    let dir = cache().join("conform").join(format!("{name}-{:016x}", hasher.finish()));
    let marker = dir.join(".complete");
    if marker.is_file() {
        return Ok(dir);
    }
    let failed = |e: std::io::Error| format!("{}: {e}", dir.display());
    if dir.exists() {
        std::fs::remove_dir_all(&dir).map_err(failed)?;
    }
    std::fs::create_dir_all(&dir).map_err(failed)?;
    println!("preparing {}", dir.display());
    make(&dir)?;
    std::fs::write(&marker, "").map_err(failed)?;
    Ok(dir)
}

fn python(conform: &Path) -> Result<PathBuf, String> {
    let requirements = conform.join("requirements.txt");
    let dir = prepared("python", std::slice::from_ref(&requirements), |dir| {
        check(Command::new("python3").args(["-m", "venv"]).arg(dir))?;
        let mut pip = Command::new(dir.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]);
        check(pip.arg("--requirement").arg(&requirements))
    })?;
    Ok(dir.join("bin/python"))
}

/// The folder of the jars that a pom names.
fn jars(name: &str, pom: &Path) -> Result<PathBuf, String> {
    prepared(name, &[pom.to_path_buf()], |dir| {
        let mut mvn = Command::new("mvn");
        mvn.args(["--quiet", "--batch-mode", "-Dstyle.color=never", "--file"]).arg(pom);
        check(mvn.arg("dependency:copy-dependencies").arg(format!("-DoutputDirectory={}", dir.display())))
    })
}

/// The folder of Kafka's jars and the folder of our classes.
fn java(conform: &Path) -> Result<(PathBuf, PathBuf), String> {
    let pom = conform.join("pom.xml");
    let jars = jars("jars", &pom)?;
    let sources = ["Host.java", "Clients.java"].map(|f| conform.join("java").join(f));
    let log4j = conform.join("java/log4j2.properties");
    let inputs: Vec<PathBuf> = sources.iter().chain([&pom, &log4j]).cloned().collect();
    let classes = prepared("classes", &inputs, |dir| {
        let mut javac = Command::new("javac");
        javac.arg("-cp").arg(format!("{}/*", jars.display())).arg("-d").arg(dir).args(&sources);
        check(&mut javac)?;
        std::fs::copy(&log4j, dir.join("log4j2.properties")).map(|_| ()).map_err(|e| e.to_string())
    })?;
    Ok((jars, classes))
}

/// A `java` that Trino runs on: that of JAVA_HOME, of PATH, or one that a package installed.
fn java_25() -> Option<PathBuf> {
    let packages = std::fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten().map(|e| e.path());
    let homes = std::env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().chain(packages);
    let mut found = homes.map(|h| h.join("bin/java")).chain([PathBuf::from("java")]);
    let is_new = |java: &PathBuf| {
        let version = process::output(&java.to_string_lossy(), &["--version"]).unwrap_or_default();
        let major = version.split_whitespace().nth(1).and_then(|v| v.split('.').next()?.parse::<u32>().ok());
        major.is_some_and(|v| v >= 25)
    };
    found.find(is_new)
}

/// The version of `python3` is what the ring needs.
fn python_is_new() -> bool {
    let newest = "import sys; sys.exit(sys.version_info < (3, 11))";
    process::output("python3", &["-c", newest]).is_ok()
}

/// Toolchains that are not here, each with what it is for.
fn missing() -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    if !has("python3") || !python_is_new() {
        out.push(("python", "python3 (3.11 or newer, with venv): the ring itself".to_string()));
    }
    let absent: Vec<&str> = ["java", "javac", "mvn"].into_iter().filter(|p| !has(p)).collect();
    if !absent.is_empty() {
        out.push(("java", format!("{} (Java 17 and Maven): Java clients and tools", absent.join(", "))));
    }
    if !has("kcat") {
        out.push(("kcat", "kcat (Debian's package of that name)".to_string()));
    }
    if !has("cc") {
        out.push(("cc", "cc: the clock of lake_days.py".to_string()));
    }
    out
}

pub fn run(args: &[String]) -> Result<(), String> {
    let mut words = args.iter();
    let mut passed_on = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--full" => passed_on.push(word.clone()),
            "--only" => {
                let text = words.next().ok_or("conform: --only needs a part of a case's name")?;
                passed_on.extend([word.clone(), text.clone()]);
            }
            other => return Err(format!("conform: unknown option '{other}': [--full] [--only TEXT]")),
        }
    }
    let missing = missing();
    let lacks = |name: &str| missing.iter().any(|(n, _)| *n == name);
    let named: Vec<&str> = missing.iter().map(|(_, what)| what.as_str()).collect();
    if is_ci() && !missing.is_empty() {
        return Err(format!("conform: not installed: {}", named.join("; ")));
    }
    if lacks("python") {
        println!("conform: SKIPPED, not installed: {}", named.join("; "));
        return Ok(());
    }
    check(Command::new("cargo").args(["build", "--quiet", "--package", "lipno"]))?;
    let conform = root().join("tests/conform");
    let logs = cache().join("conform/logs");
    if logs.exists() {
        std::fs::remove_dir_all(&logs).map_err(|e| format!("{}: {e}", logs.display()))?;
    }
    let mut ring = Command::new(python(&conform)?);
    ring.args(["-m", "ring", "--broker"]).arg(broker()).arg("--logs").arg(&logs).args(&passed_on);
    ring.env("PYTHONPATH", &conform).env("PYTHONDONTWRITEBYTECODE", "1");
    if !lacks("java") {
        let (jars, classes) = java(&conform)?;
        ring.args(["--java", "java", "--jars"]).arg(jars).arg("--classes").arg(classes);
        if passed_on.iter().any(|a| a == "--full") {
            ring.arg("--spark-jars").arg(self::jars("spark-jars", &conform.join("spark.xml"))?);
            match java_25() {
                Some(java) => {
                    ring.arg("--trino").arg(java).arg(self::jars("trino-jars", &conform.join("trino.xml"))?);
                }
                None => println!(
                    "conform: Trino SKIPPED, not installed: Java 25 (JAVA_HOME, PATH or /usr/lib/jvm)"
                ),
            }
        }
    }
    if !lacks("kcat") {
        ring.arg("--kcat");
    }
    if !lacks("cc") {
        ring.arg("--cc");
    }
    for what in named {
        ring.args(["--missing", what]);
    }
    check(&mut ring).map_err(|e| format!("{e}\nthe logs of this run are in {}", logs.display()))
}

/// Measures the lake with engines of the ring's own environment, on a broker built for release; with `--beside`, also Kafka
/// and a sink connector.
pub fn bench_lake(args: &[String]) -> Result<(), String> {
    let (beside, args): (Vec<&String>, Vec<&String>) = args.iter().partition(|a| *a == "--beside");
    let module = if beside.is_empty() { "ring.lake_speed" } else { "ring.lake_beside" };
    check(Command::new("cargo").args(["build", "--quiet", "--release", "--package", "lipno"]))?;
    let conform = root().join("tests/conform");
    let release = broker().with_file_name("").join("../release/lipno");
    let mut tool = Command::new(python(&conform)?);
    tool.args(["-m", module, "--broker"]).arg(release).args(args);
    check(tool.env("PYTHONPATH", &conform).env("PYTHONDONTWRITEBYTECODE", "1"))
}

/// Where cargo puts the broker of the dev profile.
fn broker() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("debug/lipno")
}
