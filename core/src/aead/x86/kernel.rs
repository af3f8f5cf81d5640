//! The fused kernel: AES in counter mode and GHASH in one pass, for any width of vector.
//!
//! # Implementation notes
//! The text stands once, as macros; `aesni.rs`, `vaes256.rs` and `vaes512.rs` each give it their
//! vector and a vocabulary of small functions over it. Read `powers.rs` and `strides.rs` after the
//! notes, then this file, and `two_rounds.rs` at the end.
//!
//! A *stride* is 8 vectors, as many as it takes to hide the latency of AESENC. While the AES rounds
//! of a stride run, a stride of ciphertext is hashed: when opening the same one, when sealing the
//! one before. The products of a stride are summed and reduced once:
//!
//! ```text
//! Y' = (Y ^ C1)·H^n ^ C2·H^(n-1) ^ … ^ Cn·H        n = 8 · LANES
//! ```
//!
//! What is left after the strides is fewer than 8 vectors, and the same sum with a smaller n; the
//! last vector is read and written as far as the message goes, and zeros are hashed in its place.
//!
//! Blocks are reversed in memory order, powers of H are multiplied by x beforehand, so that a
//! product needs no shift: see `block128.rs`.

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
/// `swap_halves`, `low_halves`, `high_halves`, `aesenc`, `aesenclast`, `clmul::<SELECT>`,
/// `broadcast`, `first_lane` (to all lanes), `last_two` (lanes, zeros in the others), `widen` (a
/// block into lane 0), `fold` (the sum of all lanes), `counters` (to the last dwords: a number to
/// the first lane, and to each next lane what `step` says), `first_powers` (H^LANES … H).
macro_rules! fused_kernel {
    ($features:literal, $register:ident) => {
        /// Bytes of a vector, and of a stride.
        const WIDTH: usize = 16 * LANES;
        const STRIDE: usize = 8 * WIDTH;
        /// As many powers of H as a stride has blocks.
        pub const STRIDE_BLOCKS: usize = 8 * LANES;

        products!($features);
        tables!($features);
        whole_strides!($features, $register);

        /// What is left of a message, and the hash of what was done.
        struct Rest {
            src: *const u8,
            dst: *mut u8,
            len: usize,
            /// Of the next blocks, with the last dwords in the processor's order.
            counter: V,
            y: V,
        }

        /// The states of the next blocks before the first round; counts them.
        ///
        /// # Safety
        /// `keys` are round keys.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn next_blocks<const N: usize>(counter: &mut V, keys: *const u8) -> [V; N] {
            let order = broadcast(block128::counter_mask());
            // SAFETY: the caller's promise.
            let first = broadcast(unsafe { block128::load(keys) });
            let step = counters(LANES as i32, 0);
            let mut s = [zero(); N];
            for s in &mut s {
                *s = xor(shuffle8(*counter, order), first);
                *counter = add32(*counter, step);
            }
            s
        }

        /// Encrypts the next blocks of the counter, but for the last round.
        ///
        /// # Safety
        /// `keys` are round keys.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn key_stream<const N: usize>(counter: &mut V, keys: *const u8) -> [V; N] {
            // SAFETY: the caller's promise.
            let mut s = unsafe { next_blocks(counter, keys) };
            for r in 1..14 {
                // SAFETY: as above: there are 15.
                let key = broadcast(unsafe { block128::load(keys.add(16 * r)) });
                for s in &mut s {
                    *s = aesenc(*s, key);
                }
            }
            s
        }

        /// Encrypts or decrypts what is less than a stride, and returns the hash of all.
        ///
        /// # Safety
        /// `rest` is of a [`Span`] whose promises hold, and less than a stride. `rounds` are made.
        /// `powers` has as many as it has blocks.
        #[inline]
        #[target_feature(enable = $features)]
        unsafe fn last_vectors<const SEAL: bool>(
            rounds: &RoundKeys,
            powers: &Powers,
            rest: Rest,
        ) -> __m128i {
            let Rest { mut src, mut dst, mut len, mut counter, mut y } = rest;
            if len == 0 {
                return fold(y);
            }
            let reverse = broadcast(block128::reverse_mask());
            let poly = broadcast(block128::poly());
            let keys = opaque(rounds);
            // SAFETY: below: there are 15 round keys, and as many powers as blocks are left.
            let last = broadcast(unsafe { block128::load(keys.add(16 * 14)) });
            let mut power = unsafe { powers.end().sub(16 * len.div_ceil(16)) };
            let mut sums = [zero(); 3];
            macro_rules! vectors {
                ($n:literal) => {
                    if len >= $n * WIDTH {
                        // SAFETY: below: so many whole vectors are left, and powers for them.
                        for s in unsafe { key_stream::<$n>(&mut counter, keys) } {
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
                    }
                };
            }
            vectors!(4);
            vectors!(2);
            vectors!(1);
            if len > 0 {
                // SAFETY: below: `len` bytes are left, less than a vector. The powers end with
                // LANES - 1 blocks of padding, which are multiplied with zeros.
                let [s] = unsafe { key_stream(&mut counter, keys) };
                let text = unsafe { load_part(src, len) };
                let result = aesenclast(s, xor(last, text));
                let written = unsafe { store_part(dst, len, result) };
                let x = shuffle8(if SEAL { written } else { text }, reverse);
                sums = add_products(sums, xor(x, y), unsafe { load(power) });
            }
            fold(reduce_high(reduce_low(sums, poly), poly))
        }

        /// Seals or opens a message, and returns its tag. SP 800-38D 7.1, 7.2.
        ///
        /// # Safety
        /// [`Span`]'s promises hold. `rounds` are made. `powers` has as many as the message has
        /// blocks, or STRIDE_BLOCKS. A `table` is one for this nonce, which is a short one.
        #[target_feature(enable = $features)]
        pub unsafe fn message<const SEAL: bool>(
            rounds: &RoundKeys,
            powers: &Powers,
            table: Option<&Table>,
            nonce: Nonce,
            aad: &[u8],
            span: &Span,
        ) -> [u8; 16] {
            let j0 = block128::pre_counter_block(nonce, powers.h);
            let kept = &mut Kept::none();
            // SAFETY: the caller's promise.
            kept.mask = unsafe { block128::encrypt(rounds, j0) };
            let counter = add32(broadcast(block128::counter_of(j0)), counters(1, 1));
            let y = widen(block128::hash_padded(block128::none(), aad, powers.h));
            let (src, dst, len) = (span.source(), span.destination(), span.len());
            let mut rest = Rest { src, dst, len, counter, y };
            if let Some(table) = table {
                // SAFETY: the caller's promises.
                rest = unsafe { strides::<SEAL, true>(rounds, powers, table.states(), kept, rest) };
            } else if len >= STRIDE {
                // SAFETY: as above.
                rest = unsafe {
                    strides::<SEAL, false>(rounds, powers, core::ptr::null(), kept, rest)
                };
            }
            // SAFETY: as above.
            let y = unsafe { last_vectors::<SEAL>(rounds, powers, rest) };
            // SAFETY: a block each, which stayed in memory.
            let [h, mask] = [&powers.h, &kept.mask]
                .map(|block| unsafe { block128::load(hidden(core::ptr::from_ref(block).cast())) });
            let tag = block128::finish(y, aad.len(), span.len(), h, mask);
            // Some code that LLVM makes leaves the upper halves dirty, which slows legacy SSE code
            // ten times (rustc 1.95, LLVM 22).
            _mm256_zeroupper();
            tag
        }
    };
}
pub(super) use fused_kernel;
