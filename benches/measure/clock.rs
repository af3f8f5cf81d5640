//! Time, and the processor's cycles.

use std::arch::asm;
use std::time::Instant;

/// The lesser of wall time and the thread's processor time: a busy machine disturbs less.
pub struct Watch {
    began: Instant,
    processor_ns: f64,
}

impl Watch {
    pub fn start() -> Watch {
        let processor_ns = processor_ns();
        Watch { began: Instant::now(), processor_ns }
    }

    /// Nanoseconds since the start.
    pub fn ns(&self) -> f64 {
        let wall = self.began.elapsed().as_nanos() as f64;
        wall.min(processor_ns() - self.processor_ns)
    }
}

fn processor_ns() -> f64 {
    const CLOCK_THREAD_CPUTIME_ID: i32 = 3;
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut [i64; 2]) -> i32;
    }
    let mut time = [0; 2];
    // SAFETY: a timespec of 64-bit Linux is two numbers of 64 bits.
    unsafe { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time[0] as f64 * 1e9 + time[1] as f64
}

/// Cycles a nanosecond: additions that wait for each other take one cycle each, on every processor
/// that Coffre has an engine for. The best of three tries; about 30 microseconds.
pub fn cycles_per_ns() -> f64 {
    const LOOPS: u64 = 500;
    const ADDITIONS: u64 = 64;
    let best = (0..3).map(|_| {
        let began = Instant::now();
        dependent_additions(LOOPS);
        began.elapsed().as_nanos() as f64
    });
    (LOOPS * ADDITIONS) as f64 / best.fold(f64::INFINITY, f64::min)
}

/// `loops` times 64 additions of a register, for some processors elide those of a constant.
#[cfg(target_arch = "x86_64")]
fn dependent_additions(loops: u64) {
    // SAFETY: changes nothing but its operands.
    unsafe {
        asm!(
            "2:",
            ".rept 64",
            "add {sum}, {one}",
            ".endr",
            "dec {left}",
            "jnz 2b",
            sum = inout(reg) 0_u64 => _,
            one = in(reg) 1_u64,
            left = inout(reg) loops => _,
            options(nomem, nostack),
        );
    }
}

/// `loops` times 64 additions.
#[cfg(target_arch = "aarch64")]
fn dependent_additions(loops: u64) {
    // SAFETY: changes nothing but its operands.
    unsafe {
        asm!(
            "2:",
            ".rept 64",
            "add {sum}, {sum}, {one}",
            ".endr",
            "subs {left}, {left}, #1",
            "b.ne 2b",
            sum = inout(reg) 0_u64 => _,
            one = in(reg) 1_u64,
            left = inout(reg) loops => _,
            options(nomem, nostack),
        );
    }
}

/// No candidate pays for upper register halves that another one left dirty; `dirty_halves.rs`
/// measures that by itself.
pub fn clean_halves() {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx") {
        // SAFETY: the processor has AVX; code of this program keeps nothing in upper halves here.
        unsafe {
            asm!(
                "vzeroupper",
                out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _, out("xmm4") _,
                out("xmm5") _, out("xmm6") _, out("xmm7") _, out("xmm8") _, out("xmm9") _,
                out("xmm10") _, out("xmm11") _, out("xmm12") _, out("xmm13") _, out("xmm14") _,
                out("xmm15") _, options(nomem, nostack),
            );
        }
    }
}
