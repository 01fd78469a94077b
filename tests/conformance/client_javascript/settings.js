// What a mailbox has beside its items.
"use strict";
const { assert, ews, USER1, USER2, check, refused, service, utc, when,
  makeFolder, xml } = require("./lib");
const { WellKnownFolderName: Known } = ews;

async function replies() {
  const at = service();
  await check("SetUserOofSettings", "scheduled, both texts", async () => {
    const set = new ews.OofSettings();
    set.State = ews.OofState.Scheduled;
    set.ExternalAudience = ews.OofExternalAudience.Known;
    set.Duration = new ews.TimeWindow(utc("2031-07-01T06:00:00Z"),
      utc("2031-07-15T16:00:00Z"));
    set.InternalReply = new ews.OofReply("drinnen ü");
    set.ExternalReply = new ews.OofReply(xml("out & away"));
    await at.SetUserOofSettings(USER1, set);
    const got = await at.GetUserOofSettings(USER1);
    assert.equal(got.State, ews.OofState.Scheduled);
    assert.equal(got.ExternalAudience, ews.OofExternalAudience.Known);
    assert.equal(when(got.Duration.StartTime), "2031-07-01T06:00:00Z");
    assert.equal(when(got.Duration.EndTime), "2031-07-15T16:00:00Z");
    assert.match(got.InternalReply.Message, /drinnen ü/);
    assert.match(got.ExternalReply.Message, /out (&|&amp;) away/);
  });
  await check("SetUserOofSettings", "disabled", async () => {
    const set = new ews.OofSettings();
    set.State = ews.OofState.Disabled;
    set.ExternalAudience = ews.OofExternalAudience.None;
    set.InternalReply = new ews.OofReply("");
    set.ExternalReply = new ews.OofReply("");
    await at.SetUserOofSettings(USER1, set);
    const got = await at.GetUserOofSettings(USER1);
    assert.equal(got.State, ews.OofState.Disabled);
  });
}

async function delegates() {
  const at = service();
  const owner = new ews.Mailbox(USER1);
  const scope = ews.MeetingRequestsDeliveryScope;
  const level = ews.DelegateFolderPermissionLevel;
  const now = async () => (await at.GetDelegates(owner, true, []))
    .DelegateUserResponses.map((r) => r.DelegateUser);
  await check("AddDelegate", "with permissions by folder", async () => {
    const user = new ews.DelegateUser(USER2);
    user.Permissions.CalendarFolderPermissionLevel = level.Editor;
    user.Permissions.InboxFolderPermissionLevel = level.Reviewer;
    user.ReceiveCopiesOfMeetingMessages = true;
    user.ViewPrivateItems = false;
    const answers = await at.AddDelegates(owner,
      scope.DelegatesAndSendInformationToMe, [user]);
    assert.deepEqual(answers.map((r) => r.Result),
      [ews.ServiceResult.Success]);
    const got = await now();
    assert.equal(got.length, 1);
    assert.equal(got[0].UserId.PrimarySmtpAddress, USER2);
    assert.equal(got[0].Permissions.CalendarFolderPermissionLevel,
      level.Editor);
    assert.equal(got[0].Permissions.InboxFolderPermissionLevel,
      level.Reviewer);
    assert.equal(got[0].ReceiveCopiesOfMeetingMessages, true);
  });
  await check("AddDelegate", "they may open the calendar", async () => {
    const folder = await ews.Folder.Bind(service(USER2),
      new ews.FolderId(Known.Calendar, owner));
    assert.equal(folder.DisplayName, "Calendar");
  });
  await check("UpdateDelegate", "other permissions", async () => {
    const user = (await now())[0];
    user.Permissions.CalendarFolderPermissionLevel = level.Author;
    user.ViewPrivateItems = true;
    await at.UpdateDelegates(owner, scope.DelegatesOnly, [user]);
    const got = (await now())[0];
    assert.equal(got.Permissions.CalendarFolderPermissionLevel, level.Author);
    assert.equal(got.ViewPrivateItems, true);
  });
  await check("RemoveDelegate", "they are gone, with their rights",
    async () => {
      await at.RemoveDelegates(owner, [new ews.UserId(USER2)]);
      assert.deepEqual(await now(), []);
      await refused(/Error/, () => ews.Folder.Bind(service(USER2),
        new ews.FolderId(Known.Calendar, owner)));
    });
}

