/* other_keys.c: see other_keys.h. */
#include "other_keys.h"

#include <stdlib.h>
#include <string.h>

#include "origin.h"
#include "text.h"

enum outcome other_keys_check_challenge(struct app *app, const struct key_dir *keys,
                                        const char *where)
{
    uint8_t *bytes;
    size_t len;

    if (keys->kind == KEY_PUBLIC) return OUT_OK; /* it opens no challenge */
    enum outcome outcome = key_dir_challenge(&app->problem, keys->path, &bytes, &len);
    if (outcome == OUT_OK) outcome = record_check(app, keys, where, 0, bytes, len, NULL);
    free(bytes);
    return outcome == OUT_MISSING ? OUT_OK : outcome;
}

static enum outcome refuse_signer(struct app *app, const struct key_dir *keys,
                                  const uint8_t point_id[ID_SIZE])
{
    char key[COFFRE_KEY_ID_TEXT_SIZE], point[ID_TEXT_SIZE];

    coffre_key_id_text(keys->key_id, key);
    hex_encode(point_id, ID_SIZE, point);
    return fail(&app->problem, OUT_POLICY,
                "the key %s in %s is an origin key: it signs restore points, points/%s among them."
                " One key may not do both: as everybody who opens backups would have it, its"
                " signatures would say nothing. Make another key with `appliance keygen`; nothing"
                " was changed",
                key, keys->path, point);
}

/* A signature that is damaged or out of place is for scrub and verify to find. */
enum outcome other_keys_check_origin(struct app *app, const struct key_dir *keys)
{
    struct point_list list;
    coffre_origin_info info;
    enum outcome outcome = point_list(app, &list);

    for (size_t i = 0; outcome == OUT_OK && i < list.count; i++) {
        if (origin_look(app, list.points[i].id, &info) == OUT_OK &&
            memcmp(info.key_id, keys->key_id, sizeof info.key_id) == 0)
            outcome = refuse_signer(app, keys, list.points[i].id);
    }
    free(list.points);
    return outcome;
}
