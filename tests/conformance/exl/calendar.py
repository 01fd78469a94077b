"""Appointments: zones, series with exceptions, meetings, what is busy."""
import exchangelib
from exchangelib import Attendee, CalendarItem, EWSTimeZone, errors
from exchangelib.folders import Calendar
from exchangelib.items import SEND_ONLY_TO_ALL, SEND_TO_ALL_AND_SAVE_COPY
from exchangelib.recurrence import (AbsoluteMonthlyPattern,
                                    AbsoluteYearlyPattern, DailyPattern,
                                    EndDatePattern, NoEndPattern,
                                    NumberedPattern, Recurrence,
                                    RelativeMonthlyPattern,
                                    RelativeYearlyPattern, WeeklyPattern)

from client import USER1, USER2, check, equal, same
from exl import day, minutes

ZONES = ["Europe/Copenhagen", "America/New_York", "Asia/Tokyo",
         "Asia/Kolkata", "America/Sao_Paulo", "Australia/Adelaide", "UTC"]
FIRST = day(2024, 3, 4)  # a Monday; summer time begins on the 31st
PATTERNS = {
    "daily": (DailyPattern(interval=3), NumberedPattern(start=FIRST, number=5)),
    "weekly": (WeeklyPattern(interval=2, weekdays=["Monday", "Thursday"],
                             first_day_of_week="Monday"),
               EndDatePattern(start=FIRST, end=day(2024, 5, 30))),
    "by day of the month": (AbsoluteMonthlyPattern(interval=2, day_of_month=4),
                            NumberedPattern(start=FIRST, number=4)),
    "by weekday of the month": (
        RelativeMonthlyPattern(interval=1, weekday="Monday",
                               week_number="First"),
        NumberedPattern(start=FIRST, number=6)),
    "by weekdays of the month": (
        RelativeMonthlyPattern(interval=1, weekday="Weekday",
                               week_number="Last"),
        NoEndPattern(start=day(2024, 3, 29))),
    "yearly": (AbsoluteYearlyPattern(day_of_month=4, month="March"),
               NoEndPattern(start=FIRST)),
    "yearly by weekday": (
        RelativeYearlyPattern(weekday="Monday", week_number="First",
                              month="March"),
        NumberedPattern(start=FIRST, number=3)),
}


def event(account, folder, start, end, **more):
    return CalendarItem(account=account, folder=folder, start=start, end=end,
                        **more)


def single(report, desk, account, folder):
    want = {"subject": "Besprechung ü", "location": "Raum \U0001f40c",
            "legacy_free_busy_status": "Tentative", "is_all_day": False,
            "categories": ["Blue"], "reminder_is_set": True,
            "reminder_minutes_before_start": 45, "sensitivity": "Private",
            "importance": "High", "body": "Notes\r\nmore"}
    with report("CreateItem", "an appointment with all its properties"):
        start, end = desk.when(2024, 7, 1, 9, 30), desk.when(2024, 7, 1, 11)
        made = event(account, folder, start, end, **want).save()
        got = folder.get(id=made.id, changekey=made.changekey)
        same(got, want)
        same(got, {"start": start, "end": end, "type": "Single",
                   "is_recurring": False, "is_meeting": False,
                   "is_cancelled": False, "my_response_type": "Organizer",
                   "item_class": "IPM.Appointment", "recurrence": None,
                   "duration": "PT1H30M",
                   "reminder_due_by": start})
        equal(got.organizer.email_address, USER1, "organizer")
        check(got.uid, "no UID")
        equal(desk.office.classes("Calendar here"), {"IPM.Appointment": 1},
              "digest")
    with report("CreateItem", "a UID of its own is kept"):
        made = event(account, folder, start, end, subject="uid",
                     uid="conformance-uid-1@contoso.example").save()
        got = folder.get(id=made.id, changekey=made.changekey)
        equal(got.uid, "conformance-uid-1@contoso.example", "uid")
    with report("UpdateItem", "an appointment moves, and changes"):
        got = folder.get(subject="Besprechung ü")
        got.start, got.end = desk.when(2024, 7, 2, 14), desk.when(2024, 7, 2, 15)
        got.location, got.categories = "elsewhere", ["Red"]
        got.save(update_fields=["start", "end", "location", "categories"])
        got.refresh()
        same(got, {"start": desk.when(2024, 7, 2, 14),
                   "end": desk.when(2024, 7, 2, 15), "location": "elsewhere",
                   "categories": ["Red"], "subject": "Besprechung ü"})


