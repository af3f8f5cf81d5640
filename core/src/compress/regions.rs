//! Whether plaintext is worth compressing, told from samples of its regions.
//!
//! zstd at level 1 takes 0.1 to 0.9 ns a byte to find nothing in bytes that do not compress,
//! more than encrypting them takes. [`incompressible`] comes first. It knows nothing of frames, and
//! says yes or no for a whole block: one region that promises something sends the block to zstd,
//! which gets over the others fast enough. (Raw blocks for those would save at most 2 % of the
//! time on a disk's mixture, and cost zstd its history.)
//!
//! Implementation notes. Of every `step` bytes, a piece of 8 is looked at.
//!
//! 1. *Uneven bytes.* The pieces' bytes are counted, and Pearson's chi-squared against even
//!    counts, `256/n * sum(count^2) - n`, is about 255 (deviation 22.6) for bytes that don't
//!    compress and n * (256 p - 1) more when two bytes are equal with probability p: with 4 KiB of
//!    text in 32 KiB, 200 more. Among blocks of 64 KiB of compressed files, those that zstd cannot
//!    shrink are mostly below 345 (19 of 20), those that it shrinks by 2 % above (likewise).
//! 2. *Repeats.* Even counts do not show that random bytes come twice. Every piece is looked up in
//!    a small memory of earlier ones and remembered. That finds copies at a distance of whole
//!    steps, as files in sectors lie. At each region's end `step` positions in a row are looked up:
//!    a copy from any other distance that reaches there meets a piece.
//!
//! All of it takes about 0.02 ns a byte of noise, and 0.1 us of a block that compresses well;
//! `examples/regions_bench.rs` measures that, and what it costs in size: 0.005 % of a disk's
//! mixture, 0.1 % of a collection of compressed files and repeated noise. The time depends on the
//! content, as that of compressing does. Integers only, no allocation, 9 KiB of stack.

/// Higher levels of zstd look for more than samples show: at 3 a disk's mixture loses 0.005 %, but
/// at 19 compressed files lose 0.3 %, and counters between random bytes 4 %.
const HIGHEST_LEVEL: i32 = 3;
/// Below, pieces would be too few, and zstd has little to lose.
const SHORTEST: usize = 512;
/// Pieces of a first look at the whole block: what compresses well pays for no other. (Text has a
/// chi-squared of about 2000 there.)
const FIRST_LOOK: usize = 16;
/// One piece is looked at in so many bytes, when there are many.
const STEP_MAX: usize = 256;
/// Fewest pieces of a block: 512 bytes tell text and tables of numbers from noise.
const PIECES: usize = 64;
/// Pieces that are counted together. More would hide a compressible part among the others.
const REGION_PIECES: usize = 128;
/// Chi-squared of an uneven region: four deviations above the mean. Of random regions one in 7,000
/// is above, and costs its block the time that zstd takes.
const UNEVEN: u32 = 255 + 90;
/// Remembered pieces: as many as zstd's window at level 1 has, 512 KiB.
const REMEMBERED: usize = 2048;

const _: () = assert!(REMEMBERED.is_power_of_two() && STEP_MAX.is_power_of_two());
const _: () = assert!(SHORTEST >= PIECES * size_of::<Piece>(), "pieces don't overlap");

type Piece = [u8; 8];

/// Whether compressing `plain` at `level` is not worth trying.
///
/// For levels up to 3; above, the answer is always no. It can be wrong both ways: repeats of random
/// bytes go unnoticed if they are far apart, or short and at odd distances.
pub fn incompressible(plain: &[u8], level: i32) -> bool {
    if level > HIGHEST_LEVEL || plain.len() < SHORTEST {
        return false;
    }
    if is_uneven(plain, plain.len() / FIRST_LOOK) {
        return false;
    }
    let step = (1 << (plain.len() / PIECES).ilog2()).min(STEP_MAX);
    let mut memory = Memory([0; REMEMBERED]);
    let mut regions = plain.chunks(step * REGION_PIECES);
    regions.all(|region| !is_uneven(region, step) && !memory.has_met(region, step))
}

/// The pieces of `bytes`; a shorter rest is left out.
fn pieces(bytes: &[u8], step: usize) -> impl Iterator<Item = &Piece> {
    bytes.chunks(step).filter_map(|chunk| chunk.first_chunk())
}

/// Whether some bytes are so frequent that an entropy coder gains.
fn is_uneven(region: &[u8], step: usize) -> bool {
    // Two tables: an increment need not wait for the one before it.
    let (mut even, mut odd) = ([0u16; 256], [0u16; 256]);
    let mut sampled = 0;
    for piece in pieces(region, step) {
        for [a, b] in piece.as_chunks().0 {
            even[usize::from(*a)] += 1;
            odd[usize::from(*b)] += 1;
        }
        sampled += piece.len() as u32;
    }
    let counts = even.iter().zip(odd).map(|(a, b)| u32::from(a + b));
    let squares: u32 = counts.map(|count| count * count).sum();
    256 * squares > sampled * (sampled + UNEVEN)
}

/// Tags of pieces that were met, each at a place of its own choice; the newest stays.
///
/// An empty place is that of eight zeros, which compress anyhow.
struct Memory([u32; REMEMBERED]);

