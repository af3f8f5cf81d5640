/* cmd_verify.c: opens every block of one or all restore points with the key, as a restore would
 * (verify_point.c), and compares the database's rows with what was sealed (verify_rows.c). Which
 * restore points there are is read from points/, as scrub does. It goes on after a failure and
 * names each; nothing is changed.
 */
#include "verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

void verify_finding(struct verify *verify, enum outcome outcome, const uint64_t *position,
                    const char *message)
{
    struct output *out = &verify->app->out;
    const char *about = verify->id_text[0] != '\0' ? "restore point " : "all restore points";

    verify->findings++;
    verify->worst = outcome_worse(verify->worst, outcome);
    if (position != NULL) {
        out_row(out, "%s: %s%s, position %" PRIu64 ": %s", outcome_name(outcome), about,
                verify->id_text, *position, message);
    } else {
        out_row(out, "%s: %s%s: %s", outcome_name(outcome), about, verify->id_text, message);
    }
    out_text(out, "restore_point", verify->id_text);
    out_text(out, "outcome", outcome_name(outcome));
    if (position != NULL) out_number(out, "position", *position);
    out_text(out, "message", message);
    out_row_end(out);
}

/* Who made each, for the list at the end. */
struct origins {
    struct found_origin {
        char id_text[ID_TEXT_SIZE];
        struct point_origin origin;
    } * found;
    size_t count;
};

static void print_origins(struct verify *verify, const struct origins *origins)
{
    struct output *out = &verify->app->out;
    char text[ORIGIN_TEXT_SIZE];

    out_list(out, "origins");
    for (size_t i = 0; i < origins->count; i++) {
        const struct found_origin *one = &origins->found[i];
        out_row(out, "%-24s%s, restore point %s", "origin", origin_text(&one->origin, text),
                one->id_text);
        out_text(out, "restore_point", one->id_text);
        origin_print(out, &one->origin);
        out_row_end(out);
    }
    out_list_end(out);
}

static void verify_points(struct verify *verify, const struct point_list *list, const uint8_t *only,
                          struct origins *origins)
{
    for (size_t i = 0; i < list->count; i++) {
        if (point_is_unfinished(&list->points[i])) continue;
        if (only != NULL && memcmp(list->points[i].id, only, ID_SIZE) != 0) continue;
        verify_point(verify, &list->points[i]);
        point_close(&verify->point);
        struct found_origin *one = &origins->found[origins->count++];
        memcpy(one->id_text, verify->id_text, sizeof one->id_text);
        one->origin = verify->origin;
    }
    verify->id_text[0] = '\0';
    if (only == NULL) verify_lost_points(verify, list);
}

static enum outcome verify_run(struct verify *verify)
{
    struct app *app = verify->app;
    struct point_list list;
    struct origins origins = {NULL, 0};
    uint8_t only[ID_SIZE];
    bool one = app->options.argument_count > 0;
    enum outcome outcome = app_open(app, APP_KEYS);

    if (outcome == OUT_OK) outcome = origin_demand_read(app, &verify->demand);
    if (outcome == OUT_OK && one) outcome = point_find(app, app->options.arguments[0], only);
    if (outcome != OUT_OK) return outcome;
    out_list(&app->out, "findings");
    outcome = point_list(app, &list);
    if (outcome != OUT_OK) verify_finding(verify, outcome, NULL, app->problem.text);
    origins.found = calloc(list.count + 1, sizeof *origins.found);
    if (origins.found != NULL) verify_points(verify, &list, one ? only : NULL, &origins);
    free(list.points);
    out_list_end(&app->out);
    if (origins.found == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory");
    print_origins(verify, &origins);
    free(origins.found);
    out_number(&app->out, "restore_points", verify->points);
    out_number(&app->out, "blocks", verify->blocks);
    out_number(&app->out, "finding_count", verify->findings);
    out_real(&app->out, "seconds", verify->seconds);
    out_real(&app->out, "mib_per_second",
             verify->seconds > 0 ? (double)verify->bytes / 1048576 / verify->seconds : 0);
    if (verify->worst == OUT_OK) return OUT_OK;
    return fail(&app->problem, verify->worst, "%" PRIu64 " finding%s, the gravest: %s",
                verify->findings, verify->findings == 1 ? "" : "s", outcome_name(verify->worst));
}

enum outcome command_verify(struct app *app)
{
    struct verify *verify = calloc(1, sizeof *verify);

    if (verify == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory");
    verify->app = app;
    enum outcome outcome = verify_run(verify);
    origin_demand_wipe(&verify->demand);
    free(verify);
    return outcome;
}
