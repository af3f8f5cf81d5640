/* origin_sign.c: makes the signature that lies beside a manifest. See origin.h. */
#include <stdlib.h>
#include <string.h>

#include "origin.h"

enum outcome origin_may_sign(struct app *app, const struct origin_signer *signer,
                             const struct record *record)
{
    char id[COFFRE_KEY_ID_TEXT_SIZE];

    if (!record_has(record, signer->key_id)) return OUT_OK;
    coffre_key_id_text(signer->key_id, id);
    return fail(&app->problem, OUT_POLICY,
                "%s is the key %s, which opens backups: everybody who opens them has"
                " it, so that its signature would say nothing. `appliance origin-key` makes a key"
                " for this alone",
                app->options.origin_key, id);
}

static bool lies_there(struct app *app, const char *name, const uint8_t *signature, size_t len)
{
    uint8_t *bytes;
    size_t found;
    bool same = store_get(&app->blocks, &app->problem, name, len, &bytes, &found) == OUT_OK &&
                found == len && memcmp(bytes, signature, len) == 0;

    free(bytes);
    return same;
}

enum outcome origin_sign(struct app *app, const struct origin_signer *signer,
                         const struct record *record, const coffre_manifest_whole *whole,
                         bool *same)
{
    uint8_t signature[COFFRE_ORIGIN_SIGNATURE_SIZE];
    char name[OBJECT_NAME_SIZE];
    size_t len = 0;
    coffre_status status = coffre_origin_sign(&app->context, &signer->key, &record->keys,
                                              &record->view, whole, signature,
                                              sizeof signature, &len);

    if (status != COFFRE_OK)
        return fail_status(&app->problem, status, "cannot sign with %s", app->options.origin_key);
    name_of_point(whole->restore_point_id, POINT_ORIGIN, name);
    if (same != NULL) { /* the same key signs the same manifest with the same bytes */
        *same = lies_there(app, name, signature, len);
        if (*same) return OUT_OK;
    }
    enum outcome outcome = store_put(&app->blocks, name, signature, len);
    return outcome == OUT_OK ? app->blocks.sync(app->blocks.self) : outcome;
}
