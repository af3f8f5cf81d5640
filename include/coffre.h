/*
 * Coffre: the crypto core that backup appliances and schedulers embed.
 *
 * Apache-2.0 OR MIT. The bytes are specified in docs/FORMAT.md, the reasons in docs/DESIGN.md.
 *
 * CONVENTIONS
 *
 * Memory. The library never allocates. Objects (coffre_context, coffre_session, ...) are the
 * caller's memory of a fixed size; what an object holds is private. Zero an object before its first
 * use. A call that makes an object zeroes it on an error. A zeroed or wiped object is refused with
 * COFFRE_ERR_BAD_STATE. End each object with its _wipe, which is fine with NULL and with a zeroed
 * object. Objects may be moved by memcpy unless their description says that they must stay where
 * they are; a copy is a second object with the same secrets. Memory that is lent to an object
 * belongs to it until the object ends. Work of variable size takes a workspace: a size function
 * tells how much memory, any alignment will do, and it may hold plaintext. Sealing and opening take
 * it as a coffre_workspace, in which zstd's state stays ready from block to block and which zeroes
 * it in the end; other calls as plain memory, whose contents mean nothing before and after.
 *
 * Pointers. (NULL, 0) is an empty buffer; any other NULL is COFFRE_ERR_INVALID_ARGUMENT, unless a
 * parameter is described as optional. A pointer must be valid for its length, and what it points to
 * unchanged by others, during the call. Buffers that a call writes may not overlap any other, lent
 * memory included: COFFRE_ERR_OVERLAP.
 *
 * Outputs are the triplet out, out_cap, out_len. On success *out_len bytes were written. With
 * COFFRE_ERR_BUFFER_TOO_SMALL *out_len is the size needed, and nothing else was written. On any
 * other error *out_len is 0, and out is unchanged or zeroed. COFFRE_ERR_OVERLAP leaves
 * out, and objects that are otherwise zeroed on an error, as they were. Streaming open is the one
 * exception: what the sink got is authentic but provisional until coffre_block_reader_finish.
 *
 * Errors. Every function that can fail returns a coffre_status: 0, or a negative number that never
 * changes meaning. There is no errno and no last error.
 *
 * Structures of options begin with their size; set them with their _INIT macro. Unknown flag bits
 * are refused.
 *
 * Callbacks get the user pointer given with them, return 0 for success, run in the calling thread
 * during the call, and may not re-enter the library with an object of that call, longjmp or throw.
 *
 * Threads. A const object may be read by any number of threads at once; a non-const one by one
 * thread at a time. There are no globals, no locks and no thread-local state.
 *
 * Versions are three: the product's (coffre_version), the binary interface's (compare
 * coffre_abi_version() with COFFRE_ABI_VERSION at start), and the format's on disk.
 */


#ifndef COFFRE_H
#define COFFRE_H

/* Made from ffi/ by `make header`; do not edit. */

#include <stddef.h>
#include <stdint.h>

/** Defaults for coffre_context_options. */
#define COFFRE_CONTEXT_OPTIONS_INIT \
    { (uint32_t)sizeof(coffre_context_options), 0, NULL, NULL, NULL, NULL }
/** Nothing set but the size. */
#define COFFRE_ENGINE_INIT { (uint32_t)sizeof(coffre_engine), 0, NULL, NULL, NULL }
/** The strict defaults of coffre_policy. */
#define COFFRE_POLICY_INIT \
    { (uint32_t)sizeof(coffre_policy), 2, 67108864u, 67108864u, 0, \
      COFFRE_ALLOW_KEK | COFFRE_ALLOW_PUBLIC_KEY | COFFRE_ALLOW_PASSWORD | \
          COFFRE_ALLOW_EXTERNAL, \
      0, 10000000u, 1048576u, 16, 0 }
/** Defaults for coffre_password_options: PBKDF2, 600,000 iterations, 15 bytes at least, no hint. */
#define COFFRE_PASSWORD_OPTIONS_INIT \
    { (uint32_t)sizeof(coffre_password_options), COFFRE_KDF_PBKDF2, 600000u, 65536u, 3, 1, 15, 0, \
      NULL }
/** Nothing set but the size, and the size of what AES key wrap makes of a key. */
#define COFFRE_KEY_SERVICE_INIT \
    { (uint32_t)sizeof(coffre_key_service), 40, NULL, NULL, NULL, NULL }
/** What coffre_password_workspace_size gives for Argon2id with so many KiB: at most SIZE_MAX. */
#define COFFRE_ARGON2ID_WORKSPACE(memory_kib) \
    (sizeof(size_t) < 8 && (uint32_t)(memory_kib) >> 22 != 0 ? SIZE_MAX \
                                                             : (size_t)(memory_kib) * 1024u + 64u)
/** Defaults for coffre_seal_options: zstd level 1, full hedge. */
#define COFFRE_SEAL_OPTIONS_INIT { (uint32_t)sizeof(coffre_seal_options), 0, 1, 0 }
/** Expects nothing; set flags and fields. */
#define COFFRE_BLOCK_EXPECT_INIT \
    { (uint32_t)sizeof(coffre_block_expect), 0, { 0, 0, { 0 } }, { 0 }, { 0 }, 0 }
/** Upper bound of the size of a sealed block of n bytes, n at most COFFRE_BLOCK_MAX. */
#define COFFRE_BLOCK_SEALED_MAX(n) ((size_t)(n) + 16u * ((size_t)(n) / 16384u + 1u) + 152u)


/**
 * Number of the binary interface; compare it with coffre_abi_version at start.
 */
#define COFFRE_ABI_VERSION 3

/**
 * Version of the format that is written, docs/FORMAT.md.
 */
#define COFFRE_FORMAT_VERSION 2

/**
 * Seals compressed.
 */
#define COFFRE_FEATURE_ZSTD 1

/**
 * Opens what was compressed.
 */
#define COFFRE_FEATURE_ZSTD_DECOMPRESS 2

/**
 * P-256: key pairs and their files, HPKE recipients, tokens, origin signatures.
 */
#define COFFRE_FEATURE_PUBLIC_KEY 4

/**
 * Passwords by PBKDF2: recipients and recovery kits.
 */
#define COFFRE_FEATURE_PASSWORD 8

/**
 * Passwords by Argon2id.
 */
#define COFFRE_FEATURE_ARGON2 16

/**
 * Blocks of versions 0 and 1.
 */
#define COFFRE_FEATURE_LEGACY_V1 32

/**
 * Seals, and makes keys, records and manifests.
 */
#define COFFRE_FEATURE_SEAL 256

/**
 * Engines, key services and tokens of the caller's.
 */
#define COFFRE_FEATURE_CALLBACKS 128

/**
 * Software made for speed, not for size.
 */
#define COFFRE_FEATURE_FAST_SOFTWARE 64

/**
 * coffre_policy.recipients: 32-byte key-encryption keys.
 */
#define COFFRE_ALLOW_KEK 1

/**
 * coffre_policy.recipients: P-256 public keys.
 */
#define COFFRE_ALLOW_PUBLIC_KEY 2

/**
 * coffre_policy.recipients: passwords.
 */
#define COFFRE_ALLOW_PASSWORD 4

/**
 * coffre_policy.recipients: keys in key services.
 */
#define COFFRE_ALLOW_EXTERNAL 8

/**
 * coffre_policy.flags: a restore point whose origin is not verified is refused.
 */
#define COFFRE_POLICY_ORIGIN_REQUIRED 1

/**
 * Size of a key id.
 */
#define COFFRE_KEY_ID_SIZE 16

/**
 * Size of a printed key id: eight groups of four digits, seven dashes, and the NUL.
 */
#define COFFRE_KEY_ID_TEXT_SIZE 40

/**
 * No key file that is written here is larger.
 */
#define COFFRE_KEY_FILE_MAX 512

/**
 * A key file in PEM (RFC 7468).
 */
#define COFFRE_KEY_FILE_PEM 0

/**
 * A key file in DER.
 */
#define COFFRE_KEY_FILE_DER 1

/**
 * A callback of a key service or token returns 0 when it did what was asked, this when it looked
 * at the bytes and refuses them, and anything else when it could not be asked.
 */
#define COFFRE_CALLBACK_REFUSED 1

/**
 * Largest plaintext of a block, in bytes.
 */
#define COFFRE_BLOCK_MAX 67108864

/**
 * Size of a block's header.
 */
#define COFFRE_BLOCK_HEADER_SIZE 88

/**
 * Bound of coffre_open_workspace(), in bytes.
 */
#define COFFRE_OPEN_WORKSPACE 262144

/**
 * Bound of coffre_seal_workspace() at level 1, for every length, in bytes.
 */
#define COFFRE_SEAL_WORKSPACE 655360

/**
 * coffre_block_id.type: a position in the image, 8 bytes, little-endian.
 */
#define COFFRE_BLOCK_ID_POSITION 1

/**
 * coffre_block_id.type: a keyed hash of the plaintext, 32 bytes.
 */
#define COFFRE_BLOCK_ID_HASH 2

/**
 * coffre_block_id.type: the restore point of metadata, 16 bytes.
 */
#define COFFRE_BLOCK_ID_RESTORE_POINT 3

/**
 * coffre_block_info.flags: the plaintext is stored as a zstd frame.
 */
#define COFFRE_BLOCK_COMPRESSED 1

/**
 * coffre_block_info.flags: the plaintext is zeros and not stored at all.
 */
#define COFFRE_BLOCK_ZERO 2

/**
 * coffre_seal_options.flags: do not compress.
 */
#define COFFRE_SEAL_STORE 1

/**
 * coffre_seal_options.flags: profile small, a window that a microcontroller can hold.
 */
#define COFFRE_SEAL_SMALL 2

/**
 * coffre_seal_options.flags: leave the content out of the salt's hedge; only for a source that
 * never repeats.
 */
#define COFFRE_SEAL_TRUST_RANDOM 4

/**
 * coffre_block_expect.flags: `id` is set.
 */
#define COFFRE_EXPECT_ID 1

/**
 * coffre_block_expect.flags: `commitment` is set.
 */
#define COFFRE_EXPECT_COMMITMENT 2

/**
 * coffre_block_expect.flags: `plain_len` is set.
 */
#define COFFRE_EXPECT_PLAIN_LEN 4

/**
 * Size of the key of a version 1 block, wrapped by the master key.
 */
#define COFFRE_V1_WRAPPED_KEY_SIZE 40

/**
 * coffre_record_info.object_type: the key record of a restore point.
 */
#define COFFRE_KEY_RECORD 4

/**
 * coffre_record_info.object_type: the start-up challenge.
 */
#define COFFRE_CHALLENGE 5

/**
 * coffre_record_info.object_type: the repository's own record.
 */
#define COFFRE_REPOSITORY_RECORD 6

/**
 * coffre_record_recipient.type: a 32-byte key-encryption key.
 */
#define COFFRE_RECIPIENT_KEK 1

/**
 * coffre_record_recipient.type: a P-256 public key.
 */
#define COFFRE_RECIPIENT_P256 2

/**
 * coffre_record_recipient.type: a password, by PBKDF2.
 */
#define COFFRE_RECIPIENT_PBKDF2 3

/**
 * coffre_record_recipient.type: a password, by Argon2id.
 */
#define COFFRE_RECIPIENT_ARGON2ID 4

/**
 * coffre_record_recipient.type: a key in a key service.
 */
#define COFFRE_RECIPIENT_EXTERNAL 5

/**
 * Size of a recipient's hint or name, with its NUL.
 */
#define COFFRE_RECIPIENT_TEXT_SIZE 129

/**
 * coffre_record_entry.type: a session key.
 */
#define COFFRE_ENTRY_SESSION_KEY 1

/**
 * coffre_record_entry.type: the repository's id key.
 */
#define COFFRE_ENTRY_ID_KEY 4

/**
 * coffre_password_options.kdf: PBKDF2-HMAC-SHA-256 (RFC 8018).
 */
#define COFFRE_KDF_PBKDF2 3

/**
 * coffre_password_options.kdf: Argon2id (RFC 9106), in memory that the caller lends.
 */
#define COFFRE_KDF_ARGON2ID 4

/**
 * coffre_slots_report.used and write_next: neither slot.
 */
#define COFFRE_SLOT_NONE 2

/**
 * Size of a recovery kit.
 */
#define COFFRE_KIT_SIZE 104

/**
 * No text of a recovery kit that is written here is larger.
 */
#define COFFRE_KIT_TEXT_MAX 296

/**
 * coffre_kit_info.key_kind: a 32-byte key-encryption key.
 */
#define COFFRE_KIT_KEK 1

/**
 * coffre_kit_info.key_kind: a P-256 private key.
 */
#define COFFRE_KIT_P256 2

/**
 * A kit's text to be printed: eight lines, each with a check of its own.
 */
#define COFFRE_KIT_LINES 0

/**
 * A kit's text to be scanned: one line for a QR code in alphanumeric mode.
 */
#define COFFRE_KIT_SCAN 1

/**
 * Size of an origin signature.
 */
#define COFFRE_ORIGIN_SIGNATURE_SIZE 168

/**
 * Size of the message that is signed.
 */
#define COFFRE_ORIGIN_MESSAGE_SIZE 80

/**
 * No signature that coffre_origin_export gives is larger.
 */
#define COFFRE_ORIGIN_DER_MAX 72

/**
 * Size of a manifest's header.
 */
#define COFFRE_MANIFEST_HEADER_SIZE 112

/**
 * Size of a manifest's trailer.
 */
#define COFFRE_MANIFEST_TRAILER_SIZE 40

/**
 * Entries in a full segment.
 */
#define COFFRE_MANIFEST_SEGMENT_ENTRIES 1024

/**
 * Size of a full segment with its MAC.
 */
#define COFFRE_MANIFEST_SEGMENT_MAX 131104

/**
 * coffre_manifest_info.flags: every block entry carries a digest of its content.
 */
#define COFFRE_MANIFEST_DIGESTS 1

/**
 * coffre_manifest_entry.kind: a block.
 */
#define COFFRE_MANIFEST_BLOCK 1

/**
 * coffre_manifest_entry.kind: nothing is stored; it reads as zeros.
 */
#define COFFRE_MANIFEST_HOLE 2

/**
 * coffre_manifest_whole.origin: no signature of the key at hand, or no key at hand.
 */
#define COFFRE_ORIGIN_UNVERIFIED 0

/**
 * coffre_manifest_whole.origin: the origin key signed this manifest.
 */
#define COFFRE_ORIGIN_VERIFIED 1

/**
 * coffre_manifest_whole.origin: a signature claims to be the origin key's, and does not fit.
 */
#define COFFRE_ORIGIN_FORGED 2

/**
 * What every fallible function returns: `COFFRE_OK`, or a negative number that never changes
 * meaning.
 */
typedef int32_t coffre_status;

/**
 * Proof that the self-tests passed, the engine that was chosen, and the random source. Every
 * call takes one.
 *
 * Caller-owned; may be moved. Calls that draw random bytes take it non-const: give each thread
 * its own.
 */
typedef struct coffre_context {
    uint64_t opaque[64];
} coffre_context;

