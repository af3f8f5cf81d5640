/* hazmat_errors.c: every error of coffre_hazmat.h, provoked, and what it leaves in the outputs.
 *
 * What the functions compute is the matter of published vectors (coffre-hazmat-tests).
 */
#include "check.h"
#include "coffre_hazmat.h"

enum { ROOM = 512, WORK = 64 * 1024 };

static uint8_t out[ROOM], tag[16], workspace[WORK], bytes[ROOM];
static const uint8_t key[32] = {7}, iv[17] = {1}, zeros[128] = {0};
static size_t len;
/* The compiler knows too well what NULL may not be passed for. */
static uint8_t *volatile nothing;
static size_t *volatile nowhere;

/* The base point of P-256, whose scalar is 1; and SPKI of it. */
static const uint8_t point[65] = {
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
    0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
    0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
    0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
    0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
static const uint8_t spki_prefix[26] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                        0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

#define KEPT (is_poisoned(out, ROOM))
#define FRESH (poison(out, ROOM), poison(tag, sizeof tag), len = 99)
#define REFUSES(status, call) (FRESH, EXPECT(status, call))
/* Refused, with nothing written. */
#define KEEPS(status, call)                                                                        \
    do {                                                                                           \
        REFUSES(status, call);                                                                     \
        CHECK(KEPT);                                                                               \
    } while (0)
#define INVALID COFFRE_ERR_INVALID_ARGUMENT

static void engines(void)
{
    size_t count = 0;

    EXPECT(INVALID, coffre_hazmat_engines(nowhere));
    EXPECT(COFFRE_OK, coffre_hazmat_engines(&count));
    CHECK(count >= 2);
    for (size_t i = 0; i < count; i++) {
        const char *name = coffre_hazmat_engine_name(i);

        CHECK(name != NULL && *name != '\0' && strcmp(name, coffre_engine_name(i)) == 0);
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(name, coffre_hazmat_engine_name(j)) != 0);
    }
    CHECK(coffre_hazmat_engine_name(count) == NULL);
    CHECK(coffre_hazmat_engine_name(SIZE_MAX) == NULL);
    for (int32_t engine = -3; engine <= (int32_t)count + 1; engine++) {
        coffre_status status = engine >= -1 && engine < (int32_t)count ? COFFRE_OK : INVALID;

        check_about("engine's number");
        REFUSES(status, coffre_hazmat_aes256gcm_seal(engine, key, iv, 12, NULL, 0, NULL, 0, NULL,
                                                     tag));
        CHECK(status == COFFRE_OK || is_poisoned(tag, sizeof tag));
        REFUSES(status == COFFRE_OK ? COFFRE_ERR_NOT_AUTHENTIC : status,
                coffre_hazmat_aes256gcm_open(engine, key, iv, 12, NULL, 0, NULL, 0, zeros, NULL));
        REFUSES(status, coffre_hazmat_aes256kw_wrap(engine, key, key, 32, out, 40, &len));
        memcpy(bytes, out, 40);
        REFUSES(status, coffre_hazmat_aes256kw_unwrap(engine, key, bytes, 40, out, 32, &len));
        REFUSES(status, coffre_hazmat_chunked_encrypt(engine, key, zeros, NULL, 0, key, 32, out,
                                                      ROOM, &len));
        CHECK(len == (status == COFFRE_OK ? 56 + 32 + 16 : 0));
        memcpy(bytes, out, 104);
        REFUSES(status,
                coffre_hazmat_chunked_decrypt(engine, key, NULL, 0, bytes, 104, out, ROOM, &len));
    }
}

