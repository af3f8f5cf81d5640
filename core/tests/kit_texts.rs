//! FORMAT.md 8.2, a recovery kit as text: [T3]. Whoever types a kit makes mistakes: each is found,
//! and its line is named.

mod common;

use bech32::primitives::iter::Checksummed;
use bech32::{Bech32m, ByteIterExt, Fe32, Hrp};
use coffre_core::error::{Error, Result};
use coffre_core::kit::{Kit, SIZE};
use coffre_core::kit_text::{self, Form, LINES};
use coffre_core::limits;
use coffre_core::out::Out;
use common::forge::fix_checksum;
use common::*;

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHARACTERS: usize = 27;

/// A kit and its texts, made by tests/decoder/encoder_keys.py: the KEK 00 … 1f under "correct horse
/// battery staple" with 600,000 iterations of PBKDF2. FORMAT.md 8.2 has the beginning of line 1.
const KIT: &str = "434f46520802010001030000c02709000000000000000000606162636465666768696a6b6c6d6e6f\
                   13293d898b00d06db3358b10de252caa89d809f06a3cbef67e3e7e586f715a6312e5c8a37e1e11cb\
                   baa7e851296dce0ae899cd5900582d1c1ae936ffe9f98a86";
const TEXT: &str = "\
1: gd85 v5sg qgqs qqgr qqqv qxkq tj0
2: yuys qqqq qqqq qqqq qpsx zxyu 2r5
3: vf3k getx va5x j6nt d3kk ucr3 jta
4: dufj j0vf 3vqd qmdn xk93 qc4x t7p
5: mcjj e25f mqyl q63u hmm8 utpr l8h
6: 8el9 smm3 tf33 9ewg 5dlp ue8j a6d
7: z89m 4flg 2y5k mns2 azvu 6k7a kad
8: tyq9 stgu rt5n dllf lx9g ve69 euy
";
const SCAN: &str = "\
1:GD85V5SGQGQSQQGRQQQVQXKQTJ0/2:YUYSQQQQQQQQQQQQQPSXZXYU2R5/3:VF3KGETXVA5XJ6NTD3KKUCR3JTA/\
4:DUFJJ0VF3VQDQMDNXK93QC4XT7P/5:MCJJE25FMQYLQ63UHMM8UTPRL8H/6:8EL9SMM3TF339EWG5DLPUE8JA6D/\
7:Z89M4FLG2Y5KMNS2AZVU6K7AKAD/8:TYQ9STGURT5NDLLFLX9GVE69EUY";

fn to_text(kit: &[u8], form: Form) -> Result<String> {
    let mut space = vec![0xA5; form.size()];
    let mut out = Out::new(&mut space);
    kit_text::to_text(kit, form, &mut out)?;
    assert_eq!(out.len(), form.size());
    Ok(String::from_utf8(out.written().to_vec()).unwrap())
}

/// The bytes, or the number that is named.
fn from_text(text: &[u8]) -> std::result::Result<Vec<u8>, u32> {
    let mut space = [0xA5; SIZE];
    let mut out = Out::new(&mut space);
    let mut bad_line = 99;
    let read = kit_text::from_text(text, &mut bad_line, &mut out);
    let written = out.written().to_vec();
    match read {
        Ok(()) => {
            assert_eq!((bad_line, written.len()), (0, SIZE));
            Ok(written)
        }
        Err(error) => {
            assert!(error == Error::BadKitLine && bad_line > 0 && written.is_empty());
            assert_eq!(space, [0xA5; SIZE]);
            Err(bad_line)
        }
    }
}

/// The 27 characters of each line.
fn lines() -> [[u8; CHARACTERS]; LINES] {
    let line = |line: &str| line[2..].replace(' ', "").into_bytes().try_into().unwrap();
    TEXT.lines().map(line).collect::<Vec<_>>().try_into().unwrap()
}

