//! From rounds to medians, to the table, to docs/PERFORMANCE.md.

use std::fs;

use crate::data::size_name;
use crate::machine;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/PERFORMANCE.md");
/// What stands between these lines is written anew; the rest of the document is written by hand.
const BEGIN: &str = "<!-- written by `cargo bench -p coffre-benches --bench ratios` -->\n";
const END: &str = "<!-- end of what is written -->\n";

const HEAD: &str = "\
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
    fn row(&self) -> String {
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

/// Prints the table, and writes it into the document.
pub fn write(lines: &[Line], (others, stolen): (f64, f64)) {
    let rows: String = lines.iter().map(Line::row).collect();
    let rounds = lines.iter().map(|line| line.rounds.len()).min().unwrap_or_default();
    let text = format!(
        "- Date: {}\n\
         - Machine: {}\n\
         - Versions: {}\n\
         - Rounds: at least {rounds} a line\n\
         - Meanwhile other programs took {others:.2} cores of this machine, and its hypervisor \
         {stolen:.2}\n\n\
         {HEAD}{rows}",
        machine::date(),
        machine::processor(),
        machine::versions(),
    );
    print!("{text}");
    let document = fs::read_to_string(DOCUMENT).unwrap();
    let (before, rest) = document.split_once(BEGIN).expect("the line where the table begins");
    let (_, after) = rest.split_once(END).expect("the line where the table ends");
    fs::write(DOCUMENT, format!("{before}{BEGIN}\n{text}\n{END}{after}")).unwrap();
}

/// Lower quartile, median and upper quartile.
fn quartiles(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}
