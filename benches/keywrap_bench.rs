//! Re-wrapping version 1 keys: unwrap and wrap, AES-256, 32 bytes, beside peers.
//!
//! Rows: a million wrapped keys in memory, under one pair of KEKs whose schedules are made once.
//! Single: one wrapped key and a pair of KEKs, schedules included. All candidates in every round;
//! a ratio is taken within a round, and the tables have the medians. Peers, which are slow, get
//! the first of the rows.
//!
//! `cargo bench -p coffre-benches --bench keywrap -- [ROUNDS]`

use std::hint::black_box;
use std::time::Instant;

use aes_kw::aes::cipher::consts::U32;
use aes_kw::{KeyInit, KwAes256};
use aws_lc_sys as aws;
use coffre_core::aead::Engine;
use coffre_core::key_wrap;
use coffre_core::secret::Key;
use openssl::cipher::Cipher;
use openssl::cipher_ctx::{CipherCtx, CipherCtxFlags};

const ROWS: usize = 1_000_000;
const ROWS_OF_PEERS: usize = 10_000;
const SINGLES: usize = 2_000;
const FROM: [u8; 32] = [0x11; 32];
const TO: [u8; 32] = [0x22; 32];

type Wrapped = [u8; 40];
/// Re-wraps rows from the first KEK to the second.
type Rekey = Box<dyn Fn(&[u8; 32], &[u8; 32], &[Wrapped], &mut [Wrapped])>;

struct Candidate {
    name: String,
    rows: usize,
    rekey: Rekey,
}

fn ours(engine: Engine) -> Candidate {
    let rows = if engine.name().starts_with("x86") { ROWS } else { ROWS_OF_PEERS };
    let rekey = move |from: &[u8; 32], to: &[u8; 32], rows: &[Wrapped], out: &mut [Wrapped]| {
        let (from, to) = (Key::copy_of(from), Key::copy_of(to));
        if let ([row], [out]) = (rows, &mut *out) {
            let key = key_wrap::unwrap(engine, &from, row).unwrap();
            *out = key_wrap::wrap(engine, &to, &key);
            return;
        }
        let mut places = out.iter_mut();
        key_wrap::rewrap(engine, &from, &to, rows, |row| *places.next().unwrap() = row.unwrap());
    };
    Candidate { name: engine.name().into(), rows, rekey: Box::new(rekey) }
}

fn peer(
    name: &str,
    rekey: impl Fn(&[u8; 32], &[u8; 32], &[Wrapped], &mut [Wrapped]) + 'static,
) -> Candidate {
    Candidate { name: name.into(), rows: ROWS_OF_PEERS, rekey: Box::new(rekey) }
}

fn aes_kw(from: &[u8; 32], to: &[u8; 32], rows: &[Wrapped], out: &mut [Wrapped]) {
    let (from, to) = (KwAes256::new(from.into()), KwAes256::new(to.into()));
    for (row, out) in rows.iter().zip(out) {
        let mut key = [0; 32];
        from.unwrap_key(row, &mut key).unwrap();
        *out = to.wrap_fixed_key::<U32>((&key).into()).into();
    }
}

fn aws_lc(from: &[u8; 32], to: &[u8; 32], rows: &[Wrapped], out: &mut [Wrapped]) {
    // SAFETY: as aes.h wants it: schedules are made before they are used, keys have 256 bits, what
    // is unwrapped is 8 bytes shorter; no IV is the RFC's.
    unsafe {
        let (mut from_rounds, mut to_rounds) = (std::mem::zeroed(), std::mem::zeroed());
        assert_eq!(aws::AES_set_decrypt_key(from.as_ptr(), 256, &mut from_rounds), 0);
        assert_eq!(aws::AES_set_encrypt_key(to.as_ptr(), 256, &mut to_rounds), 0);
        for (row, out) in rows.iter().zip(out) {
            let (mut key, iv) = ([0; 32], std::ptr::null());
            let unwrapped =
                aws::AES_unwrap_key(&from_rounds, iv, key.as_mut_ptr(), row.as_ptr(), 40);
            let wrapped = aws::AES_wrap_key(&to_rounds, iv, out.as_mut_ptr(), key.as_ptr(), 32);
            assert_eq!((unwrapped, wrapped), (32, 40));
        }
    }
}

