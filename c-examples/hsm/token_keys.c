/* token_keys.c: makes keys that stay in the token, and reads the public half of a pair. */
#include "token_inside.h"

#include <string.h>

/* The objectIdentifier of P-256 in DER, which PKCS#11 calls the curve's parameters. */
static const uint8_t P256_OID[10] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

/* What stands before the point in a P-256 SubjectPublicKeyInfo (RFC 5480). */
static const uint8_t SPKI_START[TOKEN_SPKI_SIZE - TOKEN_POINT_SIZE] = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

static enum token_result label_is_free(struct token *token, CK_OBJECT_CLASS object_class,
                                       CK_KEY_TYPE type, const char *label)
{
    CK_OBJECT_HANDLE there;
    size_t len = strlen(label);

    if (len == 0 || len > TOKEN_LABEL_MAX) {
        return token_fail(token, TOKEN_UNFIT, "a key's label has 1 to %d bytes", TOKEN_LABEL_MAX);
    }
    enum token_result result = token_find_object(token, object_class, type, label, &there);
    if (result == TOKEN_NOT_FOUND) return TOKEN_OK;
    if (result != TOKEN_OK && result != TOKEN_AMBIGUOUS) return result;
    return token_fail(token, TOKEN_KEY_EXISTS,
                      "token \"%s\" has such a key labelled \"%s\" already; it stays as it is",
                      token->label, label);
}

/* The token's own word that a new key was never outside and cannot get there. */
static enum token_result stays_inside(struct token *token, CK_OBJECT_HANDLE key)
{
    CK_BBOOL always_sensitive = CK_FALSE, never_extractable = CK_FALSE;
    CK_ATTRIBUTE asked[] = {
        attribute(CKA_ALWAYS_SENSITIVE, &always_sensitive, sizeof always_sensitive),
        attribute(CKA_NEVER_EXTRACTABLE, &never_extractable, sizeof never_extractable),
    };
    CK_RV rv = p11(token)->C_GetAttributeValue(token->session, key, asked, COUNT_OF(asked));

    if (rv != CKR_OK) return token_fail_rv(token, rv, "C_GetAttributeValue of the new key");
    if (always_sensitive && never_extractable) return TOKEN_OK;
    return token_fail(token, TOKEN_UNFIT, "the token made a key that can leave it");
}

enum token_result token_generate_aes(struct token *token, const char *label)
{
    const CK_ULONG size = 32;
    const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_MECHANISM generate = {CKM_AES_KEY_GEN, NULL, 0};
    /* Not for CKA_DECRYPT: that would give the wrapped keys away one block at a time. */
    CK_ATTRIBUTE template[] = {
        attribute(CKA_LABEL, label, strlen(label)),   attribute(CKA_ID, label, strlen(label)),
        attribute(CKA_VALUE_LEN, &size, sizeof size), attribute(CKA_TOKEN, &yes, sizeof yes),
        attribute(CKA_PRIVATE, &yes, sizeof yes),     attribute(CKA_SENSITIVE, &yes, sizeof yes),
        attribute(CKA_EXTRACTABLE, &no, sizeof no),   attribute(CKA_WRAP, &yes, sizeof yes),
        attribute(CKA_UNWRAP, &yes, sizeof yes),      attribute(CKA_ENCRYPT, &no, sizeof no),
        attribute(CKA_DECRYPT, &no, sizeof no),       attribute(CKA_SIGN, &no, sizeof no),
        attribute(CKA_VERIFY, &no, sizeof no),
    };
    CK_OBJECT_HANDLE key;

    enum token_result result = label_is_free(token, CKO_SECRET_KEY, CKK_AES, label);
    if (result != TOKEN_OK) return result;
    CK_RV rv =
        p11(token)->C_GenerateKey(token->session, &generate, template, COUNT_OF(template), &key);
    if (rv != CKR_OK) return token_fail_rv(token, rv, "C_GenerateKey");
    result = stays_inside(token, key);
    if (result != TOKEN_OK) p11(token)->C_DestroyObject(token->session, key);
    return result;
}

