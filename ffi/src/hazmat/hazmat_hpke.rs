//! HPKE in the product's one suite: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

use coffre_core::aead::{Engine, GcmKey, NONCE, Nonce, TAG};
use coffre_core::error::Error;
use coffre_core::hpke::{self, CIPHERTEXT, ENC};
use coffre_core::keypair::{POINT, PrivateKey, PublicKey, SCALAR};
use coffre_core::secret::Key;

use crate::c_status::coffre_status;
use crate::raw::{self, Spans};

/// Opens message 0 of base mode. RFC 9180 6.1. With 48 bytes and no additional data the product's
/// own opening of a sealed key runs; else its KEM, key schedule and AES-256-GCM, put together here.
///
/// @param priv32   the recipient's big-endian scalar.
/// @param enc65    the encapsulated key, an uncompressed point.
/// @param cipher   `len` bytes: the message and its tag of 16 bytes.
/// @param out      at least len - 16 bytes; unchanged or zeroed on an error.
/// @param out_len  the message's size, or the size needed.
/// @retval COFFRE_ERR_NOT_AUTHENTIC     another key, info or additional data, altered bytes, or an
///         enc65 that is no point of the curve.
/// @retval COFFRE_ERR_MALFORMED         shorter than a tag.
/// @retval COFFRE_ERR_INVALID_KEY       the scalar is out of range.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// cbindgen:ptrs-as-arrays=[[priv32; 32], [enc65; 65]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_hpke_open_base(
    priv32: *const u8,
    enc65: *const u8,
    info: *const u8,
    info_len: usize,
    aad: *const u8,
    aad_len: usize,
    cipher: *const u8,
    len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(priv32, SCALAR).reads(enc65, ENC);
        let spans = spans.reads(info, info_len).reads(aad, aad_len).reads(cipher, len);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans, out, out_cap, out_len, |out| {
                let (scalar, enc) = (raw::array(priv32)?, raw::array(enc65)?);
                let (info, aad) = ([raw::input(info, info_len)?], raw::input(aad, aad_len)?);
                let cipher = raw::input(cipher, len)?;
                let private = PrivateKey::from_scalar_bytes(scalar)?;
                let (body, tag) = cipher.split_last_chunk::<TAG>().ok_or(Error::Malformed)?;
                out.reserve(body.len())?;
                if let ([], Some(cipher)) = (aad, cipher.as_array::<CIPHERTEXT>()) {
                    let key = hpke::open_key(Engine::detect(), &private, enc, &info, cipher)?;
                    return out.push(key.expose()).map(drop);
                }
                let (key, nonce) = message_0(&hpke::decap(&private, enc)?, info[0]);
                key.open_with(Nonce::Short(&nonce), aad, out.push(body)?, tag)
            })
        }
    })
}

/// Seals message 0 of base mode. RFC 9180 6.1. With 32 bytes and no additional data the product's
/// own sealing of a key runs; else its KEM, key schedule and AES-256-GCM, put together here.
///
/// @param pub65          the recipient's public key, an uncompressed point.
/// @param ephemeral_ikm  of what DeriveKeyPair (RFC 9180 7.1.3) makes the ephemeral key, as the
///        published vectors have it: `ikm_len` bytes, 32 or more where the message is a secret.
/// @param plain          `len` bytes.
/// @param enc65          65 bytes: the encapsulated key; zeroed on an error.
/// @param out            at least len + 16 bytes; unchanged or zeroed on an error.
/// @param out_len        the size, or the size needed.
/// @retval COFFRE_ERR_INVALID_KEY       pub65 is no point of the curve.
/// @retval COFFRE_ERR_BUFFER_TOO_SMALL
/// @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
///
/// cbindgen:ptrs-as-arrays=[[pub65; 65], [enc65; 65]]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coffre_hazmat_hpke_seal_base(
    pub65: *const u8,
    ephemeral_ikm: *const u8,
    ikm_len: usize,
    info: *const u8,
    info_len: usize,
    aad: *const u8,
    aad_len: usize,
    plain: *const u8,
    len: usize,
    enc65: *mut u8,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> coffre_status {
    raw::status_of_keys(move || {
        let spans = Spans::default().reads(pub65, POINT).reads(ephemeral_ikm, ikm_len);
        let spans = spans.reads(info, info_len).reads(aad, aad_len).reads(plain, len);
        // SAFETY: the caller's contract; nothing overlaps.
        unsafe {
            raw::fill(spans.writes(enc65, ENC), out, out_cap, out_len, |out| {
                raw::store_array(enc65, [0; ENC])?;
                let point: &[u8; POINT] = raw::array(pub65)?;
                let ikm = raw::input(ephemeral_ikm, ikm_len)?;
                let (info, aad) = ([raw::input(info, info_len)?], raw::input(aad, aad_len)?);
                let plain = raw::input(plain, len)?;
                let recipient = PublicKey::from_uncompressed(point)?;
                let ephemeral = PrivateKey::derive(ikm)?;
                out.reserve(len.checked_add(TAG).ok_or(Error::TooLarge)?)?;
                if let ([], Some(key)) = (aad, plain.as_array()) {
                    let (engine, key) = (Engine::detect(), Key::copy_of(key));
                    let sealed = hpke::seal_key(engine, &recipient, &ephemeral, &info, &key)?;
                    out.push(&sealed.ciphertext)?;
                    return raw::store_array(enc65, sealed.enc);
                }
                let (shared_secret, enc) = hpke::encap(&recipient, &ephemeral);
                let (key, nonce) = message_0(&shared_secret, info[0]);
                let tag = key.seal_with(Nonce::Short(&nonce), aad, out.push(plain)?)?;
                out.push(&tag)?;
                raw::store_array(enc65, enc)
            })
        }
    })
}

/// Key and nonce of the first message.
fn message_0(shared_secret: &Key, info: &[u8]) -> (GcmKey, [u8; NONCE]) {
    let context = hpke::key_schedule(shared_secret, &[info]);
    (Engine::detect().key(&context.key), context.nonce(0))
}
