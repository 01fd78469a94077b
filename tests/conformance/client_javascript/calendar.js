// Appointments, contacts, lists, tasks.
"use strict";
const { assert, ews, USER1, USER2, check, refused, classes, service, utc,
  when, all, texts, addresses, office, xml } = require("./lib");
const { WellKnownFolderName: Known } = ews;

const bind = (at, id) => ews.Appointment.Bind(at, id, all());

async function appointment(at, folder, subject, fill) {
  const item = new ews.Appointment(at);
  item.Subject = subject;
  item.Start = utc("2024-03-04T09:00:00Z");
  item.End = utc("2024-03-04T10:00:00Z");
  fill(item);
  await item.Save(folder.Id, ews.SendInvitationsMode.SendToNone);
  return item;
}

async function newCalendar(at) {
  const folder = new ews.CalendarFolder(at);
  folder.DisplayName = "JS appointments";
  await folder.Save(Known.MsgFolderRoot);
  return folder;
}

async function single(at, folder) {
  await check("CreateItem", "an appointment with all its properties",
    async () => {
      const made = await appointment(at, folder, "Treffen ü", (item) => {
        item.Location = "Raum 1";
        item.Body = new ews.MessageBody(ews.BodyType.Text, "notes");
        item.LegacyFreeBusyStatus = ews.LegacyFreeBusyStatus.OOF;
        item.ReminderMinutesBeforeStart = 25;
        item.Categories.Add("Blue");
        item.StartTimeZone = ews.TimeZoneInfo.FindSystemTimeZoneById(
          "Tokyo Standard Time");
      });
      const got = await bind(at, made.Id);
      assert.equal(got.Subject, "Treffen ü");
      assert.equal(got.Location, "Raum 1");
      assert.equal(got.LegacyFreeBusyStatus, ews.LegacyFreeBusyStatus.OOF);
      assert.equal(got.ReminderMinutesBeforeStart, 25);
      assert.deepEqual(texts(got.Categories), ["Blue"]);
      assert.equal(when(got.End) > when(got.Start), true);
      assert.equal(got.AppointmentType, ews.AppointmentType.Single);
      assert.deepEqual(classes("JS appointments"), { "IPM.Appointment": 1 });
    });
  await check("CreateItem", "attendees, and nothing is sent", async () => {
    const made = await appointment(at, folder, "with others", (item) => {
      item.RequiredAttendees.Add(USER2);
      item.OptionalAttendees.Add("out@fabrikam.example");
    });
    const got = await bind(at, made.Id);
    assert.deepEqual(addresses(got.RequiredAttendees), [USER2]);
    assert.deepEqual(addresses(got.OptionalAttendees),
      ["out@fabrikam.example"]);
    assert.equal(got.Organizer.Address, USER1);
  });
}

async function series(at, folder) {
  const start = utc("2024-03-04T00:00:00Z");
  const days = ews.DayOfTheWeek;
  const rows = {
    daily: () => new ews.Recurrence.DailyPattern(start, 2),
    weekly: () => new ews.Recurrence.WeeklyPattern(start, 1,
      [days.Monday, days.Thursday]),
    monthly: () => new ews.Recurrence.MonthlyPattern(start, 1, 4),
    "relative monthly": () => new ews.Recurrence.RelativeMonthlyPattern(start,
      1, days.Monday, ews.DayOfTheWeekIndex.First),
    yearly: () => new ews.Recurrence.YearlyPattern(start, ews.Month.March, 4),
  };
  for (const [name, make] of Object.entries(rows))
    await check("CreateItem", `a series: ${name}`, async () => {
      const made = await appointment(at, folder, name, (item) => {
        item.Recurrence = make();
        item.Recurrence.NumberOfOccurrences = 5;
      });
      const got = await bind(at, made.Id);
      assert.equal(got.AppointmentType, ews.AppointmentType.RecurringMaster);
      assert.equal(got.Recurrence.constructor.name, make().constructor.name);
      assert.equal(Number(got.Recurrence.NumberOfOccurrences), 5);
    });
}

