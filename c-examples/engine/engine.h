/* engine.h: engines of the caller's for AES-256-GCM, to be given to coffre_context_init.
 *
 * A crypto unit plugs in at the same place: two functions, in place, nothing kept between calls.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include <coffre.h>

/* The Linux kernel's, through AF_ALG sockets: whatever driver it has for gcm(aes), a crypto unit's
 * before its own. One socket a message: slow for a processor with AES, right for one without.
 */
int engine_afalg(coffre_engine *engine); /* 0, or -1 with errno: this kernel has none */

/* OpenSSL's libcrypto: for machines that must use one validated module for everything. */
int engine_openssl(coffre_engine *engine); /* 0, or -1 */

#endif
