/* cmd_restore.c: writes a restore point to a file. First it makes sure that the target may be
 * written and that the key at hand opens the key record; then it writes to a temporary name beside
 * the target, which gets its real name only when the whole manifest was found genuine and
 * everything is on disk. The database is asked for nothing but the restore point's id.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block_io.h"
#include "commands.h"
#include "files.h"
#include "lock.h"
#include "progress.h"
#include "text.h"

struct restore {
    struct app *app;
    struct point point;
    struct block_buffers buffers;
    struct progress progress;
    const char *target;
    char temporary[PATH_MAX];
    int fd;
    uint64_t written, holes;
    double seconds;
};

static enum outcome check_target(struct restore *restore)
{
    struct app *app = restore->app;
    struct stat found;

    if (lstat(restore->target, &found) != 0) {
        return errno == ENOENT ? OUT_OK : fail_errno(&app->problem, "look at", restore->target);
    }
    if (!S_ISREG(found.st_mode)) {
        return fail(&app->problem, OUT_REFUSED,
                    "%s exists and is not a regular file; name another target", restore->target);
    }
    if (app->options.force) return OUT_OK;
    return fail(&app->problem, OUT_REFUSED,
                "%s exists; nothing was changed. Name another target, or say --force to replace it"
                " once the restore is complete",
                restore->target);
}

/* The lock tells a second restore to the same target that the temporary file is in use. */
static enum outcome open_temporary(struct restore *restore)
{
    struct app *app = restore->app;
    int len = snprintf(restore->temporary, sizeof restore->temporary, "%s.appliance-partial",
                       restore->target);

    if (len < 0 || (size_t)len >= sizeof restore->temporary) {
        restore->temporary[0] = '\0';
        return fail(&app->problem, OUT_USAGE, "path too long: %s", restore->target);
    }
    enum outcome outcome = lock_take(&app->problem, restore->temporary, &restore->fd);
    if (outcome != OUT_OK)
        restore->temporary[0] = '\0'; /* not ours */
    else if (ftruncate(restore->fd, 0) != 0)
        outcome = fail_errno(&app->problem, "empty", restore->temporary);
    return outcome;
}

static enum outcome write_at(struct restore *restore, uint64_t offset, const uint8_t *bytes,
                             size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t put = pwrite(restore->fd, bytes + done, len - done, (off_t)(offset + done));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail_errno(&restore->app->problem, "write", restore->temporary);
        done += (size_t)put;
    }
    return OUT_OK;
}

static enum outcome restore_entry(void *user, const coffre_manifest_entry *entry)
{
    struct restore *restore = user;

    progress_add(&restore->progress, entry->plain_len);
    if (entry->kind == COFFRE_MANIFEST_HOLE) {
        restore->holes++;
        return OUT_OK;
    }
    enum outcome outcome =
        block_fetch(restore->app, &restore->buffers, &restore->point, entry, NULL);
    if (outcome != OUT_OK) return outcome;
    if (all_zero(restore->buffers.plain, entry->plain_len))
        return OUT_OK; /* the file was made of zeros */
    restore->written += entry->plain_len;
    return write_at(restore, entry->position * restore->buffers.block_size, restore->buffers.plain,
                    entry->plain_len);
}

static enum outcome sync_parent(struct restore *restore)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s", restore->target);
    char *slash = strrchr(path, '/');
    if (slash == NULL) return sync_directory(&restore->app->problem, ".");
    slash[slash == path ? 1 : 0] = '\0';
    return sync_directory(&restore->app->problem, path);
}

static enum outcome write_image(struct restore *restore)
{
    struct app *app = restore->app;
    uint64_t size = restore->point.manifest.image_size;
    enum outcome outcome = open_temporary(restore);

    if (outcome == OUT_OK && ftruncate(restore->fd, (off_t)size) != 0) {
        outcome = fail_errno(&app->problem, "enlarge", restore->temporary);
    }
    if (outcome != OUT_OK) return outcome;
    progress_begin(&restore->progress, "restore", size, !app->options.json && !app->options.quiet);
    outcome = point_walk(app, &restore->point, restore_entry, NULL, restore);
    restore->seconds = progress_end(&restore->progress);
    if (outcome == OUT_OK && fsync(restore->fd) != 0)
        outcome = fail_errno(&app->problem, "write", restore->temporary);
    if (outcome == OUT_OK) outcome = check_target(restore); /* it may have appeared meanwhile */
    if (outcome == OUT_OK && rename(restore->temporary, restore->target) != 0) {
        outcome = fail_errno(&app->problem, "rename to", restore->target);
    }
    if (outcome != OUT_OK) return outcome;
    restore->temporary[0] = '\0';
    return sync_parent(restore);
}

static enum outcome restore_run(struct restore *restore)
{
    struct app *app = restore->app;
    struct meta_point row;
    char id[ID_TEXT_SIZE];
    enum outcome outcome = app_open(app, APP_KEYS);

    if (outcome == OUT_OK) outcome = app_find_point(app, app->options.arguments[0], &row);
    if (outcome == OUT_OK) outcome = check_target(restore);
    if (outcome == OUT_OK)
        outcome = point_open(app, row.id, &restore->point); /* the key's check is in here */
    if (outcome == OUT_OK)
        outcome = block_buffers_make(app, restore->point.manifest.block_size, &restore->buffers);
    if (outcome == OUT_OK) outcome = write_image(restore);
    if (outcome != OUT_OK) return outcome;
    hex_encode(row.id, ID_SIZE, id);
    out_text(&app->out, "restore_point", id);
    out_text(&app->out, "target", restore->target);
    out_number(&app->out, "image_size", restore->point.manifest.image_size);
    out_number(&app->out, "bytes_written", restore->written);
    out_number(&app->out, "holes", restore->holes);
    out_real(&app->out, "seconds", restore->seconds);
    out_real(&app->out, "mib_per_second",
             restore->seconds > 0
                 ? (double)restore->point.manifest.image_size / 1048576 / restore->seconds
                 : 0);
    return OUT_OK;
}

enum outcome command_restore(struct app *app)
{
    struct restore *restore = calloc(1, sizeof *restore);

    if (restore == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory");
    restore->app = app;
    restore->target = app->options.arguments[1];
    restore->fd = -1;
    enum outcome outcome = restore_run(restore);
    if (outcome != OUT_OK && restore->temporary[0] != '\0') unlink(restore->temporary);
    if (restore->fd >= 0) close(restore->fd);
    block_buffers_free(&restore->buffers);
    point_close(&restore->point);
    free(restore);
    return outcome;
}
