#!/usr/bin/env python3
"""Calendars of the lab against Python's own reckoning of time: the zones that
it defines, series in many zones through changes of clocks, meetings between
two mailboxes. Every answer validates against Microsoft's schema where that is
at hand (EWS_SCHEMA_DIR, else beside the checkout)."""
import calendar
import datetime as dt
import pathlib
import random
import re
import sys
import zoneinfo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403
from checked import checked_lab  # noqa: E402

# CLDR, windowsZones.xml, territory 001
ZONES = {
    "Alaskan Standard Time": "America/Anchorage",
    "Pacific Standard Time": "America/Los_Angeles",
    "US Mountain Standard Time": "America/Phoenix",
    "Eastern Standard Time": "America/New_York",
    "Newfoundland Standard Time": "America/St_Johns",
    "E. South America Standard Time": "America/Sao_Paulo",
    "UTC": "Etc/UTC",
    "GMT Standard Time": "Europe/London",
    "W. Europe Standard Time": "Europe/Berlin",
    "FLE Standard Time": "Europe/Kiev",
    "Israel Standard Time": "Asia/Jerusalem",
    "Russian Standard Time": "Europe/Moscow",
    "India Standard Time": "Asia/Kolkata",
    "Nepal Standard Time": "Asia/Kathmandu",
    "Tokyo Standard Time": "Asia/Tokyo",
    "AUS Eastern Standard Time": "Australia/Sydney",
    "Cen. Australia Standard Time": "Australia/Adelaide",
    "New Zealand Standard Time": "Pacific/Auckland",
}
UTC = dt.timezone.utc
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
        "Sunday"]
WEEKS = ["First", "Second", "Third", "Fourth", "Last"]


def owner(lab, user=USER1, version="Exchange2016"):
    return Client(lab, user=user, acting_as=None, version=version)


def zone(name):
    try:
        return zoneinfo.ZoneInfo(ZONES[name])
    except zoneinfo.ZoneInfoNotFoundError as missing:
        raise Skip("no time zone database here") from missing


# ---- the definitions -------------------------------------------------

def minutes(duration):
    """Of "PT5H30M", "-PT1H"."""
    sign, hours, rest = re.fullmatch(
        r"(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:0S)?", duration).groups()
    value = int(hours or 0) * 60 + int(rest or 0)
    return -value if sign else value


def nth_weekday(year, month, day, nth):
    days = [d for d in calendar.Calendar().itermonthdates(year, month)
            if d.month == month and d.weekday() == DAYS.index(day)]
    return days[nth if nth < 0 else nth - 1]


class Definition:
    """A TimeZoneDefinition, read as its documentation says."""

    def __init__(self, element):
        get = lambda path: element.findall(path, NS)
        self.id = element.get("Id")
        self.bias = {p.get("Id"): minutes(p.get("Bias"))
                     for p in get("t:Periods/t:Period")}
        self.groups = {g.get("Id"): list(g)
                       for g in get("t:TransitionsGroups/t:TransitionsGroup")}
        self.years = []
        for t in get("t:Transitions/*"):
            when = t.findtext("t:DateTime", "0001-01-01", NS)
            self.years.append((int(when[:4]), t.findtext("t:To", "", NS)))

        self.changes = {}

    def standard(self, year):
        """The bias without summer time, and that year's transitions."""
        group = self.groups[[to for first, to in self.years
                             if first <= year][-1]]
        return (max(self.bias[t.findtext("t:To", "", NS)] for t in group),
                group)

    def changes_of(self, year):
        """When which bias begins, in UTC."""
        if year in self.changes:
            return self.changes[year]
        standard, group = self.standard(year)
        found = [(dt.datetime(1, 1, 1, tzinfo=UTC), standard)]
        for t, other in zip(group, reversed(group)):
            if len(group) == 1:
                break
            day = nth_weekday(year, int(t.findtext("t:Month", "", NS)),
                              t.findtext("t:DayOfWeek", "", NS),
                              int(t.findtext("t:Occurrence", "", NS)))
            local = dt.datetime.combine(day, dt.time(), UTC) + dt.timedelta(
                minutes=minutes(t.findtext("t:TimeOffset", "", NS)))
            before = self.bias[other.findtext("t:To", "", NS)]
            found.append((local + dt.timedelta(minutes=before),
                          self.bias[t.findtext("t:To", "", NS)]))
        found.sort()
        # a year begins as it ends
        found[0] = (found[0][0], found[-1][1])
        self.changes[year] = found
        return found

    def offset(self, utc):
        """Minutes east of Greenwich, by the rule of the standard year."""
        standard = self.standard(utc.year)[0]
        year = (utc - dt.timedelta(minutes=standard)).year
        return -[bias for when, bias in self.changes_of(year)
                 if when <= utc][-1]


