/* engine_afalg.c: AES-256-GCM by the Linux kernel. Documentation/crypto/userspace-if.rst. */
#include "engine.h"

#include <errno.h>
#include <linux/if_alg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SOL_ALG
#define SOL_ALG 279
#endif

enum { KEY = 32, NONCE = 12, TAG = 16 };

/* A socket for messages under `key`; -1 with errno. */
static int with_key(const uint8_t *key)
{
    struct sockaddr_alg address = {.salg_family = AF_ALG};
    int transform = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), message = -1, why;

    memcpy(address.salg_type, "aead", sizeof "aead");
    memcpy(address.salg_name, "gcm(aes)", sizeof "gcm(aes)");
    if (transform < 0) return -1;
    if (bind(transform, (struct sockaddr *)&address, sizeof address) == 0 &&
        setsockopt(transform, SOL_ALG, ALG_SET_KEY, key, KEY) == 0 &&
        setsockopt(transform, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL, TAG) == 0)
        message = accept4(transform, NULL, NULL, SOCK_CLOEXEC);
    why = errno;
    close(transform);
    errno = why;
    return message;
}

/* Adds a control message; returns where the next one goes. */
static struct cmsghdr *add(struct msghdr *message, struct cmsghdr *at, int type, const void *value,
                           size_t len)
{
    at->cmsg_level = SOL_ALG;
    at->cmsg_type = type;
    at->cmsg_len = CMSG_LEN(len);
    memcpy(CMSG_DATA(at), value, len);
    return CMSG_NXTHDR(message, at);
}

/* Sends a message with its nonce, as one packet. */
static int send_message(int socket, uint32_t operation, const uint8_t *nonce, struct iovec *parts,
                        size_t count)
{
    union {
        uint8_t bytes[CMSG_SPACE(4) + CMSG_SPACE(4) + CMSG_SPACE(4 + NONCE)];
        struct cmsghdr align;
    } control;
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
    uint8_t iv[4 + NONCE]; /* struct af_alg_iv */
    uint32_t iv_len = NONCE, associated = 0;
    size_t total = 0;
    struct cmsghdr *at;

    memset(&control, 0, sizeof control);
    memcpy(iv, &iv_len, 4);
    memcpy(iv + 4, nonce, NONCE);
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    at = CMSG_FIRSTHDR(&message);
    at = add(&message, at, ALG_SET_OP, &operation, 4);
    at = add(&message, at, ALG_SET_AEAD_ASSOCLEN, &associated, 4);
    add(&message, at, ALG_SET_IV, iv, sizeof iv);
    for (size_t i = 0; i < count; i++)
        total += parts[i].iov_len;
    return sendmsg(socket, &message, 0) == (ssize_t)total ? 0 : -1;
}

static int32_t seal(void *user, const uint8_t *key, const uint8_t *nonce, uint8_t *data, size_t len,
                    uint8_t *tag)
{
    struct iovec in = {data, len}, out[2] = {{data, len}, {tag, TAG}};
    int socket = with_key(key), done = -1;

    (void)user;
    if (socket < 0) return -1;
    if (send_message(socket, ALG_OP_ENCRYPT, nonce, &in, 1) == 0 &&
        readv(socket, out, 2) == (ssize_t)(len + TAG))
        done = 0;
    close(socket);
    return done;
}

static int32_t open_message(void *user, const uint8_t *key, const uint8_t *nonce, uint8_t *data,
                            size_t len, const uint8_t *tag)
{
    uint8_t tag_copy[TAG], none;
    struct iovec in[2] = {{data, len}, {tag_copy, TAG}}, out = {data, len};
    int socket = with_key(key), done = -1;

    (void)user;
    if (socket < 0) return -1;
    memcpy(tag_copy, tag, TAG);
    if (len == 0) out = (struct iovec){&none, 1};
    if (send_message(socket, ALG_OP_DECRYPT, nonce, in, 2) == 0) {
        ssize_t got = readv(socket, &out, 1);
        if (got == (ssize_t)len)
            done = 0;
        else if (got < 0 && errno == EBADMSG)
            done = COFFRE_ERR_NOT_AUTHENTIC;
    }
    close(socket);
    return done;
}

int engine_afalg(coffre_engine *engine)
{
    static const uint8_t probe[KEY];
    int socket = with_key(probe);

    if (socket < 0) return -1;
    close(socket);
    *engine = (coffre_engine)COFFRE_ENGINE_INIT;
    engine->seal = seal;
    engine->open = open_message;
    return 0;
}
