// Messages, attachments, finding, following changes.
"use strict";
const { assert, ews, USER1, USER2, check, refused, classes, service,
  makeFolder, all, texts, addresses, office, xml, tray } = require("./lib");
const { WellKnownFolderName: Known } = ews;

const BINARY = Buffer.from(Array.from({ length: 5120 }, (_, n) => n % 256));
const bytes = (base64) => Buffer.from(base64, "base64");

async function message(at, folder, subject, fill = () => {}) {
  const item = new ews.EmailMessage(at);
  item.Subject = subject;
  fill(item);
  await item.Save(folder.Id);
  return item;
}

const load = (at, id, ...more) => ews.EmailMessage.Bind(at, id, all(...more));

async function plain(at, folder) {
  await check("CreateItem", "a message with all its properties", async () => {
    const made = await message(at, folder, xml("JS ü \u{1f4e8} & <x>"), (item) => {
      item.Body = new ews.MessageBody(ews.BodyType.Text, "one\r\ntwo");
      item.Importance = ews.Importance.High;
      item.Sensitivity = ews.Sensitivity.Private;
      item.Categories.Add("Red");
      item.Categories.Add(xml("Grün & Co"));
      item.ToRecipients.Add(new ews.EmailAddress("Two, User", USER2));
      item.CcRecipients.Add(USER1);
      item.BccRecipients.Add("hid@fabrikam.example");
      item.IsRead = false;
      item.IsReadReceiptRequested = true;
      item.References = xml("<x@fabrikam.example>");
    });
    const got = await load(at, made.Id);
    assert.equal(got.Subject, "JS ü \u{1f4e8} & <x>");
    assert.equal(got.Body.Text.trim(), "one\r\ntwo".replace("\r\n",
      got.Body.Text.includes("\r\n") ? "\r\n" : "\n"));
    assert.equal(got.Importance, ews.Importance.High);
    assert.equal(got.Sensitivity, ews.Sensitivity.Private);
    assert.deepEqual(texts(got.Categories), ["Red", "Grün & Co"]);
    assert.deepEqual(addresses(got.ToRecipients), [USER2]);
    assert.equal(got.ToRecipients.GetEnumerator()[0].Name, "Two, User");
    assert.deepEqual(addresses(got.CcRecipients), [USER1]);
    assert.deepEqual(addresses(got.BccRecipients), ["hid@fabrikam.example"]);
    assert.equal(got.IsRead, false);
    assert.equal(got.IsReadReceiptRequested, true);
    assert.equal(got.References, "<x@fabrikam.example>");
    assert.equal(got.ItemClass, "IPM.Note");
    assert.deepEqual(classes("JS mail"), { "IPM.Note": 1 });
  });
  await check("UpdateItem", "properties change, and go", async () => {
    const made = await message(at, folder, "before", (item) => {
      item.Categories.Add("A");
      item.ToRecipients.Add(USER2);
    });
    const got = await load(at, made.Id);
    got.Subject = "after ü";
    got.Body = new ews.MessageBody(ews.BodyType.HTML, xml("<p>ünd</p>"));
    got.Categories.Clear();
    got.ToRecipients.Clear();
    got.ToRecipients.Add(USER1);
    got.IsRead = true;
    await got.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    const again = await load(at, made.Id);
    assert.equal(again.Subject, "after ü");
    assert.match(again.Body.Text, /<p>ünd<\/p>/);
    assert.deepEqual(texts(again.Categories), []);
    assert.deepEqual(addresses(again.ToRecipients), [USER1]);
    assert.equal(again.IsRead, true);
  });
  await check("CreateItem", "from MIME", async () => {
    const item = new ews.EmailMessage(at);
    item.MimeContent = new ews.MimeContent("UTF-8", Buffer.from(
      "From: zoe@fabrikam.example\r\nTo: user1@contoso.example\r\n" +
      "Subject: =?utf-8?Q?JS_M=C3=BC?=\r\nMessage-ID: <js@fabrikam.example>" +
      "\r\nDate: Tue, 05 Mar 2019 08:09:10 +0100\r\n\r\ntext\r\n")
      .toString("base64"));
    await item.Save(folder.Id);
    const got = await load(at, item.Id, ews.ItemSchema.MimeContent);
    assert.equal(got.Subject, "JS Mü");
    assert.equal(got.InternetMessageId, "<js@fabrikam.example>");
    assert.equal(got.From.Address, "zoe@fabrikam.example");
    const mime = bytes(got.MimeContent.Content).toString();
    assert.match(mime, /^Subject: /m);
    assert.match(mime, /<js@fabrikam\.example>/);
  });
}