@case
def definitions():
    with checked_lab(mailboxes=1, items=0) as lab:
        answer = owner(lab)("<m:GetServerTimeZones "
                            'ReturnFullTimeZoneData="true"/>')
        found = {e.get("Id"): Definition(e)
                 for e in answer.all("t:TimeZoneDefinition")}
        check(set(ZONES) <= set(found), "zones are missing")
        for name in ZONES:
            real = zone(name)
            when = dt.datetime(2006, 1, 3, tzinfo=UTC)
            while when.year < 2032:
                want = when.astimezone(real).utcoffset()
                got = dt.timedelta(minutes=found[name].offset(when))
                equal(got, want, f"{name} at {when}")
                when += dt.timedelta(hours=47)


# ---- series ----------------------------------------------------------

def month_days(year, month):
    return [dt.date(year, month, d)
            for d in range(1, calendar.monthrange(year, month)[1] + 1)]


def pick(days, chosen, nth):
    found = [d for d in days if d.weekday() in chosen]
    return found[-1] if nth == 4 else found[nth]


def daily(rng, start):
    step = rng.randint(1, 9)
    dates = (start + dt.timedelta(days=step * i) for i in range(2000))
    return (f"<t:DailyRecurrence><t:Interval>{step}</t:Interval>"
            "</t:DailyRecurrence>", dates)


def weekly(rng, start):
    step, first = rng.randint(1, 4), rng.choice([0, 6])
    chosen = sorted({start.weekday(), rng.randrange(7), rng.randrange(7)})
    week = start - dt.timedelta(days=(start.weekday() - first) % 7)
    dates = (d for i in range(0, 800, step)
             for d in (week + dt.timedelta(days=7 * i + j) for j in range(7))
             if d.weekday() in chosen and d >= start)
    names = " ".join(DAYS[d] for d in chosen)
    return (f"<t:WeeklyRecurrence><t:Interval>{step}</t:Interval>"
            f"<t:DaysOfWeek>{names}</t:DaysOfWeek><t:FirstDayOfWeek>"
            f"{DAYS[first]}</t:FirstDayOfWeek></t:WeeklyRecurrence>", dates)


def months(start, step):
    for i in range(0, 1200, step):
        year, month = divmod(start.year * 12 + start.month - 1 + i, 12)
        yield month_days(year, month + 1)


def monthly(rng, start):
    step = rng.randint(1, 5)
    dates = (days[min(start.day, len(days)) - 1]
             for days in months(start, step))
    return (f"<t:AbsoluteMonthlyRecurrence><t:Interval>{step}</t:Interval>"
            f"<t:DayOfMonth>{start.day}</t:DayOfMonth>"
            "</t:AbsoluteMonthlyRecurrence>", dates)


def relative(rng, start):
    nth = rng.randrange(5)
    name, chosen = rng.choice(
        [("Weekday", range(5)), ("WeekendDay", (5, 6)), ("Day", range(7))] +
        [(d, (i,)) for i, d in enumerate(DAYS)])
    return nth, name, chosen


def monthly_by_day(rng, start):
    step = rng.randint(1, 3)
    nth, name, chosen = relative(rng, start)
    dates = (d for d in (pick(days, chosen, nth)
                         for days in months(start, step)) if d >= start)
    return (f"<t:RelativeMonthlyRecurrence><t:Interval>{step}</t:Interval>"
            f"<t:DaysOfWeek>{name}</t:DaysOfWeek><t:DayOfWeekIndex>"
            f"{WEEKS[nth]}</t:DayOfWeekIndex></t:RelativeMonthlyRecurrence>",
            dates)


def yearly(rng, start):
    month = rng.randint(1, 12)
    day = rng.randint(1, 31)
    dates = (d for d in (days[min(day, len(days)) - 1] for days in
                         (month_days(y, month)
                          for y in range(start.year, start.year + 40)))
             if d >= start)
    return (f"<t:AbsoluteYearlyRecurrence><t:DayOfMonth>{day}</t:DayOfMonth>"
            f"<t:Month>{calendar.month_name[month]}</t:Month>"
            "</t:AbsoluteYearlyRecurrence>", dates)


def yearly_by_day(rng, start):
    month = rng.randint(1, 12)
    nth, name, chosen = relative(rng, start)
    dates = (d for d in (pick(month_days(y, month), chosen, nth)
                         for y in range(start.year, start.year + 40))
             if d >= start)
    return (f"<t:RelativeYearlyRecurrence><t:DaysOfWeek>{name}</t:DaysOfWeek>"
            f"<t:DayOfWeekIndex>{WEEKS[nth]}</t:DayOfWeekIndex>"
            f"<t:Month>{calendar.month_name[month]}</t:Month>"
            "</t:RelativeYearlyRecurrence>", dates)


SHAPES = [daily, weekly, monthly, monthly_by_day, yearly, yearly_by_day]


