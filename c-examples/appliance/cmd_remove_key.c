/* cmd_remove_key.c: takes a key out of every record, with another one that opens them all. It is no
 * revocation: older copies of the records still open. Run again after a kill it goes on, as each
 * record says itself which keys open it.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "key_change.h"
#include "text.h"

struct removal {
    struct app *app;
    struct key_change change;
    uint8_t key_id[COFFRE_KEY_ID_SIZE];
    uint64_t removed;
};

/* As key ids are printed, or without the dashes. */
static bool parse_key_id(const char *text, uint8_t id[COFFRE_KEY_ID_SIZE])
{
    char digits[2 * COFFRE_KEY_ID_SIZE + 1];
    size_t len = 0;

    for (; *text != '\0'; text++) {
        if (*text == '-') continue;
        if (len + 1 == sizeof digits) return false;
        digits[len++] = (char)tolower((unsigned char)*text);
    }
    digits[len] = '\0';
    return len + 1 == sizeof digits && hex_decode(digits, id, COFFRE_KEY_ID_SIZE);
}

static enum outcome remove_one(void *user, const char *name)
{
    struct removal *removal = user;
    struct app *app = removal->app;
    struct record record;
    struct rewrite rewrite = {.from = &record, .remove = removal->key_id, .opener = &app->keys};
    /* With the lock this also makes both copies the newer one: a removal that was killed between
     * them is finished here. */
    enum outcome outcome = record_open(app, &app->keys, name, &record, NULL);

    if (outcome != OUT_OK) return outcome;
    if (record_has(&record, removal->key_id)) {
        outcome = record_rewrite(app, name, &rewrite);
        removal->removed++;
    }
    record_close(&record);
    return outcome;
}

/* The key at hand opens every record, or this stops: so what goes is never the last one. */
static enum outcome check_id(struct removal *removal)
{
    struct app *app = removal->app;
    size_t count;
    enum outcome outcome = OUT_OK;

    if (memcmp(removal->key_id, app->keys.key_id, sizeof removal->key_id) == 0) {
        return fail(&app->problem, OUT_REFUSED,
                    "this is the key at hand (%s), which has to open the records while they are"
                    " changed. `appliance rekey` replaces it; or name another one with --keys",
                    app->options.keys);
    }
    outcome = key_change_count(&removal->change, removal->key_id, &count);
    if (outcome != OUT_OK || count > 0) return outcome;
    return fail(&app->problem, OUT_NOT_FOUND,
                "no record names the key %s: it was removed already, or is mistyped. `appliance"
                " report` lists the keys that there are",
                app->options.arguments[0]);
}

static enum outcome finish(struct removal *removal)
{
    struct app *app = removal->app;
    char id[COFFRE_KEY_ID_TEXT_SIZE];
    size_t left;
    enum outcome outcome = key_change_count(&removal->change, removal->key_id, &left);

    if (outcome != OUT_OK) return outcome;
    coffre_key_id_text(removal->key_id, id);
    out_text(&app->out, "key_id", id);
    out_number(&app->out, "records", removal->change.names.count);
    out_number(&app->out, "removed_from", removal->removed);
    out_number(&app->out, "still_opens", left);
    out_note(&app->out,
             "removed from %" PRIu64
             " records; older copies still open with it, of the repository, its"
             " records or its database: removing a key is not revoking it. `appliance rotate` gives"
             " every record a new storage key",
             removal->removed);
    return OUT_OK;
}

static enum outcome removal_run(struct removal *removal)
{
    struct app *app = removal->app;

    if (!parse_key_id(app->options.arguments[0], removal->key_id)) {
        return fail(&app->problem, OUT_USAGE,
                    "remove-key %s: expected a whole key id, as `appliance report` prints it",
                    app->options.arguments[0]);
    }
    enum outcome outcome = key_change_begin(app, "remove-key", &removal->change);
    if (outcome == OUT_OK) outcome = check_id(removal);
    if (outcome == OUT_OK) outcome = key_change_each(&removal->change, remove_one, removal);
    return outcome == OUT_OK ? finish(removal) : outcome;
}

enum outcome command_remove_key(struct app *app)
{
    struct removal removal = {.app = app};
    enum outcome outcome = removal_run(&removal);

    key_change_end(&removal.change);
    return outcome;
}
