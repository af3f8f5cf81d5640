//! Makes docs/PERFORMANCE.md's tables, docs/performance.svg and build/bench.json of what the other
//! benches left in build/bench.
//!
//! `cargo bench -p coffre-benches --bench performance_md`, the last step of `make bench`. It ends
//! with exit code 1 when a figure is missing that a complete run on this processor has. A quick run
//! (`make bench-quick`) leaves build/bench-quick/bench.json, and the documents as they were.

mod data;
mod document;
mod machine;
mod measure;
mod os_random;
mod sides;

use std::fs;
use std::process::ExitCode;

use document::saved::Run;
use document::{plot, sections, tables, versions, wanted};

fn main() -> ExitCode {
    if measure::only_tested("performance_md") {
        return ExitCode::SUCCESS;
    }
    let run = Run::read();
    let json = if measure::quick() { "build/bench-quick/bench.json" } else { "build/bench.json" };
    fs::write(measure::root().join(json), wanted::json(&run)).expect("a file for all figures");
    println!("{json}: {} figures", run.figures.len());
    let missing = wanted::missing(&run);
    for figure in &missing {
        eprintln!("missing: {figure}");
    }
    if !missing.is_empty() {
        return ExitCode::FAILURE;
    }
    if !measure::quick() {
        write_documents(&run);
    }
    ExitCode::SUCCESS
}

fn write_documents(run: &Run) {
    let docs = measure::root().join("docs");
    let file = docs.join("PERFORMANCE.md");
    let mut text = fs::read_to_string(&file).expect("docs/PERFORMANCE.md");
    for (name, section) in [
        ("run", circumstances(run)),
        ("glance", tables::glance(run)),
        ("engines", tables::engines(run)),
        ("portable", tables::portable(run)),
        ("stored", tables::stored(run)),
        ("pipelines", tables::pipelines(run)),
        ("keys", tables::keys(run)),
        ("threads", tables::threads(run) + &notes(run, "threads")),
        ("passwords", tables::passwords(run)),
        ("dirty halves", notes(run, "dirty_halves")),
    ] {
        text = sections::replace(&text, name, &section);
    }
    fs::write(file, text).expect("docs/PERFORMANCE.md");
    fs::write(docs.join("performance.svg"), plot::svg(run)).expect("docs/performance.svg");
    println!("docs/PERFORMANCE.md, docs/performance.svg");
}

fn notes(run: &Run, part: &str) -> String {
    run.notes_of(part).iter().map(|note| format!("\n- {note}")).collect()
}

/// When, where and with what it was measured.
fn circumstances(run: &Run) -> String {
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    let most = |of: &[f64]| of.iter().copied().fold(0.0, f64::max);
    format!(
        "- Date: {}\n\
         - Machine: {}\n\
         - Versions: {}; {}\n\
         - Rounds: at least {} a line; a round of a pipeline is a pass over all its data\n\
         - Meanwhile other programs took {:.2} cores of this machine, at most {:.2} in a part, and \
         its hypervisor {:.2}, at most {:.2}\n",
        run.dates.join(", "),
        machine::processor(),
        versions::all(),
        run.notes_of("corpus").join("; "),
        run.rounds,
        mean(&run.others),
        most(&run.others),
        mean(&run.stolen),
        most(&run.stolen),
    )
}
