#include "portable/portable.h"

#include <string.h>

static const char *const kind_names[PORTABLE_N_KINDS] = {
    [PORTABLE_MAIL] = "mail",
    [PORTABLE_POST] = "post",
    [PORTABLE_MEETING] = "meeting message",
    [PORTABLE_REPORT] = "report",
    [PORTABLE_APPOINTMENT] = "appointment",
    [PORTABLE_CONTACT] = "contact",
    [PORTABLE_LIST] = "distribution list",
    [PORTABLE_TASK] = "task",
    [PORTABLE_NOTE] = "note",
    [PORTABLE_JOURNAL] = "journal entry",
};

const char *portable_kind_name(enum portable_kind kind)
{
    g_assert((unsigned int)kind < PORTABLE_N_KINDS);
    return kind_names[kind];
}

/* [MS-OXCMSG] 2.2.1.3: a class, or one derived from it behind a dot. */
static bool is_class(const char *item_class, const char *base)
{
    size_t n = strlen(base);

    return g_ascii_strncasecmp(item_class, base, n) == 0 &&
           (item_class[n] == '\0' || item_class[n] == '.');
}

enum portable_kind portable_kind_of(const char *item_class)
{
    static const struct {
        const char *base;
        enum portable_kind kind;
    } rows[] = {
        { "IPM.Post", PORTABLE_POST },
        { "IPM.Schedule.Meeting", PORTABLE_MEETING },
        { "REPORT", PORTABLE_REPORT },
        { "IPM.Appointment", PORTABLE_APPOINTMENT },
        { "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}",
          PORTABLE_APPOINTMENT }, /* an exception, by itself */
        { "IPM.Contact", PORTABLE_CONTACT },
        { "IPM.DistList", PORTABLE_LIST },
        { "IPM.Task", PORTABLE_TASK },
        { "IPM.StickyNote", PORTABLE_NOTE },
        { "IPM.Activity", PORTABLE_JOURNAL },
    };

    for (size_t i = 0; item_class != NULL && i < G_N_ELEMENTS(rows); i++) {
        if (is_class(item_class, rows[i].base))
            return rows[i].kind;
    }
    return PORTABLE_MAIL;
}

const char *portable_role_name(enum portable_role role)
{
    static const char *const names[PORTABLE_N_ROLES] = {
        [PORTABLE_TO] = "to",
        [PORTABLE_CC] = "cc",
        [PORTABLE_BCC] = "bcc",
        [PORTABLE_ORGANISER] = "organiser",
        [PORTABLE_REQUIRED] = "attendee",
        [PORTABLE_OPTIONAL] = "optional attendee",
        [PORTABLE_RESOURCE] = "resource",
        [PORTABLE_MEMBER] = "member",
    };

    g_assert((unsigned int)role < PORTABLE_N_ROLES);
    return names[role];
}