/**
 * Fills `out` with `len` uniformly random bytes and returns 0, or returns anything else when it
 * cannot fill all of it.
 *
 * Called from within calls that take a non-const context, in the caller's thread, with `len` 32.
 * It may not re-enter the library with that context, longjmp or throw.
 */
typedef int32_t (*coffre_random_fn)(void *user, uint8_t *out, size_t len);

/**
 * Encrypts `len` bytes at `data` in place and writes the tag; AES-256-GCM with a 12-byte nonce and
 * no additional data (SP 800-38D). Returns 0, or anything else when it failed.
 */
typedef int32_t (*coffre_engine_seal_fn)(void *user,
                                         const uint8_t *key,
                                         const uint8_t *nonce,
                                         uint8_t *data,
                                         size_t len,
                                         uint8_t *tag);

/**
 * Decrypts `len` bytes at `data` in place. Returns 0 if the tag fits, COFFRE_ERR_NOT_AUTHENTIC if
 * it does not, and anything else when it failed; the library zeroes `data` unless it is 0.
 */
typedef int32_t (*coffre_engine_open_fn)(void *user,
                                         const uint8_t *key,
                                         const uint8_t *nonce,
                                         uint8_t *data,
                                         size_t len,
                                         const uint8_t *tag);

/**
 * An engine of the caller's, such as a chip's crypto unit; set it with `COFFRE_ENGINE_INIT`.
 *
 * It gets the chunks of blocks and metadata of version 2, and their keys: `key` has 32 bytes,
 * `nonce` 12, `tag` 16, `len` is at most 16,384 and may be 0, where `data` may not be read.
 * Version 1, keys sealed to public keys, and key wrap stay the library's own. It is called from
 * each thread that uses the context, at once, and keeps nothing between calls.
 * coffre_context_init tests it with short messages, coffre_self_test with a whole chunk; when it
 * fails later, the call that needed it returns COFFRE_ERR_CALLBACK.
 */
typedef struct coffre_engine {
    /**
     * `sizeof(coffre_engine)`.
     */
    uint32_t size;
    /**
     * Reserved, zero.
     */
    uint32_t reserved;
    /**
     * Encrypts.
     */
    coffre_engine_seal_fn seal;
    /**
     * Decrypts.
     */
    coffre_engine_open_fn open;
    /**
     * Given to both.
     */
    void *user;
} coffre_engine;

/**
 * How to make a context; set it with `COFFRE_CONTEXT_OPTIONS_INIT`.
 */
typedef struct coffre_context_options {
    /**
     * `sizeof(coffre_context_options)`.
     */
    uint32_t size;
    /**
     * 0; or n, to spoil self-test n (from 1) and see how the product handles a failure: all up to
     * coffre_self_test_count run in coffre_context_init or in coffre_self_test.
     */
    uint32_t self_test_fault;
    /**
     * The random source. NULL: the operating system's in hosted builds, none elsewhere, which
     * leaves a context that opens but does not seal.
     */
    coffre_random_fn random;
    /**
     * Given to `random` with each call.
     */
    void *random_user;
    /**
     * The engine for AES-256-GCM and key wrap, by a name that coffre_engine_name gives. NULL: the
     * fastest. Read during the call alone.
     */
    const char *engine;
    /**
     * The caller's own engine for the chunks of version 2. NULL: none. It lives, and is not
     * changed, for as long as the context and every coffre_block_reader that was begun with it.
     */
    const struct coffre_engine *caller_engine;
} coffre_context_options;

/**
 * What opens: a key-encryption key, a P-256 private key, a password's key, or a key in a key
 * service or token. Caller-owned; may be moved; wipe it.
 */
typedef struct coffre_identity {
    uint64_t opaque[32];
} coffre_identity;

/**
 * What is sealed to: a key-encryption key, a P-256 public key, a password's key, or a key in a
 * key service. Caller-owned; may be moved; wipe it.
 */
typedef struct coffre_recipient {
    uint64_t opaque[32];
} coffre_recipient;

/**
 * Wraps a 32-byte key with a key that is not given out, in the service's own way.
 *
 * Called once for each stanza that is written for the external key, in the caller's thread. It may
 * not re-enter the library with the objects of that call, longjmp or throw.
 *
 * @param user        of the structure.
 * @param key         32 bytes; secret, and gone after the call.
 * @param sealed      takes the result: at most `sealed_cap` bytes, which is `sealed_max`.
 * @param sealed_len  takes its size.
 */
typedef int32_t (*coffre_wrap_fn)(void *user,
                                  const uint8_t *key,
                                  uint8_t *sealed,
                                  size_t sealed_cap,
                                  size_t *sealed_len);

/**
 * Unwraps what coffre_wrap_fn made, to 32 bytes.
 *
 * Called once for each record that is opened with the external key; rules as for coffre_wrap_fn.
 */
typedef int32_t (*coffre_unwrap_fn)(void *user,
                                    const uint8_t *sealed,
                                    size_t sealed_len,
                                    uint8_t *key);

/**
 * A key in a key service; set it with `COFFRE_KEY_SERVICE_INIT`.
 */
typedef struct coffre_key_service {
    /**
     * `sizeof(coffre_key_service)`.
     */
    uint32_t size;
    /**
     * The most bytes that `wrap` makes of a key, 1 to 4096. AES key wrap (RFC 3394) makes 40.
     */
    uint32_t sealed_max;
    /**
     * Which key, in which service: 1 to 128 bytes of printable UTF-8 with a NUL. Everybody can
     * read it in a record; the recipient id follows from it.
     */
    const char *name;
    /**
     * NULL where nothing is wrapped.
     */
    coffre_wrap_fn wrap;
    /**
     * NULL where nothing is opened.
     */
    coffre_unwrap_fn unwrap;
    /**
     * Given to the callbacks.
     */
    void *user;
} coffre_key_service;

/**
 * Computes the raw Diffie-Hellman result, 32 bytes, of the token's private key and `peer`: an
 * uncompressed point of 65 bytes, which is on the curve.
 *
 * Called once for each record that is opened with the token's key; rules as for coffre_wrap_fn.
 */
typedef int32_t (*coffre_ecdh_fn)(void *user, const uint8_t *peer, uint8_t *z);

/**
 * The key of one job session. Caller-owned; may be moved; wipe it.
 */
typedef struct coffre_session {
    uint64_t opaque[32];
} coffre_session;

/**
 * The repository's key for block ids. Caller-owned; may be moved; wipe it.
 */
typedef struct coffre_id_key {
    uint64_t opaque[8];
} coffre_id_key;

/**
 * Memory in which blocks and metadata are sealed and opened, kept ready from call to call.
 * Caller-owned; it and its memory must stay where they are; wipe it.
 *
 * One serves calls of every kind in any order, fastest if many of a kind come one after the other:
 * give each thread its own. Plaintext of earlier calls stays in its memory until
 * coffre_workspace_wipe. Where a call takes one, NULL is a workspace without memory: enough for
 * what is stored, not compressed; COFFRE_ERR_WORKSPACE_TOO_SMALL elsewhere.
 */
typedef struct coffre_workspace {
    uint64_t opaque[16];
} coffre_workspace;

/**
 * Which block it is. docs/FORMAT.md section 3.1.
 */
typedef struct coffre_block_id {
    /**
     * COFFRE_BLOCK_ID_*.
     */
    uint8_t type;
    /**
     * 8, 32 or 16, by the type.
     */
    uint8_t length;
    /**
     * The id, zero-padded.
     */
    uint8_t bytes[32];
} coffre_block_id;

/**
 * How to seal; set it with `COFFRE_SEAL_OPTIONS_INIT`.
 */
typedef struct coffre_seal_options {
    /**
     * `sizeof(coffre_seal_options)`.
     */
    uint32_t size;
    /**
     * COFFRE_SEAL_*.
     */
    uint32_t flags;
    /**
     * zstd's level; default 1, negative ones are faster. Up to 3, a block that looks
     * incompressible in samples is stored without a try.
     */
    int32_t level;
    /**
     * 0.
     */
    uint32_t reserved;
} coffre_seal_options;

/**
 * What a block says of itself without any key.
 */
typedef struct coffre_block_info {
    /**
     * 1 block, 2 metadata.
     */
    uint32_t object_type;
    /**
     * COFFRE_BLOCK_*.
     */
    uint32_t flags;
    /**
     * zstd's Window_Size in bytes; 0 unless compressed.
     */
    uint32_t window;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * Length of the plaintext.
     */
    uint64_t plain_len;
    /**
     * Length of what is encrypted.
     */
    uint64_t stored_len;
    /**
     * Size of the block.
     */
    uint64_t total_len;
    /**
     * Which block it is.
     */
    struct coffre_block_id id;
    /**
     * 0.
     */
    uint8_t reserved2[6];
    /**
     * The session whose key opens it.
     */
    uint8_t session_id[16];
    /**
     * The commitment to its keys; zeros if only a header was inspected.
     */
    uint8_t commitment[32];
    /**
     * The block's last 8 bytes; likewise.
     */
    uint8_t checksum[8];
} coffre_block_info;

/**
 * What an opener accepts; set it with `COFFRE_POLICY_INIT`. NULL in its place means these strict
 * defaults.
 */
typedef struct coffre_policy {
    /**
     * `sizeof(coffre_policy)`.
     */
    uint32_t size;
    /**
     * Lowest block version: 0, 1 or 2. Default 2, so that a row that says "version 0" cannot turn
     * encryption off.
     */
    uint32_t lowest_version;
    /**
     * Largest plaintext of a block in bytes. Default 67108864.
     */
    uint64_t max_block;
    /**
     * Largest zstd window in bytes. Default 67108864.
     */
    uint64_t max_window;
    /**
     * Records and manifests of a lower generation are stale. Default 0.
     */
    uint64_t lowest_generation;
    /**
     * Kinds of recipients that may open a record: `COFFRE_ALLOW_*`. Default: all.
     */
    uint32_t recipients;
    /**
     * COFFRE_POLICY_ORIGIN_REQUIRED or 0. Default 0.
     */
    uint32_t flags;
    /**
     * Most iterations of PBKDF2 that a file may ask for. Default 10000000.
     */
    uint32_t max_pbkdf2_iterations;
    /**
     * Most memory in KiB that a file may ask Argon2id to use. Default 1048576.
     */
    uint32_t max_argon2_memory_kib;
    /**
     * Most passes of Argon2id that a file may ask for. Default 16.
     */
    uint32_t max_argon2_passes;
    /**
     * 0.
     */
    uint32_t reserved;
} coffre_policy;

/**
 * Which block an opener wants; set it with `COFFRE_BLOCK_EXPECT_INIT`.
 *
 * A manifest's content digest is not among it: where there is one compare it with
 * coffre_block_digest before the block is opened (docs/FORMAT.md M7), for whoever holds a session
 * key can put other content under the same commitment.
 */
typedef struct coffre_block_expect {
    /**
     * `sizeof(coffre_block_expect)`.
     */
    uint32_t size;
    /**
     * COFFRE_EXPECT_*: which of the fields are set.
     */
    uint32_t flags;
    /**
     * The block's id.
     */
    struct coffre_block_id id;
    /**
     * 0.
     */
    uint8_t reserved[6];
    /**
     * The commitment that the manifest lists.
     */
    uint8_t commitment[32];
    /**
     * The length of the plaintext.
     */
    uint64_t plain_len;
} coffre_block_expect;

/**
 * A block being opened piece by piece. Caller-owned; it and its workspace must stay where they
 * are; wipe it.
 */
typedef struct coffre_block_reader {
    uint64_t opaque[256];
} coffre_block_reader;

/**
 * Takes `len` bytes of a result, in order, and returns 0, or anything else to end the call with
 * COFFRE_ERR_CALLBACK.
 *
 * Called any number of times from within the call that takes it, in the caller's thread. It may
 * not use the object of that call, longjmp or throw.
 */
typedef int32_t (*coffre_sink_fn)(void *user, const uint8_t *bytes, size_t len);

/**
 * An object under examination. Caller-owned; must stay where it is; wipe it.
 */
typedef struct coffre_scrubber {
    uint64_t opaque[128];
} coffre_scrubber;

/**
 * A backy2 master key: a key kind of its own. Caller-owned; may be moved; wipe it.
 */
typedef struct coffre_v1_master {
    uint64_t opaque[8];
} coffre_v1_master;

/**
 * A record that was read. Caller-owned; may be moved; borrows the record's bytes.
 */
typedef struct coffre_record {
    uint64_t opaque[48];
} coffre_record;

/**
 * What a record says of itself without any key.
 */
typedef struct coffre_record_info {
    /**
     * COFFRE_KEY_RECORD, COFFRE_CHALLENGE or COFFRE_REPOSITORY_RECORD.
     */
    uint32_t object_type;
    /**
     * Number of recipients.
     */
    uint32_t recipient_count;
    /**
     * Number of entries.
     */
    uint32_t entry_count;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * Raised with every rewrite.
     */
    uint64_t generation;
    /**
     * Size of the record.
     */
    uint64_t total_len;
    /**
     * The installation that wrote it.
     */
    uint8_t instance_id[16];
    /**
     * The restore point of a key record; otherwise the instance id again.
     */
    uint8_t scope_id[16];
} coffre_record_info;

/**
 * One recipient of a record.
 */
typedef struct coffre_record_recipient {
    /**
     * COFFRE_RECIPIENT_*, or a type that this version does not know.
     */
    uint32_t type;
    /**
     * Iterations of PBKDF2 or passes of Argon2id; otherwise 0.
     */
    uint32_t iterations;
    /**
     * Memory of Argon2id in KiB; otherwise 0.
     */
    uint32_t memory_kib;
    /**
     * Lanes of Argon2id; otherwise 0.
     */
    uint32_t lanes;
    /**
     * Its recipient id: the key id; of a password random, of an external key its name's.
     */
    uint8_t id[16];
    /**
     * A password's hint or an external key's name, printable UTF-8 with a NUL; otherwise empty.
     */
    char text[COFFRE_RECIPIENT_TEXT_SIZE];
} coffre_record_recipient;

/**
 * One entry of a record.
 */
typedef struct coffre_record_entry {
    /**
     * COFFRE_ENTRY_*, or a type that this version does not know.
     */
    uint32_t type;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * A session id, or an epoch.
     */
    uint8_t id[16];
} coffre_record_entry;

/**
 * How a password is set; set it with `COFFRE_PASSWORD_OPTIONS_INIT`.
 */
typedef struct coffre_password_options {
    /**
     * `sizeof(coffre_password_options)`.
     */
    uint32_t size;
    /**
     * COFFRE_KDF_PBKDF2 or COFFRE_KDF_ARGON2ID. Default PBKDF2.
     */
    uint32_t kdf;
    /**
     * Iterations of PBKDF2, at least 1000. Default 600000.
     */
    uint32_t iterations;
    /**
     * Memory of Argon2id in KiB, at least 8 a lane. Default 65536.
     */
    uint32_t memory_kib;
    /**
     * Passes of Argon2id, at least 1. Default 3.
     */
    uint32_t passes;
    /**
     * Lanes of Argon2id, 1 to 16, worked on one after the other. Default 1.
     */
    uint32_t lanes;
    /**
     * Fewest bytes of a password. Default 15 (NIST SP 800-63B-4, where nothing is asked beside
     * it).
     */
    uint32_t least_len;
    /**
     * Size of `hint`, at most 64. Default 0.
     */
    uint32_t hint_len;
    /**
     * What helps to remember the password: printable UTF-8 that everybody can read; NULL if none.
     */
    const uint8_t *hint;
} coffre_password_options;

