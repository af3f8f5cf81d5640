//! Every engine of AES-256-GCM gives what RustCrypto's crate gives, bit for bit.
//!
//! Every length up to 4 KiB, random ones up to 4 MiB, all alignments, in place and out of place,
//! both kinds of nonce, additional data, counters that wrap, series, and altered tags. Published
//! vectors are in `aead_wycheproof.rs`.

use std::mem::MaybeUninit;

use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, KeyInit};
use coffre_core::aead::{Engine, GcmKey, NONCE, Nonce, TAG};
use coffre_core::error::Error;
use coffre_core::out::as_scratch;
use coffre_core::secret::Key;

const KEY: [u8; 32] = *b"a key for all of the tests here.";

/// Bytes that repeat in every run (splitmix64).
struct Bytes(u64);

impl Bytes {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn take(&mut self, len: usize) -> Vec<u8> {
        let words = (0..len.div_ceil(8)).flat_map(|_| self.next().to_le_bytes());
        words.take(len).collect()
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.take(N).try_into().unwrap()
    }
}

/// What RustCrypto's crate makes of a message.
fn expected(key: &[u8; 32], nonce: Nonce, aad: &[u8], plain: &[u8]) -> (Vec<u8>, [u8; TAG]) {
    let mut data = plain.to_vec();
    let tag = match nonce {
        Nonce::Short(nonce) => AesGcm::<Aes256, U12>::new(key.into()).encrypt_inout_detached(
            nonce.into(),
            aad,
            data.as_mut_slice().into(),
        ),
        Nonce::Long(nonce) => AesGcm::<Aes256, U16>::new(key.into()).encrypt_inout_detached(
            nonce.into(),
            aad,
            data.as_mut_slice().into(),
        ),
    };
    (data, tag.unwrap().into())
}

fn engines() -> Vec<Engine> {
    Engine::available().collect()
}

fn each_engine(mut test: impl FnMut(Engine, &str)) {
    engines().into_iter().for_each(|engine| test(engine, engine.name()));
}

/// Seals and opens in place and out of place.
fn check(
    key: &GcmKey,
    nonce: &[u8; NONCE],
    plain: &[u8],
    sealed: &[u8],
    tag: [u8; TAG],
    what: &str,
) {
    let mut data = plain.to_vec();
    assert_eq!(key.seal(nonce, &mut data), Ok(tag), "{what}");
    assert!(data == sealed, "{what}");
    key.open(nonce, &mut data, &tag).unwrap();
    assert!(data == plain, "{what}");

    let mut space = vec![MaybeUninit::new(0xA5); plain.len()];
    let (written, made) = key.seal_to(nonce, plain, &mut space).unwrap();
    assert!(written == sealed && made == tag, "{what}");
    let mut space = vec![MaybeUninit::new(0xA5); plain.len()];
    let written = key.open_to(nonce, sealed, &mut space, &tag).unwrap();
    assert!(written == plain, "{what}");
}

#[test]
fn every_length_to_4096() {
    let plain = Bytes(1).take(4096);
    let nonce = [7; NONCE];
    let all: Vec<_> =
        (0..=4096).map(|len| expected(&KEY, Nonce::Short(&nonce), &[], &plain[..len])).collect();
    each_engine(|engine, name| {
        let key = engine.key(&Key::copy_of(&KEY));
        for (len, (sealed, tag)) in all.iter().enumerate() {
            check(&key, &nonce, &plain[..len], sealed, *tag, &format!("{name}: {len}"));
        }
    });
}

/// A key that was made ready for short messages seals all; so does one that was made ready for
/// exactly this length.
#[test]
fn every_promise_of_length() {
    let plain = Bytes(2).take(1200);
    let nonce = [8; NONCE];
    each_engine(|engine, name| {
        for len in (0..300).chain([511, 512, 513, 527, 528, 529, 1023, 1024, 1025, 1200]) {
            let (sealed, tag) = expected(&KEY, Nonce::Short(&nonce), &[], &plain[..len]);
            for longest in [0, 1, 16, 17, 64, 65, 128, 129, 256, 257, 511, 512, len] {
                let key = engine.key_for(&Key::copy_of(&KEY), longest);
                let what = format!("{name}: {len}, ready for {longest}");
                check(&key, &nonce, &plain[..len], &sealed, tag, &what);
            }
        }
    });
}

