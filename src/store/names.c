#include "store/store.h"

/*
 * The words of the screen; a name that is not in its table is a bug of ours.
 */

const char *mailbox_state_name(enum mailbox_state state)
{
    static const char *const names[MAILBOX_N_STATES] = {
        [MAILBOX_NEW] = "new",
        [MAILBOX_WAITING_FOR_CREDENTIALS] = "waiting for credentials",
        [MAILBOX_QUEUED] = "queued",
        [MAILBOX_CHECKING] = "checking",
        [MAILBOX_COPYING] = "copying",
        [MAILBOX_THROTTLED] = "throttled",
        [MAILBOX_PAUSED] = "paused",
        [MAILBOX_SYNCED] = "synced",
        [MAILBOX_VERIFYING] = "verifying",
        [MAILBOX_VERIFIED] = "verified",
        [MAILBOX_COMPLETED_WITH_FAILURES] = "completed with failures",
        [MAILBOX_FAILED] = "failed",
    };

    g_assert(state < MAILBOX_N_STATES);
    return names[state];
}

const char *item_state_name(enum item_state state)
{
    static const char *const names[ITEM_N_STATES] = {
        [ITEM_LISTED] = "listed",
        [ITEM_INTENDED] = "intended",
        [ITEM_COPIED] = "copied",
        [ITEM_FAILED] = "failed",
        [ITEM_GONE] = "gone",
        [ITEM_FILTERED] = "filtered",
        [ITEM_ALREADY_THERE] = "already there",
        [ITEM_CONFLICT] = "conflict",
    };

    g_assert(state < ITEM_N_STATES);
    return names[state];
}

const char *verify_class_name(enum verify_class c)
{
    static const char *const names[VERIFY_N] = {
        [VERIFY_NONE] = "not looked at",  [VERIFY_VERIFIED] = "verified",
        [VERIFY_PRESENT] = "present",     [VERIFY_MISSING] = "missing",
        [VERIFY_DIFFERENT] = "different", [VERIFY_FAILED] = "failed",
        [VERIFY_FILTERED] = "filtered",   [VERIFY_EXTRA] = "extra",
        [VERIFY_CONFLICT] = "conflict",
    };

    g_assert(c < VERIFY_N);
    return names[c];
}

bool store_setting_is_one(const struct store_setting *line)
{
    return strcmp(line->part, STORE_NOTES) != 0 &&
           strcmp(line->part, STORE_LEFT_OUT) != 0;
}

const char *setting_outcome_name(enum setting_outcome outcome)
{
    static const char *const names[SETTING_N] = {
        [SETTING_SET] = "set",
        [SETTING_ALREADY] = "already there",
        [SETTING_REMOVED] = "removed",
        [SETTING_SKIPPED] = "left out",
        [SETTING_UNMAPPED] = "not mapped",
        [SETTING_FAILED] = "failed",
    };

    g_assert(outcome < SETTING_N);
    return names[outcome];
}

const char *edits_way_name(enum edits_way way)
{
    static const char *const names[EDITS_N] = {
        [EDITS_UNTRIED] = "untried",
        [EDITS_IN_PLACE] = "in place",
        [EDITS_REPLACE] = "by replacement",
    };

    g_assert(way < EDITS_N);
    return names[way];
}

const char *trial_outcome_name(enum trial_outcome outcome)
{
    static const char *const names[TRIAL_N] = {
        [TRIAL_WHOLE] = "whole",
        [TRIAL_ALTERED] = "altered",
        [TRIAL_FAILED] = "failed",
    };

    g_assert(outcome < TRIAL_N);
    return names[outcome];
}

const char *item_kind_name(enum item_kind kind)
{
    static const char *const names[KIND_N] = {
        [KIND_MAIL] = "mail",       [KIND_CALENDAR] = "calendar",
        [KIND_CONTACT] = "contact", [KIND_TASK] = "task",
        [KIND_NOTE] = "note",       [KIND_JOURNAL] = "journal",
        [KIND_OTHER] = "other",     [KIND_HIDDEN] = "hidden",
    };

    g_assert(kind < KIND_N);
    return names[kind];
}

bool item_class_is(const char *item_class, const char *prefix)
{
    size_t n = strlen(prefix);

    return g_ascii_strncasecmp(item_class, prefix, n) == 0 &&
           (item_class[n] == '\0' || item_class[n] == '.');
}

