package commands

import (
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// SetPacing replaces the limits that all mailboxes of an organisation share.
type SetPacing struct {
	events.OrganizationPacing
	KeepDomains []string `json:"keep_domains,omitzero"` // providers that keep the domains that they have, if they have limits already
}

func (SetPacing) CommandType() string { return "organization.set_pacing.v1" }

// Bounds of what can be set.
const (
	mostCap           = 10_000_000
	mostProviders     = 20
	mostDomains       = 2_000 // of a provider
	mostWindows       = 14
	mostHandOverDays  = 60
	mostCountries     = 100
	mostHolidays      = 400 // of a country
	mostHolidayZones  = 100
	mostHolidayLetter = 200
)

// Decide has nothing to do when these limits hold already.
func (c SetPacing) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := c.checkFields(); err != nil {
		return nil, err
	}
	c.Providers = slices.Clone(c.Providers)
	for i, p := range c.Providers {
		for _, was := range o.Pacing().Providers {
			if was.Provider == p.Provider && slices.Contains(c.KeepDomains, p.Provider) {
				c.Providers[i].DomainHashes = was.DomainHashes
			}
		}
	}
	if err := c.checkFields(); err != nil { // what is kept may be another's now
		return nil, err
	}
	if reflect.DeepEqual(o.Pacing(), c.OrganizationPacing) {
		return nil, nil
	}
	return oneEvent(events.OrganizationPacingSet{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, OrganizationPacing: c.OrganizationPacing})
}

func (c SetPacing) checkFields() error {
	if err := firstError(checkCaps("organization", c.Organization), checkCaps("sending_domain", c.SendingDomain), checkCaps("recipient_domain", c.RecipientDomain)); err != nil {
		return err
	}
	if c.HandOverDays < 0 || c.HandOverDays > mostHandOverDays {
		return errInvalid("hand_over_days", "must be 0 (never) to "+strconv.Itoa(mostHandOverDays))
	}
	if len(c.Providers) > mostProviders {
		return errInvalid("providers", "must be at most "+strconv.Itoa(mostProviders))
	}
	seen, of := map[string]bool{}, map[string]bool{}
	for i, p := range c.Providers {
		field := "providers." + strconv.Itoa(i)
		if err := firstError(checkText(field+".provider", p.Provider, 1, 40), checkCaps(field, p.Caps)); err != nil {
			return err
		}
		if seen[p.Provider] {
			return errInvalid(field+".provider", "must not be repeated")
		}
		seen[p.Provider] = true
		if len(p.DomainHashes) > mostDomains {
			return errInvalid(field+".domain_hashes", "must be at most "+strconv.Itoa(mostDomains))
		}
		for _, h := range p.DomainHashes {
			if !validHash(h) {
				return errInvalid(field+".domain_hashes", reasonHash)
			}
			if of[h] {
				return errInvalid(field+".domain_hashes", "must not be repeated")
			}
			of[h] = true
		}
	}
	return nil
}

func checkCaps(field string, c events.Caps) error {
	for _, n := range []int{c.PerDay, c.Per24h, c.PerHour} {
		if n < 0 || n > mostCap {
			return errInvalid(field, "must be 0 (none) to "+strconv.Itoa(mostCap)+" each")
		}
	}
	return nil
}

// SetPublicHolidays says in which countries nobody is written to on public holidays, and which those are: what decides knows no calendar but
// what it was told.
type SetPublicHolidays struct {
	Countries []CountryHolidays `json:"countries"`
}

// CountryHolidays are a country's public holidays.
type CountryHolidays struct {
	Country string           `json:"country"`
	Zones   []string         `json:"zones"`
	Days    []events.Holiday `json:"days"`
}

func (SetPublicHolidays) CommandType() string { return "organization.set_public_holidays.v1" }

