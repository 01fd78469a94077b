/*
 * rule_xml - an inbox rule in EWS's words.  Pure.
 */
#ifndef EWS_RULE_XML_H
#define EWS_RULE_XML_H

#include "endpoint/rules.h"
#include "xml/node.h"
#include "xml/writer.h"

/* The rule of a <Rule>; never NULL.  Clauses stand in the schema's order. */
struct endpoint_rule *rule_xml_read(const struct xml_node *node);

/* <t:Rule>. */
void rule_xml_write(struct xml_writer *w, const struct endpoint_rule *rule);

#endif
