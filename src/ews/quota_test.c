#include "base/check.h"
#include "ews/script.h"

#define PROPERTY(tag, value)                                                   \
    "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"" tag               \
    "\" PropertyType=\"Integer\"/><t:Value>" value                             \
    "</t:Value></t:ExtendedProperty>"
#define ROOT(properties)                                                       \
    ANSWER(RESPONSE("GetFolder",                                               \
                    SUCCESS("GetFolder",                                       \
                            "<m:Folders><t:Folder>" FOLDER_ID("R") properties  \
                            "</t:Folder></m:Folders>")))

static void test_what_servers_tell(void)
{
    static const struct {
        const char *name, *answer;
        int told;
        uint64_t bytes;
    } rows[] = {
        { "both", ROOT(PROPERTY("0x666e", "900") PROPERTY("0x666a", "1000")), 1,
          1024000 },
        { "sending alone", ROOT(PROPERTY("0x666e", "900")), 1, 921600 },
        { "none", ROOT(PROPERTY("0x666a", "-1")), 0, 0 },
        { "not told", ROOT(""), 0, 0 },
        { "not allowed",
          ANSWER(RESPONSE("GetFolder", NO_FOLDER("ErrorAccessDenied"))), 0, 0 },
        { "trouble",
          ANSWER(
              RESPONSE("GetFolder", NO_FOLDER("ErrorMailboxStoreUnavailable"))),
          -1, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct stage st;
        uint64_t bytes = 0;
        struct err err;

        stage_init(&st);
        stage_open_2016(&st);
        script_say(st.script, rows[i].answer);
        CHECK_ROW(rows[i].name,
                  endpoint_quota(st.ep, &bytes, &err) == rows[i].told);
        CHECK_ROW(rows[i].name, bytes == rows[i].bytes);
        stage_release(&st);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/quota/what-servers-tell", test_what_servers_tell);
    return g_test_run();
}
