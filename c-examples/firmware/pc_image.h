/* pc_image.h: what make_image.c writes and the programs read: what a PC left for the machine. The
 * small things are constants in flash (image_data.c, written at build time), the large ones are in
 * external memory (storage.bin) at these addresses.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stddef.h>
#include <stdint.h>

/* --- in flash --- */

extern const uint8_t image_instance[16]; /* this machine's id */
extern const uint8_t image_point[16];    /* the restore point's id */
extern const uint8_t image_kek[32];      /* a product keeps it where nobody reads it */
extern const uint8_t image_other_kek[32];
extern const uint8_t image_private_key[]; /* PKCS#8 in DER */
extern const size_t image_private_key_len;
extern const uint8_t image_challenge[]; /* for the KEK */
extern const size_t image_challenge_len;
#define IMAGE_CHALLENGE_GENERATION 5
extern const uint8_t image_key_record[]; /* for the KEK and the private key */
extern const size_t image_key_record_len;
#define IMAGE_RECORD_GENERATION 3
/* What becomes of it: with one session key more; and for the other KEK in the place of the first.
 */
extern const uint8_t image_next_record[];
extern const size_t image_next_record_len;
extern const uint8_t image_rekeyed_record[];
extern const size_t image_rekeyed_record_len;
extern const uint8_t image_session_id[16]; /* whose key the record holds */
extern const uint8_t image_origin[];       /* the public key of who makes backups: SPKI in DER */
extern const size_t image_origin_len;
extern const uint8_t image_signature[168]; /* of the manifest */

/* --- in external memory --- */

#define IMAGE_LARGE        ((size_t)4 << 20) /* a large block's plaintext */
#define IMAGE_LARGE_STORED 0                 /* addresses: the block, stored */
#define IMAGE_LARGE_SMALL  0x500000          /* the same plaintext, in profile small */

#define IMAGE_MANIFEST   0xa00000
#define IMAGE_BLOCKS     0xb00000 /* the block of position n is n strides further */
#define IMAGE_STRIDE     0x900
#define IMAGE_BLOCK      2048 /* plaintext of a position */
#define IMAGE_POSITIONS  61
#define IMAGE_GENERATION 7

/* The byte at an offset of any of these images: lines of text that say where they are, and every
 * third one full of noise.
 */
static inline uint8_t image_byte(uint64_t offset)
{
    static const char line[64] =
        "line 00000000 of the image of a disk, which a PC has backed up.\n";
    uint32_t number = (uint32_t)(offset / 64), column = (uint32_t)(offset % 64);

    if (number % 3 == 2) return (uint8_t)((number * 2654435761u + column * 2246822519u) >> 23);
    if (column < 5 || column > 12) return (uint8_t)line[column];
    return (uint8_t) "0123456789abcdef"[number >> 4 * (12 - column) & 15];
}

/* Positions that hold nothing but zeros are holes. */
static inline int image_is_hole(uint64_t position)
{
    return position % 7 == 3;
}

#endif