async function rules() {
  const at = service();
  const target = await makeFolder(at, "JS rules");
  const now = async () => (await at.GetInboxRules()).GetEnumerator();
  await check("UpdateInboxRules", "a rule is made, and works", async () => {
    const rule = new ews.Rule();
    rule.DisplayName = "Regel ü";
    rule.Priority = 1;
    rule.IsEnabled = true;
    rule.Conditions.ContainsSubjectStrings.Add("urgent, important");
    rule.Conditions.Importance = ews.Importance.High;
    rule.Actions.MoveToFolder = target.Id;
    rule.Actions.MarkAsRead = true;
    rule.Exceptions.ContainsSubjectStrings.Add("not this");
    await at.UpdateInboxRules([new ews.CreateRuleOperation(rule)], true);
    const got = await now();
    assert.equal(got.length, 1);
    assert.equal(got[0].DisplayName, "Regel ü");
    assert.equal(got[0].IsEnabled, true);
    assert.deepEqual(got[0].Conditions.ContainsSubjectStrings.GetEnumerator(),
      ["urgent, important"]);
    assert.equal(got[0].Actions.MoveToFolder.UniqueId, target.Id.UniqueId);
    assert.equal(got[0].Actions.MarkAsRead, true);
    assert.deepEqual(got[0].Exceptions.ContainsSubjectStrings.GetEnumerator(),
      ["not this"]);
  });
  await check("UpdateInboxRules", "it is changed", async () => {
    const rule = (await now())[0];
    rule.DisplayName = "changed";
    rule.IsEnabled = false;
    await at.UpdateInboxRules([new ews.SetRuleOperation(rule)], true);
    const got = (await now())[0];
    assert.equal(got.DisplayName, "changed");
    assert.equal(got.IsEnabled, false);
  });
  await check("UpdateInboxRules", "it is taken away", async () => {
    const rule = (await now())[0];
    await at.UpdateInboxRules([new ews.DeleteRuleOperation(rule.Id)], true);
    assert.deepEqual(await now(), []);
  });
}

async function configuration() {
  const at = service();
  const C = ews.UserConfigurationProperties;
  const inbox = new ews.FolderId(Known.Inbox);
  let made;
  const load = (name) => at.GetUserConfiguration(name, inbox, C.All);
  await check("CreateUserConfiguration", "dictionary, XML, bytes",
    async () => {
      made = new ews.UserConfiguration(at);
      made.Dictionary.Add("schlüssel", xml("wert & ü"));
      made.Dictionary.Add("truth", true);
      made.XmlData = Buffer.from("<x>ü</x>").toString("base64");
      made.BinaryData = Buffer.from([0, 1, 254, 255]).toString("base64");
      await made.Save("JSConformance", inbox);
      const got = await load("JSConformance");
      assert.equal(got.Dictionary._getItem("schlüssel"), "wert & ü");
      assert.equal(String(got.Dictionary._getItem("truth")), "true");
      assert.equal(got.XmlData, made.XmlData);
      assert.equal(got.BinaryData, made.BinaryData);
    });
  await check("UpdateUserConfiguration", "an entry", async () => {
    // The library takes what it has read for new, and will not update it.
    made.Dictionary.Add("new", "one");
    await made.Update();
    assert.equal((await load("JSConformance")).Dictionary._getItem("new"),
      "one");
  });
  await check("DeleteUserConfiguration", "it is gone", async () => {
    await at.DeleteUserConfiguration("JSConformance", inbox);
    await refused(/ErrorItemNotFound/, () => load("JSConformance"));
  });
}

async function names() {
  const at = service();
  await check("ResolveNames", "an address, a name, nobody", async () => {
    const got = await at.ResolveName(USER2);
    assert.equal(got._getItem(0).Mailbox.Address, USER2);
    const part = await at.ResolveName("user1",
      ews.ResolveNameSearchLocation.DirectoryOnly, true);
    assert.ok(part.GetEnumerator().some((i) => i.Mailbox.Address === USER1));
    assert.equal((await at.ResolveName("zzzz-nobody")).Count, 0);
  });
  await check("ConvertId", "to the entry id and back", async () => {
    const inbox = await ews.Folder.Bind(at, Known.Inbox);
    const first = new ews.AlternateId(ews.IdFormat.EwsId, inbox.Id.UniqueId,
      USER1);
    const there = await at.ConvertId(first, ews.IdFormat.HexEntryId);
    assert.match(there.UniqueId, /^[0-9A-F]+$/i);
    const back = await at.ConvertId(there, ews.IdFormat.EwsId);
    assert.equal(back.UniqueId, inbox.Id.UniqueId);
  });
  await check("GetUserAvailability", "what is busy", async () => {
    const item = new ews.Appointment(at);
    item.Subject = "JS busy";
    item.Start = utc("2031-05-05T08:00:00Z");
    item.End = utc("2031-05-05T09:30:00Z");
    await item.Save(Known.Calendar, ews.SendInvitationsMode.SendToNone);
    const got = await at.GetUserAvailability([new ews.AttendeeInfo(USER1)],
      new ews.TimeWindow(utc("2031-05-05T00:00:00Z"),
        utc("2031-05-06T00:00:00Z")), ews.AvailabilityData.FreeBusy);
    const events = got.AttendeesAvailability.Responses[0].CalendarEvents;
    assert.ok(events.length >= 1);
    await item.Delete(ews.DeleteMode.HardDelete,
      ews.SendCancellationsMode.SendToNone);
  });
}

module.exports = { replies, delegates, rules, configuration, names };
