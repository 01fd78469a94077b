#include "lab/timezone.h"

#include <string.h>

/*
 * Which rules hold in which years: drawn from the time zone database
 * (tzdata 2025b), from 2005 on; each transition of a year as the n-th of a
 * weekday.  A year in which clocks changed once has its other date on the
 * first of January, as Windows has it.  Ids with their places are those of
 * the territory 001 in CLDR's windowsZones.xml.
 */
struct row_date {
    uint8_t month, weekday, nth, hour, minute;
};

/* clang-format off */
static const struct row_rule {
    uint16_t year;
    int16_t bias, daylight_bias;
    struct row_date standard, daylight;
} rules[] = {
    /* Pacific/Honolulu */
    { 1601, 600, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* America/Anchorage */
    { 1601, 540, -60, { 10, 0, 5, 2, 0 }, { 4, 0, 1, 2, 0 } },
    { 2007, 540, -60, { 11, 0, 1, 2, 0 }, { 3, 0, 2, 2, 0 } },
    /* America/Los_Angeles */
    { 1601, 480, -60, { 10, 0, 5, 2, 0 }, { 4, 0, 1, 2, 0 } },
    { 2007, 480, -60, { 11, 0, 1, 2, 0 }, { 3, 0, 2, 2, 0 } },
    /* America/Phoenix */
    { 1601, 420, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* America/Denver */
    { 1601, 420, -60, { 10, 0, 5, 2, 0 }, { 4, 0, 1, 2, 0 } },
    { 2007, 420, -60, { 11, 0, 1, 2, 0 }, { 3, 0, 2, 2, 0 } },
    /* America/Guatemala */
    { 1601, 360, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    { 2006, 360, -60, { 10, 0, 1, 0, 0 }, { 4, 0, 5, 0, 0 } },
    { 2007, 360, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* America/Chicago */
    { 1601, 360, -60, { 10, 0, 5, 2, 0 }, { 4, 0, 1, 2, 0 } },
    { 2007, 360, -60, { 11, 0, 1, 2, 0 }, { 3, 0, 2, 2, 0 } },
    /* America/Mexico_City */
    { 1601, 360, -60, { 10, 0, 5, 2, 0 }, { 4, 0, 1, 2, 0 } },
    { 2023, 360, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* America/Regina */
    { 1601, 360, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* America/Bogota */
    { 1601, 300, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* America/New_York */
    { 1601, 300, -60, { 10, 0, 5, 2, 0 }, { 4, 0, 1, 2, 0 } },
    { 2007, 300, -60, { 11, 0, 1, 2, 0 }, { 3, 0, 2, 2, 0 } },
    /* America/Indiana/Indianapolis */
    { 1601, 300, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    { 2006, 300, -60, { 10, 0, 5, 2, 0 }, { 4, 0, 1, 2, 0 } },
    { 2007, 300, -60, { 11, 0, 1, 2, 0 }, { 3, 0, 2, 2, 0 } },
    /* America/Halifax */
    { 1601, 240, -60, { 10, 0, 5, 2, 0 }, { 4, 0, 1, 2, 0 } },
    { 2007, 240, -60, { 11, 0, 1, 2, 0 }, { 3, 0, 2, 2, 0 } },
    /* America/La_Paz */
    { 1601, 240, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* America/St_Johns */
    { 1601, 210, -60, { 10, 0, 5, 0, 1 }, { 4, 0, 1, 0, 1 } },
    { 2007, 210, -60, { 11, 0, 1, 0, 1 }, { 3, 0, 2, 0, 1 } },
    { 2011, 210, -60, { 11, 0, 1, 2, 0 }, { 3, 0, 2, 0, 1 } },
    { 2012, 210, -60, { 11, 0, 1, 2, 0 }, { 3, 0, 2, 2, 0 } },
    /* America/Sao_Paulo */
    { 1601, 180, -60, { 2, 0, 3, 0, 0 }, { 10, 0, 3, 0, 0 } },
    { 2006, 180, -60, { 2, 0, 3, 0, 0 }, { 11, 0, 1, 0, 0 } },
    { 2007, 180, -60, { 2, 0, 5, 0, 0 }, { 10, 0, 2, 0, 0 } },
    { 2008, 180, -60, { 2, 0, 3, 0, 0 }, { 10, 0, 3, 0, 0 } },
    { 2012, 180, -60, { 2, 0, 5, 0, 0 }, { 10, 0, 3, 0, 0 } },
    { 2013, 180, -60, { 2, 0, 3, 0, 0 }, { 10, 0, 3, 0, 0 } },
    { 2015, 180, -60, { 2, 0, 5, 0, 0 }, { 10, 0, 3, 0, 0 } },
    { 2016, 180, -60, { 2, 0, 3, 0, 0 }, { 10, 0, 3, 0, 0 } },
    { 2018, 180, -60, { 2, 0, 3, 0, 0 }, { 11, 0, 1, 0, 0 } },
    { 2019, 180, -60, { 2, 0, 3, 0, 0 }, { 1, 2, 1, 0, 0 } },
    { 2020, 180, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* America/Argentina/Buenos_Aires */
    { 1601, 180, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    { 2007, 180, -60, { 1, 1, 1, 0, 0 }, { 12, 0, 5, 0, 0 } },
    { 2008, 180, -60, { 3, 0, 3, 0, 0 }, { 10, 0, 3, 0, 0 } },
    { 2009, 180, -60, { 3, 0, 3, 0, 0 }, { 1, 4, 1, 0, 0 } },
    { 2010, 180, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Etc/UTC */
    { 1601, 0, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Europe/London */
    { 1601, 0, -60, { 10, 0, 5, 2, 0 }, { 3, 0, 5, 1, 0 } },
    /* Atlantic/Reykjavik */
    { 1601, 0, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Europe/Berlin */
    { 1601, -60, -60, { 10, 0, 5, 3, 0 }, { 3, 0, 5, 2, 0 } },
    /* Europe/Budapest */
    { 1601, -60, -60, { 10, 0, 5, 3, 0 }, { 3, 0, 5, 2, 0 } },
    /* Europe/Paris */
    { 1601, -60, -60, { 10, 0, 5, 3, 0 }, { 3, 0, 5, 2, 0 } },
    /* Europe/Warsaw */
    { 1601, -60, -60, { 10, 0, 5, 3, 0 }, { 3, 0, 5, 2, 0 } },
    /* Africa/Lagos */
    { 1601, -60, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Europe/Bucharest */
    { 1601, -120, -60, { 10, 0, 5, 4, 0 }, { 3, 0, 5, 3, 0 } },
    /* Africa/Johannesburg */
    { 1601, -120, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Europe/Kiev */
    { 1601, -120, -60, { 10, 0, 5, 4, 0 }, { 3, 0, 5, 3, 0 } },
    /* Asia/Jerusalem */
    { 1601, -120, -60, { 10, 0, 2, 2, 0 }, { 4, 5, 1, 2, 0 } },
    { 2006, -120, -60, { 10, 0, 1, 2, 0 }, { 3, 5, 5, 2, 0 } },
    { 2007, -120, -60, { 9, 0, 3, 2, 0 }, { 3, 5, 5, 2, 0 } },
    { 2008, -120, -60, { 10, 0, 1, 2, 0 }, { 3, 5, 5, 2, 0 } },
    { 2009, -120, -60, { 9, 0, 5, 2, 0 }, { 3, 5, 5, 2, 0 } },
    { 2010, -120, -60, { 9, 0, 2, 2, 0 }, { 3, 5, 5, 2, 0 } },
    { 2011, -120, -60, { 10, 0, 1, 2, 0 }, { 4, 5, 1, 2, 0 } },
    { 2012, -120, -60, { 9, 0, 4, 2, 0 }, { 3, 5, 5, 2, 0 } },
    { 2013, -120, -60, { 10, 0, 5, 2, 0 }, { 3, 5, 5, 2, 0 } },
    { 2017, -120, -60, { 10, 0, 5, 2, 0 }, { 3, 5, 4, 2, 0 } },
    { 2019, -120, -60, { 10, 0, 5, 2, 0 }, { 3, 5, 5, 2, 0 } },
    { 2023, -120, -60, { 10, 0, 5, 2, 0 }, { 3, 5, 4, 2, 0 } },
    { 2024, -120, -60, { 10, 0, 5, 2, 0 }, { 3, 5, 5, 2, 0 } },
    { 2028, -120, -60, { 10, 0, 5, 2, 0 }, { 3, 5, 4, 2, 0 } },
    { 2030, -120, -60, { 10, 0, 5, 2, 0 }, { 3, 5, 5, 2, 0 } },
    { 2034, -120, -60, { 10, 0, 5, 2, 0 }, { 3, 5, 4, 2, 0 } },
    /* Europe/Istanbul */
    { 1601, -120, -60, { 10, 0, 5, 2, 0 }, { 3, 0, 5, 1, 0 } },
    { 2007, -120, -60, { 10, 0, 5, 4, 0 }, { 3, 0, 5, 3, 0 } },
    { 2011, -120, -60, { 10, 0, 5, 4, 0 }, { 3, 1, 5, 3, 0 } },
    { 2012, -120, -60, { 10, 0, 5, 4, 0 }, { 3, 0, 5, 3, 0 } },
    { 2014, -120, -60, { 10, 0, 5, 4, 0 }, { 3, 1, 5, 3, 0 } },
    { 2015, -120, -60, { 11, 0, 2, 4, 0 }, { 3, 0, 5, 3, 0 } },
    { 2016, -120, -60, { 1, 5, 1, 0, 0 }, { 3, 0, 5, 3, 0 } },
    { 2017, -180, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Asia/Riyadh */
    { 1601, -180, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Europe/Moscow */
    { 1601, -180, -60, { 10, 0, 5, 3, 0 }, { 3, 0, 5, 2, 0 } },
    { 2011, -180, -60, { 1, 6, 1, 0, 0 }, { 3, 0, 5, 2, 0 } },
    { 2012, -240, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    { 2014, -180, -60, { 10, 0, 5, 2, 0 }, { 1, 3, 1, 0, 0 } },
    { 2015, -180, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Africa/Nairobi */
    { 1601, -180, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Asia/Dubai */
    { 1601, -240, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Asia/Kabul */
    { 1601, -270, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Asia/Tashkent */
    { 1601, -300, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Asia/Kolkata */
    { 1601, -330, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Asia/Kathmandu */
    { 1601, -345, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Asia/Bangkok */
    { 1601, -420, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Asia/Shanghai */
    { 1601, -480, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Asia/Singapore */
    { 1601, -480, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Australia/Perth */
    { 1601, -480, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    { 2006, -480, -60, { 1, 0, 1, 0, 0 }, { 12, 0, 1, 2, 0 } },
    { 2007, -480, -60, { 3, 0, 5, 3, 0 }, { 10, 0, 5, 2, 0 } },
    { 2009, -480, -60, { 3, 0, 5, 3, 0 }, { 1, 4, 1, 0, 0 } },
    { 2010, -480, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Asia/Taipei */
    { 1601, -480, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Asia/Tokyo */
    { 1601, -540, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Asia/Seoul */
    { 1601, -540, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Australia/Adelaide */
    { 1601, -570, -60, { 3, 0, 5, 3, 0 }, { 10, 0, 5, 2, 0 } },
    { 2006, -570, -60, { 4, 0, 1, 3, 0 }, { 10, 0, 5, 2, 0 } },
    { 2007, -570, -60, { 3, 0, 5, 3, 0 }, { 10, 0, 5, 2, 0 } },
    { 2008, -570, -60, { 4, 0, 1, 3, 0 }, { 10, 0, 1, 2, 0 } },
    /* Australia/Darwin */
    { 1601, -570, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Australia/Brisbane */
    { 1601, -600, 0, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } },
    /* Australia/Sydney */
    { 1601, -600, -60, { 3, 0, 5, 3, 0 }, { 10, 0, 5, 2, 0 } },
    { 2006, -600, -60, { 4, 0, 1, 3, 0 }, { 10, 0, 5, 2, 0 } },
    { 2007, -600, -60, { 3, 0, 5, 3, 0 }, { 10, 0, 5, 2, 0 } },
    { 2008, -600, -60, { 4, 0, 1, 3, 0 }, { 10, 0, 1, 2, 0 } },
    /* Australia/Hobart */
    { 1601, -600, -60, { 3, 0, 5, 3, 0 }, { 10, 0, 1, 2, 0 } },
    { 2006, -600, -60, { 4, 0, 1, 3, 0 }, { 10, 0, 1, 2, 0 } },
    { 2007, -600, -60, { 3, 0, 5, 3, 0 }, { 10, 0, 1, 2, 0 } },
    { 2008, -600, -60, { 4, 0, 1, 3, 0 }, { 10, 0, 1, 2, 0 } },
    /* Pacific/Auckland */
    { 1601, -720, -60, { 3, 0, 3, 3, 0 }, { 10, 0, 1, 2, 0 } },
    { 2007, -720, -60, { 3, 0, 3, 3, 0 }, { 9, 0, 5, 2, 0 } },
    { 2008, -720, -60, { 4, 0, 1, 3, 0 }, { 9, 0, 5, 2, 0 } },
};

static const struct row_zone {
    const char *id, *display;
    uint8_t first, n; /* of rules */
} zones[] = {
    { "Hawaiian Standard Time",
      "(UTC-10:00) Hawaii", 0, 1 },
    { "Alaskan Standard Time",
      "(UTC-09:00) Alaska", 1, 2 },
    { "Pacific Standard Time",
      "(UTC-08:00) Pacific Time (US & Canada)", 3, 2 },
    { "US Mountain Standard Time",
      "(UTC-07:00) Arizona", 5, 1 },
    { "Mountain Standard Time",
      "(UTC-07:00) Mountain Time (US & Canada)", 6, 2 },
    { "Central America Standard Time",
      "(UTC-06:00) Central America", 8, 3 },
    { "Central Standard Time",
      "(UTC-06:00) Central Time (US & Canada)", 11, 2 },
    { "Central Standard Time (Mexico)",
      "(UTC-06:00) Guadalajara, Mexico City, Monterrey", 13, 2 },
    { "Canada Central Standard Time",
      "(UTC-06:00) Saskatchewan", 15, 1 },
    { "SA Pacific Standard Time",
      "(UTC-05:00) Bogota, Lima, Quito, Rio Branco", 16, 1 },
    { "Eastern Standard Time",
      "(UTC-05:00) Eastern Time (US & Canada)", 17, 2 },
    { "US Eastern Standard Time",
      "(UTC-05:00) Indiana (East)", 19, 3 },
    { "Atlantic Standard Time",
      "(UTC-04:00) Atlantic Time (Canada)", 22, 2 },
    { "SA Western Standard Time",
      "(UTC-04:00) Georgetown, La Paz, Manaus, San Juan", 24, 1 },
    { "Newfoundland Standard Time",
      "(UTC-03:30) Newfoundland", 25, 4 },
    { "E. South America Standard Time",
      "(UTC-03:00) Brasilia", 29, 11 },
    { "Argentina Standard Time",
      "(UTC-03:00) City of Buenos Aires", 40, 5 },
    { "UTC",
      "(UTC) Coordinated Universal Time", 45, 1 },
    { "GMT Standard Time",
      "(UTC+00:00) Dublin, Edinburgh, Lisbon, London", 46, 1 },
    { "Greenwich Standard Time",
      "(UTC+00:00) Monrovia, Reykjavik", 47, 1 },
    { "W. Europe Standard Time",
      "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", 48, 1 },
    { "Central Europe Standard Time",
      "(UTC+01:00) Belgrade, Bratislava, Budapest, Ljubljana, Prague", 49, 1 },
    { "Romance Standard Time",
      "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris", 50, 1 },
    { "Central European Standard Time",
      "(UTC+01:00) Sarajevo, Skopje, Warsaw, Zagreb", 51, 1 },
    { "W. Central Africa Standard Time",
      "(UTC+01:00) West Central Africa", 52, 1 },
    { "GTB Standard Time",
      "(UTC+02:00) Athens, Bucharest", 53, 1 },
    { "South Africa Standard Time",
      "(UTC+02:00) Harare, Pretoria", 54, 1 },
    { "FLE Standard Time",
      "(UTC+02:00) Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius", 55, 1 },
    { "Israel Standard Time",
      "(UTC+02:00) Jerusalem", 56, 16 },
    { "Turkey Standard Time",
      "(UTC+03:00) Istanbul", 72, 8 },
    { "Arab Standard Time",
      "(UTC+03:00) Kuwait, Riyadh", 80, 1 },
    { "Russian Standard Time",
      "(UTC+03:00) Moscow, St. Petersburg", 81, 5 },
    { "E. Africa Standard Time",
      "(UTC+03:00) Nairobi", 86, 1 },
    { "Arabian Standard Time",
      "(UTC+04:00) Abu Dhabi, Muscat", 87, 1 },
    { "Afghanistan Standard Time",
      "(UTC+04:30) Kabul", 88, 1 },
    { "West Asia Standard Time",
      "(UTC+05:00) Ashgabat, Tashkent", 89, 1 },
    { "India Standard Time",
      "(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", 90, 1 },
    { "Nepal Standard Time",
      "(UTC+05:45) Kathmandu", 91, 1 },
    { "SE Asia Standard Time",
      "(UTC+07:00) Bangkok, Hanoi, Jakarta", 92, 1 },
    { "China Standard Time",
      "(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi", 93, 1 },
    { "Singapore Standard Time",
      "(UTC+08:00) Kuala Lumpur, Singapore", 94, 1 },
    { "W. Australia Standard Time",
      "(UTC+08:00) Perth", 95, 5 },
    { "Taipei Standard Time",
      "(UTC+08:00) Taipei", 100, 1 },
    { "Tokyo Standard Time",
      "(UTC+09:00) Osaka, Sapporo, Tokyo", 101, 1 },
    { "Korea Standard Time",
      "(UTC+09:00) Seoul", 102, 1 },
    { "Cen. Australia Standard Time",
      "(UTC+09:30) Adelaide", 103, 4 },
    { "AUS Central Standard Time",
      "(UTC+09:30) Darwin", 107, 1 },
    { "E. Australia Standard Time",
      "(UTC+10:00) Brisbane", 108, 1 },
    { "AUS Eastern Standard Time",
      "(UTC+10:00) Canberra, Melbourne, Sydney", 109, 4 },
    { "Tasmania Standard Time",
      "(UTC+10:00) Hobart", 113, 4 },
    { "New Zealand Standard Time",
      "(UTC+12:00) Auckland, Wellington", 117, 3 },
};
/* clang-format on */

size_t timezone_count(void)
{
    return G_N_ELEMENTS(zones);
}

const char *timezone_id_at(size_t i)
{
    return zones[i].id;
}

static const struct row_zone *find(const char *id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(zones); i++)
        if (strcmp(zones[i].id, id) == 0)
            return &zones[i];
    return NULL;
}

const char *timezone_display(const char *id)
{
    const struct row_zone *z = find(id);

    return z != NULL ? z->display : NULL;
}

static struct tz_date date_of(const struct row_date *d)
{
    return (struct tz_date){
        .month = d->month,
        .weekday = d->weekday,
        .nth = d->nth,
        .hour = d->hour,
        .minute = d->minute,
    };
}

static struct tz_rule rule_of(const struct row_rule *r)
{
    return (struct tz_rule){
        .year = r->year,
        .bias = r->bias,
        .daylight_bias = r->daylight_bias,
        .standard = date_of(&r->standard),
        .daylight = date_of(&r->daylight),
    };
}

bool timezone_find(const char *id, struct timezone_info *ret)
{
    const struct row_zone *z = find(id);

    if (z == NULL)
        return false;
    *ret = (struct timezone_info){
        .id = g_strdup(z->id),
        .rules = g_new0(struct tz_rule, z->n),
        .n_rules = z->n,
    };
    for (uint8_t i = 0; i < z->n; i++)
        ret->rules[i] = rule_of(&rules[z->first + i]);
    return true;
}

static bool same_date(const struct tz_date *a, const struct tz_date *b)
{
    return a->month == b->month && a->weekday == b->weekday &&
           a->nth == b->nth && a->hour == b->hour && a->minute == b->minute;
}

static bool same_rule(const struct tz_rule *a, const struct tz_rule *b)
{
    if (a->bias + a->standard_bias != b->bias + b->standard_bias ||
        (a->daylight.month == 0) != (b->daylight.month == 0))
        return false;
    return a->daylight.month == 0 ||
           (a->bias + a->daylight_bias == b->bias + b->daylight_bias &&
            same_date(&a->daylight, &b->daylight) &&
            same_date(&a->standard, &b->standard));
}

/* The zones that people mean, where several have the same rule. */
static const char *const preferred[] = {
    "UTC",
    "GMT Standard Time",
    "W. Europe Standard Time",
    "Eastern Standard Time",
    "AUS Eastern Standard Time",
};

static bool has_rule(const char *id, const struct tz_rule *rule, uint16_t year)
{
    g_auto(timezone_info) tz = { 0 };

    return timezone_find(id, &tz) && same_rule(timezone_rule(&tz, year), rule);
}

const char *timezone_id_of_rule(const struct tz_rule *rule, uint16_t year)
{
    for (size_t i = 0; i < G_N_ELEMENTS(preferred); i++)
        if (has_rule(preferred[i], rule, year))
            return preferred[i];
    for (size_t i = 0; i < G_N_ELEMENTS(zones); i++)
        if (has_rule(zones[i].id, rule, year))
            return zones[i].id;
    return NULL;
}
