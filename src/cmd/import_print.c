#include "cmd/import_print.h"

#include <jansson.h>

#include "cmd/json_line.h"

/* "users.csv:3:2", as far as it is known. */
static void print_place(FILE *out, const char *file,
                        const struct import_fault *f)
{
    fputs(file, out);
    if (f->line > 0)
        fprintf(out, ":%u", f->line);
    if (f->column > 0)
        fprintf(out, ":%u", f->column);
}

static void print_fault(FILE *out, const char *file,
                        const struct import_fault *f)
{
    print_place(out, file, f);
    fprintf(out, ": %s: ", f->warning ? "warning" : "error");
    if (f->name != NULL)
        fprintf(out, "%s: ", f->name);
    fprintf(out, "%s\n    %s\n", f->text, f->remedy);
}

void import_print_faults(FILE *out, const char *file,
                         const struct import *import)
{
    for (guint i = 0; i < import->faults->len; i++)
        print_fault(out, file, g_ptr_array_index(import->faults, i));
}

void import_print_json(FILE *out, const char *file, const struct import *import)
{
    for (guint i = 0; i < import->faults->len; i++) {
        const struct import_fault *f = g_ptr_array_index(import->faults, i);
        json_t *o =
            json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:s?, s:s, s:s}", "event",
                      "fault", "severity", f->warning ? "warning" : "error",
                      "kind", import_fault_word(f->kind), "file", file, "line",
                      (int)f->line, "column", (int)f->column, "name", f->name,
                      "found", f->text, "remedy", f->remedy);

        json_line_print(out, o);
    }
}
