#include "lab/field_priv.h"

/*
 * The same properties as a message's, in another order (PostItemType in
 * types.xsd).
 */
/* clang-format off */
static const struct field rows[] = {
    { .uri = "message:ConversationIndex", .base = IN_ALL,
      .tag = PR_CONVERSATION_INDEX, .write = field_write_binary },
    { .uri = "message:ConversationTopic", .base = IN_ALL,
      .tag = PR_CONVERSATION_TOPIC, .write = field_write_text },
    { .uri = "message:From", .base = IN_ALL, .write = field_write_from,
      .tag = PR_SENT_REPRESENTING_NAME, .flags = FIELD_ONCE,
      .set = field_set_from },
    { .uri = "message:InternetMessageId", .base = IN_ALL,
      .tag = PR_INTERNET_MESSAGE_ID, .write = field_write_message_id,
      .set = field_set_text, .clear = field_clear },
    { .uri = "message:IsRead", .base = IN_ALL, .write = field_write_is_read,
      .set = field_set_is_read },
    { .uri = "postitem:PostedTime", .base = IN_ALL,
      .tag = PR_CLIENT_SUBMIT_TIME, .write = field_write_time },
    { .uri = "message:References", .base = IN_ALL,
      .tag = PR_INTERNET_REFERENCES, .write = field_write_text,
      .set = field_set_text, .clear = field_clear },
    { .uri = "message:Sender", .base = IN_ALL, .write = field_write_sender,
      .tag = PR_SENDER_NAME, .flags = FIELD_ONCE, .set = field_set_sender },
};
/* clang-format on */

const struct field_section field_section_post = {
    .kinds = KIND_POST,
    .rows = rows,
    .n = G_N_ELEMENTS(rows),
};
