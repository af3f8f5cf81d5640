/* cmd_kit_export.c: puts the key at hand under a password: to be printed, kept as a file, or to lie
 * in the repository, so that a backup carries what opens it. Every place is looked at before
 * anything is written, and nothing that is there is overwritten.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "files.h"
#include "kit_password.h"
#include "kit_store.h"
#include "qr.h"
#include "record.h"
#include "text.h"

struct kit_export {
    struct app *app;
    const char *file; /* NULL: none; "-": standard output */
    bool to_stdout;
    struct kit kit;
    char stored[OBJECT_NAME_SIZE];
};

static enum outcome check_options(const struct kit_export *job)
{
    struct app *app = job->app;
    const struct options *options = &app->options;

    if (job->file == NULL && options->svg == NULL && !options->qr && !options->store)
        return fail(&app->problem, OUT_USAGE,
                    "kit-export needs a place for the kit: FILE, - for standard output, --svg FILE,"
                    " --qr or --store");
    if (options->text && job->file == NULL)
        return fail(&app->problem, OUT_USAGE, "--text says how FILE is written, and needs one");
    if (options->json && (job->to_stdout || options->qr))
        return fail(&app->problem, OUT_USAGE, "--json has standard output for itself");
    if (job->to_stdout && options->qr && !options->text)
        return fail(&app->problem, OUT_USAGE, "bytes and --qr do not go to one standard output");
    return OUT_OK;
}

static enum outcome load_key(struct app *app)
{
    const struct options *options = &app->options;
    enum outcome outcome = app_before_any_key(app);

    return outcome == OUT_OK ? key_dir_load(&app->problem, &app->context, options->keys,
                                            options->password_file, false, &app->keys)
                             : outcome;
}

/* A kit that lies there and opens nothing would be trusted for nothing. */
static enum outcome check_store(struct app *app)
{
    struct record record;
    enum outcome outcome = record_open(app, &app->keys, REPOSITORY_RECORD, &record, NULL);

    if (outcome != OUT_OK) return outcome;
    record_close(&record);
    return kit_store_may_put(app, app->keys.key_id, app->options.force);
}

static enum outcome prepare(struct kit_export *job)
{
    struct app *app = job->app;
    const struct options *options = &app->options;
    enum outcome outcome = check_options(job);

    if (outcome == OUT_OK && options->store) outcome = app_open(app, APP_WRITES);
    if (outcome == OUT_OK) outcome = load_key(app);
    if (outcome == OUT_OK && options->store) outcome = check_store(app);
    if (outcome == OUT_OK && job->file != NULL && !job->to_stdout)
        outcome = file_must_be_new(&app->problem, job->file);
    if (outcome == OUT_OK && options->svg != NULL)
        outcome = file_must_be_new(&app->problem, options->svg);
    return outcome;
}

static enum outcome make_kit(struct kit_export *job)
{
    struct app *app = job->app;
    struct password password;
    enum outcome outcome = kit_password_read(app, app->keys.key_id, true, &password);

    if (outcome == OUT_OK) {
        outcome = kit_make(app, &app->keys.identity, &password, app->options.argon2id, &job->kit);
    }
    password_wipe(&password);
    return outcome;
}

static enum outcome write_file(struct kit_export *job)
{
    struct app *app = job->app;
    const struct kit *kit = &job->kit;
    char page[KIT_PAGE_SIZE];
    const uint8_t *bytes = kit->bytes;
    size_t len = sizeof kit->bytes;

    if (app->options.text) {
        enum outcome outcome = kit_page(&app->problem, kit, page);
        if (outcome != OUT_OK) return outcome;
        bytes = (const uint8_t *)page;
        len = strlen(page);
    }
    if (!job->to_stdout) return file_new(&app->problem, job->file, 0600, bytes, len);
    fwrite(bytes, 1, len, stdout); /* out_end tells when that failed */
    return OUT_OK;
}

static enum outcome write_svg(struct kit_export *job, const char *text)
{
    struct app *app = job->app;
    char id[COFFRE_KEY_ID_TEXT_SIZE], caption[128], *svg;
    size_t len;

    coffre_key_id_text(job->kit.info.key_id, id);
    snprintf(caption, sizeof caption, "coffre recovery kit of %s", id);
    enum outcome outcome = qr_svg(&app->problem, text, caption, &svg, &len);
    if (outcome == OUT_OK)
        outcome = file_new(&app->problem, app->options.svg, 0600, (const uint8_t *)svg, len);
    free(svg);
    return outcome;
}

static void print_export(const struct kit_export *job)
{
    struct output *out = &job->app->out;
    const coffre_kit_info *info = &job->kit.info;
    char id[COFFRE_KEY_ID_TEXT_SIZE], cost[KIT_COST_SIZE];

    if (job->to_stdout) return; /* the kit has it for itself */
    coffre_key_id_text(info->key_id, id);
    out_text(out, "key_id", id);
    out_text(out, "key_kind", kit_kind_name(info));
    out_text(out, "cost", kit_cost_text(info, cost));
    if (job->file != NULL) out_text(out, "kit_file", job->file);
    if (job->app->options.svg != NULL) out_text(out, "svg_file", job->app->options.svg);
    if (job->stored[0] != '\0') out_text(out, "stored_as", job->stored);
}

static enum outcome write_all_places(struct kit_export *job)
{
    struct app *app = job->app;
    char text[COFFRE_KIT_TEXT_MAX + 1];
    enum outcome outcome = kit_scan_text(&app->problem, &job->kit, text);

    if (outcome == OUT_OK && job->file != NULL) outcome = write_file(job);
    if (outcome == OUT_OK && app->options.svg != NULL) outcome = write_svg(job, text);
    if (outcome == OUT_OK && app->options.store)
        outcome = kit_store_put(app, &job->kit, job->stored);
    if (outcome == OUT_OK) print_export(job);
    if (outcome == OUT_OK && app->options.qr)
        outcome = qr_print(&app->problem, text, stdout, isatty(STDOUT_FILENO) == 1);
    return outcome;
}

enum outcome command_kit_export(struct app *app)
{
    struct kit_export job = {.app = app};

    if (app->options.argument_count > 0) job.file = app->options.arguments[0];
    job.to_stdout = job.file != NULL && strcmp(job.file, "-") == 0;
    enum outcome outcome = prepare(&job);
    if (outcome == OUT_OK) outcome = make_kit(&job);
    return outcome == OUT_OK ? write_all_places(&job) : outcome;
}
