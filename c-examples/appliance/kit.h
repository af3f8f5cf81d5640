/* kit.h: a recovery kit: the key under a password, as 104 bytes or as lines of text. It knows
 * neither keys directories nor repositories.
 */
#ifndef APPLIANCE_KIT_H
#define APPLIANCE_KIT_H

#include "app.h"
#include "password.h"

struct kit {
    uint8_t bytes[COFFRE_KIT_SIZE];
    coffre_kit_info info; /* not proven before kit_open */
};

/* From the file, or with "-" from standard input: bytes or text, as its content shows. A line that
 * was mistyped is named. */
enum outcome kit_read(struct problem *problem, const char *path, struct kit *kit);

/* Puts the identity under the password, and proves that it comes out again. */
enum outcome kit_make(struct app *app, const coffre_identity *identity,
                      const struct password *password, bool argon2id, struct kit *kit);

/* OUT_WRONG_KEY: not the password; OUT_POLICY: its cost. */
enum outcome kit_open(struct app *app, const struct kit *kit, const struct password *password,
                      coffre_identity *identity);

/* Text with its NUL: COFFRE_KIT_LINES under a head that says what it is, or COFFRE_KIT_SCAN. */
#define KIT_PAGE_SIZE 2048
enum outcome kit_page(struct problem *problem, const struct kit *kit, char page[KIT_PAGE_SIZE]);
enum outcome kit_scan_text(struct problem *problem, const struct kit *kit,
                           char text[COFFRE_KIT_TEXT_MAX + 1]);

/* "P-256 pair" or "KEK", and "PBKDF2, 600000 iterations" and the like. */
const char *kit_kind_name(const coffre_kit_info *info);
#define KIT_COST_SIZE 96
const char *kit_cost_text(const coffre_kit_info *info, char text[KIT_COST_SIZE]);

#endif
