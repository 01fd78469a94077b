/*
 * notify - what systemd wants to hear of a service of Type=notify.
 *
 * The protocol of sd_notify(3) is a line to a socket; libsystemd would be a
 * library more for that.  Without NOTIFY_SOCKET nothing is said to anybody.
 */
#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

#include <stdint.h>

/*
 * "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..."; lines parted by LF.
 * Nothing is done about failures: nobody could.
 */
void notify(const char *text);

/* "RELOADING=1" with the time that systemd asks for beside it. */
void notify_reloading(void);

/* How often "WATCHDOG=1" is due, in microseconds (half the limit); 0: never. */
int64_t notify_watchdog_us(void);

#endif
