//! Where and how figures were made: processor, load, date.

#![allow(dead_code)] // each program uses a part

use std::fs;
use std::process::Command;
use std::sync::Mutex;
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

/// Processes of ours that work for a measurement.
static CHILDREN: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A child's work is ours, until it has ended and was waited for.
pub fn adopt(child: u32) {
    CHILDREN.lock().unwrap().push(child);
}

pub fn release(child: u32) {
    CHILDREN.lock().unwrap().retain(|pid| *pid != child);
}

/// Ticks that others than this process and its children worked, and ticks that the hypervisor took:
/// proc(5), /proc/stat and /proc/self/stat.
fn ticks() -> (i64, i64) {
    let machine = numbers("/proc/stat", "cpu ");
    let [user, nice, system, _idle, _wait, irq, soft, stolen, ..] = machine[..] else {
        return (0, 0);
    };
    // Of the process, and of those of its children that it waited for.
    let mut own = worked("/proc/self/stat", 4);
    for child in CHILDREN.lock().unwrap().iter() {
        own += worked(&format!("/proc/{child}/stat"), 2);
    }
    (user + nice + system + irq + soft - own, stolen)
}

/// The first `kinds` of a process's user time, system time, and the same of its children.
fn worked(file: &str, kinds: usize) -> i64 {
    // After the name in parentheses: the state, and the numbers of field 4 on.
    numbers(file, ") ").get(10..10 + kinds).map_or(0, |times| times.iter().sum())
}

/// The numbers of a file's first line after `start`.
fn numbers(file: &str, start: &str) -> Vec<i64> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let (_, line) = text.lines().next().and_then(|line| line.split_once(start)).unwrap_or_default();
    line.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}
