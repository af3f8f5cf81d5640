//! What this processor can do beyond what the library was compiled for: asked once, when the
//! context is made, because CPUID takes microseconds in a virtual machine, and there is no writable
//! memory to keep an answer in.
//!
//! Knows nothing of what the instructions are for. AES-256-GCM has an `Isa` of its own.

/// Sets of instructions, each of which contains those before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Level {
    /// What the library was compiled for.
    Target,
    /// AVX and PCLMULQDQ.
    Clmul,
    /// AVX2.
    Avx2,
    /// VPCLMULQDQ on 256 bits.
    Wide,
    /// AVX-512 F, BW, DQ, VL, and VPCLMULQDQ on 512 bits. Processors that have the first without
    /// the second slow down when they use 512 bits.
    Widest,
}

/// The proof that this processor, and its operating system, know some instructions.
///
/// Invariant: only [`Cpu::detect`] makes one above `Target`, after it asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cpu(Level);

impl Cpu {
    /// No instructions beyond those that the library was compiled for.
    pub const TARGET: Cpu = Cpu(Level::Target);

    /// Asks the processor.
    pub fn detect() -> Cpu {
        Cpu(detect())
    }

    /// This one, and those with fewer instructions: to test every implementation.
    pub fn levels(self) -> impl Iterator<Item = Cpu> {
        let all = [Level::Target, Level::Clmul, Level::Avx2, Level::Wide, Level::Widest];
        all.into_iter().filter(move |level| *level <= self.0).map(Cpu)
    }

    /// Whether it has AVX and PCLMULQDQ.
    pub fn has_clmul(self) -> bool {
        self.0 >= Level::Clmul
    }

    /// Whether it has AVX2.
    pub fn has_avx2(self) -> bool {
        self.0 >= Level::Avx2
    }

    /// Whether it has VPCLMULQDQ and AVX2.
    pub fn has_vpclmul256(self) -> bool {
        self.0 >= Level::Wide
    }

    /// Whether it has AVX-512 F, BW, DQ and VL, and VPCLMULQDQ.
    pub fn has_vpclmul512(self) -> bool {
        self.0 >= Level::Widest
    }
}

/// CPUID leaves 1 and 7, and XCR0, as the Intel SDM (volume 1, 13.5, 14.3, 15.2) and the AMD manual
/// (volume 3, appendix E) define them.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
fn detect() -> Level {
    use core::arch::x86_64::{__cpuid, __cpuid_count};

    /// Leaf 1, ECX: PCLMULQDQ, SSSE3, OSXSAVE, AVX.
    const LEAF_1_ECX: u32 = 1 << 1 | 1 << 9 | 1 << 27 | 1 << 28;
    /// Leaf 7, EBX: AVX2.
    const LEAF_7_EBX: u32 = 1 << 5;
    /// Leaf 7, ECX: VPCLMULQDQ.
    const LEAF_7_ECX: u32 = 1 << 10;
    /// Leaf 7, EBX: AVX512F, AVX512DQ, AVX512BW, AVX512VL.
    const LEAF_7_EBX_512: u32 = 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31;
    /// XCR0: XMM and YMM state.
    const XCR0_256: u64 = 0b110;
    /// XCR0: opmasks, upper halves of ZMM0 to 15, ZMM16 to 31.
    const XCR0_512: u64 = XCR0_256 | 0b1110_0000;

    let has = |register: u32, bits: u32| register & bits == bits;
    if !has(__cpuid(1).ecx, LEAF_1_ECX) {
        return Level::Target;
    }
    // SAFETY: OSXSAVE is among the bits of leaf 1: the operating system enabled XGETBV.
    let xcr0 = unsafe { xcr0() };
    let saves = |bits: u64| xcr0 & bits == bits;
    if !saves(XCR0_256) {
        return Level::Target;
    }
    if __cpuid(0).eax < 7 {
        return Level::Clmul;
    }
    let leaf_7 = __cpuid_count(7, 0);
    if !has(leaf_7.ebx, LEAF_7_EBX) {
        Level::Clmul
    } else if !has(leaf_7.ecx, LEAF_7_ECX) {
        Level::Avx2
    } else if !has(leaf_7.ebx, LEAF_7_EBX_512) || !saves(XCR0_512) {
        Level::Wide
    } else {
        Level::Widest
    }
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
fn detect() -> Level {
    Level::Target
}

/// # Safety
/// The processor has XGETBV, and the operating system enabled it.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[target_feature(enable = "xsave")]
unsafe fn xcr0() -> u64 {
    // SAFETY: the caller's promise; register 0 exists wherever the instruction does.
    unsafe { core::arch::x86_64::_xgetbv(0) }
}
