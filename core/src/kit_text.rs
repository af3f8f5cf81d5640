//! A recovery kit as text, to be printed and typed in again (FORMAT.md 8.2).
//!
//! Eight lines carry 13 bytes each, and each has a check of its own, Bech32m (BIP 350): whoever
//! types learns which line is wrong. What the bytes mean, `kit.rs` knows; lines of two kits make
//! text that can be read, and a kit whose checksum fails.

use crate::error::{Error, Result};
use crate::kit::{Kit, SIZE};
use crate::limits;
use crate::out::Out;

/// Lines of a text.
pub const LINES: usize = 8;
/// Bytes of the kit in a line.
const PART: usize = SIZE / LINES;
/// Characters of five bits that those take; the last one ends with a bit of padding.
const DATA: usize = (PART * 8).div_ceil(5);
/// Characters of a line, the six of its check included.
const CHARACTERS: usize = DATA + CHECK;
/// Characters between two blanks.
const GROUP: usize = 4;

const _: () = assert!(PART * LINES == SIZE && DATA * 5 == PART * 8 + 1 && CHARACTERS == 27);

/// How a text looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// To be read by people: lines of small letters in groups of four, each ended by a line feed.
    Lines,
    /// To be scanned: capital letters without blanks, the lines joined by `/`; all of them are in
    /// the alphanumeric mode of QR codes.
    Scan,
}

impl Form {
    /// The size of a text.
    pub const fn size(self) -> usize {
        match self {
            Form::Lines => LINES * (2 + CHARACTERS + CHARACTERS.div_ceil(GROUP) + 1),
            Form::Scan => LINES * (2 + CHARACTERS + 1) - 1,
        }
    }
}

/// Appends the text of a kit, [`Form::len`] bytes of ASCII, to `out`.
///
/// # Errors
/// Those of [`Kit::parse`]: what can't be read is not printed. [`Error::BufferTooSmall`].
pub fn to_text(kit: &[u8], form: Form, out: &mut Out) -> Result<()> {
    Kit::parse(kit)?;
    out.reserve(form.size())?;
    let (parts, _) = kit.as_chunks::<PART>();
    for (digit, part) in (b'1'..).zip(parts) {
        let mut line = encode(digit, part);
        match form {
            Form::Lines => {
                out.push(&[digit, b':'])?;
                for group in line.chunks(GROUP) {
                    out.push(b" ")?;
                    out.push(group)?;
                }
                out.push(b"\n")?;
            }
            Form::Scan => {
                line.make_ascii_uppercase();
                let start = if digit == b'1' { "" } else { "/" };
                out.push(start.as_bytes())?;
                out.push(&[digit, b':'])?;
                out.push(&line)?;
            }
        }
    }
    Ok(())
}

/// Reads the text of a kit, in whichever form, and appends the kit's [`SIZE`] bytes to `out`. They
/// are not looked at.
///
/// `bad_line` becomes the number of the first line that is wrong, with [`Error::BadKitLine`], and 0
/// otherwise.
///
/// # Errors
/// [`Error::TooLarge`]: more than [`limits::KIT_TEXT`] bytes. [`Error::BufferTooSmall`].
/// [`Error::BadKitLine`].
///
/// FORMAT.md \[T3\].
pub fn from_text(text: &[u8], bad_line: &mut u32, out: &mut Out) -> Result<()> {
    *bad_line = 0;
    if text.len() > limits::KIT_TEXT {
        return Err(Error::TooLarge);
    }
    out.reserve(SIZE)?;
    match read_lines(text) {
        Ok(parts) => out.push(parts.as_flattened()).map(drop),
        Err(number) => {
            *bad_line = number;
            Err(Error::BadKitLine)
        }
    }
}