static void gcm(void)
{
    uint8_t in_place[40] = {5}, sealed[40];

    for (size_t n = 0; n <= 17; n++) {
        if (n == 12 || n == 16) continue;
        check_about("length of the nonce");
        KEEPS(INVALID, coffre_hazmat_aes256gcm_seal(-1, key, iv, n, NULL, 0, zeros, 9, out, tag));
        KEEPS(INVALID, coffre_hazmat_aes256gcm_open(-1, key, iv, n, NULL, 0, zeros, 9, zeros, out));
    }
    check_about("NULL");
    KEEPS(INVALID, coffre_hazmat_aes256gcm_seal(-1, nothing, iv, 12, NULL, 0, zeros, 9, out, tag));
    KEEPS(INVALID, coffre_hazmat_aes256gcm_seal(-1, key, nothing, 12, NULL, 0, zeros, 9, out, tag));
    KEEPS(INVALID, coffre_hazmat_aes256gcm_seal(-1, key, iv, 12, nothing, 1, zeros, 9, out, tag));
    KEEPS(INVALID, coffre_hazmat_aes256gcm_seal(-1, key, iv, 12, NULL, 0, nothing, 9, out, tag));
    KEEPS(INVALID, coffre_hazmat_aes256gcm_seal(-1, key, iv, 12, NULL, 0, zeros, 9, nothing, tag));
    KEEPS(INVALID, coffre_hazmat_aes256gcm_seal(-1, key, iv, 12, NULL, 0, zeros, 9, out, nothing));
    KEEPS(INVALID, coffre_hazmat_aes256gcm_open(-1, nothing, iv, 12, NULL, 0, zeros, 9, tag, out));
    KEEPS(INVALID, coffre_hazmat_aes256gcm_open(-1, key, nothing, 12, NULL, 0, zeros, 9, tag, out));
    KEEPS(INVALID, coffre_hazmat_aes256gcm_open(-1, key, iv, 12, nothing, 1, zeros, 9, tag, out));
    KEEPS(INVALID, coffre_hazmat_aes256gcm_open(-1, key, iv, 12, NULL, 0, nothing, 9, tag, out));
    KEEPS(INVALID, coffre_hazmat_aes256gcm_open(-1, key, iv, 12, NULL, 0, zeros, 9, nothing, out));
    KEEPS(INVALID, coffre_hazmat_aes256gcm_open(-1, key, iv, 12, NULL, 0, zeros, 9, tag, nothing));
    check_about("too large");
#if SIZE_MAX > 0xffffffff
    KEEPS(COFFRE_ERR_TOO_LARGE, coffre_hazmat_aes256gcm_seal(-1, key, iv, 12, NULL, 0, zeros,
                                                             ((size_t)1 << 36) - 31, out, tag));
    KEEPS(COFFRE_ERR_TOO_LARGE, coffre_hazmat_aes256gcm_open(-1, key, iv, 12, NULL, 0, zeros,
                                                             ((size_t)1 << 36) - 31, tag, out));
#endif
    check_about("overlap");
    KEEPS(COFFRE_ERR_OVERLAP,
          coffre_hazmat_aes256gcm_seal(-1, key, iv, 12, NULL, 0, out + 1, 9, out, tag));
    KEEPS(COFFRE_ERR_OVERLAP,
          coffre_hazmat_aes256gcm_seal(-1, key, iv, 12, NULL, 0, zeros, 9, out, out + 8));
    KEEPS(COFFRE_ERR_OVERLAP,
          coffre_hazmat_aes256gcm_open(-1, key, iv, 12, NULL, 0, out + 1, 9, tag, out));
    KEEPS(COFFRE_ERR_OVERLAP,
          coffre_hazmat_aes256gcm_open(-1, key, iv, 12, NULL, 0, zeros, 9, out + 8, out));
    check_about("altered");
    for (size_t aad = 0; aad < 2; aad++) {
        FRESH;
        EXPECT(COFFRE_OK, coffre_hazmat_aes256gcm_seal(-1, key, iv, 12, zeros, aad, in_place, 40,
                                                       sealed, tag));
        sealed[39] ^= 1;
        EXPECT(COFFRE_ERR_NOT_AUTHENTIC, coffre_hazmat_aes256gcm_open(-1, key, iv, 12, zeros, aad,
                                                                      sealed, 40, tag, out));
        CHECK(is_zeroed(out, 40) && is_poisoned(out + 40, ROOM - 40));
        EXPECT(COFFRE_ERR_NOT_AUTHENTIC, coffre_hazmat_aes256gcm_open(-1, key, iv, 12, zeros, aad,
                                                                      sealed, 40, tag, sealed));
        CHECK(is_zeroed(sealed, 40));
    }
}

