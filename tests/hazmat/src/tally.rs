//! How cases are counted.

/// What the library made of a case.
pub enum Outcome {
    /// It did what was asked, and gave what the file says.
    Accepted,
    /// It refused, as the file or the format says it must.
    Refused,
}

/// Numbers that are known beforehand.
#[derive(Default, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Cases in the file.
    pub cases: usize,
    /// Cases that the interface can express: others have keys of other sizes.
    pub run: usize,
    /// Cases that were refused, rightly.
    pub refused: usize,
}

/// The counts of one file on one engine.
#[derive(Default)]
pub struct Tally {
    counts: Counts,
    pub passed: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// Counts a case that was run; an error tells what was wrong.
    pub fn case(&mut self, id: impl std::fmt::Display, outcome: Result<Outcome, String>) {
        self.counts.cases += 1;
        self.counts.run += 1;
        match outcome {
            Ok(outcome) => {
                self.passed += 1;
                self.counts.refused += usize::from(matches!(outcome, Outcome::Refused));
            }
            Err(what) => self.wrong.push(format!("case {id}: {what}")),
        }
    }

    /// Counts a case that the interface has no way to express.
    pub fn left_out(&mut self) {
        self.counts.cases += 1;
    }

    pub fn print(&self, name: &str, engine: &str) {
        let Counts { cases, run, refused } = self.counts;
        println!("{name:26} {engine:12} {cases:5} {run:5} {:6} {refused:7}", self.passed);
        for what in self.wrong.iter().take(20) {
            println!("  {what}");
        }
    }

    /// How many cases went wrong; one more if other cases were run than are expected.
    pub fn failures(&self, expected: &Counts) -> usize {
        let other = self.counts != *expected;
        if other {
            println!("  counted {:?}, expected {expected:?}", self.counts);
        }
        self.wrong.len() + usize::from(other)
    }
}

/// The library has to give exactly this.
pub fn gives<T: AsRef<[u8]>>(
    what: &str,
    found: Result<T, i32>,
    expected: &[u8],
) -> Result<Outcome, String> {
    match found {
        Ok(bytes) if bytes.as_ref() == expected => Ok(Outcome::Accepted),
        Ok(_) => Err(format!("{what}: other bytes")),
        Err(status) => Err(format!("{what}: status {status}")),
    }
}

/// The library has to refuse with one of these statuses.
pub fn refuses<T>(what: &str, found: Result<T, i32>, statuses: &[i32]) -> Result<Outcome, String> {
    match found {
        Ok(_) => Err(format!("{what}: not refused")),
        Err(status) if statuses.contains(&status) => Ok(Outcome::Refused),
        Err(status) => Err(format!("{what}: status {status}, not one of {statuses:?}")),
    }
}
