/* token_calls.c: what coffre asks of a token while it seals and opens records: the three callbacks.
 *
 * Each makes a session object, which only this session sees and which dies with it, and destroys it
 * again before it returns. A call for which that fails has failed: what stays in a token is a copy
 * of a secret.
 */
#include "token_inside.h"

#include <string.h>

#define KEY_SIZE 32 /* of a stanza KEK, and of P-256's x coordinate */

/* A software key as an object that the token can wrap. */
static CK_RV put_in(const struct token *token, const uint8_t key[KEY_SIZE],
                    CK_OBJECT_HANDLE *object)
{
    const CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    const CK_KEY_TYPE type = CKK_AES;
    const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE template[] = {
        attribute(CKA_CLASS, &object_class, sizeof object_class),
        attribute(CKA_KEY_TYPE, &type, sizeof type),
        attribute(CKA_TOKEN, &no, sizeof no),
        attribute(CKA_PRIVATE, &yes, sizeof yes),
        attribute(CKA_EXTRACTABLE, &yes, sizeof yes),
        attribute(CKA_VALUE, key, KEY_SIZE),
    };

    return p11(token)->C_CreateObject(token->session, template, COUNT_OF(template), object);
}

/* Reads a session object's 32 bytes and destroys it, whether or not it could be read. */
static enum token_result take_out(struct token *token, CK_OBJECT_HANDLE object,
                                  uint8_t out[KEY_SIZE])
{
    CK_ATTRIBUTE value = {CKA_VALUE, out, KEY_SIZE};
    CK_RV read = p11(token)->C_GetAttributeValue(token->session, object, &value, 1);
    CK_RV destroyed = p11(token)->C_DestroyObject(token->session, object);

    if (read == CKR_OK && destroyed == CKR_OK && value.ulValueLen == KEY_SIZE) return TOKEN_OK;
    token_wipe(out, KEY_SIZE);
    if (read != CKR_OK) return token_fail_rv(token, read, "C_GetAttributeValue of a result");
    if (destroyed != CKR_OK) return token_fail_rv(token, destroyed, "C_DestroyObject of a result");
    return token_fail(token, TOKEN_UNAVAILABLE, "the token's result has %lu bytes, not %d",
                      value.ulValueLen, KEY_SIZE);
}

int32_t token_wrap(void *user, const uint8_t *key, uint8_t *sealed, size_t sealed_cap,
                   size_t *sealed_len)
{
    const struct token_key *kek = user;
    struct token *token = kek->token;
    CK_MECHANISM key_wrap = {CKM_AES_KEY_WRAP, NULL, 0}; /* RFC 3394 */
    CK_OBJECT_HANDLE object;
    CK_ULONG len = TOKEN_SEALED_SIZE;

    *sealed_len = 0;
    if (sealed_cap < TOKEN_SEALED_SIZE)
        return token_fail(token, TOKEN_UNAVAILABLE, "no room for %d bytes", TOKEN_SEALED_SIZE);
    CK_RV rv = put_in(token, key, &object);
    if (rv != CKR_OK) return token_fail_rv(token, rv, "C_CreateObject of the key to wrap");
    rv = p11(token)->C_WrapKey(token->session, &key_wrap, kek->handle, object, sealed, &len);
    CK_RV destroyed = p11(token)->C_DestroyObject(token->session, object);
    if (rv != CKR_OK) return token_fail_rv(token, rv, "C_WrapKey");
    if (destroyed != CKR_OK)
        return token_fail_rv(token, destroyed, "C_DestroyObject of the key to wrap");
    if (len != TOKEN_SEALED_SIZE) {
        return token_fail(token, TOKEN_UNAVAILABLE, "C_WrapKey gave %lu bytes, not %d: no RFC 3394",
                          len, TOKEN_SEALED_SIZE);
    }
    *sealed_len = len;
    return TOKEN_OK;
}

static CK_RV unwrap(const struct token_key *kek, const uint8_t sealed[TOKEN_SEALED_SIZE],
                    CK_OBJECT_HANDLE *object)
{
    const struct token *token = kek->token;
    const CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    const CK_KEY_TYPE type = CKK_AES;
    const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_MECHANISM key_wrap = {CKM_AES_KEY_WRAP, NULL, 0};
    CK_ATTRIBUTE template[] = {
        /* without CKA_VALUE_LEN, which an AES key must not have here */
        attribute(CKA_CLASS, &object_class, sizeof object_class),
        attribute(CKA_KEY_TYPE, &type, sizeof type),
        attribute(CKA_TOKEN, &no, sizeof no),
        attribute(CKA_PRIVATE, &yes, sizeof yes),
        attribute(CKA_SENSITIVE, &no, sizeof no),
        attribute(CKA_EXTRACTABLE, &yes, sizeof yes),
    };

    return p11(token)->C_UnwrapKey(token->session, &key_wrap, kek->handle,
                                   (CK_BYTE *)(uintptr_t)sealed, TOKEN_SEALED_SIZE, template,
                                   COUNT_OF(template), object);
}

