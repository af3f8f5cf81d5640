/* calls.h: every function of coffre.h that returns a status, as a row of a table: its parameters,
 * and a call that succeeds. errors_arguments.c and errors_overlap.c go through the table and spoil
 * one parameter at a time.
 *
 * A parameter knows how to make itself: `make` fills a struct arg with freshly allocated memory of
 * exactly its size, so that a sanitizer sees every byte too many. The rows are in calls_keys.h,
 * calls_blocks.h, calls_recipients.h, calls_kits.h, calls_origins.h, calls_records.h and
 * calls_manifests.h.
 */
#ifndef CALLS_H
#define CALLS_H

#include "world.h"

#define CALLS_PARAMS 12

struct arg {
    void *at;    /* what the call gets; within `base` */
    size_t size; /* and how much of it */
    void *base;  /* what to free */
    void *lent;  /* memory that the object keeps using, or NULL */
    size_t lent_size;
};

enum {
    OBJECT = 1,    /* must be live */
    PINNED = 2,    /* and may not move */
    WRITES = 4,    /* the call writes it: exclusive object, output or memory */
    OUTPUT = 8,    /* its contents are a result */
    LENGTH = 16,   /* its length is an argument */
    SIZED = 32,    /* a structure that begins with its size */
    OPTIONAL = 64, /* NULL is fine */
    STRICT = 128,  /* NULL is the strict policy, which refuses versions 0 and 1 */
    OUT_LEN = 256, /* the size_t that tells how long the output is */
    MEMORY = 512   /* NULL is no memory, which is too little */
};

struct param {
    const char *name;
    unsigned traits;
    size_t align;
    void (*make)(struct arg *);
};

struct call {
    const char *name;
    coffre_status (*run)(const struct arg *);
    struct param params[CALLS_PARAMS]; /* ends with a NULL name */
};

/* --- making arguments --- */

static inline void arg_space(struct arg *arg, size_t size)
{
    arg->base = arg->at = poisoned(size);
    arg->size = size;
    arg->lent = NULL;
    arg->lent_size = 0;
}

/* Memory for the object in `arg` to use. */
static inline uint8_t *arg_lend(struct arg *arg, size_t size)
{
    arg->lent = poisoned(size);
    arg->lent_size = size;
    return arg->lent;
}

static inline void arg_copy(struct arg *arg, const void *from, size_t size)
{
    arg_space(arg, size);
    memcpy(arg->at, from, size);
}

static inline void arg_free(struct arg *arg)
{
    free(arg->base);
    free(arg->lent);
    memset(arg, 0, sizeof *arg);
}

#define MAKE_COPY(name, from, size)                                                               \
    static inline void make_##name(struct arg *arg) { arg_copy(arg, (from), (size)); }
#define MAKE_SPACE(name, size)                                                                    \
    static inline void make_##name(struct arg *arg) { arg_space(arg, (size)); }

/* --- parameters that many calls have --- */

MAKE_COPY(context, &world.context, sizeof world.context)
MAKE_COPY(kek, &world.kek, sizeof world.kek)
MAKE_COPY(pair, &world.pair, sizeof world.pair)
MAKE_COPY(pair_recipient, &world.pair_recipient, sizeof world.pair_recipient)
MAKE_COPY(session, &world.session, sizeof world.session)
MAKE_COPY(other_session, &world.other_session, sizeof world.other_session)
MAKE_COPY(id_key, &world.id_key, sizeof world.id_key)
MAKE_COPY(master, &world.master, sizeof world.master)
MAKE_COPY(other_master, &world.other_master, sizeof world.other_master)
MAKE_COPY(keys, &world.keys, sizeof world.keys)
MAKE_COPY(repository_keys, &world.repository_keys, sizeof world.repository_keys)
MAKE_COPY(instance, world.instance, 16)
MAKE_COPY(point, world.point, 16)
MAKE_COPY(session_id, world.session_id, 16)
MAKE_COPY(kek_id, world.kek_id, 16)
MAKE_COPY(kek_bytes, world.kek_bytes, 32)
MAKE_COPY(plain, world.plain, sizeof world.plain)
MAKE_COPY(origin_key, &world.origin_key, sizeof world.origin_key)
MAKE_COPY(origin, &world.origin, sizeof world.origin)
MAKE_COPY(signature, world.signature, sizeof world.signature)
MAKE_SPACE(out, 8192)
MAKE_SPACE(out16, 16)
MAKE_SPACE(out32, 32)
MAKE_SPACE(out40, 40)
MAKE_SPACE(out_len, sizeof(size_t))
MAKE_SPACE(new_identity, sizeof(coffre_identity))
MAKE_SPACE(new_recipient, sizeof(coffre_recipient))
MAKE_SPACE(new_session, sizeof(coffre_session))
MAKE_SPACE(new_id_key, sizeof(coffre_id_key))
MAKE_SPACE(new_keys, sizeof(coffre_record_keys))

