#include "ews/user_config.h"

#include "ews/offered.h"

static void write_name(struct xml_writer *w, const struct core *core,
                       const char *element, const struct user_config *config)
{
    xml_open(w, element);
    xml_attribute(w, "Name", config->name);
    call_distinguished_id(w, core, config->folder);
    xml_close(w);
}

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    const struct user_config *config = data;

    write_name(w, core, "m:UserConfigurationName", config);
    xml_element(w, "m:UserConfigurationProperties", config->part);
}

int user_config_get(struct mailbox *mb, const struct user_config *config,
                    struct call_answer *ret_answer, const struct xml_node **ret,
                    struct err *err)
{
    const struct call call = {
        .element = "m:GetUserConfiguration",
        .write = write_get,
        .data = config,
        .n = 1,
    };

    if (!core_has(mb->core, EWS_2010))
        return offered_not(mb->core, &call, err);
    if (call_make(mb, &call, ret_answer, NULL, err) < 0)
        return offered_judge(mb->core, &call, ret_answer, err);
    if (soap_message_status(ret_answer->messages[0], err) < 0)
        return err->code == EWS_ErrorItemNotFound ? 0 : -1;
    *ret = xml_child(ret_answer->messages[0], "UserConfiguration");
    if (*ret == NULL)
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "the server gives no content of \"%s\"", config->name);
    return 1;
}

struct putting {
    const struct user_config *config;
    call_writer *write;
    const void *data;
};

static void write_put(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    const struct putting *p = data;

    xml_open(w, "m:UserConfiguration");
    write_name(w, core, "t:UserConfigurationName", p->config);
    p->write(w, core, p->data);
    xml_close(w);
}

int user_config_put(struct mailbox *mb, const struct user_config *config,
                    bool exists, call_writer *write, const void *data,
                    struct err *err)
{
    const struct putting p = { config, write, data };
    const struct call call = {
        .element =
            exists ? "m:UpdateUserConfiguration" : "m:CreateUserConfiguration",
        .write = write_put,
        .data = &p,
        .n = 1,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };
    bool maybe;

    if (!core_has(mb->core, EWS_2010))
        return offered_not(mb->core, &call, err);
    if (call_make(mb, &call, &a, &maybe, err) < 0)
        return offered_judge(mb->core, &call, &a, err);
    return soap_message_status(a.messages[0], err);
}
