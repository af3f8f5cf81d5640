/* cmd_origin_key.c: makes the key that says who made a restore point. It belongs to whoever makes
 * backups, and never opens one.
 */
#include "commands.h"
#include "origin_key.h"
#include "text.h"

enum outcome command_origin_key(struct app *app)
{
    const char *path = app->options.origin_key;
    coffre_origin origin = {0};
    uint8_t id[COFFRE_KEY_ID_SIZE], digest[32];
    char id_text[COFFRE_KEY_ID_TEXT_SIZE], digest_text[65];

    if (path == NULL) return fail(&app->problem, OUT_USAGE, "origin-key needs --origin-key FILE");
    enum outcome outcome = origin_key_make(app, path, &origin);
    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_origin_id(&origin, id);
    if (status == COFFRE_OK) status = coffre_origin_digest(&origin, digest);
    coffre_origin_wipe(&origin);
    if (status == COFFRE_OK) status = coffre_key_id_text(id, id_text);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", path);
    hex_encode(digest, sizeof digest, digest_text);
    out_text(&app->out, "key_file", path);
    out_text(&app->out, "key_id", id_text);
    out_text(&app->out, "public_key_sha256", digest_text);
    return OUT_OK;
}