static inline void make_workspace(struct arg *arg)
{
    arg_space(arg, sizeof(coffre_workspace));
    lend(arg->at, arg_lend(arg, COFFRE_SEAL_WORKSPACE), COFFRE_SEAL_WORKSPACE);
}

/* A record that was read from bytes of its own. */
static inline void arg_record(struct arg *arg, const uint8_t *bytes, size_t len)
{
    arg_space(arg, sizeof(coffre_record));
    memcpy(arg_lend(arg, len), bytes, len);
    check_must(coffre_record_read(arg->lent, len, arg->at), "record");
}

static inline void make_record(struct arg *arg)
{
    arg_record(arg, world.record, world.record_len);
}

static inline void make_policy(struct arg *arg)
{
    coffre_policy policy = COFFRE_POLICY_INIT;
    arg_copy(arg, &policy, sizeof policy);
}

static inline void make_old_policy(struct arg *arg)
{
    coffre_policy policy = policy_lowest(0);
    arg_copy(arg, &policy, sizeof policy);
}

#define P_OBJECT(name) {#name, OBJECT, 8, make_##name}
#define P_BYTES(name) {#name, 0, 1, make_##name}
#define P_BUFFER(name) {#name, LENGTH, 1, make_##name}
#define P_NEW(name) {#name, WRITES | OUTPUT, 8, make_new_##name}
#define P_RESULT(name, size) {#name, WRITES | OUTPUT, 1, make_out##size}
#define P_CONTEXT {"context", OBJECT, 8, make_context}
#define P_CONTEXT_X {"context", OBJECT | WRITES, 8, make_context}
#define P_POLICY {"policy", SIZED | OPTIONAL, 8, make_policy}
#define P_OLD_POLICY {"policy", SIZED | STRICT, 8, make_old_policy}
#define P_WORKSPACE {"workspace", OBJECT | PINNED | WRITES | MEMORY, 8, make_workspace}
#define P_OUT {"out", WRITES | OUTPUT | LENGTH, 1, make_out}
/* size_t, and structures with pointers and nothing longer, are aligned as those are. */
#define P_OUT_LEN {"out_len", WRITES | OUT_LEN, sizeof(size_t), make_out_len}
#define P_END {NULL, 0, 0, NULL}

/* In a row's call: the pointer and the length of argument i. */
#define AT(i) (args[i].at)
#define LEN(i) (args[i].size)
#define CALL(name) static inline coffre_status run_##name(const struct arg *args)

#include "calls_blocks.h"
#include "calls_keys.h"
#include "calls_manifests.h"
#include "calls_recipients.h"
#include "calls_kits.h"
#include "calls_origins.h"
#include "calls_records.h"

static const struct {
    const struct call *rows;
    size_t count;
} call_tables[] = {
    {key_calls, sizeof key_calls / sizeof *key_calls},
    {block_calls, sizeof block_calls / sizeof *block_calls},
    {recipient_calls, sizeof recipient_calls / sizeof *recipient_calls},
    {kit_calls, sizeof kit_calls / sizeof *kit_calls},
    {origin_calls, sizeof origin_calls / sizeof *origin_calls},
    {record_calls, sizeof record_calls / sizeof *record_calls},
    {manifest_calls, sizeof manifest_calls / sizeof *manifest_calls},
};

/* --- running a row --- */

static inline size_t call_make(const struct call *call, struct arg *args)
{
    size_t count = 0;

    for (; call->params[count].name != NULL; count++)
        call->params[count].make(&args[count]);
    return count;
}

static inline void call_free(struct arg *args, size_t count)
{
    for (size_t i = 0; i < count; i++)
        arg_free(&args[i]);
}

/* Calls `visit` with every row. */
static inline void calls_each(void (*visit)(const struct call *))
{
    for (size_t t = 0; t < sizeof call_tables / sizeof *call_tables; t++)
        for (size_t i = 0; i < call_tables[t].count; i++)
            visit(&call_tables[t].rows[i]);
}

#endif
