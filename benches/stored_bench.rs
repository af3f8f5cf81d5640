//! Stored blocks beside plain AES-256-GCM: what do header, tags, checksum and hedge cost?
//!
//! Every candidate works on the same plaintext in every round, with a fresh key for each block or
//! message; a ratio is taken within a round, and the tables have the medians. `bare` is a block
//! without checksum and hedge, made of the core's public parts. AWS-LC seals and opens one message
//! of the block's size, in place and apart.
//!
//! `cargo bench -p coffre-benches --bench stored -- [ROUNDS [SIZES]]`, sizes with commas.

mod os_random;

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::ptr;
use std::time::Instant;

use aws_lc_sys as aws;
use coffre_core::aead::Engine;
use coffre_core::block::{self, Expected, SealOptions};
use coffre_core::chunked::{Chunked, SALT};
use coffre_core::compress::Workspace;
use coffre_core::context::Context;
use coffre_core::derive::Expand512;
use coffre_core::header::{self, BlockId};
use coffre_core::out::Out;
use coffre_core::policy::Policy;
use coffre_core::random::Random;
use coffre_core::secret::Key;
use coffre_core::session::Session;
use os_random::OsRandom;

const TAG: usize = 16;
const NONCE: [u8; 12] = [0x24; 12];
const SIZES: [usize; 4] = [4 << 10, 64 << 10, 1 << 20, 4 << 20];
/// Bytes of one measurement, or more: several blocks, if they are short.
const BATCH: usize = 128 << 10;
/// Before each measurement, so that wide units are awake.
const WARM_UP_NS: u128 = 25_000;

/// What a candidate works on.
struct Place {
    plain: Vec<u8>,
    /// A sealed block, or ciphertext and tag.
    sealed: Vec<u8>,
    number: u64,
}

type Work = Box<dyn FnMut(&mut Place)>;

