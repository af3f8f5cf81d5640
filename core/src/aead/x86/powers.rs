//! Powers of H, and products with them.
//!
//! # Implementation notes
//! n powers times H^n are the next n; so a vector becomes two, four and eight, each time with a
//! latency of one product, and no more than messages need.

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use super::block128::{hidden, none};

/// Powers of H that the widest stride needs.
pub const POWERS: usize = 32;
/// Read beyond the powers by a last vector; multiplied with zeros.
const PADDING: usize = 3;

/// H, H^2, …, stored from the highest to H itself, each multiplied by x. Wiped on drop.
///
/// Invariant: the last `count` of the powers are made, and the padding behind them; when `whole`,
/// the sums too. What is not made is not initialised either, so that short messages do not pay.
#[repr(align(64))]
pub struct Powers {
    table: [MaybeUninit<__m128i>; POWERS + PADDING],
    /// The sums of the halves of a whole stride of powers, two in a block.
    sums: [MaybeUninit<__m128i>; POWERS / 2],
    pub h: __m128i,
    pub count: usize,
    pub whole: bool,
}

impl Powers {
    /// None yet.
    #[inline(always)]
    pub fn none() -> Self {
        let mut table = [MaybeUninit::uninit(); POWERS + PADDING];
        table[POWERS..].fill(MaybeUninit::new(none()));
        let sums = [MaybeUninit::uninit(); POWERS / 2];
        Powers { table, sums, h: none(), count: 0, whole: false }
    }

    /// Where H ends.
    #[inline(always)]
    pub fn end(&self) -> *const u8 {
        self.table.as_ptr().wrapping_add(POWERS).cast()
    }

    /// Where H ends, and where the sums begin.
    #[inline(always)]
    pub fn places(&mut self) -> (*mut u8, *mut u8) {
        let end = self.table.as_mut_ptr().wrapping_add(POWERS);
        (end.cast(), self.sums.as_mut_ptr().cast())
    }

    /// The powers of a stride of `len` bytes, and their sums, behind pointers that the optimiser
    /// knows nothing of.
    #[inline(always)]
    pub fn of_a_stride(&self, len: usize) -> (*const u8, *const u8) {
        (hidden(self.end().wrapping_sub(len)), hidden(self.sums.as_ptr().cast()))
    }
}

impl Drop for Powers {
    fn drop(&mut self) {
        const ZERO: MaybeUninit<__m128i> = MaybeUninit::zeroed();
        self.h = none();
        // Four at a time, and perhaps some that were not made.
        let (fours, _) = self.table.as_chunks_mut::<4>();
        let made = self.count.div_ceil(4).min(POWERS / 4);
        for four in &mut fours[POWERS / 4 - made..] {
            *four = [ZERO; 4];
        }
        if self.whole {
            self.sums = [ZERO; POWERS / 2];
        }
        zeroize::optimization_barrier(self);
    }
}

/// Products over a vocabulary; `kernel.rs` says what that is.
macro_rules! products {
    ($features:literal) => {
        /// Adds the products of the halves of `x` and `h` to three sums.
        #[inline]
        #[target_feature(enable = $features)]
        fn add_products([lo, mid, hi]: [V; 3], x: V, h: V) -> [V; 3] {
            let cross = xor(clmul::<0x01>(x, h), clmul::<0x10>(x, h));
            [xor(lo, clmul::<0x00>(x, h)), xor(mid, cross), xor(hi, clmul::<0x11>(x, h))]
        }

        /// The first half of the reduction: folds the lowest quarter up.
        #[inline]
        #[target_feature(enable = $features)]
        fn reduce_low([lo, mid, hi]: [V; 3], poly: V) -> [V; 3] {
            [lo, xor(xor(mid, swap_halves(lo)), clmul::<0x01>(poly, lo)), hi]
        }

        /// The second half.
        #[inline]
        #[target_feature(enable = $features)]
        fn reduce_high([_, mid, hi]: [V; 3], poly: V) -> V {
            xor(xor(hi, swap_halves(mid)), clmul::<0x01>(poly, mid))
        }

        /// Products of lanes.
        #[inline]
        #[target_feature(enable = $features)]
        fn multiply(x: V, h: V, poly: V) -> V {
            reduce_high(reduce_low(add_products([zero(); 3], x, h), poly), poly)
        }

        /// The sums of the halves of two vectors' lanes.
        #[inline]
        #[target_feature(enable = $features)]
        fn half_sums(a: V, b: V) -> V {
            xor(low_halves(a, b), high_halves(a, b))
        }

        /// Makes at least `count` powers, or all.
        #[inline]
        #[target_feature(enable = $features)]
        fn fill(powers: &mut Powers, h: __m128i, count: usize) {
            let poly = broadcast(block128::poly());
            let (end, sums) = powers.places();
            powers.h = h;
            let mut made = [first_powers(h); 8];
            let mut vectors = 1;
            // SAFETY: below: POWERS blocks are before `end`, at least 8 vectors; half as many are
            // the sums.
            unsafe { store(end.sub(WIDTH), made[0]) };
            macro_rules! double {
                ($n:literal) => {
                    if count > $n * LANES {
                        let factor = first_lane(made[$n - 1]);
                        for i in 0..$n {
                            made[$n + i] = multiply(made[i], factor, poly);
                            unsafe { store(end.sub(($n + i + 1) * WIDTH), made[$n + i]) };
                        }
                        vectors = 2 * $n;
                    }
                };
            }
            double!(1);
            double!(2);
            double!(4);
            powers.count = vectors * LANES;
            powers.whole = vectors == 8;
            if powers.whole {
                for pair in 0..4 {
                    let pair_sums = half_sums(made[7 - 2 * pair], made[6 - 2 * pair]);
                    unsafe { store(sums.add(pair * WIDTH), pair_sums) };
                }
            }
        }

        /// Makes `powers` of H, `count` at least, or all.
        #[target_feature(enable = $features)]
        pub fn fill_powers(powers: &mut Powers, h: __m128i, count: usize) {
            fill(powers, h, count);
            _mm256_zeroupper(); // see `message`
        }

        /// Makes `key` ready, with `count` powers of H at least, or all.
        #[target_feature(enable = $features)]
        pub fn make_ready(key: &Key, rounds: &mut RoundKeys, powers: &mut Powers, count: usize) {
            let h = block128::expand(key, rounds);
            fill(powers, h, count);
            _mm256_zeroupper(); // see `message`
        }
    };
}
pub(super) use products;
