/* output.h: what a command says, as lines for people or as one JSON object for machines. A command
 * names each value once, and does not know which of the two is printed. Errors and progress go to
 * standard error. Nothing of it can act on a terminal: escape.h.
 */
#ifndef APPLIANCE_OUTPUT_H
#define APPLIANCE_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "outcome.h"

#define OUTPUT_NOTES     64
#define OUTPUT_DEPTH     8    /* report needs 5 */
#define POINTS_TEXT_SIZE 1024 /* what a line may have besides a problem: restore points */

struct output {
    bool json;
    const char *command;
    int depth;                 /* how many JSON containers are open */
    bool filled[OUTPUT_DEPTH]; /* per container: a comma is due */
    char *notes[OUTPUT_NOTES]; /* for the end of the JSON object */
    size_t note_count;
    size_t notes_left_off;
    int write_error; /* why standard output failed first; 0: it did not */
};

void out_begin(struct output *out, const char *command, bool json);

/* A value with its key; for people the key's underscores become spaces. Inside a row only the JSON
 * has them. */
void out_text(struct output *out, const char *key, const char *value);
void out_number(struct output *out, const char *key, uint64_t value);
void out_real(struct output *out, const char *key, double value);
void out_flag(struct output *out, const char *key, bool value);

/* A list of rows; out_row's line is for people, the values up to out_row_end for machines. Lists
 * may be in rows. */
void out_list(struct output *out, const char *key);
void out_row(struct output *out, const char *format, ...) PRINTF_LIKE(2, 3);
void out_row_end(struct output *out);
void out_list_end(struct output *out);

/* Something that the operator should know though the command goes on. */
void out_note(struct output *out, const char *format, ...) PRINTF_LIKE(2, 3);

/* Closes the object and prints the error, if there is one. Returns the exit code. */
enum outcome out_end(struct output *out, enum outcome outcome, const char *message);

#endif
