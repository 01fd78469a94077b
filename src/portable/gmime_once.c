#include "portable/gmime_once.h"

#include <pthread.h>

#include <gmime/gmime.h>

static void init(void)
{
    g_mime_init();
}

void gmime_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, init);
}