#[test]
fn random_lengths_to_4_mib() {
    let mut bytes = Bytes(3);
    let plain = bytes.take(4 << 20);
    let mut lengths = vec![16 << 10, 64 << 10, (64 << 10) + 1, 1 << 20, 4 << 20];
    lengths.extend((0..40).map(|_| bytes.next() as usize % (100 << 10)));
    lengths.extend((0..4).map(|_| bytes.next() as usize % (4 << 20)));
    for len in lengths {
        let (key, nonce) = (bytes.array(), bytes.array());
        let (sealed, tag) = expected(&key, Nonce::Short(&nonce), &[], &plain[..len]);
        each_engine(|engine, name| {
            let key = engine.key(&Key::copy_of(&key));
            check(&key, &nonce, &plain[..len], &sealed, tag, &format!("{name}: {len}"));
        });
    }
}

#[test]
fn all_alignments() {
    const LEN: usize = 1117;
    let mut bytes = Bytes(4);
    let (source, nonce) = (bytes.take(LEN + 64), [9; NONCE]);
    each_engine(|engine, name| {
        let key = engine.key(&Key::copy_of(&KEY));
        for from in 0..64 {
            let plain = &source[from..from + LEN];
            let (sealed, tag) = expected(&KEY, Nonce::Short(&nonce), &[], plain);
            let mut memory = vec![0xA5; LEN + 128];
            let base = memory.as_ptr().align_offset(64);
            for to in 0..64 {
                let space = &mut memory[base + to..][..LEN];
                let (_, made) = key.seal_to(&nonce, plain, as_scratch(space)).unwrap();
                assert!(made == tag && space == sealed, "{name}: from {from} to {to}");
                key.open(&nonce, space, &tag).unwrap();
                assert!(space == plain, "{name}: at {to}");
                assert_eq!(key.seal(&nonce, space), Ok(tag), "{name}: at {to}");
                space.fill(0);
                key.open_to(&nonce, &sealed, as_scratch(space), &tag).unwrap();
                assert!(space == plain, "{name}: to {to}");
            }
            assert!(memory[..base].iter().chain(&memory[base + LEN + 63..]).all(|b| *b == 0xA5));
        }
    });
}

/// Nothing before or behind the destination is touched.
#[test]
fn nothing_else_is_written() {
    let plain = Bytes(5).take(600);
    each_engine(|engine, name| {
        let key = engine.key(&Key::copy_of(&KEY));
        for len in 0..600 {
            let mut memory = [0xA5; 800];
            key.seal_to(&[0; NONCE], &plain[..len], as_scratch(&mut memory[100..][..len])).unwrap();
            let around = memory[..100].iter().chain(&memory[100 + len..]);
            assert!(around.copied().all(|byte| byte == 0xA5), "{name}: {len}");
        }
    });
}

/// Messages that end anywhere in a window of 256 counters, or just after.
#[test]
fn ends_around_windows() {
    let mut bytes = Bytes(9);
    let (plain, nonce) = (bytes.take(25_000), bytes.array());
    let nonce = Nonce::Short(&nonce);
    let windows = (8 << 10..=20 << 10).step_by(128).flat_map(|at| [at - 1, at, at + 1, at + 17]);
    for len in windows.chain((12_000..12_600).step_by(7)) {
        let (sealed, tag) = expected(&KEY, nonce, &[1, 2], &plain[..len]);
        each_engine(|engine, name| {
            if name == "portable" {
                return;
            }
            let key = engine.key(&Key::copy_of(&KEY));
            let mut data = plain[..len].to_vec();
            assert_eq!(key.seal_with(nonce, &[1, 2], &mut data), Ok(tag), "{name}: {len}");
            assert!(data == sealed, "{name}: {len}");
            key.open_with(nonce, &[1, 2], &mut data, &tag).unwrap();
            assert!(data == plain[..len], "{name}: {len}");
        });
    }
}

