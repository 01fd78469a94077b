/*
 * portable_samples - items as Exchange gives them, for the tests of the
 * portable path.
 */
#ifndef EWS_PORTABLE_SAMPLES_H
#define EWS_PORTABLE_SAMPLES_H

#define SAMPLE_ID(id) "<t:ItemId Id=\"" id "\" ChangeKey=\"ck-" id "\"/>"

/* Tags as some servers write them: EWS-QUIRKS 9. */
#define SAMPLE_TAG(tag, type, value)                                           \
    "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"" tag               \
    "\" PropertyType=\"" type "\"/><t:Value>" value                            \
    "</t:Value></t:ExtendedProperty>"
#define SAMPLE_NAMED(set, id, type, value)                                     \
    "<t:ExtendedProperty><t:ExtendedFieldURI "                                 \
    "DistinguishedPropertySetId=\"" set "\" PropertyId=\"" id                  \
    "\" PropertyType=\"" type "\"/><t:Value>" value                            \
    "</t:Value></t:ExtendedProperty>"
#define SAMPLE_GUID(set, id, type, value)                                      \
    "<t:ExtendedProperty><t:ExtendedFieldURI PropertySetId=\"" set             \
    "\" PropertyId=\"" id "\" PropertyType=\"" type "\"/><t:Value>" value      \
    "</t:Value></t:ExtendedProperty>"
#define SAMPLE_BOX(name, address)                                              \
    "<t:Mailbox><t:Name>" name "</t:Name><t:EmailAddress>" address             \
    "</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Mailbox>"

/* "From: ann@old.example\r\nSubject: Hi\r\n\r\nHello\r\n" */
#define SAMPLE_MIME                                                            \
    "RnJvbTogYW5uQG9sZC5leGFtcGxlDQpTdWJqZWN0OiBIaQ0KDQpIZWxsbw0K"

#define SAMPLE_MAIL(id, read, flags)                                           \
    "<t:Message><t:MimeContent CharacterSet=\"UTF-8\">" SAMPLE_MIME            \
    "</t:MimeContent>" SAMPLE_ID(                                              \
        id) "<t:ItemClass>IPM.Note</t:ItemClass>"                              \
            "<t:Sensitivity>Private</"                                         \
            "t:Sensitivity><t:Categories><t:String>Red"                        \
            "</t:String><t:String>Blue &amp; white</t:String></t:Categories>"  \
            "<t:Importance>High</t:Importance><t:IsDraft>false</"              \
            "t:IsDraft>" SAMPLE_TAG("0xe07", "Integer", flags)                 \
                SAMPLE_TAG("0xe06", "SystemTime", "2024-03-01T09:00:00.123Z")  \
                    SAMPLE_TAG("0x0039", "SystemTime", "2024-03-01T08:59:00Z") \
                        SAMPLE_TAG("0x1090", "Integer", "2")                   \
                            SAMPLE_TAG("0x1081", "Integer", "102") SAMPLE_TAG( \
                                "0x1035", "String", "&lt;one@old.example&gt;") \
                                SAMPLE_NAMED(                                  \
                                    "Common", "34096", "String",               \
                                    "Follow up") "<t:IsRead>" read             \
                                                 "</t:IsRead></t:Message>"

