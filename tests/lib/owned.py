"""What belongs to a mailbox beside its items, as a client sets and sees it:
permissions, delegates, rules, replies, options, categories, photo."""
import base64
import xml.etree.ElementTree as ET

from harness import equal
from lab import NS


def good(answer, what):
    equal(set(answer.text("m:ResponseCode")), {"NoError"},
          f"{what}: {answer.body}")
    return answer


# ---- permissions and delegates ---------------------------------------------

def one(calendar, who, level, rights=""):
    kind = "Calendar" if calendar else ""
    user = (f"<t:DistinguishedUser>{who}</t:DistinguishedUser>"
            if who in ("Default", "Anonymous") else
            f"<t:PrimarySmtpAddress>{who}</t:PrimarySmtpAddress>")
    return (f"<t:{kind}Permission><t:UserId>{user}</t:UserId>{rights}"
            f"<t:{kind}PermissionLevel>{level}</t:{kind}PermissionLevel>"
            f"</t:{kind}Permission>")


def grant(client, name, *entries):
    """The folder's list is this and no other."""
    calendar = name == "calendar"
    kind = "Calendar" if calendar else ""
    inside = "".join(one(calendar, *entry) for entry in entries)
    answer = client(
        "<m:UpdateFolder><m:FolderChanges><t:FolderChange>"
        f'<t:DistinguishedFolderId Id="{name}"/><t:Updates><t:SetFolderField>'
        f'<t:FieldURI FieldURI="folder:PermissionSet"/><t:{kind}Folder>'
        f"<t:PermissionSet><t:{kind}Permissions>{inside}</t:{kind}Permissions>"
        f"</t:PermissionSet></t:{kind}Folder></t:SetFolderField></t:Updates>"
        "</t:FolderChange></m:FolderChanges></m:UpdateFolder>")
    equal(answer.codes(), ["NoError"], f"rights on {name}: {answer.body}")


def granted(client, name):
    """{who: level, or for Custom every right} of a folder."""
    answer = client(
        "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape>"
        "<t:AdditionalProperties><t:FieldURI FieldURI="
        '"folder:PermissionSet"/></t:AdditionalProperties></m:FolderShape>'
        f'<m:FolderIds><t:DistinguishedFolderId Id="{name}"/></m:FolderIds>'
        "</m:GetFolder>")
    found = {}
    kind = "Calendar" if name == "calendar" else ""
    for entry in answer.all(f"t:{kind}Permission"):
        values = {e.tag.split("}")[1]: e.text for e in entry.iter()}
        who = values.get("PrimarySmtpAddress") or values["DistinguishedUser"]
        level = values[f"{kind}PermissionLevel"]
        found[who] = level if level != "Custom" else {
            k: v for k, v in values.items() if k.startswith(("Can", "Is"))
            or k.endswith("Items")}
    return found


def add_delegate(client, of, who, levels, more="", deliver="DelegatesAndMe"):
    levels = "".join(f"<t:{f}FolderPermissionLevel>{level}</t:{f}Folder"
                     "PermissionLevel>" for f, level in levels)
    answer = client(
        f"<m:AddDelegate><m:Mailbox><t:EmailAddress>{of}</t:EmailAddress>"
        "</m:Mailbox><m:DelegateUsers><t:DelegateUser><t:UserId>"
        f"<t:PrimarySmtpAddress>{who}</t:PrimarySmtpAddress></t:UserId>"
        f"<t:DelegatePermissions>{levels}</t:DelegatePermissions>{more}"
        "</t:DelegateUser></m:DelegateUsers><m:DeliverMeetingRequests>"
        f"{deliver}</m:DeliverMeetingRequests></m:AddDelegate>")
    equal(set(answer.text("m:ResponseCode")), {"NoError"}, answer.body)


def delegates(client, of):
    """[(who, {folder: level}, copies, private)], and the delivery."""
    answer = client(
        '<m:GetDelegate IncludePermissions="true"><m:Mailbox><t:EmailAddress>'
        f"{of}</t:EmailAddress></m:Mailbox></m:GetDelegate>")
    found = []
    for user in answer.all("m:DelegateUser"):
        values = {e.tag.split("}")[1]: e.text for e in user.iter()}
        found.append((
            values["PrimarySmtpAddress"],
            {k.removesuffix("FolderPermissionLevel"): v
             for k, v in values.items()
             if k.endswith("FolderPermissionLevel") and v != "None"},
            values["ReceiveCopiesOfMeetingMessages"],
            values["ViewPrivateItems"]))
    return found, answer.text("m:DeliverMeetingRequests")


CUSTOM = ("<t:CanCreateItems>true</t:CanCreateItems>"
          "<t:CanCreateSubFolders>false</t:CanCreateSubFolders>"
          "<t:IsFolderOwner>false</t:IsFolderOwner>"
          "<t:IsFolderVisible>true</t:IsFolderVisible>"
          "<t:IsFolderContact>true</t:IsFolderContact>"
          "<t:EditItems>Owned</t:EditItems><t:DeleteItems>All</t:DeleteItems>"
          "<t:ReadItems>FullDetails</t:ReadItems>")


# ---- rules -----------------------------------------------------------------

def address(who):
    return (f"<t:Address><t:EmailAddress>{who}</t:EmailAddress>"
            "<t:RoutingType>SMTP</t:RoutingType></t:Address>")


