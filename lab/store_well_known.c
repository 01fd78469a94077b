#include "lab/store_priv.h"

#include <string.h>

/* Parents before children. */
/* clang-format off */
const struct lab_well_known lab_well_known[] = {
    { "root", NULL, { "" }, NULL, LAB_FOLDER_PLAIN, false },
    { "msgfolderroot", "root",
      { "Top of Information Store", "Oberste Ebene des Informationsspeichers",
        "Banque d'informations", "Principio del almacén de información",
        "インフォメーション ストアの先頭" },
      NULL, LAB_FOLDER_PLAIN, false },
    { "searchfolders", "root", { "Finder" }, NULL, LAB_FOLDER_PLAIN, false },
    { "inbox", "msgfolderroot",
      { "Inbox", "Posteingang", "Boîte de réception", "Bandeja de entrada",
        "受信トレイ" },
      "IPF.Note", LAB_FOLDER_PLAIN, false },
    { "outbox", "msgfolderroot",
      { "Outbox", "Postausgang", "Boîte d'envoi", "Bandeja de salida",
        "送信トレイ" },
      "IPF.Note", LAB_FOLDER_PLAIN, false },
    { "sentitems", "msgfolderroot",
      { "Sent Items", "Gesendete Elemente", "Éléments envoyés",
        "Elementos enviados", "送信済みアイテム" },
      "IPF.Note", LAB_FOLDER_PLAIN, false },
    { "deleteditems", "msgfolderroot",
      { "Deleted Items", "Gelöschte Elemente", "Éléments supprimés",
        "Elementos eliminados", "削除済みアイテム" },
      "IPF.Note", LAB_FOLDER_PLAIN, false },
    { "drafts", "msgfolderroot",
      { "Drafts", "Entwürfe", "Brouillons", "Borradores", "下書き" },
      "IPF.Note", LAB_FOLDER_PLAIN, false },
    { "junkemail", "msgfolderroot",
      { "Junk E-Mail", "Junk-E-Mail", "Courrier indésirable",
        "Correo no deseado", "迷惑メール" },
      "IPF.Note", LAB_FOLDER_PLAIN, false },
    { "calendar", "msgfolderroot",
      { "Calendar", "Kalender", "Calendrier", "Calendario", "予定表" },
      "IPF.Appointment", LAB_FOLDER_CALENDAR, false },
    { "contacts", "msgfolderroot",
      { "Contacts", "Kontakte", "Contacts", "Contactos", "連絡先" },
      "IPF.Contact", LAB_FOLDER_CONTACTS, false },
    { "tasks", "msgfolderroot",
      { "Tasks", "Aufgaben", "Tâches", "Tareas", "仕事" },
      "IPF.Task", LAB_FOLDER_TASKS, false },
    { "notes", "msgfolderroot",
      { "Notes", "Notizen", "Notes", "Notas", "メモ" },
      "IPF.StickyNote", LAB_FOLDER_PLAIN, false },
    { "journal", "msgfolderroot",
      { "Journal", "Journal", "Journal", "Diario", "履歴" },
      "IPF.Journal", LAB_FOLDER_PLAIN, false },
    { "recoverableitemsroot", "root",
      { "Recoverable Items", "Wiederherstellbare Elemente",
        "Éléments récupérables", "Elementos recuperables",
        "回復可能なアイテム" },
      NULL, LAB_FOLDER_PLAIN, true },
    { "recoverableitemsdeletions", "recoverableitemsroot", { "Deletions" },
      NULL, LAB_FOLDER_PLAIN, true },
    { "recoverableitemsversions", "recoverableitemsroot", { "Versions" },
      NULL, LAB_FOLDER_PLAIN, true },
    { "recoverableitemspurges", "recoverableitemsroot", { "Purges" },
      NULL, LAB_FOLDER_PLAIN, true },
    /* of an archive mailbox: "archive" and what it is in others */
    { "archiveroot", NULL, { "" }, NULL, LAB_FOLDER_PLAIN, false },
    { "archivemsgfolderroot", "archiveroot",
      { "Top of Information Store", "Oberste Ebene des Informationsspeichers",
        "Banque d'informations", "Principio del almacén de información",
        "インフォメーション ストアの先頭" },
      NULL, LAB_FOLDER_PLAIN, false },
    { "archivedeleteditems", "archivemsgfolderroot",
      { "Deleted Items", "Gelöschte Elemente", "Éléments supprimés",
        "Elementos eliminados", "削除済みアイテム" },
      "IPF.Note", LAB_FOLDER_PLAIN, false },
    { "archiveinbox", "archivemsgfolderroot",
      { "Inbox", "Posteingang", "Boîte de réception", "Bandeja de entrada",
        "受信トレイ" },
      "IPF.Note", LAB_FOLDER_PLAIN, false },
    { "archiverecoverableitemsroot", "archiveroot",
      { "Recoverable Items", "Wiederherstellbare Elemente",
        "Éléments récupérables", "Elementos recuperables",
        "回復可能なアイテム" },
      NULL, LAB_FOLDER_PLAIN, true },
    { "archiverecoverableitemsdeletions", "archiverecoverableitemsroot",
      { "Deletions" }, NULL, LAB_FOLDER_PLAIN, true },
    { "archiverecoverableitemsversions", "archiverecoverableitemsroot",
      { "Versions" }, NULL, LAB_FOLDER_PLAIN, true },
    { "archiverecoverableitemspurges", "archiverecoverableitemsroot",
      { "Purges" }, NULL, LAB_FOLDER_PLAIN, true },
};
/* clang-format on */
const size_t lab_n_well_known = G_N_ELEMENTS(lab_well_known);