fn joined(lines: &[[u8; CHARACTERS]; LINES]) -> Vec<u8> {
    (1..)
        .zip(lines)
        .flat_map(|(i, line)| [format!("{i}:").as_bytes(), line, b"\n"].concat())
        .collect()
}

/// The text with line `number` first: it is the first that can be wrong.
struct Typed {
    text: Vec<u8>,
}

impl Typed {
    fn first(number: usize) -> Typed {
        let mut order: Vec<usize> = (1..=LINES).collect();
        order.swap(0, number - 1);
        let line = |i: &usize| [format!("{i}:").as_bytes(), &lines()[i - 1], b"\n"].concat();
        Typed { text: order.iter().flat_map(line).collect() }
    }

    fn line(&mut self) -> &mut [u8; CHARACTERS] {
        self.text[2..].first_chunk_mut().unwrap()
    }
}

#[test]
fn the_text_is_what_the_format_says() {
    let kit = hex(KIT);
    assert!(Kit::parse(&kit).is_ok());
    assert_eq!(to_text(&kit, Form::Lines).unwrap(), TEXT);
    assert_eq!(to_text(&kit, Form::Scan).unwrap(), SCAN);
    assert_eq!(from_text(TEXT.as_bytes()), Ok(kit.clone()));
    assert_eq!(from_text(SCAN.as_bytes()), Ok(kit));
    let format = include_str!("../../docs/FORMAT.md");
    assert!(format.contains(&format!("\n{} …\n", &TEXT[..17])));
    // The alphanumeric mode of QR codes has these.
    let in_qr = |c| matches!(c, b'0'..=b'9' | b'A'..=b'Z' | b':' | b'/');
    assert!(SCAN.bytes().all(in_qr));
}

#[test]
fn every_kit_comes_back_from_both_forms() {
    for seed in 0..200 {
        let mut kit = [&hex(KIT)[..24], &noise(seed, 80)].concat();
        fix_checksum(&mut kit);
        for form in [Form::Lines, Form::Scan] {
            assert_eq!(from_text(to_text(&kit, form).unwrap().as_bytes()), Ok(kit.clone()));
        }
    }
}

/// What can't be read is not printed, and nothing is written past the buffer.
#[test]
fn only_kits_are_printed() {
    let kit = hex(KIT);
    for form in [Form::Lines, Form::Scan] {
        assert_eq!(to_text(&flipped(&kit, 300), form), Err(Error::Damaged));
        assert_eq!(to_text(&kit[..103], form), Err(Error::Malformed));
        assert_eq!(to_text(&[], form), Err(Error::Malformed));
        let mut space = vec![0xA5; form.size() - 1];
        let mut out = Out::new(&mut space);
        let printed = kit_text::to_text(&kit, form, &mut out);
        assert_eq!((printed, out.needed()), (Err(Error::BufferTooSmall), form.size()));
        assert!(space.iter().all(|byte| *byte == 0xA5));
    }
}

/// [T3]: case, blanks, tabs, `-`, carriage returns, empty lines, comments and order mean nothing.
#[test]
fn many_ways_of_typing_are_read() {
    let reversed: Vec<&str> = TEXT.lines().rev().collect();
    let halves: Vec<&str> = TEXT.lines().collect();
    for (how, text) in [
        ("upper case", TEXT.to_uppercase()),
        ("mixed case", TEXT.replace('q', "Q")),
        ("CR LF", TEXT.replace('\n', "\r\n")),
        ("no line feed at the end", TEXT.trim_end().into()),
        ("no blanks", TEXT.replace(' ', "")),
        ("tabs and more blanks", format!("\t{}", TEXT.replace(' ', " \t  "))),
        ("blanks around the number", TEXT.replace(':', " : ")),
        ("dashes", TEXT.replace(' ', "-")),
        ("dashes at both ends", TEXT.replace('\n', "--\n--")),
        ("empty lines", TEXT.replace('\n', "\n\n \r\n\t\n--\n")),
        ("comments", format!("# kit\n#\n  # 1: x\n{TEXT}#8:\n").replace('\n', "\n#gd85\n")),
        ("slashes in comments", format!("# 22/11/2026/8:\n{TEXT}  #/\n-#1:/2:gd85/#")),
        ("a comment after a scan", format!("{SCAN}/# 22/11/2026")),
        ("another order", reversed.join("\n")),
        ("slashes for line feeds", TEXT.replace('\n', "/")),
        ("lines and slashes", [halves[..3].join("/"), halves[3..].join("\n")].join("\n")),
        ("a scan in pieces", SCAN.replace('/', "\n/\n")),
        ("a scan with blanks", SCAN.replace("", " ")),
        ("a scan in small letters", SCAN.to_lowercase()),
    ] {
        assert_eq!(from_text(text.as_bytes()), Ok(hex(KIT)), "{how}");
    }
}

