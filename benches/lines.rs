//! One line of the table of blocks: a kind of data, a size, a kind of work.

use crate::data::size_name;
use crate::report::quartiles;

pub const HEAD: &str = "\
| data | block | work | version 2 | version 1 | peer | version 2 : peer | version 1 : peer |
|---|---|---|---|---|---|---|---|
";

/// Bytes of plaintext a second, in the order of `pipelines::all`: version 2, version 1, peer.
pub type Round = [f64; 3];

/// All rounds of one kind of work.
pub struct Line {
    data: &'static str,
    size: usize,
    work: &'static str,
    pub rounds: Vec<Round>,
}

impl Line {
    pub fn new(data: &'static str, size: usize, work: &'static str) -> Line {
        Line { data, size, work, rounds: Vec::new() }
    }

    /// A row of the table.
    pub fn row(&self) -> String {
        let [v2, v1, peer] = [0, 1, 2].map(|pipeline| {
            let speeds = quartiles(self.rounds.iter().map(|round| round[pipeline]));
            format!("{:.2}", speeds[1] / 1e9)
        });
        let [v2_ratio, v1_ratio] = [0, 1].map(|pipeline| {
            let ratios = self.rounds.iter().map(|round| round[pipeline] / round[2]);
            let [low, median, high] = quartiles(ratios);
            format!("**{median:.2}** ({low:.2}–{high:.2})")
        });
        let Line { data, work, .. } = self;
        let size = size_name(self.size);
        format!("| {data} | {size} | {work} | {v2} | {v1} | {peer} | {v2_ratio} | {v1_ratio} |\n")
    }
}
