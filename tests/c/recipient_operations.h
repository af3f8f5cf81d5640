/* recipient_operations.h: the operations of recipient_table.c: each takes a kind of recipient, does
 * what its name says with a record, looks at the result, and returns its cell's status.
 */
#ifndef RECIPIENT_OPERATIONS_H
#define RECIPIENT_OPERATIONS_H

#include "test_checksum.h"
#include "test_recipients.h"

#define FIRST_STANZA 136 /* where the first recipient's stanza begins in a record */

/* A record of the world's restore point. */
struct sealed {
    uint8_t bytes[4096];
    size_t len;
    coffre_record record;
    coffre_record_keys keys;
};

static struct sealed before, after, other;
static coffre_record_writer writer;

/* --- steps --- */

static void begin(struct sealed *sealed)
{
    check_must(coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance, world.point,
                                    1, sealed->bytes, sizeof sealed->bytes, &writer),
               "record");
}

static coffre_status add(const coffre_recipient *recipient)
{
    return coffre_record_add_recipient(&world.context, &writer, recipient);
}

static void finish(struct sealed *sealed)
{
    check_must(coffre_record_finish(&writer, &sealed->len, &sealed->keys), "record's end");
    check_must(coffre_record_read(sealed->bytes, sealed->len, &sealed->record), "record, read");
}

/* A record with a session key that `kind`'s first recipient opens, and the operator's pair. */
static void seal(struct sealed *sealed, const struct kind *kind)
{
    begin(sealed);
    check_must(add(&kind->recipients[0]), kind->name);
    check_must(add(&world.pair_recipient), "pair");
    check_must(coffre_record_add_session(&writer, &world.session), "session");
    finish(sealed);
}

/* Goes on with `before`, into `after`. */
static void edit(void)
{
    check_must(coffre_record_edit(&world.context, &before.keys, &before.record, 2, after.bytes,
                                  sizeof after.bytes, &writer),
               "edit");
}

static coffre_status open_under(const coffre_policy *policy, const coffre_identity *identity,
                                const struct sealed *sealed)
{
    coffre_record_keys keys;
    coffre_session session;
    coffre_status status;

    poison(&keys, sizeof keys);
    status = coffre_record_open(&world.context, policy, identity, &sealed->record, &keys);
    if (status == COFFRE_OK)
        EXPECT(COFFRE_OK, coffre_record_session(&world.context, &keys, &sealed->record,
                                                world.session_id, &session));
    else
        CHECK(is_zeroed(&keys, sizeof keys));
    return status;
}

static coffre_status open_with(const coffre_identity *identity, const struct sealed *sealed)
{
    return open_under(NULL, identity, sealed);
}

static int is_password(const struct kind *kind)
{
    return kind->allow == COFFRE_ALLOW_PASSWORD;
}

/* What somebody has at hand: a key, or a password that he types in. */
static coffre_status open_at_hand(const struct kind *kind, unsigned which,
                                  const struct sealed *sealed)
{
    coffre_identity typed;
    coffre_status status;

    if (!is_password(kind)) return open_with(&kind->identities[which], sealed);
    status = coffre_password_derive(&world.context, NULL, &sealed->record,
                                    (const uint8_t *)passwords[which], strlen(passwords[which]),
                                    world.scratch, sizeof world.scratch, &typed);
    if (status == COFFRE_OK) status = open_with(&typed, sealed);
    coffre_identity_wipe(&typed);
    return status;
}

/* `before`, with the last byte of the kind's stanza changed: part of the wrapped key. */
static void flip(const struct kind *kind)
{
    size_t last = FIRST_STANZA + coffre_recipient_stanza_size(&kind->recipients[0]) - 1;

    seal(&before, kind);
    memcpy(after.bytes, before.bytes, before.len);
    after.len = before.len;
    after.bytes[last] ^= 1;
}

/* --- operations --- */

static coffre_status op_add(struct kind *kind)
{
    coffre_record_recipient seen;
    coffre_status status;

    begin(&before);
    status = add(&kind->recipients[0]);
    if (status != COFFRE_OK) return status;
    finish(&before);
    EXPECT(COFFRE_OK, coffre_record_recipient_at(&before.record, 0, &seen));
    CHECK(seen.type == kind->type && memcmp(seen.id, kind->ids[0], 16) == 0);
    return status;
}

static coffre_status op_add_twice(struct kind *kind)
{
    seal(&before, kind);
    edit();
    return add(&kind->recipients[0]);
}

static coffre_status op_add_another(struct kind *kind)
{
    coffre_status status;

    seal(&before, kind);
    edit();
    status = add(&kind->recipients[1]);
    finish(&after);
    EXPECT(COFFRE_OK, open_with(&kind->identities[0], &after));
    if (status == COFFRE_OK) EXPECT(COFFRE_OK, open_with(&kind->identities[1], &after));
    return status;
}

static coffre_status op_remove(struct kind *kind)
{
    coffre_status status;

    seal(&before, kind);
    edit();
    status = coffre_record_remove_recipient(&writer, kind->ids[0]);
    finish(&after);
    EXPECT(COFFRE_OK, open_with(&world.pair, &after));
    EXPECT(COFFRE_OK, open_at_hand(kind, 0, &before)); /* an old copy still opens */
    return status;
}

static coffre_status op_open_removed(struct kind *kind)
{
    op_remove(kind);
    EXPECT(COFFRE_ERR_WRONG_KEY, open_with(&kind->identities[0], &after));
    return open_at_hand(kind, 0, &after);
}