/**
 * The keys of an opened record. Caller-owned; may be moved; wipe them.
 */
typedef struct coffre_record_keys {
    uint64_t opaque[32];
} coffre_record_keys;

/**
 * A record in the making, in a buffer lent until it is finished or wiped. Caller-owned; must
 * stay where it is; wipe it.
 */
typedef struct coffre_record_writer {
    uint64_t opaque[64];
} coffre_record_writer;

/**
 * What coffre_slots_open found.
 */
typedef struct coffre_slots_report {
    /**
     * The slot whose record is used: 0, 1, or COFFRE_SLOT_NONE.
     */
    uint32_t used;
    /**
     * The slot to write next: the other one than the one in use; when neither opens, one that is
     * empty or damaged. COFFRE_SLOT_NONE if it may be worth keeping: a whole record under another
     * key, of another installation, restore point or version, about which a person has to decide.
     */
    uint32_t write_next;
    /**
     * 1 if the other slot may have been newer: it claims so, or cannot be read. One that was
     * erased says nothing: where both were written once, `settled` tells.
     */
    uint32_t fell_back;
    /**
     * 1 if both slots hold the same bytes: a change, or the removal of a recipient, is done.
     */
    uint32_t settled;
    /**
     * What is the matter with each slot; COFFRE_ERR_NOT_FOUND for an empty one. An older slot is
     * not opened, only read.
     */
    coffre_status status[2];
    /**
     * The generation that each slot claims; 0 if it cannot be read.
     */
    uint64_t generation[2];
} coffre_slots_report;

/**
 * What a check saw, whatever its verdict; what could not be read is zero.
 */
typedef struct coffre_challenge_report {
    /**
     * The key that the record expects: its first recipient's, or the one that matched.
     */
    uint8_t expected_key_id[16];
    /**
     * The key at hand.
     */
    uint8_t found_key_id[16];
    /**
     * The installation that wrote the record.
     */
    uint8_t instance_id[16];
    /**
     * The record's generation.
     */
    uint64_t generation;
    /**
     * COFFRE_CHALLENGE, COFFRE_KEY_RECORD or COFFRE_REPOSITORY_RECORD.
     */
    uint32_t object_type;
    /**
     * 0.
     */
    uint32_t reserved;
} coffre_challenge_report;

/**
 * What a recovery kit says without its password. Who can write the file can lie about it, until
 * the kit is opened.
 */
typedef struct coffre_kit_info {
    /**
     * What is inside: COFFRE_KIT_KEK or COFFRE_KIT_P256.
     */
    uint32_t key_kind;
    /**
     * COFFRE_KDF_PBKDF2 or COFFRE_KDF_ARGON2ID.
     */
    uint32_t kdf;
    /**
     * Iterations of PBKDF2 or passes of Argon2id.
     */
    uint32_t iterations;
    /**
     * Memory of Argon2id in KiB, for coffre_password_workspace_size; otherwise 0.
     */
    uint32_t memory_kib;
    /**
     * Lanes of Argon2id; otherwise 0.
     */
    uint32_t lanes;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * The key id of what is inside.
     */
    uint8_t key_id[16];
} coffre_kit_info;

/**
 * The key that signs restore points: a P-256 private key that is no identity. Caller-owned; may be
 * moved; wipe it.
 */
typedef struct coffre_origin_key {
    uint64_t opaque[32];
} coffre_origin_key;

/**
 * The key that restore points are verified with: a P-256 public key that is no recipient.
 * Caller-owned; may be moved; wipe it.
 */
typedef struct coffre_origin {
    uint64_t opaque[32];
} coffre_origin;

/**
 * A whole manifest, and who made it. coffre_origin_sign reads all but generation, origin and
 * origin_key_id.
 */
typedef struct coffre_manifest_whole {
    /**
     * COFFRE_MANIFEST_DIGESTS or 0.
     */
    uint32_t flags;
    /**
     * COFFRE_ORIGIN_UNVERIFIED, COFFRE_ORIGIN_VERIFIED or COFFRE_ORIGIN_FORGED.
     */
    uint32_t origin;
    /**
     * Generation of the manifest.
     */
    uint64_t generation;
    /**
     * The restore point.
     */
    uint8_t restore_point_id[16];
    /**
     * The installation that wrote it.
     */
    uint8_t instance_id[16];
    /**
     * SHA-256 of the manifest, header to checksum.
     */
    uint8_t digest[32];
    /**
     * The key id that the signature names, zeros without one; proven if `origin` is
     * COFFRE_ORIGIN_VERIFIED.
     */
    uint8_t origin_key_id[16];
} coffre_manifest_whole;

/**
 * What an origin signature says of itself without any key.
 */
typedef struct coffre_origin_info {
    /**
     * The installation that wrote the manifest.
     */
    uint8_t instance_id[16];
    /**
     * The restore point.
     */
    uint8_t restore_point_id[16];
    /**
     * The key id of the origin key that signed.
     */
    uint8_t key_id[16];
    /**
     * SHA-256 of the manifest.
     */
    uint8_t manifest_digest[32];
} coffre_origin_info;

/**
 * What a manifest's header says.
 */
typedef struct coffre_manifest_info {
    /**
     * COFFRE_MANIFEST_DIGESTS or 0.
     */
    uint32_t flags;
    /**
     * Bytes of plaintext at each position, 1 to COFFRE_BLOCK_MAX.
     */
    uint32_t block_size;
    /**
     * Size of the image in bytes.
     */
    uint64_t image_size;
    /**
     * Number of entries; set by the library.
     */
    uint64_t entry_count;
    /**
     * Generation of the manifest, from 1.
     */
    uint64_t generation;
    /**
     * Size of the manifest; set by the library.
     */
    uint64_t total_len;
    /**
     * The restore point; set by the library.
     */
    uint8_t restore_point_id[16];
    /**
     * The installation; set by the library.
     */
    uint8_t instance_id[16];
    /**
     * SHA-256 of the sealed metadata object; zeros without one.
     */
    uint8_t metadata_digest[32];
} coffre_manifest_info;

/**
 * A manifest in the making. Caller-owned; must stay where it is; wipe it.
 */
typedef struct coffre_manifest_writer {
    uint64_t opaque[256];
} coffre_manifest_writer;

/**
 * What stands at one position. Of a hole, everything after `plain_len` is zero.
 */
typedef struct coffre_manifest_entry {
    /**
     * Its index, from 0; set by the library.
     */
    uint64_t position;
    /**
     * COFFRE_MANIFEST_BLOCK or COFFRE_MANIFEST_HOLE.
     */
    uint32_t kind;
    /**
     * Version of the block: 0, 1 or 2.
     */
    uint32_t version;
    /**
     * Length of the plaintext; set by the library.
     */
    uint32_t plain_len;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * The block's id.
     */
    struct coffre_block_id id;
    /**
     * 0.
     */
    uint8_t reserved2[6];
    /**
     * Version 2: the session whose key opens it.
     */
    uint8_t session_id[16];
    /**
     * Version 2: the commitment to its keys.
     */
    uint8_t commitment[32];
    /**
     * With COFFRE_MANIFEST_DIGESTS: SHA-256 of the block without its checksum (versions 0 and 1:
     * of all of it).
     */
    uint8_t digest[32];
} coffre_manifest_entry;

/**
 * A manifest under examination. Caller-owned; must stay where it is; wipe it.
 */
typedef struct coffre_manifest_reader {
    uint64_t opaque[256];
} coffre_manifest_reader;

/**
 * Success.
 */
#define COFFRE_OK 0

/**
 * The caller's fault. A NULL pointer, an unknown flag, a wrong structure size, or a value outside
 * its range.
 */
#define COFFRE_ERR_INVALID_ARGUMENT -1

/**
 * Two buffers overlap where that is not allowed.
 */
#define COFFRE_ERR_OVERLAP -2

/**
 * The output does not fit; the size needed is reported and nothing was written.
 */
#define COFFRE_ERR_BUFFER_TOO_SMALL -3

/**
 * The lent workspace is smaller than the size function says.
 */
#define COFFRE_ERR_WORKSPACE_TOO_SMALL -4

/**
 * A length that the caller gives is above the format's maximum (FORMAT.md 9).
 */
#define COFFRE_ERR_TOO_LARGE -5

/**
 * A symmetric key that is not 32 bytes long.
 */
#define COFFRE_ERR_KEY_LENGTH -6

/**
 * An object that was not initialised, was wiped or moved, or a call out of order.
 */
#define COFFRE_ERR_BAD_STATE -7

/**
 * The recipient or key is in the record already.
 */
#define COFFRE_ERR_DUPLICATE -8

/**
 * No recipient, entry or key of that index or id.
 */
#define COFFRE_ERR_NOT_FOUND -9

/**
 * Refused by the policy. The block's version is below the lowest that the policy accepts.
 */
#define COFFRE_ERR_POLICY_VERSION -20

/**
 * A length or window found in data is above the policy's or the format's
 * limit.
 */
#define COFFRE_ERR_OVER_LIMIT -21

/**
 * The kind of recipient is not allowed by the policy.
 */
#define COFFRE_ERR_POLICY_RECIPIENT -22

/**
 * The password is shorter than the options allow, or hardly varies.
 */
#define COFFRE_ERR_WEAK_PASSWORD -23

/**
 * Deriving a key from a password would cost more than the policy allows.
 */
#define COFFRE_ERR_OVER_COST -24

/**
 * The data's fault. Not such an object, or cut short, or bytes that the format forbids.
 */
#define COFFRE_ERR_MALFORMED -40

/**
 * The object's version is not supported.
 */
#define COFFRE_ERR_UNSUPPORTED_VERSION -41

/**
 * The object's suite is not supported.
 */
#define COFFRE_ERR_UNSUPPORTED_SUITE -42

/**
 * The checksum does not fit: damage.
 */
#define COFFRE_ERR_DAMAGED -43

/**
 * The key is right, the bytes are not: forged, altered or exchanged.
 */
#define COFFRE_ERR_NOT_AUTHENTIC -44

/**
 * The compressed frame breaks a rule of the format.
 */
#define COFFRE_ERR_BAD_FRAME -45

/**
 * A genuine block, but not the one that was asked for.
 */
#define COFFRE_ERR_UNEXPECTED_BLOCK -46

/**
 * Another instance's, or another restore point's.
 */
#define COFFRE_ERR_FOREIGN -47

/**
 * The generation is below the one demanded.
 */
#define COFFRE_ERR_STALE -48

/**
 * The recipient's stanza, or the keys at hand, lead to another storage key than the record's.
 */
#define COFFRE_ERR_OTHER_STORAGE_KEY -49

/**
 * Two copies of the same generation differ.
 */
#define COFFRE_ERR_CONFLICT -50

/**
 * The newest valid copy is older than the generation demanded.
 */
#define COFFRE_ERR_ROLLBACK -51

/**
 * No signature of the expected origin key.
 */
#define COFFRE_ERR_ORIGIN_UNVERIFIED -52

/**
 * A signature that claims to be the origin key's does not fit.
 */
#define COFFRE_ERR_ORIGIN_FORGED -53

/**
 * A line of a recovery kit's text is mistyped, missing or there twice.
 */
#define COFFRE_ERR_BAD_KIT_LINE -54

/**
 * The keys' fault. The key at hand is another than the one needed.
 */
#define COFFRE_ERR_WRONG_KEY -60

/**
 * The record holds no session key of that id.
 */
#define COFFRE_ERR_MISSING_KEY -61

/**
 * Not a key file, or cut short.
 */
#define COFFRE_ERR_BAD_KEY_FILE -62

/**
 * A key file of another algorithm or curve than P-256.
 */
#define COFFRE_ERR_UNSUPPORTED_KEY -63

/**
 * A point that is not on the curve, a scalar out of range, or a pair that does not match.
 */
#define COFFRE_ERR_INVALID_KEY -64

/**
 * The password is not the one that the record was wrapped for.
 */
#define COFFRE_ERR_WRONG_PASSWORD -65

/**
 * The origin key is one of the record's recipients.
 */
#define COFFRE_ERR_ORIGIN_IS_RECIPIENT -66

/**
 * The environment's fault. The random source failed, is missing, or gave constant bytes.
 */
#define COFFRE_ERR_RANDOM -80

/**
 * The random source gave the same 32 bytes twice.
 */
#define COFFRE_ERR_RANDOM_REPEATED -81

/**
 * A known-answer self-test failed; the context refuses everything.
 */
#define COFFRE_ERR_SELF_TEST -82

/**
 * The caller's callback reported a failure.
 */
#define COFFRE_ERR_CALLBACK -83

/**
 * This build of the library leaves out what the call or the data needs; see coffre_features.
 */
#define COFFRE_ERR_NOT_BUILT -84

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The binary interface of the library that was linked: equals `COFFRE_ABI_VERSION` if the header
 * fits it.
 */
uint32_t coffre_abi_version(void);

/**
 * What the library that was linked was built with, as a sum of `COFFRE_FEATURE_*`. Every function
 * is there in every build; what needs a feature that is not returns COFFRE_ERR_NOT_BUILT.
 */
uint32_t coffre_features(void);

/**
 * The product version of the library that was linked, such as "0.1.0"; static, never NULL.
 */
const char *coffre_version(void);

/**
 * The name of a status, such as "COFFRE_ERR_WRONG_KEY"; static, never NULL, also for numbers that
 * are none.
 */
const char *coffre_status_name(coffre_status status);

/**
 * What a status means, as a sentence fragment in English; static, never NULL, also for numbers
 * that are none.
 */
const char *coffre_status_message(coffre_status status);

/**
 * The name of engine `index`, from 0, of those that this processor runs, the fastest first;
 * static; NULL past the end.
 *
 * "x86-vaes512", "x86-vaes256", "x86-aesni", "arm-aes"; then "portable", or "small" in builds
 * without fast-software. All give the same bytes. "portable" is constant-time where the
 * processor's multiplication is, "small" multiplies nothing.
 */
const char *coffre_engine_name(size_t index);

/**
 * Makes a context: runs every self-test, chooses the engine, takes the random source.
 *
 * @param context  written; zeroed on an error, and then refused by every call.
 * @param options  NULL for the defaults.
 * @retval COFFRE_OK                    the context may be used.
 * @retval COFFRE_ERR_INVALID_ARGUMENT  NULL context, an options size that this library does not
 *         know, an engine that this processor does not run, or an incomplete caller's engine.
 * @retval COFFRE_ERR_SELF_TEST         a primitive gave a wrong answer, or the caller's engine did
 *         or failed: do not use this machine, or not this engine.
 */
coffre_status coffre_context_init(struct coffre_context *context,
                                  const struct coffre_context_options *options);

/**
 * The name of the engine that a context uses; static; "caller" for the caller's own. NULL if
 * `context` is not one.
 */
