/*
 * Coffre's validation interface: the primitives under the product, for test suites from elsewhere.
 *
 * HAZARDOUS MATERIAL. Nothing here is for use: the caller chooses nonces, salts and ephemeral keys,
 * and one repeated gives secrets away. No released library has these functions, and nothing about
 * them is kept stable but their names and arguments. `make hazmat` makes
 * build/hazmat/libcoffre_hazmat.so, which has nothing else; programs take coffre.h's library beside
 * it where they need both.
 *
 * Each function runs the code that the product runs, and says where it can't. coffre.h's
 * conventions hold: (NULL, 0) is an empty buffer, any other NULL is COFFRE_ERR_INVALID_ARGUMENT;
 * what is written overlaps nothing (COFFRE_ERR_OVERLAP) but where a function says so; out,
 * out_cap, out_len are the triplet of its chapter on outputs; there is no state, so any number of
 * threads may call.
 *
 * Engines are the implementations of AES that this processor runs. An AES call takes the number of
 * one first, or -1 for the one that the library would choose; any other number is
 * COFFRE_ERR_INVALID_ARGUMENT.
 */


#ifndef COFFRE_HAZMAT_H
#define COFFRE_HAZMAT_H

/* Made from ffi/ by `make header`; do not edit. */

#include <stddef.h>
#include <stdint.h>
#include "coffre.h"

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * How many engines this processor runs. They are numbered from 0, the fastest first; -1 is the one
 * that the library chooses by itself.
 *
 * @param count  written.
 * @retval COFFRE_ERR_INVALID_ARGUMENT  NULL.
 */
coffre_status coffre_hazmat_engines(size_t *count);

/**
 * The name of engine i, such as "x86-vaes512" or "portable"; static. NULL when there is none of
 * that number.
 */
const char *coffre_hazmat_engine_name(size_t i);

/**
 * Encrypts a message. SP 800-38D 7.1. Runs the engine of that number, under a key made ready for
 * one message of this length: in place if `out` is `plain`, or if there is additional data or a
 * long nonce, which the product has in place alone; else from the one buffer to the other.
 *
 * @param engine  -1 for the library's choice, else below coffre_hazmat_engines.
 * @param key32   32 bytes.
 * @param iv      12 bytes, or 16, which go through GHASH.
 * @param plain   `len` bytes, at most 2^36 - 32.
 * @param out     `len` bytes: plain itself, or memory that overlaps nothing; unchanged on an
 *        error.
 * @param tag16   16 bytes; unchanged on an error.
 * @retval COFFRE_ERR_TOO_LARGE         len.
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: no such engine, or another iv_len.
 * @retval COFFRE_ERR_OVERLAP
 *
 */
coffre_status coffre_hazmat_aes256gcm_seal(int32_t engine,
                                           const uint8_t key32[32],
                                           const uint8_t *iv,
                                           size_t iv_len,
                                           const uint8_t *aad,
                                           size_t aad_len,
                                           const uint8_t *plain,
                                           size_t len,
                                           uint8_t *out,
                                           uint8_t tag16[16]);

/**
 * Decrypts a message. SP 800-38D 7.2. Runs the engine as coffre_hazmat_aes256gcm_seal does.
 *
 * @param engine  -1 for the library's choice, else below coffre_hazmat_engines.
 * @param key32   32 bytes.
 * @param iv      12 or 16 bytes.
 * @param cipher  `len` bytes, at most 2^36 - 32.
 * @param tag16   16 bytes.
 * @param out     `len` bytes: cipher itself, or memory that overlaps nothing; zeroed when the tag
 *        does not fit, unchanged on any other error.
 * @retval COFFRE_ERR_NOT_AUTHENTIC     the tag does not fit.
 * @retval COFFRE_ERR_TOO_LARGE         len.
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: no such engine, or another iv_len.
 * @retval COFFRE_ERR_OVERLAP
 *
 */
coffre_status coffre_hazmat_aes256gcm_open(int32_t engine,
                                           const uint8_t key32[32],
                                           const uint8_t *iv,
                                           size_t iv_len,
                                           const uint8_t *aad,
                                           size_t aad_len,
                                           const uint8_t *cipher,
                                           size_t len,
                                           const uint8_t tag16[16],
                                           uint8_t *out);