/*
 * [MS-OXCMSG] 2.2.1.3 PidTagMessageClass.  Meeting and task requests are
 * messages in an inbox: mail.  The OLE class is an appointment's
 * exception ([MS-OXOCAL] 2.2.10.1.4).
 */
static const struct {
    const char *prefix;
    enum item_kind kind;
} classes[] = {
    /* clang-format off */
    { "IPM.Note", KIND_MAIL },
    { "IPM.Appointment", KIND_CALENDAR },
    { "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}",
      KIND_CALENDAR },
    { "IPM.Contact", KIND_CONTACT },
    { "IPM.DistList", KIND_CONTACT },
    { "IPM.AbchPerson", KIND_CONTACT },
    { "IPM.Task", KIND_TASK },
    { "IPM.StickyNote", KIND_NOTE },
    { "IPM.Activity", KIND_JOURNAL },
    { "IPM.Schedule", KIND_MAIL },
    /* [MS-OXOCFG], [MS-OXORULE]: only ever associated */
    { "IPM.Configuration", KIND_HIDDEN },
    { "IPM.Microsoft", KIND_HIDDEN },
    { "IPM.Rule", KIND_HIDDEN },
    { "IPM.ExtendedRule", KIND_HIDDEN },
    { "IPM.RuleOrganizer", KIND_HIDDEN },
    { "IPM.TaskRequest", KIND_MAIL },
    { "IPM.Post", KIND_MAIL },
    { "IPM.Sharing", KIND_MAIL },
    { "IPM.Outlook.Recall", KIND_MAIL },
    { "IPM.Recall", KIND_MAIL },
    { "IPM.Report", KIND_MAIL },
    { "REPORT", KIND_MAIL },
    /* clang-format on */
};

enum item_kind item_kind_of_class(const char *item_class)
{
    if (item_class == NULL)
        return KIND_OTHER;
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
        if (item_class_is(item_class, classes[i].prefix))
            return classes[i].kind;
    return KIND_OTHER;
}

void store_migration_clear(struct store_migration *m)
{
    g_free(m->source_url);
    g_free(m->destination_url);
    *m = (struct store_migration){ 0 };
}

void store_mailbox_free(struct store_mailbox *m)
{
    if (m == NULL)
        return;
    g_free(m->source_address);
    g_free(m->destination_address);
    g_free(m->reason);
    g_free(m->remedy);
    g_free(m->source_rights);
    g_free(m->destination_rights);
    g_free(m->source_version);
    g_free(m->destination_version);
    g_free(m->legacy_dn);
    g_free(m);
}

void store_folder_free(struct store_folder *f)
{
    if (f == NULL)
        return;
    g_free(f->source_id);
    g_free(f->source_parent_id);
    g_free(f->path);
    g_free(f->well_known);
    g_free(f->folder_class);
    g_free(f->destination_id);
    g_free(f->source_token);
    g_free(f->destination_token);
    g_free(f);
}

void store_item_free(struct store_item *item)
{
    if (item == NULL)
        return;
    g_free(item->source_id);
    g_free(item->change_key);
    g_free(item->item_class);
    g_free(item->search_key);
    g_free(item->destination_id);
    g_free(item->old_destination_id);
    g_free(item->reason);
    g_free(item->remedy);
    g_free(item->error_name);
    g_free(item->subject);
    g_free(item->reason_there);
    g_free(item->why_format);
    g_free(item->lost);
    g_free(item->verify_note);
    g_free(item);
}

void store_setting_free(struct store_setting *setting)
{
    if (setting == NULL)
        return;
    g_free(setting->part);
    g_free(setting->key);
    g_free(setting->place);
    g_free(setting->subject);
    g_free(setting->counterpart);
    g_free(setting->value);
    g_free(setting->cause);
    g_free(setting->remedy);
    g_free(setting->memo);
    g_free(setting);
}

void store_edits_free(struct store_edits *edits)
{
    if (edits == NULL)
        return;
    g_free(edits->source);
    g_free(edits->destination);
    g_free(edits->why);
    g_free(edits);
}

void store_trial_free(struct store_trial *trial)
{
    if (trial == NULL)
        return;
    g_free(trial->source);
    g_free(trial->destination);
    g_free(trial->item_class);
    g_free(trial->what);
    g_free(trial->unknown);
    g_free(trial);
}

void store_pass_free(struct store_pass *p)
{
    if (p == NULL)
        return;
    g_free(p->kind);
    g_free(p->outcome);
    g_free(p);
}
