package aggregates

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"outrider/events"
	"outrider/internal/zone"
)

// Readiness is what the gate looks at: a live campaign always has all of it. Whoever changes a part of it asks first what the
// campaign would lack afterwards.
type Readiness struct {
	PostalAddress string
	HomeZone      string // the organisation's
	TimeZone      string // the campaign's own
	EndDate       string
	Settings      events.CampaignSettings
	Mailboxes     []*Mailbox
	Sequences     []Sequence // the newest version of the steps, and older ones that still have enrollments
}

// Sequence is a version of a campaign's steps.
type Sequence struct {
	steps     []planStep
	templates []events.TemplateAnalysis
}

// SequenceOf returns the sequence of steps and of what was found in their texts.
func SequenceOf(steps []events.Step, templates []events.TemplateAnalysis) Sequence {
	p := planOf(0, steps, templates)
	return Sequence{p.steps, p.templates}
}

// WithTemplates returns the sequence with what is known of a draft's texts.
func (r Readiness) WithTemplates(templates []events.TemplateAnalysis) Readiness {
	r.Sequences = []Sequence{{r.Sequences[0].steps, templates}}
	return r
}

// ReadinessOf returns a campaign's readiness as it is now.
func (o *Organization) ReadinessOf(c *Campaign) Readiness {
	r := Readiness{PostalAddress: o.PostalAddress, HomeZone: o.TimeZone, TimeZone: c.TimeZone, EndDate: c.EndDate, Settings: c.Settings, Mailboxes: c.mailboxes}
	for i, p := range c.plans {
		if p.active > 0 || i == len(c.plans)-1 {
			r.Sequences = append(r.Sequences, Sequence{p.steps, p.templates})
		}
	}
	return r
}

// LacksOf is the gate: it returns everything that stands against sending. The launch calls it, and so does every command that changes
// what the launch checked.
func (o *Organization) LacksOf(r Readiness, now time.Time) (out []events.Lack) {
	add := func(l events.Lack) {
		if !slices.Contains(out, l) { // versions of the steps have variants in common
			out = append(out, l)
		}
	}
	out = lacksOfMailboxes(r.Mailboxes)
	if !IsPostalAddress(r.PostalAddress) {
		add(events.Lack{What: events.LacksPostalAddress})
	}
	if r.isOver(now) {
		add(events.Lack{What: events.LacksEndDate, Detail: r.EndDate})
	}
	for _, s := range r.Sequences {
		s.addLacksOfSteps(r.Settings, add)
		s.addLacksOfTexts(r.Settings, add)
		o.addUnknownVariables(s, add)
	}
	return out
}

// lacksOfMailboxes is the part of the gate that does not refuse changes of a mailbox: the campaign records afterwards what it lacks.
func lacksOfMailboxes(of []*Mailbox) (out []events.Lack) {
	if !slices.ContainsFunc(of, (*Mailbox).Sending) {
		out = append(out, events.Lack{What: events.LacksMailbox})
	}
	for _, m := range of {
		if m.FailsDNS() { // unknown is not failing
			out = append(out, events.Lack{What: events.LacksDNS, ID: m.ID})
		}
	}
	return out
}

// IsPostalAddress reports whether an address contains anything readable.
func IsPostalAddress(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

// isOver reports whether the last day of the campaign is past.
func (r Readiness) isOver(now time.Time) bool {
	last, err := time.Parse(time.DateOnly, r.EndDate)
	if err != nil {
		return false
	}
	loc, err := zone.Load(cmp.Or(r.Settings.TimeZone, r.TimeZone, r.HomeZone))
	if err != nil {
		loc = time.UTC
	}
	return dayNumber(now.In(loc)) > dayNumber(last)
}

func (s Sequence) addLacksOfSteps(settings events.CampaignSettings, add func(events.Lack)) {
	if len(s.steps) == 0 {
		add(events.Lack{What: events.LacksSteps})
	}
	if len(s.steps)-1 > settings.MaxFollowUps {
		add(events.Lack{What: events.LacksFollowUp, Detail: strconv.Itoa(settings.MaxFollowUps)})
	}
	for i := range s.steps {
		step := &s.steps[i]
		if i > 0 && step.delay < settings.FollowUpDays {
			add(events.Lack{What: events.LacksDelay, ID: step.id, Detail: strconv.Itoa(settings.FollowUpDays)})
		}
		if step.totalWeight() == 0 {
			add(events.Lack{What: events.LacksWeight, ID: step.id})
		}
		for _, v := range step.variants {
			if !slices.ContainsFunc(s.templates, func(t events.TemplateAnalysis) bool { return t.StepID == step.id && t.VariantID == v.id }) {
				add(events.Lack{What: events.LacksTemplate, ID: v.id})
			}
		}
	}
}

// addLacksOfTexts requires that each message can be written, and that it says who writes and how to get no more.
func (s Sequence) addLacksOfTexts(settings events.CampaignSettings, add func(events.Lack)) {
	for _, t := range s.templates {
		switch {
		case t.Problem != "":
			add(events.Lack{What: events.LacksTemplate, ID: t.VariantID, Detail: t.Problem})
		case settings.UnsubscribeFooter: // the footer holds both
		default:
			if !t.UnsubscribeLink {
				add(events.Lack{What: events.LacksUnsubscribe, ID: t.VariantID})
			}
			if !slices.ContainsFunc(t.Variables, func(v events.TemplateVariable) bool { return v.Name == "postal_address" }) {
				add(events.Lack{What: events.LacksPostalAddress, ID: t.VariantID})
			}
		}
	}
}

func (o *Organization) addUnknownVariables(s Sequence, add func(events.Lack)) {
	for _, t := range s.templates {
		for _, v := range t.Variables {
			if !o.knowsVariable(v.Name) {
				add(events.Lack{What: events.LacksVariable, ID: t.VariantID, Detail: v.Name})
			}
		}
	}
}