def boundary(rng, start, dates):
    way = rng.randrange(3)
    if way == 0:
        return ("<t:NoEndRecurrence><t:StartDate>"
                f"{start}</t:StartDate></t:NoEndRecurrence>", dates)
    if way == 1:
        n = rng.randint(1, 40)
        return (f"<t:NumberedRecurrence><t:StartDate>{start}</t:StartDate>"
                f"<t:NumberOfOccurrences>{n}</t:NumberOfOccurrences>"
                "</t:NumberedRecurrence>", dates[:n])
    end = start + dt.timedelta(days=rng.randint(400, 900))
    return (f"<t:EndDateRecurrence><t:StartDate>{start}</t:StartDate>"
            f"<t:EndDate>{end}</t:EndDate></t:EndDateRecurrence>",
            [d for d in dates if d <= end])


def instant(date, clock, real):
    """A wall clock's time in UTC; None when it is told twice or never."""
    local = dt.datetime.combine(date, clock, real)
    utc = local.astimezone(UTC)
    back = utc.astimezone(real)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None) or \
            local.utcoffset() != local.replace(fold=1).utcoffset():
        return None
    return utc


def view(client, start, end):
    answer = client(
        '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly'
        "</t:BaseShape><t:AdditionalProperties>"
        '<t:FieldURI FieldURI="calendar:Start"/></t:AdditionalProperties>'
        f'</m:ItemShape><m:CalendarView StartDate="{start:%Y-%m-%dT00:00:00Z}"'
        f' EndDate="{end:%Y-%m-%dT00:00:00Z}"/><m:ParentFolderIds>'
        '<t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds>'
        "</m:FindItem>")
    equal(answer.codes(), ["NoError"], "view")
    return [dt.datetime.fromisoformat(t.replace("Z", "+00:00"))
            for t in answer.text("t:Start")]


def one_series(client, rng, n):
    name = rng.choice(list(ZONES))
    real = zone(name)
    start = dt.date(2023, 1, 1) + dt.timedelta(days=rng.randrange(360))
    clock = dt.time(rng.randrange(6, 22), rng.choice([0, 30]))
    pattern, dates = SHAPES[n % len(SHAPES)](rng, start)
    limit, dates = boundary(rng, start, list(dates))
    what = f"series {n}: {name} {clock} {pattern}{limit}"
    answer = client(
        '<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items>'
        f"<t:CalendarItem><t:Start>{start}T{clock}</t:Start><t:End>"
        f"{start}T{clock.replace(hour=clock.hour + 1)}</t:End><t:Recurrence>"
        f'{pattern}{limit}</t:Recurrence><t:StartTimeZone Id="{name}"/>'
        f'<t:EndTimeZone Id="{name}"/></t:CalendarItem></m:Items>'
        "</m:CreateItem>")
    if not dates:
        equal(answer.codes(), ["ErrorRecurrenceHasNoOccurrence"], what)
        return
    equal(answer.codes(), ["NoError"], what)
    first, last = dt.date(2024, 1, 1), dt.date(2025, 12, 30)
    want = [instant(d, clock, real) for d in dates if first <= d <= last]
    check(None not in want, f"{what}: an hour of its own")
    low = dt.datetime.combine(first, dt.time(), UTC)
    high = dt.datetime.combine(last, dt.time(), UTC)
    got = [t for t in view(client, first, last) if low <= t < high]
    equal(got, [t for t in want if low <= t < high], what)
    client('<m:DeleteItem DeleteType="HardDelete" '
           'SendMeetingCancellations="SendToNone"><m:ItemIds><t:ItemId '
           f'Id="{answer.ids()[0]}"/></m:ItemIds></m:DeleteItem>')


@case
def series():
    with checked_lab("--find-count=0", mailboxes=1, items=0) as lab:
        client = owner(lab)
        for n in range(size(120, 30)):
            one_series(client, random.Random(n), n)


# ---- the clock of an answer ------------------------------------------

@case
def context():
    """TimeZoneContext: all times of an answer, from 2010 on."""
    header = ("<t:TimeZoneContext><t:TimeZoneDefinition "
              'Id="{}"/></t:TimeZoneContext></s:Header>')
    body = ('<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape>'
            '</m:ItemShape><m:ItemIds><t:ItemId Id="{}"/></m:ItemIds>'
            "</m:GetItem>")
    with checked_lab(mailboxes=1, items=0) as lab:
        client = owner(lab)
        made = client(
            '<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items>'
            "<t:CalendarItem><t:Start>2024-07-01T10:00:00Z</t:Start>"
            "<t:End>2024-07-01T11:00:00Z</t:End></t:CalendarItem></m:Items>"
            "</m:CreateItem>").ids()[0]
        for name, version, want in (
                ("India Standard Time", "2016", "2024-07-01T15:30:00+05:30"),
                ("Pacific Standard Time", "2010", "2024-07-01T03:00:00-07:00"),
                ("UTC", "2016", "2024-07-01T10:00:00Z"),
                ("India Standard Time", "2007_SP1", "2024-07-01T10:00:00Z")):
            client = owner(lab, version="Exchange" + version)
            text = client.envelope(body.format(made)).replace(
                "</s:Header>", header.format(name), 1)
            answer = client.post(text)
            equal(answer.text("t:Start"), [want], f"{name} {version}")
        wrong = client.envelope(body.format(made)).replace(
            "</s:Header>", header.format("Mars Standard Time"), 1)
        equal(client.post(wrong.replace("2007_SP1", "2013")).codes(),
              ["fault", "ErrorTimeZone"], "no such zone")