static const char *const languages[LAB_LANGUAGES] = { "en", "de", "fr", "es",
                                                      "ja" };

/* -1: none of them. */
static int language_of(const char *code)
{
    for (int i = 0; i < LAB_LANGUAGES; i++)
        if (strcmp(languages[i], code) == 0)
            return i;
    return -1;
}

bool lab_language_known(const char *code)
{
    return language_of(code) >= 0;
}

const struct lab_well_known *lab_well_known_find(const char *id)
{
    for (size_t i = 0; i < lab_n_well_known; i++)
        if (strcmp(lab_well_known[i].id, id) == 0)
            return &lab_well_known[i];
    return NULL;
}

static int make_one(struct lab_store *store, int64_t mailbox,
                    const struct lab_well_known *w, struct err *err)
{
    const char *local = w->names[MAX(language_of(store->language), 0)];
    struct lab_new_folder f = {
        .mailbox = mailbox,
        .name = local != NULL ? local : w->names[0],
        .folder_class = w->folder_class,
        .distinguished = w->id,
        .kind = w->kind,
        .dumpster = w->dumpster,
    };
    g_autofree char *own = NULL;
    int64_t key = 0;

    /* The root's parent is none; its name must differ among mailboxes. */
    if (w->parent == NULL)
        f.name = own = g_strdup_printf("%" G_GINT64_FORMAT, mailbox);
    else if (lab_distinguished_key(store, mailbox, w->parent, &f.parent, err) <
             0)
        return -1;
    if (lab_folder_insert(store, &f, &key, err) < 0)
        return -1;
    if (w->kind != LAB_FOLDER_CALENDAR)
        return 0;
    /* Everybody sees when the owner is busy. */
    return lab_exec(store, err, "INSERT INTO permission VALUES(?1, 0, '', ?2)",
                    "ii", key, (int64_t)LAB_RIGHT_FREEBUSY);
}

int lab_make_well_known(struct lab_store *store, int64_t mailbox, bool archive,
                        struct err *err)
{
    for (size_t i = 0; i < lab_n_well_known; i++) {
        const struct lab_well_known *w = &lab_well_known[i];

        if (g_str_has_prefix(w->id, "archive") == archive &&
            make_one(store, mailbox, w, err) < 0)
            return -1;
    }
    return 0;
}
