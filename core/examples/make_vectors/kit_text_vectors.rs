//! Recovery kits as text, printed and typed in again. FORMAT.md 8.2.

use bech32::primitives::iter::Checksummed;
use bech32::{Bech32m, ByteIterExt, Fe32, Hrp};
use coffre_core::kit_text::Form::{Lines, Scan};

use super::Vector;
use super::kit_vectors::{create, opened, text, told};
use super::record_vectors::{KEK, PAIR};
use crate::common::keyring::{ARGON2ID, PBKDF2};
use crate::common::{kek, p256};

fn kit() -> Vec<u8> {
    create(&kek(KEK), PBKDF2)
}

fn vector(name: &str, about: &str, text: &[u8]) -> Vector {
    Vector::new("kit_text", name, about, text)
}

pub fn valid() -> Vec<Vector> {
    let (kit, kek) = (kit(), kek(KEK));
    let typed = |name: &str, about: &str, text: String| {
        opened(vector(name, about, text.as_bytes()).intermediate("kit", &kit[..]), &kit, &kek)
    };
    let pair = create(&p256(PAIR), ARGON2ID);
    let closed = |name: &str, about: &str, text: String| {
        told(vector(name, about, text.as_bytes()).intermediate("kit", &pair[..]), &pair)
    };
    let (lines, scan) = (text(&kit, Lines), text(&kit, Scan));
    let mut reversed: Vec<&str> = lines.lines().collect();
    reversed.reverse();
    let rows: Vec<&str> = lines.lines().collect();
    let commented = format!("# 22/11/2026/8:\n\n  #1: x\n{lines}\t#/9:\n-#\r\n//# the end/1:");
    vec![
        typed("lines", "as it is printed", lines.clone()),
        typed("scan", "as it is scanned", scan.clone()),
        closed("lines_closed", "a private key's, which nobody opens", text(&pair, Lines)),
        closed("scan_closed", "the same as it is scanned", text(&pair, Scan)),
        typed("upper", "in capital letters", lines.to_uppercase()),
        typed("mixed", "in letters of both sizes", lines.replace('q', "Q")),
        typed("scan_lower", "a scan in small letters", scan.to_lowercase()),
        typed("crlf", "with carriage returns", lines.replace('\n', "\r\n")),
        typed("no_end", "without the last line feed", lines.trim_end().into()),
        typed("no_blanks", "without blanks", lines.replace(' ', "")),
        typed("tabs", "with tabs", format!("\t{}", lines.replace(' ', " \t "))),
        typed("dashes", "with dashes", lines.replace(' ', "-")),
        typed("around_numbers", "blanks around the numbers", lines.replace(':', " : ")),
        typed("order", "from the last line to the first", reversed.join("\n")),
        typed("comments", "with comments and empty lines", commented),
        typed("scan_comment", "a comment after a scan", format!("{scan}/# kept/in a safe\n")),
        typed("both_ends", "some lines end with /", {
            [rows[..3].join("/"), rows[3..].join("\n")].join("\n")
        }),
    ]
}

/// A line of any values, with a check that fits.
fn checked(number: usize, values: impl Iterator<Item = Fe32>) -> String {
    let human = Hrp::parse(&format!("kit{number}")).unwrap();
    let line = Checksummed::<_, Bech32m>::new_hrp(human, values).map(Fe32::to_char);
    format!("{number}:{}", line.collect::<String>())
}

