package aggregates

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// Campaign is what decisions need of one. The texts of its steps are only compared here.
type Campaign struct {
	ID           uuid.UUID
	Name         string
	Type         string
	Status       string
	Version      int // +1 with every campaign.* event
	StepsVersion int // +1 with every change of the steps
	Settings     events.CampaignSettings
	Rate         Rate

	created   [sha256.Size]byte
	steps     [sha256.Size]byte
	settings  bool // were set
	approval  string
	zone      uint16
	start     string
	end       string
	window    Window
	plans     []plan                    // by version of the steps; a draft has one
	enrolled  map[uuid.UUID]*Enrollment // by lead; nil = at its end
	active    int                       // enrollments that are not at their end
	mailboxes []*Mailbox
	lanes     []*lane // people whom any mailbox may write to
	wake      timer
}

// plan is what sending needs of a version of the steps.
type plan struct {
	version int
	steps   []planStep
}

type planStep struct {
	id       uuid.UUID
	delay    int
	variants []planVariant
}

type planVariant struct {
	id     uuid.UUID
	weight int
}

func planOf(version int, steps []events.Step) plan {
	p := plan{version: version}
	for _, s := range steps {
		step := planStep{id: s.StepID, delay: s.DelayDays}
		for _, v := range s.Variants {
			step.variants = append(step.variants, planVariant{v.VariantID, v.Weight})
		}
		p.steps = append(p.steps, step)
	}
	return p
}

// variant draws by weight, seeded by who is written to: a replay, and another attempt, draw the same.
func (s *planStep) variant(enrollment uuid.UUID) int {
	total := 0
	for _, v := range s.variants {
		total += v.weight
	}
	if total == 0 {
		return 0
	}
	id := es.DeriveID(enrollment, "variant", s.id.String())
	drawn := int(binary.BigEndian.Uint32(id[:4]) % uint32(total))
	for i, v := range s.variants {
		if drawn -= v.weight; drawn < 0 {
			return i
		}
	}
	return 0
}

// DefaultSettings are those of a campaign that has none of its own.
func DefaultSettings() events.CampaignSettings {
	return events.CampaignSettings{Window: events.Window{Days: []int{1, 2, 3, 4, 5}, From: "09:00", To: "17:00"},
		MaxFollowUps: 4, FollowUpDays: 2, StopOnCompany: false, CompanyCap: 5, CompanyGapMinutes: 30, UnsubscribeFooter: true}
}

// CreatedAs says whether a campaign was created by this very event.
func (c *Campaign) CreatedAs(e events.CampaignCreated) bool { return c.created == digest(e) }

// HasSteps says whether a campaign has these very steps.
func (c *Campaign) HasSteps(steps []events.Step) bool { return c.steps == digest(steps) }

// HasSettings says whether a campaign has these very settings.
func (c *Campaign) HasSettings(s events.CampaignSettings) bool {
	return c.settings && digest(c.Settings) == digest(s)
}

// Enrolled is the number of leads on the campaign, those at their end too.
func (c *Campaign) Enrolled() int { return len(c.enrolled) }

// Active is the number of enrollments that are not at their end.
func (c *Campaign) Active() int { return c.active }

// Has says whether a lead is on the campaign.
func (c *Campaign) Has(lead uuid.UUID) bool {
	_, ok := c.enrolled[lead]
	return ok
}

// Enrollment gives a lead's enrollment unless it is at its end.
func (c *Campaign) Enrollment(lead uuid.UUID) *Enrollment { return c.enrolled[lead] }

// Mailboxes gives those that write to new people.
func (c *Campaign) Mailboxes() []*Mailbox { return c.mailboxes }

// Delays gives each step's id and delay in business days, of the newest version.
func (c *Campaign) Delays() (ids []uuid.UUID, delays []int) {
	for _, s := range c.plans[len(c.plans)-1].steps {
		ids, delays = append(ids, s.id), append(delays, s.delay)
	}
	return ids, delays
}

// Live says whether it was launched and is not completed.
func (c *Campaign) Live() bool {
	return c.Status == events.CampaignIsActive || c.Status == events.CampaignIsPaused
}

func (o *Organization) applyCampaign(event events.Event) {
	switch e := event.(type) {
	case events.CampaignCreated:
		o.createCampaign(e)
	case events.CampaignRenamed:
		o.onCampaign(e.CampaignID, func(c *Campaign) { c.Name = e.Name })
	case events.CampaignStepsChanged:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.StepsVersion++
			c.steps, c.plans = digest(e.Steps), []plan{planOf(c.StepsVersion, e.Steps)}
		})
	case events.CampaignRevised:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.StepsVersion = e.StepsVersion
			c.steps, c.plans = digest(e.Steps), append(c.plans, planOf(e.StepsVersion, e.Steps))
		})
	case events.CampaignSettingsChanged:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.settings = true
			c.set(e.CampaignSettings)
			if z := o.zones.ref(e.TimeZone); z != 0 {
				c.zone = z
			}
			o.wakeCampaign(c)
		})
	case events.CampaignMailboxesAssigned:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.assign(c, e.MailboxIDs) })
	case events.CampaignLaunched:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.runs(c, events.CampaignIsActive) })
	case events.CampaignPaused:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.runs(c, events.CampaignIsPaused) })
	case events.CampaignResumed:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.Rate = Rate{}
			o.runs(c, events.CampaignIsActive)
		})
	case events.CampaignCompleted:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.runs(c, events.CampaignIsCompleted) })
	case events.CampaignDeleted:
		if c := o.Campaigns[e.CampaignID]; c != nil {
			o.assign(c, nil)
			o.timers.set(&c.wake, 0)
			delete(o.Campaigns, e.CampaignID)
			o.campaigns = slices.DeleteFunc(o.campaigns, func(x *Campaign) bool { return x == c })
		}
	}
}

