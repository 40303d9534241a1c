package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/holidays"
	"outrider/internal/pii"
)

// pacingHandlers answer what is asked of limits, windows, warm-up and health. What is shown comes from the state on which messages are decided.
type pacingHandlers struct {
	*readSide
	*writeSide
	*pastSide
	columns driver.Conn
}

// forPacing is the handler of a route that pacingHandlers answer.
func forPacing(handle func(*pacingHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&pacingHandlers{s.readSide, s.writeSide, s.pastSide, s.cfg.Columns}, c)
	}
}

// showState shows an organisation as of its newest event, or that of the request's own write.
func (h *pacingHandlers) showState(c *call, show func(o *aggregates.Organization, now time.Time)) error {
	if h.live == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := h.awaitIn(c, eventsTable); err != nil {
		return err
	}
	_, err := h.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, last time.Time) { show(o, laterOf(h.clock(), last)) })
	return err
}

func (h *pacingHandlers) getPacing(c *call) error {
	var set events.OrganizationPacing
	if err := h.showState(c, func(o *aggregates.Organization, _ time.Time) { set = o.Pacing() }); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, pacingOf(set))
}

func (h *pacingHandlers) setPacing(c *call, body gen.PacingInput) error {
	hasher, err := h.vault.Hasher(c.ctx, c.who.Org)
	if err != nil {
		return err
	}
	cmd := commands.SetPacing{OrganizationPacing: events.OrganizationPacing{Organization: capsIn(body.Organization), SendingDomain: capsIn(body.SendingDomain), RecipientDomain: capsIn(body.RecipientDomain),
		MatchProvider: body.MatchProvider, Rotate: body.Rotate, HandOverDays: body.HandOverDays}}
	for n, p := range body.Providers {
		x := events.ProviderPacing{Provider: strings.ToLower(strings.TrimSpace(p.Provider)), Caps: events.Caps{PerDay: p.PerDay, Per24h: p.Per24H, PerHour: p.PerHour}}
		domains := p.Domains
		if domains == nil {
			domains, cmd.KeepDomains = providerDomains(x.Provider), append(cmd.KeepDomains, x.Provider)
		}
		for i, d := range domains {
			name, err := pii.NormalizeDomain(d)
			if err != nil {
				return invalidField("providers."+strconv.Itoa(n)+".domains."+strconv.Itoa(i), err.Error())
			}
			x.DomainHashes = append(x.DomainHashes, hasher.DomainHash(name).String())
		}
		slices.Sort(x.DomainHashes)
		x.DomainHashes = slices.Compact(x.DomainHashes)
		cmd.Providers = append(cmd.Providers, x)
	}
	a, err := h.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, eventsTable, a, func() error { return h.getPacing(c) })
}

// providerDomains are the domains of a provider's public addresses.
func providerDomains(provider string) []string {
	return map[string][]string{
		"google":    {"gmail.com", "googlemail.com"},
		"microsoft": {"outlook.com", "hotmail.com", "hotmail.co.uk", "hotmail.fr", "hotmail.de", "hotmail.it", "hotmail.es", "live.com", "live.co.uk", "live.fr", "live.nl", "msn.com", "outlook.fr", "outlook.de", "outlook.es"},
		"yahoo":     {"yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.it", "yahoo.es", "yahoo.ca", "yahoo.com.br", "yahoo.co.in", "ymail.com", "rocketmail.com", "aol.com"},
		"apple":     {"icloud.com", "me.com", "mac.com"},
	}[provider]
}

func capsIn(c gen.SharedCaps) events.Caps {
	return events.Caps{PerDay: c.PerDay, Per24h: c.Per24H, PerHour: c.PerHour}
}

func capsOf(c events.Caps) gen.SharedCaps {
	return gen.SharedCaps{PerDay: c.PerDay, Per24H: c.Per24h, PerHour: c.PerHour}
}

func pacingOf(p events.OrganizationPacing) gen.Pacing {
	out := gen.Pacing{Organization: capsOf(p.Organization), SendingDomain: capsOf(p.SendingDomain), RecipientDomain: capsOf(p.RecipientDomain), Providers: make([]gen.ProviderPacing, len(p.Providers)),
		MatchProvider: p.MatchProvider, Rotate: p.Rotate, HandOverDays: p.HandOverDays}
	for i, x := range p.Providers {
		out.Providers[i] = gen.ProviderPacing{Provider: x.Provider, Domains: len(x.DomainHashes), PerDay: x.PerDay, Per24H: x.Per24h, PerHour: x.PerHour}
	}
	return out
}

// Years of public holidays that are recorded, from the present one.
const holidayYears = 3

func (h *pacingHandlers) listHolidays(c *call) error {
	var known []aggregates.CountryHolidays
	if err := h.showState(c, func(o *aggregates.Organization, _ time.Time) { known = o.Holidays() }); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, holidaysOf(known, h.clock()))
}