/// The bytes of all lines, or the number of a bad one. FORMAT.md \[T3\].
fn read_lines(text: &[u8]) -> core::result::Result<[[u8; PART]; LINES], u32> {
    let mut parts = [None; LINES];
    for (place, mut line) in (1..).zip(lines(text)) {
        let digit = match (line.next(), line.next()) {
            (Some(digit @ b'1'..=b'8'), Some(b':')) => digit,
            _ => return Err(place),
        };
        let number = u32::from(digit - b'0');
        let part = decode(digit, line).ok_or(number)?;
        let known = parts.get_mut(usize::from(digit - b'1')).ok_or(number)?;
        if known.replace(part).is_some() {
            return Err(number);
        }
    }
    let mut whole = [[0; PART]; LINES];
    for ((number, to), part) in (1u32..).zip(&mut whole).zip(parts) {
        *to = part.ok_or(number)?;
    }
    Ok(whole)
}

/// The lines that are not ignored, each without the characters that are. A comment goes to the line
/// feed, whatever stands in it.
fn lines(text: &[u8]) -> impl Iterator<Item = impl Iterator<Item = u8>> {
    let is_comment = |line: &[u8]| visible(line).next() == Some(b'#');
    text.split(|byte| *byte == b'\n')
        .flat_map(move |row| {
            row.split(|byte| *byte == b'/').take_while(move |line| !is_comment(line))
        })
        .filter(|line| visible(line).next().is_some())
        .map(visible)
}

/// The characters that are not ignored.
fn visible(line: &[u8]) -> impl Iterator<Item = u8> {
    line.iter().copied().filter(|byte| !b" \t\r-".contains(byte))
}

/// The characters of a line: its bytes, a bit of padding, their check.
fn encode(digit: u8, part: &[u8; PART]) -> [u8; CHARACTERS] {
    let mut check = Check::of_line(digit);
    let bits = part.iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte)) << 1;
    let data = (0..DATA).rev().map(|i| (bits >> (5 * i)) as u32 & 31);
    let mut line = [0; CHARACTERS];
    let (to_data, to_check) = line.split_at_mut(DATA);
    for (to, value) in to_data.iter_mut().zip(data) {
        check.input(value);
        *to = character(value);
    }
    (0..CHECK).for_each(|_| check.input(0));
    let residue = check.0 ^ BECH32M;
    for (to, i) in to_check.iter_mut().zip((0..CHECK).rev()) {
        *to = character(residue >> (5 * i) & 31);
    }
    line
}

/// The bytes of a line, if it is right in every respect.
fn decode(digit: u8, characters: impl Iterator<Item = u8>) -> Option<[u8; PART]> {
    let mut check = Check::of_line(digit);
    let (mut bits, mut count) = (0, 0);
    for character in characters {
        let character = character.to_ascii_lowercase();
        let value = ALPHABET.iter().position(|known| *known == character)? as u32;
        check.input(value);
        if count < DATA {
            bits = bits << 5 | u128::from(value);
        }
        count += 1;
    }
    if count != CHARACTERS || check.0 != BECH32M || bits & 1 != 0 {
        return None;
    }
    (bits >> 1).to_be_bytes().last_chunk().copied()
}

/// BIP 173.
const ALPHABET: [u8; 32] = *b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Characters of a check. BIP 173.
const CHECK: usize = 6;
/// What the check of a line comes to. BIP 350.
const BECH32M: u32 = 0x2bc8_30a3;

fn character(value: u32) -> u8 {
    ALPHABET.get(value as usize).copied().unwrap_or_default()
}

/// BIP 173's checksum over values of five bits.
struct Check(u32);

impl Check {
    /// Begins with the human-readable part, `kit1` to `kit8`: the number takes part in each line's
    /// check.
    fn of_line(digit: u8) -> Check {
        let human = [b'k', b'i', b't', digit].map(u32::from);
        let mut check = Check(1);
        human.iter().for_each(|character| check.input(character >> 5));
        check.input(0);
        human.iter().for_each(|character| check.input(character & 31));
        check
    }

    fn input(&mut self, value: u32) {
        const GENERATOR: [u32; 5] =
            [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
        let top = self.0 >> 25;
        self.0 = (self.0 & 0x01ff_ffff) << 5 ^ value;
        for (i, term) in GENERATOR.iter().enumerate() {
            if top >> i & 1 == 1 {
                self.0 ^= term;
            }
        }
    }
}
