#include "lab/version.h"

#define MIB (UINT64_C(1) << 20)

/*
 * Builds: 2007 SP1 and 2010 SP2 as in recorded conversations, the others the
 * first of their release.  Request sizes: the web.config that each shipped
 * with (2010 SP1: UploadItems operation, "25MB of base64 encoded data").
 * Concurrency: EWSMaxConcurrency, 10 in 2010 and 27 from 2013; 2007 has no
 * throttling policies.
 */
/* clang-format off */
static const struct version versions[N_RELEASES] = {
    { "Exchange2007_SP1", "Exchange2007_SP1", "Microsoft-IIS/6.0", "2.0.50727",
      13 * MIB, 400, EXCHANGE2007_SP1, 8, 1, 436, 0, 0, false },
    { "Exchange2010", "Exchange2010", "Microsoft-IIS/7.5", "2.0.50727",
      13 * MIB, 404, EXCHANGE2010, 14, 0, 639, 21, 10, false },
    { "Exchange2010_SP1", "Exchange2010_SP1", "Microsoft-IIS/7.5", "2.0.50727",
      25 * MIB, 404, EXCHANGE2010_SP1, 14, 1, 218, 15, 10, false },
    { "Exchange2010_SP2", "Exchange2010_SP2", "Microsoft-IIS/7.5", "2.0.50727",
      25 * MIB, 404, EXCHANGE2010_SP2, 14, 2, 328, 9, 10, true },
    { "Exchange2013", "Exchange2013", "Microsoft-IIS/8.0", "4.0.30319",
      64 * MIB, 413, EXCHANGE2013, 15, 0, 516, 32, 27, true },
    { "Exchange2013_SP1", "V2_8", "Microsoft-IIS/8.5", "4.0.30319",
      64 * MIB, 413, EXCHANGE2013_SP1, 15, 0, 847, 32, 27, true },
    { "Exchange2016", "V2015_10_05", "Microsoft-IIS/8.5", "4.0.30319",
      64 * MIB, 413, EXCHANGE2016, 15, 1, 225, 42, 27, true },
};

/* Values of RequestServerVersion that are no release of their own here. */
static const struct {
    const char *name;
    enum release known_from, means;
} synonyms[] = {
    { "Exchange2007", EXCHANGE2007_SP1, EXCHANGE2007_SP1 },
    { "Exchange2009", EXCHANGE2010,     EXCHANGE2010 },
    { "Exchange2012", EXCHANGE2013,     EXCHANGE2013 },
    { "Exchange2015", EXCHANGE2016,     EXCHANGE2016 },
    { "V2015_10_05",  EXCHANGE2016,     EXCHANGE2016 },
};
/* clang-format on */

const struct version *version_find(const char *name)
{
    for (size_t i = 0; i < N_RELEASES; i++)
        if (g_ascii_strcasecmp(versions[i].name, name) == 0 ||
            g_ascii_strcasecmp(versions[i].name + strlen("Exchange"), name) ==
                0)
            return &versions[i];
    return NULL;
}

const struct version *version_of(enum release release)
{
    return &versions[release];
}

bool version_requested(const struct version *server, const char *asked,
                       enum release *ret)
{
    enum release found = N_RELEASES, known_from = N_RELEASES;

    if (asked == NULL)
        asked = "Exchange2007";
    for (size_t i = 0; i < N_RELEASES; i++)
        if (strcmp(versions[i].name, asked) == 0)
            found = known_from = versions[i].release;
    for (size_t i = 0; i < G_N_ELEMENTS(synonyms); i++)
        if (strcmp(synonyms[i].name, asked) == 0) {
            found = synonyms[i].means;
            known_from = synonyms[i].known_from;
        }
    if (known_from > server->release)
        return false;
    *ret = found;
    return true;
}
