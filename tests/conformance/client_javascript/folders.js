// Signing in, autodiscover, whose rights; folders and their permissions.
"use strict";
const { assert, ews, office, USER1, USER2, ADMIN, Names, XhrApi, check,
  refused, digest, control, service, wellKnown, makeFolder, VERSIONS } =
  require("./lib");
const { WellKnownFolderName: Known } = ews;

const bind = (at, id) => ews.Folder.Bind(at, id);

async function token(fields) {
  return new Promise((resolve, reject) => {
    const request = require("node:https").request(
      `${office.url}/contoso.example/oauth2/v2.0/token`,
      { method: "POST", headers:
        { "Content-Type": "application/x-www-form-urlencoded" } },
      (answer) => {
        let text = "";
        answer.on("data", (part) => { text += part; });
        answer.on("end", () => {
          try {
            const read = JSON.parse(text);
            if (read.access_token) resolve(read.access_token);
            else reject(new Error(text));
          } catch (failure) {
            reject(new Error(`${answer.statusCode} ${text}`));
          }
        });
      });
    request.on("error", reject);
    request.end(new URLSearchParams(fields).toString());
  });
}

async function signIn() {
  await check("sign in", "basic", async () => {
    const inbox = await bind(service(), Known.Inbox);
    assert.equal(inbox.DisplayName, "Inbox");
  });
  await check("sign in", "NTLM", async () => {
    const inbox = await bind(service(USER1, { ntlm: true }), Known.Inbox);
    assert.equal(inbox.DisplayName, "Inbox");
  });
  await check("sign in", "NTLM with the domain's name", async () => {
    const at = service(USER1);
    at.XHRApi = new XhrApi().useNtlmAuthentication("CONTOSO\\user1",
      office.passwords[USER1]);
    assert.equal((await bind(at, Known.Inbox)).DisplayName, "Inbox");
  });
  for (const ntlm of [false, true]) {
    const name = ntlm ? "NTLM" : "basic";
    await check("sign in", `${name}: a wrong password is refused`, async () => {
      await refused(null, () => bind(
        service(USER1, { ntlm, password: "wrong" }), Known.Inbox));
    });
  }
  await check("sign in", "OAuth: client credentials, impersonating",
    async () => {
      const at = service(ADMIN, { actingAs: USER1, token: await token({
        grant_type: "client_credentials", client_id: office.oauth[0],
        client_secret: office.oauth[1],
        scope: "https://outlook.office365.com/.default" }) });
      assert.equal((await bind(at, Known.Inbox)).DisplayName, "Inbox");
    });
  await check("sign in", "OAuth: a token that is none is refused", async () => {
    await refused(null, () => bind(service(USER1, { token: "none" }),
      Known.Inbox));
  });
  await check("sign in", "the server says its version", async () => {
    const at = service();
    await bind(at, Known.Inbox);
    const got = at.ServerInfo;
    const want = { "2016": [15, 1], "2013_SP1": [15, 0], "2010_SP2": [14, 2] };
    assert.deepEqual([got.MajorVersion, got.MinorVersion],
      want[office.version]);
  });
}

async function autodiscover() {
  await check("Autodiscover", "SOAP GetUserSettings", async () => {
    const names = new Names(new XhrApi());
    const at = new ews.AutodiscoverService("contoso.example",
      VERSIONS[office.version]);
    at.XHRApi = names;
    at.Credentials = new ews.WebCredentials(USER1, office.passwords[USER1]);
    const got = await at.GetUserSettings(USER1, [
      ews.UserSettingName.ExternalEwsUrl, ews.UserSettingName.UserDisplayName,
      ews.UserSettingName.UserDN]);
    assert.equal(got.ErrorCode, ews.AutodiscoverErrorCode.NoError);
    const setting = (name) => got.Settings[name] ||
      got.GetSettingValue(name);
    assert.match(String(setting(ews.UserSettingName.ExternalEwsUrl)),
      /\/ews\/exchange\.asmx$/i);
    assert.match(String(setting(ews.UserSettingName.UserDN)), /^\/o=/);
  });
  await check("Autodiscover", "the service finds its own URL", async () => {
    const at = service();
    at.Url = null;
    at.XHRApi = new Names(new XhrApi());
    await at.AutodiscoverUrl(USER1, () => true);
    assert.match(at.Url.ToString(), /\/ews\/exchange\.asmx$/i);
    at.XHRApi = new Names(new XhrApi());
    assert.equal((await bind(at, Known.Inbox)).DisplayName, "Inbox");
  });
  await check("Autodiscover", "an address that is nobody's is refused",
    async () => {
      const at = service();
      at.XHRApi = new Names(new XhrApi());
      await refused(null, () => at.AutodiscoverUrl("nobody@contoso.example",
        () => true));
    });
}

