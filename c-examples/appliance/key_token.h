/* key_token.h: keys in PKCS#11 tokens, which never leave them: they wrap or agree there
 * (../hsm/token.h). A program that was built without PKCS#11 has the same calls, and refuses.
 * Private to the key_dir*.c files.
 */
#ifndef APPLIANCE_KEY_TOKEN_H
#define APPLIANCE_KEY_TOKEN_H

#include "key_dir.h"
#include "token_conf.h"

/* Makes identity and recipient of the key that keys->key_file describes. */
enum outcome key_token_load(struct problem *problem, const coffre_context *context,
                            struct key_dir *keys);

/* Makes the key in the token, unless it is there. */
enum outcome key_token_make(struct problem *problem, const struct token_conf *conf, bool *made);

/* Why a call to the token failed last, NULL included: never NULL. */
const char *key_token_problem(const struct key_token *token);
void key_token_close(struct key_token *token); /* NULL is fine */

#endif