/// [T3]: any one character for any other one, in any place.
#[test]
fn every_wrong_character_is_found_and_its_line_named() {
    for number in 1..=LINES {
        let mut typed = Typed::first(number);
        for place in 0..CHARACTERS {
            let right = typed.line()[place];
            for wrong in ALPHABET.iter().filter(|wrong| **wrong != right) {
                typed.line()[place] = *wrong;
                assert_eq!(from_text(&typed.text), Err(number as u32), "{number}: {place}");
            }
            typed.line()[place] = right;
        }
        assert_eq!(from_text(&typed.text), Ok(hex(KIT)));
    }
}

/// [T3]: neighbours that changed places.
#[test]
fn every_transposition_is_found_and_its_line_named() {
    let mut tried = 0;
    for number in 1..=LINES {
        let mut typed = Typed::first(number);
        for place in 1..CHARACTERS {
            if typed.line()[place - 1] == typed.line()[place] {
                continue;
            }
            typed.line().swap(place - 1, place);
            assert_eq!(from_text(&typed.text), Err(number as u32), "{number}: {place}");
            typed.line().swap(place - 1, place);
            tried += 1;
        }
    }
    assert!(tried > 150);
}

/// [T3]: the six check characters find up to four errors, wherever they are.
#[test]
fn four_errors_in_a_line_are_always_found() {
    for number in 1..=LINES {
        let mut typed = Typed::first(number);
        let dice = noise(number as u64, 8 * 100_000);
        let mut tried = 0;
        for dice in dice.as_chunks::<8>().0 {
            let (places, changes) = dice.split_at(4);
            let right = *typed.line();
            for (place, change) in places.iter().zip(changes) {
                let character = &mut typed.line()[usize::from(*place) % CHARACTERS];
                let value = ALPHABET.iter().position(|c| c == character).unwrap();
                *character = ALPHABET[(value + 1 + usize::from(*change) % 31) % 32];
            }
            if *typed.line() != right {
                assert_eq!(from_text(&typed.text), Err(number as u32));
                tried += 1;
            }
            *typed.line() = right;
        }
        assert!(tried > 99_000);
    }
}

/// [T3]: the number is part of what is checked.
#[test]
fn lines_that_changed_places_are_found() {
    for a in 0..LINES {
        for b in 0..LINES {
            let mut lines = lines();
            lines.swap(a, b);
            let expected = if a == b { Ok(hex(KIT)) } else { Err(a.min(b) as u32 + 1) };
            assert_eq!(from_text(&joined(&lines)), expected);
        }
    }
}

