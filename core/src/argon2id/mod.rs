//! Argon2id, version 0x13 (RFC 9106), in memory that the caller lends: lanes one after the other,
//! no secret value, no associated data, a tag of 32 bytes.
//!
//! Crate argon2 checks with assertions that may panic what is checked here by `get`. Read
//! `argon2_block.rs` first.

#[allow(unsafe_code)]
mod argon2_block;

pub use argon2_block::Block;
use argon2_block::WORDS;
use zeroize::Zeroizing;

use crate::blake2b::{self, DIGEST};
use crate::cpu::Cpu;
use crate::error::{Error, Result};
use crate::secret::Key;

/// Parts of a lane between which lanes wait for each other. RFC 9106 3.4: SL.
const SLICES: usize = 4;
const VERSION: u32 = 0x13;
/// RFC 9106 3.2: y of Argon2id.
const TYPE: u32 = 2;
/// Size of the tag.
const TAG: usize = 32;

/// What a derivation costs.
#[derive(Clone, Copy)]
pub struct Cost {
    /// KiB of memory, at least 8 for each lane.
    pub memory: u32,
    /// Passes over it, one at least.
    pub passes: u32,
    /// Lanes, one at least.
    pub lanes: u32,
}

impl Cost {
    /// Blocks in a segment. RFC 9106 3.2 step 2: the memory is cut to whole segments.
    fn segment(self) -> Option<usize> {
        self.memory.checked_div(SLICES as u32 * self.lanes).map(|len| len as usize)
    }

    /// The blocks that [`derive`] works on.
    pub fn blocks(self) -> usize {
        self.segment().unwrap_or(0) * SLICES * self.lanes as usize
    }
}

/// The key of `password`, by [`Cost::blocks`] blocks or more of memory. What it leaves there is
/// the caller's to wipe.
///
/// # Errors
/// [`Error::InvalidArgument`]: a cost below its minimum. [`Error::WorkspaceTooSmall`]: too few
/// blocks.
pub fn derive(cost: Cost, password: &[u8], salt: &[u8], memory: &mut [Block]) -> Result<Key> {
    let segment = cost.segment().filter(|len| *len >= 2 && cost.passes > 0);
    let segment = segment.ok_or(Error::InvalidArgument)?;
    let memory = memory.get_mut(..cost.blocks()).ok_or(Error::WorkspaceTooSmall)?;
    let first = first_hash(cost, password, salt);
    let lane_len = (SLICES * segment).max(1);
    for (lane, blocks) in memory.chunks_mut(lane_len).enumerate() {
        for (column, block) in (0_u32..2).zip(blocks) {
            let place = [column, lane as u32].map(u32::to_le_bytes);
            fill(block, &[&*first, place.as_flattened()]);
        }
    }
    let mut filler = Filler { cpu: Cpu::detect(), cost, segment, memory };
    for pass in 0..cost.passes as usize {
        for slice in 0..SLICES {
            for lane in 0..cost.lanes as usize {
                filler.fill_segment(Place { pass, slice, lane }).ok_or(Error::WorkspaceTooSmall)?;
            }
        }
    }
    tag(memory, lane_len).ok_or(Error::WorkspaceTooSmall)
}

/// RFC 9106 3.2 steps 7 and 8: the last lane's last block takes the other lanes' up.
fn tag(memory: &mut [Block], lane_len: usize) -> Option<Key> {
    let (sum, others) = memory.split_last_mut()?;
    // It is not 0, which the compiler does not always see.
    let lanes = others.chunks_exact(lane_len.max(1));
    lanes.filter_map(|lane| lane.last()).for_each(|last| sum.add(last));
    let len = (TAG as u32).to_le_bytes();
    Some(Key::copy_of(&Zeroizing::new(blake2b::hash(&[&len, sum.bytes()]))))
}

/// H0. RFC 9106 3.2 step 1.
fn first_hash(cost: Cost, password: &[u8], salt: &[u8]) -> Zeroizing<[u8; DIGEST]> {
    let numbers = [cost.lanes, TAG as u32, cost.memory, cost.passes, VERSION, TYPE];
    let numbers = numbers.map(u32::to_le_bytes);
    let len = |bytes: &[u8]| (bytes.len() as u32).to_le_bytes();
    let no_secret_nor_data = [0; 8];
    Zeroizing::new(blake2b::hash(&[
        numbers.as_flattened(),
        &len(password),
        password,
        &len(salt),
        salt,
        &no_secret_nor_data,
    ]))
}

