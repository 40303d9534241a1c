// Package holidays knows the public holidays of countries, and in which country a time zone lies. It is asked where they are set; what decides reads them from the
// log.
package holidays

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// Country is one whose holidays are known.
type Country struct {
	Code  string // ISO 3166
	Name  string
	Zones []string // of the IANA database

	list []*cal.Holiday
}

// Day is a public holiday.
type Day struct {
	Date string // 2026-12-25
	Name string // in the country's language
}

// Countries lists them by code.
func Countries() []Country {
	return []Country{
		{"AR", "Argentina", []string{"America/Argentina/Buenos_Aires", "America/Argentina/Catamarca", "America/Argentina/Cordoba", "America/Argentina/Jujuy", "America/Argentina/La_Rioja", "America/Argentina/Mendoza", "America/Argentina/Rio_Gallegos", "America/Argentina/Salta", "America/Argentina/San_Juan", "America/Argentina/San_Luis", "America/Argentina/Tucuman", "America/Argentina/Ushuaia"}, ar.Holidays},
		{"AT", "Austria", []string{"Europe/Vienna"}, at.Holidays},
		{"AU", "Australia", []string{"Antarctica/Macquarie", "Australia/Adelaide", "Australia/Brisbane", "Australia/Broken_Hill", "Australia/Darwin", "Australia/Eucla", "Australia/Hobart", "Australia/Lindeman", "Australia/Lord_Howe", "Australia/Melbourne", "Australia/Perth", "Australia/Sydney"}, []*cal.Holiday{au.NewYear, au.AustraliaDay, au.GoodFriday, au.EasterMonday, au.AnzacDay, au.ChristmasDay, au.BoxingDay}},
		{"BE", "Belgium", []string{"Europe/Brussels"}, be.Holidays},
		{"BG", "Bulgaria", []string{"Europe/Sofia"}, bg.Holidays},
		{"BR", "Brazil", []string{"America/Araguaina", "America/Bahia", "America/Belem", "America/Boa_Vista", "America/Campo_Grande", "America/Cuiaba", "America/Eirunepe", "America/Fortaleza", "America/Maceio", "America/Manaus", "America/Noronha", "America/Porto_Velho", "America/Recife", "America/Rio_Branco", "America/Santarem", "America/Sao_Paulo"}, br.Holidays},
		{"CA", "Canada", []string{"America/Atikokan", "America/Blanc-Sablon", "America/Cambridge_Bay", "America/Creston", "America/Dawson", "America/Dawson_Creek", "America/Edmonton", "America/Fort_Nelson", "America/Glace_Bay", "America/Goose_Bay", "America/Halifax", "America/Inuvik", "America/Iqaluit", "America/Moncton", "America/Rankin_Inlet", "America/Regina", "America/Resolute", "America/St_Johns", "America/Swift_Current", "America/Toronto", "America/Vancouver", "America/Whitehorse", "America/Winnipeg"}, ca.Holidays},
		{"CH", "Switzerland", []string{"Europe/Zurich"}, ch.Holidays},
		{"CZ", "Czechia", []string{"Europe/Prague"}, cz.Holidays},
		{"DE", "Germany", []string{"Europe/Berlin", "Europe/Busingen"}, de.Holidays},
		{"DK", "Denmark", []string{"Europe/Copenhagen"}, dk.Holidays},
		{"ES", "Spain", []string{"Africa/Ceuta", "Atlantic/Canary", "Europe/Madrid"}, es.Holidays},
		{"FR", "France", []string{"Europe/Paris"}, fr.Holidays},
		{"GB", "United Kingdom", []string{"Europe/London"}, gb.Holidays},
		{"GR", "Greece", []string{"Europe/Athens"}, gr.Holidays},
		{"HR", "Croatia", []string{"Europe/Zagreb"}, hr.Holidays},
		{"IE", "Ireland", []string{"Europe/Dublin"}, ie.Holidays},
		{"IT", "Italy", []string{"Europe/Rome"}, it.Holidays},
		{"LT", "Lithuania", []string{"Europe/Vilnius"}, lt.Holidays},
		{"LV", "Latvia", []string{"Europe/Riga"}, lv.Holidays},
		{"MW", "Malawi", []string{"Africa/Blantyre"}, mw.Holidays},
		{"NC", "New Caledonia", []string{"Pacific/Noumea"}, nc.Holidays},
		{"NL", "Netherlands", []string{"Europe/Amsterdam"}, nl.Holidays},
		{"NO", "Norway", []string{"Europe/Oslo"}, no.Holidays},
		{"NZ", "New Zealand", []string{"Pacific/Auckland", "Pacific/Chatham"}, nz.Holidays},
		{"PL", "Poland", []string{"Europe/Warsaw"}, pl.Holidays},
		{"RO", "Romania", []string{"Europe/Bucharest"}, ro.Holidays},
		{"RU", "Russia", []string{"Asia/Anadyr", "Asia/Barnaul", "Asia/Chita", "Asia/Irkutsk", "Asia/Kamchatka", "Asia/Khandyga", "Asia/Krasnoyarsk", "Asia/Magadan", "Asia/Novokuznetsk", "Asia/Novosibirsk", "Asia/Omsk", "Asia/Sakhalin", "Asia/Srednekolymsk", "Asia/Tomsk", "Asia/Ust-Nera", "Asia/Vladivostok", "Asia/Yakutsk", "Asia/Yekaterinburg", "Europe/Astrakhan", "Europe/Kaliningrad", "Europe/Kirov", "Europe/Moscow", "Europe/Samara", "Europe/Saratov", "Europe/Ulyanovsk", "Europe/Volgograd"}, ru.Holidays},
		{"SE", "Sweden", []string{"Europe/Stockholm"}, se.Holidays},
		{"SI", "Slovenia", []string{"Europe/Ljubljana"}, si.Holidays},
		{"SK", "Slovakia", []string{"Europe/Bratislava"}, sk.Holidays},
		{"UA", "Ukraine", []string{"Europe/Kyiv", "Europe/Simferopol"}, ua.Holidays},
		{"US", "United States", []string{"America/Adak", "America/Anchorage", "America/Boise", "America/Chicago", "America/Denver", "America/Detroit", "America/Indiana/Indianapolis", "America/Indiana/Knox", "America/Indiana/Marengo", "America/Indiana/Petersburg", "America/Indiana/Tell_City", "America/Indiana/Vevay", "America/Indiana/Vincennes", "America/Indiana/Winamac", "America/Juneau", "America/Kentucky/Louisville", "America/Kentucky/Monticello", "America/Los_Angeles", "America/Menominee", "America/Metlakatla", "America/New_York", "America/Nome", "America/North_Dakota/Beulah", "America/North_Dakota/Center", "America/North_Dakota/New_Salem", "America/Phoenix", "America/Sitka", "America/Yakutat", "Pacific/Honolulu"}, us.Holidays},
		{"ZA", "South Africa", []string{"Africa/Johannesburg"}, za.Holidays},
	}
}

// Find returns a country by its code.
func Find(code string) (Country, bool) {
	all := Countries()
	i := slices.IndexFunc(all, func(c Country) bool { return c.Code == code })
	if i < 0 {
		return Country{}, false
	}
	return all[i], true
}

// Days returns the days of some years on which the whole country doesn't work, in order, each once: where a holiday on a weekend is made up for, also that day.
func (c Country) Days(from, to int) (out []Day) {
	seen := map[string]bool{}
	add := func(at time.Time, name string) {
		date := at.Format(time.DateOnly)
		if y := at.Year(); y < from || y > to || seen[date] {
			return
		}
		seen[date] = true
		out = append(out, Day{date, name})
	}
	for year := from - 1; year <= to+1; year++ { // a day of one year may be made up for in another
		for _, h := range c.list {
			if h.Type == cal.ObservanceReligious || h.Type == cal.ObservanceOther {
				continue
			}
			actual, observed := h.Calc(year)
			if !actual.IsZero() {
				add(actual, h.Name)
			}
			if !observed.IsZero() {
				add(observed, h.Name)
			}
		}
	}
	slices.SortFunc(out, func(a, b Day) int {
		if a.Date < b.Date {
			return -1
		}
		return 1
	})
	return out
}