/// [T3]: a number that comes twice or not at all.
#[test]
fn missing_and_doubled_lines_are_named() {
    let all: Vec<&str> = TEXT.lines().collect();
    for number in 1..=LINES {
        let mut less = all.clone();
        let line = less.remove(number - 1);
        assert_eq!(from_text(less.join("\n").as_bytes()), Err(number as u32));
        for place in 0..=LINES {
            let mut more = all.clone();
            more.insert(place, line);
            assert_eq!(from_text(more.join("\n").as_bytes()), Err(number as u32));
        }
        // Twice, once wrong.
        let mut more = all.clone();
        let wrong = format!("{number}: gd85");
        more.push(&wrong);
        assert_eq!(from_text(more.join("\n").as_bytes()), Err(number as u32));
    }
    for nothing in ["", "\n\n", "# a comment", "/////", " - - "] {
        assert_eq!(from_text(nothing.as_bytes()), Err(1), "{nothing:?}");
    }
    assert_eq!(from_text(all[..6].join("\n").as_bytes()), Err(7), "of two the first is named");
}

/// [T3]: the number of characters, and what they are.
#[test]
fn other_characters_and_lengths_are_named() {
    let lines: Vec<&str> = TEXT.lines().collect();
    let with = |number: usize, line: &[u8]| {
        let line_of = |i: usize| if i == number { line } else { lines[i - 1].as_bytes() };
        (1..=LINES).map(line_of).collect::<Vec<_>>().join(&b"\n"[..])
    };
    for number in 1..=LINES {
        let line = lines[number - 1].as_bytes();
        let named = |wrong: &[u8]| {
            let found = from_text(&with(number, wrong));
            assert_eq!(found, Err(number as u32), "{}", String::from_utf8_lossy(wrong));
        };
        assert_eq!(from_text(&with(number, line)), Ok(hex(KIT)));
        for cut in 2..line.len() {
            named(&line[..cut]);
        }
        for more in ["q", "qqqqqq", " 1:", ":", " # a note", "b", "i", "o", "1"] {
            named(&[line, more.as_bytes()].concat());
        }
        for byte in (0..=u8::MAX).filter(|byte| !b" \t\r-\n/".contains(byte)) {
            named(&[line, &[byte]].concat());
            named(&[&line[..4], &[byte], &line[4..]].concat());
            let value = ALPHABET.contains(&byte.to_ascii_lowercase());
            if !value {
                named(&[&line[..3], &[byte], &line[4..]].concat());
            }
        }
        // Letters that look like others: the Kelvin sign, a Cyrillic a, a no-break space, a dash.
        for other in ["\u{212A}", "\u{0430}", "\u{A0}", "\u{2013}", "\u{FEFF}"] {
            named(&[line, other.as_bytes()].concat());
        }
    }
}

/// [T3]: a line whose number can't be read is named by its place among those that are not ignored.
#[test]
fn lines_without_a_number_are_named_by_their_place() {
    let lines: Vec<&str> = TEXT.lines().collect();
    let other_numbers = ["0", "9", "03", "33", "a", "#3", "-", ""];
    let mut strange: Vec<String> =
        other_numbers.iter().map(|number| format!("{number}{}", &lines[2][1..])).collect();
    strange.retain(|line| !line.starts_with('#'));
    strange.extend(["3", "3 gd85", "3;", ":", "\u{FEFF}3:", "keep this safe"].map(String::from));
    for line in &strange {
        let mut text = lines.clone();
        text[2] = line;
        assert_eq!(from_text(text.join("\n").as_bytes()), Err(3), "{line}");
        assert_eq!(from_text(text.join("/").as_bytes()), Err(3), "{line}");
        let after_others = format!("# a/kit\n\n \r\n//{line}\n{TEXT}");
        assert_eq!(from_text(after_others.as_bytes()), Err(1), "{line}");
    }
    // Of two bad lines the first is named.
    assert_eq!(from_text(b"\n2:gd85\nwhat?\n"), Err(2));
    assert_eq!(from_text(b"\nwhat?\n2:gd85\n"), Err(1));
}