/// Contexts that are reused, as careful programs do.
fn openssl() -> Candidate {
    let cipher = Cipher::fetch(None, "AES-256-WRAP", None).unwrap();
    let context = || {
        let mut context = CipherCtx::new().unwrap();
        context.set_flags(CipherCtxFlags::FLAG_WRAP_ALLOW);
        context
    };
    let contexts = std::cell::RefCell::new((context(), context()));
    contexts.borrow_mut().0.decrypt_init(Some(&cipher), None, None).unwrap();
    contexts.borrow_mut().1.encrypt_init(Some(&cipher), None, None).unwrap();
    peer("openssl", move |from, to, rows, out| {
        let (decryption, encryption) = &mut *contexts.borrow_mut();
        decryption.decrypt_init(None, Some(from), None).unwrap();
        encryption.encrypt_init(None, Some(to), None).unwrap();
        for (row, out) in rows.iter().zip(out) {
            // More room than the results take, as the crate asks.
            let (mut key, mut wrapped) = ([0; 64], [0; 64]);
            assert_eq!(decryption.cipher_update(row, Some(&mut key)).unwrap(), 32);
            assert_eq!(encryption.cipher_update(&key[..32], Some(&mut wrapped)).unwrap(), 40);
            out.copy_from_slice(&wrapped[..40]);
        }
    })
}

fn main() {
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let rounds = args.next().map_or(15, |rounds| rounds.parse().unwrap());
    println!("{}", openssl::version::version());
    let mut candidates = vec![openssl(), peer("aws-lc", aws_lc), peer("aes-kw", aes_kw)];
    candidates.extend(Engine::available().map(ours));

    let from = KwAes256::new((&FROM).into());
    let mut secret = [0; 32];
    let rows: Vec<Wrapped> = (0..ROWS as u64)
        .map(|row| {
            let number = row.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
            secret.chunks_exact_mut(8).for_each(|part| part.copy_from_slice(&number));
            from.wrap_fixed_key::<U32>((&secret).into()).into()
        })
        .collect();
    let mut expected = vec![[0; 40]; ROWS];
    aes_kw(&FROM, &TO, &rows, &mut expected);
    // Touched once, so that no page is new in a measurement.
    let mut out = expected.clone();
    measure("rows", rounds, &candidates, |candidate| {
        let (rows, out) = (&rows[..candidate.rows], &mut out[..candidate.rows]);
        out.fill([0; 40]);
        let began = Instant::now();
        (candidate.rekey)(&FROM, &TO, rows, out);
        let ns = began.elapsed().as_nanos() as f64;
        assert!(*out == expected[..candidate.rows], "{}", candidate.name);
        ns / candidate.rows as f64
    });
    measure("single", rounds, &candidates, |candidate| {
        let mut out = vec![[0; 40]; SINGLES];
        let began = Instant::now();
        for (row, out) in rows.chunks(1).zip(out.chunks_mut(1)) {
            (candidate.rekey)(black_box(&FROM), black_box(&TO), row, out);
        }
        let ns = began.elapsed().as_nanos() as f64;
        assert!(out == expected[..SINGLES], "{}", candidate.name);
        ns / SINGLES as f64
    });
}

/// All rounds, and their table: nanoseconds a pair of unwrap and wrap.
fn measure(
    what: &str,
    rounds: usize,
    candidates: &[Candidate],
    mut run: impl FnMut(&Candidate) -> f64,
) {
    let mut times: Vec<Vec<f64>> = Vec::new();
    for round in 0..=rounds {
        let mut of_round = vec![0.0; candidates.len()];
        for turn in 0..candidates.len() {
            let which = if round % 2 == 0 { turn } else { candidates.len() - 1 - turn };
            of_round[which] = run(&candidates[which]);
        }
        // Everything is touched once before it counts.
        if round > 0 {
            times.push(of_round);
        }
    }
    println!("\n| {what} | ns a pair | million pairs/s | x openssl | x aws-lc | x aes-kw |");
    println!("|---|---|---|---|---|---|");
    for (which, candidate) in candidates.iter().enumerate() {
        let ns = median(times.iter().map(|round| round[which]));
        let ratios: String = (0..3)
            .map(|peer| median(times.iter().map(|round| round[peer] / round[which])))
            .map(|ratio| format!(" {ratio:.2} |"))
            .collect();
        println!("| {} | {ns:.1} | {:.2} |{ratios}", candidate.name, 1e3 / ns);
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