def zones(report, account, folder):
    with report("CreateItem", "each in a time zone of its own"):
        for name in ZONES:
            zone = EWSTimeZone(name)
            start = exchangelib.EWSDateTime(2024, 10, 27, 8, 15, tzinfo=zone)
            made = event(account, folder, start, start + minutes(45),
                         subject=name).save()
            got = folder.get(id=made.id, changekey=made.changekey)
            equal(got.start, start, f"{name}: start")
            equal(got.end, start + minutes(45), f"{name}: end")
            # pylint: disable=protected-access
            equal(got._start_timezone.ms_id, zone.ms_id, f"{name}: zone")
            equal(got._end_timezone.ms_id, zone.ms_id, f"{name}: zone")
    with report("CreateItem", "beginning in one zone, ending in another"):
        start = exchangelib.EWSDateTime(2024, 6, 1, 10,
                                        tzinfo=EWSTimeZone("Asia/Tokyo"))
        end = exchangelib.EWSDateTime(2024, 6, 1, 12,
                                      tzinfo=EWSTimeZone("Europe/London"))
        made = event(account, folder, start, end, subject="flight").save()
        got = folder.get(id=made.id, changekey=made.changekey)
        equal((got.start, got.end), (start, end), "times")
        # pylint: disable=protected-access
        equal((got._start_timezone.ms_id, got._end_timezone.ms_id),
              ("Tokyo Standard Time", "GMT Standard Time"), "zones")
    with report("CreateItem", "all day, one and several"):
        for length in (1, 4):
            first, last = day(2024, 4, 10), day(2024, 4, 9 + length)
            made = event(account, folder, first, last, is_all_day=True,
                         subject=f"{length} days").save()
            got = folder.get(id=made.id, changekey=made.changekey)
            equal((got.start, got.end, got.is_all_day), (first, last, True),
                  f"{length} days")
    with report("GetServerTimeZones", "the zones that clients name"):
        known = {tz.id for tz in account.protocol.get_timezones()}
        wanted = {EWSTimeZone(name).ms_id for name in ZONES}
        check(wanted <= known, f"lacks {wanted - known}")
        check(len(known) >= 50, f"{len(known)} zones")
    with report("GetServerTimeZones", "with their rules"):
        zone = EWSTimeZone("Europe/Copenhagen")
        full = list(account.protocol.get_timezones(
            timezones=[zone], return_full_timezone_data=True))
        equal(len(full), 1, "zones")
        same_zone(full[0])


def same_zone(found):
    """Copenhagen's, as Windows knows it."""
    equal(found.id, "Romance Standard Time", "id")
    check(found.name, "no name")
    equal(sorted({p.bias.total_seconds() for p in found.periods}),
          [-7200.0, -3600.0], "offsets")
    standard, daylight, period = found.get_std_and_dst(for_year=2024)
    equal(period.bias_in_minutes, -60, "standard bias")
    equal((standard.iso_month, standard.occurrence, standard.weekday),
          (10, 5, 7), "end of summer time")
    equal((daylight.iso_month, daylight.occurrence, daylight.weekday),
          (3, 5, 7), "beginning of summer time")


def series(report, desk, account, folder):
    for name, (pattern, boundary) in PATTERNS.items():
        first = boundary.start
        start = desk.when(first.year, first.month, first.day, 10)
        with report("CreateItem", f"a series: {name}"):
            made = event(account, folder, start, start + minutes(60),
                         subject=name, recurrence=Recurrence(
                             pattern=pattern, boundary=boundary)).save()
            got = folder.get(id=made.id, changekey=made.changekey)
            same(got, {"type": "RecurringMaster", "is_recurring": False,
                       "start": start})
            same(got.recurrence, {"pattern": pattern, "boundary": boundary})
            equal(got.first_occurrence.start, start, "first occurrence")
    with report("FindItem", "a calendar's view has the occurrences"):
        view = folder.view(desk.when(2024, 3, 1), desk.when(2024, 4, 1))
        got = [i.start for i in view if i.subject == "weekly"]
        # 10 o'clock stays 10 o'clock when summer time begins.
        equal(got, [desk.when(2024, 3, d, 10) for d in (4, 7, 18, 21)],
              "occurrences")
        got = [i for i in folder.view(desk.when(2024, 4, 1),
                                      desk.when(2024, 4, 6))
               if i.subject == "weekly"]
        equal([i.start for i in got], [desk.when(2024, 4, 1, 10),
                                       desk.when(2024, 4, 4, 10)], "summer")
        equal({i.type for i in got}, {"Occurrence"}, "type")
    with report("FindItem", "outside of a view there are only masters"):
        equal(folder.filter(subject="weekly").count(), 1, "count")
    with report("UpdateItem", "a series gets another pattern"):
        item = folder.get(subject="daily")
        item.recurrence.pattern = DailyPattern(interval=1)
        item.recurrence.boundary = NumberedPattern(start=FIRST, number=3)
        item.save(update_fields=["recurrence"])
        item.refresh()
        equal(item.recurrence.pattern.interval, 1, "interval")
        equal(item.last_occurrence.start, desk.when(2024, 3, 6, 10), "last")


