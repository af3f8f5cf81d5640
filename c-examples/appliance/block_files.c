/* block_files.c: a block store in a directory: block_store.h is the contract. An object is written
 * to tmp/, made durable and renamed to its name, so that a file under a name is whole at any
 * moment. Directories are made durable by sync. It knows nothing of what is in the objects.
 */
#include "block_files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

#define DIRTY_MAX      300 /* the 256 directories of blocks, and some */
#define DIRECTORY_SIZE 48

struct block_files {
    struct problem *problem;
    char root[PATH_MAX];
    unsigned uploads;                      /* numbers the temporary files */
    char dirty[DIRTY_MAX][DIRECTORY_SIZE]; /* directories with renames that are not durable yet */
    size_t dirty_count;
};

struct store_upload {
    struct block_files *files;
    int fd;
    char name[OBJECT_NAME_SIZE];
    char temporary[PATH_MAX];
};

static enum outcome files_sync(void *self)
{
    struct block_files *files = self;

    while (files->dirty_count > 0) {
        char path[PATH_MAX];
        enum outcome outcome =
            path_join(files->problem, files->root, files->dirty[files->dirty_count - 1], path);
        if (outcome == OUT_OK && path_exists(path)) outcome = sync_directory(files->problem, path);
        if (outcome != OUT_OK) return outcome;
        files->dirty_count--;
    }
    return OUT_OK;
}

/* Remembers the directory that holds `name`; "." is the root itself. */
static enum outcome mark_dirty(struct block_files *files, const char *name)
{
    const char *slash = strrchr(name, '/');
    char directory[DIRECTORY_SIZE] = ".";

    if (slash != NULL) {
        if ((size_t)(slash - name) >= sizeof directory)
            return fail(files->problem, OUT_INTERNAL, "name: %s", name);
        memcpy(directory, name, (size_t)(slash - name));
        directory[slash - name] = '\0';
    }
    for (size_t i = 0; i < files->dirty_count; i++) {
        if (strcmp(files->dirty[i], directory) == 0) return OUT_OK;
    }
    if (files->dirty_count == DIRTY_MAX) {
        enum outcome outcome = files_sync(files);
        if (outcome != OUT_OK) return outcome;
    }
    memcpy(files->dirty[files->dirty_count++], directory, sizeof directory);
    return OUT_OK;
}

static enum outcome files_size(void *self, const char *name, uint64_t *size)
{
    struct block_files *files = self;
    char path[PATH_MAX];
    struct stat found;
    enum outcome outcome = path_join(files->problem, files->root, name, path);

    if (outcome != OUT_OK) return outcome;
    if (stat(path, &found) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return fail(files->problem, OUT_MISSING, "%s is missing", path);
        return fail_errno(files->problem, "look at", path);
    }
    if (S_ISDIR(found.st_mode))
        return fail(files->problem, OUT_MISSING, "%s is missing: a directory is in its place",
                    path);
    if (!S_ISREG(found.st_mode))
        return fail(files->problem, OUT_CORRUPT, "%s: expected a regular file", path);
    *size = (uint64_t)found.st_size;
    return OUT_OK;
}

static enum outcome files_read(void *self, const char *name, uint64_t offset, uint8_t *out,
                               size_t len)
{
    struct block_files *files = self;
    char path[PATH_MAX];
    enum outcome outcome = path_join(files->problem, files->root, name, path);

    if (outcome != OUT_OK) return outcome;
    int fd;
    outcome = file_open(files->problem, path, &fd);
    if (outcome != OUT_OK) return outcome;
    for (size_t done = 0; outcome == OUT_OK && done < len;) {
        ssize_t got = pread(fd, out + done, len - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            outcome = fail_errno(files->problem, "read", path);
        } else if (got == 0) {
            outcome = fail(files->problem, OUT_CORRUPT,
                           "%s is cut short: expected %" PRIu64 " bytes, found %" PRIu64, path,
                           offset + len, offset + done);
        } else {
            done += (size_t)got;
        }
    }
    close(fd);
    return outcome;
}

static enum outcome files_create(void *self, const char *name, struct store_upload **upload)
{
    struct block_files *files = self;
    struct store_upload *fresh = malloc(sizeof *fresh);
    char temporary[32];

    if (fresh == NULL) return fail(files->problem, OUT_ENVIRONMENT, "no memory to write %s", name);
    fresh->files = files;
    snprintf(fresh->name, sizeof fresh->name, "%s", name);
    snprintf(temporary, sizeof temporary, "tmp/%u", files->uploads++);
    enum outcome outcome = path_join(files->problem, files->root, temporary, fresh->temporary);
    if (outcome == OUT_OK) {
        /* Only writers come here, and they hold the lock: whatever has this name is a killed run's.
         */
        fresh->fd = open(fresh->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fresh->fd < 0) outcome = fail_errno(files->problem, "create", fresh->temporary);
    }
    if (outcome != OUT_OK) {
        free(fresh);
        return outcome;
    }
    *upload = fresh;
    return OUT_OK;
}

