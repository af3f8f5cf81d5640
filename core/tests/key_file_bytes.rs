//! Key files byte by byte: the rules of PEM, damage in any place, and what is written.

#![cfg(all(feature = "seal", feature = "public-key"))]

use coffre_core::error::{Error, Result};
use coffre_core::key_file::{self, Form, read_private, read_public, write_private, write_public};
use coffre_core::out::Out;

fn file(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/key_files/");
    std::fs::read(format!("{folder}{name}")).unwrap()
}

fn private(bytes: &[u8]) -> Result<[u8; 32]> {
    read_private(bytes).map(|key| *key.scalar_bytes().expose())
}

fn public(bytes: &[u8]) -> Result<[u8; 65]> {
    read_public(bytes).map(|key| key.to_uncompressed())
}

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----\n";
const END: &str = "-----END PRIVATE KEY-----\n";

/// RFC 7468 2 and 3: what surrounds and divides the lines of base64 may differ.
#[test]
fn pem_latitude() {
    let scalar = private(&file("p256_private.der"));
    let pem = String::from_utf8(file("p256_private.pem")).unwrap();
    let body = pem.strip_prefix(BEGIN).unwrap().strip_suffix(END).unwrap();
    let base64 = body.replace('\n', "");
    let wrapped = |width: usize| {
        let lines = base64.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap());
        lines.collect::<Vec<_>>().join("\n")
    };
    for (what, text) in [
        ("CRLF", pem.replace('\n', "\r\n")),
        ("CR", pem.replace('\n', "\r")),
        ("no line feed at the end", pem.trim_end().into()),
        ("white space at the end", format!("{pem}\r\n \t\n")),
        ("empty line before", format!("\n{pem}")),
        ("text before", format!("Key of the vault,\r\n0 made - today -\r\n{pem}")),
        ("76 columns", format!("{BEGIN}{}\n{END}", wrapped(76))),
        ("48 columns", format!("{BEGIN}{}\n{END}", wrapped(48))),
        ("one line", format!("{BEGIN}{base64}\n{END}")),
    ] {
        assert_eq!(private(text.as_bytes()), scalar, "{what}");
    }
}

/// RFC 7468: PEM is refused for one reason; all of them are *bad key file*.
#[test]
fn pem_rejects() {
    let pem = String::from_utf8(file("p256_private.pem")).unwrap();
    let other = String::from_utf8(file("p256_public.pem")).unwrap();
    let body = pem.strip_prefix(BEGIN).unwrap().strip_suffix(END).unwrap();
    let labelled = |label: &str| pem.replace("PRIVATE KEY", label);
    for (what, text) in [
        ("label of a public key", labelled("PUBLIC KEY")),
        ("label of PKCS #1", labelled("RSA PRIVATE KEY")),
        ("label of encrypted PKCS#8", labelled("ENCRYPTED PRIVATE KEY")),
        ("label in lower case", labelled("private key")),
        ("no label", labelled("")),
        ("labels that differ", format!("{BEGIN}{body}-----END PUBLIC KEY-----\n")),
        ("no end", format!("{BEGIN}{body}")),
        ("no begin", format!("{body}{END}")),
        ("nothing inside", format!("{BEGIN}{END}")),
        ("an empty line inside", format!("{BEGIN}\n{END}")),
        ("boundary without line feed", pem.replacen("-----\n", "-----", 1)),
        ("boundary not at a line's start", format!(" {pem}")),
        ("byte order mark", format!("\u{feff}{pem}")),
        ("NUL before", format!("\0\n{pem}")),
        ("NUL after", format!("{pem}\0")),
        ("two keys", pem.repeat(2)),
        ("its public key after", format!("{pem}{other}")),
        ("its public key before", format!("{other}{pem}")),
        ("header", format!("{BEGIN}Proc-Type: 4,ENCRYPTED\n\n{body}{END}")),
        ("not base64", pem.replacen('M', "!", 1)),
        ("base64 of URLs", pem.replace('/', "_").replacen('A', "-", 1)),
        ("base64 cut by a character", pem.replacen('M', "", 1)),
        ("lines of different lengths", pem.replacen('\n', "\n\n", 2)),
        ("the boundary alone", "-----BEGIN".into()),
    ] {
        assert_eq!(private(text.as_bytes()), Err(Error::BadKeyFile), "{what}");
    }
}

/// Every length has a maximum: a file of 4,096 bytes is looked at, a longer one is not.
#[test]
fn size_cap() {
    let pem = file("p256_private.pem");
    let with_text = |len: usize| {
        let mut text = vec![b'x'; len - pem.len()];
        *text.last_mut().unwrap() = b'\n';
        [text, pem.clone()].concat()
    };
    assert!(private(&with_text(key_file::FILE)).is_ok());
    assert_eq!(private(&with_text(key_file::FILE + 1)), Err(Error::BadKeyFile));
    let full = [BEGIN.as_bytes(), &[b'A'; 4096 - 54], b"\n", END.as_bytes()].concat();
    assert_eq!(private(&full[..4096]), Err(Error::BadKeyFile), "a body as long as can be");
}