func (o *Organization) onCampaign(id uuid.UUID, do func(*Campaign)) {
	if c := o.Campaigns[id]; c != nil {
		c.Version++
		do(c)
		o.timeCampaign(c)
	}
}

func (o *Organization) createCampaign(e events.CampaignCreated) {
	if o.Campaigns == nil {
		o.Campaigns = map[uuid.UUID]*Campaign{}
	}
	c := &Campaign{ID: e.CampaignID, Name: e.Name, Type: e.CampaignType, Status: events.CampaignIsDraft, Version: 1, StepsVersion: 1, created: digest(e), steps: digest(e.Steps),
		approval: e.Approval, zone: o.zones.ref(e.TimeZone), start: e.StartDate, end: e.EndDate, plans: []plan{planOf(1, e.Steps)}}
	c.wake = timer{order: o.next(), campaign: c}
	c.set(DefaultSettings())
	o.Campaigns[e.CampaignID] = c
	o.campaigns = append(o.campaigns, c)
}

func (c *Campaign) set(s events.CampaignSettings) {
	c.Settings, c.window = s, NewWindow(s.Window, s.Holidays)
}

func (o *Organization) assign(c *Campaign, ids []uuid.UUID) {
	for _, m := range c.mailboxes {
		m.campaigns = slices.DeleteFunc(m.campaigns, func(x *Campaign) bool { return x == c })
	}
	c.mailboxes = nil
	for _, id := range ids {
		if m := o.Mailboxes.byID[id]; m != nil {
			c.mailboxes, m.campaigns = append(c.mailboxes, m), append(m.campaigns, c)
			o.wakeMailbox(m, soon)
		}
	}
}

func (o *Organization) runs(c *Campaign, status string) {
	c.Status = status
	for _, m := range o.Mailboxes.order {
		if status != events.CampaignIsActive {
			m.unschedule(c)
		}
		if slices.Contains(m.campaigns, c) || slices.ContainsFunc(m.lanes, func(l *lane) bool { return l.campaign == c }) || m.flying == 0 {
			o.wakeMailbox(m, soon)
		}
	}
}

// wakeCampaign wakes the mailboxes that had nobody to write to.
func (o *Organization) wakeCampaign(c *Campaign) {
	if c.Status != events.CampaignIsActive {
		return
	}
	for _, m := range c.mailboxes {
		if m.hungry {
			m.hungry = false
			o.wakeMailbox(m, soon)
		}
	}
}

// timeCampaign sets when a campaign must be looked at: at its end, when nobody is left in it, and while there are people
// to stop behind its completion.
func (o *Organization) timeCampaign(c *Campaign) {
	at := int64(0)
	switch {
	case c.nobodyLeft(), c.Status == events.CampaignIsCompleted && c.active > 0:
		at = soon
	case c.Live():
		at = micros(o.endOf(c))
	}
	o.timers.set(&c.wake, at)
}

// nobodyLeft says that a campaign is done with everybody.
func (c *Campaign) nobodyLeft() bool {
	return c.Live() && c.active == 0 && len(c.enrolled) > 0 && !c.Settings.KeepOpen
}

// endOf gives the first instant behind the last day of a campaign; zero = it has no end.
func (o *Organization) endOf(c *Campaign) time.Time { return o.dayOf(c, c.end, 1) }

// startOf gives the first instant of a campaign's first day; zero = it begins with its launch.
func (o *Organization) startOf(c *Campaign) time.Time { return o.dayOf(c, c.start, 0) }

func (o *Organization) dayOf(c *Campaign, date string, plus int) time.Time {
	if date == "" {
		return time.Time{}
	}
	loc := o.zones.first(c.zone, o.zone)
	t, err := time.ParseInLocation(time.DateOnly, date, loc)
	if err != nil {
		return time.Time{}
	}
	return startOfDay(t.Add(12*time.Hour), plus, loc)
}

// Active enrollments in the order in which they were enrolled, at most n.
func (c *Campaign) first(n int) []*Enrollment {
	out := make([]*Enrollment, 0, c.active)
	for _, e := range c.enrolled {
		if e != nil {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b *Enrollment) int { return int(int64(a.order) - int64(b.order)) })
	return out[:min(n, len(out))]
}