def exceptions(report, desk, account, folder):
    start = desk.when(2024, 3, 4, 10)
    master = event(account, folder, start, start + minutes(60),
                   subject="series", location="Room 1", body="master's",
                   recurrence=Recurrence(
                       pattern=DailyPattern(interval=1),
                       boundary=NumberedPattern(start=FIRST, number=6))).save()
    with report("GetItem", "an occurrence by its index"):
        second = master.occurrence(index=2).refresh()
        same(second, {"subject": "series", "type": "Occurrence",
                      "start": desk.when(2024, 3, 5, 10)})
        check(second.is_recurring, "IsRecurring")
    with report("GetItem", "the master of an occurrence"):
        back = second.recurring_master().refresh()
        equal((back.id, back.type), (master.id, "RecurringMaster"), "master")
    with report("UpdateItem", "one occurrence becomes an exception"):
        third = master.occurrence(index=3).refresh()
        third.subject, third.location = "exception ü", "Room 9"
        third.start = desk.when(2024, 3, 6, 15)
        third.end = desk.when(2024, 3, 6, 16, 30)
        third.save(update_fields=["subject", "location", "start", "end"])
        master.refresh()
        equal(len(master.modified_occurrences), 1, "modified")
        same(master.modified_occurrences[0], {
            "start": desk.when(2024, 3, 6, 15),
            "end": desk.when(2024, 3, 6, 16, 30),
            "original_start": desk.when(2024, 3, 6, 10)})
        got = master.occurrence(index=3).refresh()
        same(got, {"subject": "exception ü", "location": "Room 9",
                   "type": "Exception", "start": desk.when(2024, 3, 6, 15)})
    with report("DeleteItem", "one occurrence"):
        master.occurrence(index=5).refresh().delete()
        master.refresh()
        equal([d.start for d in master.deleted_occurrences],
              [desk.when(2024, 3, 8, 10)], "deleted")
    with report("GetItem", "an occurrence that was deleted"):
        try:
            master.occurrence(index=5).refresh()
        except errors.ErrorCalendarOccurrenceIsDeletedFromRecurrence:
            pass
        else:
            check(False, "is there")
    with report("FindItem", "a view shows exception and gap"):
        got = sorted((i.start, i.subject, i.type) for i in folder.view(
            desk.when(2024, 3, 4), desk.when(2024, 3, 10))
            if i.subject in ("series", "exception ü"))
        want = [(desk.when(2024, 3, d, 10), "series", "Occurrence")
                for d in (4, 5, 7, 9)]
        want.append((desk.when(2024, 3, 6, 15), "exception ü", "Exception"))
        equal(got, sorted(want), "view")
    with report("UpdateItem", "the master changes, the exception stays"):
        master.location = "Room 2"
        master.save(update_fields=["location"])
        equal(master.occurrence(index=2).refresh().location, "Room 2",
              "an occurrence")
        equal(master.occurrence(index=3).refresh().location, "Room 9",
              "the exception")
    with report("DeleteItem", "the whole series"):
        master.delete()
        left = [i for i in folder.view(desk.when(2024, 3, 4),
                                       desk.when(2024, 3, 10))
                if i.subject in ("series", "exception ü")]
        equal(left, [], "what is left")


def meeting(account, subject, start):
    return CalendarItem(
        account=account, folder=account.calendar, start=start,
        end=start + minutes(30), subject=subject,
        required_attendees=[Attendee(mailbox=exchangelib.Mailbox(
            email_address=USER2, name="Two"), response_type="Unknown")],
        optional_attendees=["out@fabrikam.example"],
        resources=["room@fabrikam.example"])