static void key_wrap(void)
{
    for (size_t n = 0; n <= 72; n++) {
        check_about("a key's length");
        if (n != 32) {
            KEEPS(COFFRE_ERR_KEY_LENGTH,
                  coffre_hazmat_aes256kw_wrap(-1, key, zeros, n, out, ROOM, &len));
            CHECK(len == 0);
        }
        if (n != 40) {
            KEEPS(COFFRE_ERR_MALFORMED,
                  coffre_hazmat_aes256kw_unwrap(-1, key, zeros, n, out, ROOM, &len));
            CHECK(len == 0);
        }
    }
    check_about("altered");
    KEEPS(COFFRE_ERR_NOT_AUTHENTIC,
          coffre_hazmat_aes256kw_unwrap(-1, key, zeros, 40, out, ROOM, &len));
    CHECK(len == 0);
    check_about("room");
    KEEPS(COFFRE_ERR_BUFFER_TOO_SMALL,
          coffre_hazmat_aes256kw_wrap(-1, key, key, 32, out, 39, &len));
    CHECK(len == 40);
    EXPECT(COFFRE_OK, coffre_hazmat_aes256kw_wrap(-1, key, key, 32, bytes, 40, &len));
    KEEPS(COFFRE_ERR_BUFFER_TOO_SMALL,
          coffre_hazmat_aes256kw_unwrap(-1, key, bytes, 40, out, 31, &len));
    CHECK(len == 32);
    check_about("NULL");
    KEEPS(INVALID, coffre_hazmat_aes256kw_wrap(-1, nothing, key, 32, out, 40, &len));
    KEEPS(INVALID, coffre_hazmat_aes256kw_wrap(-1, key, nothing, 32, out, 40, &len));
    KEEPS(INVALID, coffre_hazmat_aes256kw_wrap(-1, key, key, 32, nothing, 40, &len));
    KEEPS(INVALID, coffre_hazmat_aes256kw_wrap(-1, key, key, 32, out, 40, nowhere));
    KEEPS(INVALID, coffre_hazmat_aes256kw_unwrap(-1, nothing, bytes, 40, out, 40, &len));
    KEEPS(INVALID, coffre_hazmat_aes256kw_unwrap(-1, key, nothing, 40, out, 40, &len));
    KEEPS(INVALID, coffre_hazmat_aes256kw_unwrap(-1, key, bytes, 40, nothing, 40, &len));
    KEEPS(INVALID, coffre_hazmat_aes256kw_unwrap(-1, key, bytes, 40, out, 40, nowhere));
    check_about("overlap");
    KEEPS(COFFRE_ERR_OVERLAP,
          coffre_hazmat_aes256kw_wrap(-1, key, out + 8, 32, out, 40, &len));
    KEEPS(COFFRE_ERR_OVERLAP,
          coffre_hazmat_aes256kw_unwrap(-1, out + 8, bytes, 40, out, 40, &len));
}

static void derivations(void)
{
    check_about("hmac");
    KEEPS(INVALID, coffre_hazmat_hmac_sha256(nothing, 1, zeros, 1, out));
    KEEPS(INVALID, coffre_hazmat_hmac_sha256(zeros, 1, nothing, 1, out));
    EXPECT(INVALID, coffre_hazmat_hmac_sha256(zeros, 1, zeros, 1, nothing));
    EXPECT(INVALID, coffre_hazmat_hmac_sha256(zeros, 32, zeros, 1, nothing));
    KEEPS(COFFRE_ERR_OVERLAP, coffre_hazmat_hmac_sha256(zeros, 1, out + 31, 1, out));
    REFUSES(COFFRE_OK, coffre_hazmat_hmac_sha256(NULL, 0, NULL, 0, out));
    CHECK(is_poisoned(out + 32, ROOM - 32));
    check_about("hkdf");
    KEEPS(INVALID, coffre_hazmat_hkdf_sha256(nothing, 1, zeros, 1, zeros, 1, out, 9));
    KEEPS(INVALID, coffre_hazmat_hkdf_sha256(zeros, 1, nothing, 1, zeros, 1, out, 9));
    KEEPS(INVALID, coffre_hazmat_hkdf_sha256(zeros, 1, zeros, 1, nothing, 1, out, 9));
    EXPECT(INVALID, coffre_hazmat_hkdf_sha256(zeros, 1, zeros, 1, zeros, 1, nothing, 9));
    EXPECT(COFFRE_ERR_TOO_LARGE,
           coffre_hazmat_hkdf_sha256(zeros, 1, zeros, 1, zeros, 1, workspace, 8161));
    CHECK(is_zeroed(workspace, WORK));
    EXPECT(COFFRE_OK, coffre_hazmat_hkdf_sha256(NULL, 0, NULL, 0, NULL, 0, workspace, 8160));
    KEEPS(COFFRE_ERR_OVERLAP, coffre_hazmat_hkdf_sha256(out, 9, zeros, 1, zeros, 1, out, 9));
    check_about("pbkdf2");
    KEEPS(INVALID, coffre_hazmat_pbkdf2_hmac_sha256(nothing, 1, zeros, 16, 1, out, 32));
    KEEPS(INVALID, coffre_hazmat_pbkdf2_hmac_sha256(zeros, 1, nothing, 16, 1, out, 32));
    EXPECT(INVALID, coffre_hazmat_pbkdf2_hmac_sha256(zeros, 1, zeros, 16, 1, nothing, 32));
    KEEPS(INVALID, coffre_hazmat_pbkdf2_hmac_sha256(zeros, 1, zeros, 16, 0, out, 32));
    KEEPS(INVALID, coffre_hazmat_pbkdf2_hmac_sha256(zeros, 1, zeros, 15, 0, out, 32));
    KEEPS(COFFRE_ERR_OVERLAP, coffre_hazmat_pbkdf2_hmac_sha256(out, 1, zeros, 16, 1, out, 32));
    REFUSES(COFFRE_OK, coffre_hazmat_pbkdf2_hmac_sha256(NULL, 0, NULL, 0, 1, out, 33));
    CHECK(is_poisoned(out + 33, ROOM - 33));
}