/**
 * Wraps a key. RFC 3394 2.2.1. Runs the product's key wrap on that engine.
 *
 * @param engine   -1 for the library's choice, else below coffre_hazmat_engines.
 * @param kek32    32 bytes.
 * @param key      32 bytes.
 * @param out      at least 40 bytes; unchanged on an error.
 * @param out_len  40, also when out_cap is less.
 * @retval COFFRE_ERR_KEY_LENGTH        key_len is not 32.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: no such engine.
 * @retval COFFRE_ERR_OVERLAP
 *
 */
coffre_status coffre_hazmat_aes256kw_wrap(int32_t engine,
                                          const uint8_t kek32[32],
                                          const uint8_t *key,
                                          size_t key_len,
                                          uint8_t *out,
                                          size_t out_cap,
                                          size_t *out_len);

/**
 * Unwraps a key. RFC 3394 2.2.2. Runs the product's key unwrap on that engine.
 *
 * @param engine   -1 for the library's choice, else below coffre_hazmat_engines.
 * @param kek32    32 bytes.
 * @param key      what coffre_hazmat_aes256kw_wrap made, 40 bytes.
 * @param out      at least 32 bytes; unchanged on an error.
 * @param out_len  32, also when out_cap is less.
 * @retval COFFRE_ERR_MALFORMED         key_len is not 40: not a wrapped 32-byte key.
 * @retval COFFRE_ERR_NOT_AUTHENTIC     the integrity check failed.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: no such engine.
 * @retval COFFRE_ERR_OVERLAP
 *
 */
coffre_status coffre_hazmat_aes256kw_unwrap(int32_t engine,
                                            const uint8_t kek32[32],
                                            const uint8_t *key,
                                            size_t key_len,
                                            uint8_t *out,
                                            size_t out_cap,
                                            size_t *out_len);

/**
 * HMAC-SHA-256. RFC 2104.
 *
 * @param key    `key_len` bytes, any number.
 * @param msg    `len` bytes.
 * @param mac32  32 bytes; unchanged on an error.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 */
coffre_status coffre_hazmat_hmac_sha256(const uint8_t *key,
                                        size_t key_len,
                                        const uint8_t *msg,
                                        size_t len,
                                        uint8_t mac32[32]);

/**
 * HKDF-SHA-256: extract, then expand. RFC 5869. It is written here over the product's HMAC, whose
 * own extracts and expands take salts and infos of its table only, and at most 32 bytes.
 *
 * @param salt     `salt_len` bytes; none is the RFC's string of zeros.
 * @param out      `out_len` bytes, at most 8160; unchanged on an error.
 * @retval COFFRE_ERR_TOO_LARGE  out_len.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 */
coffre_status coffre_hazmat_hkdf_sha256(const uint8_t *salt,
                                        size_t salt_len,
                                        const uint8_t *ikm,
                                        size_t ikm_len,
                                        const uint8_t *info,
                                        size_t info_len,
                                        uint8_t *out,
                                        size_t out_len);

/**
 * PBKDF2-HMAC-SHA-256. RFC 8018 5.2. The product's own code; the format's least number of
 * iterations is not asked for.
 *
 * @param password    `len` bytes, used as they are.
 * @param salt        `salt_len` bytes, any number.
 * @param iterations  1 or more.
 * @param out         `out_len` bytes; unchanged on an error.
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: no iterations.
 * @retval COFFRE_ERR_OVERLAP
 */
coffre_status coffre_hazmat_pbkdf2_hmac_sha256(const uint8_t *password,
                                               size_t len,
                                               const uint8_t *salt,
                                               size_t salt_len,
                                               uint32_t iterations,
                                               uint8_t *out,
                                               size_t out_len);

/**
 * Argon2id, version 0x13, without secret and associated data. RFC 9106. With 32 bytes to derive
 * the product's own code runs, which has no other length; else crate argon2.
 *
 * @param password   `len` bytes, used as they are.
 * @param salt       `salt_len` bytes, 8 or more.
 * @param m_kib      memory in KiB, 8 a lane or more.
 * @param t          passes, 1 or more.
 * @param p          lanes, 1 or more, worked on one after the other.
 * @param workspace  at least COFFRE_ARGON2ID_WORKSPACE(m_kib) bytes; the blocks in it are zeroed
 *        in the end.
 * @param out        `out_len` bytes, 4 or more; unchanged or zeroed on an error.
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: a cost or length out of range.
 * @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
 * @retval COFFRE_ERR_OVERLAP
 */