static enum outcome files_append(struct store_upload *upload, const uint8_t *bytes, size_t len)
{
    return write_all(upload->files->problem, upload->fd, upload->temporary, bytes, len);
}

/* Renames to the object's place; makes the place's directory when it is the first object there. */
static enum outcome move_to_place(struct store_upload *upload)
{
    struct block_files *files = upload->files;
    char path[PATH_MAX], directory[PATH_MAX];
    enum outcome outcome = path_join(files->problem, files->root, upload->name, path);

    if (outcome != OUT_OK) return outcome;
    if (rename(upload->temporary, path) != 0) {
        if (errno != ENOENT) return fail_errno(files->problem, "rename to", path);
        memcpy(directory, path, sizeof directory);
        *strrchr(directory, '/') = '\0';
        outcome = make_directory(files->problem, directory);
        if (outcome == OUT_OK) outcome = mark_dirty(files, directory + strlen(files->root) + 1);
        if (outcome == OUT_OK && rename(upload->temporary, path) != 0) {
            outcome = fail_errno(files->problem, "rename to", path);
        }
        if (outcome != OUT_OK) return outcome;
    }
    return mark_dirty(files, upload->name);
}

static void files_abandon(struct store_upload *upload)
{
    if (upload == NULL) return;
    close(upload->fd);
    unlink(upload->temporary);
    free(upload);
}

static enum outcome files_finish(struct store_upload *upload)
{
    enum outcome outcome = OUT_OK;

    if (fsync(upload->fd) != 0)
        outcome = fail_errno(upload->files->problem, "write", upload->temporary);
    if (outcome == OUT_OK) outcome = move_to_place(upload);
    if (outcome != OUT_OK) {
        files_abandon(upload);
        return outcome;
    }
    close(upload->fd);
    free(upload);
    return OUT_OK;
}

static enum outcome files_remove(void *self, const char *name)
{
    struct block_files *files = self;
    char path[PATH_MAX];
    enum outcome outcome = path_join(files->problem, files->root, name, path);

    if (outcome != OUT_OK) return outcome;
    if (unlink(path) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return OUT_OK;
        return fail_errno(files->problem, "remove", path);
    }
    outcome = mark_dirty(files, name);
    if (outcome != OUT_OK || strncmp(name, "points/", 7) != 0) return outcome;
    *strrchr(path, '/') = '\0';
    return rmdir(path) == 0 ? mark_dirty(files, "points/.") : OUT_OK; /* not empty yet */
}

static enum outcome files_list(void *self, const char *prefix, store_visit visit, void *user)
{
    struct block_files *files = self;
    return block_files_list(files->problem, files->root, prefix, visit, user);
}

static void files_close(void *self)
{
    free(self);
}

enum outcome block_files_create(struct problem *problem, const char *directory)
{
    static const char *const parts[] = {"tmp", "blocks", "points", "unfinished"};
    char path[PATH_MAX];
    enum outcome outcome = make_directory(problem, directory);

    for (size_t i = 0; outcome == OUT_OK && i < sizeof parts / sizeof parts[0]; i++) {
        outcome = path_join(problem, directory, parts[i], path);
        if (outcome == OUT_OK) outcome = make_directory(problem, path);
    }
    return outcome == OUT_OK ? sync_directory(problem, directory) : outcome;
}

static enum outcome remove_temporary(void *user, const char *name)
{
    return files_remove(user, name);
}

/* These two are made again when they are gone: nothing is in them that a backup needs. */
static enum outcome prepare_to_write(struct block_files *files)
{
    static const char *const parts[] = {"tmp", "unfinished"};
    char path[PATH_MAX];
    enum outcome outcome = OUT_OK;

    for (size_t i = 0; outcome == OUT_OK && i < sizeof parts / sizeof parts[0]; i++) {
        outcome = path_join(files->problem, files->root, parts[i], path);
        if (outcome != OUT_OK || path_exists(path)) continue;
        outcome = make_directory(files->problem, path);
        if (outcome == OUT_OK) outcome = mark_dirty(files, ".");
    }
    return outcome == OUT_OK ? files_list(files, "tmp/", remove_temporary, files) : outcome;
}

enum outcome block_files_open(struct problem *problem, const char *directory, bool writer,
                              struct block_store *store)
{
    struct block_files *files = calloc(1, sizeof *files);

    if (files == NULL) return fail(problem, OUT_ENVIRONMENT, "no memory to open %s", directory);
    int len = snprintf(files->root, sizeof files->root, "%s", directory);
    if (len < 0 || len >= PATH_MAX) {
        free(files);
        return fail(problem, OUT_USAGE, "path too long: %s", directory);
    }
    files->problem = problem;
    *store = (struct block_store){files,        files_size,   files_read,    files_create,
                                  files_append, files_finish, files_abandon, files_sync,
                                  files_remove, files_list,   files_close};
    return writer ? prepare_to_write(files) : OUT_OK;
}
