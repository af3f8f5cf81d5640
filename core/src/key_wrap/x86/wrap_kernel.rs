//! The kernel: a group of rows through RFC 3394, step by step, for any width of vector.
//!
//! # Implementation notes
//! The text stands once, as a macro; `wrap128.rs`, `wrap256.rs` and `wrap512.rs` each give it their
//! vector and a vocabulary of small functions over it.
//!
//! A lane is a row. Eight vectors are worked on at a time, as many as it takes to hide the latency
//! of AESENC and AESDEC. A step's AES block takes A and an R, and gives both anew: what it gives is
//! stored where the R was, and goes on as the A of the next step, for which only the upper half of
//! each lane is exchanged.
//!
//! Between steps all is kept as the next block's first round key leaves it, and A with the number t
//! of its step in it, for the last round key does all three: a step has nothing but 14 rounds and
//! the exchange on the path on which the next one waits.
//!
//! ```text
//! wrap    A | R = AES(A | R) ^ t            last round key: k14 ^ k0 ^ t
//! unwrap  A | R = AES^-1((A ^ t) | R)       last round key: k14 ^ k0 ^ (t - 1)
//! ```
//!
//! Each R is read and written in each step, and round keys are read in each round, through pointers
//! that LLVM knows nothing of: it would otherwise keep them in registers and spill them to the
//! stack, which nobody wipes.

/// The kernel over the vocabulary of an engine's file.
///
/// `V`, `LANES`; `load`, `store`, `xor`, `exchange` (the lower halves of one, the upper halves of
/// another), `aesenc`, `aesenclast`, `aesdec`, `aesdeclast`, `broadcast`.
macro_rules! wrap_kernel {
    ($features:literal) => {
        const WIDTH: usize = 16 * LANES;
        /// Rows that keep the AES units busy.
        const ROWS: usize = 8 * LANES;

        /// Unwraps a group of rows with `from`, and wraps it with `to`.
        #[target_feature(enable = $features)]
        pub fn rekey(from: &InverseKeys, to: &RoundKeys, group: &mut Group<ROWS>) {
            unwrap::<8, ROWS>(from, group);
            wrap::<8, ROWS>(to, group);
        }

        /// Wraps `N` vectors of rows. RFC 3394 2.2.1, index based.
        #[target_feature(enable = $features)]
        pub fn wrap<const N: usize, const ROWS: usize>(
            rounds: &RoundKeys,
            group: &mut Group<ROWS>,
        ) {
            run::<true, N, ROWS>(rounds, group);
        }

        /// Unwraps `N` vectors of rows; the check is the caller's. RFC 3394 2.2.2, index based.
        #[target_feature(enable = $features)]
        pub fn unwrap<const N: usize, const ROWS: usize>(
            rounds: &InverseKeys,
            group: &mut Group<ROWS>,
        ) {
            run::<false, N, ROWS>(&rounds.0, group);
        }

        /// Runs the 24 steps.
        #[inline]
        #[target_feature(enable = $features)]
        fn run<const WRAP: bool, const N: usize, const ROWS: usize>(
            rounds: &RoundKeys,
            group: &mut Group<ROWS>,
        ) {
            const { assert!(ROWS == N * LANES) };
            let mut keys = block128::opaque(rounds);
            macro_rules! key {
                ($round:expr) => {
                    // SAFETY: there are 15 round keys.
                    broadcast(unsafe { block128::load(keys.add(16 * $round)) })
                };
            }
            let (white, join) = (key!(0), xor(key!(0), key!(14)));
            let mut blocks: *mut u8 = group.blocks.as_mut_ptr().cast();
            // SAFETY: here and below: there are 4 · N vectors of blocks, and N of checks.
            for v in 0..4 * N {
                let at = vector(blocks, v);
                unsafe { store(at, xor(load(at), white)) };
            }
            let mut a = [xor(iv(), white); N];
            if !WRAP {
                for (v, a) in a.iter_mut().enumerate() {
                    *a = xor(unsafe { load(vector(blocks, v)) }, number(24));
                }
            }
            for passed in 0..24 {
                let t = if WRAP { passed + 1 } else { 24 - passed };
                let r = vector(blocks, (t - 1) % 4 * N);
                for (v, a) in a.iter_mut().enumerate() {
                    *a = exchange(*a, unsafe { load(vector(r, v)) });
                }
                for round in 1..14 {
                    let key = key!(round);
                    for a in &mut a {
                        *a = if WRAP { aesenc(*a, key) } else { aesdec(*a, key) };
                    }
                }
                let last = xor(join, number(if WRAP { t } else { t - 1 }));
                for (v, a) in a.iter_mut().enumerate() {
                    *a = if WRAP { aesenclast(*a, last) } else { aesdeclast(*a, last) };
                    unsafe { store(vector(r, v), *a) };
                }
                keys = block128::opaque(rounds);
                blocks = opaque_memory(blocks);
            }
            for v in 0..4 * N {
                let at = vector(blocks, v);
                unsafe { store(at, xor(load(at), white)) };
            }
            if !WRAP {
                let checks: *mut u8 = group.checks.as_mut_ptr().cast();
                for (v, a) in a.iter().enumerate() {
                    unsafe { store(vector(checks, v), xor(*a, white)) };
                }
            }
            // Of what was unwrapped and of round keys nothing stays in these registers; it also
            // spares legacy SSE code the dirty upper halves, of which `aead/x86/kernel.rs` tells.
            _mm256_zeroall();
        }

        /// Where vector `v` is.
        #[inline]
        fn vector(first: *mut u8, v: usize) -> *mut u8 {
            first.wrapping_add(v * WIDTH)
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn iv() -> V {
            broadcast(_mm_set1_epi64x(i64::from_ne_bytes(IV)))
        }

        /// A step's number, to be added to A. RFC 3394 2.2.1: big-endian.
        #[inline]
        #[target_feature(enable = $features)]
        fn number(t: usize) -> V {
            broadcast(_mm_set_epi64x(0, (t as i64) << 56))
        }
    };
}
pub(super) use wrap_kernel;
