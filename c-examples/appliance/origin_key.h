/* origin_key.h: the files of an origin key, which says who made a restore point: FILE signs and is
 * secret, FILE.pub verifies and is for everybody. It knows nothing of what is signed.
 */
#ifndef APPLIANCE_ORIGIN_KEY_H
#define APPLIANCE_ORIGIN_KEY_H

#include <stdbool.h>

#include "app.h"

#define ORIGIN_PUBLIC_SUFFIX ".pub"

/* Signs; origin_signer_wipe always. */
struct origin_signer {
    coffre_origin_key key;
    uint8_t key_id[COFFRE_KEY_ID_SIZE];
};
enum outcome origin_signer_read(struct app *app, const char *path, struct origin_signer *signer);
void origin_signer_wipe(struct origin_signer *signer);

/* Verifies. */
enum outcome origin_read(struct app *app, const char *path, coffre_origin *origin);

/* Makes what is missing of FILE (mode 0600) and FILE.pub and overwrites nothing. `origin` is its
 * public half. OUT_REFUSED: both are there. */
enum outcome origin_key_make(struct app *app, const char *path, coffre_origin *origin);

#endif