async function rights() {
  await check("impersonation", "an administrator acts as a user", async () => {
    const own = await bind(service(USER1), Known.Inbox);
    const theirs = await bind(service(ADMIN, { actingAs: USER1 }), Known.Inbox);
    assert.equal(theirs.Id.UniqueId, own.Id.UniqueId);
  });
  await check("impersonation", "a user without the right is refused",
    () => refused(/ErrorImpersonateUserDenied/, () => bind(
      service(USER1, { actingAs: USER2 }), Known.Inbox)));
  await check("full access", "an administrator opens a user's folders",
    async () => {
      const own = await bind(service(USER1), Known.Inbox);
      const theirs = await bind(service(ADMIN), wellKnown(Known.Inbox, USER1));
      assert.equal(theirs.Id.UniqueId, own.Id.UniqueId);
    });
  await check("full access", "a user without the right is refused",
    () => refused(/Error(ItemNotFound|AccessDenied|FolderNotFound)/, () =>
      bind(service(USER1), wellKnown(Known.Drafts, USER2))));
}

async function busy() {
  await check("ErrorServerBusy", "the client says how long to wait",
    async () => {
      await control("POST", "/lab/faults", "busy:op=GetFolder,times=1,ms=700");
      const failure = await refused(/ErrorServerBusy/, () => bind(service(),
        Known.Inbox));
      assert.equal(Number(failure.ErrorDetails.get("BackOffMilliseconds")),
        700);
      await new Promise((done) => setTimeout(done, 700));
      const inbox = await bind(service(), Known.Inbox);
      assert.equal(inbox.DisplayName, "Inbox");
      await control("POST", "/lab/faults", "");
    });
}

async function tree(at, parent) {
  const view = new ews.FolderView(1000);
  view.Traversal = ews.FolderTraversal.Deep;
  return (await at.FindFolders(parent, view)).Folders;
}

async function walk() {
  const at = service();
  await check("FindFolder", "the whole tree, and what the digest says",
    async () => {
      const found = await tree(at, Known.MsgFolderRoot);
      const names = found.map((f) => f.DisplayName);
      for (const name of ["Inbox", "Drafts", "Sent Items", "Calendar",
        "Contacts", "Tasks"])
        assert.ok(names.includes(name), `${name} is not there`);
      const total = found.filter((f) => !(f instanceof ews.SearchFolder))
        .reduce((sum, f) => sum + f.TotalCount, 0);
      assert.equal(total, digest().length);
    });
  await check("FindFolder", "pages of three", async () => {
    const names = [];
    const view = new ews.FolderView(3);
    view.Traversal = ews.FolderTraversal.Deep;
    for (;;) {
      const page = await at.FindFolders(Known.MsgFolderRoot, view);
      names.push(...page.Folders.map((f) => f.Id.UniqueId));
      if (!page.MoreAvailable) break;
      // The library reads the next offset and forgets it.
      view.Offset += page.Folders.length;
    }
    // The library sorts what it reads by kind: the order is not its own.
    assert.deepEqual(names.sort(), (await tree(at, Known.MsgFolderRoot)).map(
      (f) => f.Id.UniqueId).sort());
  });
  await check("FindFolder", "by a restriction", async () => {
    const view = new ews.FolderView(10);
    view.Traversal = ews.FolderTraversal.Deep;
    const page = await at.FindFolders(Known.MsgFolderRoot,
      new ews.SearchFilter.IsEqualTo(ews.FolderSchema.DisplayName,
        "Drafts"), view);
    assert.deepEqual(page.Folders.map((f) => f.DisplayName), ["Drafts"]);
  });
}

