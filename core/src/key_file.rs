//! P-256 key files: PKCS#8 and SPKI, as DER or PEM (FORMAT.md 8), the way `openssl pkey` reads and
//! writes them.
//!
//! Reading: the file becomes DER, DER becomes the fields of a schema, and only then are algorithm,
//! curve and key judged. SEC 1's `EC PRIVATE KEY` is read too, because openssl 3.0 writes it where
//! DER is asked for. Writing: fixed templates. Encrypted PKCS#8 is not read; `openssl pkcs8`
//! converts it.

use zeroize::Zeroizing;

use crate::der::{self, Der, Tag};
use crate::error::{Error, Result};
use crate::keypair::{POINT, PrivateKey, PublicKey, SCALAR, SPKI};
use crate::out::Out;
use crate::pem;
use crate::secret::Secret;

/// The longest key file that is looked at; an RSA key of 4096 bits still gets the right error.
pub const FILE: usize = 4096;
/// Size of a written private key in DER.
pub const PRIVATE_DER: usize = PKCS8_PREFIX.len() + SCALAR + PKCS8_PUBLIC.len() + POINT;
/// Size of a written private key in PEM.
pub const PRIVATE_PEM: usize = pem::encoded_len(PRIVATE_LABEL, PRIVATE_DER);
/// Size of a written public key in DER.
pub const PUBLIC_DER: usize = SPKI;
/// Size of a written public key in PEM.
pub const PUBLIC_PEM: usize = pem::encoded_len(PUBLIC_LABEL, PUBLIC_DER);

const _: () = assert!(PRIVATE_DER == 138 && PRIVATE_PEM == 241);
const _: () = assert!(PUBLIC_DER == 91 && PUBLIC_PEM == 178);

/// RFC 7468 10 and 13.
const PRIVATE_LABEL: &str = "PRIVATE KEY";
const PUBLIC_LABEL: &str = "PUBLIC KEY";
/// RFC 5915 4.
const SEC1_LABEL: &str = "EC PRIVATE KEY";

/// RFC 5480 2.1.1: id-ecPublicKey, 1.2.840.10045.2.1.
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// RFC 5480 2.1.1.1: secp256r1, 1.2.840.10045.3.1.7, as a whole DER value.
const SECP256R1: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// RFC 5958 2 and RFC 5915 3, everything before the scalar.
#[rustfmt::skip]
const PKCS8_PREFIX: [u8; 36] = [
    0x30, 0x81, 0x87,                                          // SEQUENCE, 135 bytes
    0x02, 0x01, 0x00,                                          //   INTEGER, version v1
    0x30, 0x13,                                                //   SEQUENCE, 19 bytes
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,      //     OID id-ecPublicKey
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,//     OID secp256r1
    0x04, 0x6d,                                                //   OCTET STRING, 109 bytes
    0x30, 0x6b,                                                //     SEQUENCE, 107 bytes
    0x02, 0x01, 0x01,                                          //       INTEGER, ecPrivkeyVer1
    0x04, 0x20,                                                //       OCTET STRING, 32 bytes
];
/// Between the scalar and the point.
#[rustfmt::skip]
const PKCS8_PUBLIC: [u8; 5] = [
    0xa1, 0x44,                                                //       [1], 68 bytes
    0x03, 0x42, 0x00,                                          //         BIT STRING
];

/// How a key file is encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// RFC 7468: text, lines of 64 characters that end with a line feed.
    Pem,
    /// The bytes themselves.
    Der,
}

/// Reads a private key: PKCS#8 or SEC 1, PEM or DER; `file` stays the caller's to wipe.
///
/// The embedded public key, the curve's second mention and PKCS#8 attributes may be there or not.
/// PEM may have other line lengths than 64, text before it, and white space after it.
///
/// # Errors
/// - [`Error::BadKeyFile`]: not unencrypted PKCS#8 or SEC 1, cut short, followed by other bytes, or
///   longer than [`FILE`].
/// - [`Error::UnsupportedKey`]: a key of another algorithm or curve, of explicit curve parameters,
///   or with a public point that is not uncompressed.
/// - [`Error::InvalidKey`]: the scalar is out of range, or the public key is not that of the
///   private key.
///
/// FORMAT.md 8 \[K1\]; RFC 5958, RFC 5915, RFC 7468.
pub fn read_private(file: &[u8]) -> Result<PrivateKey> {
    let found = find_private(file)?;
    let key = PrivateKey::from_scalar_bytes(found.scalar.expose())?;
    for point in found.points.iter().flatten() {
        if PublicKey::from_uncompressed(point)? != *key.public_key() {
            return Err(Error::InvalidKey);
        }
    }
    Ok(key)
}