/// A file that is cut short, or goes on, is refused: DER at every byte, PEM wherever a character
/// is missing.
#[test]
fn truncations_are_refused() {
    let refused = Some(Error::BadKeyFile);
    for name in ["p256_private.der", "p256_java_private.der", "p256_private.pem"] {
        let bytes = file(name);
        let whole = bytes.trim_ascii_end().len().max(bytes.len() * usize::from(bytes[0] == 0x30));
        for len in 0..whole {
            assert_eq!(private(&bytes[..len]).err(), refused, "{name} cut to {len}");
        }
        let longer = [&bytes[..], b"0"].concat();
        assert_eq!(private(&longer).err(), refused, "{name} with a byte more");
    }
    for name in ["p256_public.der", "p256_public.pem"] {
        let bytes = file(name);
        let whole = bytes.trim_ascii_end().len().max(bytes.len() * usize::from(bytes[0] == 0x30));
        for len in 0..whole {
            assert_eq!(public(&bytes[..len]).err(), refused, "{name} cut to {len}");
        }
        let longer = [&bytes[..], b"0"].concat();
        assert_eq!(public(&longer).err(), refused, "{name} with a byte more");
    }
}

/// Calls `check` with the file in every state that differs in one bit.
fn flip_each_bit(bytes: &[u8], mut check: impl FnMut(&[u8], usize)) {
    let mut flipped = bytes.to_vec();
    for bit in 0..bytes.len() * 8 {
        flipped[bit / 8] ^= 1 << (bit % 8);
        check(&flipped, bit);
        flipped[bit / 8] ^= 1 << (bit % 8);
    }
}

/// A flipped bit is found wherever the file is redundant, and never gives another public key.
#[test]
fn flipped_bits_are_refused() {
    flip_each_bit(&file("p256_private.der"), |bytes, bit| {
        assert!(private(bytes).is_err(), "private, DER, bit {bit}");
    });
    flip_each_bit(&file("p256_public.der"), |bytes, bit| {
        assert!(public(bytes).is_err(), "public, DER, bit {bit}");
    });
    let scalar = private(&file("p256_private.pem"));
    flip_each_bit(&file("p256_private.pem"), |bytes, bit| {
        let read = private(bytes);
        assert!(read.is_err() || read == scalar, "private, PEM, bit {bit}");
    });
    let point = public(&file("p256_public.pem"));
    flip_each_bit(&file("p256_public.pem"), |bytes, bit| {
        let read = public(bytes);
        assert!(read.is_err() || read == point, "public, PEM, bit {bit}");
    });
    // Without a public key in the file nothing tells one scalar from another.
    flip_each_bit(&file("p256_java_private.der"), |bytes, bit| {
        let in_scalar = (35..67).contains(&(bit / 8));
        assert!(private(bytes).is_err() || in_scalar, "private without public, bit {bit}");
    });
}

/// Pairs of bytes, anywhere in the file, set to what lengths and tags trip over: nothing panics.
#[test]
fn arbitrary_headers_never_panic() {
    let bytes = file("p256_private.der");
    for at in 0..bytes.len() - 1 {
        for first in [0x00, 0x02, 0x03, 0x04, 0x06, 0x1f, 0x30, 0x80, 0x81, 0xa0, 0xa1, 0xff] {
            for second in [0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xfe, 0xff] {
                let mut changed = bytes.clone();
                changed[at..at + 2].copy_from_slice(&[first, second]);
                let _ = (private(&changed), public(&changed));
            }
        }
    }
}

type Writer<'a> = &'a dyn Fn(Form, &mut Out) -> Result<()>;

/// FORMAT.md 8: what is written is what OpenSSL writes, byte for byte, and is read again.
#[test]
fn writes_what_openssl_writes() {
    let key = read_private(&file("p256_private.pem")).unwrap();
    let write_private: Writer = &|form, out| write_private(&key, form, out);
    let write_public: Writer = &|form, out| write_public(key.public_key(), form, out);
    for (name, write, form, len) in [
        ("p256_private.pem", write_private, Form::Pem, key_file::PRIVATE_PEM),
        ("p256_private.der", write_private, Form::Der, key_file::PRIVATE_DER),
        ("p256_public.pem", write_public, Form::Pem, key_file::PUBLIC_PEM),
        ("p256_public.der", write_public, Form::Der, key_file::PUBLIC_DER),
    ] {
        let expected = file(name);
        assert_eq!(expected.len(), len, "{name}");
        let mut space = vec![0xaa; len + 3];
        let mut out = Out::new(&mut space);
        out.push(b"ab").unwrap();
        write(form, &mut out).unwrap();
        assert_eq!(out.written(), [b"ab", &expected[..]].concat(), "{name}");
        assert_eq!(space[len + 2], 0xaa);

        for len in 0..expected.len() {
            let mut space = vec![0xaa; len];
            let mut out = Out::new(&mut space);
            assert_eq!(write(form, &mut out), Err(Error::BufferTooSmall), "{name}");
            assert_eq!((out.len(), out.needed()), (0, expected.len()), "{name}");
            assert!(space.iter().all(|byte| *byte == 0xaa), "{name}: nothing is written");
        }
    }
}