/// Chunks of a message: the nonce is a base XOR a number. Each byte of the nonce changes once in
/// the series, and back; short chunks stand between long ones.
#[test]
fn series_of_messages() {
    let mut bytes = Bytes(10);
    let plain = bytes.take(17_000);
    let base: [u8; NONCE] = bytes.array();
    let mut nonces: Vec<[u8; NONCE]> = (0..600_u64)
        .chain([1 << 16, 1 << 24, 1 << 32, 1 << 40, 1 << 48, 1 << 63, u64::MAX, 1, 0, 300])
        .map(|number| {
            let mut nonce = base;
            nonce[4..].iter_mut().zip(number.to_be_bytes()).for_each(|(n, i)| *n ^= i);
            nonce
        })
        .collect();
    for at in 0..NONCE {
        let mut nonce = base;
        nonce[at] ^= 0x80;
        nonces.extend([nonce, base]);
    }
    let lengths = [16 << 10, 100, 16_999, 511, 512, 513, 4096, 4097, 12 << 10, 0, 8 << 10, 8191];
    let lengths = || lengths.into_iter().cycle();
    let all: Vec<_> = nonces
        .iter()
        .zip(lengths())
        .map(|(nonce, len)| expected(&KEY, Nonce::Short(nonce), &[], &plain[..len]))
        .collect();
    each_engine(|engine, name| {
        // The second one makes powers of H for longer messages anew.
        for longest in [usize::MAX, 64] {
            let key = engine.key_for(&Key::copy_of(&KEY), longest);
            let mut series = key.series(usize::MAX);
            for (i, (nonce, (sealed, tag))) in nonces.iter().zip(&all).enumerate() {
                if name == "portable" && i % 16 != 0 {
                    continue;
                }
                let (what, plain) = (format!("{name}: {i}"), &plain[..sealed.len()]);
                let mut data = plain.to_vec();
                assert_eq!(series.seal(nonce, &mut data), Ok(*tag), "{what}");
                assert!(data == *sealed, "{what}");
                data.fill(0xA5);
                let (made, made_tag) = series.seal_to(nonce, plain, as_scratch(&mut data)).unwrap();
                assert!(made == sealed && made_tag == *tag, "{what}");
                let opened = series.open_to(nonce, sealed, as_scratch(&mut data), tag);
                assert!(opened.unwrap() == plain, "{what}");
            }
        }
    });
}

/// A series refuses what a key refuses.
#[test]
fn series_refuse_too() {
    each_engine(|engine, name| {
        let key = engine.key(&Key::copy_of(&KEY));
        let mut series = key.series(1 << 20);
        let mut sealed = vec![1; 16 << 10];
        let mut tag = series.seal(&[5; NONCE], &mut sealed).unwrap();
        tag[15] ^= 1;
        let mut space = vec![0xA5; 16 << 10];
        let opened = series.open_to(&[5; NONCE], &sealed, as_scratch(&mut space), &tag);
        assert_eq!(opened, Err(Error::NotAuthentic), "{name}");
        assert!(space.iter().all(|byte| *byte == 0), "{name}");
        let mut space = [0xA5; 20];
        let made = series.seal_to(&[0; NONCE], &[1; 19], as_scratch(&mut space));
        assert_eq!(made, Err(Error::InvalidArgument), "{name}");
        let opened = series.open_to(&[0; NONCE], &[1; 21], as_scratch(&mut space), &[0; TAG]);
        assert_eq!(opened, Err(Error::InvalidArgument), "{name}");
        assert_eq!(space, [0xA5; 20], "{name}");
    });
}

/// SP 800-38D 6.2: only the low 32 bits count, and they wrap. Nonces of 16 bytes give any J0.
#[test]
fn counters_wrap() {
    let mut bytes = Bytes(6);
    let (plain, aad) = (bytes.take(20_000), bytes.take(37));
    let mut ends: Vec<u32> = (0..4).map(|_| u32::MAX - bytes.next() as u32 % 1000).collect();
    // With every last byte that a counter can start with.
    ends.extend((0..256).map(|last| bytes.next() as u32 & !255 | last));
    for end in ends {
        let nonce = nonce_of_j0(&mut bytes, end);
        let (sealed, tag) = expected(&KEY, Nonce::Long(&nonce), &aad, &plain);
        each_engine(|engine, name| {
            let key = engine.key(&Key::copy_of(&KEY));
            let mut data = plain.clone();
            let made = key.seal_with(Nonce::Long(&nonce), &aad, &mut data);
            assert_eq!(made, Ok(tag), "{name}");
            assert!(data == sealed, "{name}");
            key.open_with(Nonce::Long(&nonce), &aad, &mut data, &tag).unwrap();
            assert!(data == plain, "{name}");
        });
    }
}

/// A nonce whose J0 ends with this number.
fn nonce_of_j0(bytes: &mut Bytes, end: u32) -> [u8; 16] {
    use aes_gcm::aes::cipher::BlockCipherEncrypt;
    let mut h = [0; 16].into();
    Aes256::new(&KEY.into()).encrypt_block(&mut h);
    let h = u128::from_be_bytes(h.into());
    // J0 = (nonce · H + lengths) · H: chosen, and solved for the nonce.
    let mut j0: [u8; 16] = bytes.array();
    j0[12..].copy_from_slice(&end.to_be_bytes());
    let inverse = power(h, u128::MAX - 1);
    let hashed = multiply(u128::from_be_bytes(j0), inverse) ^ 128;
    multiply(hashed, inverse).to_be_bytes()
}

