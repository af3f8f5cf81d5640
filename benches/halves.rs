//! Upper halves of vector registers: whether they are in use, and how to make them dirty.

#[cfg(target_arch = "x86_64")]
use std::arch::asm;

#[cfg(target_arch = "x86_64")]
use crate::measure::clock;

/// Whether this processor has any.
pub fn exist() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

/// Whether upper halves of the first 16 vector registers are in use after a call, if the processor
/// tells.
#[cfg(target_arch = "x86_64")]
pub fn left_dirty(call: &mut Box<dyn FnMut()>) -> Option<bool> {
    // Of XINUSE: the upper halves of YMM 0 to 15, and of ZMM 0 to 15. SSE code does not mind the
    // other registers.
    const HALVES: u32 = 1 << 2 | 1 << 6;
    let leaf = std::arch::x86_64::__cpuid_count(0xd, 1);
    let told = leaf.eax & 1 << 2 != 0;
    clock::clean_halves();
    if !told || states_in_use() & HALVES != 0 {
        return None;
    }
    call();
    Some(states_in_use() & HALVES != 0)
}

#[cfg(not(target_arch = "x86_64"))]
pub fn left_dirty(_: &mut Box<dyn FnMut()>) -> Option<bool> {
    None
}

/// XINUSE, of which the low half is enough.
#[cfg(target_arch = "x86_64")]
fn states_in_use() -> u32 {
    let in_use;
    // SAFETY: the caller asked for the instruction with this argument; it changes nothing else.
    unsafe {
        asm!("xgetbv", in("ecx") 1, out("eax") in_use, out("edx") _, options(nomem, nostack));
    }
    in_use
}

/// Puts ones into upper halves.
#[cfg(target_arch = "x86_64")]
pub fn make_dirty() {
    // SAFETY: the processor has AVX, or AVX-512 where that is used; the compiler knows the
    // registers.
    unsafe {
        if std::arch::is_x86_feature_detected!("avx512f") {
            asm!(
                "vpternlogd zmm0, zmm0, zmm0, 255",
                "vpternlogd zmm7, zmm7, zmm7, 255",
                out("xmm0") _, out("xmm7") _, options(nomem, nostack),
            );
        } else {
            asm!(
                "vcmpps ymm0, ymm0, ymm0, 15",
                "vcmpps ymm7, ymm7, ymm7, 15",
                out("xmm0") _, out("xmm7") _, options(nomem, nostack),
            );
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub fn make_dirty() {}