enum token_result token_generate_p256(struct token *token, const char *label)
{
    const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_MECHANISM generate = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_ATTRIBUTE public_half[] = {
        attribute(CKA_LABEL, label, strlen(label)),
        attribute(CKA_ID, label, strlen(label)), /* the same in both halves: they belong together */
        attribute(CKA_EC_PARAMS, P256_OID, sizeof P256_OID),
        attribute(CKA_TOKEN, &yes, sizeof yes),
        attribute(CKA_PRIVATE, &no, sizeof no),
        attribute(CKA_VERIFY, &no, sizeof no),
    };
    CK_ATTRIBUTE private_half[] = {
        attribute(CKA_LABEL, label, strlen(label)), attribute(CKA_ID, label, strlen(label)),
        attribute(CKA_TOKEN, &yes, sizeof yes),     attribute(CKA_PRIVATE, &yes, sizeof yes),
        attribute(CKA_SENSITIVE, &yes, sizeof yes), attribute(CKA_EXTRACTABLE, &no, sizeof no),
        attribute(CKA_DERIVE, &yes, sizeof yes),    attribute(CKA_SIGN, &no, sizeof no),
        attribute(CKA_DECRYPT, &no, sizeof no),     attribute(CKA_UNWRAP, &no, sizeof no),
    };
    CK_OBJECT_HANDLE public_key, private_key;

    enum token_result result = label_is_free(token, CKO_PRIVATE_KEY, CKK_EC, label);
    if (result == TOKEN_OK) result = label_is_free(token, CKO_PUBLIC_KEY, CKK_EC, label);
    if (result != TOKEN_OK) return result;
    CK_RV rv = p11(token)->C_GenerateKeyPair(token->session, &generate, public_half,
                                             COUNT_OF(public_half), private_half,
                                             COUNT_OF(private_half), &public_key, &private_key);
    if (rv != CKR_OK) return token_fail_rv(token, rv, "C_GenerateKeyPair");
    result = stays_inside(token, private_key);
    if (result == TOKEN_OK) return TOKEN_OK;
    p11(token)->C_DestroyObject(token->session, private_key);
    p11(token)->C_DestroyObject(token->session, public_key);
    return result;
}

enum token_result token_public_key(struct token *token, const char *label,
                                   uint8_t spki[TOKEN_SPKI_SIZE])
{
    uint8_t curve[64] = {0}, point[2 * TOKEN_POINT_SIZE] = {0};
    CK_ATTRIBUTE asked[] = {
        attribute(CKA_EC_PARAMS, curve, sizeof curve),
        attribute(CKA_EC_POINT, point, sizeof point),
    };
    CK_OBJECT_HANDLE key;
    size_t start;

    enum token_result result = token_find_object(token, CKO_PUBLIC_KEY, CKK_EC, label, &key);
    if (result != TOKEN_OK) return result;
    CK_RV rv = p11(token)->C_GetAttributeValue(token->session, key, asked, COUNT_OF(asked));
    if (rv != CKR_OK) return token_fail_rv(token, rv, "C_GetAttributeValue of the public key");
    if (asked[0].ulValueLen != sizeof P256_OID || memcmp(curve, P256_OID, sizeof P256_OID) != 0) {
        return token_fail(token, TOKEN_UNFIT, "the key labelled \"%s\" is not on curve P-256",
                          label);
    }
    if (asked[1].ulValueLen == TOKEN_POINT_SIZE + 2 && point[0] == 0x04 &&
        point[1] == TOKEN_POINT_SIZE)
        start = 2; /* in a DER OCTET STRING, as PKCS#11 wants it */
    else if (asked[1].ulValueLen == TOKEN_POINT_SIZE)
        start = 0; /* bare, as some tokens have it */
    else
        return token_fail(token, TOKEN_UNFIT, "the token gave a public key of %lu bytes",
                          asked[1].ulValueLen);
    memcpy(spki, SPKI_START, sizeof SPKI_START);
    memcpy(spki + sizeof SPKI_START, point + start, TOKEN_POINT_SIZE);
    return TOKEN_OK;
}
