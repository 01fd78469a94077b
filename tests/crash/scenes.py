"""Where mailferry is when it dies: the scenes of the crash tests."""
import base64
import collections
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import folders  # noqa: E402
from both import client_of, people  # noqa: E402
from dying import Scene, destination  # noqa: E402
from harness import MAILFERRY, Pair, check, equal  # noqa: E402

PORTABLE = ["--lacks=ExportItems,UploadItems"]
RECOVERABLE = ["--recoverable-items"]


def migrated(pair, *more):
    done = pair.migrate(*more)
    equal(done.status, 0, f"the first run: {done.out[-2000:]}{done.err}")
    return pair


def three_folders(client):
    """In the inbox, with an item in each; their ids."""
    return folders.folders_with_a_note(client, client.folder_id("inbox"),
                                       "Old name", "To move", "To go")


def changed(items=30, options=()):
    """A mailbox that was moved, and in which all kinds of things happened."""
    pair = Pair(1, items, options=options)
    try:
        client = client_of(pair, "source", people(pair)[0][0])
        renamed, moved, gone = three_folders(client)
        migrated(pair)
        pair.control("source",
                     "/lab/change?edit=4&read=4&move=4&delete=3&touch=4")
        pair.add(4)
        folders.rename(client, renamed, "New name")
        folders.move(client, moved, renamed)
        folders.delete(client, gone)
    except BaseException:
        pair.__exit__(True)
        raise
    return pair


def forgotten(options=()):
    """A run that nobody remembers has moved a part."""
    pair = Pair(1, 30, options=options)
    died = pair.migrate(env={"MAILFERRY_DIE_AT": "record:4"})
    check(died.status == -signal.SIGKILL, f"the forgotten run: {died.err}")
    for path in pair.path.glob("*.mailferry*"):
        path.unlink()
    return pair


