/* test_checksum.h: XXH3-64 (seed 0, default secret) written from the xxHash specification, so that
 * tests can alter an object and make its checksum fit again, as an attacker would. For more than
 * 16 bytes: no object is shorter.
 */
#ifndef TEST_CHECKSUM_H
#define TEST_CHECKSUM_H

#include "check.h"

#define XXH_STRIPE 64
#define XXH_SECRET 192
#define XXH_STRIPES ((XXH_SECRET - XXH_STRIPE) / 8) /* in a block */

#define XXH32_1 0x9E3779B1u
#define XXH32_2 0x85EBCA77u
#define XXH32_3 0xC2B2AE3Du
#define XXH64_1 0x9E3779B185EBCA87u
#define XXH64_2 0xC2B2AE3D27D4EB4Fu
#define XXH64_3 0x165667B19E3779F9u
#define XXH64_4 0x85EBCA77C2B2AE63u
#define XXH64_5 0x27D4EB2F165667C5u

static inline const uint8_t *xxh_secret(void)
{
    static const uint8_t secret[XXH_SECRET] = {
        0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad,
        0x1c, 0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3,
        0x67, 0x1f, 0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc,
        0xff, 0x72, 0x21, 0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6,
        0x81, 0x3a, 0x26, 0x4c, 0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65,
        0x8b, 0x1b, 0x53, 0x2e, 0xa3, 0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19,
        0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8, 0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9,
        0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d, 0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31,
        0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64, 0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb,
        0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb, 0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0,
        0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e, 0x2b, 0x16, 0xbe, 0x58, 0x7d,
        0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce, 0x45, 0xcb, 0x3a, 0x8f,
        0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e
    };
    return secret;
}

static inline uint64_t xxh_read(const uint8_t *at)
{
    uint64_t value = 0;

    for (int i = 7; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

static inline uint64_t xxh_fold(uint64_t a, uint64_t b)
{
    uint64_t a0 = a & UINT32_MAX, a1 = a >> 32, b0 = b & UINT32_MAX, b1 = b >> 32;
    uint64_t cross = (a0 * b0 >> 32) + (a1 * b0 & UINT32_MAX) + a0 * b1;
    uint64_t high = (a1 * b0 >> 32) + (cross >> 32) + a1 * b1;

    return a * b ^ high;
}

static inline void xxh_stripe(uint64_t acc[8], const uint8_t *in, const uint8_t *secret)
{
    for (int i = 0; i < 8; i++) {
        uint64_t value = xxh_read(in + 8 * i), key = value ^ xxh_read(secret + 8 * i);

        acc[i ^ 1] += value;
        acc[i] += (key & UINT32_MAX) * (key >> 32);
    }
}

static inline uint64_t xxh_avalanche(uint64_t value)
{
    value = (value ^ value >> 37) * 0x165667919E3779F9u;
    return value ^ value >> 32;
}

static inline uint64_t xxh_mix(const uint8_t *in, const uint8_t *secret)
{
    return xxh_fold(xxh_read(in) ^ xxh_read(secret), xxh_read(in + 8) ^ xxh_read(secret + 8));
}

/* 17 to 128 bytes: pairs of 16 bytes, from both ends. */
static inline uint64_t xxh_short(const uint8_t *in, size_t len)
{
    uint64_t acc = len * XXH64_1;

    for (size_t pairs = (len - 1) / 32 + 1, i = 0; i < pairs; i++) {
        acc += xxh_mix(in + 16 * i, xxh_secret() + 32 * i);
        acc += xxh_mix(in + len - 16 * (i + 1), xxh_secret() + 32 * i + 16);
    }
    return xxh_avalanche(acc);
}

/* 129 to 240 bytes. */
static inline uint64_t xxh_middle(const uint8_t *in, size_t len)
{
    const uint8_t *secret = xxh_secret();
    uint64_t acc = len * XXH64_1;

    for (size_t i = 0; i < 8; i++)
        acc += xxh_mix(in + 16 * i, secret + 16 * i);
    acc = xxh_avalanche(acc);
    for (size_t i = 8; i < len / 16; i++)
        acc += xxh_mix(in + 16 * i, secret + 16 * (i - 8) + 3);
    return xxh_avalanche(acc + xxh_mix(in + len - 16, secret + 136 - 17));
}

static inline uint64_t test_xxh3(const uint8_t *in, size_t len)
{
    uint64_t acc[8] = {XXH32_3, XXH64_1, XXH64_2, XXH64_3, XXH64_4, XXH32_2, XXH64_5, XXH32_1};
    const uint8_t *secret = xxh_secret();
    size_t stripes = (len - 1) / XXH_STRIPE;
    uint64_t result = len * XXH64_1;

    if (len <= 16) abort();
    if (len <= 128) return xxh_short(in, len);
    if (len <= 240) return xxh_middle(in, len);
    for (size_t n = 0; n < stripes; n++) {
        xxh_stripe(acc, in + n * XXH_STRIPE, secret + n % XXH_STRIPES * 8);
        if (n % XXH_STRIPES != XXH_STRIPES - 1) continue;
        for (int i = 0; i < 8; i++) {
            acc[i] ^= acc[i] >> 47;
            acc[i] ^= xxh_read(secret + XXH_SECRET - XXH_STRIPE + 8 * i);
            acc[i] *= XXH32_1;
        }
    }
    xxh_stripe(acc, in + len - XXH_STRIPE, secret + XXH_SECRET - XXH_STRIPE - 7);
    for (int i = 0; i < 4; i++) {
        const uint8_t *keys = secret + 11 + 16 * i;
        result += xxh_fold(acc[2 * i] ^ xxh_read(keys), acc[2 * i + 1] ^ xxh_read(keys + 8));
    }
    return xxh_avalanche(result);
}

/* Makes the last 8 bytes of an object its checksum again. */
static inline void fix_checksum(uint8_t *object, size_t len)
{
    uint64_t sum = test_xxh3(object, len - 8);

    for (int i = 0; i < 8; i++)
        object[len - 8 + (size_t)i] = (uint8_t)(sum >> 8 * i);
}

#endif
