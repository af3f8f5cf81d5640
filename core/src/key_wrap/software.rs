//! Key wrap by the portable AES, eight rows at a time: for processors without an engine of ours,
//! and for who has no engine at hand.

use super::WRAPPED;
use super::group::{Group, IV, in_groups};
use crate::aead::portable::{BLOCKS, EightBlocks};
use crate::error::{Error, Result};
use crate::secret::Key;

type Rows = Group<BLOCKS>;

/// The semiblocks of a key.
const SEMIBLOCKS: usize = 4;
/// AES blocks in a chain: six for each semiblock. RFC 3394 2.2.
const STEPS: u64 = 6 * SEMIBLOCKS as u64;

/// As [`super::wrap`].
pub fn wrap(kek: &Key, key: &Key) -> [u8; WRAPPED] {
    let mut group = Rows::zero();
    group.set_key(0, key);
    wrap_group(&EightBlocks::new(kek), &mut group);
    group.wrapped(0)
}

/// As [`super::unwrap`].
pub fn unwrap(kek: &Key, wrapped: &[u8; WRAPPED]) -> Result<Key> {
    let mut group = Rows::zero();
    group.set_wrapped(0, wrapped);
    unwrap_group(&EightBlocks::new(kek), &mut group);
    if group.is_good(0) { Ok(group.key(0)) } else { Err(Error::NotAuthentic) }
}

/// As [`super::rewrap`].
pub fn rewrap(
    from: &Key,
    to: &Key,
    rows: &[[u8; WRAPPED]],
    each: impl FnMut(Result<[u8; WRAPPED]>),
) {
    let (from, to) = (EightBlocks::new(from), EightBlocks::new(to));
    in_groups(rows, each, |group: &mut Rows| {
        unwrap_group(&from, group);
        wrap_group(&to, group);
    });
}

/// RFC 3394 2.2.1.
///
/// ```text
/// For j = 0 to 5
///   For i = 1 to n
///     B = AES(K, A | R[i])
///     A = MSB(64, B) ^ t where t = (n*j)+i
///     R[i] = LSB(64, B)
/// ```
fn wrap_group(kek: &EightBlocks, group: &mut Rows) {
    let mut a = [IV; BLOCKS];
    for t in 1..=STEPS {
        let Some(blocks) = group.blocks.get_mut((t - 1) as usize % SEMIBLOCKS) else { return };
        set_front(blocks, &a);
        kek.encrypt(blocks);
        a = front_with(blocks, t);
    }
    let [.., last] = &mut group.blocks;
    set_front(last, &a);
}

/// RFC 3394 2.2.2.
///
/// ```text
/// For j = 5 to 0
///   For i = n to 1
///     B = AES-1(K, (A ^ t) | R[i]) where t = n*j+i
///     A = MSB(64, B)
///     R[i] = LSB(64, B)
/// ```
fn unwrap_group(kek: &EightBlocks, group: &mut Rows) {
    let [first, ..] = &group.blocks;
    let mut a = front_with(first, STEPS);
    for t in (1..=STEPS).rev() {
        let Some(blocks) = group.blocks.get_mut((t - 1) as usize % SEMIBLOCKS) else { return };
        set_front(blocks, &a);
        kek.decrypt(blocks);
        // The next step's A ^ t; the last one's A, for its t is 0.
        a = front_with(blocks, t - 1);
    }
    set_front(&mut group.checks, &a);
}

/// Puts each row's A in front of its R.
fn set_front(blocks: &mut [[u8; 16]; BLOCKS], a: &[[u8; 8]; BLOCKS]) {
    for (block, a) in blocks.iter_mut().zip(a) {
        block.iter_mut().zip(a).for_each(|(to, from)| *to = *from);
    }
}

/// Each row's A, with `t`.
fn front_with(blocks: &[[u8; 16]; BLOCKS], t: u64) -> [[u8; 8]; BLOCKS] {
    blocks.map(|[a, b, c, d, e, f, g, h, ..]| {
        (u64::from_be_bytes([a, b, c, d, e, f, g, h]) ^ t).to_be_bytes()
    })
}
