/* cmd_report.c: who can open what, without any key: each record names its recipients. Nothing is
 * proven by it; `check` and `verify` prove.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "recipients.h"
#include "record.h"
#include "text.h"

struct known_key {
    coffre_record_recipient recipient; /* as the first record names it */
    size_t records;
};

struct report {
    struct app *app;
    struct record_names names;
    struct known_key *keys;
    size_t key_count, key_cap;
    enum outcome worst;
};

static enum outcome count_key(struct report *report, const coffre_record_recipient *recipient)
{
    for (size_t i = 0; i < report->key_count; i++) {
        if (memcmp(report->keys[i].recipient.id, recipient->id, sizeof recipient->id) != 0)
            continue;
        report->keys[i].records++;
        return OUT_OK;
    }
    if (report->key_count == report->key_cap) {
        size_t cap = report->key_cap == 0 ? 8 : report->key_cap * 2;
        struct known_key *grown = realloc(report->keys, cap * sizeof *grown);
        if (grown == NULL)
            return fail(&report->app->problem, OUT_ENVIRONMENT, "no memory for the list of keys");
        report->keys = grown;
        report->key_cap = cap;
    }
    struct known_key *key = &report->keys[report->key_count++];
    key->recipient = *recipient;
    key->records = 1;
    return OUT_OK;
}

/* For machines: what the line says, one value each. */
static void out_recipient(struct output *out, const coffre_record_recipient *recipient)
{
    char id[COFFRE_KEY_ID_TEXT_SIZE];

    coffre_key_id_text(recipient->id, id);
    out_text(out, "kind", recipient_kind(recipient->type));
    out_text(out, "key_id", id);
    if (recipient->type == COFFRE_RECIPIENT_EXTERNAL) out_text(out, "name", recipient->text);
    if (recipient->type == COFFRE_RECIPIENT_PBKDF2) {
        out_text(out, "hint", recipient->text);
        out_number(out, "iterations", recipient->iterations);
    }
    if (recipient->type == COFFRE_RECIPIENT_ARGON2ID) {
        out_text(out, "hint", recipient->text);
        out_number(out, "memory_kib", recipient->memory_kib);
        out_number(out, "passes", recipient->iterations);
        out_number(out, "lanes", recipient->lanes);
    }
}

static enum outcome report_recipients(struct report *report, const struct record *record)
{
    struct output *out = &report->app->out;
    coffre_record_recipient recipient;
    char line[RECIPIENT_LINE_SIZE];
    enum outcome outcome = OUT_OK;

    out_list(out, "keys");
    for (uint32_t i = 0; outcome == OUT_OK && i < record->info.recipient_count; i++) {
        coffre_status status = coffre_record_recipient_at(&record->view, i, &recipient);
        if (status != COFFRE_OK)
            return fail_status(&report->app->problem, status, "recipients of a record");
        recipient_line(&recipient, line);
        out_row(out, "    %s", line);
        out_recipient(out, &recipient);
        out_row_end(out);
        outcome = count_key(report, &recipient);
    }
    out_list_end(out);
    return outcome;
}

static enum outcome report_record(struct report *report, const char *name)
{
    struct output *out = &report->app->out;
    struct record record;
    char instance[ID_TEXT_SIZE];
    enum outcome outcome = record_read(report->app, name, &record);

    if (outcome != OUT_OK) {
        report->worst = outcome_worse(report->worst, outcome);
        out_row(out, "%s: %s", name, report->app->problem.text);
        out_text(out, "record", name);
        out_text(out, "outcome", outcome_name(outcome));
        out_text(out, "message", report->app->problem.text);
        out_row_end(out);
        return OUT_OK;
    }
    hex_encode(record.info.instance_id, ID_SIZE, instance);
    /* Which of two that differ counts is not known without a key: this is one of them. */
    outcome = record.conflict ? OUT_CORRUPT : OUT_OK;
    report->worst = outcome_worse(report->worst, outcome);
    out_row(out, "%s  generation %" PRIu64 ", %u key%s inside%s", name, record.info.generation,
            (unsigned)record.info.entry_count, record.info.entry_count == 1 ? "" : "s",
            record.conflict ? ", and another copy of that generation that differs" : "");
    out_text(out, "record", name);
    out_text(out, "outcome", outcome_name(outcome));
    out_text(out, "instance_id", instance);
    out_flag(out, "this_installation",
             memcmp(record.info.instance_id, report->app->installation.id, ID_SIZE) == 0);
    out_number(out, "generation", record.info.generation);
    out_number(out, "entries", record.info.entry_count);
    outcome = report_recipients(report, &record);
    out_row_end(out);
    record_close(&record);
    return outcome;
}

static void report_keys(const struct report *report)
{
    struct output *out = &report->app->out;
    char id[COFFRE_KEY_ID_TEXT_SIZE];

    out_list(out, "keys");
    for (size_t i = 0; i < report->key_count; i++) {
        const coffre_record_recipient *recipient = &report->keys[i].recipient;
        coffre_key_id_text(recipient->id, id);
        out_row(out, "key %s (%s) opens %zu of %zu records", id, recipient_kind(recipient->type),
                report->keys[i].records, report->names.count);
        out_recipient(out, recipient);
        out_number(out, "opens_records", report->keys[i].records);
        out_flag(out, "opens_all", report->keys[i].records == report->names.count);
        out_row_end(out);
    }
    out_list_end(out);
    out_number(out, "record_count", report->names.count);
}

static enum outcome report_run(struct report *report)
{
    struct app *app = report->app;
    enum outcome outcome = app_open(app, 0);

    if (outcome == OUT_OK) outcome = record_names(app, &report->names);
    if (outcome != OUT_OK) return outcome;
    out_list(&app->out, "records");
    for (size_t i = 0; outcome == OUT_OK && i < report->names.count; i++) {
        outcome = report_record(report, report->names.names[i]);
    }
    out_list_end(&app->out);
    if (outcome != OUT_OK) return outcome;
    report_keys(report);
    if (report->worst == OUT_OK) return OUT_OK;
    return fail(&app->problem, report->worst,
                "at least one record could not be read, or has two copies that differ; see above");
}

enum outcome command_report(struct app *app)
{
    struct report report = {.app = app};
    enum outcome outcome = report_run(&report);

    free(report.names.names);
    free(report.keys);
    return outcome;
}
