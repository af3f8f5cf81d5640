//! PEM (RFC 7468): text around base64, decoded and encoded in constant time, for it may hold a
//! private key.
//!
//! Masks pass a `black_box`, or a compiler makes branches of them, as one did for the Cortex-M0.
//! Only lengths, line ends and what stands outside of the base64 decide branches and addresses. It
//! knows nothing of what is inside.

use core::hint::black_box;

use crate::error::{Error, Result};
use crate::out::Out;

const MARK: &[u8; 10] = b"-----BEGIN";
const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
/// Characters of a full line that is written. RFC 7468 2.
const LINE: usize = 64;
/// The least width that lines may have.
const LEAST_LINE: usize = 4;

/// Size of the PEM of `len` bytes: two boundaries, base64 with padding, a line feed after every
/// line.
pub const fn encoded_len(label: &str, len: usize) -> usize {
    let base64 = len.div_ceil(3) * 4;
    let boundaries = BEGIN.len() + END.len() + 2 * (label.len() + DASHES.len() + 1);
    boundaries + base64 + base64.div_ceil(LINE)
}

/// Whether `file` looks like PEM.
pub fn is_pem(file: &[u8]) -> bool {
    (0..file.len()).filter_map(|at| file.get(at..)).any(|rest| rest.starts_with(MARK))
}

/// Appends what the PEM in `file` encodes to `out`. Its label is one of `labels`, its lines are all
/// as wide as the first; text may stand before it, white space behind it.
///
/// # Errors
/// [`Error::BadKeyFile`]: anything else; what was appended is zeroed. [`Error::BufferTooSmall`].
///
/// RFC 7468 3, figure 3: the strict grammar, with lines of any width.
pub fn decode(file: &[u8], labels: &[&str], out: &mut Out) -> Result<()> {
    let text = labels.iter().find_map(|label| encapsulated(file, label.as_bytes()));
    let text = text.ok_or(Error::BadKeyFile)?;
    out.or_wipe(|out| decode_lines(text, out))
}

/// Appends `bytes` as PEM with this label, [`encoded_len`] bytes.
///
/// # Errors
/// [`Error::BufferTooSmall`]: nothing was written.
pub fn encode(label: &str, bytes: &[u8], out: &mut Out) -> Result<()> {
    out.reserve(encoded_len(label, bytes.len()))?;
    for part in [BEGIN, label.as_bytes(), DASHES, b"\n"] {
        out.push(part)?;
    }
    for line in bytes.chunks(LINE / 4 * 3) {
        for group in line.chunks(3) {
            out.push(&encode_group(group))?;
        }
        out.push(b"\n")?;
    }
    for part in [END, label.as_bytes(), DASHES, b"\n"] {
        out.push(part)?;
    }
    Ok(())
}

/// The text between the boundaries of this label.
fn encapsulated<'f>(file: &'f [u8], label: &[u8]) -> Option<&'f [u8]> {
    let body = begin(file.trim_ascii_end())?.strip_prefix(label)?.strip_prefix(DASHES)?;
    let body = strip_eol(body)?.strip_suffix(DASHES)?.strip_suffix(label)?.strip_suffix(END)?;
    strip_last_eol(body)
}

/// What follows `-----BEGIN ` at the beginning of the file or of a line. Binary files have a zero
/// byte before it sooner or later.
fn begin(mut file: &[u8]) -> Option<&[u8]> {
    let mut at_line = true;
    loop {
        if at_line && let Some(found) = file.strip_prefix(BEGIN) {
            return Some(found);
        }
        let (byte, rest) = file.split_first().filter(|(byte, _)| **byte != 0)?;
        (at_line, file) = (*byte == b'\n', rest);
    }
}

/// What follows a line's end. RFC 7468 3: eol.
fn strip_eol(text: &[u8]) -> Option<&[u8]> {
    let eol = [&b"\r\n"[..], b"\r", b"\n"];
    eol.iter().find_map(|eol| text.strip_prefix(*eol))
}