async function extended(at, folder) {
  const named = new ews.ExtendedPropertyDefinition(
    ews.DefaultExtendedPropertySet.PublicStrings, "Conformance",
    ews.MapiPropertyType.String);
  const tag = new ews.ExtendedPropertyDefinition(0x1081,
    ews.MapiPropertyType.Integer);
  const numbered = new ews.ExtendedPropertyDefinition(
    ews.DefaultExtendedPropertySet.Common, 0x8554,
    ews.MapiPropertyType.String);
  await check("CreateItem", "extended properties: tag, name, id", async () => {
    const made = await message(at, folder, "extended", (item) => {
      item.SetExtendedProperty(named, "värde");
      item.SetExtendedProperty(tag, 103);
      item.SetExtendedProperty(numbered, "16.0");
    });
    const got = await load(at, made.Id, named, tag, numbered);
    const values = Object.fromEntries(got.ExtendedProperties.Items.map(
      (p) => [p.PropertyDefinition.Name || p.PropertyDefinition.Tag ||
        p.PropertyDefinition.Id, p.Value]));
    assert.equal(values.Conformance, "värde");
    assert.equal(Number(values[0x1081]), 103);
    assert.equal(values[0x8554], "16.0");
  });
  await check("FindItem", "by an extended property", async () => {
    const page = await at.FindItems(folder.Id,
      new ews.SearchFilter.IsEqualTo(named, "värde"), new ews.ItemView(10));
    assert.deepEqual(page.Items.map((i) => i.Subject), ["extended"]);
  });
}

async function attachments(at, folder) {
  await check("CreateAttachment", "files, one of them inline", async () => {
    const item = new ews.EmailMessage(at);
    item.Subject = "attached";
    item.Body = new ews.MessageBody(ews.BodyType.HTML,
      xml('<img src="cid:snail@contoso.example">'));
    item.Attachments.AddFileAttachment("größe.bin",
      BINARY.toString("base64"));
    const inline = item.Attachments.AddFileAttachment("snail.png",
      Buffer.from("\x89PNG", "latin1").toString("base64"));
    inline.IsInline = true;
    inline.ContentId = "snail@contoso.example";
    await item.Save(folder.Id);
    const got = await load(at, item.Id);
    const found = {};
    for (const one of got.Attachments.Items) {
      await one.Load();
      found[one.Name] = one;
    }
    assert.deepEqual(Object.keys(found).sort(), ["größe.bin", "snail.png"]);
    assert.ok(bytes(found["größe.bin"].Base64Content).equals(BINARY));
    assert.equal(found["snail.png"].IsInline, true);
    assert.equal(found["snail.png"].ContentId, "snail@contoso.example");
    assert.equal(got.HasAttachments, true);
  });
  await check("CreateAttachment", "a message inside a message", async () => {
    const item = new ews.EmailMessage(at);
    item.Subject = "outer";
    const inside = item.Attachments.AddItemAttachment(ews.EmailMessage,
      "Message");
    inside.Name = "inner";
    inside.Item.Subject = "inner ü";
    inside.Item.Body = new ews.MessageBody(ews.BodyType.Text, "inside");
    await item.Save(folder.Id);
    const got = await load(at, item.Id);
    assert.equal(got.Attachments.Items.length, 1);
    // By its id: one.Load() validates the item that it is to load.
    const answer = await at.GetAttachments([got.Attachments.Items[0].Id],
      null, null);
    const inner = answer.Responses[0].Attachment.Item;
    assert.equal(inner.Subject, "inner ü");
    assert.equal(inner.Body.Text.trim(), "inside");
  });
  await check("DeleteAttachment", "one of two", async () => {
    const found = await at.FindItems(folder.Id, new ews.SearchFilter.IsEqualTo(
      ews.ItemSchema.Subject, "attached"), new ews.ItemView(1));
    const got = await load(at, found.Items[0].Id);
    got.Attachments.Remove(got.Attachments.Items.filter(
      (a) => a.Name === "snail.png")[0]);
    await got.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    const again = await load(at, got.Id);
    assert.deepEqual(again.Attachments.Items.map((a) => a.Name),
      ["größe.bin"]);
  });
}

