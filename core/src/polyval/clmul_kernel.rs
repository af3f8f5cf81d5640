//! The kernel of POLYVAL, for any width of vector.
//!
//! # Implementation notes
//! With L blocks in a vector and K = H^L, every lane is hashed by itself, under K:
//!
//! ```text
//! Y' = Y·K^n ^ X1·K^(n-1) ^ … ^ X(n-1)·K ^ Xn          n vectors, at most STRIDE
//! ```
//!
//! The products of a stride are summed and reduced once, and Y is in one of them alone, so that a
//! stride hardly waits for the one before. At the end the lanes are multiplied by H^L … H, and
//! summed. Blocks that make no whole vector go first, behind blocks of zeros, which change nothing;
//! a last block that is not whole goes last, by itself.
//!
//! A product is RFC 8452's dot: carry-less, in three multiplications by Karatsuba's way, and
//! reduced from below, by two more with the upper half of x^128 + x^127 + x^126 + x^121 + 1.
//!
//! Powers are read from memory for each stride, through a pointer that LLVM knows nothing of: it
//! would otherwise hoist them out of the loop and spill them to the stack, which nobody wipes.

/// The kernel over the vocabulary of a width.
///
/// `V`, `LANES`; `zero`, `load`, `xor`, `xor3`, `swap_halves`, `clmul::<SELECT>`, `broadcast` (of a
/// block), `fold` (the sum of all lanes).
macro_rules! polyval_kernel {
    ($features:literal) => {
        /// Vectors whose products are reduced at once.
        const STRIDE: usize = 16;

        /// What K^i is multiplied with: itself, and the sum of its halves.
        type Power = [__m128i; 2];

        /// The powers of K that were made: K is the first of them.
        struct Powers([Power; STRIDE]);

        impl Drop for Powers {
            fn drop(&mut self) {
                self.0.zeroize();
            }
        }

        /// Adds the three products of `x` and a power to their sums.
        #[inline]
        #[target_feature(enable = $features)]
        fn add([lo, mid, hi]: [V; 3], x: V, power: &Power) -> [V; 3] {
            let (h, h_sum) = (broadcast(power[0]), broadcast(power[1]));
            let x_sum = xor(x, swap_halves(x));
            [
                xor(lo, clmul::<0x00>(x, h)),
                xor(mid, clmul::<0x00>(x_sum, h_sum)),
                xor(hi, clmul::<0x11>(x, h)),
            ]
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn reduce([lo, mid, hi]: [V; 3]) -> V {
            let poly = broadcast(_mm_set_epi64x(0, 0xc2 << 56));
            let mid = xor3(mid, lo, hi);
            let mid = xor3(mid, swap_halves(lo), clmul::<0x00>(lo, poly));
            xor3(hi, swap_halves(mid), clmul::<0x00>(mid, poly))
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn dot(x: V, power: &Power) -> V {
            reduce(add([zero(); 3], x, power))
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn power(h: __m128i) -> Power {
            [h, _mm_xor_si128(h, _mm_shuffle_epi32::<0x4e>(h))]
        }

        /// The product of two blocks.
        #[inline]
        #[target_feature(enable = $features)]
        fn dot_blocks(x: __m128i, h: __m128i) -> __m128i {
            fold(dot(widen(x), &power(h)))
        }

        #[target_feature(enable = $features)]
        pub fn hash(key: &[u8; 16], bytes: &[u8]) -> [u8; 16] {
            let (blocks, last) = bytes.as_chunks::<16>();
            let h = block(key);
            let mut y = zero_block();
            if !blocks.is_empty() {
                y = hash_blocks(h, blocks);
            }
            if !last.is_empty() {
                let mut padded = [0; 16];
                padded.iter_mut().zip(last).for_each(|(to, from)| *to = *from);
                y = dot_blocks(_mm_xor_si128(y, block(&padded)), h);
            }
            let mut hash = [0; 16];
            // SAFETY: 16 bytes.
            unsafe { _mm_storeu_si128(hash.as_mut_ptr().cast(), y) };
            // Dirty upper halves slow legacy SSE code ten times, and LLVM does not always clean
            // them.
            _mm256_zeroupper();
            hash
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn hash_blocks(h: __m128i, blocks: &[[u8; 16]]) -> __m128i {
            // H^LANES … H, as a vector's lanes are multiplied at the end.
            let mut lanes = Zeroizing::new([zero_block(); LANES]);
            lanes[LANES - 1] = h;
            for i in (0..LANES - 1).rev() {
                lanes[i] = dot_blocks(lanes[i + 1], h);
            }
            let (first, vectors) = blocks.as_rchunks::<LANES>();
            let mut powers = Powers([[zero_block(); 2]; STRIDE]);
            powers.0[0] = power(lanes[0]);
            for made in 1..STRIDE.min(vectors.len()) {
                // K^(made + 1), of the powers whose exponents are half of that.
                let Some((made, [next, ..])) = powers.0.split_at_mut_checked(made) else { break };
                let half = made.len() / 2;
                if let (Some(a), Some(b)) = (made.get(half), made.get(made.len() - 1 - half)) {
                    *next = power(dot_blocks(a[0], b[0]));
                }
            }
            let mut y = zero();
            if !first.is_empty() {
                let mut padded = [[0; 16]; LANES];
                padded.iter_mut().rev().zip(first.iter().rev()).for_each(|(to, from)| *to = *from);
                y = load(&padded);
            }
            let (strides, rest) = vectors.as_chunks::<STRIDE>();
            for stride in strides {
                y = absorb(y, stride, &powers);
            }
            if !rest.is_empty() {
                y = absorb(y, rest, &powers);
            }
            fold(reduce(add_lanes(y, &lanes)))
        }

        /// A stride, or less, but not nothing.
        #[inline]
        #[target_feature(enable = $features)]
        fn absorb(y: V, vectors: &[[[u8; 16]; LANES]], powers: &Powers) -> V {
            let (mut sums, mut last) = ([zero(); 3], zero());
            let mut powers = opaque(powers).0.iter().rev().skip(STRIDE - vectors.len());
            if let Some(power) = powers.next() {
                sums = add(sums, y, power);
            }
            for vector in vectors {
                last = load(vector);
                if let Some(power) = powers.next() {
                    sums = add(sums, last, power);
                }
            }
            xor(reduce(sums), last)
        }

        /// The powers, behind a pointer that the optimiser knows nothing of.
        #[inline(always)]
        fn opaque(powers: &Powers) -> &Powers {
            let mut at: *const Powers = powers;
            // SAFETY: no instruction; the pointer stays what it was.
            unsafe {
                core::arch::asm!(
                    "/* {0} */", inout(reg) at, options(readonly, nostack, preserves_flags)
                );
                &*at
            }
        }

        /// The products of lanes.
        #[inline]
        #[target_feature(enable = $features)]
        fn add_lanes(y: V, lanes: &[__m128i; LANES]) -> [V; 3] {
            // SAFETY: LANES blocks are a vector.
            let h = unsafe { load_at(lanes.as_ptr().cast()) };
            let (y_sum, h_sum) = (xor(y, swap_halves(y)), xor(h, swap_halves(h)));
            [clmul::<0x00>(y, h), clmul::<0x00>(y_sum, h_sum), clmul::<0x11>(y, h)]
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn load(vector: &[[u8; 16]; LANES]) -> V {
            // SAFETY: LANES blocks are a vector.
            unsafe { load_at(vector.as_ptr().cast()) }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn block(bytes: &[u8; 16]) -> __m128i {
            // SAFETY: 16 bytes.
            unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn zero_block() -> __m128i {
            _mm_setzero_si128()
        }
    };
}
pub(super) use polyval_kernel;