#define ARGON2(password, n, salt, m, t, p, work, work_len, to, to_len)                             \
    coffre_hazmat_argon2id(password, 4, salt, n, m, t, p, work, work_len, to, to_len)

static void argon2id(void)
{
    const size_t need = COFFRE_ARGON2ID_WORKSPACE(32);

    for (size_t salt = 8; salt <= 16; salt += 8) { /* by the crate; by the product */
        check_about("argon2id's ranges");
        KEEPS(INVALID, ARGON2(zeros, salt, zeros, 31, 1, 4, workspace, WORK, out, 32));
        KEEPS(INVALID, ARGON2(zeros, salt, zeros, 0, 1, 1, workspace, WORK, out, 32));
        KEEPS(INVALID, ARGON2(zeros, salt, zeros, 32, 0, 4, workspace, WORK, out, 32));
        KEEPS(INVALID, ARGON2(zeros, salt, zeros, 32, 1, 0, workspace, WORK, out, 32));
        KEEPS(INVALID, ARGON2(zeros, salt, zeros, 32, 1, 4, workspace, WORK, out, 3));
        check_about("argon2id's workspace");
        REFUSES(COFFRE_ERR_WORKSPACE_TOO_SMALL,
                ARGON2(zeros, salt, zeros, 32, 1, 4, NULL, 0, out, 32));
        CHECK(is_kept_or_zeroed(out, ROOM));
        REFUSES(COFFRE_ERR_WORKSPACE_TOO_SMALL,
                ARGON2(zeros, salt, zeros, 32, 1, 4, workspace, 32 * 1024 - 1, out, 32));
        CHECK(is_kept_or_zeroed(out, ROOM));
        for (size_t shift = 0; shift < 64; shift += 9) {
            poison(workspace, WORK);
            REFUSES(COFFRE_OK,
                    ARGON2(zeros, salt, zeros, 32, 1, 4, workspace + shift, need, out, 32));
            CHECK(!is_poisoned(out, 32) && is_poisoned(out + 32, ROOM - 32));
            CHECK(is_kept_or_zeroed(workspace, WORK));
        }
    }
    check_about("argon2id's salt");
    REFUSES(INVALID, ARGON2(zeros, 7, zeros, 32, 1, 4, workspace, WORK, out, 32));
    CHECK(is_kept_or_zeroed(out, ROOM));
    check_about("argon2id's pointers");
    KEEPS(INVALID, ARGON2(nothing, 8, zeros, 32, 1, 4, workspace, WORK, out, 32));
    KEEPS(INVALID, ARGON2(zeros, 8, nothing, 32, 1, 4, workspace, WORK, out, 32));
    KEEPS(INVALID, ARGON2(zeros, 8, zeros, 32, 1, 4, nothing, WORK, out, 32));
    EXPECT(INVALID, ARGON2(zeros, 8, zeros, 32, 1, 4, workspace, WORK, nothing, 32));
    EXPECT(COFFRE_ERR_OVERLAP, ARGON2(zeros, 8, zeros, 32, 1, 4, workspace, WORK, workspace, 32));
}

