/* folder_make - create folders, or find the one that is there. */
#include <string.h>

#include "ews/call.h"

/* A page of FindFolder; more is not given, and often less (EWS-QUIRKS 22). */
#define PAGE 1000

/* No parent has as many; a listing that never ends does. */
#define PAGES_MAX 100

struct making {
    const char *parent_id, *name, *folder_class;
    const char *element; /* "t:CalendarFolder" */
    size_t offset;       /* of FindFolder's page */
};

/*
 * Folders of these classes have elements of their own, whose class must not
 * be given (ErrorNoFolderClassOverride); one derived from them is made as a
 * plain folder with its class first (EWS-QUIRKS 23).
 */
static const struct {
    const char *folder_class, *element;
} typed[] = {
    { "IPF.Appointment", "t:CalendarFolder" },
    { "IPF.Contact", "t:ContactsFolder" },
    { "IPF.Task", "t:TasksFolder" },
};

static bool is_derived(const char *folder_class, const char *base)
{
    size_t len = strlen(base);

    return g_ascii_strncasecmp(folder_class, base, len) == 0 &&
           folder_class[len] == '.';
}

/* The element for exactly this class, or for one that is derived from it. */
static const char *element_of(const char *folder_class, bool derived)
{
    for (size_t i = 0; folder_class != NULL && i < G_N_ELEMENTS(typed); i++) {
        if (derived
                ? is_derived(folder_class, typed[i].folder_class)
                : g_ascii_strcasecmp(folder_class, typed[i].folder_class) == 0)
            return typed[i].element;
    }
    return NULL;
}

static void write_new(struct xml_writer *w, const char *element,
                      const struct endpoint_new_folder *f)
{
    xml_open(w, element);
    if (f->folder_class != NULL && strcmp(element, "t:Folder") == 0)
        xml_element(w, "t:FolderClass", f->folder_class);
    xml_element(w, "t:DisplayName", f->name);
    xml_close(w);
}

static void write_create(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    const struct making *m = data;

    (void)core;
    call_folder_id(w, "m:ParentFolderId", m->parent_id);
    xml_open(w, "m:Folders");
    write_new(w, m->element,
              &(struct endpoint_new_folder){ m->name, m->folder_class });
    xml_close(w);
}

/* NULL: it has none. */
static char *dup_id(const struct xml_node *folder)
{
    const char *id = xml_attr(xml_child(folder, "FolderId"), "Id");

    return id != NULL && id[0] != '\0' ? g_strdup(id) : NULL;
}

/* 1 and *ret_id: made.  0: there is one of that name.  -1. */
static int create(struct mailbox *mb, const struct making *m, char **ret_id,
                  struct err *err)
{
    const struct call call = {
        .element = "m:CreateFolder",
        .write = write_create,
        .data = m,
        .n = 1,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };
    char *id;

    if (call_make(mb, &call, &a, NULL, err) < 0)
        return -1;
    if (soap_message_status(a.messages[0], err) < 0)
        return err->code == EWS_ErrorFolderExists ? 0 : -1;
    id = dup_id(xml_first(xml_child(a.messages[0], "Folders")));
    if (id == NULL)
        return err_set(err, ERR_FOLDER, ERR_RETRY_NOW, 0,
                       "the server gives the new folder no id");
    *ret_id = id;
    return 1;
}

static void write_find(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    const struct making *m = data;
    g_autofree char *offset = g_strdup_printf("%zu", m->offset);
    const char *name = "folder:DisplayName";

    (void)core;
    xml_attribute(w, "Traversal", "Shallow");
    call_shape(w, "m:FolderShape", &name, 1);
    xml_open(w, "m:IndexedPageFolderView");
    xml_attribute(w, "MaxEntriesReturned", G_STRINGIFY(PAGE));
    xml_attribute(w, "Offset", offset);
    xml_attribute(w, "BasePoint", "Beginning");
    xml_close(w);
    call_folder_id(w, "m:ParentFolderIds", m->parent_id);
}

/* As the server compares names: without case, composed characters alike. */
static char *fold(const char *name)
{
    g_autofree char *normal = g_utf8_normalize(name, -1, G_NORMALIZE_ALL);

    return g_utf8_casefold(normal != NULL ? normal : name, -1);
}

