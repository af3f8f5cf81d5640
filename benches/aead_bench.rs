//! Raw AES-256-GCM beside its peers: a fresh key for each message, no additional data, in place.
//!
//! Every candidate seals, then opens, in every round; a ratio is taken within a round, and the
//! table has the medians, with cycles of the clock as it was after the last round. At the end: does
//! a call of an engine slow others down, because it left the upper halves of registers dirty?
//!
//! `cargo bench -p coffre-benches --bench aead -- [ROUNDS [SIZES [NAMES]]]`, lists with commas.
//! RustCrypto's software is measured with `RUSTFLAGS='--cfg aes_backend="soft"
//! --cfg polyval_backend="soft"'`.

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::ptr;
use std::time::Instant;

use aws_lc_sys as aws;
use coffre_core::aead::Engine;
use coffre_core::secret::Key;
use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use ring::aead as ring_aead;

const TAG: usize = 16;
const NONCE: [u8; 12] = [0x24; 12];
const SIZES: [usize; 5] = [256, 4 << 10, 64 << 10, 1 << 20, 4 << 20];
/// Bytes of one measurement, or more: several messages, if they are short.
const BATCH: usize = 128 << 10;
/// Before each measurement, so that wide units are awake.
const WARM_UP_NS: u128 = 25_000;

type KeyBytes = [u8; 32];

/// `message` is data, then room for a tag.
trait Candidate {
    fn seal(&mut self, key: &KeyBytes, message: &mut [u8]);
    fn open(&mut self, key: &KeyBytes, message: &mut [u8]) -> bool;
}

struct Ours(Engine);

impl Candidate for Ours {
    fn seal(&mut self, key: &KeyBytes, message: &mut [u8]) {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        *tag = self.0.key_for(&Key::copy_of(key), data.len()).seal(&NONCE, data).unwrap();
    }

    fn open(&mut self, key: &KeyBytes, message: &mut [u8]) -> bool {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        self.0.key_for(&Key::copy_of(key), data.len()).open(&NONCE, data, tag).is_ok()
    }
}

/// Contexts that are reused, as careful programs do.
struct OpenSsl {
    encryption: CipherCtx,
    decryption: CipherCtx,
}

impl OpenSsl {
    fn new() -> OpenSsl {
        let cipher = Cipher::fetch(None, "AES-256-GCM", None).unwrap();
        let (mut encryption, mut decryption) =
            (CipherCtx::new().unwrap(), CipherCtx::new().unwrap());
        encryption.encrypt_init(Some(&cipher), None, None).unwrap();
        decryption.decrypt_init(Some(&cipher), None, None).unwrap();
        OpenSsl { encryption, decryption }
    }
}

impl Candidate for OpenSsl {
    fn seal(&mut self, key: &KeyBytes, message: &mut [u8]) {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        self.encryption.encrypt_init(None, Some(key), Some(&NONCE)).unwrap();
        self.encryption.cipher_update_inplace(data, data.len()).unwrap();
        self.encryption.cipher_final(&mut []).unwrap();
        self.encryption.tag(tag).unwrap();
    }

    fn open(&mut self, key: &KeyBytes, message: &mut [u8]) -> bool {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        self.decryption.decrypt_init(None, Some(key), Some(&NONCE)).unwrap();
        self.decryption.set_tag(tag).unwrap();
        self.decryption.cipher_update_inplace(data, data.len()).unwrap();
        self.decryption.cipher_final(&mut []).is_ok()
    }
}

/// Through its C interface: crate aws-lc-rs would add a heap object for each key.
struct AwsLc;

impl AwsLc {
    fn with<T>(key: &KeyBytes, work: impl FnOnce(&aws::EVP_AEAD_CTX) -> T) -> T {
        let mut context = MaybeUninit::<aws::EVP_AEAD_CTX>::zeroed();
        // SAFETY: as aead.h wants it: zeroed, initialised, used, cleaned up; `key` has 32 bytes.
        unsafe {
            let aead = aws::EVP_aead_aes_256_gcm();
            let context = context.as_mut_ptr();
            let ready =
                aws::EVP_AEAD_CTX_init(context, aead, key.as_ptr(), 32, TAG, ptr::null_mut());
            assert_eq!(ready, 1);
            let result = work(&*context);
            aws::EVP_AEAD_CTX_cleanup(context);
            result
        }
    }
}