static void p256(void)
{
    static const uint8_t one[32] = {[31] = 1};
    /* r = s = 1; then what is wrong with the bytes. */
    static const uint8_t der[10] = {0x30, 6, 2, 1, 1, 2, 1, 1, 0};
    static const struct {
        const char *what;
        size_t len;
        uint8_t bytes[48];
    } bad[] = {{"nothing", 0, {0}},
               {"another tag", 8, {0x31, 6, 2, 1, 1, 2, 1, 1}},
               {"a byte after it", 9, {0x30, 6, 2, 1, 1, 2, 1, 1, 0}},
               {"a byte inside", 9, {0x30, 7, 2, 1, 1, 2, 1, 1, 0}},
               {"cut", 7, {0x30, 6, 2, 1, 1, 2, 1}},
               {"a long length", 9, {0x30, 0x81, 6, 2, 1, 1, 2, 1, 1}},
               {"a zero in front", 9, {0x30, 7, 2, 2, 0, 1, 2, 1, 1}},
               {"a negative number", 8, {0x30, 6, 2, 1, 0x81, 2, 1, 1}},
               {"an empty number", 7, {0x30, 5, 2, 0, 2, 1, 1}},
               {"33 bytes", 40, {0x30, 38, 2, 33, 1, [37] = 2, 1, 1}}};
    uint8_t spki[91], other[91], high[32];

    memcpy(spki, spki_prefix, 26);
    memcpy(spki + 26, point, 65);
    memset(high, 0xff, sizeof high);
    check_about("a public key's forms");
    REFUSES(COFFRE_OK, coffre_hazmat_p256_ecdh(one, point, 65, out));
    CHECK(memcmp(out, point + 1, 32) == 0 && is_poisoned(out + 32, ROOM - 32));
    REFUSES(COFFRE_OK, coffre_hazmat_p256_ecdh(one, spki, 91, out));
    CHECK(memcmp(out, point + 1, 32) == 0);
    check_about("scalars");
    KEEPS(COFFRE_ERR_INVALID_KEY, coffre_hazmat_p256_ecdh(zeros, point, 65, out));
    KEEPS(COFFRE_ERR_INVALID_KEY, coffre_hazmat_p256_ecdh(high, point, 65, out));
    check_about("points");
    memcpy(other, point, 65);
    other[64] ^= 1;
    KEEPS(COFFRE_ERR_INVALID_KEY, coffre_hazmat_p256_ecdh(one, other, 65, out));
    KEEPS(COFFRE_ERR_INVALID_KEY, coffre_hazmat_p256_ecdh(one, zeros, 1, out));
    other[0] = 2;
    KEEPS(COFFRE_ERR_UNSUPPORTED_KEY, coffre_hazmat_p256_ecdh(one, other, 33, out));
    other[0] = 6;
    KEEPS(COFFRE_ERR_UNSUPPORTED_KEY, coffre_hazmat_p256_ecdh(one, other, 65, out));
    for (size_t n = 0; n < 65; n++)
        KEEPS(COFFRE_ERR_BAD_KEY_FILE, coffre_hazmat_p256_ecdh(one, point, n, out));
    check_about("SPKI");
    for (size_t n = 1; n < 91; n++)
        KEEPS(COFFRE_ERR_BAD_KEY_FILE, coffre_hazmat_p256_ecdh(one, spki, n, out));
    memcpy(other, spki, 91);
    other[22] = 1; /* another curve */
    KEEPS(COFFRE_ERR_UNSUPPORTED_KEY, coffre_hazmat_p256_ecdh(one, other, 91, out));
    KEEPS(COFFRE_ERR_BAD_KEY_FILE,
          coffre_hazmat_p256_ecdh(one, (const uint8_t *)"-----BEGIN PUBLIC KEY-----", 26, out));
    check_about("ecdh's pointers");
    KEEPS(INVALID, coffre_hazmat_p256_ecdh(nothing, point, 65, out));
    KEEPS(INVALID, coffre_hazmat_p256_ecdh(one, nothing, 65, out));
    EXPECT(INVALID, coffre_hazmat_p256_ecdh(one, point, 65, nothing));
    memcpy(bytes, point, 65);
    EXPECT(COFFRE_ERR_OVERLAP, coffre_hazmat_p256_ecdh(one, bytes, 65, bytes));

    check_about("signatures");
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, coffre_hazmat_p256_ecdsa_verify(point, 65, zeros, 9, der, 8));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, coffre_hazmat_p256_ecdsa_verify(spki, 91, NULL, 0, der, 8));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_about(bad[i].what);
        EXPECT(COFFRE_ERR_MALFORMED,
               coffre_hazmat_p256_ecdsa_verify(point, 65, zeros, 9, bad[i].bytes, bad[i].len));
    }
    check_about("verify's key");
    memcpy(other, point, 65);
    other[64] ^= 1;
    EXPECT(COFFRE_ERR_INVALID_KEY, coffre_hazmat_p256_ecdsa_verify(other, 65, zeros, 9, der, 8));
    other[0] = 2;
    EXPECT(COFFRE_ERR_UNSUPPORTED_KEY,
           coffre_hazmat_p256_ecdsa_verify(other, 33, zeros, 9, der, 8));
    EXPECT(COFFRE_ERR_BAD_KEY_FILE, coffre_hazmat_p256_ecdsa_verify(spki, 90, zeros, 9, der, 8));
    check_about("verify's pointers");
    EXPECT(INVALID, coffre_hazmat_p256_ecdsa_verify(nothing, 65, zeros, 9, der, 8));
    EXPECT(INVALID, coffre_hazmat_p256_ecdsa_verify(point, 65, nothing, 9, der, 8));
    EXPECT(INVALID, coffre_hazmat_p256_ecdsa_verify(point, 65, zeros, 9, nothing, 8));
}