/// A table: its first candidate is the one that the others are compared with.
struct Table {
    title: &'static str,
    candidates: Vec<(&'static str, Work)>,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let rounds = args.first().map_or(60, |rounds| rounds.parse().unwrap());
    let sizes: Vec<usize> = args.get(1).map_or(SIZES.to_vec(), |sizes| {
        sizes.split(',').map(|size| size.parse().unwrap()).collect()
    });
    for size in sizes {
        for table in [seal_table(), open_table()] {
            measure(size, rounds, table);
        }
    }
}

fn seal_table() -> Table {
    let seal = |trust_random| -> Work {
        let (context, mut random) = (Context::new(0).unwrap(), Random::new(OsRandom));
        let session = Session::generate(&mut random).unwrap();
        let options = SealOptions { compression: None, trust_random };
        Box::new(move |place| {
            let id = BlockId::Position(place.number);
            let mut out = Out::new(&mut place.sealed);
            let (random, plain) = (&mut random, &place.plain);
            block::seal(
                &context,
                random,
                &session,
                &id,
                &options,
                plain,
                &mut Workspace::none(),
                &mut out,
            )
            .unwrap();
        })
    };
    Table {
        title: "seal",
        candidates: vec![
            ("aws-lc in place", Box::new(aws_seal_in_place)),
            ("aws-lc apart", Box::new(aws_seal_apart)),
            ("bare", bare()),
            ("+ checksum", seal(true)),
            ("+ hedge", seal(false)),
        ],
    }
}

fn open_table() -> Table {
    let context = Context::new(0).unwrap();
    let session = Session::from_key(Key::copy_of(&[7; 32]));
    let mut opened = Vec::new();
    let mut block = Vec::new();
    let open: Work = Box::new(move |place| {
        if opened.len() != place.plain.len() {
            opened = vec![0; place.plain.len()];
            block = vec![0; block::sealed_max(place.plain.len())];
            let options = SealOptions { compression: None, trust_random: false };
            let (mut random, id) = (Random::new(OsRandom), BlockId::Position(0));
            let mut out = Out::new(&mut block);
            let plain = &place.plain;
            let sealed = (&context, &mut random, &session);
            block::seal(
                sealed.0,
                sealed.1,
                sealed.2,
                &id,
                &options,
                plain,
                &mut Workspace::none(),
                &mut out,
            )
            .unwrap();
        }
        let (policy, expected) = (Policy::default(), Expected::default());
        let mut out = Out::new(&mut opened);
        block::open(
            &context,
            &policy,
            &session,
            &expected,
            &block,
            &mut Workspace::none(),
            &mut out,
        )
        .unwrap();
    });
    let (mut message, mut tag, mut opened) = (Vec::new(), [0; TAG], Vec::new());
    let apart: Work = Box::new(move |place| {
        if message.len() != place.plain.len() {
            opened = vec![0; place.plain.len()];
            message = place.plain.clone();
            tag = aws_seal(&[7; 32], message.as_ptr(), message.len(), message.as_mut_ptr());
        }
        assert!(aws_open(&[7; 32], message.as_ptr(), message.len(), &tag, opened.as_mut_ptr()));
    });
    Table { title: "open", candidates: vec![("aws-lc apart", apart), ("open", open)] }
}

/// Header, salt, commitment and chunks.
fn bare() -> Work {
    let engine = Engine::detect();
    let session = Expand512::new(&Key::copy_of(&[7; 32]));
    Box::new(move |place| {
        let (mut head, mut salt) = ([0; header::SIZE], [0; SALT]);
        head[..8].copy_from_slice(&place.number.to_le_bytes());
        salt[..8].copy_from_slice(&place.number.to_le_bytes());
        let chunked = Chunked::derive(engine, &session, &salt, &head);
        let mut out = Out::new(&mut place.sealed);
        out.push(&head).unwrap();
        out.push(&salt).unwrap();
        out.push(chunked.commitment()).unwrap();
        chunked.seal_from(&place.plain, &mut out).unwrap();
    })
}

fn aws_seal_in_place(place: &mut Place) {
    // What is sealed again and again stays random.
    let (at, len) = (place.sealed.as_mut_ptr(), place.plain.len());
    let tag = aws_seal(&[place.number as u8; 32], at, len, at);
    place.sealed[len..][..TAG].copy_from_slice(&tag);
}

fn aws_seal_apart(place: &mut Place) {
    let (from, len) = (place.plain.as_ptr(), place.plain.len());
    let tag = aws_seal(&[place.number as u8; 32], from, len, place.sealed.as_mut_ptr());
    place.sealed[len..][..TAG].copy_from_slice(&tag);
}

/// `from` and `to` have `len` bytes, and are equal or disjoint.
fn aws_seal(key: &[u8; 32], from: *const u8, len: usize, to: *mut u8) -> [u8; TAG] {
    let (mut tag, mut tag_len) = ([0; TAG], 0);
    // SAFETY: `tag` has room for a tag; nothing else is given but what the caller says.
    let done = aws_with(key, |context| unsafe {
        #[rustfmt::skip]
        let done = aws::EVP_AEAD_CTX_seal_scatter(
            context, to, tag.as_mut_ptr(), &mut tag_len, TAG, NONCE.as_ptr(), NONCE.len(),
            from, len, ptr::null(), 0, ptr::null(), 0,
        );
        done
    });
    assert_eq!(done, 1);
    tag
}

/// `from` and `to` have `len` bytes, and are equal or disjoint.
fn aws_open(key: &[u8; 32], from: *const u8, len: usize, tag: &[u8; TAG], to: *mut u8) -> bool {
    // SAFETY: nothing is given but what the caller says.
    aws_with(key, |context| unsafe {
        #[rustfmt::skip]
        let done = aws::EVP_AEAD_CTX_open_gather(
            context, to, NONCE.as_ptr(), NONCE.len(), from, len, tag.as_ptr(), TAG,
            ptr::null(), 0,
        );
        done == 1
    })
}

fn aws_with<T>(key: &[u8; 32], work: impl FnOnce(&aws::EVP_AEAD_CTX) -> T) -> T {
    let mut context = MaybeUninit::<aws::EVP_AEAD_CTX>::zeroed();
    // SAFETY: as aead.h wants it: zeroed, initialised, used, cleaned up; `key` has 32 bytes.
    unsafe {
        let aead = aws::EVP_aead_aes_256_gcm();
        let context = context.as_mut_ptr();
        let ready = aws::EVP_AEAD_CTX_init(context, aead, key.as_ptr(), 32, TAG, ptr::null_mut());
        assert_eq!(ready, 1);
        let result = work(&*context);
        aws::EVP_AEAD_CTX_cleanup(context);
        result
    }
}

/// All rounds of one size, and its table.
fn measure(size: usize, rounds: usize, mut table: Table) {
    let count = (BATCH / size).max(1) as u64;
    let random = |i: usize| ((i as u32 ^ 0x5bd1).wrapping_mul(2_654_435_761) >> 24) as u8;
    let plain: Vec<u8> = (0..size).map(random).collect();
    let mut place = Place { plain, sealed: vec![0; block::sealed_max(size)], number: 0 };
    // [round][candidate], in nanoseconds a block.
    let mut times: Vec<Vec<f64>> = Vec::new();
    for round in 0..=rounds {
        let candidates = table.candidates.len();
        let mut of_round = vec![0.0; candidates];
        for turn in 0..candidates {
            let which = if round % 2 == 0 { turn } else { candidates - 1 - turn };
            let work = &mut table.candidates[which].1;
            let began = Instant::now();
            while began.elapsed().as_nanos() < WARM_UP_NS {
                work(black_box(&mut place));
            }
            let watch = Watch::start();
            for _ in 0..count {
                place.number += 1;
                work(black_box(&mut place));
            }
            of_round[which] = watch.ns() / count as f64;
        }
        if round > 0 {
            times.push(of_round);
        }
    }
    println!("\n| {size} B, {} | ns | GB/s | x {} |", table.title, table.candidates[0].0);
    println!("|---|---|---|---|");
    for (which, (name, _)) in table.candidates.iter().enumerate() {
        let ns = median(times.iter().map(|round| round[which]));
        let ratio = median(times.iter().map(|round| round[0] / round[which]));
        println!("| {name} | {ns:.0} | {:.2} | {ratio:.2} |", size as f64 / ns);
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