coffre_status coffre_hazmat_argon2id(const uint8_t *password,
                                     size_t len,
                                     const uint8_t *salt,
                                     size_t salt_len,
                                     uint32_t m_kib,
                                     uint32_t t,
                                     uint32_t p,
                                     uint8_t *workspace,
                                     size_t workspace_len,
                                     uint8_t *out,
                                     size_t out_len);

/**
 * Diffie-Hellman: the shared point's x coordinate. SP 800-56A 5.7.1.2. Runs what opens and seals
 * records for public keys.
 *
 * Public keys are taken in the forms that the product reads: an uncompressed point (SEC 1 2.3.3)
 * through the decoder of encapsulated keys, or SPKI in DER through the reader of key files.
 *
 * @param priv32  a big-endian scalar, 1 to the group's order - 1.
 * @param pub     an uncompressed point of 65 bytes, or SPKI in DER.
 * @param z32     32 bytes; unchanged on an error.
 * @retval COFFRE_ERR_INVALID_KEY      the scalar is out of range, or the point infinity or not on
 *         the curve.
 * @retval COFFRE_ERR_UNSUPPORTED_KEY  a compressed or hybrid point, another algorithm or curve, or
 *         explicit curve parameters.
 * @retval COFFRE_ERR_BAD_KEY_FILE     neither a point nor SPKI in strict DER.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 */
coffre_status coffre_hazmat_p256_ecdh(const uint8_t priv32[32],
                                      const uint8_t *pub,
                                      size_t pub_len,
                                      uint8_t z32[32]);

/**
 * Verifies a signature with SHA-256. FIPS 186-5 6.4.2. Runs what verifies a restore point's
 * origin; the signature, which has a fixed size there, is taken from strict DER before.
 *
 * @param pub      as for coffre_hazmat_p256_ecdh.
 * @param msg      `len` bytes, not hashed yet.
 * @param sig_der  a SEQUENCE of two INTEGERs, RFC 3279 2.2.3.
 * @retval COFFRE_ERR_NOT_AUTHENTIC  the signature does not fit, or r or s is out of range.
 * @retval COFFRE_ERR_MALFORMED      the signature is not strict DER, or an integer is negative or
 *         has more than 32 bytes.
 * @retval COFFRE_ERR_INVALID_KEY, COFFRE_ERR_UNSUPPORTED_KEY, COFFRE_ERR_BAD_KEY_FILE  as for
 *         coffre_hazmat_p256_ecdh.
 * @retval COFFRE_ERR_INVALID_ARGUMENT
 */
coffre_status coffre_hazmat_p256_ecdsa_verify(const uint8_t *pub,
                                              size_t pub_len,
                                              const uint8_t *msg,
                                              size_t len,
                                              const uint8_t *sig_der,
                                              size_t sig_len);

/**
 * Opens message 0 of base mode. RFC 9180 6.1. With 48 bytes and no additional data the product's
 * own opening of a sealed key runs; else its KEM, key schedule and AES-256-GCM, put together here.
 *
 * @param priv32   the recipient's big-endian scalar.
 * @param enc65    the encapsulated key, an uncompressed point.
 * @param cipher   `len` bytes: the message and its tag of 16 bytes.
 * @param out      at least len - 16 bytes; unchanged or zeroed on an error.
 * @param out_len  the message's size, or the size needed.
 * @retval COFFRE_ERR_NOT_AUTHENTIC     another key, info or additional data, altered bytes, or an
 *         enc65 that is no point of the curve.
 * @retval COFFRE_ERR_MALFORMED         shorter than a tag.
 * @retval COFFRE_ERR_INVALID_KEY       the scalar is out of range.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 */
coffre_status coffre_hazmat_hpke_open_base(const uint8_t priv32[32],
                                           const uint8_t enc65[65],
                                           const uint8_t *info,
                                           size_t info_len,
                                           const uint8_t *aad,
                                           size_t aad_len,
                                           const uint8_t *cipher,
                                           size_t len,
                                           uint8_t *out,
                                           size_t out_cap,
                                           size_t *out_len);