/// [T3]: a text that is no kit's, and the number that is named.
pub fn broken() -> Vec<Vector> {
    let (kit, whole) = (kit(), text(&kit(), Lines));
    let rows: Vec<&str> = whole.lines().collect();
    let bad = |name: &str, about: &str, line: u64, text: &[u8]| {
        vector(&format!("t3_{name}"), about, text)
            .breaks("T3", "bad kit line")
            .intermediate("line", &line)
    };
    // The text with another line of that number.
    let with = |name: &str, about: &str, number: usize, line: &[u8]| {
        let row = |i: usize| if i == number { line } else { rows[i - 1].as_bytes() };
        let text = (1..=8).map(row).collect::<Vec<_>>().join(&b'\n');
        bad(name, about, number as u64, &text)
    };
    let of = |number: usize, change: &dyn Fn(&mut Vec<u8>)| {
        let mut line = rows[number - 1].as_bytes().to_vec();
        change(&mut line);
        line
    };
    let without = |number: usize| [&rows[..number - 1], &rows[number..]].concat().join("\n");
    let part = |number: usize| kit[13 * (number - 1)..13 * number].iter().copied().bytes_to_fes();
    let mut padded: Vec<Fe32> = part(7).collect();
    padded[20] = Fe32::try_from(padded[20].to_u8() | 1).unwrap();
    let another = |line: &mut Vec<u8>, at: usize| {
        line[at] = if line[at] == b'q' { b'p' } else { b'q' };
    };
    let renumbered = |number: usize, to: &str| format!("{to}{}", &rows[number - 1][1..]);
    let mut exchanged = rows.clone();
    exchanged.swap(2, 4);
    let exchanged: Vec<String> = (1..)
        .zip(exchanged)
        .map(|(number, row): (usize, &str)| format!("{number}{}", &row[1..]))
        .collect();
    let long = checked(2, part(2).chain([Fe32::Q]));
    let words = format!("# a/kit\n\n{}/ /\r\nkeep it safe\n{}", rows[6], without(7));
    let mut two = rows.clone();
    (two[3], two[6]) = ("4: x", "7: y");
    two.rotate_left(6);
    let unequal = |line: &[u8]| (4..).find(|at| line[*at] != line[at + 1]).unwrap();
    vec![
        bad("nothing", "no text at all", 1, b""),
        bad("ignored", "nothing but what is ignored", 1, b" \t\r\n--\n# 1: a kit\n///"),
        bad("first_missing", "without line 1", 1, without(1).as_bytes()),
        bad("missing", "without line 4", 4, without(4).as_bytes()),
        bad("last_missing", "without line 8", 8, without(8).as_bytes()),
        bad("several_missing", "without lines 6 to 8", 6, rows[..5].join("\n").as_bytes()),
        bad("twice", "line 2 twice", 2, format!("{whole}{}", rows[1]).as_bytes()),
        with("other_number", "line 3 as another line 5", 5, renumbered(3, "5").as_bytes()),
        bad("exchanged", "lines 3 and 5 exchanged", 3, exchanged.join("\n").as_bytes()),
        with("character", "another character", 4, &of(4, &|line| another(line, 10))),
        with("check", "another character of the check", 4, &of(4, &|line| another(line, 35))),
        with(
            "neighbours",
            "two neighbours exchanged",
            6,
            &of(6, &|line| {
                let at = unequal(line);
                line.swap(at, at + 1);
            }),
        ),
        with("few", "a character too few", 5, &of(5, &|line| line.truncate(35))),
        with("many", "a character too many", 5, &of(5, &|line| line.push(b'q'))),
        with(
            "short",
            "a check that fits 20 characters",
            2,
            checked(2, part(2).take(20)).as_bytes(),
        ),
        with("long", "a check that fits 22 characters", 2, long.as_bytes()),
        with("empty", "a number and a colon alone", 3, b"3:"),
        with("padding", "the padding bit is set", 7, checked(7, padded.into_iter()).as_bytes()),
        with("not_in_alphabet", "a \"b\"", 8, &of(8, &|line| line[10] = b'b')),
        with("note", "a # behind a line", 8, &of(8, &|line| line.extend(b" # kept"))),
        with("kelvin", "a Kelvin sign", 6, &of(6, &|line| line.extend("\u{212A}".as_bytes()))),
        with("no_break", "a blank that is not ASCII", 6, &of(6, &|line| line.push(0xA0))),
        with("vertical_tab", "a vertical tab", 6, &of(6, &|line| line.push(0x0B))),
        with("nul", "a zero byte", 6, &of(6, &|line| line.push(0))),
        with("no_number", "a line without number", 3, &rows[2].as_bytes()[2..]),
        with("no_colon", "a number without colon", 3, &of(3, &|line| line[1] = b' ')),
        with("number_0", "number 0", 3, renumbered(3, "0").as_bytes()),
        with("number_9", "number 9", 3, renumbered(3, "9").as_bytes()),
        with("number_03", "number 03", 3, renumbered(3, "03").as_bytes()),
        bad("byte_order", "a byte order mark", 1, format!("\u{FEFF}{whole}").as_bytes()),
        bad("place", "words as line 2 of those that count", 2, words.as_bytes()),
        bad("first_of_two", "lines 7 and 4 are bad, 7 comes first", 7, two.join("\n").as_bytes()),
        two_kits(&rows),
    ]
}

/// Lines that are all right, of two kits.
fn two_kits(rows: &[&str]) -> Vector {
    let another = text(&create(&p256(PAIR), PBKDF2), Scan);
    let last = another.rsplit('/').next().unwrap();
    let mixed = [&rows[..7].join("\n"), last].join("\n");
    vector("o3_two_kits", "the last line of another kit", mixed.as_bytes()).breaks("O3", "damaged")
}
