/* errors_keys.c: key files that are none, are of another algorithm or curve, or hold an invalid
 * key; and what a key-encryption key cannot do. Reads tests/vectors/key_files; run it from the root
 * of the tree.
 */
#include "world.h"

#define FILE_MAX 8192

static uint8_t file[FILE_MAX];

static size_t read_vector(const char *name)
{
    char path[256];
    FILE *in;
    size_t len;

    snprintf(path, sizeof path, "tests/vectors/key_files/%s", name);
    in = fopen(path, "rb");
    if (in == NULL) {
        CHECK(!"the file can be opened");
        return 0;
    }
    len = fread(file, 1, sizeof file, in);
    fclose(in);
    return len;
}

static coffre_status read_private(size_t len)
{
    coffre_identity identity;
    coffre_status status;
    uint8_t id[16];

    poison(&identity, sizeof identity);
    status = coffre_identity_read(&world.context, file, len, &identity);
    if (status != COFFRE_OK) {
        CHECK(is_zeroed(&identity, sizeof identity));
        EXPECT(COFFRE_ERR_BAD_STATE, coffre_identity_id(&identity, id));
    }
    coffre_identity_wipe(&identity);
    return status;
}

static coffre_status read_public(size_t len)
{
    coffre_recipient recipient;
    coffre_status status;

    poison(&recipient, sizeof recipient);
    status = coffre_recipient_read(&world.context, file, len, &recipient);
    CHECK(status == COFFRE_OK || is_zeroed(&recipient, sizeof recipient));
    coffre_recipient_wipe(&recipient);
    return status;
}

/* What openssl and Java wrote: the file, read as a private and as a public key. */
static void vectors(void)
{
    static const struct {
        const char *name;
        coffre_status as_private, as_public;
    } files[] = {
        {"p256_private.pem", COFFRE_OK, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_private.der", COFFRE_OK, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_text_private.pem", COFFRE_OK, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_no_public_private.pem", COFFRE_OK, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_java_private.der", COFFRE_OK, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_java_mime_private.pem", COFFRE_OK, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_sec1_private.pem", COFFRE_OK, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_sec1_private.der", COFFRE_OK, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_public.pem", COFFRE_ERR_BAD_KEY_FILE, COFFRE_OK},
        {"p256_public.der", COFFRE_ERR_BAD_KEY_FILE, COFFRE_OK},
        {"p256_java_public.der", COFFRE_ERR_BAD_KEY_FILE, COFFRE_OK},
        {"p256_encrypted_private.pem", COFFRE_ERR_BAD_KEY_FILE, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_encrypted_private.der", COFFRE_ERR_BAD_KEY_FILE, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_certificate.pem", COFFRE_ERR_BAD_KEY_FILE, COFFRE_ERR_BAD_KEY_FILE},
        {"rsa2048_pkcs1_private.pem", COFFRE_ERR_BAD_KEY_FILE, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_compressed_private.pem", COFFRE_ERR_UNSUPPORTED_KEY, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_explicit_private.pem", COFFRE_ERR_UNSUPPORTED_KEY, COFFRE_ERR_BAD_KEY_FILE},
        {"p384_private.pem", COFFRE_ERR_UNSUPPORTED_KEY, COFFRE_ERR_BAD_KEY_FILE},
        {"secp256k1_private.pem", COFFRE_ERR_UNSUPPORTED_KEY, COFFRE_ERR_BAD_KEY_FILE},
        {"rsa2048_private.pem", COFFRE_ERR_UNSUPPORTED_KEY, COFFRE_ERR_BAD_KEY_FILE},
        {"ed25519_private.pem", COFFRE_ERR_UNSUPPORTED_KEY, COFFRE_ERR_BAD_KEY_FILE},
        {"p256_compressed_public.pem", COFFRE_ERR_BAD_KEY_FILE, COFFRE_ERR_UNSUPPORTED_KEY},
        {"p256_hybrid_public.pem", COFFRE_ERR_BAD_KEY_FILE, COFFRE_ERR_UNSUPPORTED_KEY},
        {"p256_explicit_public.pem", COFFRE_ERR_BAD_KEY_FILE, COFFRE_ERR_UNSUPPORTED_KEY},
        {"p384_public.pem", COFFRE_ERR_BAD_KEY_FILE, COFFRE_ERR_UNSUPPORTED_KEY},
        {"secp256k1_public.pem", COFFRE_ERR_BAD_KEY_FILE, COFFRE_ERR_UNSUPPORTED_KEY},
        {"rsa2048_public.pem", COFFRE_ERR_BAD_KEY_FILE, COFFRE_ERR_UNSUPPORTED_KEY},
        {"ed25519_public.pem", COFFRE_ERR_BAD_KEY_FILE, COFFRE_ERR_UNSUPPORTED_KEY},
    };

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        check_about(files[i].name);
        size_t len = read_vector(files[i].name);
        EXPECT(files[i].as_private, read_private(len));
        EXPECT(files[i].as_public, read_public(len));
    }
    check_about("P-384");
    EXPECT(COFFRE_ERR_UNSUPPORTED_KEY, read_private(read_vector("p384_private.pem")));
}