#define SAMPLE_CONTACT                                                         \
    "<t:Contact>" SAMPLE_ID(                                                   \
        "C") "<t:ItemClass>IPM.Contact</t:ItemClass>"                          \
             "<t:Subject>Ann "                                                 \
             "Smith</t:Subject><t:Sensitivity>Normal</t:Sensitivity>"          \
             "<t:Body BodyType=\"HTML\">&lt;p&gt;Met in "                      \
             "Vienna&lt;/p&gt;</t:Body>"                                       \
             "<t:Importance>Normal</t:Importance>" SAMPLE_TAG(                 \
                 "0x3A45", "String",                                           \
                 "Dr.") SAMPLE_TAG("0x3A4D", "Short",                          \
                                   "1") SAMPLE_NAMED("Address", "32896",       \
                                                     "String", "Ann at work")  \
                 SAMPLE_NAMED(                                                 \
                     "Address", "32847", "String",                             \
                     "custom one") "<t:ExtendedProperty><t:ExtendedFieldURI "  \
                                   "PropertyTag=\"0x3a70\" "                   \
                                   "PropertyType=\"BinaryArray\"/"             \
                                   "><t:Values><t:Value>AQID</t:Value>"        \
                                   "<t:Value>BAUG</t:Value></t:Values></"      \
                                   "t:ExtendedProperty>"                       \
                                   "<t:FileAs>Smith, "                         \
                                   "Ann</"                                     \
                                   "t:FileAs><t:FileAsMapping>LastCommaFirst"  \
                                   "</t:FileAsMapping><t:DisplayName>Ann "     \
                                   "Smith</t:DisplayName>"                     \
                                   "<t:GivenName>Ann</"                        \
                                   "t:GivenName><t:CompanyName>Contoso</"      \
                                   "t:CompanyName>"                            \
                                   "<t:EmailAddresses><t:Entry "               \
                                   "Key=\"EmailAddress1\">ann@x.example</"     \
                                   "t:Entry>"                                  \
                                   "<t:Entry "                                 \
                                   "Key=\"EmailAddress3\">a@y.example</"       \
                                   "t:Entry></t:EmailAddresses>"               \
                                   "<t:PhysicalAddresses><t:Entry "            \
                                   "Key=\"Home\"><t:Street>Main 1</t:Street>"  \
                                   "<t:City>Vienna</"                          \
                                   "t:City><t:PostalCode>1010</"               \
                                   "t:PostalCode></t:Entry>"                   \
                                   "</"                                        \
                                   "t:PhysicalAddresses><t:PhoneNumbers><t:"   \
                                   "Entry Key=\"MobilePhone\">"                \
                                   "+43 1</t:Entry><t:Entry "                  \
                                   "Key=\"HomeFax\">2</t:Entry></"             \
                                   "t:PhoneNumbers>"                           \
                                   "<t:Birthday>1980-05-03T00:00:00Z</"        \
                                   "t:Birthday><t:Children><t:String>Bob"      \
                                   "</t:String></"                             \
                                   "t:Children><t:ImAddresses><t:Entry "       \
                                   "Key=\"ImAddress1\">"                       \
                                   "sip:ann</t:Entry></"                       \
                                   "t:ImAddresses><t:Surname>Smith</"          \
                                   "t:Surname>"                                \
                                   "</t:Contact>"

#define SAMPLE_LIST                                                            \
    "<t:DistributionList>" SAMPLE_ID(                                          \
        "L") "<t:ItemClass>IPM.DistList</t:ItemClass><t:Subject>Team</"        \
             "t:Subject>"                                                      \
             "<t:DisplayName>Team</t:DisplayName><t:Members><t:Member "        \
             "Key=\"k\">" SAMPLE_BOX(                                          \
                 "Ann", "ann@x.example") "<t:Status>Normal</t:Status>"         \
                                         "</"                                  \
                                         "t:Member><t:Member><t:Mailbox><t:"   \
                                         "EmailAddress>bob@x.example"          \
                                         "</t:EmailAddress></t:Mailbox></"     \
                                         "t:Member></t:Members>"               \
                                         "</t:DistributionList>"

