/*
 * calendar - appointments in the property tree: names of their properties,
 * their time zones, the series of a master, ids of meetings.
 *
 * Pure: trees in and out, no store, no HTTP.
 */
#ifndef LAB_CALENDAR_H
#define LAB_CALENDAR_H

#include "lab/mapi.h"
#include "lab/mapi_tags.h"
#include "lab/recurrence.h"
#include "lab/timezone.h"

/* Ids in PSETID_APPOINTMENT, [MS-OXPROPS]. */
enum {
    LID_SEQUENCE = 0x8201,
    LID_BUSY_STATUS = 0x8205,
    LID_LOCATION = 0x8208,
    LID_WORKSPACE_URL = 0x8209,
    LID_START = 0x820D,
    LID_END = 0x820E,
    LID_DURATION = 0x8213,
    LID_COLOR = 0x8214,
    LID_ALL_DAY = 0x8215,
    LID_RECUR = 0x8216,
    LID_STATE_FLAGS = 0x8217,
    LID_RESPONSE_STATUS = 0x8218,
    LID_REPLY_TIME = 0x8220,
    LID_RECURRING = 0x8223,
    LID_INTENDED_BUSY = 0x8224,
    LID_REPLACE_TIME = 0x8228,
    LID_INVITED = 0x8229,
    LID_RECURRENCE_TYPE = 0x8231,
    LID_RECURRENCE_PATTERN = 0x8232,
    LID_ZONE_STRUCT = 0x8233,
    LID_ZONE_DESCRIPTION = 0x8234,
    LID_CLIP_START = 0x8235,
    LID_CLIP_END = 0x8236,
    LID_ALL_ATTENDEES = 0x8238,
    LID_TO_ATTENDEES = 0x823B,
    LID_CC_ATTENDEES = 0x823C,
    LID_ONLINE = 0x8240,
    LID_CONFERENCE_TYPE = 0x8241,
    LID_NET_SHOW_URL = 0x8248,
    LID_PROPOSED_START = 0x8250,
    LID_PROPOSED_END = 0x8251,
    LID_COUNTER_PROPOSAL = 0x8257,
    LID_NO_PROPOSALS = 0x825A,
    LID_ZONE_START = 0x825E,
    LID_ZONE_END = 0x825F,
    LID_ZONE_RECUR = 0x8260,
};

/* Ids in PSETID_MEETING. */
enum {
    LID_WHERE = 0x0002,
    LID_GLOBAL_ID = 0x0003,
    LID_IS_RECURRING = 0x0005,
    LID_IS_EXCEPTION = 0x000A,
    LID_OWNER_CHANGE = 0x001A,
    LID_CLEAN_GLOBAL_ID = 0x0023,
    LID_MEETING_TYPE = 0x0026,
};

/* Ids in PSETID_COMMON. */
enum {
    LID_PANE_START = 0x8516,
    LID_PANE_END = 0x8517,
};

/* Bits of PidLidAppointmentStateFlags. */
enum {
    STATE_MEETING = 1,
    STATE_RECEIVED = 2,
    STATE_CANCELLED = 4,
};

/* PidLidResponseStatus, and the track status of recipients. */
enum {
    RESPONSE_NONE,
    RESPONSE_ORGANIZED,
    RESPONSE_TENTATIVE,
    RESPONSE_ACCEPTED,
    RESPONSE_DECLINED,
    RESPONSE_NOT_RESPONDED,
};

#define EXCEPTION_CLASS "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}"

/* ---- properties by those names --------------------------------------- */

const struct mapi_prop *calendar_find(const struct mapi_props *props,
                                      uint32_t lid);
void calendar_remove(struct mapi_props *props, const uint8_t set[16],
                     uint32_t lid);
void calendar_set_i32(struct mapi_item *item, struct mapi_props *props,
                      uint32_t lid, int32_t v);
void calendar_set_bool(struct mapi_item *item, struct mapi_props *props,
                       uint32_t lid, bool v);
void calendar_set_time(struct mapi_item *item, struct mapi_props *props,
                       uint32_t lid, int64_t us);
void calendar_set_text(struct mapi_item *item, struct mapi_props *props,
                       uint32_t lid, const char *utf8);
/* Takes the blob. */
void calendar_set_blob(struct mapi_item *item, struct mapi_props *props,
                       uint32_t lid, GByteArray *blob);

/* TIMESTAMP_NONE when the item says nothing. */
int64_t calendar_start(const struct mapi_props *props);
int64_t calendar_end(const struct mapi_props *props);
/*
 * Every property that says when: start, end, duration, and on a meeting or
 * task pane the common ones.
 */
void calendar_set_span(struct mapi_item *item, struct mapi_props *props,
                       int64_t start_us, int64_t end_us);

/* ---- time zones ------------------------------------------------------ */

/* That of the property, if it can be read. */
bool calendar_zone_of(const struct mapi_props *props, uint32_t lid,
                      struct timezone_info *ret);
/*
 * The zone that a series is reckoned in, or that an appointment was made in:
 * by the definition of the series, the old structure, the start's; else UTC.
 */
void calendar_zone(const struct mapi_props *props, struct timezone_info *ret);
/* The display definitions and the description; end may be the same. */
void calendar_set_zones(struct mapi_item *item, struct mapi_props *props,
                        const struct timezone_info *start,
                        const struct timezone_info *end);

/* ---- series ---------------------------------------------------------- */

struct series {
    struct recurrence recur;
    struct timezone_info zone;
};
typedef struct series series;
void series_clear(struct series *s);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(series, series_clear)

/* False when the item is no master, or its blob cannot be read. */
bool series_read(const struct mapi_props *props, struct series *ret);
/* Blob, zone, clip, type and description, as Outlook keeps them. */
void series_write(struct mapi_item *item, struct mapi_props *props,
                  const struct series *s);
/* Minutes in the series' own time, to UTC and back. */
int64_t series_utc(const struct series *s, uint32_t local);
uint32_t series_local(const struct series *s, int64_t utc_us);
/* Occurrences in a window of UTC; an array of struct occurrence. */
GArray *series_expand(const struct series *s, int64_t from_us, int64_t to_us,
                      size_t max);

/* ---- ids of meetings ------------------------------------------------- */

/*
 * PidLidGlobalObjectId: Outlook's own, or what another calendar called the
 * meeting, wrapped ([MS-OXOCAL] 2.2.1.27, [MS-OXCICAL] 2.1.3.1.1.20.26).
 */
char *calendar_uid(const struct mapi_prop *global_id);
void calendar_set_uid(struct mapi_item *item, struct mapi_props *props,
                      const char *uid);
/* A new one, when the item has none. */
void calendar_give_uid(struct mapi_item *item, struct mapi_props *props);
/* The id of one occurrence: with its date in it; 0 takes the date out. */
void calendar_date_uid(struct mapi_item *item, struct mapi_props *props,
                       uint32_t date);

#endif
