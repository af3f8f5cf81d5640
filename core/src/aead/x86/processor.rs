//! What this processor and its operating system let a program use.
//!
//! CPUID leaves 1 and 7, and XCR0, as the Intel SDM (volume 1, 13.5, 14.3, 15.2) and the AMD manual
//! (volume 3, appendix E) define them. In a virtual machine CPUID takes microseconds.

use core::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};

use super::Width;

/// Leaf 1, ECX: PCLMULQDQ, SSSE3, SSE4.1, AES, OSXSAVE, AVX.
const LEAF_1_ECX: u32 = 1 << 1 | 1 << 9 | 1 << 19 | 1 << 25 | 1 << 27 | 1 << 28;
/// Leaf 7, EBX: AVX2.
const LEAF_7_EBX: u32 = 1 << 5;
/// Leaf 7, ECX: VAES, VPCLMULQDQ.
const LEAF_7_ECX: u32 = 1 << 9 | 1 << 10;
/// Leaf 7, EBX: AVX512F, AVX512BW, AVX512VL.
const LEAF_7_EBX_512: u32 = 1 << 16 | 1 << 30 | 1 << 31;
/// XCR0: XMM and YMM state.
const XCR0_256: u64 = 0b110;
/// XCR0: opmasks, upper halves of ZMM0 to 15, ZMM16 to 31.
const XCR0_512: u64 = XCR0_256 | 0b1110_0000;

/// Asks for the widest engine that runs here.
pub fn widest() -> Option<Width> {
    let has = |register: u32, bits: u32| register & bits == bits;
    let leaf_1 = __cpuid(1);
    if __cpuid(0).eax < 7 || !has(leaf_1.ecx, LEAF_1_ECX) {
        return None;
    }
    // SAFETY: OSXSAVE is among the bits of leaf 1: the operating system enabled XGETBV.
    let xcr0 = unsafe { xcr0() };
    let saves = |bits: u64| xcr0 & bits == bits;
    let leaf_7 = __cpuid_count(7, 0);
    if !saves(XCR0_256) {
        None
    } else if !has(leaf_7.ebx, LEAF_7_EBX) || !has(leaf_7.ecx, LEAF_7_ECX) {
        Some(Width::W128)
    } else if !has(leaf_7.ebx, LEAF_7_EBX_512) || !saves(XCR0_512) {
        Some(Width::W256)
    } else {
        Some(Width::W512)
    }
}

/// # Safety
/// The processor has XGETBV, and the operating system enabled it.
#[target_feature(enable = "xsave")]
unsafe fn xcr0() -> u64 {
    // SAFETY: the caller's promise; register 0 exists wherever the instruction does.
    unsafe { _xgetbv(0) }
}
