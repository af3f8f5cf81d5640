//! A recovery kit as text, to be printed and typed in again (FORMAT.md 8.2).
//!
//! Eight lines carry 13 bytes each, and each has a check of its own, Bech32m (BIP 350): whoever
//! types learns which line is wrong. What the bytes mean, `kit.rs` knows; lines of two kits make
//! text that can be read, and a kit whose checksum fails.

use bech32::primitives::checksum::{Checksum, Engine};
use bech32::primitives::iter::Checksummed;
use bech32::{Bech32m, ByteIterExt, Fe32, Fe32IterExt, Hrp};

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
const CHARACTERS: usize = DATA + Bech32m::CHECKSUM_LENGTH;
/// Characters between two blanks.
const GROUP: usize = 4;

const _: () = assert!(PART * LINES == SIZE && DATA * 5 == PART * 8 + 1 && CHARACTERS == 27);

/// The human-readable parts: the number takes part in each line's check.
static HUMAN: [Hrp; LINES] = [
    Hrp::parse_unchecked("kit1"),
    Hrp::parse_unchecked("kit2"),
    Hrp::parse_unchecked("kit3"),
    Hrp::parse_unchecked("kit4"),
    Hrp::parse_unchecked("kit5"),
    Hrp::parse_unchecked("kit6"),
    Hrp::parse_unchecked("kit7"),
    Hrp::parse_unchecked("kit8"),
];

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
    for ((digit, human), part) in (b'1'..).zip(&HUMAN).zip(parts) {
        let mut line = encode(human, part);
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
        let (number, index) = (u32::from(digit - b'0'), usize::from(digit - b'1'));
        let part = decode(&HUMAN[index], line).ok_or(number)?;
        if parts[index].replace(part).is_some() {
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

/// The characters of a line: its bytes and their check.
fn encode(human: &Hrp, part: &[u8; PART]) -> [u8; CHARACTERS] {
    let values = part.iter().copied().bytes_to_fes();
    let mut line = [0; CHARACTERS];
    for (to, value) in line.iter_mut().zip(Checksummed::<_, Bech32m>::new_hrp(*human, values)) {
        // The alphabet is ASCII.
        *to = value.to_char() as u8;
    }
    line
}

/// The bytes of a line, if it is right in every respect.
fn decode(human: &Hrp, characters: impl Iterator<Item = u8>) -> Option<[u8; PART]> {
    let mut values = [Fe32::Q; CHARACTERS];
    let mut count = 0;
    let mut check = Engine::<Bech32m>::new();
    check.input_hrp(*human);
    for character in characters {
        let value = Fe32::from_char(char::from(character)).ok()?;
        *values.get_mut(count)? = value;
        check.input_fe(value);
        count += 1;
    }
    let (data, _) = values.split_first_chunk::<DATA>()?;
    let padding = data[DATA - 1].to_u8() & 1;
    if count != CHARACTERS || *check.residue() != Bech32m::TARGET_RESIDUE || padding != 0 {
        return None;
    }
    let mut part = [0; PART];
    for (to, byte) in part.iter_mut().zip(data.iter().copied().fes_to_bytes()) {
        *to = byte;
    }
    Some(part)
}