const char *coffre_context_engine(const struct coffre_context *context);

/**
 * Ends a context and zeroes its memory. NULL and a zeroed object are fine.
 */
void coffre_context_wipe(struct coffre_context *context);

/**
 * Draws random bytes for the caller's own ids, from the tested source.
 *
 * @param context  exclusive.
 * @param out      `len` bytes; unchanged or zeroed on an error.
 * @retval COFFRE_ERR_RANDOM           the source failed, is missing, or gave constant bytes.
 * @retval COFFRE_ERR_RANDOM_REPEATED  the source gave the same bytes as in its last draw.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_random_bytes(struct coffre_context *context, uint8_t *out, size_t len);

/**
 * Runs the self-tests that need memory: zstd both ways, Argon2id, a whole chunk by the context's
 * engine. Call it once at boot, after coffre_context_init has run all others.
 *
 * @param context    exclusive; zeroed when a test fails, and then refused by every call.
 * @param workspace  coffre_self_test_workspace() bytes; their contents are lost.
 * @retval COFFRE_ERR_SELF_TEST  a primitive gave a wrong answer: do not use this machine.
 * @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_self_test(struct coffre_context *context,
                               uint8_t *workspace,
                               size_t workspace_len);

/**
 * The workspace that coffre_self_test needs, in bytes of any alignment.
 */
size_t coffre_self_test_workspace(void);

/**
 * How many self-tests there are: those of coffre_context_init, then those of coffre_self_test.
 */
size_t coffre_self_test_count(void);

/**
 * The name of self-test `index`, from 0; static; NULL past the end.
 */
const char *coffre_self_test_name(size_t index);

/**
 * Makes an identity of a 32-byte key-encryption key, which must be uniformly random: a password is
 * none.
 *
 * @param kek      `kek_len` bytes; they stay the caller's to wipe.
 * @param identity written; zeroed on an error.
 * @retval COFFRE_ERR_KEY_LENGTH  `kek_len` is not 32.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 4, stanza type 1.
 */
coffre_status coffre_identity_from_kek(const struct coffre_context *context,
                                       const uint8_t *kek,
                                       size_t kek_len,
                                       struct coffre_identity *identity);

/**
 * Generates a P-256 key pair.
 *
 * @param context   exclusive.
 * @param identity  written; zeroed on an error.
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED  see coffre_random_bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_identity_generate(struct coffre_context *context,
                                       struct coffre_identity *identity);

/**
 * Reads a private key on curve P-256: PKCS#8 or SEC 1, in PEM or DER, as `openssl genpkey` writes
 * it.
 *
 * @param file      `file_len` bytes; they stay the caller's to wipe.
 * @param identity  written; zeroed on an error.
 * @retval COFFRE_ERR_BAD_KEY_FILE     not such a file: truncated, another label, encrypted,
 *         trailing bytes.
 * @retval COFFRE_ERR_UNSUPPORTED_KEY  a private key of another algorithm or curve.
 * @retval COFFRE_ERR_INVALID_KEY      scalar out of range, or a public key inside that is not its
 *         own.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 8.
 */
coffre_status coffre_identity_read(const struct coffre_context *context,
                                   const uint8_t *file,
                                   size_t file_len,
                                   struct coffre_identity *identity);

/**
 * Writes a private key as PKCS#8, as `openssl pkey` reads it. The PEM form ends with a newline,
 * not with a NUL.
 *
 * @param form     COFFRE_KEY_FILE_PEM or COFFRE_KEY_FILE_DER.
 * @param out      the file, of at most COFFRE_KEY_FILE_MAX bytes; wipe it after use.
 * @param out_len  its size, or the size needed.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
 * @retval COFFRE_ERR_UNSUPPORTED_KEY   only a private key of its own has such a file.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_identity_write(const struct coffre_identity *identity,
                                    uint32_t form,
                                    uint8_t *out,
                                    size_t out_cap,
                                    size_t *out_len);

/**
 * The key id of an identity, which is that of its recipient.
 *
 * @param id  16 bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 8.
 *
 */
coffre_status coffre_identity_id(const struct coffre_identity *identity, uint8_t id[16]);

/**
 * The recipient that an identity opens for.
 *
 * @param recipient  written; zeroed on an error.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_identity_recipient(const struct coffre_identity *identity,
                                        struct coffre_recipient *recipient);

/**
 * Ends an identity and zeroes its memory. NULL and a zeroed object are fine.
 */
void coffre_identity_wipe(struct coffre_identity *identity);

/**
 * Reads a public key: SPKI on curve P-256, in PEM or DER, as `openssl pkey -pubout` writes it.
 *
 * @param recipient  written; zeroed on an error.
 * @retval COFFRE_ERR_BAD_KEY_FILE     not such a file.
 * @retval COFFRE_ERR_UNSUPPORTED_KEY  a public key of another algorithm or curve, or a compressed
 *         point.
 * @retval COFFRE_ERR_INVALID_KEY      the point is not on the curve.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_recipient_read(const struct coffre_context *context,
                                    const uint8_t *file,
                                    size_t file_len,
                                    struct coffre_recipient *recipient);

/**
 * Writes a public key as SPKI.
 *
 * @param form     COFFRE_KEY_FILE_PEM or COFFRE_KEY_FILE_DER.
 * @param out      the file, of at most COFFRE_KEY_FILE_MAX bytes.
 * @param out_len  its size, or the size needed.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
 * @retval COFFRE_ERR_UNSUPPORTED_KEY   only a public key has such a file.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_recipient_write(const struct coffre_recipient *recipient,
                                     uint32_t form,
                                     uint8_t *out,
                                     size_t out_cap,
                                     size_t *out_len);

/**
 * The key id of a recipient.
 *
 * @param id  16 bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 */
coffre_status coffre_recipient_id(const struct coffre_recipient *recipient, uint8_t id[16]);

/**
 * The whole SHA-256 of a public key's SPKI, to be shown when somebody approves it.
 *
 * @param digest  32 bytes.
 * @retval COFFRE_ERR_UNSUPPORTED_KEY  only a public key has such a digest.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 */
coffre_status coffre_recipient_digest(const struct coffre_recipient *recipient, uint8_t digest[32]);

/**
 * The size of a recipient's stanza in a record, for coffre_record_size; of an external key the
 * most that it can be. 0 for an object that is none.
 */
size_t coffre_recipient_stanza_size(const struct coffre_recipient *recipient);

/**
 * Ends a recipient and zeroes its memory. NULL and a zeroed object are fine.
 */
void coffre_recipient_wipe(struct coffre_recipient *recipient);

/**
 * Prints a key id in the one form in which key ids are printed: `0123-4567-…`, with a NUL.
 *
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 */
coffre_status coffre_key_id_text(const uint8_t id[16], char text[COFFRE_KEY_ID_TEXT_SIZE]);

/**
 * Makes an identity of a key in a key service; its recipient wraps with the same.
 *
 * @param service   read now; the callbacks and `user` are kept as long as the identity and its
 *         recipients live.
 * @param identity  written; zeroed on an error.
 * @retval COFFRE_ERR_TOO_LARGE  name or sealed_max above its maximum.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 4.1, stanza type 5.
 */
coffre_status coffre_identity_external(const struct coffre_context *context,
                                       const struct coffre_key_service *service,
                                       struct coffre_identity *identity);

/**
 * Makes an identity of a P-256 private key in a token, which opens what was sealed to
 * `public_key`.
 *
 * @param ecdh      kept, as is `user`, as long as the identity lives.
 * @param identity  written; zeroed on an error.
 * @retval COFFRE_ERR_UNSUPPORTED_KEY  the recipient is no public key.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 4.1, stanza type 2.
 */
coffre_status coffre_identity_token(const struct coffre_context *context,
                                    const struct coffre_recipient *public_key,
                                    coffre_ecdh_fn ecdh,
                                    void *user,
                                    struct coffre_identity *identity);

/**
 * Generates a session key. Add it to a key record before its first block is written.
 *
 * @param context  exclusive.
 * @param session  written; zeroed on an error.
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED  see coffre_random_bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_session_generate(struct coffre_context *context,
                                      struct coffre_session *session);

/**
 * The session id: derived from the key, and carried by every block under it.
 *
 * @param id  16 bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 */
coffre_status coffre_session_id(const struct coffre_session *session, uint8_t id[16]);

/**
 * Ends a session and zeroes its memory. NULL and a zeroed object are fine.
 */
void coffre_session_wipe(struct coffre_session *session);

/**
 * Generates the repository's id key, once; keep it in the repository record.
 *
 * @param context  exclusive.
 * @param epoch    the number under which the record keeps it.
 * @param id_key   written; zeroed on an error.
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED  see coffre_random_bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_id_key_generate(struct coffre_context *context,
                                     uint64_t epoch,
                                     struct coffre_id_key *id_key);

/**
 * Ends an id key and zeroes its memory. NULL and a zeroed object are fine.
 */
void coffre_id_key_wipe(struct coffre_id_key *id_key);

/**
 * Makes a workspace of lent memory.
 *
 * @param workspace  written; zeroed on an error.
 * @param memory     `memory_len` bytes of any alignment, as many as the size functions of the
 *         calls that it shall serve give at most (coffre_seal_workspace, coffre_open_workspace,
 *         coffre_v1_seal_workspace, coffre_v1_open_workspace). Lent until coffre_workspace_wipe:
 *         until then nobody else may use it.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 */
coffre_status coffre_workspace_init(struct coffre_workspace *workspace,
                                    uint8_t *memory,
                                    size_t memory_len);

/**
 * Ends a workspace, zeroes its memory and gives it back. NULL and a zeroed object are fine; of one
 * that was moved the object alone is zeroed.
 */
void coffre_workspace_wipe(struct coffre_workspace *workspace);

/**
 * Makes the id of a position.
 *
 * @retval COFFRE_ERR_INVALID_ARGUMENT
 */
coffre_status coffre_block_id_position(uint64_t position, struct coffre_block_id *id);

/**
 * Makes the id of a plaintext: HMAC-SHA-256 under the repository's id key. Equal plaintext has an
 * equal id.
 *
 * @param plain  `plain_len` bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_block_id_hash(const struct coffre_context *context,
                                   const struct coffre_id_key *id_key,
                                   const uint8_t *plain,
                                   size_t plain_len,
                                   struct coffre_block_id *id);

/**
 * Upper bound of the size of a sealed block; also as the macro COFFRE_BLOCK_SEALED_MAX. At most
 * SIZE_MAX.
 */
size_t coffre_block_sealed_max(size_t plain_len);

/**
 * The memory that coffre_block_seal needs its workspace to have, in bytes; 0 for options that it
 * would refuse.
 *
 * @param options  NULL for the defaults.
 */
size_t coffre_seal_workspace(size_t plain_len, const struct coffre_seal_options *options);

/**
 * The memory that coffre_block_open and coffre_metadata_open need their workspace to have for any
 * block, in bytes.
 */
size_t coffre_open_workspace(void);

/**
 * Seals one block: compresses it if that makes it shorter, encrypts it, adds header and checksum.
 *
 * @param context    exclusive; random bytes are drawn.
 * @param session    the key; its id goes into the header.
 * @param id         which block it is: a position or a hash.
 * @param options    NULL for the defaults: level 1, full hedge.
 * @param plain      `plain_len` bytes, 0 to COFFRE_BLOCK_MAX.
 * @param workspace  of at least coffre_seal_workspace(plain_len, options) bytes; exclusive. NULL
 *         will do with COFFRE_SEAL_STORE.
 * @param out        at least coffre_block_sealed_max(plain_len) bytes; unchanged or zeroed on an
 *         error.
 * @param out_len    the block's size, or the size needed.
 * @param info       NULL, or what the block says of itself, for the manifest.
 * @retval COFFRE_ERR_TOO_LARGE            `plain_len` above COFFRE_BLOCK_MAX.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL     nothing was written.
 * @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED  see coffre_random_bytes.
 * @retval COFFRE_ERR_CALLBACK          the caller's engine failed.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 3.1.
 */
coffre_status coffre_block_seal(struct coffre_context *context,
                                const struct coffre_session *session,
                                const struct coffre_block_id *id,
                                const struct coffre_seal_options *options,
                                const uint8_t *plain,
                                size_t plain_len,
                                struct coffre_workspace *workspace,
                                uint8_t *out,
                                size_t out_cap,
                                size_t *out_len,
                                struct coffre_block_info *info);

/**
 * Reads what a block says of itself, from its header alone or from the whole block. No key;
 * nothing is proven.
 *
 * @param block  `block_len` bytes: a header of COFFRE_BLOCK_HEADER_SIZE bytes, or the whole block.
 * @param info   written; unchanged on an error.
 * @retval COFFRE_ERR_MALFORMED            not a block, or not the size that its header demands.
 * @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
 * @retval COFFRE_ERR_OVER_LIMIT           a length above the format's maximum.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 */
coffre_status coffre_block_inspect(const uint8_t *block,
                                   size_t block_len,
                                   struct coffre_block_info *info);

/**
 * Checks without any key whether a block is whole: its size and its checksum. Finds damage, not
 * attacks.
 *
 * @param block  `block_len` bytes: the whole block.
 * @param info   NULL, or what it says of itself; unchanged on an error.
 * @retval COFFRE_ERR_DAMAGED  the checksum does not fit.
 * @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 */
coffre_status coffre_block_scrub(const uint8_t *block,
                                 size_t block_len,
                                 struct coffre_block_info *info);

/**
 * The content digest of a block, for a manifest with COFFRE_MANIFEST_DIGESTS.
 *
 * @param version  2; or 1 or 0, whose digest covers every byte.
 * @param block    `block_len` bytes.
 * @param digest   32 bytes; unchanged on an error.
 * @retval COFFRE_ERR_DAMAGED, COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION,
 *         COFFRE_ERR_UNSUPPORTED_SUITE, COFFRE_ERR_OVER_LIMIT  as for coffre_block_scrub; version
 *         2.
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: another version.
 * @retval COFFRE_ERR_OVERLAP
 *
 * docs/FORMAT.md section 6.
 *
 */
coffre_status coffre_block_digest(uint32_t version,
                                  const uint8_t *block,
                                  size_t block_len,
                                  uint8_t digest[32]);

/**
 * Opens one block, all or nothing.
 *
 * @param policy     NULL for the strict defaults.
 * @param session    the key of the session that the block's header names.
 * @param expect     NULL for any block of that session; programs that have a manifest pass what it
 *         lists.
 * @param block      `block_len` bytes: the whole block.
 * @param workspace  of at least coffre_open_workspace() bytes; exclusive. NULL will do for blocks
 *         that are not compressed.
 * @param out        the plaintext; unchanged or zeroed on an error.
 * @param out_len    its size, or the size needed.
 * @retval COFFRE_ERR_DAMAGED           the checksum does not fit; nothing was decrypted.
 * @retval COFFRE_ERR_WRONG_KEY         the block belongs to another session; nothing was
 *         decrypted.
 * @retval COFFRE_ERR_UNEXPECTED_BLOCK  not the block in `expect`; nothing was decrypted.
 * @retval COFFRE_ERR_NOT_AUTHENTIC     the right key, but altered bytes.
 * @retval COFFRE_ERR_CALLBACK          the caller's engine failed.
 * @retval COFFRE_ERR_BAD_FRAME         what was sealed is not one valid zstd frame of the stated
 *         length.
 * @retval COFFRE_ERR_POLICY_VERSION, COFFRE_ERR_OVER_LIMIT  refused by the policy.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
 * @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
 * @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 3.1.
 */