/* Among one page's folders: the same name, else one that only looks so. */
static void look_through(const struct xml_node *folders, const char *name,
                         char **exact, char **alike)
{
    g_autofree char *folded = fold(name);

    for (const struct xml_node *f = xml_first(folders); f != NULL;
         f = xml_next(f)) {
        const char *other = xml_text(xml_child(f, "DisplayName"));
        g_autofree char *other_folded = fold(other);

        if (*exact == NULL && strcmp(other, name) == 0)
            *exact = dup_id(f);
        else if (*alike == NULL && strcmp(other_folded, folded) == 0)
            *alike = dup_id(f);
    }
}

/* 1: there is more; 0: it was the last page; -1. */
static int find_page(struct mailbox *mb, struct making *m, char **exact,
                     char **alike, struct err *err)
{
    const struct call call = {
        .element = "m:FindFolder",
        .write = write_find,
        .data = m,
        .n = 1,
    };
    g_auto(call_answer) a = { 0 };
    const struct xml_node *root, *folders;
    bool last = true;

    if (call_make(mb, &call, &a, NULL, err) < 0)
        return -1;
    if (soap_message_status(a.messages[0], err) < 0)
        return -1;
    root = xml_child(a.messages[0], "RootFolder");
    folders = xml_child(root, "Folders");
    look_through(folders, m->name, exact, alike);
    m->offset += xml_count(folders);
    (void)xml_parse_bool(xml_attr(root, "IncludesLastItemInRange"), &last);
    return !last && xml_count(folders) > 0 ? 1 : 0;
}

static int find(struct mailbox *mb, struct making *m, char **ret_id,
                struct err *err)
{
    g_autofree char *exact = NULL, *alike = NULL;
    int more = 1;

    for (int pages = 0; more > 0 && exact == NULL && pages < PAGES_MAX; pages++)
        more = find_page(mb, m, &exact, &alike, err);
    if (more < 0)
        return -1;
    if (exact == NULL && alike == NULL) {
        err_set(err, ERR_FOLDER, ERR_RETRY_NEVER, 0,
                "the server says that folder \"%s\" exists, and does not list "
                "it",
                m->name);
        err->name = "ErrorFolderExists";
        return err_remedy(err, "make the folder in Outlook or OWA, then run it "
                               "again");
    }
    *ret_id = exact != NULL ? g_steal_pointer(&exact) : g_steal_pointer(&alike);
    return 0;
}

static int make(struct mailbox *mb, struct making *m, char **ret_id,
                struct err *err)
{
    const char *derived = element_of(m->folder_class, true);
    int rc = create(mb, m, ret_id, err);

    if (rc < 0 && err->code == EWS_ErrorNoFolderClassOverride &&
        derived != NULL) {
        m->element = derived;
        rc = create(mb, m, ret_id, err);
    }
    if (rc == 0)
        return find(mb, m, ret_id, err);
    return rc < 0 ? -1 : 0;
}

int folder_make(struct endpoint *ep, const char *parent_id, const char *name,
                const char *folder_class, char **ret_id, struct err *err)
{
    struct making m = {
        .parent_id = parent_id,
        .name = name,
        .folder_class = folder_class,
        .element = element_of(folder_class, false),
    };

    if (m.element == NULL)
        m.element = "t:Folder";
    if (make(mailbox_of(ep), &m, ret_id, err) < 0)
        return call_widen(err, ERR_FOLDER);
    return 0;
}

/* ---- several at once ---------------------------------------------------- */

struct making_some {
    const char *parent_id;
    const struct endpoint_new_folder *folders;
    size_t n;
};

static void write_create_some(struct xml_writer *w, const struct core *core,
                              const void *data)
{
    const struct making_some *m = data;

    (void)core;
    call_folder_id(w, "m:ParentFolderId", m->parent_id);
    xml_open(w, "m:Folders");
    for (size_t i = 0; i < m->n; i++) {
        const char *element = element_of(m->folders[i].folder_class, false);

        write_new(w, element != NULL ? element : "t:Folder", &m->folders[i]);
    }
    xml_close(w);
}

int folder_make_some(struct endpoint *ep, const char *parent_id,
                     const struct endpoint_new_folder *folders, size_t n,
                     char **ids, struct err *err)
{
    const struct making_some m = { parent_id, folders, n };
    const struct call call = {
        .element = "m:CreateFolder",
        .write = write_create_some,
        .data = &m,
        .n = n,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };
    struct err why;

    if (call_make(mailbox_of(ep), &call, &a, NULL, err) < 0)
        return call_widen(err, ERR_FOLDER);
    for (size_t i = 0; i < n; i++)
        if (soap_message_status(a.messages[i], &why) == 0)
            ids[i] = dup_id(xml_first(xml_child(a.messages[i], "Folders")));
    return 0;
}