async function moving(at, folder) {
  const other = await makeFolder(at, "JS other");
  await check("CopyItem", "the copy has an id of its own", async () => {
    const item = await message(at, folder, "wanders");
    const copy = await (await load(at, item.Id)).Copy(other.Id);
    assert.notEqual(copy.Id.UniqueId, item.Id.UniqueId);
    assert.equal((await load(at, copy.Id)).Subject, "wanders");
    assert.deepEqual(classes("JS other"), { "IPM.Note": 1 });
  });
  await check("MoveItem", "gone here, there with a new id", async () => {
    const item = await message(at, folder, "moves");
    const moved = await (await load(at, item.Id)).Move(other.Id);
    assert.equal((await load(at, moved.Id)).ParentFolderId.UniqueId,
      other.Id.UniqueId);
    await refused(/ErrorItemNotFound/, () => load(at, item.Id));
  });
  await check("DeleteItem", "in all three ways", async () => {
    for (const [mode, where] of [[ews.DeleteMode.MoveToDeletedItems,
      Known.DeletedItems], [ews.DeleteMode.SoftDelete,
      Known.RecoverableItemsDeletions], [ews.DeleteMode.HardDelete, null]]) {
      const item = await message(at, folder, `gone ${mode}`);
      await (await load(at, item.Id)).Delete(mode);
      await refused(/ErrorItemNotFound/, () => load(at, item.Id));
      for (const place of [Known.DeletedItems,
        Known.RecoverableItemsDeletions]) {
        const page = await at.FindItems(place, new ews.SearchFilter.IsEqualTo(
          ews.ItemSchema.Subject, `gone ${mode}`), new ews.ItemView(5));
        assert.equal(page.TotalCount, place === where ? 1 : 0,
          `${ews.DeleteMode[mode]}, ${ews.WellKnownFolderName[place]}`);
      }
    }
  });
  if (office.version.startsWith("2010")) return;
  await check("MarkAllItemsAsRead", "the items of a folder", async () => {
    await message(at, other, "unread", (item) => { item.IsRead = false; });
    const got = await ews.Folder.Bind(at, other.Id);
    await got.MarkAllItemsAsRead(true);
    assert.equal((await ews.Folder.Bind(at, other.Id)).UnreadCount, 0);
    await got.MarkAllItemsAsUnread(true);
    const again = await ews.Folder.Bind(at, other.Id);
    assert.equal(again.UnreadCount, again.TotalCount);
  });
}

async function sending(at) {
  await check("SendItem", "it is in the tray, and a copy in Sent Items",
    async () => {
      const before = (await tray()).length;
      const item = new ews.EmailMessage(at);
      item.Subject = "JS sent";
      item.Body = new ews.MessageBody(ews.BodyType.Text, "hello");
      item.ToRecipients.Add(USER2);
      await item.SendAndSaveCopy();
      const filter = new ews.SearchFilter.IsEqualTo(ews.ItemSchema.Subject,
        "JS sent");
      const kept = await at.FindItems(Known.SentItems, filter,
        new ews.ItemView(5));
      assert.equal(kept.TotalCount, 1);
      const got = await load(at, kept.Items[0].Id);
      assert.equal(got.From.Address, USER1);
      const reply = got.CreateReply(true);
      reply.BodyPrefix = new ews.MessageBody(ews.BodyType.Text, "answer");
      await reply.SendAndSaveCopy();
      const sent = (await tray()).slice(before);
      assert.deepEqual(sent.map((row) => row[3]), ["JS sent", "RE: JS sent"]);
      assert.deepEqual(sent.map((row) => row[1]), [USER1, USER1]);
    });
}

