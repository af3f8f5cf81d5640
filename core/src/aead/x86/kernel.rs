//! The fused kernel: AES in counter mode and GHASH in one pass, for any width of vector.
//!
//! # Implementation notes
//! The text stands once, as a macro; `aesni.rs`, `vaes256.rs` and `vaes512.rs` each give it their
//! vector and a vocabulary of small functions over it.
//!
//! A *stride* is 8 vectors, as many as it takes to hide the latency of AESENC. While the 14 AES
//! rounds of a stride run, a stride of ciphertext is hashed: when opening the same one, when
//! sealing the one before. The products of a stride are summed and reduced once:
//!
//! ```text
//! Y' = (Y ^ C1)·H^n ^ C2·H^(n-1) ^ … ^ Cn·H        n = 8 · LANES
//! ```
//!
//! What is left after the strides is fewer than 8 vectors, and the same sum with a smaller n; the
//! last vector is read and written as far as the message goes, and zeros are hashed in its place.
//!
//! Blocks are reversed in memory order (`reverse`), powers of H are multiplied by x beforehand, so
//! that a product needs no shift: see `block128.rs`. In strides the middle of a product is made by
//! Karatsuba's way, with one multiplication instead of two: on Zen 5 a carry-less multiplication
//! takes as long as two AESENC, and the two together are the limit.
//! `fence!` costs no instruction. It pins the
//! states and sums in registers between two rounds, and so keeps LLVM from pulling the AES and the
//! carry-less multiplications apart again, which costs 13 %.
//!
//! Round keys are read from memory in each round, through a pointer that LLVM knows nothing of: it
//! would otherwise hoist them out of the loop and spill them to the stack, which nobody wipes.

