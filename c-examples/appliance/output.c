/* output.c: see output.h; escape.h says what becomes of bytes that cannot be printed. */
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "escape.h"

/* The reason of the first write that failed; later calls would lose it. */
static void keep_error(struct output *out)
{
    if (out->write_error == 0 && ferror(stdout)) out->write_error = errno != 0 ? errno : EIO;
}

static void json_key(struct output *out, const char *key)
{
    bool *filled = &out->filled[out->depth - 1];

    keep_error(out);
    if (*filled) putchar(',');
    *filled = true;
    if (key == NULL) return;
    escape_json(stdout, key);
    putchar(':');
}

static void json_open(struct output *out, char bracket)
{
    putchar(bracket);
    out->filled[out->depth++] = false;
}

static void json_close(struct output *out, char bracket)
{
    out->depth--;
    putchar(bracket);
}

static bool label(const struct output *out, const char *key)
{
    if (out->depth > 0) return false; /* in a row: its line has said it */
    int column = 0;
    for (; *key != '\0'; key++, column++)
        putchar(*key == '_' ? ' ' : *key);
    for (; column < 24; column++)
        putchar(' ');
    return true;
}

void out_begin(struct output *out, const char *command, bool json)
{
    memset(out, 0, sizeof *out);
    out->json = json;
    out->command = command;
    if (!json) return;
    json_open(out, '{');
    out_text(out, "command", command);
}

void out_text(struct output *out, const char *key, const char *value)
{
    if (out->json) {
        json_key(out, key);
        escape_json(stdout, value);
    } else if (label(out, key)) {
        escape_plain(stdout, value);
        putchar('\n');
    }
}

void out_number(struct output *out, const char *key, uint64_t value)
{
    if (out->json) {
        json_key(out, key);
        printf("%" PRIu64, value);
    } else if (label(out, key)) {
        printf("%" PRIu64 "\n", value);
    }
}

void out_real(struct output *out, const char *key, double value)
{
    if (out->json) {
        json_key(out, key);
        printf("%.3f", value);
    } else if (label(out, key)) {
        printf("%.1f\n", value);
    }
}

void out_flag(struct output *out, const char *key, bool value)
{
    if (out->json) {
        json_key(out, key);
        fputs(value ? "true" : "false", stdout);
    } else if (label(out, key)) {
        puts(value ? "yes" : "no");
    }
}

void out_list(struct output *out, const char *key)
{
    if (!out->json) return;
    json_key(out, key);
    json_open(out, '[');
}

void out_row(struct output *out, const char *format, ...)
{
    char line[PROBLEM_SIZE + POINTS_TEXT_SIZE];
    va_list arguments;

    if (out->json) {
        json_key(out, NULL);
        json_open(out, '{');
        return;
    }
    va_start(arguments, format);
    if (vsnprintf(line, sizeof line, format, arguments) < 0) line[0] = '\0';
    va_end(arguments);
    escape_plain(stdout, line);
    putchar('\n');
    keep_error(out);
    out->depth++;
}

void out_row_end(struct output *out)
{
    if (out->json)
        json_close(out, '}');
    else
        out->depth--;
}

void out_list_end(struct output *out)
{
    if (out->json) json_close(out, ']');
}

/* A line on standard error. */
static void say(const struct output *out, const char *what, const char *text)
{
    fprintf(stderr, "appliance %s: %s", out->command, what);
    escape_plain(stderr, text);
    putc('\n', stderr);
}

void out_note(struct output *out, const char *format, ...)
{
    char text[PROBLEM_SIZE];
    va_list arguments;

    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) < 0) text[0] = '\0';
    va_end(arguments);
    if (!out->json) {
        fflush(stdout);
        say(out, "note: ", text);
    } else if (out->note_count < OUTPUT_NOTES &&
               (out->notes[out->note_count] = strdup(text)) != NULL) {
        out->note_count++;
    } else {
        out->notes_left_off++;
    }
}

static void json_end(struct output *out, enum outcome outcome, const char *message)
{
    struct rusage usage;

    while (out->depth > 1)
        json_close(out, out->depth % 2 == 0 ? ']' : '}'); /* a command that failed inside a list */
    out_flag(out, "ok", outcome == OUT_OK);
    out_number(out, "exit", (uint64_t)outcome);
    out_text(out, "outcome", outcome_name(outcome));
    out_text(out, "message", message);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        out_number(out, "peak_memory_kib", (uint64_t)usage.ru_maxrss);
    json_key(out, "notes");
    json_open(out, '[');
    for (size_t i = 0; i < out->note_count; i++) {
        json_key(out, NULL);
        escape_json(stdout, out->notes[i]);
        free(out->notes[i]);
    }
    json_close(out, ']');
    out_number(out, "notes_left_off", out->notes_left_off);
    json_close(out, '}');
    putchar('\n');
}

enum outcome out_end(struct output *out, enum outcome outcome, const char *message)
{
    char what[64];

    if (out->json) json_end(out, outcome, message);
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        keep_error(out);
        fprintf(stderr, "appliance %s: cannot write to standard output: %s\n", out->command,
                strerror(out->write_error));
        outcome = outcome_worse(outcome, OUT_ENVIRONMENT);
        if (message[0] == '\0') return outcome;
    }
    if (outcome != OUT_OK && !out->json) {
        snprintf(what, sizeof what, "%s: ", outcome_name(outcome));
        say(out, what, message);
    }
    return outcome;
}