impl Candidate for AwsLc {
    fn seal(&mut self, key: &KeyBytes, message: &mut [u8]) {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        let (at, len, mut tag_len) = (data.as_mut_ptr(), data.len(), 0);
        // SAFETY: in place, `tag` has room for a tag; nothing else is given.
        let done = AwsLc::with(key, |context| unsafe {
            #[rustfmt::skip]
            let done = aws::EVP_AEAD_CTX_seal_scatter(
                context, at, tag.as_mut_ptr(), &mut tag_len, TAG, NONCE.as_ptr(), NONCE.len(),
                at, len, ptr::null(), 0, ptr::null(), 0,
            );
            done
        });
        assert_eq!(done, 1);
    }

    fn open(&mut self, key: &KeyBytes, message: &mut [u8]) -> bool {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        let (at, len) = (data.as_mut_ptr(), data.len());
        // SAFETY: in place; nothing else is given.
        AwsLc::with(key, |context| unsafe {
            #[rustfmt::skip]
            let done = aws::EVP_AEAD_CTX_open_gather(
                context, at, NONCE.as_ptr(), NONCE.len(), at, len, tag.as_ptr(), TAG,
                ptr::null(), 0,
            );
            done == 1
        })
    }
}

struct Ring;

impl Ring {
    fn key(key: &KeyBytes) -> ring_aead::LessSafeKey {
        let key = ring_aead::UnboundKey::new(&ring_aead::AES_256_GCM, key).unwrap();
        ring_aead::LessSafeKey::new(key)
    }
}

impl Candidate for Ring {
    fn seal(&mut self, key: &KeyBytes, message: &mut [u8]) {
        let (data, tag) = message.split_last_chunk_mut::<TAG>().unwrap();
        let nonce = ring_aead::Nonce::assume_unique_for_key(NONCE);
        let aad = ring_aead::Aad::empty();
        let made = Ring::key(key).seal_in_place_separate_tag(nonce, aad, data).unwrap();
        tag.copy_from_slice(made.as_ref());
    }

    fn open(&mut self, key: &KeyBytes, message: &mut [u8]) -> bool {
        let nonce = ring_aead::Nonce::assume_unique_for_key(NONCE);
        Ring::key(key).open_in_place(nonce, ring_aead::Aad::empty(), message).is_ok()
    }
}

