#include "base/word.h"

#include <string.h>

int word_find(const char *text, const char *(*name)(int i), int n)
{
    for (int i = 0; i < n && text != NULL; i++) {
        const char *known = name(i);

        if (known != NULL && strcmp(known, text) == 0)
            return i;
    }
    return -1;
}