#define OPEN(priv, enc, info, aad, cipher, n, to, cap, to_len)                                     \
    coffre_hazmat_hpke_open_base(priv, enc, info, 1, aad, 1, cipher, n, to, cap, to_len)
#define SEAL(pub, ikm, info, aad, plain, enc, to, cap, to_len)                                     \
    coffre_hazmat_hpke_seal_base(pub, ikm, 32, info, 1, aad, 1, plain, 32, enc, to, cap, to_len)

static void hpke(void)
{
    static const uint8_t one[32] = {[31] = 1};
    uint8_t enc[65], other[65], high[32];

    memset(high, 0xff, sizeof high);
    memcpy(other, point, 65);
    other[64] ^= 1;
    for (size_t aad = 0; aad < 2; aad++) { /* the product's way; the parts */
        check_about("hpke");
        EXPECT(COFFRE_OK, coffre_hazmat_hpke_seal_base(point, key, 32, zeros, 1, zeros, aad, key,
                                                       32, enc, bytes, 48, &len));
        CHECK(len == 48 && enc[0] == 4);
        REFUSES(COFFRE_OK, coffre_hazmat_hpke_open_base(one, enc, zeros, 1, zeros, aad, bytes, 48,
                                                        out, 32, &len));
        CHECK(len == 32 && memcmp(out, key, 32) == 0);
        check_about("hpke's room");
        KEEPS(COFFRE_ERR_BUFFER_TOO_SMALL,
              coffre_hazmat_hpke_open_base(one, enc, zeros, 1, zeros, aad, bytes, 48, out, 31,
                                           &len));
        CHECK(len == 32);
        KEEPS(COFFRE_ERR_BUFFER_TOO_SMALL,
              coffre_hazmat_hpke_seal_base(point, key, 32, zeros, 1, zeros, aad, key, 32, other,
                                           out, 47, &len));
        CHECK(len == 48 && is_zeroed(other, 65));
        memcpy(other, point, 65);
        other[64] ^= 1;
        check_about("hpke, altered");
        bytes[aad * 47] ^= 1;
        REFUSES(COFFRE_ERR_NOT_AUTHENTIC,
                coffre_hazmat_hpke_open_base(one, enc, zeros, 1, zeros, aad, bytes, 48, out, ROOM,
                                             &len));
        CHECK(len == 0 && is_kept_or_zeroed(out, ROOM));
        REFUSES(COFFRE_ERR_NOT_AUTHENTIC,
                coffre_hazmat_hpke_open_base(one, other, zeros, 1, zeros, aad, bytes, 48, out,
                                             ROOM, &len));
        CHECK(len == 0 && is_kept_or_zeroed(out, ROOM));
    }
    check_about("hpke's lengths and keys");
    for (size_t n = 0; n < 16; n++)
        KEEPS(COFFRE_ERR_MALFORMED, OPEN(one, enc, zeros, zeros, bytes, n, out, ROOM, &len));
    KEEPS(COFFRE_ERR_INVALID_KEY, OPEN(zeros, enc, zeros, zeros, bytes, 48, out, ROOM, &len));
    KEEPS(COFFRE_ERR_INVALID_KEY, OPEN(high, enc, zeros, zeros, bytes, 48, out, ROOM, &len));
    KEEPS(COFFRE_ERR_INVALID_KEY, SEAL(other, key, zeros, zeros, key, enc, out, ROOM, &len));
    CHECK(len == 0 && is_zeroed(enc, 65));
    check_about("hpke's pointers");
    KEEPS(INVALID, OPEN(nothing, enc, zeros, zeros, bytes, 48, out, ROOM, &len));
    KEEPS(INVALID, OPEN(one, nothing, zeros, zeros, bytes, 48, out, ROOM, &len));
    KEEPS(INVALID, OPEN(one, enc, nothing, zeros, bytes, 48, out, ROOM, &len));
    KEEPS(INVALID, OPEN(one, enc, zeros, nothing, bytes, 48, out, ROOM, &len));
    KEEPS(INVALID, OPEN(one, enc, zeros, zeros, nothing, 48, out, ROOM, &len));
    KEEPS(INVALID, OPEN(one, enc, zeros, zeros, bytes, 48, nothing, ROOM, &len));
    KEEPS(INVALID, OPEN(one, enc, zeros, zeros, bytes, 48, out, ROOM, nowhere));
    KEEPS(INVALID, SEAL(nothing, key, zeros, zeros, key, enc, out, ROOM, &len));
    KEEPS(INVALID, SEAL(point, nothing, zeros, zeros, key, enc, out, ROOM, &len));
    KEEPS(INVALID, SEAL(point, key, nothing, zeros, key, enc, out, ROOM, &len));
    KEEPS(INVALID, SEAL(point, key, zeros, nothing, key, enc, out, ROOM, &len));
    KEEPS(INVALID, SEAL(point, key, zeros, zeros, nothing, enc, out, ROOM, &len));
    KEEPS(INVALID, SEAL(point, key, zeros, zeros, key, nothing, out, ROOM, &len));
    KEEPS(INVALID, SEAL(point, key, zeros, zeros, key, enc, nothing, ROOM, &len));
    KEEPS(INVALID, SEAL(point, key, zeros, zeros, key, enc, out, ROOM, nowhere));
    check_about("hpke's overlaps");
    KEEPS(COFFRE_ERR_OVERLAP, OPEN(one, enc, zeros, zeros, out + 31, 48, out, 32, &len));
    KEEPS(COFFRE_ERR_OVERLAP, SEAL(point, key, zeros, zeros, key, out + 47, out, 48, &len));
}

