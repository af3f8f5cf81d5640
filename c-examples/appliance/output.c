/* output.c: see output.h. Text is printed as it is for people; in JSON, bytes that are not UTF-8
 * become U+FFFD. */
#include "output.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Length of the well-formed UTF-8 sequence at `text`, 0 if there is none (RFC 3629, table in
 * section 4). */
static size_t utf8_length(const unsigned char *text)
{
    unsigned char lowest = 0x80, highest = 0xbf;
    size_t len;

    if (text[0] < 0x80) return 1;
    if (text[0] >= 0xc2 && text[0] <= 0xdf)
        len = 2;
    else if (text[0] >= 0xe0 && text[0] <= 0xef)
        len = 3;
    else if (text[0] >= 0xf0 && text[0] <= 0xf4)
        len = 4;
    else
        return 0;
    if (text[0] == 0xe0) lowest = 0xa0;
    if (text[0] == 0xed) highest = 0x9f;
    if (text[0] == 0xf0) lowest = 0x90;
    if (text[0] == 0xf4) highest = 0x8f;
    if (text[1] < lowest || text[1] > highest) return 0;
    for (size_t i = 2; i < len; i++) {
        if (text[i] < 0x80 || text[i] > 0xbf) return 0;
    }
    return len;
}

static void json_string(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    putchar('"');
    while (*at != '\0') {
        size_t len = utf8_length(at);
        if (len == 0) {
            fputs("\\ufffd", stdout);
            len = 1;
        } else if (len == 1 && (*at < 0x20 || *at == 0x7f)) {
            printf("\\u%04x", *at);
        } else {
            if (*at == '"' || *at == '\\') putchar('\\');
            fwrite(at, 1, len, stdout);
        }
        at += len;
    }
    putchar('"');
}

static void json_key(struct output *out, const char *key)
{
    bool *filled = &out->filled[out->depth - 1];

    if (*filled) putchar(',');
    *filled = true;
    if (key == NULL) return;
    json_string(key);
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
        json_string(value);
    } else if (label(out, key)) {
        puts(value);
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
    va_list arguments;

    if (out->json) {
        json_key(out, NULL);
        json_open(out, '{');
        return;
    }
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
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

void out_note(struct output *out, const char *format, ...)
{
    char text[PROBLEM_SIZE];
    va_list arguments;

    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) < 0) text[0] = '\0';
    va_end(arguments);
    if (!out->json) {
        fflush(stdout);
        fprintf(stderr, "appliance %s: note: %s\n", out->command, text);
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
        json_string(out->notes[i]);
        free(out->notes[i]);
    }
    json_close(out, ']');
    out_number(out, "notes_left_off", out->notes_left_off);
    json_close(out, '}');
    putchar('\n');
}

enum outcome out_end(struct output *out, enum outcome outcome, const char *message)
{
    if (out->json) json_end(out, outcome, message);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "appliance %s: standard output cannot be written\n", out->command);
        outcome = outcome_worse(outcome, OUT_ENVIRONMENT);
    }
    if (outcome != OUT_OK && !out->json) {
        fprintf(stderr, "appliance %s: %s: %s\n", out->command, outcome_name(outcome), message);
    }
    return outcome;
}
