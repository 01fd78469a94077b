/*
 * permission - PermissionSet and CalendarPermissionSet: rights as EWS says
 * them, as levels and as single rights.
 */
#ifndef LAB_PERMISSION_H
#define LAB_PERMISSION_H

#include "lab/op.h"

/*
 * The level that rights amount to: "Reviewer", "Custom".  Free/busy levels
 * are of calendars alone, and there these bits count; elsewhere they do not.
 */
const char *permission_level(uint32_t rights, bool calendar);
/*
 * The rights of a level; -1 when there is none of that name ("Custom" is
 * none) or not for this kind of folder.
 */
int permission_rights(const char *level, bool calendar, uint32_t *ret);

/* A whole <t:PermissionSet> of these (struct lab_permission *). */
void permission_write_set(struct op_call *call, const GPtrArray *all,
                          bool calendar);

/*
 * Read a <t:PermissionSet> into struct lab_permission *, to be stored whole.
 * People are found in the organisation.  -1 and p:
 * ErrorCannotSet[Non]CalendarPermissionOn..., ErrorInvalidPermissionSettings,
 * ErrorDuplicateUserIdsSpecified, ErrorMissingUserIdInformation,
 * ErrorInvalidUserInfo, ErrorDelegateNoUser,
 * ErrorCannotSetPermissionUnknownEntries.
 */
int permission_read_set(struct op_call *call, const xmlNode *set, bool calendar,
                        GPtrArray **ret, struct problem *p);

/* The <t:EffectiveRights> of someone with those rights. */
void permission_write_effective(struct xmlout *x, uint32_t rights,
                                enum release release);

#endif
