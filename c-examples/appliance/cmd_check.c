/* cmd_check.c: the check at a start: are the keys here those that this repository needs? Nothing is
 * changed. */
#include "commands.h"
#include "repository.h"
#include "text.h"

enum outcome command_check(struct app *app)
{
    char key[COFFRE_KEY_ID_TEXT_SIZE], instance[ID_TEXT_SIZE];
    enum outcome outcome = app_open(app, 0);

    if (outcome != OUT_OK) return outcome;
    hex_encode(app->installation.id, ID_SIZE, instance);
    out_text(&app->out, "instance_id", instance);
    outcome = app_load_keys(app);
    if (outcome == OUT_OK) {
        coffre_key_id_text(app->keys.key_id, key);
        out_text(&app->out, "key_file", app->keys.key_file);
        out_text(&app->out, "key_kind", key_kind_name(app->keys.kind));
        out_text(&app->out, "key_id", key);
        out_list(&app->out, "records");
        outcome = repository_check(app, true);
        out_list_end(&app->out);
    }
    out_text(&app->out, "verdict", outcome == OUT_OK ? "match" : outcome_name(outcome));
    return outcome;
}
