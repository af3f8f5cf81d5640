//! Where and how figures were made: processor, load, versions, date.

use std::fs;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::Instant;

/// Extensions that the pipelines can use, as /proc/cpuinfo names them.
const EXTENSIONS: [&str; 6] = ["aes", "pclmulqdq", "vaes", "vpclmulqdq", "avx512f", "sha_ni"];
/// USER_HZ of proc(5), the same on every Linux of today.
const TICKS_PER_SECOND: f64 = 100.0;

/// The processor, its extensions, and how many cores the program may use.
pub fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.split(':').next().unwrap_or("").trim() == name);
        line.and_then(|line| line.split_once(':')).map_or("?", |(_, value)| value.trim())
    };
    let flags: Vec<&str> = field("flags").split(' ').filter(|f| EXTENSIONS.contains(f)).collect();
    let cores = available_parallelism().map_or(1, |cores| cores.get());
    let (model, family, number) = (field("model name"), field("cpu family"), field("model"));
    format!("{model} (family {family}, model {number}; {}), {cores} cores", flags.join(" "))
}

/// The day, in UTC.
pub fn date() -> String {
    let date = Command::new("date").args(["-u", "+%F"]).output();
    date.map_or("?".into(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Of everything that the figures depend on.
pub fn versions() -> String {
    let compiler = Command::new("rustc").arg("--version").output();
    let compiler = compiler.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let compiler = compiler.unwrap_or_default();
    format!(
        "{}; zstd {}; aes-gcm {}, aes {}, polyval {}, sha2 {}, argon2 {}; {}",
        openssl::version::version(),
        zstd_safe::version_string(),
        locked("aes-gcm"),
        locked("aes"),
        locked("polyval"),
        locked("sha2"),
        locked("argon2"),
        compiler.trim(),
    )
}

/// The version of a crate in the lock file.
fn locked(name: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let package = lock.split("[[package]]").find(|p| p.contains(&format!("\nname = \"{name}\"\n")));
    let version = package.and_then(|package| package.split("version = \"").nth(1));
    version.and_then(|version| version.split('"').next()).unwrap_or("?")
}

/// Measures what other programs took of the machine meanwhile.
pub struct Load {
    began: Instant,
    others: i64,
    stolen: i64,
}

impl Load {
    pub fn begin() -> Load {
        let (others, stolen) = ticks();
        Load { began: Instant::now(), others, stolen }
    }

    /// In cores: other programs of this machine, and the hypervisor.
    pub fn end(&self) -> (f64, f64) {
        let (others, stolen) = ticks();
        let cores = |now: i64, then: i64| {
            (now - then) as f64 / TICKS_PER_SECOND / self.began.elapsed().as_secs_f64()
        };
        (cores(others, self.others), cores(stolen, self.stolen))
    }
}

/// Ticks that others than this process worked, and ticks that the hypervisor took: proc(5),
/// /proc/stat and /proc/self/stat.
fn ticks() -> (i64, i64) {
    let machine = numbers("/proc/stat", "cpu ");
    let [user, nice, system, _idle, _wait, irq, soft, stolen, ..] = machine[..] else {
        return (0, 0);
    };
    let own = numbers("/proc/self/stat", ") R ");
    let own: i64 = own.get(10..12).map_or(0, |times| times.iter().sum());
    (user + nice + system + irq + soft - own, stolen)
}

/// The numbers of a file's first line after `start`.
fn numbers(file: &str, start: &str) -> Vec<i64> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let (_, line) = text.lines().next().and_then(|line| line.split_once(start)).unwrap_or_default();
    line.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}
