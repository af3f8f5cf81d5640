/* recipient_table.c: every operation on the recipients of a record, with every kind of recipient:
 * what the library says, cell by cell. The table in docs/KEYS.md is what this program makes; it
 * fails when they differ. The operations are in recipient_operations.h.
 *
 * Usage: recipient_table [--write]   from the root of the tree; --write makes the table anew
 */
#include "generated_part.h"
#include "recipient_operations.h"

#define DOCUMENT "docs/KEYS.md"

#define OK COFFRE_OK
#define ALL(status) {(status), (status), (status), (status), (status), (status)}

static const struct operation {
    const char *name, *functions;
    coffre_status (*run)(struct kind *);
    coffre_status expected[KINDS];
} operations[] = {
    {"add", "`coffre_record_add_recipient`", op_add, ALL(OK)},
    {"add it again", "`coffre_record_add_recipient`", op_add_twice, ALL(COFFRE_ERR_DUPLICATE)},
    {"add another one of the kind", "`coffre_record_add_recipient`", op_add_another,
     {OK, OK, COFFRE_ERR_DUPLICATE, COFFRE_ERR_DUPLICATE, OK, OK}},
    {"add, nobody answers", "`coffre_record_add_recipient`", op_unavailable_add,
     {OK, OK, OK, OK, COFFRE_ERR_CALLBACK, OK}},
    {"remove", "`coffre_record_remove_recipient`", op_remove, ALL(OK)},
    {"remove one that is not there", "`coffre_record_remove_recipient`", op_remove_absent,
     ALL(COFFRE_ERR_NOT_FOUND)},
    {"replace by another one", "`coffre_record_replace_recipient`", op_replace, ALL(OK)},
    {"replace by itself", "`coffre_record_replace_recipient`", op_rewrap, ALL(OK)},
    {"replace one that is not there", "`coffre_record_replace_recipient`", op_replace_absent,
     ALL(COFFRE_ERR_NOT_FOUND)},
    {"rotate", "`coffre_record_rotate`", op_rotate, ALL(OK)},
    {"change a rotated record with the keys from before", "`coffre_record_edit`", op_rotated_open,
     ALL(COFFRE_ERR_OTHER_STORAGE_KEY)},
    {"open", "`coffre_record_open`", op_open, ALL(OK)},
    {"open after removal", "`coffre_record_open`", op_open_removed, ALL(COFFRE_ERR_WRONG_KEY)},
    {"open with another key or password", "`coffre_record_open`", op_wrong_key,
     {COFFRE_ERR_WRONG_KEY, COFFRE_ERR_WRONG_KEY, COFFRE_ERR_WRONG_PASSWORD,
      COFFRE_ERR_WRONG_PASSWORD, COFFRE_ERR_WRONG_KEY, COFFRE_ERR_WRONG_KEY}},
    {"open, nobody answers", "`coffre_record_open`", op_unavailable_open,
     {OK, OK, OK, OK, COFFRE_ERR_CALLBACK, COFFRE_ERR_CALLBACK}},
    {"open, the policy forbids the kind", "`coffre_record_open`", op_policy_kind,
     ALL(COFFRE_ERR_POLICY_RECIPIENT)},
    {"open, the policy allows less cost", "`coffre_password_derive`, `coffre_record_open`",
     op_policy_cost, {OK, OK, COFFRE_ERR_OVER_COST, COFFRE_ERR_OVER_COST, OK, OK}},
    {"read, the stanza is damaged", "`coffre_record_read`", op_damaged, ALL(COFFRE_ERR_DAMAGED)},
    {"open, the stanza is forged", "`coffre_record_open`", op_forged,
     {COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_WRONG_PASSWORD,
      COFFRE_ERR_WRONG_PASSWORD, COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_NOT_AUTHENTIC}},
    {"open, the stanza is of another record", "`coffre_record_open`", op_other_storage_key,
     ALL(COFFRE_ERR_OTHER_STORAGE_KEY)},
};

static void fill(struct part *part)
{
    char about[128];

    part_add(part, "| operation |");
    for (int i = 0; i < KINDS; i++)
        part_add(part, " %s |", kinds[i].name);
    part_add(part, "\n|---|---|---|---|---|---|---|\n");
    for (size_t n = 0; n < sizeof operations / sizeof *operations; n++) {
        const struct operation *operation = &operations[n];

        part_add(part, "| **%s**<br>%s |", operation->name, operation->functions);
        for (int i = 0; i < KINDS; i++) {
            snprintf(about, sizeof about, "%s: %s", kinds[i].name, operation->name);
            check_about(about);
            coffre_status found = operation->run(&kinds[i]);
            EXPECT(operation->expected[i], found);
            part_add(part, " `%s`<br>%s |", coffre_status_name(found),
                     coffre_status_message(found));
        }
        part_add(part, "\n");
    }
}

int main(int argc, char **argv)
{
    static struct part part;
    int write = argc > 1 && strcmp(argv[1], "--write") == 0;

    world_make();
    kinds_make();
    fill(&part);
    check_about(DOCUMENT);
    if (!CHECK(part_settle(&part, DOCUMENT, write)))
        printf("%s is not what this program says; run it with --write\n", DOCUMENT);
    return check_end();
}