static void chunked(void)
{
    check_about("chunked");
    KEEPS(COFFRE_ERR_BUFFER_TOO_SMALL,
          coffre_hazmat_chunked_encrypt(-1, key, zeros, NULL, 0, key, 32, out, 103, &len));
    CHECK(len == 104);
    EXPECT(COFFRE_OK,
           coffre_hazmat_chunked_encrypt(-1, key, zeros, key, 9, key, 32, bytes, 104, &len));
    KEEPS(COFFRE_ERR_BUFFER_TOO_SMALL,
          coffre_hazmat_chunked_decrypt(-1, key, key, 9, bytes, 104, out, 31, &len));
    CHECK(len == 32);
    for (size_t n = 0; n < 72; n++) { /* within salt, commitment, tag */
        KEEPS(COFFRE_ERR_MALFORMED,
              coffre_hazmat_chunked_decrypt(-1, key, key, 9, bytes, n, out, ROOM, &len));
        CHECK(len == 0);
    }
    for (size_t i = 0; i < 104; i++) {
        bytes[i] ^= 1;
        REFUSES(COFFRE_ERR_NOT_AUTHENTIC,
                coffre_hazmat_chunked_decrypt(-1, key, key, 9, bytes, 104, out, ROOM, &len));
        CHECK(len == 0 && is_kept_or_zeroed(out, ROOM));
        bytes[i] ^= 1;
    }
    KEEPS(COFFRE_ERR_NOT_AUTHENTIC,
          coffre_hazmat_chunked_decrypt(-1, key, key, 8, bytes, 104, out, ROOM, &len));
    check_about("chunked's pointers");
    KEEPS(INVALID, coffre_hazmat_chunked_encrypt(-1, nothing, zeros, key, 9, key, 9, out, ROOM,
                                                 &len));
    KEEPS(INVALID, coffre_hazmat_chunked_encrypt(-1, key, nothing, key, 9, key, 9, out, ROOM,
                                                 &len));
    KEEPS(INVALID, coffre_hazmat_chunked_encrypt(-1, key, zeros, nothing, 9, key, 9, out, ROOM,
                                                 &len));
    KEEPS(INVALID, coffre_hazmat_chunked_encrypt(-1, key, zeros, key, 9, nothing, 9, out, ROOM,
                                                 &len));
    KEEPS(INVALID, coffre_hazmat_chunked_encrypt(-1, key, zeros, key, 9, key, 9, nothing, ROOM,
                                                 &len));
    KEEPS(INVALID, coffre_hazmat_chunked_encrypt(-1, key, zeros, key, 9, key, 9, out, ROOM,
                                                 nowhere));
    KEEPS(INVALID, coffre_hazmat_chunked_decrypt(-1, nothing, key, 9, bytes, 104, out, ROOM, &len));
    KEEPS(INVALID, coffre_hazmat_chunked_decrypt(-1, key, nothing, 9, bytes, 104, out, ROOM, &len));
    KEEPS(INVALID, coffre_hazmat_chunked_decrypt(-1, key, key, 9, nothing, 104, out, ROOM, &len));
    KEEPS(INVALID, coffre_hazmat_chunked_decrypt(-1, key, key, 9, bytes, 104, nothing, 32, &len));
    KEEPS(INVALID, coffre_hazmat_chunked_decrypt(-1, key, key, 9, bytes, 104, out, ROOM, nowhere));
    check_about("chunked's overlaps");
    KEEPS(COFFRE_ERR_OVERLAP,
          coffre_hazmat_chunked_encrypt(-1, key, zeros, key, 9, out, 9, out, ROOM, &len));
    KEEPS(COFFRE_ERR_OVERLAP,
          coffre_hazmat_chunked_decrypt(-1, key, out + 9, 9, bytes, 104, out, 32, &len));
}