static coffre_status op_remove_absent(struct kind *kind)
{
    seal(&before, kind);
    edit();
    return coffre_record_remove_recipient(&writer, kind->ids[1]);
}

static coffre_status replace(struct kind *kind, const uint8_t *old_id, unsigned new)
{
    coffre_status status;

    seal(&before, kind);
    edit();
    status = coffre_record_replace_recipient(&world.context, &writer, old_id,
                                             &kind->recipients[new]);
    finish(&after);
    return status;
}

static coffre_status op_replace(struct kind *kind)
{
    coffre_status status = replace(kind, kind->ids[0], 1);

    EXPECT(COFFRE_OK, open_with(&kind->identities[1], &after));
    EXPECT(COFFRE_ERR_WRONG_KEY, open_with(&kind->identities[0], &after));
    return status;
}

static coffre_status op_rewrap(struct kind *kind)
{
    coffre_status status = replace(kind, kind->ids[0], 0);

    EXPECT(COFFRE_OK, open_at_hand(kind, 0, &after));
    return status;
}

static coffre_status op_replace_absent(struct kind *kind)
{
    coffre_status status = replace(kind, kind->ids[1], 1);

    EXPECT(COFFRE_OK, open_at_hand(kind, 0, &after));
    return status;
}

static coffre_status op_open(struct kind *kind)
{
    seal(&before, kind);
    EXPECT(COFFRE_OK, open_with(&kind->identities[0], &before));
    EXPECT(COFFRE_OK, coffre_challenge_check(&world.context, &kind->identities[0], world.instance,
                                             0, before.bytes, before.len, NULL));
    return open_at_hand(kind, 0, &before);
}

static coffre_status op_rotate(struct kind *kind)
{
    coffre_status status;

    seal(&before, kind);
    status = coffre_record_rotate(&world.context, &before.keys, &before.record, 2, after.bytes,
                                  sizeof after.bytes, &writer);
    check_must(add(&kind->recipients[0]), kind->name);
    finish(&after);
    EXPECT(COFFRE_OK, open_at_hand(kind, 0, &after));
    return status;
}

static coffre_status op_rotated_open(struct kind *kind)
{
    op_rotate(kind);
    EXPECT(COFFRE_ERR_WRONG_KEY, open_with(&world.pair, &after));
    return coffre_record_edit(&world.context, &before.keys, &after.record, 3, other.bytes,
                              sizeof other.bytes, &writer);
}

static coffre_status op_wrong_key(struct kind *kind)
{
    seal(&before, kind);
    EXPECT(COFFRE_ERR_WRONG_KEY, open_with(&kind->identities[1], &before));
    return open_at_hand(kind, 1, &before);
}

static coffre_status op_damaged(struct kind *kind)
{
    flip(kind);
    return coffre_record_read(after.bytes, after.len, &after.record);
}

static coffre_status op_forged(struct kind *kind)
{
    flip(kind);
    fix_checksum(after.bytes, after.len);
    EXPECT(COFFRE_OK, coffre_record_read(after.bytes, after.len, &after.record));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, open_with(&world.pair, &after)); /* the MAC */
    return open_at_hand(kind, 0, &after);
}

/* The stanza of another record of the same restore point: both are genuine, but not together. */
static coffre_status op_other_storage_key(struct kind *kind)
{
    size_t size = coffre_recipient_stanza_size(&kind->recipients[0]);

    seal(&before, kind);
    seal(&other, kind);
    memcpy(before.bytes + FIRST_STANZA, other.bytes + FIRST_STANZA, size);
    fix_checksum(before.bytes, before.len);
    EXPECT(COFFRE_OK, coffre_record_read(before.bytes, before.len, &before.record));
    return open_at_hand(kind, 0, &before);
}

static coffre_status op_policy_kind(struct kind *kind)
{
    coffre_policy policy = COFFRE_POLICY_INIT;
    coffre_status status;

    seal(&before, kind);
    policy.recipients &= ~kind->allow;
    answerers_say(-1); /* nobody is asked for it */
    status = open_under(&policy, &kind->identities[0], &before);
    answerers_say(0);
    policy.recipients = kind->allow;
    EXPECT(COFFRE_OK, open_under(&policy, &kind->identities[0], &before));
    return status;
}

static coffre_status op_policy_cost(struct kind *kind)
{
    coffre_policy policy = COFFRE_POLICY_INIT;
    coffre_identity typed;

    seal(&before, kind);
    policy.max_pbkdf2_iterations = 999;
    policy.max_argon2_memory_kib = WORLD_ARGON2ID_KIB - 1;
    if (!is_password(kind)) return open_under(&policy, &kind->identities[0], &before);
    return coffre_password_derive(&world.context, &policy, &before.record,
                                  (const uint8_t *)passwords[0], strlen(passwords[0]),
                                  world.scratch, sizeof world.scratch, &typed);
}

static coffre_status op_unavailable_add(struct kind *kind)
{
    coffre_status status;

    begin(&before);
    answerers_say(-1);
    status = add(&kind->recipients[0]);
    answerers_say(0);
    return status;
}

static coffre_status op_unavailable_open(struct kind *kind)
{
    coffre_status status;

    seal(&before, kind);
    answerers_say(-1);
    status = open_at_hand(kind, 0, &before);
    answerers_say(0);
    EXPECT(COFFRE_OK, open_at_hand(kind, 0, &before));
    return status;
}

#endif