coffre_status coffre_block_open(const struct coffre_context *context,
                                const struct coffre_policy *policy,
                                const struct coffre_session *session,
                                const struct coffre_block_expect *expect,
                                const uint8_t *block,
                                size_t block_len,
                                struct coffre_workspace *workspace,
                                uint8_t *out,
                                size_t out_cap,
                                size_t *out_len);

/**
 * The workspace to open a block with this header piece by piece; 0 if no policy opens it.
 *
 * A stored block needs one chunk, about 16 KiB. A compressed one needs that, 34 KiB of zstd's
 * state and pieces, and up to three times its window; of profile small less than 64 KiB in all.
 *
 * @param header  COFFRE_BLOCK_HEADER_SIZE bytes.
 *
 */
size_t coffre_block_reader_workspace(const uint8_t header[COFFRE_BLOCK_HEADER_SIZE]);

/**
 * Begins to open a block with its first COFFRE_BLOCK_HEADER_SIZE bytes; the rest follows by
 * coffre_block_reader_push.
 *
 * @param policy, session, expect  as for coffre_block_open.
 * @param header     COFFRE_BLOCK_HEADER_SIZE bytes.
 * @param workspace  at least coffre_block_reader_workspace(header) bytes; lent until the reader is
 *         wiped.
 * @param reader     written; zeroed on an error.
 * @retval COFFRE_ERR_WRONG_KEY, COFFRE_ERR_UNEXPECTED_BLOCK, COFFRE_ERR_POLICY_VERSION,
 *         COFFRE_ERR_OVER_LIMIT, COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION,
 *         COFFRE_ERR_UNSUPPORTED_SUITE, COFFRE_ERR_WORKSPACE_TOO_SMALL  as
 *         for coffre_block_open.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 3.1.4.
 *
 */
coffre_status coffre_block_reader_begin(const struct coffre_context *context,
                                        const struct coffre_policy *policy,
                                        const struct coffre_session *session,
                                        const struct coffre_block_expect *expect,
                                        const uint8_t header[COFFRE_BLOCK_HEADER_SIZE],
                                        uint8_t *workspace,
                                        size_t workspace_len,
                                        struct coffre_block_reader *reader);

/**
 * Takes the block's next bytes, in pieces of any size, and gives the plaintext that they yield to
 * `sink`.
 *
 * What the sink gets is authentic, but provisional until coffre_block_reader_finish: write it
 * under a temporary name. After an error the reader can only be wiped.
 *
 * @param bytes  `len` bytes.
 * @param sink   called any number of times with pieces of plaintext.
 * @retval COFFRE_ERR_NOT_AUTHENTIC     a chunk is not what the key made: damage or attack, a scrub
 *         tells which.
 * @retval COFFRE_ERR_UNEXPECTED_BLOCK  not the expected commitment.
 * @retval COFFRE_ERR_BAD_FRAME         what was sealed is not one valid zstd frame of the stated
 *         length.
 * @retval COFFRE_ERR_DAMAGED           the checksum at the end does not fit.
 * @retval COFFRE_ERR_MALFORMED         bytes after the block's end.
 * @retval COFFRE_ERR_CALLBACK          the sink returned non-zero, or the caller's engine failed.
 * @retval COFFRE_ERR_BAD_STATE         it failed before, was moved, or is not live.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 */
coffre_status coffre_block_reader_push(struct coffre_block_reader *reader,
                                       const uint8_t *bytes,
                                       size_t len,
                                       coffre_sink_fn sink,
                                       void *user);

/**
 * Says COMPLETE: the block was whole, and every byte that the sink got is its plaintext.
 *
 * @retval COFFRE_OK             COMPLETE.
 * @retval COFFRE_ERR_MALFORMED  the block was cut short.
 * @retval COFFRE_ERR_BAD_STATE  a push failed before, or the reader is not live.
 * @retval COFFRE_ERR_INVALID_ARGUMENT
 */
coffre_status coffre_block_reader_finish(struct coffre_block_reader *reader);

/**
 * Ends a reader, zeroes its memory, and gives the workspace back, which may hold plaintext. NULL
 * is fine.
 */
void coffre_block_reader_wipe(struct coffre_block_reader *reader);

/**
 * Begins to examine a block, metadata, manifest or record. No key and no context.
 *
 * @param scrubber  written; zeroed on an error.
 * @retval COFFRE_ERR_INVALID_ARGUMENT
 */
coffre_status coffre_scrub_begin(struct coffre_scrubber *scrubber);

/**
 * Takes the object's next bytes, in pieces of any size.
 *
 * @param bytes  `len` bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_scrub_push(struct coffre_scrubber *scrubber, const uint8_t *bytes, size_t len);

/**
 * Says whether the object was whole: its checksum fits. Finds damage, not attacks.
 *
 * @param object_type  written: 1 block, 2 metadata, 3 manifest, 4 key record, 5 challenge, 6
 *         repository record; unchanged on an error.
 * @retval COFFRE_ERR_MALFORMED  not an object of this format.
 * @retval COFFRE_ERR_DAMAGED    the checksum does not fit.
 * @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 1.
 */
coffre_status coffre_scrub_finish(const struct coffre_scrubber *scrubber, uint32_t *object_type);

/**
 * Ends a scrubber and zeroes its memory. NULL and a zeroed object are fine.
 */
void coffre_scrubber_wipe(struct coffre_scrubber *scrubber);

/**
 * Takes a backy2 master key.
 *
 * @param key     `key_len` bytes; they stay the caller's to wipe.
 * @param master  written; zeroed on an error.
 * @retval COFFRE_ERR_KEY_LENGTH  `key_len` is not 32.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_v1_master_read(const struct coffre_context *context,
                                    const uint8_t *key,
                                    size_t key_len,
                                    struct coffre_v1_master *master);

/**
 * The key id of a master key.
 *
 * @param id  16 bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 */
coffre_status coffre_v1_master_id(const struct coffre_v1_master *master, uint8_t id[16]);

/**
 * Ends a master key and zeroes its memory. NULL and a zeroed object are fine.
 */
void coffre_v1_master_wipe(struct coffre_v1_master *master);

/**
 * Upper bound of the size of a version 1 block.
 */
size_t coffre_v1_sealed_max(size_t plain_len);

/**
 * The memory that coffre_v1_seal needs its workspace to have, in bytes; at most
 * COFFRE_SEAL_WORKSPACE.
 */
size_t coffre_v1_seal_workspace(size_t plain_len);

/**
 * The memory that coffre_v1_open needs its workspace to have, in bytes: the decrypted frame waits
 * there for its tag.
 */
size_t coffre_v1_open_workspace(size_t blob_len);

/**
 * Seals one block as backy2 does: a new data key, zstd level 1, AES-256-GCM.
 *
 * @param context      exclusive; random bytes are drawn.
 * @param policy       its lowest version must be 1 or 0.
 * @param plain        `plain_len` bytes.
 * @param workspace    of at least coffre_v1_seal_workspace(plain_len) bytes; exclusive.
 * @param out          at least coffre_v1_sealed_max(plain_len) bytes; unchanged or zeroed on an
 *         error.
 * @param out_len      the block's size, or the size needed.
 * @param wrapped_key  40 bytes, zeroed on an error: the data key under the master key (backy2's
 *         `enc_envkey`, in hexadecimal there). backy2's `enc_nonce` are bytes 16 to 31 of the
 *         block.
 * @retval COFFRE_ERR_POLICY_VERSION    the policy does not accept version 1.
 * @retval COFFRE_ERR_TOO_LARGE, COFFRE_ERR_BUFFER_TOO_SMALL, COFFRE_ERR_WORKSPACE_TOO_SMALL
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 3.2.
 *
 */
coffre_status coffre_v1_seal(struct coffre_context *context,
                             const struct coffre_policy *policy,
                             const struct coffre_v1_master *master,
                             const uint8_t *plain,
                             size_t plain_len,
                             struct coffre_workspace *workspace,
                             uint8_t *out,
                             size_t out_cap,
                             size_t *out_len,
                             uint8_t wrapped_key[COFFRE_V1_WRAPPED_KEY_SIZE]);

/**
 * Opens one block of backy2's encryption version 1, all or nothing.
 *
 * @param policy       its lowest version must be 1 or 0.
 * @param wrapped_key  `wrapped_key_len` bytes; backy2 writes 40.
 * @param blob         `blob_len` bytes.
 * @param workspace    of at least coffre_v1_open_workspace(blob_len) bytes; exclusive.
 * @param out          the plaintext; unchanged or zeroed on an error.
 * @param out_len      its size, or the size needed.
 * @retval COFFRE_ERR_POLICY_VERSION  the policy does not accept version 1.
 * @retval COFFRE_ERR_WRONG_KEY       the wrapped key does not unwrap under this master key.
 * @retval COFFRE_ERR_NOT_AUTHENTIC   the block was altered.
 * @retval COFFRE_ERR_MALFORMED       too short, or a wrapped key that is not 40 bytes.
 * @retval COFFRE_ERR_BAD_FRAME       second frame, trailing bytes, no content size, dictionary.
 * @retval COFFRE_ERR_OVER_LIMIT      the content is larger than the policy allows; nothing was
 *         decompressed.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL, COFFRE_ERR_WORKSPACE_TOO_SMALL
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 3.2.
 */
coffre_status coffre_v1_open(const struct coffre_context *context,
                             const struct coffre_policy *policy,
                             const struct coffre_v1_master *master,
                             const uint8_t *wrapped_key,
                             size_t wrapped_key_len,
                             const uint8_t *blob,
                             size_t blob_len,
                             struct coffre_workspace *workspace,
                             uint8_t *out,
                             size_t out_cap,
                             size_t *out_len);

/**
 * Re-wraps one block's key for another master key: backy2's rekey. The block is not touched.
 *
 * @param wrapped_key    `wrapped_key_len` bytes, under `from`.
 * @param rewrapped_key  40 bytes, under `to`; zeroed on an error.
 * @retval COFFRE_ERR_WRONG_KEY  it does not unwrap under `from`.
 * @retval COFFRE_ERR_MALFORMED  not 40 bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 */
coffre_status coffre_v1_rewrap(const struct coffre_context *context,
                               const struct coffre_v1_master *from,
                               const struct coffre_v1_master *to,
                               const uint8_t *wrapped_key,
                               size_t wrapped_key_len,
                               uint8_t rewrapped_key[COFFRE_V1_WRAPPED_KEY_SIZE]);

/**
 * Re-wraps the keys of many blocks for another master key, many at a time: backy2's rekey of whole
 * versions. The blocks are not touched, and no row disturbs another.
 *
 * @param wrapped_keys    `rows` keys of 40 bytes, one after the other, under `from`.
 * @param rows            any number; with 0 the three arrays may be NULL.
 * @param rewrapped_keys  `rows` keys of 40 bytes, under `to`, in the same order; zeros for a row
 *         that does not unwrap.
 * @param statuses        `rows` of them: COFFRE_OK, or COFFRE_ERR_WRONG_KEY for a row that does
 *         not unwrap under `from`.
 * @retval COFFRE_ERR_WRONG_KEY  one or more rows do not unwrap under `from`; `statuses` tells
 *         which. The others are done.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE  nothing was
 *         written.
 *
 * docs/FORMAT.md section 3.2; RFC 3394.
 */
coffre_status coffre_v1_rewrap_batch(const struct coffre_context *context,
                                     const struct coffre_v1_master *from,
                                     const struct coffre_v1_master *to,
                                     const uint8_t *wrapped_keys,
                                     size_t rows,
                                     uint8_t *rewrapped_keys,
                                     coffre_status *statuses);

/**
 * Gives the plain bytes of a version 0 block, if the policy's lowest version is 0.
 *
 * @param out      the same bytes; unchanged on an error.
 * @param out_len  their number, or the size needed.
 * @retval COFFRE_ERR_POLICY_VERSION  the policy does not accept version 0.
 * @retval COFFRE_ERR_TOO_LARGE, COFFRE_ERR_BUFFER_TOO_SMALL
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 */
coffre_status coffre_v0_seal(const struct coffre_policy *policy,
                             const uint8_t *plain,
                             size_t plain_len,
                             uint8_t *out,
                             size_t out_cap,
                             size_t *out_len);

/**
 * Takes the plain bytes of a version 0 block, if the policy's lowest version is 0.
 *
 * @param out      the same bytes; unchanged on an error.
 * @param out_len  their number, or the size needed.
 * @retval COFFRE_ERR_POLICY_VERSION  the policy does not accept version 0: what calls itself plain
 *         is refused.
 * @retval COFFRE_ERR_OVER_LIMIT, COFFRE_ERR_BUFFER_TOO_SMALL
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 */
coffre_status coffre_v0_open(const struct coffre_policy *policy,
                             const uint8_t *block,
                             size_t block_len,
                             uint8_t *out,
                             size_t out_cap,
                             size_t *out_len);

/**
 * Reads a record: checks everything that needs no key, once for all later calls. Nothing is
 * proven.
 *
 * @param bytes   `len` bytes, lent to `record` until it is wiped: they may not change or go away.
 * @param record  written; zeroed on an error.
 * @retval COFFRE_ERR_MALFORMED  not a record, or one that breaks a rule of the format.
 * @retval COFFRE_ERR_DAMAGED    the checksum does not fit.
 * @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 * docs/FORMAT.md section 4.
 */
coffre_status coffre_record_read(const uint8_t *bytes, size_t len, struct coffre_record *record);

/**
 * Gives the record's bytes back, and zeroes the object. NULL and a zeroed object are fine.
 */
void coffre_record_wipe(struct coffre_record *record);

/**
 * Says what a record says of itself. No key; nothing is proven.
 *
 * @param info  written; unchanged on an error.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 4.
 */
coffre_status coffre_record_inspect(const struct coffre_record *record,
                                    struct coffre_record_info *info);

/**
 * Names a recipient of a record: who can open it. No key.
 *
 * @param index      from 0, in the order in which they were added.
 * @param recipient  written; unchanged on an error.
 * @retval COFFRE_ERR_NOT_FOUND  past the end.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_record_recipient_at(const struct coffre_record *record,
                                         size_t index,
                                         struct coffre_record_recipient *recipient);

/**
 * Names an entry of a record, such as a session whose key it holds. No key.
 *
 * @param index  from 0, in ascending order of type and id.
 * @param entry  written; unchanged on an error.
 * @retval COFFRE_ERR_NOT_FOUND  past the end.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_record_entry_at(const struct coffre_record *record,
                                     size_t index,
                                     struct coffre_record_entry *entry);

/**
 * Names many entries of a record at once, in ascending order of type and id. No key.
 *
 * @param first        the index to begin with, from 0.
 * @param entries      room for `entries_cap` of them.
 * @param entries_len  how many were written: fewer than `entries_cap` at the end, 0 past it.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_record_entries(const struct coffre_record *record,
                                    size_t first,
                                    struct coffre_record_entry *entries,
                                    size_t entries_cap,
                                    size_t *entries_len);

/**
 * The workspace that deriving a key needs; 0 for PBKDF2, which has no memory.
 *
 * What a record says may be up to 4 GiB, and nothing proves it: compare with the policy's
 * max_argon2_memory_kib before allocating.
 *
 * @param memory_kib  of coffre_password_options or coffre_record_recipient; 0 for PBKDF2.
 */
