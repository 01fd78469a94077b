#include "ews/version.h"

/* clang-format off */
static const struct {
    unsigned int major, minor, build; /* the first that has it */
    const char *name;
    /*
     * Of the whole request: maxRequestLength and maxAllowedContentLength in
     * the web.config of /EWS as installed.
     */
    uint64_t request_max;
    size_t n_folders; /* how many of well_known[] it knows */
} levels[EWS_N_LEVELS] = {
    [EWS_2007_SP1] = { 8, 1, 0, "Exchange2007_SP1", UINT64_C(10) << 20, 11 },
    [EWS_2010]     = { 14, 0, 0, "Exchange2010", UINT64_C(25) << 20, 11 },
    [EWS_2010_SP1] = { 14, 1, 0, "Exchange2010_SP1", UINT64_C(25) << 20, 11 },
    [EWS_2010_SP2] = { 14, 2, 0, "Exchange2010_SP2", UINT64_C(25) << 20, 11 },
    [EWS_2013]     = { 15, 0, 0, "Exchange2013", UINT64_C(64) << 20, 18 },
    [EWS_2013_SP1] = { 15, 0, 847, "Exchange2013_SP1", UINT64_C(64) << 20, 18 },
    [EWS_2016]     = { 15, 1, 0, "Exchange2016", UINT64_C(64) << 20, 18 },
};
/* clang-format on */

/* [MS-OXWSFOLD] 2.2.5.3 DistinguishedFolderIdNameType, and its footnotes. */
static const char *const well_known[] = {
    "inbox", "drafts", "sentitems", "deleteditems", "outbox", "junkemail",
    "calendar", "contacts", "tasks", "notes", "journal",
    /* 2013 and later */
    "syncissues", "conflicts", "localfailures", "serverfailures",
    "recipientcache", "quickcontacts", "conversationhistory"
};

static bool read_part(const struct xml_node *info, const char *name,
                      unsigned int *ret)
{
    uint64_t value;

    if (!xml_parse_uint(xml_attr(info, name), 99999, &value))
        return false;
    *ret = (unsigned int)value;
    return true;
}

bool ews_version_read(const struct xml_node *info, struct ews_version *ret)
{
    struct ews_version v = { 0 };
    const char *name = xml_attr(info, "Version");

    if (!read_part(info, "MajorVersion", &v.major) ||
        !read_part(info, "MinorVersion", &v.minor))
        return false;
    (void)read_part(info, "MajorBuildNumber", &v.build); /* optional */
    g_strlcpy(v.name, name != NULL ? name : "", sizeof(v.name));
    *ret = v;
    return true;
}

char *ews_version_text(const struct ews_version *v)
{
    if (v->major == 0)
        return g_strdup("unknown");
    if (v->name[0] == '\0')
        return g_strdup_printf("%u.%u.%u", v->major, v->minor, v->build);
    return g_strdup_printf("%u.%u.%u (%s)", v->major, v->minor, v->build,
                           v->name);
}

static bool at_least(const struct ews_version *v, unsigned int major,
                     unsigned int minor, unsigned int build)
{
    if (v->major != major)
        return v->major > major;
    if (v->minor != minor)
        return v->minor > minor;
    return v->build >= build;
}

enum ews_level ews_version_level(const struct ews_version *v)
{
    enum ews_level level = EWS_N_LEVELS - 1;

    while (level > EWS_2007_SP1 &&
           !at_least(v, levels[level].major, levels[level].minor,
                     levels[level].build))
        level--;
    return level;
}

bool ews_version_charges_target(const struct ews_version *v)
{
    return at_least(v, 14, 2, 318);
}

const char *ews_level_name(enum ews_level level)
{
    return levels[level].name;
}

uint64_t ews_level_request_max(enum ews_level level)
{
    return levels[level].request_max;
}

const char *const *ews_level_folders(enum ews_level level, size_t *ret_n)
{
    G_STATIC_ASSERT(G_N_ELEMENTS(well_known) == 18);
    *ret_n = levels[level].n_folders;
    return well_known;
}