#define SAMPLE_TASK                                                            \
    "<t:Task>" SAMPLE_ID(                                                      \
        "T") "<t:ItemClass>IPM.Task</t:ItemClass>"                             \
             "<t:Subject>Tidy up</t:Subject><t:Body "                          \
             "BodyType=\"Text\">soon</t:Body>"                                 \
             "<t:ReminderDueBy>2024-03-04T08:00:00Z</t:ReminderDueBy>"         \
             "<t:ReminderIsSet>true</t:ReminderIsSet>" SAMPLE_GUID(            \
                 "00062003-0000-0000-c000-000000000046", "33055", "String",    \
                 "Ann") "<t:ActualWork>60</t:ActualWork>"                      \
                        "<t:BillingInformation>B1</t:BillingInformation>"      \
                        "<t:DueDate>2024-03-05T00:00:00Z</"                    \
                        "t:DueDate><t:PercentComplete>25"                      \
                        "</"                                                   \
                        "t:PercentComplete><t:Recurrence><t:"                  \
                        "WeeklyRegeneration><t:Interval>2"                     \
                        "</t:Interval></"                                      \
                        "t:WeeklyRegeneration><t:NoEndRecurrence><t:"          \
                        "StartDate>"                                           \
                        "2024-03-01Z</t:StartDate></t:NoEndRecurrence></"      \
                        "t:Recurrence>"                                        \
                        "<t:Status>InProgress</t:Status><t:TotalWork>240</"    \
                        "t:TotalWork></t:Task>"

#define SAMPLE_NOTE                                                            \
    "<t:Message>" SAMPLE_ID(                                                   \
        "N") "<t:ItemClass>IPM.StickyNote</t:ItemClass>"                       \
             "<t:Subject>Milk</t:Subject><t:Body BodyType=\"Text\">Milk, "     \
             "eggs</t:Body>" SAMPLE_GUID(                                      \
                 "0006200E-0000-0000-C000-000000000046", "35584", "Integer",   \
                 "3") SAMPLE_GUID("0006200E-0000-0000-C000-000000000046",      \
                                  "35586", "Integer", "200") "</t:Message>"

#define SAMPLE_JOURNAL                                                         \
    "<t:Message>" SAMPLE_ID(                                                   \
        "J") "<t:ItemClass>IPM.Activity</t:ItemClass>"                         \
             "<t:Subject>Call</t:Subject>" SAMPLE_GUID(                        \
                 "0006200A-0000-0000-C000-000000000046", "34560", "String",    \
                 "Phone call")                                                 \
                 SAMPLE_GUID("0006200A-0000-0000-C000-000000000046", "34567",  \
                             "Integer", "15") "</t:Message>"

#define SAMPLE_APPOINTMENT                                                     \
    "<t:CalendarItem>" SAMPLE_ID(                                              \
        "A") "<t:ItemClass>IPM.Appointment</t:ItemClass><t:Subject>Lunch</"    \
             "t:Subject>"                                                      \
             "<t:ReminderIsSet>true</"                                         \
             "t:ReminderIsSet><t:ReminderMinutesBeforeStart>15"                \
             "</t:ReminderMinutesBeforeStart>" SAMPLE_NAMED(                   \
                 "Meeting", "3", "Binary", "BAAAAIIA")                         \
                 SAMPLE_NAMED(                                                 \
                     "Appointment", "33303", "Integer",                        \
                     "0") "<t:Start>2024-03-01T11:00:00Z</"                    \
                          "t:Start><t:End>2024-03-01T12:00:00Z"                \
                          "</t:End><t:IsAllDayEvent>false</t:IsAllDayEvent>"   \
                          "<t:LegacyFreeBusyStatus>WorkingElsewhere</"         \
                          "t:LegacyFreeBusyStatus>"                            \
                          "<t:Location>Canteen</"                              \
                          "t:Location><t:Organizer>" SAMPLE_BOX(               \
                              "Owner",                                         \
                              "owner@old.example") "</t:Organizer>"            \
                                                   "<t:AllowNewTimeProposal>"  \
                                                   "true</"                    \
                                                   "t:AllowNewTimeProposal>"   \
                                                   "<t:MeetingWorkspaceUrl>"   \
                                                   "http://x.example/</"       \
                                                   "t:MeetingWorkspaceUrl>"    \
                                                   "</t:CalendarItem>"