// Decide records the countries whose days differ, and takes away those that are not named.
func (c SetPublicHolidays) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if len(c.Countries) > mostCountries {
		return nil, errInvalid("countries", "must be at most "+strconv.Itoa(mostCountries))
	}
	ref := events.OrganizationRef{OrganizationID: o.ID}
	is := map[string][]events.Holiday{}
	for _, x := range o.Holidays() {
		is[x.Country] = sortedHolidays(x.Days)
	}
	var out []events.Event
	named := map[string]bool{}
	for i, x := range c.Countries {
		if err := x.checkFields("countries." + strconv.Itoa(i)); err != nil {
			return nil, err
		}
		if named[x.Country] {
			return nil, errInvalid("countries."+strconv.Itoa(i)+".country", "must not be repeated")
		}
		named[x.Country] = true
		if !slices.Equal(sortedHolidays(x.Days), is[x.Country]) {
			out = append(out, events.OrganizationHolidaysSet{OrganizationRef: ref, Country: x.Country, Zones: x.Zones, Days: sortedHolidays(x.Days)})
		}
	}
	for _, x := range o.Holidays() {
		if !named[x.Country] {
			out = append(out, events.OrganizationHolidaysSet{OrganizationRef: ref, Country: x.Country, Zones: []string{}, Days: []events.Holiday{}})
		}
	}
	return out, nil
}

func (x CountryHolidays) checkFields(field string) error {
	switch {
	case len(x.Country) != 2:
		return errInvalid(field+".country", "must be two letters like DE")
	case len(x.Zones) < 1 || len(x.Zones) > mostHolidayZones:
		return errInvalid(field+".zones", "must be 1 to "+strconv.Itoa(mostHolidayZones))
	case len(x.Days) < 1 || len(x.Days) > mostHolidays:
		return errInvalid(field+".days", "must be 1 to "+strconv.Itoa(mostHolidays))
	}
	dates := map[string]bool{}
	for _, d := range x.Days {
		if d.Date == "" || !validDate(d.Date) || dates[d.Date] {
			return errInvalid(field+".days", "must be dates like 2026-12-25, each once")
		}
		dates[d.Date] = true
		if err := checkText(field+".days", d.Name, 1, mostHolidayLetter); err != nil {
			return err
		}
	}
	for _, z := range x.Zones {
		if err := firstError(checkText(field+".zones", z, 1, 64), checkZone(field+".zones", z)); err != nil {
			return err
		}
	}
	return nil
}

func sortedHolidays(days []events.Holiday) []events.Holiday {
	return slices.SortedFunc(slices.Values(days), func(a, b events.Holiday) int {
		if a.Date < b.Date {
			return -1
		}
		return 1
	})
}

// SetCampaignPacing replaces how a campaign shares what its mailboxes can send.
type SetCampaignPacing struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	events.CampaignPacing
	IfVersion *int `json:"if_version,omitzero"`
}

func (SetCampaignPacing) CommandType() string { return "campaign.set_pacing.v1" }

// Decide has nothing to do when it has this pacing already.
func (c SetCampaignPacing) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case reflect.DeepEqual(is.Pacing, c.CampaignPacing):
		return nil, nil
	case is.Status == events.CampaignIsCompleted:
		return nil, refuseStatus(is)
	case c.NewPeoplePerDay < 0 || c.NewPeoplePerDay > mostCap:
		return nil, errInvalid("new_people_per_day", "must be 0 (none) to "+strconv.Itoa(mostCap))
	}
	if err := firstError(checkVersion(c.CampaignID, c.IfVersion, is.Version), checkWindows("more_windows", c.MoreWindows), checkWindows("campaign_windows", c.CampaignWindows)); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignPacingSet{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, CampaignPacing: c.CampaignPacing})
}

func checkWindows(field string, all []events.Window) error {
	if len(all) > mostWindows {
		return errInvalid(field, "must be at most "+strconv.Itoa(mostWindows))
	}
	for i, w := range all {
		if err := checkWindow(field+"."+strconv.Itoa(i), w); err != nil {
			return err
		}
	}
	return nil
}

// SetMailboxHours says when a mailbox sends, in its own zone.
type SetMailboxHours struct {
	events.MailboxRef
	Windows []events.Window `json:"windows"` // none = at any time
}

func (SetMailboxHours) CommandType() string { return "mailbox.set_hours.v1" }

// Decide has nothing to do when it has these hours already.
func (c SetMailboxHours) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case len(is.Hours()) == 0 && len(c.Windows) == 0 || reflect.DeepEqual(is.Hours(), c.Windows):
		return nil, nil
	}
	if err := checkWindows("windows", c.Windows); err != nil {
		return nil, err
	}
	return oneEvent(events.MailboxHoursSet(c))
}