size_t coffre_password_workspace_size(uint32_t memory_kib);

/**
 * Sets a password: chooses its salt and recipient id, and derives the key. The identity opens, and
 * its recipient (coffre_identity_recipient) can be added to, any number of records.
 *
 * Takes about as long as the cost says, in one thread: 600,000 iterations of PBKDF2 or 64 MiB in 3
 * passes of Argon2id some 100 ms on a server's processor.
 *
 * @param context    exclusive; random bytes are drawn.
 * @param options    NULL for the defaults.
 * @param password   `password_len` bytes, used as they are; they stay the caller's to wipe.
 * @param workspace  for Argon2id coffre_password_workspace_size bytes; zeroed in the end.
 * @param identity   written; zeroed on an error.
 * @retval COFFRE_ERR_WEAK_PASSWORD        shorter than least_len, or fewer than 5 different bytes.
 * @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
 * @retval COFFRE_ERR_TOO_LARGE            the hint.
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
 * @retval COFFRE_ERR_INVALID_ARGUMENT     also: a cost outside the format's limits, or a hint with
 *         control characters.
 * @retval COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 4.1, stanza types 3 and 4.
 */
coffre_status coffre_password_set(struct coffre_context *context,
                                  const struct coffre_password_options *options,
                                  const uint8_t *password,
                                  size_t password_len,
                                  uint8_t *workspace,
                                  size_t workspace_len,
                                  struct coffre_identity *identity);

/**
 * Derives the key of the password that a record was wrapped for. Whether it is the right one shows
 * when a record is opened: COFFRE_ERR_WRONG_PASSWORD. The identity opens all records that were
 * wrapped for the same setting. Its recipient can be added to records if this record opened under
 * it: who does not know the password could have written any cost there (add_recipient then says
 * COFFRE_ERR_WRONG_PASSWORD).
 *
 * @param policy     NULL for the strict defaults; its highest costs are checked before any work.
 * @param record     a key record, challenge or repository record; coffre_record_recipient_at says
 *         what its password costs.
 * @param password   `password_len` bytes; they stay the caller's to wipe.
 * @param workspace  for Argon2id coffre_password_workspace_size bytes; zeroed in the end.
 * @param identity   written; zeroed on an error.
 * @retval COFFRE_ERR_WRONG_KEY            no password opens the record.
 * @retval COFFRE_ERR_POLICY_RECIPIENT     the policy allows no passwords.
 * @retval COFFRE_ERR_OVER_COST            it costs more than the policy allows.
 * @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 4.1, R10 and R11.
 */
coffre_status coffre_password_derive(const struct coffre_context *context,
                                     const struct coffre_policy *policy,
                                     const struct coffre_record *record,
                                     const uint8_t *password,
                                     size_t password_len,
                                     uint8_t *workspace,
                                     size_t workspace_len,
                                     struct coffre_identity *identity);

/**
 * Says which installation and restore point an opened record belongs to; both are proven.
 *
 * The caller compares them with those that he expects: another restore point's record opens just
 * as well.
 *
 * @param instance_id  16 bytes.
 * @param scope_id     16 bytes: the restore point of a key record; otherwise the instance id
 *         again.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 4, R8.
 *
 */
coffre_status coffre_record_keys_scope(const struct coffre_record_keys *keys,
                                       uint8_t instance_id[16],
                                       uint8_t scope_id[16]);

/**
 * Opens a record with an identity, and proves all of it.
 *
 * @param policy    NULL for the strict defaults.
 * @param identity  a key of one of its recipients.
 * @param keys      written; zeroed on an error.
 * @retval COFFRE_ERR_WRONG_KEY         no recipient has the identity's key id.
 * @retval COFFRE_ERR_WRONG_PASSWORD    the password is not the one that it was wrapped for.
 * @retval COFFRE_ERR_NOT_AUTHENTIC     one has, but the record is not what its owner wrote.
 * @retval COFFRE_ERR_OTHER_STORAGE_KEY one has, but was given another storage key than the
 *         record's: forged.
 * @retval COFFRE_ERR_CALLBACK          the key service or token could not be asked.
 * @retval COFFRE_ERR_STALE             the generation is below the policy's lowest.
 * @retval COFFRE_ERR_POLICY_RECIPIENT  the policy does not allow this kind of recipient.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 4.
 */
coffre_status coffre_record_open(const struct coffre_context *context,
                                 const struct coffre_policy *policy,
                                 const struct coffre_identity *identity,
                                 const struct coffre_record *record,
                                 struct coffre_record_keys *keys);

/**
 * Finds a session key in an opened record. What it gives is proven by itself.
 *
 * @param record      the record that was opened.
 * @param session_id  16 bytes, as a block or a manifest names them.
 * @param session     written; zeroed on an error.
 * @retval COFFRE_ERR_MISSING_KEY    the record holds no key of that session.
 * @retval COFFRE_ERR_NOT_AUTHENTIC  what it holds is not that session's key.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 */
coffre_status coffre_record_session(const struct coffre_context *context,
                                    const struct coffre_record_keys *keys,
                                    const struct coffre_record *record,
                                    const uint8_t session_id[16],
                                    struct coffre_session *session);

/**
 * Finds the id key of an epoch in an opened repository record.
 *
 * @param record  the record that was opened.
 * @param id_key  written; zeroed on an error.
 * @retval COFFRE_ERR_MISSING_KEY, COFFRE_ERR_NOT_AUTHENTIC  as for coffre_record_session.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_record_id_key(const struct coffre_context *context,
                                   const struct coffre_record_keys *keys,
                                   const struct coffre_record *record,
                                   uint64_t epoch,
                                   struct coffre_id_key *id_key);

/**
 * Ends the keys of a record and zeroes their memory. NULL and zeroed ones are fine.
 */
void coffre_record_keys_wipe(struct coffre_record_keys *keys);

/**
 * The size of a record.
 *
 * @param stanzas_len  the sum of coffre_recipient_stanza_size over its recipients.
 * @param entries      session keys and id keys.
 */
size_t coffre_record_size(size_t stanzas_len, size_t entries);

/**
 * Begins a new record, with a new storage key and metakey, in the caller's buffer.
 *
 * The buffer holds a record only after coffre_record_finish; coffre_record_size tells how large it
 * must be.
 *
 * @param context      exclusive; random bytes are drawn.
 * @param object_type  COFFRE_KEY_RECORD, COFFRE_CHALLENGE or COFFRE_REPOSITORY_RECORD.
 * @param instance_id  16 bytes: the installation.
 * @param scope_id     16 bytes for a key record: the restore point; otherwise NULL.
 * @param generation   from 1.
 * @param buffer       `buffer_len` bytes, lent until the writer is finished or wiped.
 * @param writer       written; zeroed on an error.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  not even an empty record fits.
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 4.
 *
 */
coffre_status coffre_record_create(struct coffre_context *context,
                                   uint32_t object_type,
                                   const uint8_t instance_id[16],
                                   const uint8_t *scope_id,
                                   uint64_t generation,
                                   uint8_t *buffer,
                                   size_t buffer_len,
                                   struct coffre_record_writer *writer);

/**
 * Begins with a copy of an opened record, to be changed: same storage key, higher generation.
 *
 * @param keys        the record's, from coffre_record_open.
 * @param generation  above the record's.
 * @param buffer      `buffer_len` bytes, lent until the writer is finished or wiped.
 * @param writer      written; zeroed on an error.
 * @retval COFFRE_ERR_STALE             the generation is not above the record's.
 * @retval COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_OTHER_STORAGE_KEY  the keys are not the record's.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  the record does not fit.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_record_edit(const struct coffre_context *context,
                                 const struct coffre_record_keys *keys,
                                 const struct coffre_record *record,
                                 uint64_t generation,
                                 uint8_t *buffer,
                                 size_t buffer_len,
                                 struct coffre_record_writer *writer);

/**
 * Begins with the keys of an opened record under a new storage key, without recipients: add all
 * that shall open it. No session key and no block changes.
 *
 * Whoever opened the record before, and kept its storage key, cannot open the new one; what he
 * could read he may have kept: rotating is not revoking.
 *
 * @param context     exclusive; random bytes are drawn.
 * @param keys        the record's, from coffre_record_open.
 * @param generation  above the record's.
 * @param buffer      `buffer_len` bytes, lent until the writer is finished or wiped.
 * @param writer      written; zeroed on an error.
 * @retval COFFRE_ERR_STALE                the generation is not above the record's.
 * @retval COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_OTHER_STORAGE_KEY  the keys are not the record's,
 *         or an entry is forged.
 * @retval COFFRE_ERR_UNSUPPORTED_VERSION  it has an entry of an unknown type, which would be lost.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL     the record does not fit.
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 4.2.
 */
coffre_status coffre_record_rotate(struct coffre_context *context,
                                   const struct coffre_record_keys *keys,
                                   const struct coffre_record *record,
                                   uint64_t generation,
                                   uint8_t *buffer,
                                   size_t buffer_len,
                                   struct coffre_record_writer *writer);

/**
 * Lets a recipient open the record.
 *
 * @param context  exclusive; random bytes are drawn for a public key and an external key.
 * @retval COFFRE_ERR_DUPLICATE         it can already, or it is a second password.
 * @retval COFFRE_ERR_CALLBACK          the key service did not wrap.
 * @retval COFFRE_ERR_TOO_LARGE         as many recipients as a record may have.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  the record is unchanged.
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_record_add_recipient(struct coffre_context *context,
                                          struct coffre_record_writer *writer,
                                          const struct coffre_recipient *recipient);

/**
 * Puts a recipient in the place of another one, or of itself to wrap anew: all or nothing.
 *
 * @param context  exclusive; random bytes may be drawn.
 * @param old_id   16 bytes: the recipient id of the one that goes.
 * @retval COFFRE_ERR_NOT_FOUND         the record has no such recipient.
 * @retval COFFRE_ERR_DUPLICATE         the new one is there already, or is a second password.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  both together do not fit; the record is unchanged.
 * @retval COFFRE_ERR_CALLBACK          the key service did not wrap.
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 */
coffre_status coffre_record_replace_recipient(struct coffre_context *context,
                                              struct coffre_record_writer *writer,
                                              const uint8_t old_id[16],
                                              const struct coffre_recipient *recipient);

/**
 * Takes a recipient out. Copies of the record from before it still opens: re-wrapping is not
 * revoking.
 *
 * @param recipient_id  16 bytes.
 * @retval COFFRE_ERR_NOT_FOUND  the record has no such recipient.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 */
coffre_status coffre_record_remove_recipient(struct coffre_record_writer *writer,
                                             const uint8_t recipient_id[16]);

/**
 * Takes a session key in: whoever opens the record opens that session's blocks.
 *
 * @retval COFFRE_ERR_DUPLICATE         it is there already.
 * @retval COFFRE_ERR_TOO_LARGE         as many entries as a record may have.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  the record is unchanged.
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: a challenge holds no keys.
 * @retval COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_record_add_session(struct coffre_record_writer *writer,
                                        const struct coffre_session *session);

/**
 * Drops a session key.
 *
 * @param session_id  16 bytes.
 * @retval COFFRE_ERR_NOT_FOUND  the record has no such session key.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 */
coffre_status coffre_record_remove_session(struct coffre_record_writer *writer,
                                           const uint8_t session_id[16]);

/**
 * Takes the repository's id key in.
 *
 * @retval COFFRE_ERR_DUPLICATE, COFFRE_ERR_TOO_LARGE, COFFRE_ERR_BUFFER_TOO_SMALL  as for
 *         coffre_record_add_session.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_record_add_id_key(struct coffre_record_writer *writer,
                                       const struct coffre_id_key *id_key);

/**
 * Completes the record: the buffer given at the beginning holds it from its first byte. Ends the
 * writer when it succeeds.
 *
 * @param record_len  the record's size, or the size that the buffer needs.
 * @param keys        NULL, or the record's keys, as coffre_record_open would give them; zeroed on
 *         an error.
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: no recipient was added, so that nobody could open it.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  the buffer holds no record.
 * @retval COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_record_finish(struct coffre_record_writer *writer,
                                   size_t *record_len,
                                   struct coffre_record_keys *keys);

/**
 * Gives a record up, zeroes the writer, and gives the buffer back. NULL and a zeroed object are
 * fine.
 */
void coffre_record_writer_wipe(struct coffre_record_writer *writer);

/**
 * Opens the newest valid record of two slots.
 *
 * A slot is memory that begins with a record; what follows it is ignored, and erased memory (all
 * zeros or all ones) is empty. To change the record write the new one to slot `write_next`, make
 * it durable, then write it to the other: only when both carry it does the change count as done.
 *
 * @param policy       NULL for the strict defaults; its lowest generation decides about rollback.
 * @param object_type  COFFRE_KEY_RECORD, COFFRE_CHALLENGE or COFFRE_REPOSITORY_RECORD.
 * @param instance_id  16 bytes: the installation whose record it must be.
 * @param scope_id     16 bytes for a key record: its restore point; otherwise NULL.
 * @param slot_0       `slot_0_len` bytes, lent to `record`; (NULL, 0) for one that cannot be read.
 * @param slot_1       the same.
 * @param record       written: the record in use; zeroed on an error.
 * @param keys         written: its keys; zeroed on an error.
 * @param report       NULL, or what was found; filled in on errors too.
 * @retval COFFRE_ERR_NOT_FOUND  both slots are empty.
 * @retval COFFRE_ERR_CONFLICT   both are valid and of one generation, and they differ.
 * @retval COFFRE_ERR_ROLLBACK   the newest valid one is below the policy's lowest generation.
 * @retval COFFRE_ERR_FOREIGN    another installation's or restore point's record.
 * @retval COFFRE_ERR_WRONG_KEY, COFFRE_ERR_WRONG_PASSWORD, COFFRE_ERR_NOT_AUTHENTIC,
 *         COFFRE_ERR_OTHER_STORAGE_KEY, COFFRE_ERR_POLICY_RECIPIENT, COFFRE_ERR_CALLBACK  neither
 *         opens; see coffre_record_open.
 * @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_DAMAGED, COFFRE_ERR_UNSUPPORTED_VERSION,
 *         COFFRE_ERR_UNSUPPORTED_SUITE  neither can be read.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 4.3.
 *
 */
