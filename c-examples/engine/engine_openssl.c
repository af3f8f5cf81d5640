/* engine_openssl.c: AES-256-GCM by OpenSSL's EVP interface. */
#include "engine.h"

#include <openssl/evp.h>

enum { NONCE = 12, TAG = 16 };

static int32_t seal(void *user, const uint8_t *key, const uint8_t *nonce, uint8_t *data, size_t len,
                    uint8_t *tag)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written, done;

    /* A message has at most 16,384 bytes: an int holds it. OpenSSL takes 12 bytes for the nonce. */
    done = context != NULL && EVP_EncryptInit_ex2(context, user, key, nonce, NULL) &&
           EVP_EncryptUpdate(context, data, &written, data, (int)len) &&
           EVP_EncryptFinal_ex(context, data + len, &written) &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG, tag);
    EVP_CIPHER_CTX_free(context);
    return done ? 0 : -1;
}

static int32_t open_message(void *user, const uint8_t *key, const uint8_t *nonce, uint8_t *data,
                            size_t len, const uint8_t *tag)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t tag_copy[TAG];
    int written, done = -1;

    for (int i = 0; i < TAG; i++)
        tag_copy[i] = tag[i];
    if (context != NULL && EVP_DecryptInit_ex2(context, user, key, nonce, NULL) &&
        EVP_DecryptUpdate(context, data, &written, data, (int)len) &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG, tag_copy))
        /* It has one answer for a tag that does not fit, and for whatever else went wrong. */
        done = EVP_DecryptFinal_ex(context, data + len, &written) ? 0 : COFFRE_ERR_NOT_AUTHENTIC;
    EVP_CIPHER_CTX_free(context);
    return done;
}

int engine_openssl(coffre_engine *engine)
{
    static EVP_CIPHER *cipher; /* fetched once, before there are threads */

    if (cipher == NULL) cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    if (cipher == NULL) return -1;
    *engine = (coffre_engine)COFFRE_ENGINE_INIT;
    engine->seal = seal;
    engine->open = open_message;
    engine->user = cipher;
    return 0;
}
