//! From measurements to medians, to a section of docs/PERFORMANCE.md.

use std::fs;

use crate::machine;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/PERFORMANCE.md");

/// What stands between these lines is written anew; the rest of the document is written by hand.
pub struct Section {
    pub begin: &'static str,
    pub end: &'static str,
}

/// Prints the text, and writes it into its section.
pub fn write(section: &Section, text: &str) {
    print!("{text}");
    let Section { begin, end } = section;
    let document = fs::read_to_string(DOCUMENT).unwrap();
    let (before, rest) = document.split_once(begin).expect("the line where the section begins");
    let (_, after) = rest.split_once(end).expect("the line where the section ends");
    fs::write(DOCUMENT, format!("{before}{begin}\n{text}\n{end}{after}")).unwrap();
}

/// When, where and with what it was measured; `others` and `stolen` are cores.
pub fn circumstances(rounds: usize, (others, stolen): (f64, f64)) -> String {
    format!(
        "- Date: {}\n\
         - Machine: {}\n\
         - Versions: {}\n\
         - Rounds: at least {rounds} a line\n\
         - Meanwhile other programs took {others:.2} cores of this machine, and its hypervisor \
         {stolen:.2}\n",
        machine::date(),
        machine::processor(),
        machine::versions(),
    )
}

/// Lower quartile, median and upper quartile.
pub fn quartiles(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}
