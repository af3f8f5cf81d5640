/* kit_store.c: see kit_store.h. */
#include "kit_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void name_of_kit(const uint8_t key_id[16], char name[OBJECT_NAME_SIZE])
{
    char text[COFFRE_KEY_ID_TEXT_SIZE];

    coffre_key_id_text(key_id, text);
    snprintf(name, OBJECT_NAME_SIZE, KITS "%s.kit", text);
}

struct kit_walk {
    struct app *app;
    kit_visit visit;
    void *user;
};

/* "kits/" and a key id with ".kit" behind it. */
static bool is_kit_name(const char *name)
{
    const char *at = name + strlen(KITS);

    if (strlen(at) != COFFRE_KEY_ID_TEXT_SIZE - 1 + strlen(".kit")) return false;
    return strspn(at, "0123456789abcdef-") == COFFRE_KEY_ID_TEXT_SIZE - 1 &&
           strcmp(at + COFFRE_KEY_ID_TEXT_SIZE - 1, ".kit") == 0;
}

static enum outcome read_kit(struct app *app, struct stored_kit *kit)
{
    char again[OBJECT_NAME_SIZE];
    uint8_t *bytes;
    size_t len;
    enum outcome outcome =
        store_get(&app->blocks, &app->problem, kit->name, COFFRE_KIT_SIZE, &bytes, &len);

    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_kit_inspect(bytes, len, &kit->kit.info);
    if (status == COFFRE_OK) memcpy(kit->kit.bytes, bytes, sizeof kit->kit.bytes);
    free(bytes);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", kit->name);
    name_of_kit(kit->kit.info.key_id, again);
    if (strcmp(again, kit->name) == 0) return OUT_OK;
    return fail(&app->problem, OUT_CORRUPT, "%s is whole, but the kit of another key: %s",
                kit->name, again);
}

static enum outcome visit_file(void *user, const char *name)
{
    const struct kit_walk *walk = user;
    struct stored_kit kit = {.outcome = OUT_OK};

    snprintf(kit.name, sizeof kit.name, "%s", name);
    kit.named = is_kit_name(name);
    if (kit.named) kit.outcome = read_kit(walk->app, &kit);
    if (kit.outcome != OUT_OK) kit.problem = walk->app->problem;
    return walk->visit(walk->user, &kit);
}

enum outcome kit_store_each(struct app *app, kit_visit visit, void *user)
{
    struct kit_walk walk = {app, visit, user};
    return app->blocks.list(app->blocks.self, KITS, visit_file, &walk);
}

struct kit_search {
    const char *key_id; /* NULL: any */
    struct stored_kit *found;
    size_t count;
    char names[512];
};

static enum outcome search_visit(void *user, const struct stored_kit *kit)
{
    struct kit_search *search = user;
    const char *id = kit->name + strlen(KITS);
    size_t used = strlen(search->names);

    if (!kit->named) return OUT_OK;
    if (search->key_id != NULL && (strlen(search->key_id) != COFFRE_KEY_ID_TEXT_SIZE - 1 ||
                                   strncmp(id, search->key_id, COFFRE_KEY_ID_TEXT_SIZE - 1) != 0))
        return OUT_OK;
    snprintf(search->names + used, sizeof search->names - used, "%s%.*s", used == 0 ? "" : ", ",
             COFFRE_KEY_ID_TEXT_SIZE - 1, id);
    if (search->count++ == 0) *search->found = *kit;
    return OUT_OK;
}

enum outcome kit_store_find(struct app *app, const char *key_id, struct stored_kit *kit)
{
    struct kit_search search = {.key_id = key_id, .found = kit};
    enum outcome outcome = kit_store_each(app, search_visit, &search);

    if (outcome != OUT_OK) return outcome;
    if (search.count == 0) {
        return fail(&app->problem, OUT_MISSING, "%s/" KITS " holds no kit%s%s", app->options.repo,
                    key_id == NULL ? "" : " of ", key_id == NULL ? "" : key_id);
    }
    if (search.count > 1) {
        return fail(&app->problem, OUT_NOT_FOUND,
                    "%s/" KITS " holds %zu kits; name the key of one: %s", app->options.repo,
                    search.count, search.names);
    }
    if (kit->outcome != OUT_OK) app->problem = kit->problem;
    return kit->outcome;
}

enum outcome kit_store_may_put(struct app *app, const uint8_t key_id[16], bool force)
{
    char name[OBJECT_NAME_SIZE];
    uint64_t size;

    name_of_kit(key_id, name);
    enum outcome outcome = app->blocks.size(app->blocks.self, name, &size);
    if (outcome == OUT_MISSING || (outcome == OUT_OK && force)) return OUT_OK;
    if (outcome != OUT_OK) return outcome;
    return fail(
        &app->problem, OUT_REFUSED,
        "%s exists, perhaps with another password; nothing was changed. --force replaces it", name);
}

enum outcome kit_store_put(struct app *app, const struct kit *kit, char name[OBJECT_NAME_SIZE])
{
    name_of_kit(kit->info.key_id, name);
    enum outcome outcome = store_put(&app->blocks, name, kit->bytes, sizeof kit->bytes);
    return outcome == OUT_OK ? app->blocks.sync(app->blocks.self) : outcome;
}
