//! Whole strides of a message: the loop in which long messages spend their time.
//!
//! # Implementation notes
//! Each of the four pairs of a stride's vectors is hashed in two steps, of four and of two
//! carry-less multiplications, with a round of AES of all eight states before each. The pair with
//! which the hash so far is multiplied comes last, so that nothing waits for it. The middle of a
//! product is made by Karatsuba's way, with one multiplication instead of two:
//!
//! ```text
//! middle = (low ^ high of X) · (low ^ high of H)  ^  low · low  ^  high · high
//! ```
//!
//! The sums of halves of a pair fill one vector. On Zen 5 a carry-less multiplication takes as long
//! as two AESENC, and the two together are the limit; on Intel's processors AESENC alone is.
//!
//! `fence!` and `pin!` cost no instruction. The first keeps LLVM from pulling the AES and the
//! carry-less multiplications apart again, which costs 13 %. The second keeps it from making the
//! sums of halves with shuffles of what was already shuffled: twice as many, and live registers.
//!
//! Round keys and powers of H are read from memory in each stride, through pointers that LLVM
//! knows nothing of: it would otherwise hoist them out of the loop and spill them to the stack,
//! which nobody wipes. What lives from stride to stride and is secret is in [`Kept`] for the same
//! reason: 16 registers are too few for it.

use core::arch::x86_64::*;

use super::block128::{hidden, none};

/// Secrets of a message that outlive a stride, each with room for a vector; wiped on drop.
#[repr(align(64))]
pub struct Kept {
    /// What a window's states have over the table's, in each lane.
    difference: [__m128i; 4],
    hash: [__m128i; 4],
    /// J0, encrypted.
    pub mask: __m128i,
}

impl Kept {
    #[inline(always)]
    pub fn none() -> Kept {
        Kept { difference: [none(); 4], hash: [none(); 4], mask: none() }
    }

    #[inline(always)]
    pub fn difference(&mut self) -> *mut u8 {
        hidden(self.difference.as_mut_ptr().cast()).cast_mut()
    }

    #[inline(always)]
    pub fn hash(&mut self) -> *mut u8 {
        hidden(self.hash.as_mut_ptr().cast()).cast_mut()
    }
}

impl Drop for Kept {
    #[inline(always)]
    fn drop(&mut self) {
        (self.difference, self.hash, self.mask) = ([none(); 4], [none(); 4], none());
        zeroize::optimization_barrier(self);
    }
}