fn strip_last_eol(text: &[u8]) -> Option<&[u8]> {
    let eol = [&b"\r\n"[..], b"\r", b"\n"];
    eol.iter().find_map(|eol| text.strip_suffix(*eol))
}

/// Appends what lines of base64 encode. RFC 4648 4, canonical.
fn decode_lines(mut text: &[u8], out: &mut Out) -> Result<()> {
    let width = text.iter().position(|c| matches!(c, b'\r' | b'\n')).unwrap_or(text.len());
    if width < LEAST_LINE {
        return Err(Error::BadKeyFile);
    }
    // Negative when a character was none of the alphabet; looked at when all are done.
    let mut all = 0;
    let mut group = Group::default();
    while !text.is_empty() {
        let (line, rest) = match text.split_at_checked(width) {
            Some((line, rest)) if !rest.is_empty() => (line, strip_eol(rest)),
            _ => (strip_last_eol(text).unwrap_or(text), Some(&[][..])),
        };
        text = rest.ok_or(Error::BadKeyFile)?;
        for character in line {
            // Only the last group may be padded.
            if let Some(group) = group.push(*character) {
                let bits = word(&group);
                all |= bits;
                let [_, bytes @ ..] = bits.to_be_bytes();
                out.push(&bytes)?;
            }
        }
    }
    all |= decode_last(&group, out)?;
    if all < 0 { Err(Error::BadKeyFile) } else { Ok(()) }
}

/// Four characters, as far as they came.
#[derive(Default)]
struct Group {
    characters: [u8; 4],
    count: usize,
}

impl Group {
    /// Takes a character, and gives the group before it when that is complete.
    fn push(&mut self, character: u8) -> Option<[u8; 4]> {
        let complete = (self.count == 4).then_some(self.characters);
        let [_, b, c, d] = self.characters;
        self.characters = [b, c, d, character];
        self.count = self.count % 4 + 1;
        complete
    }
}

/// Appends the last group's bytes; negative if it is not right.
fn decode_last(group: &Group, out: &mut Out) -> Result<i32> {
    if group.count != 4 {
        return Err(Error::BadKeyFile);
    }
    let ([a, b, c, d], len) = match group.characters {
        [a, b, b'=', b'='] => ([a, b, b'A', b'A'], 1),
        [a, b, c, b'='] => ([a, b, c, b'A'], 2),
        whole => (whole, 3),
    };
    let bits = word(&[a, b, c, d]);
    let [_, bytes @ ..] = bits.to_be_bytes();
    let (kept, unused) = bytes.split_at_checked(len).ok_or(Error::BadKeyFile)?;
    out.push(kept)?;
    let rest = unused.iter().fold(0, |all, byte| all | i32::from(*byte));
    Ok(bits | rest.wrapping_neg())
}

/// The 24 bits of four characters; negative if one is not of the alphabet.
fn word(group: &[u8; 4]) -> i32 {
    group.iter().fold(0, |bits, character| {
        let value = value(*character);
        bits << 6 | value | (bits | value) >> 31 << 24
    })
}

/// A character's value; negative if it has none. RFC 4648 table 1.
fn value(character: u8) -> i32 {
    let character = i32::from(character);
    let mut value = -1;
    for (first, last, start) in
        [(b'A', b'Z', 0), (b'a', b'z', 26), (b'0', b'9', 52), (b'+', b'+', 62), (b'/', b'/', 63)]
    {
        let (first, last) = (i32::from(first), i32::from(last));
        let within = !((character - first) | (last - character)) >> 31;
        value += black_box(within) & (character - first + start + 1);
    }
    value
}

/// Up to three bytes as four characters, padded.
fn encode_group(bytes: &[u8]) -> [u8; 4] {
    let mut word = [0; 4];
    for (to, from) in word.iter_mut().skip(1).zip(bytes) {
        *to = *from;
    }
    let word = i32::from_be_bytes(word);
    let [a, b, c, d] = [18, 12, 6, 0].map(|shift| character(word >> shift & 63));
    match bytes.len() {
        1 => [a, b, b'=', b'='],
        2 => [a, b, c, b'='],
        _ => [a, b, c, d],
    }
}

