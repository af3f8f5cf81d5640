/* scrub_kits.c: scrubs the recovery kits that lie in the repository. See scrub.h. */
#include "kit_store.h"
#include "scrub.h"

static enum outcome scrub_kit(void *user, const struct stored_kit *kit)
{
    struct scrub *scrub = user;

    if (!kit->named) {
        scrub->unknown++;
        out_note(&scrub->app->out, "%s is not the name of a kit; nothing here needs it", kit->name);
        return OUT_OK;
    }
    scrub->kits++;
    if (kit->outcome == OUT_OK) return OUT_OK;
    scrub->app->problem = kit->problem;
    scrub_finding(scrub, kit->outcome, kit->name);
    return OUT_OK;
}

void scrub_kits(struct scrub *scrub)
{
    enum outcome outcome = kit_store_each(scrub->app, scrub_kit, scrub);
    if (outcome != OUT_OK) scrub_finding(scrub, outcome, KITS);
}
