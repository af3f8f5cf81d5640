/* block_store.h: where objects lie: blocks, key records, manifests, metadata. An object has a name
 * like "points/ID/manifest", is written once, whole or not at all, and is replaced or removed
 * whole. This is all that the rest of the program knows of them; block_files.h keeps them in a
 * directory, an object store would be another of these structs.
 *
 * Each function sets the problem's text when it returns anything but OUT_OK. OUT_MISSING: there is
 * no such object.
 */
#ifndef APPLIANCE_BLOCK_STORE_H
#define APPLIANCE_BLOCK_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "outcome.h"

#define OBJECT_NAME_SIZE 128 /* the longest name, and the NUL */

struct store_upload; /* an object that is being written */

/* Return OUT_OK to go on; anything else ends the listing and is its result. The visitor may not add
 * objects. */
typedef enum outcome (*store_visit)(void *user, const char *name);

struct block_store {
    void *self;
    enum outcome (*size)(void *self, const char *name, uint64_t *size);
    /* Exactly len bytes from offset; fewer there are OUT_CORRUPT. */
    enum outcome (*read)(void *self, const char *name, uint64_t offset, uint8_t *out, size_t len);

    enum outcome (*create)(void *self, const char *name, struct store_upload **upload);
    enum outcome (*append)(struct store_upload *upload, const uint8_t *bytes, size_t len);
    /* The object appears; frees the upload in any case. */
    enum outcome (*finish)(struct store_upload *upload);
    void (*abandon)(struct store_upload *upload); /* nothing appears; NULL is allowed */
    enum outcome (*sync)(void *self); /* whatever appeared so far survives a power cut */

    enum outcome (*remove)(void *self, const char *name); /* an absent object is removed already */
    /* Every object whose name begins with prefix, which ends with '/'; in no order. What cannot be
     * listed is left out, and is the result at the end. */
    enum outcome (*list)(void *self, const char *prefix, store_visit visit, void *user);
    void (*close)(void *self);
};

/* A small object in one call, in both directions. */
enum outcome store_put(const struct block_store *store, const char *name, const uint8_t *bytes,
                       size_t len);
enum outcome store_get(const struct block_store *store, struct problem *problem, const char *name,
                       size_t highest, uint8_t **bytes, size_t *len);

/* Names, and their way back. */
void name_of_block(const coffre_block_id *id, const uint8_t session_id[16],
                   char name[OBJECT_NAME_SIZE]);
bool name_to_block(const char *name, coffre_block_id *id, uint8_t session_id[16]);
void name_of_point(const uint8_t point_id[16], const char *what, char name[OBJECT_NAME_SIZE]);
void name_of_unfinished(const uint8_t point_id[16], char name[OBJECT_NAME_SIZE]);
/* "points/<id>/…" or "unfinished/<id>.rec" */
bool name_to_point(const char *name, uint8_t point_id[16]);

#define REPOSITORY_RECORD "repository.rec"
#define POINT_RECORD      "keys.rec"
#define POINT_MANIFEST    "manifest"
#define POINT_METADATA    "metadata"
#define POINT_ORIGIN      "origin" /* the signature, if there is one */

#endif
