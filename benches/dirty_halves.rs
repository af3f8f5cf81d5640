//! Does a call of Coffre slow others down? Code that uses wide vector registers must not leave
//! their upper halves dirty: on many processors old SSE code, as most programs have it, then runs
//! at a tenth of its speed until somebody cleans them.
//!
//! `cargo bench -p coffre-benches --bench dirty_halves`. It ends with exit code 1 when a call of
//! any entry leaves them dirty, by either of two detectors:
//!
//! - the processor's own word: XGETBV with ECX = 1 says which register states are in use. It is the
//!   same on every processor that has it, but not all have it;
//! - time: RustCrypto's aes-gcm, whose GHASH is old SSE code, opens 64 KiB after the call, and
//!   after the call and a cleaning.
//!
//! First both are tried on halves that are made dirty on purpose: a detector that sees nothing then
//! says that it can't judge here.

mod coffre_entries;
mod halves;
mod machine;
mod measure;
mod os_random;
mod sides;

use std::process::ExitCode;

use coffre_entries::Entry;
use halves::left_dirty;
use measure::clock::{self, Watch};
use measure::figures::Part;
use measure::rounds::median;
use sides::rustcrypto_side::RustCrypto;
use sides::{Aead, TAG};

/// Slower than that is notably slower.
const SLOW: f64 = 0.8;
const ROUNDS: usize = 15;

fn main() -> ExitCode {
    if measure::only_tested("dirty_halves") {
        return ExitCode::SUCCESS;
    }
    if !halves::exist() {
        println!("dirty_halves: this processor has no upper halves");
        return ExitCode::SUCCESS;
    }
    let mut part = Part::begin("dirty_halves");
    let mut victim = Victim::new();
    let mut control: Entry = ("halves made dirty on purpose".into(), Box::new(halves::make_dirty));
    let (seen, slowed) = (left_dirty(&mut control.1), victim.after(&mut control.1));
    let has_word = seen == Some(true);
    let first = match seen {
        Some(true) => "XGETBV sees halves that were made dirty on purpose",
        Some(false) => "XGETBV does not see halves that were made dirty on purpose: no judge here",
        None => "XGETBV cannot be asked here",
    };
    part.note(first.into());
    part.note(format!(
        "with dirty halves old SSE code runs at {slowed:.2} of its speed on this processor"
    ));
    let (mut slowest, mut bad) = ((f64::INFINITY, String::new()), Vec::new());
    let mut entries = coffre_entries::all();
    for (name, call) in &mut entries {
        call(); // what is made once is made now
        let dirty = has_word && left_dirty(call) == Some(true);
        // Another program may disturb one measurement; dirty halves slow all.
        let ratio = (0..4).map(|_| victim.after(call)).find(|ratio| *ratio >= SLOW);
        let ratio = ratio.unwrap_or_else(|| victim.after(call));
        if dirty || ratio < SLOW {
            println!("RED   {name}: dirty {dirty}, old SSE code then runs at {ratio:.2}");
            bad.push(name.clone());
        }
        if ratio < slowest.0 {
            slowest = (ratio, name.clone());
        }
    }
    part.note(format!("{} entries called, {} left halves dirty", entries.len(), bad.len()));
    part.note(format!("after a call old SSE code ran at {:.2} or more of its speed", slowest.0));
    part.save();
    if bad.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Old SSE code.
struct Victim {
    sealed: Vec<u8>,
    message: Vec<u8>,
}

impl Victim {
    fn new() -> Victim {
        let mut sealed = vec![3; (64 << 10) + TAG];
        RustCrypto.seal(&[1; 32], &mut sealed);
        Victim { message: sealed.clone(), sealed }
    }

    /// Its speed after a call, by its speed after the same call and a cleaning: the median.
    fn after(&mut self, call: &mut Box<dyn FnMut()>) -> f64 {
        let ratios = (0..if measure::quick() { 3 } else { ROUNDS }).map(|_| {
            call();
            clock::clean_halves();
            let clean = self.open();
            call();
            let ratio = clean / self.open();
            clock::clean_halves();
            ratio
        });
        median(ratios)
    }

    fn open(&mut self) -> f64 {
        self.message.copy_from_slice(&self.sealed);
        let watch = Watch::start();
        assert!(RustCrypto.open(&[1; 32], &mut self.message));
        watch.ns()
    }
}