/* Does the token unwrap what it just wrapped? What is wrapped here is no secret. */
static bool unwraps_its_own(struct token_key *kek)
{
    static const uint8_t known[KEY_SIZE] = "not a key: asks, do you answer?";
    uint8_t sealed[TOKEN_SEALED_SIZE], again[KEY_SIZE];
    size_t len;
    CK_OBJECT_HANDLE object;

    return token_wrap(kek, known, sealed, sizeof sealed, &len) == TOKEN_OK &&
           unwrap(kek, sealed, &object) == CKR_OK &&
           take_out(kek->token, object, again) == TOKEN_OK &&
           memcmp(known, again, sizeof known) == 0;
}

/* Was it the bytes? Tokens differ in what they say: a damaged wrap has a code of its own in NSS,
 * and in SoftHSM it is the general error, which may as well be a broken disk. So when the code says
 * neither clearly, the token is asked to unwrap what it wraps: if it does, it was the bytes. */
static bool refuses_bytes(struct token_key *kek, CK_RV rv)
{
    switch (rv) {
    case CKR_WRAPPED_KEY_INVALID:
    case CKR_WRAPPED_KEY_LEN_RANGE:
    case CKR_ENCRYPTED_DATA_INVALID:
    case CKR_ENCRYPTED_DATA_LEN_RANGE:
        return true;
    case CKR_HOST_MEMORY:
    case CKR_DEVICE_ERROR:
    case CKR_DEVICE_MEMORY:
    case CKR_DEVICE_REMOVED:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_SESSION_CLOSED:
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_USER_NOT_LOGGED_IN:
    case CKR_CRYPTOKI_NOT_INITIALIZED:
    case CKR_FUNCTION_CANCELED:
        return false;
    default:
        return unwraps_its_own(kek);
    }
}

int32_t token_unwrap(void *user, const uint8_t *sealed, size_t sealed_len, uint8_t *key)
{
    struct token_key *kek = user;
    CK_OBJECT_HANDLE object;

    if (sealed_len != TOKEN_SEALED_SIZE) {
        return token_fail(kek->token, TOKEN_REFUSED, "a wrapped key has %d bytes, not %zu",
                          TOKEN_SEALED_SIZE, sealed_len);
    }
    CK_RV rv = unwrap(kek, sealed, &object);
    if (rv == CKR_OK) return take_out(kek->token, object, key);
    bool refused = refuses_bytes(kek, rv);
    token_fail_rv(kek->token, rv, "C_UnwrapKey"); /* last: asking may have set another message */
    return refused ? TOKEN_REFUSED : TOKEN_UNAVAILABLE;
}

int32_t token_ecdh(void *user, const uint8_t *peer, uint8_t *z)
{
    const struct token_key *own = user;
    struct token *token = own->token;
    const CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    const CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    const CK_ULONG size = KEY_SIZE;
    CK_ATTRIBUTE template[] = {
        attribute(CKA_CLASS, &object_class, sizeof object_class),
        attribute(CKA_KEY_TYPE, &type, sizeof type),
        attribute(CKA_TOKEN, &no, sizeof no),
        attribute(CKA_PRIVATE, &yes, sizeof yes),
        attribute(CKA_SENSITIVE, &no, sizeof no),
        attribute(CKA_EXTRACTABLE, &yes, sizeof yes),
        attribute(CKA_VALUE_LEN, &size, sizeof size),
    };
    uint8_t point[TOKEN_POINT_SIZE];
    /* No key derivation in the token: HPKE's is in the library. By position, because the headers of
     * p11-kit and OASIS name these members differently. */
    CK_ECDH1_DERIVE_PARAMS agreement = {CKD_NULL, 0, NULL, sizeof point, point};
    CK_MECHANISM derive = {CKM_ECDH1_DERIVE, &agreement, sizeof agreement};
    CK_OBJECT_HANDLE object;

    memcpy(point, peer, sizeof point);
    CK_RV rv = p11(token)->C_DeriveKey(token->session, &derive, own->handle, template,
                                       COUNT_OF(template), &object);
    if (rv == CKR_OK) return take_out(token, object, z);
    /* Never the bytes' fault: coffre asks for points on the curve only. */
    return token_fail_rv(token, rv, "C_DeriveKey");
}