# ---- meetings --------------------------------------------------------

def attendee(address):
    return ("<t:Attendee><t:Mailbox><t:EmailAddress>" + address +
            "</t:EmailAddress></t:Mailbox></t:Attendee>")


def first_id(client, folder):
    answer = client(
        '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly'
        "</t:BaseShape></m:ItemShape><m:ParentFolderIds>"
        f'<t:DistinguishedFolderId Id="{folder}"/></m:ParentFolderIds>'
        "</m:FindItem>")
    return answer.ids()[0]


@case
def meetings():
    with checked_lab(mailboxes=2, items=0) as lab:
        mine, theirs = owner(lab), owner(lab, USER2)
        made = mine(
            '<m:CreateItem SendMeetingInvitations="SendOnlyToAll"><m:Items>'
            "<t:CalendarItem><t:Subject>plan</t:Subject>"
            "<t:Start>2031-05-05T10:00:00Z</t:Start>"
            "<t:End>2031-05-05T11:00:00Z</t:End><t:RequiredAttendees>" +
            attendee(USER2) + "</t:RequiredAttendees></t:CalendarItem>"
            "</m:Items></m:CreateItem>")
        request = first_id(theirs, "inbox")
        accepted = theirs(
            '<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items>'
            f'<t:AcceptItem><t:ReferenceItemId Id="{request}"/></t:AcceptItem>'
            "</m:Items></m:CreateItem>")
        equal(accepted.codes(), ["NoError"], "accepted")
        # the organizer's copy keeps who has said what
        seen = mine(
            "<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape>"
            f'</m:ItemShape><m:ItemIds><t:ItemId Id="{made.ids()[0]}"/>'
            "</m:ItemIds></m:GetItem>")
        equal(seen.text("t:ResponseType"), ["Accept"], "the answer is kept")
        check(seen.text("t:LastResponseTime"), "and when it came")
        own = theirs(
            "<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape>"
            f'</m:ItemShape><m:ItemIds><t:ItemId Id="{accepted.ids()[0]}"/>'
            "</m:ItemIds></m:GetItem>")
        equal(own.text("t:MyResponseType"), ["Accept"], "theirs")
        equal(own.text("t:UID"), seen.text("t:UID"), "one meeting")
        counters = lab.counters()
        equal((counters.get("sent.invitations"), counters.get("sent.responses"),
               counters.get("sent.cancellations", 0)), (1, 1, 0), "sent")


# ---- generated calendars ---------------------------------------------

def all_of(client, folder):
    found = client(
        '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>'
        "AllProperties</t:BaseShape></m:ItemShape><m:ParentFolderIds>"
        f'<t:DistinguishedFolderId Id="{folder}"/></m:ParentFolderIds>'
        "</m:FindItem>")
    equal(found.codes(), ["NoError"], folder)
    ids = "".join(f'<t:ItemId Id="{i}"/>' for i in found.ids()[:150])
    got = client("<m:GetItem><m:ItemShape><t:BaseShape>AllProperties"
                 f"</t:BaseShape></m:ItemShape><m:ItemIds>{ids}</m:ItemIds>"
                 "</m:GetItem>")
    check(set(got.codes()) == {"NoError"}, f"{folder}: {got.codes()}")
    return got


@case
def generated():
    """What the generator makes is valid in every release's words."""
    for version in ("2007_SP1", "2010", "2010_SP2", "2013", "2016"):
        name = "Exchange" + version
        with checked_lab("--version", version, mailboxes=1,
                         items=size(500, 200)) as lab:
            client = owner(lab, version=name)
            items = all_of(client, "calendar")
            types = items.text("t:CalendarItemType")
            check({"Single", "RecurringMaster"} <= set(types), str(types))
            check(items.all("t:ModifiedOccurrences"), "no exceptions")
            all_of(client, "tasks")
            all_of(client, "inbox")
            year = dt.date.today().year
            check(len(view(client, dt.date(year - 1, 2, 1),
                           dt.date(year + 1, 1, 1))) > 10, "an empty view")


if __name__ == "__main__":
    main()