/// What a private key's file says, not judged yet.
struct FoundPrivate {
    scalar: Secret<SCALAR>,
    points: [Option<[u8; POINT]>; 2],
}

/// Apart from what computes with the key, for the decoded file takes 3 KiB of stack.
#[inline(never)]
fn find_private(file: &[u8]) -> Result<FoundPrivate> {
    with_der(file, &[PRIVATE_LABEL, SEC1_LABEL], |der| {
        // What is no PKCS#8 may be SEC 1, which has to name its curve itself.
        let Ok(info) = pkcs8(der) else {
            let ec = ec_private_key(der)?;
            return found_private(&ec, ec.parameters.ok_or(Error::UnsupportedKey)?, None);
        };
        info.algorithm.expect_p256()?;
        let ec = ec_private_key(info.private_key)?;
        found_private(&ec, ec.parameters.unwrap_or(SECP256R1), info.public_key)
    })
}

fn found_private(ec: &EcPrivateKey, curve: &[u8], other: Option<&[u8]>) -> Result<FoundPrivate> {
    if curve != SECP256R1 {
        return Err(Error::UnsupportedKey);
    }
    let scalar = ec.scalar.try_into().map_err(|_| Error::BadKeyFile)?;
    let points = [ec.public_key.map(point).transpose()?, other.map(point).transpose()?];
    Ok(FoundPrivate { scalar: Secret::copy_of(scalar), points })
}

/// Reads a public key: SPKI, PEM or DER, in the same latitude as [`read_private`].
///
/// # Errors
/// - [`Error::BadKeyFile`]: not SPKI, cut short, followed by other bytes, or longer than [`FILE`].
/// - [`Error::UnsupportedKey`]: SPKI of another algorithm or curve, of explicit curve parameters,
///   or of a point that is not uncompressed.
/// - [`Error::InvalidKey`]: the point is infinity or not on the curve.
///
/// FORMAT.md 8 \[K1\]; RFC 5480, RFC 7468.
pub fn read_public(file: &[u8]) -> Result<PublicKey> {
    PublicKey::from_uncompressed(&find_public(file)?)
}

/// Apart, as [`find_private`] is.
#[inline(never)]
fn find_public(file: &[u8]) -> Result<[u8; POINT]> {
    with_der(file, &[PUBLIC_LABEL], |der| {
        let info = spki(der)?;
        info.algorithm.expect_p256()?;
        point(info.public_key)
    })
}

/// Writes a private key as PKCS#8 with its public key embedded: [`PRIVATE_PEM`] or [`PRIVATE_DER`]
/// bytes, the same that `openssl genpkey` writes.
///
/// # Errors
/// [`Error::BufferTooSmall`]: nothing was written.
pub fn write_private(key: &PrivateKey, form: Form, out: &mut Out) -> Result<()> {
    let mut der = Secret::<PRIVATE_DER>::zero();
    let mut fields = Out::new(der.expose_mut());
    fields.push(&PKCS8_PREFIX)?;
    fields.push(key.scalar_bytes().expose())?;
    fields.push(&PKCS8_PUBLIC)?;
    fields.push(&key.public_key().to_uncompressed())?;
    write(der.expose(), PRIVATE_LABEL, form, out)
}

/// Writes a public key as SPKI: [`PUBLIC_PEM`] or [`PUBLIC_DER`] bytes, the same that `openssl pkey
/// -pubout` writes.
///
/// # Errors
/// [`Error::BufferTooSmall`]: nothing was written.
pub fn write_public(key: &PublicKey, form: Form, out: &mut Out) -> Result<()> {
    write(&key.spki_der(), PUBLIC_LABEL, form, out)
}

/// RFC 5280 4.1.1.2: AlgorithmIdentifier.
struct Algorithm<'a> {
    oid: &'a [u8],
    /// A whole DER value, if there is one.
    parameters: &'a [u8],
}

impl Algorithm<'_> {
    fn expect_p256(&self) -> Result<()> {
        let p256 = self.oid == EC_PUBLIC_KEY && self.parameters == SECP256R1;
        if p256 { Ok(()) } else { Err(Error::UnsupportedKey) }
    }
}

