//! Deriving a key from a password beside OpenSSL and libargon2, in turns in one process, one thread
//! each, and the table of docs/PERFORMANCE.md that follows from it.
//!
//! `cargo bench -p coffre-benches --bench passwords`, about half a minute. The same password, salt
//! and cost for both; the keys must be equal.

mod machine;
mod report;

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr::{null, with_exposed_provenance_mut};
use std::sync::OnceLock;
use std::time::Instant;

use coffre_core::password::{Kdf, PasswordKey, SALT, Setting};
use coffre_core::policy::Policy;
use coffre_core::text::Text;
use openssl::hash::MessageDigest;
use report::Section;

const PASSWORD: &[u8] = b"correct horse battery staple";
const SALT_BYTES: [u8; SALT] = *b"sixteen bytes :)";
const ROUNDS: usize = 21;
const PBKDF2_ITERATIONS: u32 = 600_000;
const MEMORY_KIB: u32 = 65_536;
const PASSES: u32 = 3;

const SECTION: Section = Section {
    begin: "<!-- written by `cargo bench -p coffre-benches --bench passwords` -->\n",
    end: "<!-- end of passwords -->\n",
};

/// libargon2's argument, of argon2.h.
#[repr(C)]
struct Argon2Context {
    out: *mut u8,
    out_len: u32,
    password: *const u8,
    password_len: u32,
    salt: *const u8,
    salt_len: u32,
    secret: *const u8,
    secret_len: u32,
    associated: *const u8,
    associated_len: u32,
    passes: u32,
    memory_kib: u32,
    lanes: u32,
    threads: u32,
    version: u32,
    allocate: unsafe extern "C" fn(*mut *mut u8, usize) -> c_int,
    free: unsafe extern "C" fn(*mut u8, usize),
    flags: u32,
}

#[link(name = "argon2")]
unsafe extern "C" {
    fn argon2id_ctx(context: *mut Argon2Context) -> c_int;
}

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("passwords: measures under `cargo bench` only");
        return;
    }
    let load = machine::Load::begin();
    let pbkdf2 = Kdf::Pbkdf2 { iterations: PBKDF2_ITERATIONS };
    let argon2id = Kdf::Argon2id { memory_kib: MEMORY_KIB, passes: PASSES, lanes: 1 };
    let rows = [
        measure("PBKDF2-HMAC-SHA-256, 600,000 iterations", "OpenSSL", pbkdf2, openssl_pbkdf2),
        measure("Argon2id, 64 MiB, 3 passes, 1 lane", "libargon2", argon2id, libargon2),
    ];
    let text = format!(
        "{}\n| derivation | Coffre | peer | | Coffre's time : peer's |\n|---|---|---|---|---|\n{}",
        report::circumstances(ROUNDS, load.end()),
        rows.concat(),
    );
    report::write(&SECTION, &text);
}

/// A row of the table: medians in milliseconds, and the median ratio.
fn measure(work: &str, peer_name: &str, kdf: Kdf, peer: fn() -> [u8; 32]) -> String {
    let mut workspace = vec![MaybeUninit::uninit(); kdf.workspace()];
    let setting = Setting { id: [1; 16], kdf, salt: SALT_BYTES, hint: Text::empty() };
    let expected = peer();
    let rounds: Vec<[f64; 2]> = (0..ROUNDS)
        .map(|round| {
            let mut coffre = || {
                let began = Instant::now();
                let (policy, setting) = (Policy::default(), setting.clone());
                let key = PasswordKey::derive(&policy, setting, PASSWORD, &mut workspace).unwrap();
                let took = began.elapsed().as_secs_f64();
                assert!(*key.kek().expose() == expected, "{work}");
                took
            };
            let peer = || {
                let began = Instant::now();
                assert_eq!(peer(), expected);
                began.elapsed().as_secs_f64()
            };
            if round % 2 == 0 {
                let ours = coffre();
                [ours, peer()]
            } else {
                let theirs = peer();
                [coffre(), theirs]
            }
        })
        .collect();
    let [ours, theirs] =
        [0, 1].map(|side| report::quartiles(rounds.iter().map(|round| round[side] * 1e3))[1]);
    let [low, median, high] = report::quartiles(rounds.iter().map(|round| round[0] / round[1]));
    format!(
        "| {work} | {ours:.0} ms | {theirs:.0} ms | {peer_name} | **{median:.2}** \
         ({low:.2}–{high:.2}) |\n"
    )
}

fn openssl_pbkdf2() -> [u8; 32] {
    let (mut key, iterations) = ([0; 32], PBKDF2_ITERATIONS as usize);
    let digest = MessageDigest::sha256();
    openssl::pkcs5::pbkdf2_hmac(PASSWORD, &SALT_BYTES, iterations, digest, &mut key).unwrap();
    key
}

fn libargon2() -> [u8; 32] {
    let mut key = [0; 32];
    let mut context = Argon2Context {
        out: key.as_mut_ptr(),
        out_len: 32,
        password: PASSWORD.as_ptr(),
        password_len: PASSWORD.len() as u32,
        salt: SALT_BYTES.as_ptr(),
        salt_len: SALT as u32,
        secret: null(),
        secret_len: 0,
        associated: null(),
        associated_len: 0,
        passes: PASSES,
        memory_kib: MEMORY_KIB,
        lanes: 1,
        threads: 1,
        version: 0x13,
        allocate: lend,
        free: take_back,
        flags: 0,
    };
    // SAFETY: live buffers of the lengths given.
    assert_eq!(unsafe { argon2id_ctx(&mut context) }, 0);
    key
}

/// The memory that libargon2 gets, the same each time as Coffre's workspace is: fresh pages would
/// cost it a fault each.
static MEMORY: OnceLock<usize> = OnceLock::new();

unsafe extern "C" fn lend(memory: *mut *mut u8, size: usize) -> c_int {
    let address = MEMORY.get_or_init(|| vec![1u8; size].leak().as_mut_ptr().expose_provenance());
    // SAFETY: libargon2 gives the address of its own variable.
    unsafe { *memory = with_exposed_provenance_mut(*address) };
    0
}

unsafe extern "C" fn take_back(_: *mut u8, _: usize) {}
