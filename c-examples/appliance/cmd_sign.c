/* cmd_sign.c: says who made a restore point that nobody signed, or somebody else. It is verified
 * completely before: what is signed is what was found in it just now.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "verify.h"

struct sign {
    struct verify verify;
    struct origin_signer signer;
    bool had_other, same;
    uint8_t other[COFFRE_KEY_ID_SIZE]; /* who signed it before */
};

/* What can be known before there is any work. */
static enum outcome may_sign(struct sign *sign, const uint8_t id[16])
{
    struct app *app = sign->verify.app;
    struct point point;
    char text[ID_TEXT_SIZE];
    enum outcome outcome = point_open(app, id, &point);

    hex_encode(id, ID_SIZE, text);
    if (outcome == OUT_OK) outcome = origin_may_sign(app, &sign->signer, &point.record);
    if (outcome == OUT_OK && (point.manifest.flags & COFFRE_MANIFEST_DIGESTS) == 0) {
        outcome =
            fail(&app->problem, OUT_POLICY,
                 "the manifest of restore point %s does not name the content of its blocks, so"
                 " that a signature would say nothing of it. Make a new backup with"
                 " --origin-key, or with --digests to sign it later",
                 text);
    }
    point_close(&point);
    return outcome;
}

/* A signature that is of no use is replaced like one of another key. */
static void look_at_other(struct sign *sign, const uint8_t id[16])
{
    coffre_origin_info info;

    if (origin_look(sign->verify.app, id, &info) != OUT_OK) return;
    sign->had_other = memcmp(info.key_id, sign->signer.key_id, sizeof info.key_id) != 0;
    memcpy(sign->other, info.key_id, sizeof sign->other);
}

static enum outcome verify_it(struct sign *sign, const uint8_t id[16])
{
    struct verify *verify = &sign->verify;
    struct app *app = verify->app;
    struct point_found found = {.has_keys = true, .has_manifest = true};

    memcpy(found.id, id, sizeof found.id);
    out_list(&app->out, "findings");
    verify_point(verify, &found);
    out_list_end(&app->out);
    if (verify->worst == OUT_OK) return OUT_OK;
    return fail(&app->problem, verify->worst, "not signed: %" PRIu64 " finding%s, the gravest: %s",
                verify->findings, verify->findings == 1 ? "" : "s", outcome_name(verify->worst));
}

static void print_sign(const struct sign *sign)
{
    struct output *out = &sign->verify.app->out;
    char text[COFFRE_KEY_ID_TEXT_SIZE];

    out_text(out, "restore_point", sign->verify.id_text);
    coffre_key_id_text(sign->signer.key_id, text);
    out_text(out, "signed_by", text);
    out_flag(out, "new_signature", !sign->same);
    if (!sign->had_other) return;
    coffre_key_id_text(sign->other, text);
    out_note(out, "the signature of %s that was there is replaced", text);
}

static enum outcome sign_run(struct sign *sign)
{
    struct verify *verify = &sign->verify;
    struct app *app = verify->app;
    uint8_t id[ID_SIZE];

    if (app->options.origin_key == NULL)
        return fail(&app->problem, OUT_USAGE,
                    "sign needs --origin-key FILE, which `appliance origin-key` makes");
    enum outcome outcome = app_open(app, APP_WRITES | APP_KEYS);
    if (outcome == OUT_OK)
        outcome = origin_signer_read(app, app->options.origin_key, &sign->signer);
    if (outcome == OUT_OK) outcome = point_find(app, app->options.arguments[0], id);
    if (outcome == OUT_OK) outcome = may_sign(sign, id);
    if (outcome != OUT_OK) return outcome;
    look_at_other(sign, id);
    verify->unasked = true;
    outcome = verify_it(sign, id);
    if (outcome == OUT_OK) {
        outcome = origin_sign(app, &sign->signer, &verify->point.record, &verify->point.whole,
                              &sign->same);
    }
    point_close(&verify->point);
    if (outcome == OUT_OK) print_sign(sign);
    return outcome;
}

enum outcome command_sign(struct app *app)
{
    struct sign *sign = calloc(1, sizeof *sign);

    if (sign == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory");
    sign->verify.app = app;
    enum outcome outcome = sign_run(sign);
    origin_signer_wipe(&sign->signer);
    free(sign);
    return outcome;
}
