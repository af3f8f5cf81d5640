/* origin.c: see origin.h. */
#include "origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define SIGNATURE_MAX 4096 /* what is larger is none, and is not read */

enum outcome origin_demand_read(struct app *app, struct origin_demand *demand)
{
    memset(demand, 0, sizeof *demand);
    if (app->options.origin == NULL) return OUT_OK;
    enum outcome outcome = origin_read(app, app->options.origin, &demand->key);
    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_origin_id(&demand->key, demand->key_id);
    demand->demanded = status == COFFRE_OK;
    return demand->demanded ? OUT_OK
                            : fail_status(&app->problem, status, "%s", app->options.origin);
}

void origin_demand_wipe(struct origin_demand *demand)
{
    coffre_origin_wipe(&demand->key);
}

void origin_ask(const struct origin_demand *demand, struct point *point,
                struct point_origin *origin)
{
    memset(origin, 0, sizeof *origin);
    origin->demand = demand;
    origin->verdict = "unverified";
    point->origin = origin;
}

static enum outcome read_signature(struct app *app, const uint8_t id[16],
                                   char name[OBJECT_NAME_SIZE], uint8_t **bytes, size_t *len)
{
    name_of_point(id, POINT_ORIGIN, name);
    return store_get(&app->blocks, &app->problem, name, SIGNATURE_MAX, bytes, len);
}

static enum outcome refuse_unverified(struct app *app, const struct point *point,
                                      const char *expected)
{
    const struct point_origin *origin = point->origin;
    char found[COFFRE_KEY_ID_TEXT_SIZE], id[ID_TEXT_SIZE];

    hex_encode(point->id, ID_SIZE, id);
    coffre_key_id_text(origin->signer, found);
    return fail(&app->problem, OUT_POLICY,
                "points/%s is unverified: expected a signature of the origin key %s, found"
                " %s%s. It may be somebody else's work. `appliance verify` tells which restore"
                " points are verified",
                id, expected, origin->has_signer ? "one of " : "none",
                origin->has_signer ? found : "");
}

static enum outcome refuse(struct app *app, const struct point *point, const char *name,
                           coffre_status status)
{
    char expected[COFFRE_KEY_ID_TEXT_SIZE], id[ID_TEXT_SIZE];

    hex_encode(point->id, ID_SIZE, id);
    coffre_key_id_text(point->origin->demand->key_id, expected);
    switch (status) {
    case COFFRE_ERR_ORIGIN_UNVERIFIED:
        return refuse_unverified(app, point, expected);
    case COFFRE_ERR_ORIGIN_FORGED:
        return fail(&app->problem, OUT_CORRUPT,
                    "points/%s is forged: its signature names the origin key %s, which did"
                    " not sign this manifest. Signature or manifest were altered, or made by"
                    " somebody else",
                    id, expected);
    case COFFRE_ERR_ORIGIN_IS_RECIPIENT:
        return fail(&app->problem, OUT_POLICY,
                    "%s is the key %s, which opens points/%s: everybody who opens backups"
                    " has it, so that it says nothing of who made them. Name an origin key",
                    app->options.origin, expected, id);
    default:
        return fail_status(&app->problem, status, "%s", name);
    }
}

/* The manifest itself. */
static enum outcome not_whole(struct app *app, const struct point *point, coffre_status status)
{
    char name[OBJECT_NAME_SIZE];

    name_of_point(point->id, POINT_MANIFEST, name);
    return fail_status(&app->problem, status, "%s is not whole", name);
}

