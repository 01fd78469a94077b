/*
 * ical_priv - lines of iCalendar, for its two directions.
 */
#ifndef LAB_ICAL_PRIV_H
#define LAB_ICAL_PRIV_H

#include "base/err.h"
#include "lab/calendar.h"
#include "lab/ical.h"

/* ---- out (ical_line.c) ----------------------------------------------- */

/* Append "line" folded at 75 bytes, with its end. */
void ical_line(GString *to, const char *line);
void ical_linef(GString *to, const char *format, ...) PRINTF(2, 3);
/* name:text, escaped. */
void ical_text(GString *to, const char *name, const char *text);

/* ---- in (ical_line.c) ------------------------------------------------ */

struct ical_prop {
    char *name;   /* upper case */
    char *params; /* "A=b;C=d", as they stand; "" for none */
    char *value;
};

struct ical_component {
    char *name;          /* "VEVENT" */
    GPtrArray *props;    /* of struct ical_prop *, owned */
    GPtrArray *children; /* of struct ical_component *, owned */
};

/* Components within components, and lines in all. */
#define ICAL_DEPTH_MAX 8
#define ICAL_LINES_MAX 100000u

/* The first VCALENDAR; NULL when there is none. */
struct ical_component *ical_read(const char *text, size_t len);
void ical_component_free(struct ical_component *c);
typedef struct ical_component ical_component;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ical_component, ical_component_free)

/* The first; NULL. */
const struct ical_prop *ical_find(const struct ical_component *c,
                                  const char *name);
const struct ical_component *ical_child(const struct ical_component *c,
                                        const char *name);
/* Without quotes; NULL.  To be freed. */
char *ical_param(const struct ical_prop *p, const char *name);
/* The value unescaped; NULL for NULL. */
char *ical_text_of(const struct ical_prop *p);
/* One part of "FREQ=DAILY;COUNT=3"; NULL. */
char *ical_part(const char *value, const char *name);

/* A calendar on its way into an item. */
struct ical_reading {
    const struct ical_component *calendar;
    struct mapi_item *item;
    enum ical_method method;
};

/* "-PT15M"; letters that mean nothing count for nothing (ical_in.c). */
int64_t ical_duration_us(const char *text);
/* PARTSTAT of an attendee, as PidTagRecipientTrackStatus. */
int32_t ical_track_of(const struct ical_prop *p);

/* What an event says, into the properties given (ical_event_in.c). */
void ical_words_in(const struct ical_reading *r,
                   const struct ical_component *event,
                   struct mapi_props *props);
void ical_texts_in(const struct ical_reading *r,
                   const struct ical_component *event,
                   struct mapi_props *props);
void ical_categories_in(const struct ical_reading *r,
                        const struct ical_component *event,
                        struct mapi_props *props);
void ical_reminder_in(const struct ical_reading *r,
                      const struct ical_component *event,
                      struct mapi_props *props);
/* Organiser and attendees, into the item itself. */
void ical_people_in(const struct ical_reading *r,
                    const struct ical_component *event);

/* ---- rules (ical_rule.c) --------------------------------------------- */

/* "FREQ=..." of a series. */
char *ical_rule_write(const struct series *s);
/*
 * The pattern into *r, whose start_date and start_offset are set.  -1 when it
 * is none that Exchange has.
 */
int ical_rule_read(const char *rule, const struct timezone_info *zone,
                   struct recurrence *r) G_GNUC_WARN_UNUSED_RESULT;

/* ---- zones (ical_zone.c) --------------------------------------------- */

void ical_zone_write(GString *to, const struct timezone_info *zone,
                     unsigned int year);
/* Of a TZID, by Windows's name or by what the calendar says; else UTC. */
void ical_zone_read(const struct ical_component *calendar, const char *tzid,
                    struct timezone_info *ret);
bool ical_zone_is_utc(const struct timezone_info *zone);
const char *ical_zone_id(const struct timezone_info *zone);

#endif