/// The character of a value from 0 to 63: that of the first range, and the differences to the
/// others.
fn character(value: i32) -> u8 {
    let mut character = value + i32::from(b'A');
    for (start, difference) in [(26, 6), (52, -75), (62, -15), (63, 3)] {
        character += black_box((start - 1 - value) >> 31) & difference;
    }
    character as u8
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    const LABELS: [&str; 2] = ["PRIVATE KEY", "EC PRIVATE KEY"];

    fn ours(file: &[u8]) -> Option<Vec<u8>> {
        let mut space = [0; 4096];
        let mut out = Out::new(&mut space);
        decode(file, &LABELS, &mut out).ok().map(|()| out.written().to_vec())
    }

    /// As key_file.rs used crate pem-rfc7468.
    fn peers(file: &[u8]) -> Option<Vec<u8>> {
        let mut decoder = pem_rfc7468::Decoder::new_detect_wrap(file.trim_ascii_end()).ok()?;
        if !LABELS.contains(&decoder.type_label()) {
            return None;
        }
        let mut space = [0; 4096];
        let bytes = decoder.decode(space.get_mut(..decoder.remaining_len())?).ok()?;
        decoder.is_finished().then(|| bytes.to_vec())
    }

    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            (self.0 >> 33) as usize % sides
        }
    }

    /// Every length gives the crate's text, and both read it; also with other widths and ends.
    #[test]
    fn same_text_as_the_peer() {
        let mut dice = Dice(1);
        for len in 1..300 {
            let bytes: Vec<u8> = (0..len).map(|_| dice.roll(256) as u8).collect();
            let mut space = [0; 1024];
            let mut out = Out::new(&mut space);
            encode(LABELS[0], &bytes, &mut out).unwrap();
            let mut theirs = [0; 1024];
            let eol = pem_rfc7468::LineEnding::LF;
            let theirs = pem_rfc7468::encode(LABELS[0], eol, &bytes, &mut theirs).unwrap();
            assert_eq!(out.written(), theirs.as_bytes());
            assert_eq!(out.len(), encoded_len(LABELS[0], len));
            assert_eq!(ours(theirs.as_bytes()), Some(bytes));
        }
    }

    /// Texts with one to four faults: both read the same, or neither does.
    #[test]
    fn same_verdict_as_the_peer() {
        const ODD: &[u8] = b"\n\r =-A/+\0\tz9:!EN";
        let mut dice = Dice(2);
        let (mut read, mut refused) = (0, 0);
        for _ in 0..60_000 {
            let bytes: Vec<u8> = (0..1 + dice.roll(90)).map(|_| dice.roll(256) as u8).collect();
            let label = LABELS[dice.roll(2)];
            let eol = ["\n", "\r\n", "\r"][dice.roll(3)].as_bytes();
            let mut characters: Vec<u8> = bytes.chunks(3).flat_map(encode_group).collect();
            if dice.roll(4) == 0 {
                characters.truncate(dice.roll(characters.len()));
            }
            let mut file = Vec::new();
            if dice.roll(4) == 0 {
                file.extend(b"text\n");
            }
            for part in [BEGIN, label.as_bytes(), DASHES, eol] {
                file.extend(part);
            }
            for line in characters.chunks([64, 64, 76, 4, 5, 3, 33][dice.roll(7)]) {
                file.extend(line);
                file.extend(eol);
            }
            for part in [END, label.as_bytes(), DASHES, eol] {
                file.extend(part);
            }
            for _ in 0..dice.roll(4) {
                let at = dice.roll(file.len());
                match dice.roll(3) {
                    0 => file[at] = ODD[dice.roll(ODD.len())],
                    1 => file.insert(at, ODD[dice.roll(ODD.len())]),
                    _ => drop(file.remove(at)),
                }
            }
            let (ours, peers) = (ours(&file), peers(&file));
            assert_eq!(ours, peers, "{:?}", core::str::from_utf8(&file));
            *(if ours.is_some() { &mut read } else { &mut refused }) += 1;
        }
        assert!(read > 10_000 && refused > 10_000, "{read} {refused}");
    }
}
