//! The tables of docs/PERFORMANCE.md.

use crate::data::{KIB, MESSAGES, MIB, SIZES, size_name};
use crate::document::saved::Run;
use crate::measure::figures::Figure;

/// The engines that use a processor's instructions, the fastest of a kind first.
pub const ENGINES: [&str; 4] = ["x86-vaes512", "x86-vaes256", "x86-aesni", "arm-aes"];
const NOT_MEASURED: &str = "not measured";

/// "**1.20** (1.18–1.22)".
fn ratio(figure: Option<&Figure>) -> String {
    let Some(figure) = figure else { return NOT_MEASURED.into() };
    let [low, median, high] = figure.ratio.map(digits);
    format!("**{median}** ({low}–{high})")
}

/// Three digits that mean something.
fn digits(number: f64) -> String {
    match number {
        100.0.. => format!("{number:.0}"),
        10.0.. => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

fn row(cells: impl IntoIterator<Item = String>) -> String {
    format!("| {} |\n", cells.into_iter().collect::<Vec<_>>().join(" | "))
}

fn head(cells: &[&str]) -> String {
    row(cells.iter().map(|cell| cell.to_string())) + "|" + &"---|".repeat(cells.len()) + "\n"
}

/// The goals, and what was reached.
pub fn glance(run: &Run) -> String {
    let mut text = head(&["what", "beside", "ratio"]);
    let mut add = |what: String, peer: &str, figures: Vec<Option<&Figure>>| {
        let ratios: Option<Vec<f64>> = figures.iter().map(|f| f.map(|f| f.ratio[1])).collect();
        let cell = ratios.map_or(NOT_MEASURED.into(), |ratios| {
            let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
            let most = ratios.iter().copied().fold(0.0, f64::max);
            let (least, most) = (digits(least), digits(most));
            if least == most { format!("**{least}**") } else { format!("**{least}–{most}**") }
        });
        text += &row([what, peer.into(), cell]);
    };
    let gcm = ["aes256gcm_seal", "aes256gcm_open"];
    let large = &MESSAGES[2..];
    for (engine, peer) in [
        ("x86-vaes512", "aws-lc"),
        ("x86-vaes512", "openssl"),
        ("x86-vaes256", "ring"),
        ("x86-aesni", "openssl"),
        ("arm-aes", "openssl"),
        ("portable", "rustcrypto"),
    ] {
        let at = |size: &usize| gcm.map(|work| run.find(work, engine, *size, peer));
        let what = format!("AES-256-GCM, {engine}, 64 KiB to 4 MiB");
        add(what, peer, large.iter().flat_map(at).collect());
    }
    for (what, work) in [
        ("a stored block of 1 MiB, header, commitment and tags", "block_seal_stored_bare"),
        ("the same with its checksum", "block_seal_stored_checksum"),
        ("the same with the content in its salt", "block_seal_stored_hedged"),
        ("a stored block of 1 MiB, opened", "block_open_stored"),
    ] {
        add(what.into(), "aws-lc", vec![run.find(work, "default", MIB, "aws-lc")]);
    }
    for data in ["corpus", "random"] {
        for work in ["seal", "open"] {
            let name = format!("pipeline_{data}_{work}");
            let at = |peer: &'static str| {
                [64 * KIB, MIB].map(|size| run.find(&name, "default", size, peer)).to_vec()
            };
            let what = format!("pipeline, {data}, {work}, 64 KiB and 1 MiB");
            add(what.clone(), "zstd+openssl", at("zstd+openssl"));
            add(what, "backy2", at("backy2"));
        }
    }
    for (what, work) in [
        ("rekey of version 1, rows", "rekey_v1_batch"),
        ("rekey of version 1, one row", "rekey_v1_single"),
    ] {
        add(what.into(), "aws-lc", vec![run.find(work, "default", 32, "aws-lc")]);
    }
    let threads = [64 * KIB, MIB].map(|size| run.find(RANDOM_ON_TWO, "default", size, ONE));
    add("two threads, random bytes".into(), ONE, threads.to_vec());
    text
}

const ONE: &str = "1 thread";
const RANDOM_ON_TWO: &str = "threads_random_seal";

/// Each engine beside each peer, at each size.
pub fn engines(run: &Run) -> String {
    let peers = ["aws-lc", "openssl", "ring", "rustcrypto"];
    let mut text = String::new();
    for (title, work) in [("Sealing", "aes256gcm_seal"), ("Opening", "aes256gcm_open")] {
        text += &format!("**{title}**\n\n");
        let names = ["engine", "message", "GB/s", "cycles/byte"];
        let heads: Vec<String> = peers.iter().map(|peer| format!("x {peer}")).collect();
        let all: Vec<&str> = names.into_iter().chain(heads.iter().map(String::as_str)).collect();
        text += &head(&all);
        for engine in ENGINES {
            if run.find(work, engine, MIB, "aws-lc").is_none() {
                let none = vec![NOT_MEASURED.to_owned(); 7];
                text += &row([engine.to_owned()].into_iter().chain(none));
                continue;
            }
            for size in MESSAGES {
                let figures = peers.map(|peer| run.find(work, engine, size, peer));
                text += &row(own(engine, size, figures[0]).into_iter().chain(figures.map(ratio)));
            }
        }
        text += "\n";
    }
    text
}

/// Engine, size, speed, cycles a byte.
fn own(engine: &str, size: usize, figure: Option<&Figure>) -> [String; 4] {
    let number = |of: fn(&Figure) -> String| figure.map_or(NOT_MEASURED.into(), of);
    [
        engine.into(),
        size_name(size),
        number(|figure| format!("{:.2}", figure.gb_per_s)),
        number(|figure| format!("{:.3}", figure.cycles_per_byte)),
    ]
}

/// Software beside software.
pub fn portable(run: &Run) -> String {
    let mut text = head(&["engine", "message", "GB/s", "cycles/byte", "sealing", "opening"]);
    for size in MESSAGES {
        let [seal, open] = ["aes256gcm_seal", "aes256gcm_open"]
            .map(|work| run.find(work, "portable", size, "rustcrypto"));
        let ratios = [ratio(seal), ratio(open)];
        text += &row(own("portable", size, seal).into_iter().chain(ratios));
    }
    text
}

/// Stored blocks beside plain AES-256-GCM.
pub fn stored(run: &Run) -> String {
    let mut text = head(&["work", "block", "GB/s", "cycles/byte", "x aws-lc", "x openssl"]);
    for (name, work) in [
        ("seal: header, commitment, tags", "block_seal_stored_bare"),
        ("seal: + checksum", "block_seal_stored_checksum"),
        ("seal: + content in the salt", "block_seal_stored_hedged"),
        ("open", "block_open_stored"),
    ] {
        for size in SIZES {
            let [aws_lc, openssl] =
                ["aws-lc", "openssl"].map(|peer| run.find(work, "default", size, peer));
            let ratios = [ratio(aws_lc), ratio(openssl)];
            text += &row(own(name, size, aws_lc).into_iter().chain(ratios));
        }
    }
    text
}

/// From plaintext to sealed block and back.
pub fn pipelines(run: &Run) -> String {
    let mut text = head(&[
        "data",
        "block",
        "work",
        "version 2, GB/s",
        "zstd+openssl, GB/s",
        "version 2 x zstd+openssl",
        "version 2 x backy2",
        "version 1 x zstd+openssl",
        "version 1 x backy2",
    ]);
    for data in ["corpus", "random"] {
        for size in SIZES {
            for work in ["seal", "open"] {
                let find = |version: &str, peer: &str| {
                    let name = format!("pipeline{version}_{data}_{work}");
                    run.find(&name, "default", size, peer)
                };
                let both = |peer: &'static str| [find("", peer), find("_v1", peer)];
                let [[v2, v1], [v2_backy2, v1_backy2]] = ["zstd+openssl", "backy2"].map(both);
                let speed = |of: fn(&Figure) -> f64| {
                    v2.map_or(NOT_MEASURED.into(), |figure| format!("{:.2}", of(figure)))
                };
                let backy2 = |figure: Option<&Figure>| figure.map_or("".into(), |f| ratio(Some(f)));
                text += &row([
                    data.to_owned(),
                    size_name(size),
                    work.into(),
                    speed(|figure| figure.gb_per_s),
                    speed(|figure| figure.peer_gb_per_s),
                    ratio(v2),
                    backy2(v2_backy2),
                    ratio(v1),
                    backy2(v1_backy2),
                ]);
            }
        }
    }
    text
}

/// Keys under keys.
pub fn keys(run: &Run) -> String {
    let peers = ["aws-lc", "openssl", "rustcrypto", "backy2"];
    let heads =
        ["work", "engine", "million/s", "x aws-lc", "x openssl", "x rustcrypto", "x backy2"];
    let mut text = head(&heads);
    for (name, work) in [
        ("rekey of version 1, rows", "rekey_v1_batch"),
        ("rekey of version 1, one row", "rekey_v1_single"),
        ("unwrap and wrap", "kw_pair"),
    ] {
        for engine in ENGINES.into_iter().chain(["default"]) {
            let figures = peers.map(|peer| run.find(work, engine, 32, peer));
            let Some(figure) = figures[0] else {
                let none = vec![NOT_MEASURED.to_owned(); 5];
                text += &row([name.to_owned(), engine.to_owned()].into_iter().chain(none));
                continue;
            };
            let first = [name.into(), engine.into(), digits(figure.gb_per_s * 1e3 / 32.0)];
            text += &row(first.into_iter().chain(figures.map(ratio)));
        }
    }
    text
}

/// Two threads beside one.
pub fn threads(run: &Run) -> String {
    let mut text = head(&["data", "block", "GB/s on two threads", "two threads x one"]);
    for data in ["corpus", "random"] {
        for size in [64 * KIB, MIB] {
            let figure = run.find(&format!("threads_{data}_seal"), "default", size, ONE);
            let speed = figure.map_or(NOT_MEASURED.into(), |f| format!("{:.2}", f.gb_per_s));
            text += &row([data.into(), size_name(size), speed, ratio(figure)]);
        }
    }
    text
}

/// Deriving a key from a password: a unit is one derivation.
pub fn passwords(run: &Run) -> String {
    let mut text = head(&["derivation", "Coffre", "peer", "", "x peer"]);
    for figure in run.figures.iter().filter(|figure| figure.work.starts_with("password: ")) {
        let ms = |units_per_ns: f64| format!("{:.0} ms", 1e-6 / units_per_ns);
        text += &row([
            figure.work["password: ".len()..].to_owned(),
            ms(figure.gb_per_s),
            ms(figure.peer_gb_per_s),
            figure.peer.clone(),
            ratio(Some(figure)),
        ]);
    }
    text
}