def meetings(report, desk, account):
    office, start = desk.office, desk.when(2024, 9, 2, 9)
    with report("CreateItem", "attendees, and nothing is sent"):
        before = office.tray()
        item = meeting(account, "quiet", start).save()
        got = account.calendar.get(id=item.id, changekey=item.changekey)
        for field, address in (("required_attendees", USER2),
                               ("optional_attendees", "out@fabrikam.example"),
                               ("resources", "room@fabrikam.example")):
            equal([a.mailbox.email_address for a in getattr(got, field)],
                  [address], field)
        equal((got.is_meeting, got.meeting_request_was_sent), (True, False),
              "meeting")
        equal(office.tray(), before, "tray")
        item.delete()
        equal(office.tray(), before, "tray")
    with report("CreateItem", "invitations are sent"):
        item = meeting(account, "invited", start)
        item.save(send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
        equal([(row[1], row[3]) for row in office.tray()[len(before):]],
              [(USER1, "invited")], "tray")
        equal(account.calendar.get(subject="invited")
              .meeting_request_was_sent, True, "MeetingRequestWasSent")
    with report("UpdateItem", "an update is sent"):
        before = office.tray()
        item.location = "another room"
        item.save(update_fields=["location"],
                  send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
        equal(len(office.tray()), len(before) + 1, "tray")
    with report("DeleteItem", "cancellations are sent"):
        before = office.tray()
        item.delete(send_meeting_cancellations=SEND_ONLY_TO_ALL)
        equal(len(office.tray()), len(before) + 1, "tray")
        check("cancel" in office.tray()[-1][0].lower(), office.tray()[-1])


def responses(report, desk, account):
    """An attendee who has a mailbox here gets the request."""
    office, other = desk.office, desk.account(USER2)
    start = desk.when(2024, 9, 3, 9)
    with report("GetItem", "a meeting request that came"):
        meeting(account, "to be answered", start).save(
            send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
        request = other.inbox.get(subject="to be answered")
        equal(type(request), exchangelib.items.MeetingRequest, "kind")
        same(request, {"item_class": "IPM.Schedule.Meeting.Request",
                       "start": start, "end": start + minutes(30)})
        equal(request.organizer.email_address, USER1, "organizer")
        tentative = other.calendar.get(subject="to be answered")
        same(tentative, {"start": start,
                         "legacy_free_busy_status": "Tentative",
                         "my_response_type": "NoResponseReceived"})
    with report("CreateItem", "a request is accepted"):
        before = office.tray()
        request.accept(body="with pleasure")
        equal([row[1:3] for row in office.tray()[len(before):]],
              [(USER2, USER1)], "tray")
        theirs = other.calendar.get(subject="to be answered")
        same(theirs, {"my_response_type": "Accept",
                      "legacy_free_busy_status": "Busy"})
        answers = account.inbox.filter(
            item_class="IPM.Schedule.Meeting.Resp.Pos")
        check(USER2 in [a.sender.email_address for a in answers],
              "no answer in the organizer's Inbox")
    with report("GetItem", "the organizer sees who has accepted"):
        item = account.calendar.get(subject="to be answered")
        equal([a.response_type for a in item.required_attendees],
              ["Accept"], "responses")
        item.delete(send_meeting_cancellations=SEND_ONLY_TO_ALL)
        equal(other.inbox.filter(
            item_class="IPM.Schedule.Meeting.Canceled").count() > 0, True,
            "cancellation")


def availability(report, desk, account):
    with report("GetUserAvailability", "what is busy"):
        start = desk.when(2031, 5, 5, 10)
        item = event(account, account.calendar, start, start + minutes(90),
                     subject="busy then").save()
        views = list(account.protocol.get_free_busy_info(
            accounts=[(account, "Organizer", False)],
            start=desk.when(2031, 5, 5), end=desk.when(2031, 5, 6)))
        equal(len(views), 1, "views")
        events = [e for e in views[0].calendar_events or []
                  if e.start.replace(tzinfo=None) ==
                  start.replace(tzinfo=None)]
        equal([e.busy_type for e in events], ["Busy"], "events")
        equal(events[0].details.subject, "busy then", "subject")
        item.delete()


def run(report, desk):
    account = desk.account()
    folder = Calendar(parent=account.msg_folder_root,
                      name="Calendar here").save()
    steps = {
        "single": lambda: single(report, desk, account, folder),
        "zones": lambda: zones(report, account, folder),
        "series": lambda: series(report, desk, account, folder),
        "exceptions": lambda: exceptions(report, desk, account, folder),
        "meetings": lambda: meetings(report, desk, account),
        "responses": lambda: responses(report, desk, account),
        "availability": lambda: availability(report, desk, account),
    }
    for name, step in steps.items():
        with report.part(name):
            step()
