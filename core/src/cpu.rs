//! What this processor can do beyond what the library was compiled for: asked once, when the
//! context is made, because CPUID takes microseconds in a virtual machine, and there is no writable
//! memory to keep an answer in.
//!
//! Knows nothing of what the instructions are for.

/// Sets of instructions, as bits of [`Cpu`].
mod set {
    /// AVX and PCLMULQDQ.
    pub const CLMUL: u8 = 1;
    /// AES-NI, beside those.
    pub const AES: u8 = 1 << 1;
    pub const AVX2: u8 = 1 << 2;
    /// VPCLMULQDQ on 256 bits.
    pub const VPCLMUL: u8 = 1 << 3;
    /// VAES on 256 bits.
    pub const VAES: u8 = 1 << 4;
    /// AVX-512 F, BW, DQ and VL, where VPCLMULQDQ is too: processors that have the first without
    /// the second slow down when they use 512 bits.
    pub const AVX512: u8 = 1 << 5;
}
use set::{AES, AVX2, AVX512, CLMUL, VAES, VPCLMUL};

/// The proof that this processor, and its operating system, know some instructions.
///
/// Invariant: only [`Cpu::detect`] makes one with any, after it asked, and [`Cpu::levels`] takes
/// some away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cpu(u8);

impl Cpu {
    /// No instructions beyond those that the library was compiled for.
    pub const TARGET: Cpu = Cpu(0);

    /// Asks the processor.
    pub fn detect() -> Cpu {
        Cpu(detect())
    }

    /// This one, and those with fewer instructions: to test every implementation of a hash.
    pub fn levels(self) -> impl Iterator<Item = Cpu> {
        let all = [0, CLMUL, CLMUL | AVX2, CLMUL | AVX2 | VPCLMUL, CLMUL | AVX2 | VPCLMUL | AVX512];
        all.into_iter().filter(move |level| self.has(*level)).map(Cpu)
    }

    fn has(self, sets: u8) -> bool {
        self.0 & sets == sets
    }

    /// Whether it has AVX and PCLMULQDQ.
    pub fn has_clmul(self) -> bool {
        self.has(CLMUL)
    }

    /// Whether it has AVX2.
    pub fn has_avx2(self) -> bool {
        self.has(CLMUL | AVX2)
    }

    /// Whether it has VPCLMULQDQ and AVX2.
    pub fn has_vpclmul256(self) -> bool {
        self.has(CLMUL | AVX2 | VPCLMUL)
    }

    /// Whether it has AVX-512 F, BW, DQ and VL, and VPCLMULQDQ.
    pub fn has_vpclmul512(self) -> bool {
        self.has(CLMUL | AVX2 | VPCLMUL | AVX512)
    }

    /// Whether it has AVX, PCLMULQDQ and AES-NI.
    pub fn has_aes128(self) -> bool {
        self.has(CLMUL | AES)
    }

    /// Whether it has VAES, VPCLMULQDQ and AVX2 as well.
    pub fn has_aes256(self) -> bool {
        self.has_aes128() && self.has_vpclmul256() && self.has(VAES)
    }

    /// Whether it has AVX-512 F, BW, DQ and VL as well.
    pub fn has_aes512(self) -> bool {
        self.has_aes256() && self.has_vpclmul512()
    }
}

/// CPUID leaves 1 and 7, and XCR0, as the Intel SDM (volume 1, 13.5, 14.3, 15.2) and the AMD manual
/// (volume 3, appendix E) define them.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
fn detect() -> u8 {
    use core::arch::x86_64::{__cpuid, __cpuid_count};

    /// Leaf 1, ECX: PCLMULQDQ, SSSE3, SSE4.1, OSXSAVE, AVX.
    const LEAF_1_ECX: u32 = 1 << 1 | 1 << 9 | 1 << 19 | 1 << 27 | 1 << 28;
    /// Leaf 1, ECX: AES.
    const LEAF_1_AES: u32 = 1 << 25;
    /// Leaf 7, EBX: AVX2; AVX512F, AVX512DQ, AVX512BW, AVX512VL.
    const LEAF_7_AVX2: u32 = 1 << 5;
    const LEAF_7_AVX512: u32 = 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31;
    /// Leaf 7, ECX: VAES; VPCLMULQDQ.
    const LEAF_7_VAES: u32 = 1 << 9;
    const LEAF_7_VPCLMUL: u32 = 1 << 10;
    /// XCR0: XMM and YMM state.
    const XCR0_256: u64 = 0b110;
    /// XCR0: opmasks, upper halves of ZMM0 to 15, ZMM16 to 31.
    const XCR0_512: u64 = XCR0_256 | 0b1110_0000;

    let leaf_1 = __cpuid(1).ecx;
    if leaf_1 & LEAF_1_ECX != LEAF_1_ECX {
        return 0;
    }
    // SAFETY: OSXSAVE is among the bits of leaf 1: the operating system enabled XGETBV.
    let xcr0 = unsafe { xcr0() };
    if xcr0 & XCR0_256 != XCR0_256 {
        return 0;
    }
    let if_all = |register: u32, bits: u32, set: u8| if register & bits == bits { set } else { 0 };
    let narrow = CLMUL | if_all(leaf_1, LEAF_1_AES, AES);
    if __cpuid(0).eax < 7 {
        return narrow;
    }
    let leaf_7 = __cpuid_count(7, 0);
    let wide = narrow
        | if_all(leaf_7.ebx, LEAF_7_AVX2, AVX2)
        | if_all(leaf_7.ecx, LEAF_7_VPCLMUL, VPCLMUL)
        | if_all(leaf_7.ecx, LEAF_7_VAES, VAES);
    if xcr0 & XCR0_512 != XCR0_512 {
        return wide;
    }
    wide | if_all(leaf_7.ebx, LEAF_7_AVX512, AVX512)
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
fn detect() -> u8 {
    0
}

/// # Safety
/// The processor has XGETBV, and the operating system enabled it.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[target_feature(enable = "xsave")]
unsafe fn xcr0() -> u64 {
    // SAFETY: the caller's promise; register 0 exists wherever the instruction does.
    unsafe { core::arch::x86_64::_xgetbv(0) }
}