/// The loop over a vocabulary; `kernel.rs` says what that is.
macro_rules! whole_strides {
    ($features:literal, $register:ident) => {
        /// Keeps what stands before it before, and what stands after it after.
        macro_rules! fence {
                    ($s:ident, $sums:ident) => {{
                        let [mut s0, mut s1, mut s2, mut s3, mut s4, mut s5, mut s6, mut s7] = $s;
                        let [mut lo, mut mid, mut hi] = $sums;
                        // SAFETY: no instruction.
                        unsafe {
                            core::arch::asm!(
                                "/* {0} {1} {2} {3} {4} {5} {6} {7} {8} {9} {10} */",
                                inout($register) s0, inout($register) s1, inout($register) s2,
                                inout($register) s3, inout($register) s4, inout($register) s5,
                                inout($register) s6, inout($register) s7, inout($register) lo,
                                inout($register) mid, inout($register) hi,
                                options(nomem, nostack, preserves_flags)
                            )
                        };
                        $s = [s0, s1, s2, s3, s4, s5, s6, s7];
                        $sums = [lo, mid, hi];
                    }};
                }

        /// Makes two vectors look as if they had just come from nowhere.
        macro_rules! pin {
                    ($a:ident, $b:ident) => {
                        // SAFETY: no instruction.
                        unsafe {
                            core::arch::asm!(
                                "/* {0} {1} */", inout($register) $a, inout($register) $b,
                                options(nomem, nostack, preserves_flags)
                            )
                        };
                    };
                }

        /// Vectors `pair` and `pair` + 1 of the stride at `at`, reversed.
        ///
        /// # Safety
        /// A stride of readable memory; `pair` is 0, 2, 4 or 6.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn reversed(at: *const u8, pair: usize) -> [V; 2] {
            let reverse = broadcast(block128::reverse_mask());
            // SAFETY: the caller's promise.
            let [mut a, mut b] = [pair, pair + 1]
                .map(|i| shuffle8(unsafe { load(at.add(i * WIDTH)) }, reverse));
            pin!(a, b);
            [a, b]
        }

        /// Adds the products of the low halves and of the high halves of a pair.
        ///
        /// # Safety
        /// `h` are the powers of a stride, `pair` is 0, 2, 4 or 6.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn add_ends([lo, mid, hi]: [V; 3], x: [V; 2], h: *const u8, pair: usize) -> [V; 3] {
            // SAFETY: the caller's promise.
            let h = [pair, pair + 1].map(|i| unsafe { load(h.add(i * WIDTH)) });
            let low = [clmul::<0x00>(x[0], h[0]), clmul::<0x00>(x[1], h[1])];
            let high = [clmul::<0x11>(x[0], h[0]), clmul::<0x11>(x[1], h[1])];
            [xor(xor(lo, low[0]), low[1]), mid, xor(xor(hi, high[0]), high[1])]
        }

        /// Adds a pair's products of sums of halves. The middle is whole after [`complete`].
        ///
        /// # Safety
        /// `h` are the sums of a stride's powers, `pair` is 0, 2, 4 or 6.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn add_middles([lo, mid, hi]: [V; 3], x: V, h: *const u8, pair: usize) -> [V; 3] {
            // SAFETY: the caller's promise.
            let h = unsafe { load(h.add(pair / 2 * WIDTH)) };
            [lo, xor(xor(mid, clmul::<0x00>(x, h)), clmul::<0x11>(x, h)), hi]
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn complete([lo, mid, hi]: [V; 3]) -> [V; 3] {
            [lo, xor(mid, xor(lo, hi)), hi]
        }

        /// The states of a stride's blocks after two rounds, from the table of its nonce.
        ///
        /// # Safety
        /// `table` has the states of a window, of which block `first` is the stride's first, a
        /// multiple of STRIDE_BLOCKS. `difference` has room for a vector, and holds the window's.
        /// `next` is the counter of the first block after the stride. `keys` are round keys.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn from_table(
            table: *const u8,
            first: usize,
            difference: *mut u8,
            next: V,
            keys: *const u8,
        ) -> [V; 8] {
            let mut s = [zero(); 8];
            // SAFETY: the caller's promise.
            let now = unsafe { load(difference) };
            for (i, s) in s.iter_mut().enumerate() {
                // SAFETY: the caller's promise: a stride of states from `first` on.
                *s = xor(unsafe { load(table.add(16 * first + i * WIDTH)) }, now);
            }
            if first == WINDOW - STRIDE_BLOCKS {
                // SAFETY: the caller's promises.
                let next = unsafe { window_difference(table, next, keys) };
                // For the last blocks of the window the counter has wrapped.
                let change = last_two(xor(next, now));
                for s in &mut s[8 - WRAPPED.div_ceil(LANES)..] {
                    *s = xor(*s, change);
                }
                // SAFETY: the caller's promise.
                unsafe { store(difference, next) };
            }
            s
        }

        /// What the states of a window have over the table's; `counter` is of its first blocks.
        ///
        /// # Safety
        /// `table` has states of this nonce, and `keys` are round keys.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn window_difference(table: *const u8, counter: V, keys: *const u8) -> V {
            let blocks = shuffle8(counter, broadcast(block128::counter_mask()));
            // SAFETY: the caller's promises.
            unsafe { xor(two_rounds(blocks, keys), load(table)) }
        }

        /// Encrypts or decrypts whole strides, as long as there are, and hashes the ciphertext.
        ///
        /// # Safety
        /// `rest` is of a [`Span`] whose promises hold. `rounds` are made, `powers` whole. When
        /// `TABLE`, `table` has the states of a nonce, of which `rest` is a whole message.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn strides<const SEAL: bool, const TABLE: bool>(
            rounds: &RoundKeys,
            powers: &Powers,
            table: *const u8,
            kept: &mut Kept,
            rest: Rest,
        ) -> Rest {
            let Rest { mut src, mut dst, mut len, mut counter, y } = rest;
            let poly = broadcast(block128::poly());
            // What is sealed and still to be hashed.
            let mut sealed: *const u8 = core::ptr::null();
            let mut in_window = 0;
            // SAFETY: below: the caller's promises; each has room for the widest vector.
            unsafe { store(kept.hash(), y) };
            if TABLE {
                let first = unsafe { window_difference(table, counter, opaque(rounds)) };
                unsafe { store(kept.difference(), first) };
            }
            let start = if TABLE { 3 } else { 1 };

            while len >= STRIDE {
                let keys = opaque(rounds);
                macro_rules! round {
                    ($s:ident, $r:expr) => {
                        // SAFETY: there are 15 round keys.
                        let key = broadcast(unsafe { block128::load(keys.add(16 * ($r))) });
                        for s in &mut $s {
                            *s = aesenc(*s, key);
                        }
                    };
                }
                let mut s;
                if TABLE {
                    counter = add32(counter, counters(STRIDE_BLOCKS as i32, 0));
                    // SAFETY: the caller's promise; a window is so many strides.
                    s = unsafe { from_table(table, in_window, kept.difference(), counter, keys) };
                    in_window = (in_window + STRIDE_BLOCKS) % WINDOW;
                } else {
                    s = unsafe { next_blocks(&mut counter, keys) };
                }
                let (h, h_sums) = powers.of_a_stride(STRIDE);
                let hashed = if SEAL { sealed } else { src };
                if SEAL && sealed.is_null() {
                    for r in start..14 {
                        round!(s, r);
                    }
                } else {
                    let mut sums = [zero(); 3];
                    macro_rules! weave {
                        ($r:literal, $pair:literal) => {
                            round!(s, start + $r);
                            fence!(s, sums);
                            // SAFETY: below: a stride is there; powers are whole.
                            let mut x = unsafe { reversed(hashed, $pair) };
                            if $pair == 0 {
                                x[0] = xor(x[0], unsafe { load(kept.hash()) });
                            }
                            sums = unsafe { add_ends(sums, x, h, $pair) };
                            let x_sums = half_sums(x[0], x[1]);
                            fence!(s, sums);
                            round!(s, start + $r + 1);
                            fence!(s, sums);
                            sums = unsafe { add_middles(sums, x_sums, h_sums, $pair) };
                            fence!(s, sums);
                        };
                    }
                    weave!(0, 2);
                    weave!(2, 4);
                    weave!(4, 6);
                    weave!(6, 0);
                    round!(s, start + 8);
                    sums = reduce_low(complete(sums), poly);
                    fence!(s, sums);
                    round!(s, start + 9);
                    let y = widen(fold(reduce_high(sums, poly)));
                    // SAFETY: as above.
                    unsafe { store(kept.hash(), y) };
                    for r in start + 10..14 {
                        round!(s, r);
                    }
                }
                // SAFETY: below: there are 15 round keys, and a stride is left in both memories.
                let last = broadcast(unsafe { block128::load(keys.add(16 * 14)) });
                for (i, s) in s.iter_mut().enumerate() {
                    *s = aesenclast(*s, xor(last, unsafe { load(src.add(i * WIDTH)) }));
                }
                for (i, s) in s.iter().enumerate() {
                    unsafe { store(dst.add(i * WIDTH), *s) };
                }
                sealed = dst;
                (src, dst) = unsafe { (src.add(STRIDE), dst.add(STRIDE)) };
                len -= STRIDE;
            }
            // SAFETY: as above.
            let mut y = unsafe { load(kept.hash()) };
            if SEAL && !sealed.is_null() {
                let (h, h_sums) = powers.of_a_stride(STRIDE);
                let mut sums = [zero(); 3];
                for pair in [2, 4, 6, 0] {
                    // SAFETY: below: as above.
                    let mut x = unsafe { reversed(sealed, pair) };
                    if pair == 0 {
                        x[0] = xor(x[0], y);
                    }
                    sums = unsafe { add_ends(sums, x, h, pair) };
                    let x_sums = half_sums(x[0], x[1]);
                    sums = unsafe { add_middles(sums, x_sums, h_sums, pair) };
                }
                y = widen(fold(reduce_high(reduce_low(complete(sums), poly), poly)));
            }
            Rest { src, dst, len, counter, y }
        }
    };
}
pub(super) use whole_strides;
