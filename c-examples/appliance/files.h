/* files.h: whole files in and out, so that a reader never sees half of one. It knows POSIX, and not
 * what is in the files. */
#ifndef APPLIANCE_FILES_H
#define APPLIANCE_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "outcome.h"

/* directory/name; fails when it does not fit. */
enum outcome path_join(struct problem *problem, const char *directory, const char *name,
                       char path[PATH_MAX]);

bool path_exists(const char *path); /* also a dangling link: whatever would be in the way */

/* The same where it matters that one cannot look: OUT_ENVIRONMENT, such as for a directory that may
 * not be searched. */
enum outcome path_look(struct problem *problem, const char *path, bool *exists);
/* OUT_MISSING: nothing there; OUT_USAGE: something else is. Links are followed. */
enum outcome path_is_directory(struct problem *problem, const char *path);

/* Opens a regular file to be read; a pipe or device in its place is OUT_CORRUPT, and is not waited
 * for. */
enum outcome file_open(struct problem *problem, const char *path, int *fd);

/* The whole file in malloc'd memory; OUT_MISSING when there is none, OUT_CORRUPT when it is larger
 * than `highest`. */
enum outcome file_read(struct problem *problem, const char *path, size_t highest, uint8_t **bytes,
                       size_t *len);

/* Writes directory/name under a temporary name, makes it durable, renames it over what was there,
 * makes that durable. */
enum outcome file_replace(struct problem *problem, const char *directory, const char *name,
                          mode_t mode, const uint8_t *bytes, size_t len);

/* The same for a file of any path that is not there yet: OUT_REFUSED when something is. */
enum outcome file_new(struct problem *problem, const char *path, mode_t mode, const uint8_t *bytes,
                      size_t len);
enum outcome file_must_be_new(struct problem *problem, const char *path);

enum outcome write_all(struct problem *problem, int fd, const char *path, const uint8_t *bytes,
                       size_t len);
enum outcome make_directory(struct problem *problem,
                            const char *path); /* an existing one is fine */
enum outcome sync_directory(struct problem *problem, const char *path);

#endif