fn power(base: u128, exponent: u128) -> u128 {
    let one = 1 << 127;
    (0..128).rev().fold(one, |sum, bit| {
        let square = multiply(sum, sum);
        if exponent >> bit & 1 == 1 { multiply(square, base) } else { square }
    })
}

/// SP 800-38D 6.3, algorithm 1.
fn multiply(x: u128, y: u128) -> u128 {
    let (mut z, mut v) = (0, y);
    for i in (0..128).rev() {
        z ^= if x >> i & 1 == 1 { v } else { 0 };
        v = v >> 1 ^ if v & 1 == 1 { 0xe1 << 120 } else { 0 };
    }
    z
}

#[test]
fn additional_data_and_long_nonces() {
    let mut bytes = Bytes(7);
    let source = bytes.take(1000);
    for aad_len in (0..70).chain([255, 256, 1000]) {
        for len in [0, 1, 16, 31, 64, 511, 512, 777] {
            let (short, long) = (bytes.array(), bytes.array());
            for nonce in [Nonce::Short(&short), Nonce::Long(&long)] {
                let (aad, plain) = (&source[..aad_len], &source[1000 - len..]);
                let (sealed, tag) = expected(&KEY, nonce, aad, plain);
                each_engine(|engine, name| {
                    let key = engine.key_for(&Key::copy_of(&KEY), len);
                    let mut data = plain.to_vec();
                    let made = key.seal_with(nonce, aad, &mut data).unwrap();
                    assert!(made == tag && data == sealed, "{name}: {aad_len}, {len}");
                    key.open_with(nonce, aad, &mut data, &tag).unwrap();
                    assert!(data == plain, "{name}: {aad_len}, {len}");
                });
            }
        }
    }
}

/// Whatever is altered, the result is zeros, everywhere.
#[test]
fn alterations_are_refused() {
    let plain = Bytes(8).take(700);
    let nonce = [3; NONCE];
    each_engine(|engine, name| {
        let key = engine.key(&Key::copy_of(&KEY));
        for len in [0, 1, 16, 100, 512, 700] {
            let mut sealed = plain[..len].to_vec();
            let tag = key.seal(&nonce, &mut sealed).unwrap();
            let refused = |sealed: &[u8], tag: &[u8; TAG], what: String| {
                let mut data = sealed.to_vec();
                let opened = key.open(&nonce, &mut data, tag);
                assert_eq!(opened, Err(Error::NotAuthentic), "{name}: {what}");
                assert!(data.iter().all(|byte| *byte == 0), "{name}: {what}");
                data.fill(0xA5);
                let opened = key.open_to(&nonce, sealed, as_scratch(&mut data), tag);
                assert_eq!(opened, Err(Error::NotAuthentic), "{name}: {what}");
                assert!(data.iter().all(|byte| *byte == 0), "{name}: {what}");
            };
            for bit in 0..8 * TAG {
                let mut tag = tag;
                tag[bit / 8] ^= 1 << (bit % 8);
                refused(&sealed, &tag, format!("{len} bytes, bit {bit} of the tag"));
            }
            for at in 0..len {
                let mut sealed = sealed.clone();
                sealed[at] ^= 0x80;
                refused(&sealed, &tag, format!("{len} bytes, byte {at}"));
            }
        }
    });
}

#[test]
fn lengths_must_agree() {
    each_engine(|engine, name| {
        let key = engine.key(&Key::copy_of(&KEY));
        let mut space = [0xA5; 20];
        let sealed = key.seal_to(&[0; NONCE], &[1; 19], as_scratch(&mut space));
        assert_eq!(sealed, Err(Error::InvalidArgument), "{name}");
        let opened = key.open_to(&[0; NONCE], &[1; 21], as_scratch(&mut space), &[0; TAG]);
        assert_eq!(opened, Err(Error::InvalidArgument), "{name}");
        assert_eq!(space, [0xA5; 20], "{name}");
    });
}

#[test]
fn engines_have_names() {
    let engines = engines();
    println!("engines: {:?}", engines.iter().map(|engine| engine.name()).collect::<Vec<_>>());
    assert!(!engines.is_empty());
    assert_eq!(engines[0].name(), Engine::detect().name());
    for engine in engines {
        assert_eq!(Engine::by_name(engine.name()).unwrap().name(), engine.name());
    }
    assert!(Engine::by_name("x86-vaes1024").is_none());
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    if Engine::by_name("arm-aes").is_some() {
        // SAFETY: the processor said so.
        let assumed = unsafe { Engine::assume_arm_aes() };
        assert_eq!(assumed.name(), "arm-aes");
    }
}