coffre_status coffre_slots_open(const struct coffre_context *context,
                                const struct coffre_policy *policy,
                                const struct coffre_identity *identity,
                                uint32_t object_type,
                                const uint8_t instance_id[16],
                                const uint8_t *scope_id,
                                const uint8_t *slot_0,
                                size_t slot_0_len,
                                const uint8_t *slot_1,
                                size_t slot_1_len,
                                struct coffre_record *record,
                                struct coffre_record_keys *keys,
                                struct coffre_slots_report *report);

/**
 * Makes a challenge for a recipient, to be kept beside the keys and checked at every start.
 *
 * @param context      exclusive; random bytes are drawn.
 * @param instance_id  16 bytes: this installation.
 * @param generation   from 1; raise it with every new challenge.
 * @param out          the challenge: coffre_record_size(stanza, 0) bytes, with the recipient's
 *         coffre_recipient_stanza_size; unchanged or
 *         zeroed on an error.
 * @param out_len      its size, or the size needed.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
 * @retval COFFRE_ERR_CALLBACK          the key service did not wrap.
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md sections 4 and 7.
 *
 */
coffre_status coffre_challenge_create(struct coffre_context *context,
                                      const struct coffre_recipient *recipient,
                                      const uint8_t instance_id[16],
                                      uint64_t generation,
                                      uint8_t *out,
                                      size_t out_cap,
                                      size_t *out_len);

/**
 * Checks whether the key at hand opens a challenge, a key record or a repository record, before
 * anything depends on it.
 *
 * The status is the verdict; coffre_challenge_verdict gives its word. Checks stop at the first
 * that fails, in this order.
 *
 * @param instance_id        16 bytes: this installation.
 * @param lowest_generation  0, or the lowest that the caller accepts.
 * @param record             `record_len` bytes.
 * @param report             NULL, or what was seen, filled in for every verdict.
 * @retval COFFRE_OK                 match.
 * @retval COFFRE_ERR_MALFORMED      corrupt: not a record.
 * @retval COFFRE_ERR_DAMAGED        corrupt: the checksum does not fit.
 * @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE  unsupported.
 * @retval COFFRE_ERR_FOREIGN        foreign: another installation's.
 * @retval COFFRE_ERR_STALE          stale: the generation is below the lowest.
 * @retval COFFRE_ERR_WRONG_KEY      wrong key: the report has the expected and the found id.
 * @retval COFFRE_ERR_WRONG_PASSWORD wrong key: the password is not the one.
 * @retval COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_OTHER_STORAGE_KEY  corrupt: the key id fits, and
 *         yet the record does not open.
 * @retval COFFRE_ERR_CALLBACK       not checked: the key service or token could not be asked.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE  not checked.
 *
 * docs/FORMAT.md section 7.
 *
 */
coffre_status coffre_challenge_check(const struct coffre_context *context,
                                     const struct coffre_identity *identity,
                                     const uint8_t instance_id[16],
                                     uint64_t lowest_generation,
                                     const uint8_t *record,
                                     size_t record_len,
                                     struct coffre_challenge_report *report);

/**
 * The word for a verdict of coffre_challenge_check: "match", "corrupt", "unsupported", "foreign",
 * "stale", "wrong key"; "not checked" for any other status. Static, never NULL.
 */
const char *coffre_challenge_verdict(coffre_status status);

/**
 * Puts a key under a password: a recovery kit, to be kept on paper or to travel with a backup. Who
 * has the kit can try passwords, so the password is all that keeps the key.
 *
 * Takes as long as coffre_password_set.
 *
 * @param context    exclusive; random bytes are drawn.
 * @param identity   a key-encryption key or private key, not one in a token.
 * @param options    KDF, cost and least length; NULL for the defaults. A kit has no place for a
 *         hint: hint_len is 0.
 * @param password   `password_len` bytes, used as they are; they stay the caller's to wipe.
 * @param workspace  for Argon2id coffre_password_workspace_size bytes; zeroed in the end.
 * @param out        the kit, COFFRE_KIT_SIZE bytes; unchanged or zeroed on an error.
 * @param out_len    its size, or the size needed.
 * @retval COFFRE_ERR_UNSUPPORTED_KEY      the identity has no key of its own: a password's, a key
 *         service's, a token's.
 * @retval COFFRE_ERR_WEAK_PASSWORD        shorter than least_len, or fewer than 5 different bytes.
 * @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL     nothing was written.
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
 * @retval COFFRE_ERR_INVALID_ARGUMENT     also: a cost outside the format's limits, or a hint.
 * @retval COFFRE_ERR_TOO_LARGE            a hint of more than 64 bytes.
 * @retval COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 8.2.
 */
coffre_status coffre_kit_create(struct coffre_context *context,
                                const struct coffre_identity *identity,
                                const struct coffre_password_options *options,
                                const uint8_t *password,
                                size_t password_len,
                                uint8_t *workspace,
                                size_t workspace_len,
                                uint8_t *out,
                                size_t out_cap,
                                size_t *out_len);

/**
 * Tells what a recovery kit says without its password: whose key is inside, and what opening it
 * costs.
 *
 * @param kit   `kit_len` bytes.
 * @param info  written on success only.
 * @retval COFFRE_ERR_MALFORMED  not a kit, or cut short.
 * @retval COFFRE_ERR_DAMAGED    the checksum does not fit; after coffre_kit_from_text: lines of
 *         two kits.
 * @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 * docs/FORMAT.md section 8.2, T1.
 */
coffre_status coffre_kit_inspect(const uint8_t *kit, size_t kit_len, struct coffre_kit_info *info);

/**
 * Takes the key out of a recovery kit. coffre_identity_write or coffre_identity_kek write it to a
 * file again.
 *
 * @param policy     NULL for the strict defaults; its highest costs are checked before any work.
 * @param kit        `kit_len` bytes; coffre_kit_inspect says what opening costs.
 * @param password   `password_len` bytes; they stay the caller's to wipe.
 * @param workspace  for Argon2id coffre_password_workspace_size bytes; zeroed in the end.
 * @param identity   written; zeroed on an error.
 * @retval COFFRE_ERR_MALFORMED       not a kit, or cut short.
 * @retval COFFRE_ERR_DAMAGED         the checksum does not fit.
 * @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
 * @retval COFFRE_ERR_OVER_COST       it costs more than the policy allows; nothing was derived.
 * @retval COFFRE_ERR_WORKSPACE_TOO_SMALL
 * @retval COFFRE_ERR_WRONG_PASSWORD  or somebody altered the kit and made its checksum fit.
 * @retval COFFRE_ERR_NOT_AUTHENTIC   right password, but not the key that the kit names.
 * @retval COFFRE_ERR_INVALID_KEY     right password, but no private key.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 8.2, T1 and T2.
 */
coffre_status coffre_kit_open(const struct coffre_context *context,
                              const struct coffre_policy *policy,
                              const uint8_t *kit,
                              size_t kit_len,
                              const uint8_t *password,
                              size_t password_len,
                              uint8_t *workspace,
                              size_t workspace_len,
                              struct coffre_identity *identity);

/**
 * Writes a recovery kit as text, in ASCII. The lines end with a line feed; there is no NUL.
 *
 * @param kit       `kit_len` bytes; checked as coffre_kit_inspect does.
 * @param form      COFFRE_KIT_LINES or COFFRE_KIT_SCAN.
 * @param text      at most COFFRE_KIT_TEXT_MAX characters.
 * @param text_len  how many, or how many are needed.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
 * @retval COFFRE_ERR_MALFORMED         not a kit, or cut short.
 * @retval COFFRE_ERR_DAMAGED           the checksum does not fit.
 * @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 * docs/FORMAT.md section 8.2.
 */
coffre_status coffre_kit_to_text(const uint8_t *kit,
                                 size_t kit_len,
                                 uint32_t form,
                                 char *text,
                                 size_t text_cap,
                                 size_t *text_len);

/**
 * Reads the text of a recovery kit, typed or scanned. Case, blanks, tabs, `-`, carriage returns,
 * empty lines and comments (from a `#` at the beginning of a line to its end) mean nothing; the
 * lines may come in any order.
 *
 * Each line has a check of its own: up to four wrong characters in it are always found. What the
 * bytes say is not looked at; coffre_kit_inspect and coffre_kit_open do.
 *
 * @param text      `text_len` characters, at most 16384.
 * @param out       the kit, COFFRE_KIT_SIZE bytes.
 * @param out_len   its size, or the size needed.
 * @param bad_line  NULL, or the number of the first bad line with COFFRE_ERR_BAD_KIT_LINE: 1 to 8;
 *         of a line without such a number its place among those that mean something, from 1.
 *         Otherwise 0 or unchanged.
 * @retval COFFRE_ERR_BAD_KIT_LINE      a line is mistyped, missing or there twice.
 * @retval COFFRE_ERR_TOO_LARGE         the text.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 * docs/FORMAT.md section 8.2, T3.
 */
coffre_status coffre_kit_from_text(const char *text,
                                   size_t text_len,
                                   uint8_t *out,
                                   size_t out_cap,
                                   size_t *out_len,
                                   uint32_t *bad_line);

/**
 * The bytes of a key-encryption key, to write its key file again after a recovery.
 *
 * @param kek  32 bytes; wipe them after use. Unchanged on an error.
 * @retval COFFRE_ERR_UNSUPPORTED_KEY  the identity is no key-encryption key; a private key is
 *         written by coffre_identity_write, and no other key is given out.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 8.1.
 *
 */
coffre_status coffre_identity_kek(const struct coffre_identity *identity, uint8_t kek[32]);

/**
 * Seals whatever a product keeps with a restore point, as an object of its own type.
 *
 * @param context    exclusive; random bytes are drawn.
 * @param keys       of the restore point's key record.
 * @param plain      `plain_len` bytes, 0 to COFFRE_BLOCK_MAX.
 * @param workspace  of at least coffre_seal_workspace(plain_len, NULL) bytes; exclusive.
 * @param out        at least coffre_block_sealed_max(plain_len) bytes; unchanged or zeroed on an
 *         error.
 * @param out_len    the object's size, or the size needed.
 * @param digest     32 bytes: SHA-256 of the object, for the manifest; zeroed on an error.
 * @retval COFFRE_ERR_TOO_LARGE, COFFRE_ERR_BUFFER_TOO_SMALL, COFFRE_ERR_WORKSPACE_TOO_SMALL  as
 *         for coffre_block_seal.
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED
 * @retval COFFRE_ERR_CALLBACK  the caller's engine failed.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 5.
 *
 */
coffre_status coffre_metadata_seal(struct coffre_context *context,
                                   const struct coffre_record_keys *keys,
                                   const uint8_t *plain,
                                   size_t plain_len,
                                   struct coffre_workspace *workspace,
                                   uint8_t *out,
                                   size_t out_cap,
                                   size_t *out_len,
                                   uint8_t digest[32]);

/**
 * Opens the metadata of a restore point, all or nothing.
 *
 * @param policy     NULL for the strict defaults.
 * @param keys       of the restore point's key record.
 * @param object     `object_len` bytes.
 * @param workspace  of at least coffre_open_workspace() bytes; exclusive. NULL will do for an
 *         object that is not compressed.
 * @param out        what was sealed; unchanged or zeroed on an error.
 * @param out_len    its size, or the size needed.
 * @param digest     32 bytes: SHA-256 of the object; compare it with the manifest's. Zeroed on an
 *         error.
 * @retval COFFRE_ERR_UNEXPECTED_BLOCK  another restore point's.
 * @retval COFFRE_ERR_WRONG_KEY         the same restore point's, but under another metakey.
 * @retval COFFRE_ERR_DAMAGED, COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_BAD_FRAME,
 *         COFFRE_ERR_OVER_LIMIT, COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION,
 *         COFFRE_ERR_UNSUPPORTED_SUITE, COFFRE_ERR_BUFFER_TOO_SMALL,
 *         COFFRE_ERR_WORKSPACE_TOO_SMALL, COFFRE_ERR_CALLBACK  as for coffre_block_open.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 5.
 *
 */
coffre_status coffre_metadata_open(const struct coffre_context *context,
                                   const struct coffre_policy *policy,
                                   const struct coffre_record_keys *keys,
                                   const uint8_t *object,
                                   size_t object_len,
                                   struct coffre_workspace *workspace,
                                   uint8_t *out,
                                   size_t out_cap,
                                   size_t *out_len,
                                   uint8_t digest[32]);

/**
 * Generates an origin key.
 *
 * @param context  exclusive.
 * @param key      written; zeroed on an error.
 * @retval COFFRE_ERR_RANDOM, COFFRE_ERR_RANDOM_REPEATED  see coffre_random_bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 6.1.
 */
coffre_status coffre_origin_key_generate(struct coffre_context *context,
                                         struct coffre_origin_key *key);

/**
 * Reads an origin key: a private key on curve P-256, PKCS#8 or SEC 1, in PEM or DER, as `openssl
 * genpkey` writes it.
 *
 * @param file  `file_len` bytes; they stay the caller's to wipe.
 * @param key   written; zeroed on an error.
 * @retval COFFRE_ERR_BAD_KEY_FILE     not such a file: truncated, another label, encrypted,
 *         trailing bytes.
 * @retval COFFRE_ERR_UNSUPPORTED_KEY  a private key of another algorithm or curve.
 * @retval COFFRE_ERR_INVALID_KEY      scalar out of range, or a public key inside that is not its
 *         own.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 8.1.
 */
coffre_status coffre_origin_key_read(const struct coffre_context *context,
                                     const uint8_t *file,
                                     size_t file_len,
                                     struct coffre_origin_key *key);

/**
 * Writes an origin key as PKCS#8, as `openssl pkey` reads it. The PEM form ends with a newline,
 * not with a NUL.
 *
 * @param form     COFFRE_KEY_FILE_PEM or COFFRE_KEY_FILE_DER.
 * @param out      the file, of at most COFFRE_KEY_FILE_MAX bytes; wipe it after use.
 * @param out_len  its size, or the size needed.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_origin_key_write(const struct coffre_origin_key *key,
                                      uint32_t form,
                                      uint8_t *out,
                                      size_t out_cap,
                                      size_t *out_len);

/**
 * The key that verifies what an origin key signs.
 *
 * @param origin  written; zeroed on an error.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_origin_key_public(const struct coffre_origin_key *key,
                                       struct coffre_origin *origin);

/**
 * Ends an origin key and zeroes its memory. NULL and a zeroed object are fine.
 */
void coffre_origin_key_wipe(struct coffre_origin_key *key);

/**
 * Reads the public half of an origin key: SPKI on curve P-256, in PEM or DER, as `openssl pkey
 * -pubout` writes it.
 *
 * @param file    `file_len` bytes.
 * @param origin  written; zeroed on an error.
 * @retval COFFRE_ERR_BAD_KEY_FILE     not such a file.
 * @retval COFFRE_ERR_UNSUPPORTED_KEY  a public key of another algorithm or curve, or a compressed
 *         point.
 * @retval COFFRE_ERR_INVALID_KEY      the point is not on the curve.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 8.1.
 */
coffre_status coffre_origin_read(const struct coffre_context *context,
                                 const uint8_t *file,
                                 size_t file_len,
                                 struct coffre_origin *origin);

