/* rekey_check.c: may the new key take its place? See rekey.h. */
#include "rekey.h"

#include <string.h>

#include "other_keys.h"

enum outcome rekey_check_keys(struct rekey *rekey)
{
    struct app *app = rekey->app;
    enum outcome outcome =
        app_load_other(app, app->options.new_keys, rekey->prepare, &rekey->new_keys);

    if (outcome != OUT_OK) return outcome;
    if (memcmp(rekey->new_keys.key_id, app->keys.key_id, sizeof app->keys.key_id) == 0) {
        return fail(&app->problem, OUT_USAGE,
                    "%s and %s hold the same key. Make a new one with `appliance keygen --keys %s`",
                    app->options.keys, app->options.new_keys, "DIRECTORY");
    }
    /* Where there is none step 3 writes it. */
    outcome = other_keys_check_challenge(app, &rekey->new_keys, "the new keys' challenge");
    return outcome == OUT_OK ? other_keys_check_origin(app, &rekey->new_keys) : outcome;
}

enum outcome rekey_check_password(void *user, const char *name)
{
    struct rekey *rekey = user;
    const struct key_dir *old = &rekey->app->keys, *new = &rekey->new_keys;
    coffre_record_recipient recipient;
    struct record record;
    char id[COFFRE_KEY_ID_TEXT_SIZE] = "";
    enum outcome outcome = record_read(rekey->app, name, &record);

    if (outcome != OUT_OK) return outcome;
    for (size_t i = 0; coffre_record_recipient_at(&record.view, i, &recipient) == COFFRE_OK; i++) {
        if (!recipient_is_password(recipient.type)) continue;
        bool is_old = memcmp(recipient.id, old->key_id, sizeof recipient.id) == 0;
        bool is_new = memcmp(recipient.id, new->key_id, sizeof recipient.id) == 0;
        if (is_new || (is_old && !rekey->prepare)) continue;
        coffre_key_id_text(recipient.id, id);
    }
    record_close(&record);
    if (id[0] == '\0') return OUT_OK;
    return fail(&rekey->app->problem, OUT_REFUSED,
                "%s has a password already, and can have one at most. `appliance remove-key %s`"
                " takes it out, and `appliance rekey` with its directory replaces it",
                name, id);
}