impl Memory {
    /// Whether a piece of `region` was met before, or one of the `step` positions at its end.
    fn has_met(&mut self, region: &[u8], step: usize) -> bool {
        let tail = region.len().saturating_sub(step + size_of::<Piece>() - 1);
        let end = region.get(tail..).unwrap_or_default();
        let mut positions = end.windows(size_of::<Piece>());
        // The last pieces are remembered last, or the positions at the end would meet themselves.
        let whole_steps = tail & !(step - 1);
        let (early, late) = region.split_at_checked(whole_steps).unwrap_or((region, &[]));
        pieces(early, step).any(|piece| self.meets(piece))
            || positions.any(|bytes| bytes.first_chunk().is_some_and(|piece| self.knows(piece)))
            || pieces(late, step).any(|piece| self.meets(piece))
    }

    /// Remembers a piece, and says whether it was known.
    fn meets(&mut self, piece: &Piece) -> bool {
        let (place, tag) = place_and_tag(piece);
        core::mem::replace(&mut self.0[place], tag) == tag
    }

    fn knows(&self, piece: &Piece) -> bool {
        let (place, tag) = place_and_tag(piece);
        self.0[place] == tag
    }
}

/// Multiplying by 2^64 divided by the golden ratio spreads a piece over the upper bits.
fn place_and_tag(piece: &Piece) -> (usize, u32) {
    let hash = u64::from_le_bytes(*piece).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((hash >> 53) as usize % REMEMBERED, (hash >> 21) as u32)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// Random enough for zstd and for these tests.
    fn noise(seed: u64, len: usize) -> Vec<u8> {
        let mut state = seed | 1;
        let next = || {
            state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            (state >> 56) as u8
        };
        core::iter::repeat_with(next).take(len).collect()
    }

    fn at(base: &[u8], offset: usize, part: &[u8]) -> Vec<u8> {
        let mut bytes = base.to_vec();
        bytes[offset..offset + part.len()].copy_from_slice(part);
        bytes
    }

    #[test]
    fn noise_is_incompressible() {
        for len in [512, 513, 4095, 4096, 4097, 9000, 16384, 32769, 65536, 65537, 1 << 20, 5 << 20]
        {
            let plain = noise(len as u64, len);
            for level in [-131072, -1, 0, 1, 3] {
                assert!(incompressible(&plain, level), "{len} {level}");
            }
            for level in [4, 9, 22] {
                assert!(!incompressible(&plain, level), "{len} {level}");
            }
        }
        for len in 0..512 {
            assert!(!incompressible(&noise(1, len), 1), "{len}");
        }
        // One in 7,000 regions may look uneven.
        let refused = (0..1000).filter(|seed| !incompressible(&noise(*seed, 65536), 1)).count();
        assert!(refused <= 3, "{refused}");
    }

    /// In noise, the one compressible part is seen wherever it is: text, or zeros.
    #[test]
    fn small_parts_anywhere() {
        let text = |len| b"one line, and another one: text.\n".iter().copied().cycle().take(len);
        for (len, part) in [(4096, 1024), (16384, 4096), (65536, 4096), (1 << 20, 4096)] {
            let base = noise(7, len);
            for offset in (0..=len - part).step_by(part / 2) {
                let zeros = core::iter::repeat_n(0, part / 2);
                let parts: [Vec<u8>; 2] = [text(part).collect(), zeros.collect()];
                for (kind, part) in parts.iter().enumerate() {
                    assert!(!incompressible(&at(&base, offset, part), 1), "{len} {offset} {kind}");
                }
            }
        }
    }

    /// Noise that comes twice: in sectors at any place, or a whole period at any distance.
    #[test]
    fn repeats() {
        for len in [4096, 16384, 65536, 1 << 20] {
            let base = noise(3, len);
            for (from, to) in [(0, 1), (1, 3), (2, 3)] {
                let sector = base[from * len / 4..][..len / 8].to_vec();
                assert!(!incompressible(&at(&base, to * len / 4, &sector), 1), "{len} {from} {to}");
            }
            for distance in [len / 2 - 1, len / 2 - 100, len / 3, len / 4 + 7] {
                let period = base[..distance].iter().copied().cycle().take(len).collect::<Vec<_>>();
                assert!(!incompressible(&period, 1), "{len} {distance}");
            }
        }
    }

    /// Text in another alphabet than bytes: base64, UTF-16, samples of sound.
    #[test]
    fn encodings() {
        for len in [4096, 65536] {
            let base = noise(5, len);
            let sixty_four = base.iter().map(|byte| b'0' + byte % 64).collect::<Vec<_>>();
            let wide = base.iter().flat_map(|byte| [*byte, 0]).collect::<Vec<_>>();
            let sound = base
                .chunks(2)
                .flat_map(|pair| (i16::from(pair[0] as i8) * 20 + i16::from(pair[1])).to_le_bytes())
                .collect::<Vec<_>>();
            for (kind, plain) in [sixty_four, wide, sound].iter().enumerate() {
                assert!(!incompressible(plain, 1), "{len} {kind}");
            }
        }
    }
}