#define SAMPLE_ZONE(element)                                                   \
    "<t:" element " Id=\"W. Europe Standard Time\" Name=\"(UTC+01:00)\">"      \
    "<t:Periods><t:Period Bias=\"-PT60M\" Name=\"Standard\" Id=\"s\"/>"        \
    "<t:Period Bias=\"-PT2H\" Name=\"Daylight\" Id=\"d\"/></t:Periods>"        \
    "<t:TransitionsGroups><t:TransitionsGroup Id=\"0\">"                       \
    "<t:RecurringDayTransition><t:To Kind=\"Period\">d</t:To><t:TimeOffset>"   \
    "PT2H</t:TimeOffset><t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek>" \
    "<t:Occurrence>-1</t:Occurrence></t:RecurringDayTransition>"               \
    "<t:RecurringDayTransition><t:To Kind=\"Period\">s</t:To><t:TimeOffset>"   \
    "PT3H</t:TimeOffset><t:Month>10</t:Month><t:DayOfWeek>Sunday"              \
    "</t:DayOfWeek><t:Occurrence>-1</t:Occurrence></t:RecurringDayTransition>" \
    "</t:TransitionsGroup></t:TransitionsGroups><t:Transitions><t:Transition>" \
    "<t:To Kind=\"Group\">0</t:To></t:Transition></t:Transitions></t:" element \
    ">"

/* Somebody else's: received, with responses. */
#define SAMPLE_MEETING                                                                                                                                                \
    "<t:CalendarItem>" SAMPLE_ID(                                                                                                                                     \
        "M") "<t:ItemClass>IPM.Appointment</t:ItemClass><t:Subject>Plan</"                                                                                            \
             "t:Subject>" SAMPLE_NAMED(                                                                                                                               \
                 "Appointment", "33303", "Integer",                                                                                                                   \
                 "3") SAMPLE_NAMED("Appointment", "33304", "Integer", "3")                                                                                            \
                 SAMPLE_TAG(                                                                                                                                          \
                     "0x65", "String",                                                                                                                                \
                     "boss@old.example") "<t:Start>2024-03-01T11:00:00Z</"                                                                                            \
                                         "t:Start><t:End>2024-03-01T12:00:00Z"                                                                                        \
                                         "</t:End><t:Organizer>" SAMPLE_BOX("Boss", "boss@old.example") "</t:Organizer><t:RequiredAttendees><t:Attendee>" SAMPLE_BOX( \
                                             "Ann",                                                                                                                   \
                                             "ann@old.example") "<t:"                                                                                                 \
                                                                "ResponseType"                                                                                        \
                                                                ">Accept"                                                                                             \
                                                                "</"                                                                                                  \
                                                                "t:"                                                                                                  \
                                                                "ResponseType"                                                                                        \
                                                                "></"                                                                                                 \
                                                                "t:Attendee><"                                                                                        \
                                                                "/t:"                                                                                                 \
                                                                "RequiredAtte"                                                                                        \
                                                                "ndees><t:"                                                                                           \
                                                                "OptionalAtte"                                                                                        \
                                                                "ndees>"                                                                                              \
                                                                "<t:"                                                                                                 \
                                                                "Attendee"                                                                                            \
                                                                ">" SAMPLE_BOX(                                                                                       \
                                                                    "Bob",                                                                                            \
                                                                    "bob@old."                                                                                        \
                                                                    "example") "<t:ResponseType>Decline</t:ResponseType></t:Attendee>"                                \
                                                                               "</t:OptionalAttendees>" SAMPLE_ZONE(                                                  \
                                                                                   "StartTimeZone") "</t:CalendarItem>"

