#include "desk/checklist.h"

#include "desk/complete.h"

static const char *const names[CHECKLIST_N_STATES] = {
    [CHECKLIST_THERE] = "there",
    [CHECKLIST_MISSING] = "missing",
    [CHECKLIST_FAULTY] = "faulty",
    [CHECKLIST_NOT_NEEDED] = "not needed",
};

const char *checklist_state_name(enum checklist_state state)
{
    return names[state];
}

static bool has_partner(const struct request *r)
{
    return r->partner != NULL;
}

static bool has_domain(const struct request *r)
{
    return r->domain != NULL;
}

static bool has_owa_url(const struct request *r)
{
    return r->owa_url != NULL;
}

static bool has_file(const struct request *r)
{
    return r->file_id != 0;
}

static bool has_credentials(const struct request *r)
{
    return r->admin != NULL;
}

static bool has_dates(const struct request *r)
{
    return r->start != NULL || r->cutover != NULL;
}

#define BIT(piece) (1u << COMPLETE_##piece)

/* What of complete.h says that a piece is not there, or is no good. */
static const struct {
    const char *piece, *name;
    bool (*is_there)(const struct request *r);
    unsigned int missing, faulty; /* 1 << enum complete_piece, or'ed */
} pieces[CHECKLIST_N] = {
    { "partner-id", "Partner ID", has_partner, BIT(PARTNER), 0 },
    { "domain", "Domain", has_domain, BIT(DOMAIN), 0 },
    { "owa-url", "OWA URL", has_owa_url, BIT(OWA_URL), BIT(OWA_UNREACHABLE) },
    { "import-file", "Import file", has_file, BIT(FILE),
      BIT(FILE_SORT) | BIT(FILE_FAULTS) },
    { "credentials", "Administrative credentials", has_credentials,
      BIT(CREDENTIALS), BIT(CREDENTIALS_REFUSED) },
    { "dates", "Dates", has_dates, 0, BIT(DATE) },
};

static const char *ask_for(unsigned int bits)
{
    for (int i = 0; i < COMPLETE_N_PIECES; i++)
        if ((bits & (1u << i)) != 0)
            return complete_rule((enum complete_piece)i)->text;
    return NULL;
}

void checklist_of(const struct request *r,
                  struct checklist_row ret[CHECKLIST_N])
{
    const unsigned int lacks =
        complete_parse(r->missing != NULL ? r->missing : "").missing;

    for (size_t i = 0; i < CHECKLIST_N; i++) {
        enum checklist_state state =
            pieces[i].is_there(r) ? CHECKLIST_THERE : CHECKLIST_NOT_NEEDED;

        if ((lacks & pieces[i].missing) != 0)
            state = CHECKLIST_MISSING;
        else if ((lacks & pieces[i].faulty) != 0)
            state = CHECKLIST_FAULTY;
        ret[i] = (struct checklist_row){
            .piece = pieces[i].piece,
            .name = pieces[i].name,
            .state = state,
            .ask = ask_for(lacks & (pieces[i].missing | pieces[i].faulty)),
        };
    }
}