/// [T3]: lines whose check fits, and whose padding bit is set; made by kit_line(…, padding=1) of
/// tests/decoder/encoder_keys.py.
#[test]
fn a_padding_bit_is_named() {
    const PADDED: [&str; LINES] = [
        "gd85v5sgqgqsqqgrqqqvpmq570a",
        "yuysqqqqqqqqqqqqqpsxrmjgl7x",
        "vf3kgetxva5xj6ntd3kka9498k0",
        "dufjj0vf3vqdqmdnxk93p9rj7rn",
        "mcjje25fmqylq63uhmm8akhh269",
        "8el9smm3tf339ewg5dlpay3xg8l",
        "z89m4flg2y5kmns2azvumtgfrql",
        "tyq9stgurt5ndllflx9gdyv3vpk",
    ];
    for (number, line) in (1..).zip(PADDED) {
        let mut typed = Typed::first(number);
        let right = *typed.line();
        typed.line().copy_from_slice(line.as_bytes());
        assert_eq!(right[..20], typed.line()[..20]);
        assert_eq!(from_text(&typed.text), Err(number as u32));
    }
}

/// [T3]: lines whose check fits, and which are shorter or longer than a line of a kit.
#[test]
fn code_words_of_other_lengths_are_named() {
    for number in 1..=LINES {
        let human = Hrp::parse(&format!("kit{number}")).unwrap();
        for count in 0..=40 {
            // Data of zeroes, and then of the right kit.
            for data in [[0; 40].as_slice(), &hex(KIT)] {
                let values = data.iter().copied().bytes_to_fes().take(count);
                let line = Checksummed::<_, Bech32m>::new_hrp(human, values).map(Fe32::to_char);
                let line: String = line.collect();
                let expected = if line.len() == CHARACTERS { number % LINES + 1 } else { number };
                // Without the other lines the next one is missing, once this one is right.
                let others = if number == LINES { "" } else { TEXT.split_at(37 * (number - 1)).0 };
                let text = format!("{others}{number}:{line}");
                assert_eq!(from_text(text.as_bytes()), Err(expected as u32), "{text}");
            }
        }
    }
}

#[test]
fn a_text_has_a_largest_size() {
    let fill = |len: usize| format!("{TEXT}{}", " ".repeat(len - TEXT.len()));
    assert_eq!(from_text(fill(limits::KIT_TEXT).as_bytes()), Ok(hex(KIT)));
    let mut bad_line = 99;
    let mut space = [0; SIZE];
    let mut out = Out::new(&mut space);
    let read = kit_text::from_text(fill(limits::KIT_TEXT + 1).as_bytes(), &mut bad_line, &mut out);
    assert_eq!((read, bad_line, out.len()), (Err(Error::TooLarge), 0, 0));
    let mut out = Out::new(&mut space[..SIZE - 1]);
    let read = kit_text::from_text(TEXT.as_bytes(), &mut bad_line, &mut out);
    assert_eq!((read, bad_line, out.needed()), (Err(Error::BufferTooSmall), 0, SIZE));
}

/// Whatever is typed, there is a kit or the number of a line.
#[test]
fn no_text_makes_it_panic() {
    for seed in 0..20_000 {
        let len = seed as usize % 400;
        let any = noise(seed, len);
        let _ = from_text(&any);
        // Bytes that get further.
        let likely = b"12345678:\n/# -\rqpzry9x8gf2tvdw0s3jn54khce6mua7lQPZ\xFF\0";
        let typed: Vec<u8> = any.iter().map(|b| likely[usize::from(*b) % likely.len()]).collect();
        let _ = from_text(&typed);
        // A right text in which some bytes are wrong, missing or there twice.
        let mut text = if seed % 2 == 0 { TEXT } else { SCAN }.as_bytes().to_vec();
        for change in any.as_chunks::<4>().0.iter().take(3) {
            let place = usize::from(u16::from_le_bytes([change[0], change[1]])) % text.len();
            match change[2] % 3 {
                0 => text[place] = change[3],
                1 => drop(text.remove(place)),
                _ => text.insert(place, text[place]),
            }
        }
        if let Ok(kit) = from_text(&text) {
            assert_eq!(kit, hex(KIT));
        }
    }
}