/**
 * Seals message 0 of base mode. RFC 9180 6.1. With 32 bytes and no additional data the product's
 * own sealing of a key runs; else its KEM, key schedule and AES-256-GCM, put together here.
 *
 * @param pub65          the recipient's public key, an uncompressed point.
 * @param ephemeral_ikm  of what DeriveKeyPair (RFC 9180 7.1.3) makes the ephemeral key, as the
 *        published vectors have it: `ikm_len` bytes, 32 or more where the message is a secret.
 * @param plain          `len` bytes.
 * @param enc65          65 bytes: the encapsulated key; zeroed on an error.
 * @param out            at least len + 16 bytes; unchanged or zeroed on an error.
 * @param out_len        the size, or the size needed.
 * @retval COFFRE_ERR_INVALID_KEY       pub65 is no point of the curve.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 */
coffre_status coffre_hazmat_hpke_seal_base(const uint8_t pub65[65],
                                           const uint8_t *ephemeral_ikm,
                                           size_t ikm_len,
                                           const uint8_t *info,
                                           size_t info_len,
                                           const uint8_t *aad,
                                           size_t aad_len,
                                           const uint8_t *plain,
                                           size_t len,
                                           uint8_t enc65[65],
                                           uint8_t *out,
                                           size_t out_cap,
                                           size_t *out_len);

/**
 * Encrypts a message: salt, commitment, chunks. Runs what seals a block's stored bytes.
 *
 * @param engine   -1 for the library's choice, else below coffre_hazmat_engines.
 * @param key32    32 bytes.
 * @param salt24   24 bytes; a pair of key and salt encrypts one message.
 * @param context  `context_len` bytes.
 * @param plain    `len` bytes.
 * @param out      at least 56 + len + 16 (len / 16384 + 1) bytes; unchanged or zeroed on an error.
 * @param out_len  that size, also when out_cap is less.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: no such engine.
 * @retval COFFRE_ERR_OVERLAP
 *
 */
coffre_status coffre_hazmat_chunked_encrypt(int32_t engine,
                                            const uint8_t key32[32],
                                            const uint8_t salt24[24],
                                            const uint8_t *context,
                                            size_t context_len,
                                            const uint8_t *plain,
                                            size_t len,
                                            uint8_t *out,
                                            size_t out_cap,
                                            size_t *out_len);

/**
 * Decrypts a whole message or nothing. Runs what opens a block's stored bytes, commitment first.
 *
 * @param engine   -1 for the library's choice, else below coffre_hazmat_engines.
 * @param key32    32 bytes.
 * @param context  `context_len` bytes.
 * @param cipher   `len` bytes: salt, commitment, chunks.
 * @param out      at least as large as the message; unchanged or zeroed on an error.
 * @param out_len  the message's size, or the size needed.
 * @retval COFFRE_ERR_NOT_AUTHENTIC     another key or context, or altered bytes.
 * @retval COFFRE_ERR_MALFORMED         not a length that a message of chunks has.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: no such engine.
 * @retval COFFRE_ERR_OVERLAP
 *
 */
coffre_status coffre_hazmat_chunked_decrypt(int32_t engine,
                                            const uint8_t key32[32],
                                            const uint8_t *context,
                                            size_t context_len,
                                            const uint8_t *cipher,
                                            size_t len,
                                            uint8_t *out,
                                            size_t out_cap,
                                            size_t *out_len);

/**
 * Decompresses exactly one frame. Runs what decompresses blocks of version 1: the frame is walked
 * first (docs/FORMAT.md B9, L3), its limits are the default policy's (L4), then libzstd works in
 * 64 KiB of the stack.
 *
 * @param frame    `len` bytes.
 * @param out      at least as large as the content; unchanged or zeroed on an error.
 * @param out_len  the content's size, or the size needed.
 * @retval COFFRE_ERR_BAD_FRAME   no frame, more than one, a skippable one or other bytes beside
 *         it, no content size, a dictionary id, a reserved bit, corrupt, or of another content
 *         size than stated.
 * @retval COFFRE_ERR_OVER_LIMIT  the content size or the window is above 64 MiB.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 */
coffre_status coffre_hazmat_zstd_decompress(const uint8_t *frame,
                                            size_t len,
                                            uint8_t *out,
                                            size_t out_cap,
                                            size_t *out_len);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* COFFRE_HAZMAT_H */