async function exceptions(at, folder) {
  const master = await appointment(at, folder, "JS series", (item) => {
    item.Recurrence = new ews.Recurrence.DailyPattern(
      utc("2024-03-04T00:00:00Z"), 1);
    item.Recurrence.NumberOfOccurrences = 6;
  });
  const occurrence = (n) => ews.Appointment.BindToOccurrence(at, master.Id, n,
    all());
  const none = ews.SendInvitationsOrCancellationsMode.SendToNone;
  await check("UpdateItem", "one occurrence becomes an exception", async () => {
    const third = await occurrence(3);
    assert.equal(third.AppointmentType, ews.AppointmentType.Occurrence);
    third.Subject = "JS exception";
    third.Start = utc("2024-03-06T15:00:00Z");
    third.End = utc("2024-03-06T16:00:00Z");
    await third.Update(ews.ConflictResolutionMode.AlwaysOverwrite, none);
    const got = await bind(at, master.Id);
    assert.equal(got.ModifiedOccurrences.Count, 1);
    const again = await occurrence(3);
    assert.equal(again.Subject, "JS exception");
    assert.equal(when(again.Start), "2024-03-06T15:00:00Z");
    assert.equal(again.AppointmentType, ews.AppointmentType.Exception);
  });
  await check("DeleteItem", "one occurrence", async () => {
    const fifth = await occurrence(5);
    await fifth.Delete(ews.DeleteMode.HardDelete,
      ews.SendCancellationsMode.SendToNone);
    const got = await bind(at, master.Id);
    assert.equal(got.DeletedOccurrences.Count, 1);
    await refused(/ErrorCalendarOccurrenceIsDeletedFromRecurrence/,
      () => occurrence(5));
  });
  await check("FindItem", "a calendar's view shows exception and gap",
    async () => {
      const view = new ews.CalendarView(utc("2024-03-04T00:00:00Z"),
        utc("2024-03-10T00:00:00Z"), 100);
      const found = await at.FindAppointments(folder.Id, view);
      const got = found.Items.filter((i) => i.Subject.startsWith("JS "))
        .map((i) => `${i.Subject} ${when(i.Start)}`).sort();
      assert.deepEqual(got, ["JS exception 2024-03-06T15:00:00Z",
        ...["04", "05", "07", "09"].map(
          (d) => `JS series 2024-03-${d}T09:00:00Z`)]);
    });
  await check("GetItem", "the master of an occurrence", async () => {
    const second = await occurrence(2);
    const back = await ews.Appointment.BindToRecurringMaster(at, second.Id,
      all());
    assert.equal(back.Id.UniqueId, master.Id.UniqueId);
  });
}

async function calendar() {
  const at = service();
  const folder = await newCalendar(at);
  for (const part of [single, series, exceptions]) await part(at, folder);
}

async function contact(at, folder) {
  const phones = ews.PhoneNumberKey;
  await check("CreateItem", "a contact with all its properties", async () => {
    const item = new ews.Contact(at);
    Object.assign(item, {
      GivenName: "Zoë", Surname: "Ærø", MiddleName: "Q.", NickName: "Zo",
      DisplayName: "Zoë Ærø", FileAs: "Ærø, Zoë", CompanyName: xml("Fabrikam & Co"),
      JobTitle: "Keeper", Department: "Snails", OfficeLocation: "12.B",
      Manager: "Boss", AssistantName: "Help", SpouseName: "Spouse",
      Profession: "Malacologist", Generation: "Jr.", Initials: "ZA",
      Mileage: "1", BusinessHomePage: "https://fabrikam.example/",
    });
    for (const n of [1, 2, 3])
      item.EmailAddresses._setItem(ews.EmailAddressKey[`EmailAddress${n}`],
        new ews.EmailAddress(`zoe${n}@fabrikam.example`));
    item.PhoneNumbers._setItem(phones.MobilePhone, "+45 1");
    item.PhoneNumbers._setItem(phones.HomePhone2, "+45 2");
    const home = new ews.PhysicalAddressEntry();
    home.Street = "Straße 1";
    home.City = "Byen";
    home.PostalCode = "1000";
    home.CountryOrRegion = "DK";
    item.PhysicalAddresses._setItem(ews.PhysicalAddressKey.Home, home);
    item.ImAddresses._setItem(ews.ImAddressKey.ImAddress1, "zoe@im.example");
    await item.Save(folder.Id);
    const got = await ews.Contact.Bind(at, item.Id, all());
    for (const [name, value] of Object.entries({ GivenName: "Zoë",
      Surname: "Ærø", FileAs: "Ærø, Zoë", CompanyName: "Fabrikam & Co",
      JobTitle: "Keeper", Department: "Snails", SpouseName: "Spouse",
      Generation: "Jr.", BusinessHomePage: "https://fabrikam.example/" }))
      assert.equal(got[name], value, name);
    for (const n of [1, 2, 3])
      assert.equal(got.EmailAddresses._getItem(
        ews.EmailAddressKey[`EmailAddress${n}`]).Address,
      `zoe${n}@fabrikam.example`);
    assert.equal(got.PhoneNumbers._getItem(phones.MobilePhone), "+45 1");
    assert.equal(got.PhoneNumbers._getItem(phones.HomePhone2), "+45 2");
    const found = got.PhysicalAddresses._getItem(ews.PhysicalAddressKey.Home);
    assert.equal(found.Street, "Straße 1");
    assert.equal(found.CountryOrRegion, "DK");
    assert.equal(got.ImAddresses._getItem(ews.ImAddressKey.ImAddress1),
      "zoe@im.example");
    assert.deepEqual(classes("JS contacts"), { "IPM.Contact": 1 });
  });
  if (office.version.startsWith("2010_SP1")) return;
  await check("CreateAttachment", "a contact's photo", async () => {
    const item = new ews.Contact(at);
    item.DisplayName = item.GivenName = "Photo";
    await item.Save(folder.Id);
    const photo = Buffer.from("ffd8ffe000104a464946", "hex");
    const got = await ews.Contact.Bind(at, item.Id, all());
    const added = got.Attachments.AddFileAttachment("ContactPicture.jpg",
      photo.toString("base64"));
    added.IsContactPhoto = true;
    await got.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    const again = await ews.Contact.Bind(at, item.Id, all());
    assert.equal(again.HasPicture, true);
  });
}

