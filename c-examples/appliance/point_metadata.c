/* point_metadata.c: the sealed metadata of a restore point: three lines of text, the name last, so
 * that it may be anything. Nothing of this is the library's: it seals bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "point.h"
#include "text.h"

#define METADATA_MAX 4096

static const char FORM[] = "appliance 1\ncreated %" SCNu64 "\nepoch %" SCNu64 "\nname %n";

enum outcome point_metadata_write(struct app *app, const uint8_t point_id[16],
                                  const coffre_record_keys *keys,
                                  const struct point_metadata *metadata, uint8_t digest[32])
{
    char plain[POINT_NAME_SIZE + 128], name[OBJECT_NAME_SIZE];
    uint8_t sealed[COFFRE_BLOCK_SEALED_MAX(sizeof plain)];
    size_t sealed_len = 0;
    int plain_len = snprintf(plain, sizeof plain,
                             "appliance 1\ncreated %" PRIu64 "\nepoch %" PRIu64 "\nname %s",
                             metadata->created, metadata->epoch, metadata->name);

    if (plain_len < 0 || (size_t)plain_len >= sizeof plain)
        return fail(&app->problem, OUT_INTERNAL, "metadata too long");
    size_t memory_len = coffre_seal_workspace((size_t)plain_len, NULL);
    uint8_t *memory = malloc(memory_len);
    coffre_workspace workspace;
    if (memory == NULL)
        return fail(&app->problem, OUT_ENVIRONMENT, "no memory to seal metadata");
    coffre_status status = coffre_workspace_init(&workspace, memory, memory_len);
    if (status == COFFRE_OK) {
        status = coffre_metadata_seal(&app->context, keys, (const uint8_t *)plain,
                                      (size_t)plain_len, &workspace, sealed, sizeof sealed,
                                      &sealed_len, digest);
    }
    coffre_workspace_wipe(&workspace);
    free(memory);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "cannot seal the metadata");
    name_of_point(point_id, POINT_METADATA, name);
    return store_put(&app->blocks, name, sealed, sealed_len);
}

static enum outcome parse(struct app *app, const char *name, char *plain,
                          struct point_metadata *metadata)
{
    int at = 0;

    memset(metadata, 0, sizeof *metadata);
    if (sscanf(plain, FORM, &metadata->created, &metadata->epoch, &at) != 2 || at == 0) {
        return fail(&app->problem, OUT_UNSUPPORTED, "%s was written by another program", name);
    }
    snprintf(metadata->name, sizeof metadata->name, "%s", plain + at);
    return OUT_OK;
}

static enum outcome open_sealed(struct app *app, struct point *point, const char *name,
                                const uint8_t *sealed, size_t len, struct point_metadata *metadata)
{
    char plain[METADATA_MAX + 1];
    size_t plain_len = 0, memory_len = coffre_open_workspace();
    uint8_t digest[32], *memory = malloc(memory_len);
    coffre_workspace workspace;

    if (memory == NULL)
        return fail(&app->problem, OUT_ENVIRONMENT, "no memory to open %s", name);
    coffre_status status = coffre_workspace_init(&workspace, memory, memory_len);
    if (status == COFFRE_OK) {
        status = coffre_metadata_open(&app->context, NULL, &point->record.keys, sealed, len,
                                      &workspace, (uint8_t *)plain, METADATA_MAX, &plain_len,
                                      digest);
    }
    coffre_workspace_wipe(&workspace);
    free(memory);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", name);
    if (memcmp(digest, point->manifest.metadata_digest, sizeof digest) != 0) {
        return fail(&app->problem, OUT_CORRUPT,
                    "%s is genuine, but not the metadata that the manifest names", name);
    }
    plain[plain_len] = '\0';
    return parse(app, name, plain, metadata);
}

enum outcome point_metadata_read(struct app *app, struct point *point,
                                 struct point_metadata *metadata)
{
    char name[OBJECT_NAME_SIZE];
    uint8_t *sealed;
    size_t len;

    name_of_point(point->id, POINT_METADATA, name);
    enum outcome outcome = store_get(&app->blocks, &app->problem, name,
                                     COFFRE_BLOCK_SEALED_MAX(METADATA_MAX), &sealed, &len);
    if (outcome == OUT_OK) outcome = open_sealed(app, point, name, sealed, len, metadata);
    free(sealed);
    return outcome;
}
