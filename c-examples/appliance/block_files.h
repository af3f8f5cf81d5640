/* block_files.h: a block store that is a directory of plain files. */
#ifndef APPLIANCE_BLOCK_FILES_H
#define APPLIANCE_BLOCK_FILES_H

#include "block_store.h"

/* The directory must exist; `problem` receives the messages and outlives the store. A writer, who
 * holds the lock, first removes what a killed writer left in tmp/.
 */
enum outcome block_files_open(struct problem *problem, const char *directory, bool writer,
                              struct block_store *store);

/* Makes the directories that an empty store needs; existing ones are fine. */
enum outcome block_files_create(struct problem *problem, const char *directory);

/* For block_files.c: every file below root/prefix, as block_store.h's list. */
enum outcome block_files_list(struct problem *problem, const char *root, const char *prefix,
                              store_visit visit, void *user);

#endif
