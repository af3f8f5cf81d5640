//! Figures, and the file in which a part of a run leaves them.

use std::fs;

use crate::machine;

/// One work of one engine beside one peer.
pub struct Figure {
    pub work: String,
    pub engine: String,
    pub bytes: usize,
    pub peer: String,
    /// The peer's time by Coffre's in the same round: lower quartile, median, upper quartile.
    pub ratio: [f64; 3],
    pub gb_per_s: f64,
    pub peer_gb_per_s: f64,
    pub cycles_per_byte: f64,
}

impl Figure {
    /// As build/bench.json has it, without braces.
    pub fn fields(&self) -> String {
        let Figure { work, engine, bytes, peer, .. } = self;
        let [ratio, speed, cycles] =
            [self.ratio[1], self.gb_per_s, self.cycles_per_byte].map(plain);
        format!(
            "\"work\": \"{work}\", \"engine\": \"{engine}\", \"bytes\": {bytes}, \
             \"peer\": \"{peer}\", \"ratio\": {ratio}, \"gb_per_s\": {speed}, \
             \"cycles_per_byte\": {cycles}"
        )
    }
}

/// A number with digits enough, however small it is.
fn plain(number: f64) -> String {
    if number < 0.01 { format!("{number:.4e}") } else { format!("{number:.4}") }
}

/// A part of a run: its figures, and what else was going on.
pub struct Part {
    name: String,
    load: machine::Load,
    rounds: usize,
    notes: Vec<String>,
    figures: Vec<Figure>,
}

impl Part {
    pub fn begin(name: impl Into<String>) -> Part {
        let load = machine::Load::begin();
        Part { name: name.into(), load, rounds: 0, notes: Vec::new(), figures: Vec::new() }
    }

    /// A word for the document.
    pub fn note(&mut self, note: String) {
        println!("{note}");
        self.notes.push(note);
    }

    pub fn add(&mut self, rounds: usize, figure: Figure) {
        let [low, median, high] = figure.ratio;
        println!(
            "{:28} {:12} {:>8} x {:<12} {median:6.2} ({low:.2}-{high:.2}) {:8.3} GB/s {:8.3} c/B",
            figure.work,
            figure.engine,
            figure.bytes,
            figure.peer,
            figure.gb_per_s,
            figure.cycles_per_byte,
        );
        self.rounds = if self.figures.is_empty() { rounds } else { self.rounds.min(rounds) };
        self.figures.push(figure);
    }

    /// Leaves the part's file.
    pub fn save(self) {
        let (others, stolen) = self.load.end();
        let figure = |figure: &Figure| {
            let [low, _, high] = figure.ratio;
            format!(
                "  {{{}, \"low\": {low:.4}, \"high\": {high:.4}, \"peer_gb_per_s\": {}}}",
                figure.fields(),
                plain(figure.peer_gb_per_s)
            )
        };
        let figures: Vec<String> = self.figures.iter().map(figure).collect();
        let text = format!(
            "{{\"part\": \"{}\", \"date\": \"{}\", \"rounds\": {}, \"others\": {others:.2}, \
             \"stolen\": {stolen:.2}, \"notes\": {:?}, \"figures\": [\n{}\n]}}\n",
            self.name,
            machine::date(),
            self.rounds,
            self.notes,
            figures.join(",\n"),
        );
        let file = super::directory().join(format!("{}.json", self.name));
        fs::write(file, text).expect("a file for figures");
    }
}