static void no_key_files(void)
{
    check_about("no key file");
    EXPECT(COFFRE_ERR_BAD_KEY_FILE, read_private(0));
    EXPECT(COFFRE_ERR_BAD_KEY_FILE, read_public(0));
    memset(file, 0, sizeof file);
    EXPECT(COFFRE_ERR_BAD_KEY_FILE, read_private(sizeof file));
    memset(file, 'A', sizeof file);
    EXPECT(COFFRE_ERR_BAD_KEY_FILE, read_private(32)); /* a KEK is no key file */
    EXPECT(COFFRE_ERR_BAD_KEY_FILE, read_public(sizeof file));

    check_about("truncated, and with a byte too many");
    static const char *const names[] = {"p256_private.der", "p256_public.der"};
    for (size_t n = 0; n < 2; n++) {
        size_t len = read_vector(names[n]);
        for (size_t cut = 0; cut < len; cut++)
            EXPECT(COFFRE_ERR_BAD_KEY_FILE, n == 0 ? read_private(cut) : read_public(cut));
        file[len] = 0;
        EXPECT(COFFRE_ERR_BAD_KEY_FILE, n == 0 ? read_private(len + 1) : read_public(len + 1));
    }
    for (size_t n = 0; n < 2; n++) { /* the last line feed may be missing */
        size_t len = read_vector(n == 0 ? "p256_private.pem" : "p256_public.pem");
        for (size_t cut = 0; cut + 1 < len; cut++)
            EXPECT(COFFRE_ERR_BAD_KEY_FILE, n == 0 ? read_private(cut) : read_public(cut));
    }
}

/* n, the order of P-256's group: the first scalar out of range. */
static const uint8_t order[32] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};

static void invalid_keys(void)
{
    enum { SCALAR = 36, PRIVATE_POINT = 73, PUBLIC_POINT = 26 }; /* in our DER files */
    size_t len;

    check_about("invalid private keys");
    len = read_vector("p256_private.der");
    memset(file + SCALAR, 0, 32);
    EXPECT(COFFRE_ERR_INVALID_KEY, read_private(len));
    memcpy(file + SCALAR, order, 32);
    EXPECT(COFFRE_ERR_INVALID_KEY, read_private(len));
    memset(file + SCALAR, 0xff, 32);
    EXPECT(COFFRE_ERR_INVALID_KEY, read_private(len));
    memcpy(file + SCALAR, order, 32); /* n - 1 is a scalar, but not of this point */
    file[SCALAR + 31]--;
    EXPECT(COFFRE_ERR_INVALID_KEY, read_private(len));
    for (size_t at = PRIVATE_POINT + 1; at < PRIVATE_POINT + 65; at++) {
        len = read_vector("p256_private.der");
        file[at] ^= 1;
        EXPECT(COFFRE_ERR_INVALID_KEY, read_private(len));
    }
    check_about("points that are not on the curve");
    for (size_t at = PUBLIC_POINT + 1; at < PUBLIC_POINT + 65; at++) {
        len = read_vector("p256_public.der");
        file[at] ^= 1;
        EXPECT(COFFRE_ERR_INVALID_KEY, read_public(len));
    }
    memset(file + PUBLIC_POINT + 1, 0, 64);
    EXPECT(COFFRE_ERR_INVALID_KEY, read_public(len));
    memset(file + PUBLIC_POINT + 1, 0xff, 64);
    EXPECT(COFFRE_ERR_INVALID_KEY, read_public(len));
}

/* A KEK file is its 32 bytes: it is not written as PKCS#8 or SPKI. */
static void kek_has_no_file(void)
{
    uint8_t out[COFFRE_KEY_FILE_MAX], digest[32];
    size_t len;

    check_about("key-encryption key");
    poison(out, sizeof out);
    poison(digest, sizeof digest);
    EXPECT(COFFRE_ERR_UNSUPPORTED_KEY,
           coffre_identity_write(&world.kek, COFFRE_KEY_FILE_PEM, out, sizeof out, &len));
    CHECK(len == 0 && is_poisoned(out, sizeof out));
    EXPECT(COFFRE_ERR_UNSUPPORTED_KEY, coffre_recipient_write(&world.kek_recipient,
                                                              COFFRE_KEY_FILE_DER, out, sizeof out,
                                                              &len));
    CHECK(len == 0 && is_poisoned(out, sizeof out));
    EXPECT(COFFRE_ERR_UNSUPPORTED_KEY, coffre_recipient_digest(&world.kek_recipient, digest));
    CHECK(is_poisoned(digest, sizeof digest));
}

int main(void)
{
    world_make();
    vectors();
    no_key_files();
    invalid_keys();
    kek_has_no_file();
    return check_end();
}
