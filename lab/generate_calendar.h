/*
 * generate_calendar - parts of appointments that the generator's files share.
 */
#ifndef LAB_GENERATE_CALENDAR_H
#define LAB_GENERATE_CALENDAR_H

#include "lab/calendar.h"
#include "lab/generate_priv.h"

/* When an appointment is, and where its clock hangs. */
struct lab_slot {
    struct timezone_info zone;
    int64_t start_us, end_us;
    bool all_day;
};
void lab_slot_choose(struct lab_sketch *s, struct lab_slot *ret);
void lab_slot_clear(struct lab_slot *t);
void lab_slot_set(struct lab_sketch *s, const struct lab_slot *t);

/* Head, people, body, place, id; sometimes online, sometimes private. */
void lab_part_appointment(struct lab_sketch *s, const char *item_class,
                          const struct lab_person *from);
void lab_part_reminder(struct lab_sketch *s, int64_t start_us);
void lab_part_meeting_state(struct lab_sketch *s, int32_t state,
                            int32_t response);
/* Several, with their answers where the owner organises. */
void lab_part_attendees(struct lab_sketch *s, bool answers);

uint32_t lab_common_tag(struct lab_sketch *s, uint32_t id, uint16_t type);

/* A pattern of any shape that begins on that date; and where it ends. */
void lab_series_choose(struct lab_sketch *s, uint32_t date,
                       struct recurrence *ret);
/* Of a task: with what regenerates. */
void lab_part_task_series(struct lab_sketch *s, int64_t day_us);

#endif
