//! Keys under keys (RFC 3394), from one key to another: the rekey of version 1, rows in memory, and
//! the bare pair of unwrap and wrap.
//!
//! In a batch both keys' schedules are made once, for all rows. For a single row and for a pair
//! they are made each time, by all candidates. A figure's bytes are the 32 of one key.

use std::cell::RefCell;

use crate::measure::clock::Watch;
use crate::measure::figures::Part;
use crate::measure::rounds::{self, Budget, Rounds, Turn, What};
use crate::measure::{quick, root};
use crate::sides::backy2_side::Backy2;
use crate::sides::coffre_side::{self, KeyWrap, MasterKeys};
use crate::sides::keywrap_peers::{AwsLc, Fresh, OpenSsl, RustCrypto};
use crate::sides::{KeyBytes, Pair, Rekey, Wrapped};

const KEY: usize = 32;
const ROWS: usize = 16_384;
const QUICK_ROWS: usize = 512;
/// Rows that are worked on one by one.
const SINGLES: usize = 256;
/// Of backy2's Python, which takes a thousand times as long.
const BACKY2_ROWS: usize = 32;
const FROM: KeyBytes = [11; 32];
const TO: KeyBytes = [22; 32];
const PEERS: [&str; 4] = ["aws-lc", "openssl", "rustcrypto", "backy2"];

struct Rows {
    from: Vec<Wrapped>,
    to: Vec<Wrapped>,
    expected: Vec<Wrapped>,
}

pub fn measure(part: &mut Part) {
    let mut rows = rows();
    let engines = coffre_side::engines_and_default();
    // It reads the file that it is given; here it works on keys alone.
    let backy2 = RefCell::new(Backy2::start(&root().join("benches/backy2_way.py")));
    let backy2 = &backy2;
    let backy2_rows = |count: usize| {
        Turn::new("backy2", move |_: &mut Rows, _| {
            let took = backy2.borrow_mut().as_mut().map(|backy2| backy2.rekey(BACKY2_ROWS));
            [took.unwrap_or(f64::NAN) * (count / BACKY2_ROWS) as f64]
        })
    };
    let mut batches = vec![
        batch("aws-lc".into(), AwsLc::new(&FROM, &TO)),
        batch("openssl".into(), OpenSsl::new(&FROM, &TO)),
        batch("rustcrypto".into(), RustCrypto::new(&FROM, &TO)),
        backy2_rows(rows.from.len()),
    ];
    for (name, engine) in &engines {
        let work = format!("rekey_v1_batch {name}");
        batches.push(batch(work, MasterKeys::new(*engine, &FROM, &TO)));
    }
    let [rekeyed] = rounds::run(&Budget::new(60, 8.0), &mut rows, &mut batches);
    let mut singles = vec![
        single("aws-lc".into(), Fresh(AwsLc::new)),
        single("openssl".into(), Fresh(OpenSsl::new)),
        single("rustcrypto".into(), Fresh(RustCrypto::new)),
        backy2_rows(SINGLES),
    ];
    for (name, engine) in &engines {
        let keys = MasterKeys::new(*engine, &FROM, &TO);
        singles.push(single(format!("rekey_v1_single {name}"), keys));
        singles.push(single(format!("kw_pair {name}"), KeyWrap(*engine)));
    }
    let [one_by_one] = rounds::run(&Budget::new(100, 4.0), &mut rows, &mut singles);
    for (engine, _) in engines {
        add(part, "rekey_v1_batch", engine, &rekeyed, rows.from.len());
        add(part, "rekey_v1_single", engine, &one_by_one, SINGLES);
        add(part, "kw_pair", engine, &one_by_one, SINGLES);
    }
}

fn add(part: &mut Part, work: &str, engine: &str, rounds: &Rounds, count: usize) {
    for peer in PEERS {
        let what = What { work, engine, bytes: KEY, count };
        let figure = rounds.figure(&what, &format!("{work} {engine}"), peer);
        if figure.ratio[1].is_nan() {
            continue; // the peer is not here
        }
        part.add(rounds.count(), figure);
    }
}

/// Random keys under the first key, and the same under the second, as AWS-LC makes them.
fn rows() -> Rows {
    let mut keys = vec![[0; KEY]; if quick() { QUICK_ROWS } else { ROWS }];
    keys.iter_mut().for_each(|key| getrandom::fill(key).unwrap());
    let under = |kek: &KeyBytes| -> Vec<Wrapped> {
        let peer = AwsLc::new(kek, kek);
        keys.iter().map(|key| peer.wrap(key)).collect()
    };
    Rows { from: under(&FROM), to: vec![[0; 40]; keys.len()], expected: under(&TO) }
}

fn batch(name: String, mut side: impl Rekey + 'static) -> Turn<'static, Rows, 1> {
    Turn::new(name, move |rows: &mut Rows, _| {
        rows.to.fill([0; 40]);
        side.rewrap(&rows.from[..64], &mut rows.to[..64]);
        let watch = Watch::start();
        side.rewrap(&rows.from, &mut rows.to);
        let ns = watch.ns();
        assert!(rows.to == rows.expected);
        [ns]
    })
}

fn single(name: String, mut side: impl Pair + 'static) -> Turn<'static, Rows, 1> {
    Turn::new(name, move |rows: &mut Rows, _| {
        rows.to.fill([0; 40]);
        side.pair(&FROM, &TO, &rows.from[0]);
        let watch = Watch::start();
        for (from, to) in rows.from[..SINGLES].iter().zip(&mut rows.to) {
            *to = side.pair(&FROM, &TO, from);
        }
        let ns = watch.ns();
        assert!(rows.to[..SINGLES] == rows.expected[..SINGLES]);
        [ns]
    })
}
