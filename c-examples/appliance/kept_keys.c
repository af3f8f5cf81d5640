/* kept_keys.c: see kept_keys.h. */
#include "kept_keys.h"

#include <stdio.h>
#include <string.h>

#include "other_keys.h"

bool kept_keys_have(const struct kept_keys *kept, const uint8_t id[COFFRE_KEY_ID_SIZE])
{
    for (size_t i = 0; i < kept->count; i++) {
        if (memcmp(kept->keys[i]->key_id, id, COFFRE_KEY_ID_SIZE) == 0) return true;
    }
    return false;
}

static enum outcome load_one(struct app *app, const char *path, struct key_dir *keys)
{
    char where[PATH_MAX + 32];
    enum outcome outcome = app_load_other(app, path, true, keys);

    if (outcome != OUT_OK) return outcome;
    snprintf(where, sizeof where, "the challenge in --keep %s", path);
    outcome = other_keys_check_challenge(app, keys, where);
    return outcome == OUT_OK ? other_keys_check_origin(app, keys) : outcome;
}

enum outcome kept_keys_load(struct app *app, struct kept_keys *kept)
{
    const struct key_dir *password = app->keys.kind == KEY_PASSWORD ? &app->keys : NULL;

    kept->keys[kept->count++] = &app->keys;
    for (size_t i = 0; i < app->options.keep_count; i++) {
        struct key_dir *keys = &kept->dirs[i];
        enum outcome outcome = load_one(app, app->options.keep[i], keys);
        if (outcome != OUT_OK) return outcome;
        if (kept_keys_have(kept, keys->key_id)) continue;
        if (keys->kind == KEY_PASSWORD && password != NULL) {
            return fail(&app->problem, OUT_USAGE,
                        "%s and %s are two passwords, and a record can have one at most",
                        password->path, keys->path);
        }
        if (keys->kind == KEY_PASSWORD) password = keys;
        kept->keys[kept->count++] = keys;
    }
    return OUT_OK;
}

void kept_keys_wipe(struct kept_keys *kept)
{
    for (size_t i = 0; i < KEEP_MAX; i++)
        key_dir_wipe(&kept->dirs[i]);
}