async function changeFolders() {
  const at = service();
  const top = await makeFolder(at, "JS Æ \u{1f40c} / %");
  await check("CreateFolder", "an awkward name, a class", async () => {
    const got = await bind(at, top.Id);
    assert.equal(got.DisplayName, "JS Æ \u{1f40c} / %");
    const kind = new ews.TasksFolder(at);
    kind.DisplayName = "JS tasks";
    await kind.Save(Known.MsgFolderRoot);
    const found = await ews.TasksFolder.Bind(at, kind.Id);
    assert.equal(found.FolderClass, "IPF.Task");
    await found.Delete(ews.DeleteMode.HardDelete);
  });
  await check("UpdateFolder", "a new name", async () => {
    const got = await bind(at, top.Id);
    got.DisplayName = "JS renamed";
    await got.Update();
    assert.equal((await bind(at, top.Id)).DisplayName, "JS renamed");
  });
  await check("CopyFolder", "with what is in it", async () => {
    const item = new ews.EmailMessage(at);
    item.Subject = "in a folder";
    await item.Save(top.Id);
    const copy = await top.Copy(Known.Drafts);
    const got = await bind(at, copy.Id);
    assert.equal(got.TotalCount, 1);
    assert.equal(got.DisplayName, "JS renamed");
    await got.Delete(ews.DeleteMode.HardDelete);
  });
  await check("MoveFolder", "into another one", async () => {
    const moved = await top.Move(Known.Drafts);
    const drafts = await bind(at, Known.Drafts);
    assert.equal((await bind(at, moved.Id)).ParentFolderId.UniqueId,
      drafts.Id.UniqueId);
    top.target = moved;
  });
  const folder = await bind(at, (top.target || top).Id);
  if (office.version !== "2007_SP1")
    await check("EmptyFolder", "items and folders", async () => {
      await folder.Empty(ews.DeleteMode.HardDelete, true);
      assert.equal((await bind(at, folder.Id)).TotalCount, 0);
    });
  await check("DeleteFolder", "it is gone", async () => {
    await folder.Delete(ews.DeleteMode.HardDelete);
    await refused(/Error(FolderNotFound|ItemNotFound)/,
      () => bind(at, folder.Id));
  });
}

const permissionsOf = async (at, id) => (await ews.Folder.Bind(at, id,
  new ews.PropertySet(ews.BasePropertySet.IdOnly, [
    ews.FolderSchema.Permissions, ews.FolderSchema.DisplayName])));

async function permissions() {
  const at = service();
  const folder = await makeFolder(at, "JS shared");
  await check("UpdateFolder", "a permission lets another one read",
    async () => {
      const item = new ews.EmailMessage(at);
      item.Subject = "for two";
      await item.Save(folder.Id);
      await refused(/Error/, () => bind(service(USER2), folder.Id));
      const got = await permissionsOf(at, folder.Id);
      got.Permissions.Add(new ews.FolderPermission(USER2,
        ews.FolderPermissionLevel.Reviewer));
      await got.Update();
      const again = await permissionsOf(at, folder.Id);
      const theirs = again.Permissions.Items.filter(
        (p) => p.UserId.PrimarySmtpAddress === USER2);
      assert.equal(theirs.length, 1);
      assert.equal(Number(theirs[0].PermissionLevel),
        ews.FolderPermissionLevel.Reviewer);
      const seen = await service(USER2).FindItems(folder.Id,
        new ews.ItemView(10));
      assert.deepEqual(seen.Items.map((i) => i.Subject), ["for two"]);
    });
  await check("UpdateFolder", "another permission, and none", async () => {
    const theirsOf = (got) => got.Permissions.Items.filter(
      (p) => p.UserId.PrimarySmtpAddress === USER2)[0];
    const got = await permissionsOf(at, folder.Id);
    theirsOf(got).PermissionLevel = ews.FolderPermissionLevel.Author;
    await got.Update();
    const again = await permissionsOf(at, folder.Id);
    assert.equal(Number(theirsOf(again).PermissionLevel),
      ews.FolderPermissionLevel.Author);
    again.Permissions.Remove(theirsOf(again));
    await again.Update();
    await refused(/Error/, () => bind(service(USER2), folder.Id));
  });
  await check("UpdateFolder", "the permissions of a calendar", async () => {
    const calendar = new ews.CalendarFolder(at);
    calendar.DisplayName = "JS calendar";
    await calendar.Save(Known.MsgFolderRoot);
    const got = await permissionsOf(at, calendar.Id);
    got.Permissions.Add(new ews.FolderPermission(USER2,
      ews.FolderPermissionLevel.FreeBusyTimeAndSubjectAndLocation));
    await got.Update();
    const again = await permissionsOf(at, calendar.Id);
    const theirs = again.Permissions.Items.filter(
      (p) => p.UserId.PrimarySmtpAddress === USER2);
    assert.deepEqual(theirs.map((p) => Number(p.PermissionLevel)),
      [ews.FolderPermissionLevel.FreeBusyTimeAndSubjectAndLocation]);
    await calendar.Delete(ews.DeleteMode.HardDelete);
  });
  await folder.Delete(ews.DeleteMode.HardDelete);
}

module.exports = { signIn, autodiscover, rights, busy, walk, changeFolders,
  permissions };
