//! Deriving a key from a password beside OpenSSL and libargon2, in turns in one process, one thread
//! each, for docs/PERFORMANCE.md.
//!
//! `cargo bench -p coffre-benches --bench passwords`, about half a minute. The same password, salt
//! and cost for both; the keys must be equal.

mod machine;
mod measure;

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr::{null, with_exposed_provenance_mut};
use std::sync::OnceLock;

use coffre_core::password::{Kdf, PasswordKey, Setting};
use coffre_core::password_hash::SALT;
use coffre_core::policy::Policy;
use coffre_core::text::Text;
use measure::clock::Watch;
use measure::figures::Part;
use measure::rounds::{self, Budget, Turn, What};
use openssl::hash::MessageDigest;

const PASSWORD: &[u8] = b"correct horse battery staple";
const SALT_BYTES: [u8; SALT] = *b"sixteen bytes :)";
const ROUNDS: usize = 15;
const PBKDF2_ITERATIONS: u32 = 600_000;
const MEMORY_KIB: u32 = 65_536;
const PASSES: u32 = 3;

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
    if measure::only_tested("passwords") {
        return;
    }
    let mut part = Part::begin("passwords");
    let pbkdf2 = Kdf::Pbkdf2 { iterations: PBKDF2_ITERATIONS };
    let argon2id = Kdf::Argon2id { memory_kib: MEMORY_KIB, passes: PASSES, lanes: 1 };
    let work = "password: PBKDF2-HMAC-SHA-256, 600,000 iterations";
    measure_kdf(&mut part, work, "OpenSSL", pbkdf2, openssl_pbkdf2);
    let work = "password: Argon2id, 64 MiB, 3 passes, 1 lane";
    measure_kdf(&mut part, work, "libargon2", argon2id, libargon2);
    part.save();
}

/// A unit of work is a derivation: of one byte, so to speak.
fn measure_kdf(part: &mut Part, work: &str, peer_name: &str, kdf: Kdf, peer: fn() -> [u8; 32]) {
    let mut workspace = vec![MaybeUninit::uninit(); kdf.workspace()];
    let setting = Setting { id: [1; 16], kdf, salt: SALT_BYTES, hint: Text::empty() };
    let expected = peer();
    let mut turns: [Turn<(), 1>; 2] = [
        Turn::new("coffre", |_: &mut (), _| {
            let (policy, setting) = (Policy::default(), setting.clone());
            let watch = Watch::start();
            let key = PasswordKey::derive(&policy, setting, PASSWORD, &mut workspace).unwrap();
            let took = watch.ns();
            assert!(*key.kek().expose() == expected, "{work}");
            [took]
        }),
        Turn::new(peer_name, |_: &mut (), _| {
            let watch = Watch::start();
            assert_eq!(peer(), expected);
            [watch.ns()]
        }),
    ];
    let budget = Budget::new(ROUNDS, f64::from(u32::MAX));
    let [rounds] = rounds::run(&budget, &mut (), &mut turns);
    let what = What { work, engine: "default", bytes: 1, count: 1 };
    part.add(rounds.count(), rounds.figure(&what, "coffre", peer_name));
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
