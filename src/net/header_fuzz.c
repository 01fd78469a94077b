#include "net/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SCHEMES                                                                \
    (NET_AUTH_BASIC | NET_AUTH_NTLM | NET_AUTH_NEGOTIATE | NET_AUTH_BEARER)

static bool says(const char *text, const char *word)
{
    return strcasestr(text, word) != NULL;
}

/* A line at a time, as libcurl hands them over. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_auto(net_response) r = { 0 };

    for (size_t i = 0; lines[i] != NULL; i++)
        header_take(&r, lines[i], strlen(lines[i]));

    /* Nothing is offered that is not named. */
    if ((r.offered & ~(unsigned int)SCHEMES) != 0)
        abort();
    if (((r.offered & NET_AUTH_BASIC) != 0 && !says(text, "basic")) ||
        ((r.offered & NET_AUTH_NTLM) != 0 && !says(text, "ntlm")))
        abort();
    if (r.offered != 0 && !says(text, "www-authenticate:"))
        abort();
    /* Values are taken out of the text and bare of blanks around. */
    if (r.location != NULL &&
        (strstr(text, r.location) == NULL || g_ascii_isspace(r.location[0])))
        abort();
    if (r.retry_after_ms > 24u * 60 * 60 * 1000)
        abort();
    return 0;
}