async function finding(at) {
  const folder = await makeFolder(at, "JS found");
  const made = [];
  for (let n = 0; n < 12; n++) {
    const item = new ews.EmailMessage(at);
    item.Subject = `found ${String(n).padStart(2, "0")}`;
    item.Importance = n % 3;
    item.IsRead = n % 2 === 0;
    made.push(item);
  }
  await at.CreateItems(made, folder.Id, ews.MessageDisposition.SaveOnly, null);
  const F = ews.SearchFilter;
  const S = ews.ItemSchema;
  const numbers = async (filter) => (await at.FindItems(folder.Id, filter,
    new ews.ItemView(50))).Items.map((i) => Number(i.Subject.slice(-2)))
    .sort((a, b) => a - b);
  const rows = {
    "equal": [new F.IsEqualTo(S.Subject, "found 03"), [3]],
    "contains": [new F.ContainsSubstring(S.Subject, "FOUND 1",
      ews.ContainmentMode.Substring, ews.ComparisonMode.IgnoreCase), [10, 11]],
    "and, or, not": [new F.SearchFilterCollection(ews.LogicalOperator.And, [
      new F.IsEqualTo(ews.EmailMessageSchema.IsRead, true),
      new F.SearchFilterCollection(ews.LogicalOperator.Or, [
        new F.IsEqualTo(S.Importance, "Low"),
        new F.Not(new F.IsLessThan(S.Subject, "found 10"))])]), [0, 6, 10]],
    "a bit mask": [new F.Not(new F.ExcludesBitmask(
      new ews.ExtendedPropertyDefinition(0x0E07, ews.MapiPropertyType.Integer),
      1)), [0, 2, 4, 6, 8, 10]],
    "exists": [new F.Exists(S.Subject),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  };
  for (const [what, [filter, want]] of Object.entries(rows))
    await check("FindItem", `restriction: ${what}`, async () => {
      assert.deepEqual(await numbers(filter), want);
    });
  await check("FindItem", "pages in order", async () => {
    const view = new ews.ItemView(5);
    view.OrderBy.Add(S.Subject, ews.SortDirection.Descending);
    view.PropertySet = new ews.PropertySet(ews.BasePropertySet.IdOnly,
      [S.Subject]);
    const got = [];
    for (;;) {
      const page = await at.FindItems(folder.Id, view);
      assert.equal(page.TotalCount, 12);
      got.push(...page.Items.map((i) => Number(i.Subject.slice(-2))));
      if (!page.MoreAvailable) break;
      view.Offset = page.NextPageOffset;
    }
    assert.deepEqual(got, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });
  await check("FindItem", "grouped by a property", async () => {
    const view = new ews.ItemView(50);
    const page = await at.FindItems(folder.Id, null, view, new ews.Grouping(
      S.Importance, ews.SortDirection.Ascending, S.Subject,
      ews.AggregateType.Minimum));
    assert.deepEqual(page.ItemGroups.map((g) => g.Items.length), [4, 4, 4]);
  });
}

async function following(at) {
  const folder = await makeFolder(at, "JS synced");
  const ids = new ews.PropertySet(ews.BasePropertySet.IdOnly);
  const sync = (state) => at.SyncFolderItems(folder.Id, ids, null, 100,
    ews.SyncFolderItemsScope.NormalItems, state);
  let state = null;
  const made = [await message(at, folder, "a"), await message(at, folder, "b")];
  await check("SyncFolderItems", "all, changes, and nothing more", async () => {
    const first = await sync(null);
    assert.equal(first.Count, 2);
    state = first.SyncState;
    const one = await load(at, made[0].Id);
    one.Subject = "a2";
    await one.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    await (await load(at, made[1].Id)).Delete(ews.DeleteMode.HardDelete);
    await message(at, folder, "c");
    const second = await sync(state);
    const kinds = second.GetEnumerator().map((c) => ews.ChangeType[c.ChangeType]).sort();
    assert.deepEqual(kinds, ["Create", "Delete", "Update"]);
    assert.equal((await sync(second.SyncState)).Count, 0);
  });
  await check("SyncFolderHierarchy", "all, then what is new", async () => {
    const root = new ews.FolderId(Known.MsgFolderRoot);
    const first = await at.SyncFolderHierarchy(root, ids, null);
    assert.ok(first.Count > 10);
    const fresh = await makeFolder(at, "JS fresh");
    const second = await at.SyncFolderHierarchy(root, ids, first.SyncState);
    assert.deepEqual(second.GetEnumerator().map((c) => [ews.ChangeType[c.ChangeType],
      c.FolderId.UniqueId]), [["Create", fresh.Id.UniqueId]]);
  });
  await check("Subscribe", "pull: what happens is told", async () => {
    const pull = await at.SubscribeToPullNotifications([folder.Id], 10, null,
      ews.EventType.Created, ews.EventType.Deleted);
    const item = await message(at, folder, "watched");
    const events = await pull.GetEvents();
    const created = events.ItemEvents.filter(
      (e) => e.EventType === ews.EventType.Created);
    assert.ok(created.some((e) => e.ItemId.UniqueId === item.Id.UniqueId));
    await pull.Unsubscribe();
  });
}

async function mail() {
  const at = service();
  const folder = await makeFolder(at, "JS mail");
  for (const part of [plain, extended, attachments, moving])
    await part(at, folder);
  await sending(at);
}

const find = () => finding(service());
const sync = () => following(service());

module.exports = { mail, find, sync };
