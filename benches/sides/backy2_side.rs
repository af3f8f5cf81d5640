//! backy2's way, in a Python process of its own (`backy2_way.py`), which works when it is asked to
//! and measures itself: the rounds alternate between both processes.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::{machine, measure};

pub struct Backy2 {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Of Python and of its packages.
    pub versions: String,
}

impl Backy2 {
    /// A process that works on this file's bytes; none where its Python is not, as on a board.
    pub fn start(data: &Path) -> Option<Backy2> {
        let python = python();
        if !python.exists() {
            println!("backy2: not measured, no {}", python.display());
            return None;
        }
        let mut child = Command::new(python)
            .arg(measure::root().join("benches/backy2_way.py"))
            .arg(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 with the packages of benches/requirements.txt (make bench)");
        machine::adopt(child.id());
        let asks = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        let mut backy2 = Backy2 { child, asks, answers, versions: String::new() };
        backy2.versions = backy2.answer();
        Some(backy2)
    }

    /// Nanoseconds that sealing and opening took: `count` blocks of `size` bytes, the first one at
    /// `offset`, each `stride` after the one before.
    pub fn blocks(&mut self, offset: usize, stride: usize, count: usize, size: usize) -> [f64; 2] {
        self.ask(&format!("blocks {offset} {stride} {count} {size}"))
    }

    /// Nanoseconds that so many keys took from one master key to another.
    pub fn rekey(&mut self, count: usize) -> f64 {
        let [ns] = self.ask(&format!("rekey {count}"));
        ns
    }

    fn ask<const N: usize>(&mut self, question: &str) -> [f64; N] {
        writeln!(self.asks, "{question}").expect("backy2_way.py runs");
        let answer = self.answer();
        let mut numbers = answer.split(' ').map(|number| number.parse().unwrap());
        std::array::from_fn(|_| numbers.next().unwrap())
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "backy2_way.py ended");
        line.trim().to_owned()
    }
}

impl Drop for Backy2 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        machine::release(self.child.id());
    }
}

/// `BENCH_PYTHON`, else the one that scripts/bench.sh made ready.
fn python() -> PathBuf {
    let made_ready = || measure::root().join("build/bench-venv/bin/python");
    env::var_os("BENCH_PYTHON").map_or_else(made_ready, PathBuf::from)
}
