//! docs/performance.svg: ratios at a glance. Above, raw AES-256-GCM of each engine by message size;
//! below, whole blocks. Ratios have a logarithmic scale, so that twice and half are equally far
//! from 1.

use std::fmt::Write;

use crate::data::{KIB, MESSAGES, MIB, size_name};
use crate::document::saved::Run;
use crate::document::tables::ENGINES;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 760.0;
const INK: &str = "#24292f";
const FAINT: &str = "#6e7781";
const GRID: &str = "#d8dee4";
const FASTER: &str = "#0072b2";
const SLOWER: &str = "#d55e00";
/// Of the engines, in the order of [`ENGINES`]; told apart by colour-blind readers too.
const COLOURS: [&str; 4] = ["#0072b2", "#009e73", "#aa4499", "#8a6d00"];
const STYLE: &str = "font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" font-size=\"13\"";

struct Rectangle {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

pub fn svg(run: &Run) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" {STYLE}>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    let panel = |left: f64, top: f64, width, height| Rectangle { left, top, width, height };
    for (left, peer, name) in [(60.0, "aws-lc", "AWS-LC"), (550.0, "openssl", "OpenSSL")] {
        let title = format!("AES-256-GCM sealing, beside {name}");
        lines(&mut svg, run, &panel(left, 62.0, 280.0, 260.0), &title, peer);
    }
    let stored = stored_bars(run);
    let title = "Stored blocks, beside AWS-LC's plain AES-256-GCM";
    bars(&mut svg, &panel(210.0, 424.0, 220.0, 288.0), title, &stored);
    let title = "Pipelines, beside zstd level 1 + OpenSSL";
    bars(&mut svg, &panel(700.0, 424.0, 215.0, 288.0), title, &pipeline_bars(run));
    let note = "How many times as fast as the peer in the same round; medians. Made by make bench.";
    text(&mut svg, WIDTH / 2.0, HEIGHT - 12.0, note, FAINT, "middle", false);
    svg + "</svg>\n"
}

/// A line for each engine over the sizes of messages.
fn lines(svg: &mut String, run: &Run, area: &Rectangle, title: &str, peer: &str) {
    text(svg, area.left - 40.0, area.top - 34.0, title, INK, "start", true);
    let series: Vec<(usize, Vec<f64>)> = (0..ENGINES.len())
        .filter_map(|engine| {
            let at = |size: usize| run.find("aes256gcm_seal", ENGINES[engine], size, peer);
            let ratios = MESSAGES.map(|size| at(size).map(|figure| figure.ratio[1]));
            let ratios: Option<Vec<f64>> = ratios.into_iter().collect();
            ratios.map(|ratios| (engine, ratios))
        })
        .collect();
    let scale = Scale::over(series.iter().flat_map(|(_, ratios)| ratios.iter().copied()));
    let y = |ratio: f64| area.top + area.height * (1.0 - scale.place(ratio));
    let step = area.width / (MESSAGES.len() - 1) as f64;
    let x = |index: usize| area.left + step * index as f64;
    for power in scale.low..=scale.high {
        let (ratio, at) = (2_f64.powi(power), y(2_f64.powi(power)));
        line(svg, (area.left, at), (area.left + area.width, at), power == 0);
        text(svg, area.left - 8.0, at + 4.5, &times(ratio), FAINT, "end", false);
    }
    for (index, size) in MESSAGES.into_iter().enumerate() {
        let below = area.top + area.height + 22.0;
        text(svg, x(index), below, &size_name(size), FAINT, "middle", false);
    }
    // Names stand beside the last point, and apart from each other.
    let mut places: Vec<(f64, usize)> =
        series.iter().map(|(engine, ratios)| (y(*ratios.last().unwrap()), *engine)).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    for index in 1..places.len() {
        places[index].0 = places[index].0.max(places[index - 1].0 + 17.0);
    }
    for (at, engine) in places {
        let right = area.left + area.width + 10.0;
        text(svg, right, at + 4.5, ENGINES[engine], COLOURS[engine], "start", true);
    }
    for (engine, ratios) in &series {
        let colour = COLOURS[*engine];
        let points = ratios.iter().enumerate().map(|(i, r)| (x(i), y(*r)));
        let path: Vec<String> = points.clone().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let path = path.join(" ");
        writeln!(
            svg,
            "<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\"/>"
        )
        .unwrap();
        for (x, y) in points {
            writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>")
                .unwrap();
        }
    }
}