type Named = (&'static str, Box<dyn Candidate>);

fn candidates(names: &[String]) -> Vec<Named> {
    let mut all: Vec<Named> = vec![
        ("openssl", Box::new(OpenSsl::new())),
        ("aws-lc", Box::new(AwsLc)),
        ("ring", Box::new(Ring)),
    ];
    all.extend(
        Engine::available().map(|engine| -> Named { (engine.name(), Box::new(Ours(engine))) }),
    );
    let wanted = |name: &str| names.is_empty() || names.iter().any(|n| n == name);
    all.retain(|(name, _)| wanted(name));
    all
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let list = |at: usize| -> Vec<String> {
        args.get(at).map(|list| list.split(',').map(str::to_owned).collect()).unwrap_or_default()
    };
    let rounds = args.first().map_or(60, |rounds| rounds.parse().unwrap());
    let sizes: Vec<usize> = list(1).iter().map(|size| size.parse().unwrap()).collect();
    let sizes = if sizes.is_empty() { SIZES.to_vec() } else { sizes };
    println!("{}", openssl::version::version());
    for size in sizes {
        measure(size, rounds, &mut candidates(&list(2)));
    }
    dirty_halves();
}

/// All rounds of one size, and its table.
fn measure(size: usize, rounds: usize, candidates: &mut [Named]) {
    let count = (BATCH / (size + TAG)).max(1);
    let stride = (size + TAG).next_multiple_of(64);
    let mut memory = vec![0_u8; stride * count + 64];
    let aligned = memory.as_ptr().align_offset(64);
    let memory = &mut memory[aligned..aligned + stride * count];
    memory
        .iter_mut()
        .zip(0_u32..)
        .for_each(|(byte, i)| *byte = (i.wrapping_mul(2_654_435_761) >> 24) as u8);
    // [round][seal or open][candidate], in nanoseconds a message.
    let mut times: Vec<[Vec<f64>; 2]> = Vec::new();
    for round in 0..=rounds {
        let mut of_round = [vec![0.0; candidates.len()], vec![0.0; candidates.len()]];
        for turn in 0..candidates.len() {
            let which = if round % 2 == 0 { turn } else { candidates.len() - 1 - turn };
            let (name, candidate) = &mut candidates[which];
            for (work, times) in of_round.iter_mut().enumerate() {
                let opens = work == 1;
                warm_up(candidate.as_mut(), size);
                let watch = Watch::start();
                let mut good = true;
                for (i, message) in memory.chunks_mut(stride).enumerate() {
                    let key = [i as u8; 32];
                    if opens {
                        good &= candidate.open(&key, &mut message[..size + TAG]);
                    } else {
                        candidate.seal(&key, &mut message[..size + TAG]);
                    }
                }
                times[which] = watch.ns() / count as f64;
                assert!(good, "{name}: {size}");
            }
        }
        if round > 0 {
            times.push(of_round);
        }
    }
    let names: Vec<_> = candidates.iter().map(|(name, _)| *name).collect();
    for (work, what) in ["seal", "open"].into_iter().enumerate() {
        let of_work: Vec<&Vec<f64>> = times.iter().map(|round| &round[work]).collect();
        print_table(size, what, &names, &of_work);
    }
}

fn warm_up(candidate: &mut dyn Candidate, size: usize) {
    let mut message = vec![0; size.min(16 << 10) + TAG];
    let began = Instant::now();
    while began.elapsed().as_nanos() < WARM_UP_NS {
        candidate.seal(&[1; 32], black_box(&mut message));
    }
}

fn print_table(size: usize, work: &str, names: &[&str], rounds: &[&Vec<f64>]) {
    let peers: Vec<usize> = ["openssl", "aws-lc", "ring", "rustcrypto"]
        .iter()
        .filter_map(|peer| names.iter().position(|name| name == peer))
        .collect();
    let heads: String = peers.iter().map(|&peer| format!(" x {} |", names[peer])).collect();
    let ghz = median((0..9).map(|_| clock()));
    println!("\n| {size} B, {work}; {ghz:.2} GHz | ns | GB/s | cycles/B |{heads}");
    println!("|---|---|---|---|{}", "---|".repeat(peers.len()));
    for (which, name) in names.iter().enumerate() {
        let ns = median(rounds.iter().map(|round| round[which]));
        let ratios: String = peers
            .iter()
            .map(|&peer| median(rounds.iter().map(|round| round[peer] / round[which])))
            .map(|ratio| format!(" {ratio:.2} |"))
            .collect();
        let (speed, cycles) = (size as f64 / ns, ns * ghz / size as f64);
        println!("| {name} | {ns:.0} | {speed:.2} | {cycles:.3} |{ratios}");
    }
}

/// The processor's clock in GHz: additions of which each waits for the one before take a cycle.
fn clock() -> f64 {
    const COUNT: u64 = 100_000;
    let watch = Watch::start();
    let mut sum = 0_u64;
    for i in 0..COUNT {
        sum = black_box_register(sum) + i;
    }
    black_box(sum);
    COUNT as f64 / watch.ns()
}

/// `black_box` goes through memory; this stays where it is.
fn black_box_register(mut number: u64) -> u64 {
    // SAFETY: no instruction.
    unsafe { std::arch::asm!("/* {0} */", inout(reg) number, options(nomem, nostack)) };
    number
}

/// RustCrypto's speed before and after a call of each engine; 1.00 is as it should be.
fn dirty_halves() {
    let Some(rustcrypto) = Engine::by_name("rustcrypto") else { return };
    let key = [9; 32];
    let mut sealed = vec![3; (64 << 10) + TAG];
    Ours(rustcrypto).seal(&key, &mut sealed);
    println!("\n| RustCrypto opens 64 KiB after a call of | x as fast as before |\n|---|---|");
    for engine in Engine::available() {
        let ratios = (0..40).map(|round| {
            let open = || {
                let mut message = sealed.clone();
                let watch = Watch::start();
                assert!(Ours(rustcrypto).open(&key, &mut message));
                watch.ns()
            };
            open();
            let before = open();
            // All paths of a kernel, by turns: a key alone, strides, whole vectors, a part of one.
            if round % 6 == 5 {
                black_box(engine.key_for(&Key::copy_of(&key), 4 << 10));
                return before / open();
            }
            let mut other = vec![0; [0, 100, 600, 1024, 5000][round % 6] + TAG];
            Ours(engine).seal(&key, black_box(&mut other));
            Ours(engine).open(&key, black_box(&mut other));
            before / open()
        });
        println!("| {} | {:.2} |", engine.name(), median(ratios));
    }
}

/// The lesser of wall time and the thread's processor time: a busy machine disturbs less.
struct Watch(Instant, f64);

impl Watch {
    fn start() -> Watch {
        let processor = processor_ns();
        Watch(Instant::now(), processor)
    }

    fn ns(&self) -> f64 {
        let wall = self.0.elapsed().as_nanos() as f64;
        wall.min(processor_ns() - self.1)
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

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