async function list(at, folder) {
  await check("CreateItem", "a distribution list", async () => {
    const item = new ews.ContactGroup(at);
    item.DisplayName = "All ü";
    for (const n of [1, 2])
      item.Members.AddOneOff(`Member ${n}`, `m${n}@fabrikam.example`);
    await item.Save(folder.Id);
    const got = await ews.ContactGroup.Bind(at, item.Id, all());
    assert.equal(got.DisplayName, "All ü");
    const members = got.Members.GetEnumerator().map(
      (m) => m.AddressInformation.Address).sort();
    assert.deepEqual(members, ["m1@fabrikam.example", "m2@fabrikam.example"]);
    const expanded = await at.ExpandGroup(item.Id);
    assert.equal(expanded.Count, 2);
  });
}

async function task(at, folder) {
  await check("CreateItem", "a task, and it is completed", async () => {
    const item = new ews.Task(at);
    item.Subject = "Aufgabe ü";
    item.StartDate = utc("2024-03-04T00:00:00Z");
    item.DueDate = utc("2024-03-09T00:00:00Z");
    item.Status = ews.TaskStatus.InProgress;
    item.PercentComplete = 40;
    item.TotalWork = 120;
    item.Companies = new ews.StringList(["One", "Two"]);
    await item.Save(folder.Id);
    const got = await ews.Task.Bind(at, item.Id, all());
    assert.equal(got.Subject, "Aufgabe ü");
    assert.equal(got.Status, ews.TaskStatus.InProgress);
    assert.equal(Number(got.PercentComplete), 40);
    assert.equal(Number(got.TotalWork), 120);
    assert.match(when(got.DueDate), /^2024-03-0[89]T/);
    got.Status = ews.TaskStatus.Completed;
    await got.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    const again = await ews.Task.Bind(at, item.Id, all());
    assert.equal(again.IsComplete, true);
    assert.equal(Number(again.PercentComplete), 100);
  });
  await check("CreateItem", "a recurring task", async () => {
    const item = new ews.Task(at);
    item.Subject = "again";
    item.StartDate = utc("2024-03-04T00:00:00Z");
    item.Recurrence = new ews.Recurrence.WeeklyPattern(
      utc("2024-03-04T00:00:00Z"), 1, [ews.DayOfTheWeek.Monday]);
    item.Recurrence.NumberOfOccurrences = 4;
    await item.Save(folder.Id);
    const got = await ews.Task.Bind(at, item.Id, all());
    assert.equal(got.IsRecurring, true);
    assert.equal(Number(got.Recurrence.NumberOfOccurrences), 4);
  });
}

async function people() {
  const at = service();
  const cards = new ews.ContactsFolder(at);
  cards.DisplayName = "JS contacts";
  await cards.Save(Known.MsgFolderRoot);
  const work = new ews.TasksFolder(at);
  work.DisplayName = "JS to do";
  await work.Save(Known.MsgFolderRoot);
  await contact(at, cards);
  await list(at, cards);
  await task(at, work);
}

module.exports = { calendar, people };