def cancelled():
    """Ctrl-C in the middle: lanes finish their batch."""
    pair = Pair(1, 40, options=["--latency=5"])
    process = subprocess.Popen(
        [MAILFERRY, "migrate", pair.admin_csv, *pair.options()],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while (pair.counters("destination")["requests.UploadItems"] < 2 and
           process.poll() is None):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    check(process.wait() in (0, 130), f"cancelled: {process.returncode}")
    return pair


# ---- settings ----------------------------------------------------------------

RULE = ("<m:UpdateInboxRules><m:RemoveOutlookRuleBlob>true"
        "</m:RemoveOutlookRuleBlob><m:Operations><t:CreateRuleOperation><t:Rule>"
        "<t:DisplayName>{0}</t:DisplayName><t:Priority>{1}</t:Priority>"
        "<t:IsEnabled>true</t:IsEnabled><t:Conditions><t:ContainsSubjectStrings>"
        "<t:String>{0}</t:String></t:ContainsSubjectStrings></t:Conditions>"
        "<t:Actions><t:MarkAsRead>true</t:MarkAsRead></t:Actions></t:Rule>"
        "</t:CreateRuleOperation></m:Operations></m:UpdateInboxRules>")
AWAY = ("<m:SetUserOofSettingsRequest><t:Mailbox><t:Address>{}</t:Address>"
        "</t:Mailbox><t:UserOofSettings><t:OofState>Enabled</t:OofState>"
        "<t:ExternalAudience>All</t:ExternalAudience><t:InternalReply>"
        "<t:Message>in</t:Message></t:InternalReply><t:ExternalReply>"
        "<t:Message>out</t:Message></t:ExternalReply></t:UserOofSettings>"
        "</m:SetUserOofSettingsRequest>")
CATEGORIES = (b'<?xml version="1.0"?><categories default="Work" '
              b'xmlns="CategoryList.xsd"><category name="Work" color="1" guid="{'
              b'2B7FC69C-7046-44A2-8FF3-007D7467DC82}"/></categories>')
LIST = ("<m:{0}UserConfiguration><m:UserConfiguration><t:UserConfigurationName "
        'Name="CategoryList"><t:DistinguishedFolderId Id="calendar"/>'
        "</t:UserConfigurationName><t:XmlData>" +
        base64.b64encode(CATEGORIES).decode() + "</t:XmlData>"
        "</m:UserConfiguration></m:{0}UserConfiguration>")
OPTIONS = ("<m:{0}UserConfiguration><m:UserConfiguration>"
           '<t:UserConfigurationName Name="OWA.UserOptions">'
           '<t:DistinguishedFolderId Id="root"/></t:UserConfigurationName>'
           "<t:Dictionary><t:DictionaryEntry><t:DictionaryKey><t:Type>String"
           "</t:Type><t:Value>signaturehtml</t:Value></t:DictionaryKey>"
           "<t:DictionaryValue><t:Type>String</t:Type><t:Value>Ann</t:Value>"
           "</t:DictionaryValue></t:DictionaryEntry></t:Dictionary>"
           "</m:UserConfiguration></m:{0}UserConfiguration>")
PHOTO = ("<m:SetUserPhoto><m:Email>{}</m:Email><m:Content>" +
         base64.b64encode(b"a face").decode() + "</m:Content></m:SetUserPhoto>")
DELEGATE = ("<m:{0}Delegate><m:Mailbox><t:EmailAddress>{1}</t:EmailAddress>"
            "</m:Mailbox><m:DelegateUsers><t:DelegateUser><t:UserId>"
            "<t:PrimarySmtpAddress>{2}</t:PrimarySmtpAddress></t:UserId>"
            "<t:DelegatePermissions><t:TasksFolderPermissionLevel>{3}"
            "</t:TasksFolderPermissionLevel></t:DelegatePermissions>"
            "</t:DelegateUser></m:DelegateUsers><m:DeliverMeetingRequests>{4}"
            "</m:DeliverMeetingRequests></m:{0}Delegate>")
DELEGATES = ('<m:GetDelegate IncludePermissions="true"><m:Mailbox>'
             "<t:EmailAddress>{}</t:EmailAddress></m:Mailbox></m:GetDelegate>")


def with_settings():
    """Three mailboxes that share folders; one has rules and all the rest."""
    pair = Pair(3, 6)
    migrated(pair)
    address = people(pair)[0][0]
    client = client_of(pair, "source", address, "Exchange2016")
    for number, name in enumerate(("First", "Second", "Third"), 1):
        client(RULE.format(name, number))
    client(AWAY.format(address))
    for verb in ("Create", "Update"):
        client(LIST.format(verb))
        client(OPTIONS.format(verb))
    client(PHOTO.format(address))
    folders.do(client, DELEGATE.format("Add", address, people(pair)[1][0],
                                       "Editor", "DelegatesAndMe"))
    return pair


def settings_changed():
    """They have been carried over once, and a delegate has other rights."""
    pair = with_settings()
    done = pair.mailferry("settings")
    check(done.status in (0, 1), f"the first settings: {done.err}")
    address = people(pair)[0][0]
    client = client_of(pair, "source", address, "Exchange2016")
    folders.do(client, DELEGATE.format("Update", address, people(pair)[1][0],
                                       "Reviewer", "DelegatesOnly"))
    return pair


def settings_there(pair):
    """What the destination tells of them, without what is its own."""
    found = collections.Counter()
    for _, address in people(pair):
        client = client_of(pair, "destination", address, "Exchange2016")
        rules = client("<m:GetInboxRules/>")
        found.update(f"{address} rule {name} {enabled}" for name, enabled in
                     zip(rules.text("t:DisplayName"), rules.text("t:IsEnabled")))
        away = client("<m:GetUserOofSettingsRequest><t:Mailbox><t:Address>"
                      f"{address}</t:Address></t:Mailbox>"
                      "</m:GetUserOofSettingsRequest>")
        found[f"{address} {away.text('t:OofState')} "
              f"{away.text('t:Message')}"] += 1
        categories = client(
            '<m:GetUserConfiguration><m:UserConfigurationName '
            'Name="CategoryList"><t:DistinguishedFolderId Id="calendar"/>'
            "</m:UserConfigurationName><m:UserConfigurationProperties>All"
            "</m:UserConfigurationProperties></m:GetUserConfiguration>")
        for data in categories.text("t:XmlData"):
            found.update(f"{address} category {name}" for name in re.findall(
                b'name="([^"]*)"', base64.b64decode(data)))
        photo = client(f"<m:GetUserPhoto><m:Email>{address}</m:Email>"
                       "<m:SizeRequested>HR96x96</m:SizeRequested>"
                       "</m:GetUserPhoto>")
        found[f"{address} photo {photo.text('m:PictureData')}"] += 1
        delegates = client(DELEGATES.format(address))
        found[f"{address} delegates " + " ".join(
            text for name in ("t:PrimarySmtpAddress",
                              "t:TasksFolderPermissionLevel",
                              "m:DeliverMeetingRequests")
            for text in delegates.text(name))] += 1
        for folder in ("calendar", "contacts", "notes", "tasks", "inbox"):
            found.update(f"{address} {folder} {line}" for line in
                         permissions(client, folder))
    return found


def permissions(client, folder):
    """A line for each entry: who, and the level."""
    answer = client(
        "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape>"
        '<t:AdditionalProperties><t:FieldURI FieldURI="folder:PermissionSet"/>'
        "</t:AdditionalProperties></m:FolderShape><m:FolderIds>"
        f'<t:DistinguishedFolderId Id="{folder}"/></m:FolderIds></m:GetFolder>')
    entries = answer.all("t:Permission") + answer.all("t:CalendarPermission")
    return ["".join(text for text in entry.itertext() if text.strip())
            for entry in entries]


# ---- all of them ---------------------------------------------------------------

def portable_there(pair):
    """What CreateItem makes has times of its own at each run; that it is equal
    to the source's is for the full verification of the run after to say."""
    return collections.Counter(
        line.rsplit("\t", 1)[0] for line in pair.digest("destination", "--all"))


def visible(side):
    return lambda pair: collections.Counter(pair.digest(side))


BESIDE = ["--archive", "--recoverable"]

SCENES = (
    Scene("first", lambda: Pair(1, 30)),
    Scene("portable", lambda: Pair(1, 60, options=PORTABLE),
          look=portable_there),
    Scene("trial", lambda: Pair(1, 24), ["--trial"], then=[],
          look=visible("destination"), against=visible("source")),
    Scene("delta", changed, ["--propagate-deletes"],
          look=visible("destination"), against=visible("source")),
    Scene("portable-delta", lambda: changed(30, PORTABLE),
          ["--propagate-deletes"], look=portable_there),
    Scene("adopt", forgotten, ["--adopt"]),
    Scene("beside", lambda: Pair(1, 16, beside=["--archive", "both",
                                                "--recoverable", "8"]),
          RECOVERABLE, look=destination(*BESIDE)),
    Scene("cancelled", cancelled),
    Scene("settings", with_settings, command="settings", look=settings_there,
          ends=(0, 1)),
    Scene("settings-again", settings_changed, command="settings",
          look=settings_there, ends=(0, 1)),
    Scene("verify", lambda: migrated(Pair(1, 20)), command="verify"),
)
