/* cmd_ls.c: the restore points, oldest first, as the database has them. Needs no key. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "commands.h"
#include "text.h"

static void time_text(uint64_t microseconds, char text[32])
{
    time_t when = (time_t)(microseconds / 1000000);
    struct tm parts;

    if (gmtime_r(&when, &parts) == NULL || strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        snprintf(text, 32, "%" PRIu64, microseconds);
    }
}

static enum outcome print_point(void *user, const struct meta_point *point)
{
    struct app *app = user;
    char id[ID_TEXT_SIZE], created[32], size[SIZE_TEXT_SIZE], new_size[SIZE_TEXT_SIZE];
    bool complete = point->state == POINT_COMPLETE;

    hex_encode(point->id, ID_SIZE, id);
    time_text(point->created, created);
    size_text(point->image_size, size);
    size_text(point->new_bytes, new_size);
    out_row(&app->out, "%s  %s  %10s  %10s stored  %s%s", id, created, size, new_size,
            complete ? "" : "(unfinished) ", point->name);
    out_text(&app->out, "id", id);
    out_flag(&app->out, "complete", complete);
    out_text(&app->out, "created", created);
    out_number(&app->out, "created_microseconds", point->created);
    out_number(&app->out, "image_size", point->image_size);
    out_number(&app->out, "block_size", point->block_size);
    out_number(&app->out, "new_blocks", point->new_blocks);
    out_number(&app->out, "new_bytes", point->new_bytes);
    out_text(&app->out, "name", point->name);
    out_row_end(&app->out);
    return OUT_OK;
}

enum outcome command_ls(struct app *app)
{
    enum outcome outcome = app_open(app, 0);

    if (outcome != OUT_OK) return outcome;
    out_list(&app->out, "restore_points");
    outcome = app->meta.each_point(app->meta.self, print_point, app);
    out_list_end(&app->out);
    return outcome;
}