func (h *pacingHandlers) setHolidays(c *call, body gen.PublicHolidaysInput) error {
	var cmd commands.SetPublicHolidays
	var known []aggregates.CountryHolidays
	year := h.clock().UTC().Year()
	for i, code := range body.Countries {
		country, ok := holidays.Find(code)
		if !ok {
			return invalidField("countries."+strconv.Itoa(i), "is no country whose public holidays are known")
		}
		x := commands.CountryHolidays{Country: country.Code, Zones: country.Zones}
		for _, d := range country.Days(year, year+holidayYears-1) {
			x.Days = append(x.Days, events.Holiday{Date: d.Date, Name: d.Name})
		}
		cmd.Countries = append(cmd.Countries, x)
		known = append(known, aggregates.CountryHolidays{Country: x.Country, Days: x.Days})
	}
	if _, err := h.submitOwn(c, cmd); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, holidaysOf(known, h.clock()))
}

// nextHolidays is how many days to come are shown of a country.
const nextHolidays = 3

func holidaysOf(known []aggregates.CountryHolidays, now time.Time) gen.PublicHolidays {
	out := gen.PublicHolidays{Data: []gen.HolidayCountry{}}
	today := now.UTC().Format(time.DateOnly)
	for _, country := range holidays.Countries() {
		x := gen.HolidayCountry{Country: country.Code, Name: country.Name}
		for _, k := range known {
			if k.Country != country.Code {
				continue
			}
			x.Heeded = true
			slices.SortFunc(k.Days, func(a, b events.Holiday) int { return strings.Compare(a.Date, b.Date) })
			for _, d := range k.Days {
				if x.Until = d.Date; d.Date >= today && len(x.Next) < nextHolidays {
					x.Next = append(x.Next, gen.HolidayDay{Date: d.Date, Name: d.Name})
				}
			}
		}
		out.Data = append(out.Data, x)
	}
	slices.SortFunc(out.Data, func(a, b gen.HolidayCountry) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (h *pacingHandlers) getCampaignPacing(c *call, id uuid.UUID) error {
	if _, err := h.loadCampaign(c, id); err != nil {
		return err
	}
	var set events.CampaignPacing
	if err := h.showState(c, func(o *aggregates.Organization, _ time.Time) {
		if is := o.Campaigns[id]; is != nil {
			set = is.Pacing
		}
	}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, campaignPacingOf(set))
}

func (h *pacingHandlers) setCampaignPacing(c *call, id uuid.UUID, body gen.CampaignPacing) error {
	set := events.CampaignPacing{NewPeoplePerDay: body.NewPeoplePerDay, NewPeopleFirst: body.NewPeopleFirst, MoreWindows: windowsIn(body.MoreWindows), CampaignWindows: windowsIn(body.CampaignWindows),
		IgnorePublicHolidays: body.IgnorePublicHolidays}
	if _, err := h.submitOwn(c, commands.SetCampaignPacing{CampaignID: id, CampaignPacing: set}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, campaignPacingOf(set))
}

func campaignPacingOf(p events.CampaignPacing) gen.CampaignPacing {
	return gen.CampaignPacing{NewPeoplePerDay: p.NewPeoplePerDay, NewPeopleFirst: p.NewPeopleFirst, MoreWindows: windowsOf(p.MoreWindows), CampaignWindows: windowsOf(p.CampaignWindows),
		IgnorePublicHolidays: p.IgnorePublicHolidays}
}

func windowsIn(all []gen.Window) (out []events.Window) {
	for _, w := range all {
		out = append(out, events.Window{Days: w.Days, From: w.From, To: w.To})
	}
	return out
}

func windowsOf(all []events.Window) []gen.Window {
	out := make([]gen.Window, len(all))
	for i, w := range all {
		out[i] = gen.Window{Days: nonNil(w.Days), From: w.From, To: w.To}
	}
	return out
}

func (h *pacingHandlers) getMailboxHours(c *call, id uuid.UUID) error {
	if _, err := h.loadMailbox(c, id); err != nil {
		return err
	}
	var set []events.Window
	if err := h.showState(c, func(o *aggregates.Organization, _ time.Time) {
		if is := o.Mailboxes.Get(id); is != nil {
			set = is.Hours()
		}
	}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.MailboxHours{Windows: windowsOf(set)})
}

func (h *pacingHandlers) setMailboxHours(c *call, id uuid.UUID, body gen.MailboxHours) error {
	set := windowsIn(body.Windows)
	if _, err := h.submitOwn(c, commands.SetMailboxHours{MailboxRef: events.MailboxRef{MailboxID: id}, Windows: nonNil(set)}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.MailboxHours{Windows: windowsOf(set)})
}
