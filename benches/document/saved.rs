//! A run, read from its files: figures, notes, and how busy the machine was.

use std::fs;

use serde_json::Value;

use crate::measure;
use crate::measure::figures::Figure;

/// All parts.
#[derive(Default)]
pub struct Run {
    pub figures: Vec<Figure>,
    /// The part, the note.
    pub notes: Vec<(String, String)>,
    pub dates: Vec<String>,
    /// The fewest rounds of a part that has figures.
    pub rounds: u64,
    /// Cores that other programs took, and the hypervisor, in each part.
    pub others: Vec<f64>,
    pub stolen: Vec<f64>,
}

impl Run {
    pub fn read() -> Run {
        let mut run = Run { rounds: u64::MAX, ..Run::default() };
        let entries = fs::read_dir(measure::directory()).expect("a directory of figures");
        let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|e| e == "json")) {
            let text = fs::read_to_string(file).expect("a file of figures");
            let part: Value = serde_json::from_str(&text).expect("JSON");
            if part.get("figures").is_some() {
                run.add(&part);
            }
        }
        assert!(!run.figures.is_empty(), "no figures: make bench");
        run.dates.sort();
        run.dates.dedup();
        run
    }

    fn add(&mut self, part: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let figures = list(&part["figures"]);
        if !figures.is_empty() {
            self.rounds = self.rounds.min(part["rounds"].as_u64().unwrap_or_default());
        }
        self.figures.extend(figures.iter().map(|figure| Figure {
            work: text(&figure["work"]),
            engine: text(&figure["engine"]),
            bytes: figure["bytes"].as_u64().unwrap_or_default() as usize,
            peer: text(&figure["peer"]),
            ratio: ["low", "ratio", "high"].map(|name| number(&figure[name])),
            gb_per_s: number(&figure["gb_per_s"]),
            peer_gb_per_s: number(&figure["peer_gb_per_s"]),
            cycles_per_byte: number(&figure["cycles_per_byte"]),
        }));
        let name = text(&part["part"]);
        let notes = list(&part["notes"]);
        self.notes.extend(notes.iter().map(|note| (name.clone(), text(note))));
        self.dates.push(text(&part["date"]));
        self.others.push(number(&part["others"]));
        self.stolen.push(number(&part["stolen"]));
    }

    pub fn find(&self, work: &str, engine: &str, bytes: usize, peer: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| {
            figure.work == work
                && figure.engine == engine
                && figure.bytes == bytes
                && figure.peer == peer
        })
    }

    /// The notes of the parts whose names begin so, each once.
    pub fn notes_of(&self, part: &str) -> Vec<&str> {
        let mut notes: Vec<&str> = Vec::new();
        for (name, note) in &self.notes {
            if name.starts_with(part) && !notes.contains(&note.as_str()) {
                notes.push(note);
            }
        }
        notes
    }
}
