/*
 * roaming - dictionaries of configuration items ([MS-OXOCFG] 2.2.5.1): the
 * XML stream in PidTagRoamingDictionary, and <t:Dictionary> of EWS.
 */
#ifndef LAB_ROAMING_H
#define LAB_ROAMING_H

#include "lab/soap.h"
#include "lab/xmlout.h"

/* Entries of one dictionary: options of OWA are some two hundred. */
#define ROAMING_ENTRIES_MAX 10000u

/*
 * The stream for a <t:Dictionary>, to be freed.  NULL and a problem for a
 * type that is none, or a key that stands twice.
 */
GByteArray *roaming_from_xml(const xmlNode *dictionary, struct problem *p);

/*
 * Write the entries of a stream, as <t:DictionaryEntry>s.  -1 when it is no
 * dictionary; some entries may have been written then.
 */
int roaming_write(struct xmlout *x, const void *stream, size_t len);

#endif
