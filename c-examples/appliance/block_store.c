/* block_store.c: what is the same for every store: names, and small objects in one call. See
 * block_store.h. */
#include "block_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum outcome store_put(const struct block_store *store, const char *name, const uint8_t *bytes,
                       size_t len)
{
    struct store_upload *upload = NULL;
    enum outcome outcome = store->create(store->self, name, &upload);

    if (outcome != OUT_OK) return outcome;
    outcome = store->append(upload, bytes, len);
    if (outcome == OUT_OK) return store->finish(upload);
    store->abandon(upload);
    return outcome;
}

enum outcome store_get(const struct block_store *store, struct problem *problem, const char *name,
                       size_t highest, uint8_t **bytes, size_t *len)
{
    uint64_t size = 0;
    enum outcome outcome = store->size(store->self, name, &size);

    *bytes = NULL;
    *len = 0;
    if (outcome != OUT_OK) return outcome;
    if (size > highest) {
        return fail(problem, OUT_CORRUPT, "%s: expected at most %zu bytes, found %llu", name,
                    highest, (unsigned long long)size);
    }
    uint8_t *buffer = malloc((size_t)size + 1);
    if (buffer == NULL) return fail(problem, OUT_ENVIRONMENT, "no memory for %s", name);
    outcome = store->read(store->self, name, 0, buffer, (size_t)size);
    if (outcome != OUT_OK) {
        free(buffer);
        return outcome;
    }
    *bytes = buffer;
    *len = (size_t)size;
    return OUT_OK;
}

/* blocks/<first byte>/<block id>.<session id>. Two writers' blocks of the same content have two
 * names, so that no backup can ever overwrite a block that an older restore point refers to,
 * whatever the database says.
 */
void name_of_block(const coffre_block_id *id, const uint8_t session_id[16],
                   char name[OBJECT_NAME_SIZE])
{
    char id_text[2 * sizeof id->bytes + 1], session_text[ID_TEXT_SIZE];
    size_t len = id->length <= sizeof id->bytes ? id->length : sizeof id->bytes;

    hex_encode(id->bytes, len, id_text);
    hex_encode(session_id, ID_SIZE, session_text);
    snprintf(name, OBJECT_NAME_SIZE, "blocks/%.2s/%s.%s", id_text, id_text, session_text);
}

bool name_to_block(const char *name, coffre_block_id *id, uint8_t session_id[16])
{
    char again[OBJECT_NAME_SIZE];
    const char *id_text = name + strlen("blocks/ab/");

    if (strncmp(name, "blocks/", 7) != 0 || strlen(name) < strlen("blocks/ab/")) return false;
    const char *dot = strchr(id_text, '.');
    if (dot == NULL || strlen(dot) != 1 + 2 * ID_SIZE) return false;
    memset(id, 0, sizeof *id);
    if (dot - id_text == 64) {
        id->type = COFFRE_BLOCK_ID_HASH;
        id->length = 32;
    } else if (dot - id_text == 16) {
        id->type = COFFRE_BLOCK_ID_POSITION;
        id->length = 8;
    } else {
        return false;
    }
    if (!hex_decode(id_text, id->bytes, id->length) || !hex_decode(dot + 1, session_id, ID_SIZE))
        return false;
    name_of_block(id, session_id, again);
    return strcmp(name, again) == 0;
}

void name_of_point(const uint8_t point_id[16], const char *what, char name[OBJECT_NAME_SIZE])
{
    char id_text[ID_TEXT_SIZE];

    hex_encode(point_id, ID_SIZE, id_text);
    snprintf(name, OBJECT_NAME_SIZE, "points/%s/%s", id_text, what);
}

void name_of_unfinished(const uint8_t point_id[16], char name[OBJECT_NAME_SIZE])
{
    char id_text[ID_TEXT_SIZE];

    hex_encode(point_id, ID_SIZE, id_text);
    snprintf(name, OBJECT_NAME_SIZE, "unfinished/%s.rec", id_text);
}

bool name_to_point(const char *name, uint8_t point_id[16])
{
    const char *slash = strchr(name, '/');

    if (slash == NULL) return false;
    if (strncmp(name, "points/", 7) != 0 && strncmp(name, "unfinished/", 11) != 0) return false;
    if (strlen(slash + 1) <= 2 * ID_SIZE || !hex_decode(slash + 1, point_id, ID_SIZE)) return false;
    return slash[1 + 2 * ID_SIZE] == (name[0] == 'p' ? '/' : '.');
}