type Bar = (String, f64);

fn stored_bars(run: &Run) -> Vec<Bar> {
    let mut bars = Vec::new();
    for size in [64 * KIB, MIB] {
        for (name, work) in [
            ("seal, bare", "block_seal_stored_bare"),
            ("seal, checksum", "block_seal_stored_checksum"),
            ("seal, content in salt", "block_seal_stored_hedged"),
            ("open", "block_open_stored"),
        ] {
            let figure = run.find(work, "default", size, "aws-lc");
            bars.extend(figure.map(|f| (format!("{}: {name}", size_name(size)), f.ratio[1])));
        }
    }
    bars
}

fn pipeline_bars(run: &Run) -> Vec<Bar> {
    let mut bars = Vec::new();
    for data in ["corpus", "random"] {
        for size in [64 * KIB, MIB] {
            for work in ["seal", "open"] {
                let name = format!("pipeline_{data}_{work}");
                let figure = run.find(&name, "default", size, "zstd+openssl");
                let label = format!("{data}, {}: {work}", size_name(size));
                bars.extend(figure.map(|figure| (label, figure.ratio[1])));
            }
        }
    }
    bars
}

/// Bars to the right of 1 for what is faster, to the left for what is slower.
fn bars(svg: &mut String, area: &Rectangle, title: &str, bars: &[Bar]) {
    text(svg, area.left - 190.0, area.top - 34.0, title, INK, "start", true);
    let scale = Scale::over(bars.iter().map(|(_, ratio)| *ratio));
    let x = |ratio: f64| area.left + area.width * scale.place(ratio);
    for power in scale.low..=scale.high {
        let at = x(2_f64.powi(power));
        line(svg, (at, area.top - 6.0), (at, area.top + area.height), power == 0);
        let above = area.top - 12.0;
        text(svg, at, above, &times(2_f64.powi(power)), FAINT, "middle", false);
    }
    let step = area.height / bars.len().max(1) as f64;
    for (index, (name, ratio)) in bars.iter().enumerate() {
        let (top, height) = (area.top + step * index as f64 + step * 0.16, step * 0.68);
        let (from, to) = (x(ratio.min(1.0)), x(ratio.max(1.0)));
        let (colour, width) = (if *ratio < 1.0 { SLOWER } else { FASTER }, (to - from).max(1.0));
        writeln!(
            svg,
            "<rect x=\"{from:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             rx=\"2\" fill=\"{colour}\"/>"
        )
        .unwrap();
        let middle = top + height / 2.0 + 4.5;
        text(svg, area.left - 10.0, middle, name, INK, "end", false);
        let (at, anchor) = if *ratio < 1.0 { (from - 6.0, "end") } else { (to + 6.0, "start") };
        text(svg, at, middle, &format!("{ratio:.2}"), colour, anchor, true);
    }
}

/// Powers of two.
struct Scale {
    low: i32,
    high: i32,
}

impl Scale {
    /// Around 1 and all ratios, with room for a number at both ends.
    fn over(ratios: impl Iterator<Item = f64>) -> Scale {
        let (mut low, mut high) = (-1.0_f64, 1.0_f64);
        for ratio in ratios {
            low = low.min(ratio.log2() - 0.4);
            high = high.max(ratio.log2() + 0.4);
        }
        Scale { low: low.floor() as i32, high: high.ceil() as i32 }
    }

    /// From 0 to 1.
    fn place(&self, ratio: f64) -> f64 {
        (ratio.log2() - f64::from(self.low)) / f64::from(self.high - self.low)
    }
}

/// "2×", "1/4×".
fn times(ratio: f64) -> String {
    if ratio < 1.0 { format!("1/{:.0}×", 1.0 / ratio) } else { format!("{ratio:.0}×") }
}

fn line(svg: &mut String, from: (f64, f64), to: (f64, f64), strong: bool) {
    let (colour, width) = if strong { (INK, 1.5) } else { (GRID, 1.0) };
    writeln!(
        svg,
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\" \
         stroke-width=\"{width}\"/>",
        from.0, from.1, to.0, to.1
    )
    .unwrap();
}

fn text(svg: &mut String, x: f64, y: f64, words: &str, colour: &str, anchor: &str, bold: bool) {
    let weight = if bold { " font-weight=\"bold\"" } else { "" };
    writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\" text-anchor=\"{anchor}\"{weight}>\
         {words}</text>"
    )
    .unwrap();
}