/// H' with 1024 bytes. RFC 9106 3.3.
fn fill(block: &mut Block, parts: &[&[u8]; 2]) {
    let len = (8 * WORDS as u32).to_le_bytes();
    let mut v = Zeroizing::new(blake2b::hash::<DIGEST>(&[&len, parts[0], parts[1]]));
    let (chunks, _) = block.words_mut().as_chunks_mut::<4>();
    let last = chunks.len() - 1;
    for (number, chunk) in chunks.iter_mut().enumerate() {
        // Half of each digest; of the last one both.
        if 0 < number && number < last {
            *v = blake2b::hash(&[&*v]);
        }
        let (words, _) = v.as_chunks();
        let half = words.iter().skip(if number == last { 4 } else { 0 });
        chunk.iter_mut().zip(half).for_each(|(to, from)| *to = u64::from_le_bytes(*from));
    }
}

/// Where a segment lies.
#[derive(Clone, Copy)]
struct Place {
    pass: usize,
    slice: usize,
    lane: usize,
}

struct Filler<'m> {
    cpu: Cpu,
    cost: Cost,
    segment: usize,
    memory: &'m mut [Block],
}

impl Filler<'_> {
    /// RFC 9106 3.2 steps 5 and 6, for one segment. `None`: a block is not there.
    ///
    /// What takes a block of stack is a function of its own, never inlined: one at a time is
    /// enough.
    #[inline(never)]
    fn fill_segment(&mut self, place: Place) -> Option<()> {
        let lane_len = SLICES * self.segment;
        let start = place.lane * lane_len;
        // RFC 9106 3.4.1.3: Argon2id takes addresses from the password in the second half only.
        let independent = place.pass == 0 && place.slice < SLICES / 2;
        let mut addresses = Addresses::new(self, place);
        let made = if place.pass == 0 && place.slice == 0 { 2 } else { 0 };
        for index in made..self.segment {
            let column = place.slice * self.segment + index;
            let previous = start + if column == 0 { lane_len - 1 } else { column - 1 };
            let random = if independent {
                addresses.at(self.memory, index)?
            } else {
                self.memory.get(previous)?.words()[0]
            };
            let reference = self.reference(place, index, random);
            let over = place.pass > 0;
            self.mix_into(start + column, previous, reference, over)?;
        }
        Some(())
    }

    /// The block that `random` points to. RFC 9106 3.4.1.
    fn reference(&self, place: Place, index: usize, random: u64) -> usize {
        let (segment, lane_len) = (self.segment, SLICES * self.segment);
        let first_slice = place.pass == 0 && place.slice == 0;
        let any_lane = (random >> 32) as u32 % self.cost.lanes.max(1);
        let lane = if first_slice { place.lane } else { any_lane as usize };
        // What is finished of the lane, and the segment's own blocks but the previous one.
        let finished = if place.pass == 0 { place.slice * segment } else { lane_len - segment };
        let area = if lane == place.lane {
            finished + index - 1
        } else {
            finished - usize::from(index == 0)
        };
        let square = (random & 0xffff_ffff).wrapping_mul(random & 0xffff_ffff) >> 32;
        let back = ((area as u64).wrapping_mul(square) >> 32) as usize;
        let next_slice = (place.slice + 1) % SLICES * segment;
        let begin = if place.pass == 0 { 0 } else { next_slice };
        let column = begin + (area - 1 - back);
        lane * lane_len + if column >= lane_len { column - lane_len } else { column }
    }

    /// Makes block `at` from two others, or from three with itself.
    #[inline(never)]
    fn mix_into(&mut self, at: usize, previous: usize, reference: usize, over: bool) -> Option<()> {
        let mut sum = *self.memory.get(previous)?;
        let reference = self.memory.get(reference)?;
        sum.add(reference);
        self.memory.get_mut(at)?.take(self.cpu, &mut sum, over);
        Some(())
    }
}

/// Addresses that depend on no secret, 128 at a time. RFC 9106 3.4.1.2.
///
/// They stand in the memory's last block, which is not used before the last slice.
struct Addresses {
    cpu: Cpu,
    /// What the input block begins with; its other words are 0.
    numbers: [u64; 7],
}

impl Addresses {
    fn new(filler: &Filler, place: Place) -> Self {
        let numbers = [
            place.pass as u64,
            place.lane as u64,
            place.slice as u64,
            filler.memory.len() as u64,
            filler.cost.passes.into(),
            TYPE.into(),
            0,
        ];
        Addresses { cpu: filler.cpu, numbers }
    }

    fn at(&mut self, memory: &mut [Block], index: usize) -> Option<u64> {
        let made = memory.last_mut()?;
        let number = (index / WORDS) as u64 + 1;
        if self.numbers[6] != number {
            self.numbers[6] = number;
            self.make(made);
        }
        made.words().get(index % WORDS).copied()
    }

    #[inline(never)]
    fn make(&self, made: &mut Block) {
        *made = Block::default();
        made.words_mut().iter_mut().zip(self.numbers).for_each(|(to, from)| *to = from);
        for _ in 0..2 {
            let mut before = *made;
            made.take(self.cpu, &mut before, false);
        }
    }
}