static void zstd(void)
{
    /* "hi" in a raw block; then 0x01 bytes, 2^26 + 1 of them, and a window of 2^27. */
    static const uint8_t good[11] = {0x28, 0xb5, 0x2f, 0xfd, 0x20, 2, 0x11, 0, 0, 'h', 'i'};
    static const uint8_t large[13] = {0x28, 0xb5, 0x2f, 0xfd, 0xa0, 1, 0, 0, 4, 0x0b, 0, 0, 1};
    static const uint8_t wide[14] = {0x28, 0xb5, 0x2f, 0xfd, 0x80, 0x88, 1,
                                     0,    0,    0,    0x0b, 0,    0,    1};

    check_about("zstd");
    REFUSES(COFFRE_OK, coffre_hazmat_zstd_decompress(good, 11, out, 2, &len));
    CHECK(len == 2 && memcmp(out, "hi", 2) == 0 && is_poisoned(out + 2, ROOM - 2));
    KEEPS(COFFRE_ERR_BUFFER_TOO_SMALL, coffre_hazmat_zstd_decompress(good, 11, out, 1, &len));
    CHECK(len == 2);
    for (size_t n = 0; n < 11; n++)
        KEEPS(COFFRE_ERR_BAD_FRAME, coffre_hazmat_zstd_decompress(good, n, out, ROOM, &len));
    memcpy(bytes, good, 11);
    memcpy(bytes + 11, good, 11);
    KEEPS(COFFRE_ERR_BAD_FRAME, coffre_hazmat_zstd_decompress(bytes, 12, out, ROOM, &len));
    KEEPS(COFFRE_ERR_BAD_FRAME, coffre_hazmat_zstd_decompress(bytes, 22, out, ROOM, &len));
    bytes[5] = 3; /* more than there is */
    REFUSES(COFFRE_ERR_BAD_FRAME, coffre_hazmat_zstd_decompress(bytes, 11, out, ROOM, &len));
    CHECK(len == 0 && is_kept_or_zeroed(out, ROOM));
    bytes[5] = 1;
    REFUSES(COFFRE_ERR_BAD_FRAME, coffre_hazmat_zstd_decompress(bytes, 11, out, ROOM, &len));
    CHECK(len == 0 && is_kept_or_zeroed(out, ROOM));
    KEEPS(COFFRE_ERR_OVER_LIMIT, coffre_hazmat_zstd_decompress(large, 13, out, ROOM, &len));
    CHECK(len == 0);
    KEEPS(COFFRE_ERR_OVER_LIMIT, coffre_hazmat_zstd_decompress(wide, 14, out, ROOM, &len));
    check_about("zstd's pointers");
    KEEPS(INVALID, coffre_hazmat_zstd_decompress(nothing, 11, out, ROOM, &len));
    KEEPS(INVALID, coffre_hazmat_zstd_decompress(good, 11, nothing, ROOM, &len));
    KEEPS(INVALID, coffre_hazmat_zstd_decompress(good, 11, out, ROOM, nowhere));
    KEEPS(COFFRE_ERR_OVERLAP, coffre_hazmat_zstd_decompress(out + 9, 11, out, ROOM, &len));
}

int main(void)
{
    engines();
    gcm();
    key_wrap();
    derivations();
    argon2id();
    p256();
    hpke();
    chunked();
    zstd();
    return check_end();
}