/// Gives small functions the attributes that let LLVM make one instruction of them.
macro_rules! vocabulary {
    ($features:literal: $($(#[$doc:meta])* fn $name:ident $(<const $c:ident: $k:ty>)?
        ($($arg:ident: $t:ty),*) -> $r:ty $body:block)*) => {
        $(
            $(#[$doc])*
            #[inline]
            #[target_feature(enable = $features)]
            fn $name$(<const $c: $k>)?($($arg: $t),*) -> $r $body
        )*
    };
}
pub(crate) use vocabulary;

/// The kernel over the vocabulary of an engine's file.
///
/// `V`, `LANES`; `zero`, `load`, `store`, `load_part`, `store_part`, `xor`, `add32`, `shuffle8`,
/// `swap_halves`, `low_halves`, `aesenc`, `aesenclast`, `clmul::<SELECT>`, `broadcast`, `widen` (a
/// block into lane 0), `fold` (the sum of all lanes), `counters` (to the last dwords: a number to
/// the first lane, and to each next lane what `step` says), `first_powers` (H^LANES … H).
macro_rules! fused_kernel {
    ($features:literal, $register:ident) => {
        /// Bytes of a vector, and of a stride.
        const WIDTH: usize = 16 * LANES;
        const STRIDE: usize = 8 * WIDTH;
        /// As many powers of H as a stride has blocks.
        pub const STRIDE_BLOCKS: usize = 8 * LANES;

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

        /// Adds the products of the halves of `x` and `h` to three sums.
        #[inline]
        #[target_feature(enable = $features)]
        fn add_products([lo, mid, hi]: [V; 3], x: V, h: V) -> [V; 3] {
            let cross = xor(clmul::<0x01>(x, h), clmul::<0x10>(x, h));
            [xor(lo, clmul::<0x00>(x, h)), xor(mid, cross), xor(hi, clmul::<0x11>(x, h))]
        }

        /// As `add_products`, but with one product instead of two for the middle: of the sums of
        /// the halves of `x` and of those of `h`, which are in half `SELECT` >> 4 of `h_sums`. The
        /// middle is whole after [`complete`].
        #[inline]
        #[target_feature(enable = $features)]
        fn add_three<const SELECT: i32>([lo, mid, hi]: [V; 3], x: V, h: V, h_sums: V) -> [V; 3] {
            let x_sums = xor(x, swap_halves(x));
            [
                xor(lo, clmul::<0x00>(x, h)),
                xor(mid, clmul::<SELECT>(x_sums, h_sums)),
                xor(hi, clmul::<0x11>(x, h)),
            ]
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn complete([lo, mid, hi]: [V; 3]) -> [V; 3] {
            [lo, xor(mid, xor(lo, hi)), hi]
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

        /// Makes `count` powers, or the next power of two: n powers times H^n are the next n.
        #[target_feature(enable = $features)]
        pub fn fill_powers(powers: &mut Powers, h: __m128i, count: usize) {
            let poly = broadcast(block128::poly());
            powers.h = h;
            let end = powers.end_mut();
            // SAFETY: in all of the function: POWERS blocks are before `end`, and at least
            // STRIDE_BLOCKS; `n` is at most half of that when 2n are written.
            unsafe { store(end.sub(WIDTH), first_powers(h)) };
            let mut n = LANES;
            while n < count && n < STRIDE_BLOCKS {
                // SAFETY: as above.
                unsafe {
                    let h_n = broadcast(block128::load(end.sub(16 * n)));
                    for at in (LANES..=n).step_by(LANES) {
                        let next = multiply(load(end.sub(16 * at)), h_n, poly);
                        store(end.sub(16 * (n + at)), next);
                    }
                }
                n *= 2;
            }
            powers.count = n;
            powers.whole = n == STRIDE_BLOCKS;
            if powers.whole {
                fill_sums(powers);
            }
            _mm256_zeroupper(); // see `message`
        }

        /// Makes the sums of the halves of a stride of powers.
        #[inline]
        #[target_feature(enable = $features)]
        fn fill_sums(powers: &mut Powers) {
            let (end, sums) = (powers.end(), powers.sums_mut());
            for pair in 0..4 {
                // SAFETY: a stride has 8 vectors of powers, which are made, and 4 of sums, which is
                // at most half of POWERS.
                unsafe {
                    let even = load(end.sub(STRIDE - 2 * pair * WIDTH));
                    let odd = load(end.sub(STRIDE - (2 * pair + 1) * WIDTH));
                    let (even, odd) = (xor(even, swap_halves(even)), xor(odd, swap_halves(odd)));
                    store(sums.add(pair * WIDTH), low_halves(even, odd));
                }
            }
        }

        /// Encrypts or decrypts `span`, hashes the ciphertext into `y`, and returns the new `y`.
        ///
        /// `counter` is J0 with its last dword in the processor's order; the first block of the
        /// message takes the next one.
        ///
        /// # Safety
        /// [`Span`]'s promises hold. `powers` has as many as the message has blocks, or
        /// STRIDE_BLOCKS.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn crypt<const SEAL: bool>(
            rounds: &RoundKeys,
            powers: &Powers,
            counter: __m128i,
            span: &Span,
            y: __m128i,
        ) -> __m128i {
            let (mut src, mut dst, mut len) = (span.source(), span.destination(), span.len());
            let reverse = broadcast(block128::reverse_mask());
            let counter_order = broadcast(block128::counter_mask());
            let poly = broadcast(block128::poly());
            let step = counters(LANES as i32, 0);
            let mut counter = add32(broadcast(counter), counters(1, 1));
            let mut y = widen(y);
            let (end, half_sums) = (powers.end(), powers.sums());
            // What is sealed and still to be hashed.
            let mut sealed: *const u8 = core::ptr::null();

            // Adds the products of vector `$i` of the stride at `$at`.
            macro_rules! hash {
                ($sums:ident, $at:expr, $i:expr) => {
                    // SAFETY: below: the caller of the macro has a stride there; `powers` is
                    // whole, for the message has a stride.
                    let mut x = shuffle8(unsafe { load($at.add($i * WIDTH)) }, reverse);
                    let h = unsafe { load(end.sub(STRIDE - $i * WIDTH)) };
                    let h_sums = unsafe { load(half_sums.add($i / 2 * WIDTH)) };
                    if $i == 0 {
                        x = xor(x, y);
                    }
                    $sums = if $i % 2 == 0 {
                        add_three::<0x00>($sums, x, h, h_sums)
                    } else {
                        add_three::<0x10>($sums, x, h, h_sums)
                    };
                };
            }
            macro_rules! key {
                ($keys:ident, $r:expr) => {
                    // SAFETY: there are 15 round keys.
                    broadcast(unsafe { block128::load($keys.add(16 * $r)) })
                };
            }
            macro_rules! start {
                ($s:ident, $keys:ident) => {
                    let first = key!($keys, 0);
                    for s in &mut $s {
                        *s = xor(shuffle8(counter, counter_order), first);
                        counter = add32(counter, step);
                    }
                };
            }
            macro_rules! round {
                ($s:ident, $keys:ident, $r:expr) => {
                    let key = key!($keys, $r);
                    for s in &mut $s {
                        *s = aesenc(*s, key);
                    }
                };
            }

            while len >= STRIDE {
                let keys = opaque(rounds);
                let mut s = [zero(); 8];
                start!(s, keys);
                let hashed = if SEAL { sealed } else { src };
                if SEAL && sealed.is_null() {
                    for r in 1..14 {
                        round!(s, keys, r);
                    }
                } else {
                    let mut sums = [zero(); 3];
                    for i in 0..8 {
                        round!(s, keys, 1 + i);
                        fence!(s, sums);
                        hash!(sums, hashed, i);
                        fence!(s, sums);
                    }
                    round!(s, keys, 9);
                    sums = reduce_low(complete(sums), poly);
                    fence!(s, sums);
                    round!(s, keys, 10);
                    y = widen(fold(reduce_high(sums, poly)));
                    for r in 11..14 {
                        round!(s, keys, r);
                    }
                }
                let last = key!(keys, 14);
                for (i, s) in s.iter_mut().enumerate() {
                    // SAFETY: a stride is left in both memories.
                    *s = aesenclast(*s, xor(last, unsafe { load(src.add(i * WIDTH)) }));
                }
                for (i, s) in s.iter().enumerate() {
                    // SAFETY: as above.
                    unsafe { store(dst.add(i * WIDTH), *s) };
                }
                sealed = dst;
                // SAFETY: as above.
                (src, dst) = unsafe { (src.add(STRIDE), dst.add(STRIDE)) };
                len -= STRIDE;
            }
            if SEAL && !sealed.is_null() {
                let mut sums = [zero(); 3];
                for i in 0..8 {
                    hash!(sums, sealed, i);
                }
                y = widen(fold(reduce_high(reduce_low(complete(sums), poly), poly)));
            }
            if len == 0 {
                return fold(y);
            }

            // SAFETY: `powers` has as many as blocks are left, for that is less than a stride.
            let mut power = unsafe { end.sub(16 * len.div_ceil(16)) };
            let mut sums = [zero(); 3];
            let keys = opaque(rounds);
            macro_rules! vectors {
                ($n:literal) => {
                    let mut s = [zero(); $n];
                    start!(s, keys);
                    for r in 1..14 {
                        round!(s, keys, r);
                    }
                    let last = key!(keys, 14);
                    for s in s {
                        // SAFETY: below: so many whole vectors are left, and powers for them.
                        let text = unsafe { load(src) };
                        let result = aesenclast(s, xor(last, text));
                        unsafe { store(dst, result) };
                        let x = shuffle8(if SEAL { result } else { text }, reverse);
                        sums = add_products(sums, xor(x, y), unsafe { load(power) });
                        y = zero();
                        (src, dst) = unsafe { (src.add(WIDTH), dst.add(WIDTH)) };
                        power = unsafe { power.add(WIDTH) };
                    }
                    len -= $n * WIDTH;
                };
            }
            if len >= 4 * WIDTH {
                vectors!(4);
            }
            if len >= 2 * WIDTH {
                vectors!(2);
            }
            if len >= WIDTH {
                vectors!(1);
            }
            if len > 0 {
                let mut s = [zero()];
                start!(s, keys);
                for r in 1..14 {
                    round!(s, keys, r);
                }
                // SAFETY: below: `len` bytes are left, less than a vector. The powers end with
                // LANES - 1 blocks of padding, which are multiplied with zeros.
                let text = unsafe { load_part(src, len) };
                let result = aesenclast(s[0], xor(key!(keys, 14), text));
                let written = unsafe { store_part(dst, len, result) };
                let x = shuffle8(if SEAL { written } else { text }, reverse);
                sums = add_products(sums, xor(x, y), unsafe { load(power) });
            }
            fold(reduce_high(reduce_low(sums, poly), poly))
        }

        /// Seals or opens a message, and returns its tag. SP 800-38D 7.1, 7.2.
        ///
        /// # Safety
        /// [`Span`]'s promises hold. `powers` as [`crypt`] asks.
        #[target_feature(enable = $features)]
        pub unsafe fn message<const SEAL: bool>(
            rounds: &RoundKeys,
            powers: &Powers,
            nonce: Nonce,
            aad: &[u8],
            span: &Span,
        ) -> [u8; 16] {
            let h = powers.h;
            let j0 = block128::pre_counter_block(nonce, h);
            let mask = block128::encrypt(rounds, j0);
            let y = block128::hash_padded(block128::none(), aad, h);
            // SAFETY: the caller's promises.
            let y = unsafe { crypt::<SEAL>(rounds, powers, block128::counter_of(j0), span, y) };
            let tag = block128::finish(y, aad.len(), span.len(), h, mask);
            // Some code that LLVM makes leaves the upper halves dirty, which slows legacy SSE code
            // ten times (rustc 1.95, LLVM 22).
            _mm256_zeroupper();
            tag
        }
    };
}
pub(super) use fused_kernel;
