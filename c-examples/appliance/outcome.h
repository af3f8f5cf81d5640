/* outcome.h: how a step ends, and the message that goes with it. Every function that can fail
 * returns one of these; the value of the last one is the exit code of the program. It knows nothing
 * of files, databases and commands.
 */
#ifndef APPLIANCE_OUTCOME_H
#define APPLIANCE_OUTCOME_H

#include <stddef.h>

#include "coffre.h"

/* The numbers are published in README.md and never change. */
enum outcome {
    OUT_OK = 0,
    OUT_INTERNAL = 1,
    OUT_USAGE = 2,
    OUT_ENVIRONMENT = 3,
    OUT_LOCKED = 4,
    OUT_REFUSED = 5,
    OUT_NOT_FOUND = 6,
    OUT_MISSING = 10,
    OUT_WRONG_KEY = 11,
    OUT_CORRUPT = 12,
    OUT_FOREIGN = 13,
    OUT_STALE = 14,
    OUT_UNSUPPORTED = 15,
    OUT_POLICY = 16,
    OUT_INCONSISTENT = 17
};

#define PROBLEM_SIZE 1536

/* The message of the failure that was met last: what was expected, what was found, what to do. */
struct problem {
    char text[PROBLEM_SIZE];
};

#define PRINTF_LIKE(form, first) __attribute__((format(printf, form, first)))

/* Sets the message and returns the outcome, so that a failure is one statement. */
enum outcome fail(struct problem *problem, enum outcome outcome, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* For a failed system call: `doing` says what was tried with `path`. A full disk gets its own
 * words. */
enum outcome fail_errno(struct problem *problem, const char *doing, const char *path);

/* For a failed call of the library; appends its message and the name of the status. */
enum outcome fail_status(struct problem *problem, coffre_status status, const char *format, ...)
    PRINTF_LIKE(3, 4);

enum outcome outcome_of_status(coffre_status status);
enum outcome outcome_worse(enum outcome a, enum outcome b);
const char *outcome_name(enum outcome outcome);

/* The table of exit codes, for --help: NULL past the end. */
const char *outcome_table(size_t index, enum outcome *outcome);

#endif