/* clang-format off */
/* The mailbox's own, as the directory that it lay in has it. */
#define SAMPLE_OWN_MEETING                                                     \
    "<t:CalendarItem>" SAMPLE_ID("W")                                          \
    "<t:ItemClass>IPM.Appointment</t:ItemClass><t:Subject>Mine</t:Subject>"    \
    SAMPLE_TAG("0x42", "String", "Old owner")                                  \
    SAMPLE_TAG("0x64", "String", "EX")                                         \
    SAMPLE_TAG("0x65", "String", "/o=Old/ou=First/cn=Recipients/cn=own")       \
    SAMPLE_TAG("0xC1E", "String", "EX")                                        \
    SAMPLE_TAG("0xC1F", "String", "/o=Old/ou=First/cn=Recipients/cn=own")      \
    SAMPLE_NAMED("Appointment", "33303", "Integer", "1")                       \
    SAMPLE_NAMED("Common", "34101", "String", "by the hour")                   \
    "<t:Start>2024-03-01T11:00:00Z</t:Start>"                                  \
    "<t:End>2024-03-01T12:00:00Z</t:End><t:RequiredAttendees><t:Attendee>"     \
    SAMPLE_BOX("Ann", "ann@old.example")                                       \
    "<t:ResponseType>Accept</t:ResponseType><t:LastResponseTime>"              \
    "2024-02-29T08:15:30Z</t:LastResponseTime></t:Attendee>"                   \
    "</t:RequiredAttendees></t:CalendarItem>"
/* clang-format on */

/* Mondays and Fridays, one changed, one deleted. */
#define SAMPLE_SERIES                                                          \
    "<t:CalendarItem>" SAMPLE_ID(                                              \
        "S") "<t:ItemClass>IPM.Appointment</t:ItemClass><t:Subject>Weekly</"   \
             "t:Subject>"                                                      \
             "<t:Start>2024-03-04T09:00:00Z</"                                 \
             "t:Start><t:End>2024-03-04T10:00:00Z"                             \
             "</t:End><t:Location>Room "                                       \
             "1</t:Location><t:Recurrence><t:WeeklyRecurrence>"                \
             "<t:Interval>1</t:Interval><t:DaysOfWeek>Monday "                 \
             "Friday</t:DaysOfWeek>"                                           \
             "<t:FirstDayOfWeek>Monday</t:FirstDayOfWeek></"                   \
             "t:WeeklyRecurrence>"                                             \
             "<t:NumberedRecurrence><t:StartDate>2024-03-04+01:00</"           \
             "t:StartDate>"                                                    \
             "<t:NumberOfOccurrences>10</t:NumberOfOccurrences></"             \
             "t:NumberedRecurrence>"                                           \
             "</t:Recurrence><t:ModifiedOccurrences><t:Occurrence>" SAMPLE_ID( \
                 "X") "<t:Start>2024-03-08T10:00:00Z</t:Start><t:End>"         \
                      "2024-03-08T11:00:00Z</"                                 \
                      "t:End><t:OriginalStart>2024-03-08T09:00:00Z"            \
                      "</t:OriginalStart></t:Occurrence></"                    \
                      "t:ModifiedOccurrences>"                                 \
                      "<t:DeletedOccurrences><t:DeletedOccurrence><t:Start>"   \
                      "2024-03-11T09:00:00Z"                                   \
                      "</t:Start></t:DeletedOccurrence></"                     \
                      "t:DeletedOccurrences>" SAMPLE_ZONE(                     \
                          "StartTimeZone") "</t:CalendarItem>"

#define SAMPLE_EXCEPTION                                                       \
    "<t:CalendarItem>" SAMPLE_ID(                                              \
        "X") "<t:ItemClass>IPM.Appointment</t:ItemClass><t:Subject>Weekly</"   \
             "t:Subject>"                                                      \
             "<t:Start>2024-03-08T10:00:00Z</"                                 \
             "t:Start><t:End>2024-03-08T11:00:00Z"                             \
             "</t:End><t:OriginalStart>2024-03-08T09:00:00Z</t:OriginalStart>" \
             "<t:Location>Room 2</t:Location></t:CalendarItem>"

#endif
