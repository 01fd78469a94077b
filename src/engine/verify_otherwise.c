#include "base/spool.h"
#include "engine/finding.h"
#include "engine/hidden.h"
#include "engine/verify_priv.h"

/*
 * Items that went whole, and that one side does not give whole now.  A server
 * takes FastTransfer streams by one operation and gives them by another, which
 * may be withheld, or refuse single items.  Both sides' properties still can
 * be compared.
 */

/* So many, one after the other and none without: hardly the items. */
#define REFUSED_MAX 5

static bool is_hidden(const struct verify *v, const struct store_item *row)
{
    for (guint i = 0; i < v->rows->len; i++) {
        const struct store_folder *folder = v->rows->pdata[i];

        if (folder->id == row->folder_id)
            return hidden_is(folder->source_id);
    }
    return false;
}

/* What is hidden says by its properties next to nothing. */
static bool may_be_otherwise(const struct verify *v,
                             const struct store_item *row)
{
    const struct engine_job *job = v->pass.job;

    return row->format == PAYLOAD_FTS &&
           (job->source->caps & job->destination->caps &
            ENDPOINT_CAP_PORTABLE) != 0 &&
           !is_hidden(v, row);
}

enum payload_format verify_format(struct verify *v,
                                  const struct store_item *row)
{
    bool otherwise;

    pthread_mutex_lock(&v->pass.lock);
    otherwise = v->fts_refused >= REFUSED_MAX && !v->fts_known;
    pthread_mutex_unlock(&v->pass.lock);
    return otherwise && may_be_otherwise(v, row)
               ? PAYLOAD_PORTABLE
               : (enum payload_format)row->format;
}

static void tell(struct verify *v, enum side side, const struct err *why)
{
    g_autofree char *text =
        g_strdup_printf("items are compared by MIME and properties, which is "
                        "not all of them: %s: %s",
                        side_name(side), why->msg);

    pass_note(&v->pass,
              &(struct pass_note){ .about = finding_heading(FINDING_COMPARED),
                                   .text = text });
}

bool verify_is_refused(struct verify *v, const struct store_item *row,
                       enum side side, const struct reading *reading)
{
    bool first;

    if (reading->end == READING_DONE && side == DESTINATION) {
        pthread_mutex_lock(&v->pass.lock);
        v->fts_known = true;
        pthread_mutex_unlock(&v->pass.lock);
    }
    if (reading->end != READING_FAILED ||
        reading->why.retry != ERR_RETRY_NEVER ||
        spool_is_at_fault(&reading->why) || !may_be_otherwise(v, row))
        return false;
    pthread_mutex_lock(&v->pass.lock);
    first = v->fts_refused++ == 0;
    pthread_mutex_unlock(&v->pass.lock);
    if (first)
        tell(v, side, &reading->why);
    return true;
}