def add_rule(client, name, priority, conditions, actions, exceptions=""):
    if exceptions:
        exceptions = f"<t:Exceptions>{exceptions}</t:Exceptions>"
    good(client(
        "<m:UpdateInboxRules><m:RemoveOutlookRuleBlob>true"
        "</m:RemoveOutlookRuleBlob><m:Operations><t:CreateRuleOperation>"
        f"<t:Rule><t:DisplayName>{name}</t:DisplayName><t:Priority>{priority}"
        "</t:Priority><t:IsEnabled>true</t:IsEnabled><t:Conditions>"
        f"{conditions}</t:Conditions>{exceptions}<t:Actions>{actions}"
        "</t:Actions></t:Rule></t:CreateRuleOperation></m:Operations>"
        "</m:UpdateInboxRules>"), name)


def rules(client):
    """[(name, enabled, texts of conditions and exceptions, actions)]"""
    answer = good(client("<m:GetInboxRules/>"), "rules")
    found = []
    for rule in answer.all("t:Rule"):
        values = [e.text for part in ("Conditions", "Exceptions")
                  for e in rule.iterfind(f"t:{part}//*", NS)
                  if e.text and e.text.strip() and not e.tag.endswith("}Name")]
        actions = [(e.tag.split("}")[1], e.text or e.get("Id"))
                   for e in rule.iterfind("t:Actions//*", NS)
                   if (e.text or e.get("Id")) and not e.tag.endswith("}Name")
                   and not e.tag.endswith("}RoutingType")]
        found.append((rule.findtext("t:DisplayName", None, NS),
                      rule.findtext("t:IsEnabled", None, NS), values, actions))
    return found


def folder_id(client, name):
    answer = client(
        '<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape>'
        "</m:FolderShape><m:FolderIds><t:DistinguishedFolderId "
        f'Id="{name}"/></m:FolderIds></m:GetFolder>')
    return answer.all("t:FolderId")[0].get("Id")


def subject(text):
    return ("<t:ContainsSubjectStrings><t:String>" + text +
            "</t:String></t:ContainsSubjectStrings>")


# ---- the rest --------------------------------------------------------------

def set_reply(client, who, state, text):
    good(client(
        f"<m:SetUserOofSettingsRequest><t:Mailbox><t:Address>{who}</t:Address>"
        f"</t:Mailbox><t:UserOofSettings><t:OofState>{state}</t:OofState>"
        "<t:ExternalAudience>Known</t:ExternalAudience><t:InternalReply>"
        f"<t:Message>{text}</t:Message></t:InternalReply><t:ExternalReply>"
        "<t:Message>out</t:Message></t:ExternalReply></t:UserOofSettings>"
        "</m:SetUserOofSettingsRequest>"), "replies")


def reply(client, who):
    answer = good(client(
        f"<m:GetUserOofSettingsRequest><t:Mailbox><t:Address>{who}"
        "</t:Address></t:Mailbox></m:GetUserOofSettingsRequest>"), "replies")
    return (answer.text("t:OofState") + answer.text("t:ExternalAudience") +
            answer.text("t:Message"))


def named(name, folder):
    return (f'<t:UserConfigurationName Name="{name}"><t:DistinguishedFolderId '
            f'Id="{folder}"/></t:UserConfigurationName>')


def configure(client, name, folder, content):
    """Made, or changed where the mailbox has it already."""
    for verb in ("Create", "Update"):
        answer = client(f"<m:{verb}UserConfiguration><m:UserConfiguration>" +
                        named(name, folder) + content +
                        f"</m:UserConfiguration></m:{verb}UserConfiguration>")
        if answer.text("m:ResponseCode") == ["NoError"]:
            return
    good(answer, name)


def configured(client, name, folder, what):
    return client("<m:GetUserConfiguration>" +
                  named(name, folder).replace("t:UserC", "m:UserC") +
                  f"<m:UserConfigurationProperties>{what}"
                  "</m:UserConfigurationProperties></m:GetUserConfiguration>")


def option(key, kind, value):
    return ("<t:DictionaryEntry><t:DictionaryKey><t:Type>String</t:Type>"
            f"<t:Value>{key}</t:Value></t:DictionaryKey><t:DictionaryValue>"
            f"<t:Type>{kind}</t:Type><t:Value>{value}</t:Value>"
            "</t:DictionaryValue></t:DictionaryEntry>")


def options(client):
    answer = configured(client, "OWA.UserOptions", "root", "Dictionary")
    values = answer.text("t:Value")
    return dict(zip(values[::2], values[1::2]))


def categories(client):
    answer = configured(client, "CategoryList", "calendar", "XmlData")
    data = base64.b64decode(answer.text("t:XmlData")[0])
    return {c.get("name"): c.get("color") for c in
            ET.fromstring(data.removeprefix(b"\xef\xbb\xbf"))}


def photo(client, who):
    answer = client(f"<m:GetUserPhoto><m:Email>{who}</m:Email>"
                    "<m:SizeRequested>HR96x96</m:SizeRequested>"
                    "</m:GetUserPhoto>")
    return [base64.b64decode(p) for p in answer.text("m:PictureData")]


def set_photo(client, who, picture):
    client(f"<m:SetUserPhoto><m:Email>{who}</m:Email><m:Content>"
           f"{base64.b64encode(picture).decode()}</m:Content></m:SetUserPhoto>")