static enum outcome close_demanded(struct app *app, struct point *point,
                                   coffre_manifest_reader *reader, const uint8_t *trailer)
{
    struct point_origin *origin = point->origin;
    coffre_manifest_whole *whole = &point->whole;
    static const uint8_t nobody[COFFRE_KEY_ID_SIZE];
    char name[OBJECT_NAME_SIZE];
    uint8_t *bytes;
    size_t len;
    enum outcome outcome = read_signature(app, point->id, name, &bytes, &len);

    if (outcome != OUT_OK && outcome != OUT_MISSING) return outcome;
    coffre_status status = coffre_manifest_close(reader, trailer, &origin->demand->key,
                                                 &point->record.view, bytes, len, whole);
    free(bytes);
    if (whole->generation == 0) return not_whole(app, point, status);
    memcpy(origin->signer, whole->origin_key_id, sizeof origin->signer);
    origin->has_signer = memcmp(origin->signer, nobody, sizeof nobody) != 0;
    origin->verdict = whole->origin == COFFRE_ORIGIN_VERIFIED ? "verified"
                      : whole->origin == COFFRE_ORIGIN_FORGED ? "forged"
                                                              : "unverified";
    return status == COFFRE_OK ? OUT_OK : refuse(app, point, name, status);
}

/* What can be said of a signature without its key. */
static enum outcome look_closer(struct app *app, struct point *point)
{
    struct point_origin *origin = point->origin;
    coffre_origin_info info;
    enum outcome outcome = origin_look(app, point->id, &info);

    if (outcome != OUT_OK) return outcome == OUT_MISSING ? OUT_OK : outcome;
    memcpy(origin->signer, info.key_id, sizeof origin->signer);
    origin->has_signer = true;
    if (memcmp(info.manifest_digest, point->whole.digest, sizeof info.manifest_digest) == 0)
        return OUT_OK;
    return fail(&app->problem, OUT_CORRUPT,
                "the signature beside the manifest is not of this manifest: one of them was altered"
                " or exchanged");
}

enum outcome origin_close(struct app *app, struct point *point, coffre_manifest_reader *reader,
                          const uint8_t trailer[COFFRE_MANIFEST_TRAILER_SIZE])
{
    struct point_origin *origin = point->origin;

    memset(&point->whole, 0, sizeof point->whole);
    if (origin != NULL && origin->demand->demanded)
        return close_demanded(app, point, reader, trailer);
    coffre_status status =
        coffre_manifest_close(reader, trailer, NULL, NULL, NULL, 0, &point->whole);
    if (status != COFFRE_OK) return not_whole(app, point, status);
    if (origin == NULL) return OUT_OK;
    origin->outcome = look_closer(app, point);
    if (origin->outcome != OUT_OK) origin->problem = app->problem;
    return OUT_OK;
}

const char *origin_text(const struct point_origin *origin, char text[ORIGIN_TEXT_SIZE])
{
    char signer[COFFRE_KEY_ID_TEXT_SIZE];

    coffre_key_id_text(origin->signer, signer);
    if (origin->outcome != OUT_OK)
        snprintf(text, ORIGIN_TEXT_SIZE, "%s (the signature that is there is of no use)",
                 origin->verdict);
    else if (origin->has_signer && strcmp(origin->verdict, "unverified") == 0)
        snprintf(text, ORIGIN_TEXT_SIZE,
                 "%s (a signature of %s is there; name its public key with --origin)",
                 origin->verdict, signer);
    else
        snprintf(text, ORIGIN_TEXT_SIZE, "%s", origin->verdict);
    return text;
}

void origin_print(struct output *out, const struct point_origin *origin)
{
    char text[ORIGIN_TEXT_SIZE], signer[COFFRE_KEY_ID_TEXT_SIZE] = "";

    out_text(out, "origin", out->json ? origin->verdict : origin_text(origin, text));
    if (!out->json) return;
    if (origin->has_signer) coffre_key_id_text(origin->signer, signer);
    out_text(out, "origin_key_id", signer);
}

enum outcome origin_look(struct app *app, const uint8_t id[16], coffre_origin_info *info)
{
    char name[OBJECT_NAME_SIZE];
    uint8_t *bytes;
    size_t len;
    enum outcome outcome = read_signature(app, id, name, &bytes, &len);

    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_origin_inspect(bytes, len, info);
    free(bytes);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", name);
    if (memcmp(info->restore_point_id, id, ID_SIZE) == 0 &&
        memcmp(info->instance_id, app->installation.id, ID_SIZE) == 0)
        return OUT_OK;
    return fail(&app->problem, OUT_FOREIGN,
                "%s is another restore point's or another installation's", name);
}
