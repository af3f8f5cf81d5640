/* text.h: hexadecimal, ids as text, sizes from the command line, the time, and memory that forgets.
 * It knows nothing else. */
#ifndef APPLIANCE_TEXT_H
#define APPLIANCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_SIZE      16 /* restore point, instance and session ids */
#define ID_TEXT_SIZE 33 /* such an id in hexadecimal, and the NUL */

void hex_encode(const uint8_t *bytes, size_t len, char *text); /* writes 2 * len + 1 bytes */
bool hex_decode(const char *text, uint8_t *bytes,
                size_t len); /* reads exactly 2 * len lower-case digits */

/* "65536", "64K" or "1M"; false when it is nothing of the kind or exceeds `highest`. */
bool size_parse(const char *text, uint64_t highest, uint64_t *size);

/* "1.5 MiB" */
#define SIZE_TEXT_SIZE 32
const char *size_text(uint64_t size, char text[SIZE_TEXT_SIZE]);

uint64_t microseconds_now(void); /* since 1970 */

bool all_zero(const uint8_t *bytes, size_t len);

/* Overwrites a secret; not optimised away. NULL with len 0 is allowed. */
void wipe_bytes(void *bytes, size_t len);

#endif