/// RFC 5958 2: OneAsymmetricKey.
struct Pkcs8<'a> {
    algorithm: Algorithm<'a>,
    private_key: &'a [u8],
    public_key: Option<&'a [u8]>,
}

/// RFC 5915 3: ECPrivateKey.
struct EcPrivateKey<'a> {
    scalar: &'a [u8],
    parameters: Option<&'a [u8]>,
    public_key: Option<&'a [u8]>,
}

/// RFC 5280 4.1.2.7: SubjectPublicKeyInfo.
struct Spki<'a> {
    algorithm: Algorithm<'a>,
    public_key: &'a [u8],
}

fn pkcs8(file: &[u8]) -> Result<Pkcs8<'_>> {
    let mut file = Der::new(file);
    let mut fields = file.inside(Tag::SEQUENCE)?;
    file.end()?;
    let version = fields.value(Tag::INTEGER)?;
    let algorithm = algorithm(&mut fields)?;
    let private_key = fields.value(Tag::OCTET_STRING)?;
    fields.optional(Tag::constructed(0))?; // attributes
    let public_key = fields.optional(Tag::implicit(1))?.map(der::whole_bytes).transpose()?;
    fields.end()?;
    // v2 exactly when there is a public key.
    if *version != [u8::from(public_key.is_some())] {
        return Err(Error::BadKeyFile);
    }
    Ok(Pkcs8 { algorithm, private_key, public_key })
}

fn ec_private_key(octets: &[u8]) -> Result<EcPrivateKey<'_>> {
    let mut octets = Der::new(octets);
    let mut fields = octets.inside(Tag::SEQUENCE)?;
    octets.end()?;
    let version = fields.value(Tag::INTEGER)?;
    let scalar = fields.value(Tag::OCTET_STRING)?;
    let parameters = fields.optional(Tag::constructed(0))?;
    let public_key = match fields.optional(Tag::constructed(1))? {
        None => None,
        Some(contents) => {
            let mut contents = Der::new(contents);
            let bits = contents.bit_string()?;
            contents.end()?;
            Some(bits)
        }
    };
    fields.end()?;
    if *version != [1] {
        return Err(Error::BadKeyFile);
    }
    Ok(EcPrivateKey { scalar, parameters, public_key })
}

fn spki(file: &[u8]) -> Result<Spki<'_>> {
    let mut file = Der::new(file);
    let mut fields = file.inside(Tag::SEQUENCE)?;
    file.end()?;
    let algorithm = algorithm(&mut fields)?;
    let public_key = fields.bit_string()?;
    fields.end()?;
    Ok(Spki { algorithm, public_key })
}

fn algorithm<'a>(fields: &mut Der<'a>) -> Result<Algorithm<'a>> {
    let mut contents = fields.inside(Tag::SEQUENCE)?;
    let oid = contents.value(Tag::OID)?;
    let parameters = contents.rest();
    if !contents.is_empty() {
        contents.any()?;
    }
    contents.end()?;
    Ok(Algorithm { oid, parameters })
}

/// A point of SEC 1 2.3.3. Only the uncompressed form is supported (FORMAT.md 8).
fn point(bytes: &[u8]) -> Result<[u8; POINT]> {
    match (bytes, bytes.len()) {
        ([0x04, ..], POINT) => bytes.try_into().map_err(|_| Error::BadKeyFile),
        ([0x02 | 0x03, ..], 33) | ([0x06 | 0x07, ..], POINT) => Err(Error::UnsupportedKey),
        ([0x00], _) => Err(Error::InvalidKey), // infinity
        _ => Err(Error::BadKeyFile),
    }
}

/// Gives `read` the file's DER, which is wiped afterwards if it had to be decoded.
fn with_der<T>(file: &[u8], labels: &[&str], read: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
    if file.len() > FILE {
        return Err(Error::BadKeyFile);
    }
    if !pem::is_pem(file) {
        return read(file);
    }
    let mut buffer = Zeroizing::new([0; FILE / 4 * 3]);
    let mut der = Out::new(&mut *buffer);
    pem::decode(file, labels, &mut der)?;
    read(der.written())
}

fn write(der: &[u8], label: &str, form: Form, out: &mut Out) -> Result<()> {
    match form {
        Form::Der => out.push(der).map(|_| ()),
        Form::Pem => pem::encode(label, der, out),
    }
}