/**
 * Writes the public half of an origin key as SPKI.
 *
 * @param form     COFFRE_KEY_FILE_PEM or COFFRE_KEY_FILE_DER.
 * @param out      the file, of at most COFFRE_KEY_FILE_MAX bytes.
 * @param out_len  its size, or the size needed.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_origin_write(const struct coffre_origin *origin,
                                  uint32_t form,
                                  uint8_t *out,
                                  size_t out_cap,
                                  size_t *out_len);

/**
 * The key id of an origin key.
 *
 * @param id  16 bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 8.1.
 *
 */
coffre_status coffre_origin_id(const struct coffre_origin *origin, uint8_t id[16]);

/**
 * The whole SHA-256 of an origin key's SPKI, to be shown when somebody decides to trust it.
 *
 * @param digest  32 bytes.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 */
coffre_status coffre_origin_digest(const struct coffre_origin *origin, uint8_t digest[32]);

/**
 * Ends the public half of an origin key and zeroes its memory. NULL and a zeroed object are fine.
 */
void coffre_origin_wipe(struct coffre_origin *origin);

/**
 * Signs a manifest: says who made the restore point. Keep the signature beside the manifest.
 *
 * The same key signs the same manifest with the same bytes; no random bytes are drawn.
 *
 * @param key      an origin key that is none of the record's recipients.
 * @param keys     of the restore point's key record.
 * @param record   the key record; it is proven once more.
 * @param whole    as coffre_manifest_finish or coffre_manifest_close gave it.
 * @param out      COFFRE_ORIGIN_SIGNATURE_SIZE bytes.
 * @param out_len  its size, or the size needed.
 * @retval COFFRE_ERR_MALFORMED            a manifest without COFFRE_MANIFEST_DIGESTS: nothing
 *         binds its blocks' contents.
 * @retval COFFRE_ERR_ORIGIN_IS_RECIPIENT  the key is one of the record's recipients.
 * @retval COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_OTHER_STORAGE_KEY  the record is not that of the
 *         keys, or was altered.
 * @retval COFFRE_ERR_FOREIGN              the record of another restore point or installation.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL     nothing was written.
 * @retval COFFRE_ERR_INVALID_ARGUMENT     also: not a key record.
 * @retval COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 6.1.
 */
coffre_status coffre_origin_sign(const struct coffre_context *context,
                                 const struct coffre_origin_key *key,
                                 const struct coffre_record_keys *keys,
                                 const struct coffre_record *record,
                                 const struct coffre_manifest_whole *whole,
                                 uint8_t *out,
                                 size_t out_cap,
                                 size_t *out_len);

/**
 * Reads what an origin signature says of itself, and checks that it is whole. No key; nothing is
 * proven.
 *
 * @param signature  `signature_len` bytes.
 * @param info       written; unchanged on an error.
 * @retval COFFRE_ERR_MALFORMED  not an origin signature, or not of its size.
 * @retval COFFRE_ERR_DAMAGED    the checksum does not fit.
 * @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 * docs/FORMAT.md section 6.1.
 */
coffre_status coffre_origin_inspect(const uint8_t *signature,
                                    size_t signature_len,
                                    struct coffre_origin_info *info);

/**
 * Takes an origin signature apart for other programs: with message and signature in files,
 * `openssl dgst -sha256 -verify origin.pem -signature FILE MESSAGE` verifies it. Nothing is proven
 * here.
 *
 * The message names the manifest by its SHA-256 (coffre_origin_info.manifest_digest, the message's
 * last 32 bytes), which has to be that of the manifest at hand.
 *
 * @param signature  `signature_len` bytes.
 * @param message    COFFRE_ORIGIN_MESSAGE_SIZE bytes: what was signed; unchanged on an error.
 * @param der        the ECDSA signature in DER, of at most COFFRE_ORIGIN_DER_MAX bytes.
 * @param der_len    its size, or the size needed.
 * @retval COFFRE_ERR_MALFORMED         not an origin signature, or not of its size.
 * @retval COFFRE_ERR_DAMAGED           the checksum does not fit.
 * @retval COFFRE_ERR_BUFFER_TOO_SMALL  nothing was written.
 * @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 * docs/FORMAT.md section 6.1.
 *
 */
coffre_status coffre_origin_export(const uint8_t *signature,
                                   size_t signature_len,
                                   uint8_t message[COFFRE_ORIGIN_MESSAGE_SIZE],
                                   uint8_t *der,
                                   size_t der_cap,
                                   size_t *der_len);

/**
 * Begins the manifest of a restore point, and gives its header to `sink`.
 *
 * @param keys    of the restore point's key record.
 * @param info    flags, block_size, image_size, generation, metadata_digest are read; the rest is
 *         set.
 * @param sink    takes the manifest's bytes, in order.
 * @param writer  written; zeroed on an error.
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: block size 0, generation 0, unknown flags, not a key
 *         record's keys.
 * @retval COFFRE_ERR_TOO_LARGE         the geometry is beyond the format.
 * @retval COFFRE_ERR_CALLBACK          the sink returned non-zero.
 * @retval COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 6.
 */
coffre_status coffre_manifest_begin(const struct coffre_context *context,
                                    const struct coffre_record_keys *keys,
                                    struct coffre_manifest_info *info,
                                    coffre_sink_fn sink,
                                    void *user,
                                    struct coffre_manifest_writer *writer);

/**
 * Adds what stands at the next position, and gives it to `sink`.
 *
 * @param entry  kind, version, id, session_id, commitment, digest are read.
 * @retval COFFRE_ERR_BAD_STATE         the image has no further position, or the writer is not
 *         live.
 * @retval COFFRE_ERR_INVALID_ARGUMENT  also: fields that the format does not allow together.
 * @retval COFFRE_ERR_CALLBACK          the sink returned non-zero; the writer can only be wiped.
 * @retval COFFRE_ERR_OVERLAP
 */
coffre_status coffre_manifest_add(struct coffre_manifest_writer *writer,
                                  const struct coffre_manifest_entry *entry,
                                  coffre_sink_fn sink,
                                  void *user);

/**
 * Gives root and checksum to `sink`. Ends the writer when it succeeds.
 *
 * @param whole  NULL, or what coffre_origin_sign takes; its origin is unverified. Unchanged on an
 *         error.
 * @retval COFFRE_ERR_BAD_STATE  positions are missing, or the writer is not live.
 * @retval COFFRE_ERR_CALLBACK   the sink returned non-zero; the writer can only be wiped.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 */
coffre_status coffre_manifest_finish(struct coffre_manifest_writer *writer,
                                     coffre_sink_fn sink,
                                     void *user,
                                     struct coffre_manifest_whole *whole);

/**
 * Ends a writer and zeroes its memory. NULL and a zeroed object are fine.
 */
void coffre_manifest_writer_wipe(struct coffre_manifest_writer *writer);

/**
 * Reads what a manifest's header says. No key; nothing is proven.
 *
 * @param header  COFFRE_MANIFEST_HEADER_SIZE bytes.
 * @param info    written; unchanged on an error.
 * @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 */
coffre_status coffre_manifest_inspect(const uint8_t header[COFFRE_MANIFEST_HEADER_SIZE],
                                      struct coffre_manifest_info *info);

/**
 * The number of segments of a manifest.
 *
 * @param info  as coffre_manifest_inspect gives it; 0 for NULL.
 */
uint64_t coffre_manifest_segment_count(const struct coffre_manifest_info *info);

/**
 * The size of a segment with its MAC; 0 past the end.
 *
 * @param info  as coffre_manifest_inspect gives it; 0 for NULL.
 */
size_t coffre_manifest_segment_size(const struct coffre_manifest_info *info, uint64_t segment);

/**
 * Begins to examine a manifest with its header, which is proven by coffre_manifest_close only.
 *
 * @param policy  NULL for the strict defaults.
 * @param keys    of the restore point's key record.
 * @param header  COFFRE_MANIFEST_HEADER_SIZE bytes.
 * @param reader  written; zeroed on an error.
 * @retval COFFRE_ERR_FOREIGN  another restore point's or installation's.
 * @retval COFFRE_ERR_STALE    the generation is below the policy's lowest.
 * @retval COFFRE_ERR_MALFORMED, COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 *
 * docs/FORMAT.md section 6.
 *
 */
coffre_status coffre_manifest_open(const struct coffre_context *context,
                                   const struct coffre_policy *policy,
                                   const struct coffre_record_keys *keys,
                                   const uint8_t header[COFFRE_MANIFEST_HEADER_SIZE],
                                   struct coffre_manifest_reader *reader);

/**
 * Checks one segment; its entries may be used after that. Segments checked in order count towards
 * the root.
 *
 * @param segment  its index, from 0; any order.
 * @param bytes    `len` bytes, of the size that coffre_manifest_segment_size says.
 * @retval COFFRE_ERR_NOT_AUTHENTIC  none of its entries may be used.
 * @retval COFFRE_ERR_MALFORMED      not a segment's size, or an entry that breaks a rule.
 * @retval COFFRE_ERR_NOT_FOUND      past the end.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_manifest_segment(struct coffre_manifest_reader *reader,
                                      uint64_t segment,
                                      const uint8_t *bytes,
                                      size_t len);

/**
 * Checks one segment without counting it towards the root: for random access, and for several
 * threads at once.
 *
 * @param segment, bytes, len  as for coffre_manifest_segment.
 * @retval COFFRE_ERR_NOT_AUTHENTIC  none of its entries may be used.
 * @retval COFFRE_ERR_MALFORMED      not a segment's size, or an entry that breaks a rule.
 * @retval COFFRE_ERR_NOT_FOUND      past the end.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_manifest_check_segment(const struct coffre_manifest_reader *reader,
                                            uint64_t segment,
                                            const uint8_t *bytes,
                                            size_t len);

/**
 * Reads an entry of a segment that coffre_manifest_segment or coffre_manifest_check_segment
 * accepted.
 *
 * @param segment, bytes, len  as given there.
 * @param index  of the entry in the segment, from 0.
 * @param entry  written; unchanged on an error.
 * @retval COFFRE_ERR_NOT_FOUND  past the segment's end.
 * @retval COFFRE_ERR_MALFORMED  not an entry of that position.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP, COFFRE_ERR_BAD_STATE
 */
coffre_status coffre_manifest_entry_at(const struct coffre_manifest_reader *reader,
                                       uint64_t segment,
                                       const uint8_t *bytes,
                                       size_t len,
                                       size_t index,
                                       struct coffre_manifest_entry *entry);

/**
 * Reads the entry of the next position, for who has no memory for a segment: in order, each once,
 * and after a segment's entries its MAC with coffre_manifest_end_segment.
 *
 * The entry is provisional until then: undo what it led to if its segment turns out to be forged.
 * Whole segments may go to coffre_manifest_segment in between, but not in the middle of one.
 *
 * @param bytes  128 bytes, as they stand in the manifest.
 * @param entry  written; unchanged on an error.
 * @retval COFFRE_ERR_MALFORMED  not an entry of that position: damaged or forged. The right bytes
 *         may be given after that.
 * @retval COFFRE_ERR_NOT_FOUND  past the end.
 * @retval COFFRE_ERR_BAD_STATE  the segment's MAC is due, or the reader is not live.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 * docs/FORMAT.md section 6, M2.
 *
 */
coffre_status coffre_manifest_provisional_entry(struct coffre_manifest_reader *reader,
                                                const uint8_t bytes[128],
                                                struct coffre_manifest_entry *entry);

/**
 * Ends a segment that was read entry by entry: its entries are proven, and it counts towards the
 * root.
 *
 * @param mac  32 bytes, which follow the segment's entries.
 * @retval COFFRE_ERR_NOT_AUTHENTIC  undo what the segment's entries led to; the reader is wiped.
 * @retval COFFRE_ERR_BAD_STATE      entries are missing, or the reader is not live.
 * @retval COFFRE_ERR_INVALID_ARGUMENT, COFFRE_ERR_OVERLAP
 *
 * docs/FORMAT.md section 6, M2.
 *
 */
coffre_status coffre_manifest_end_segment(struct coffre_manifest_reader *reader,
                                          const uint8_t mac[32]);

/**
 * Checks root and checksum after all segments were read in order, which proves the restore point
 * whole, and then who made it. Ends the reader, unless the status is COFFRE_ERR_BAD_STATE,
 * COFFRE_ERR_INVALID_ARGUMENT or COFFRE_ERR_OVERLAP.
 *
 * Without an origin key the origin is unverified, which only a policy that demands an origin
 * refuses, whatever signature lies there. With one, anything but a signature of that key is
 * refused. What COFFRE_ERR_DAMAGED,
 * COFFRE_ERR_MALFORMED or COFFRE_ERR_FOREIGN is about, `whole` tells: it is zero unless the
 * manifest is whole.
 *
 * @param trailer    COFFRE_MANIFEST_TRAILER_SIZE bytes.
 * @param origin     NULL, or the key that the restore point has to be signed with.
 * @param record     NULL without `origin`; the key record that was opened for this reader.
 * @param signature  NULL, or `signature_len` bytes, as coffre_origin_sign made them; without
 *         `origin` only the key id in it is told.
 * @param whole      NULL, or what was found, filled in also when the origin is refused; zeroed if
 *         the manifest is not whole; unchanged if the reader did not end.
 * @retval COFFRE_OK                       whole, and of that origin if a key was given.
 * @retval COFFRE_ERR_BAD_STATE            segments are missing, or an object is not live.
 * @retval COFFRE_ERR_INVALID_ARGUMENT     also: `origin` without `record`, or not a key record.
 * @retval COFFRE_ERR_DAMAGED              a checksum does not fit, the manifest's or the
 *         signature's.
 * @retval COFFRE_ERR_NOT_AUTHENTIC        the header was altered, or segments of two manifests
 *         were mixed; or the record was altered.
 * @retval COFFRE_ERR_OTHER_STORAGE_KEY    the record is not that of the reader's keys.
 * @retval COFFRE_ERR_ORIGIN_UNVERIFIED    no signature, or another key's; without `origin`: the
 *         policy demands one.
 * @retval COFFRE_ERR_ORIGIN_FORGED        the signature does not fit, or is another manifest's.
 * @retval COFFRE_ERR_ORIGIN_IS_RECIPIENT  the origin key is one of the record's recipients.
 * @retval COFFRE_ERR_FOREIGN              signature or record are another restore point's or
 *         installation's.
 * @retval COFFRE_ERR_MALFORMED            not an origin signature, or one of a manifest without
 *         digests.
 * @retval COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_ERR_UNSUPPORTED_SUITE  the signature's.
 * @retval COFFRE_ERR_OVERLAP
 *
 * docs/FORMAT.md sections 6 and 6.1.
 *
 */
coffre_status coffre_manifest_close(struct coffre_manifest_reader *reader,
                                    const uint8_t trailer[COFFRE_MANIFEST_TRAILER_SIZE],
                                    const struct coffre_origin *origin,
                                    const struct coffre_record *record,
                                    const uint8_t *signature,
                                    size_t signature_len,
                                    struct coffre_manifest_whole *whole);

/**
 * Ends a reader and zeroes its memory. NULL and a zeroed object are fine.
 */
void coffre_manifest_reader_wipe(struct coffre_manifest_reader *reader);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* COFFRE_H */
