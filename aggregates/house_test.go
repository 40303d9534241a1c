package aggregates_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// roomy are limits that nothing here exceeds.
var roomy = events.Limits{LeadsPerMonth: events.NoLimit, Mailboxes: events.NoLimit, Seats: events.NoLimit, LeadsStored: events.NoLimit} //nolint:gochecknoglobals // a constant

// at is a Tuesday, 11:30 in Berlin.
var at = time.Date(2026, 3, 31, 9, 30, 0, 0, time.UTC)

// house is an organisation in Berlin with a campaign of two steps, launched, and a mailbox without a gap.
type house struct{ *aggregates.Organization }

func name(of string) uuid.UUID { return es.DeriveID(uuid.Nil, of) }

func hash(of string) string {
	id := name("hash " + of)
	return aggregates.Hash(id).String()
}

var (
	spring  = events.CampaignRef{CampaignID: name("spring")}
	box     = events.MailboxRef{MailboxID: name("box")}
	twoDays = []events.Step{
		{StepID: name("one"), Variants: []events.Variant{{VariantID: name("one a"), Weight: 1}}},
		{StepID: name("two"), DelayDays: 2, Variants: []events.Variant{{VariantID: name("two a"), Weight: 1}}},
	}
)

func newHouse(more ...events.Event) house {
	h := emptyHouse(events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: name("house")}, TimeZone: "Europe/Berlin", BillingAnchor: at, Limits: roomy})
	h.apply(campaignOf(spring, twoDays))
	h.apply(mailboxOf(box, events.MailboxPace{CapPerDay: 100})...)
	h.apply(events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{box.MailboxID}}, events.CampaignLaunched{CampaignRef: spring})
	h.apply(more...)
	return h
}

func emptyHouse(given ...events.Event) house {
	h := house{aggregates.NewOrganization(name("house"))}
	h.apply(given...)
	return h
}

func (h house) apply(all ...events.Event) {
	for _, e := range all {
		h.Apply(e)
	}
}

func campaignOf(ref events.CampaignRef, steps []events.Step) events.CampaignCreated {
	return events.CampaignCreated{CampaignRef: ref, Name: "A", Approval: events.ApproveNone, Steps: steps}
}

func mailboxOf(ref events.MailboxRef, pace events.MailboxPace) []events.Event {
	return []events.Event{events.MailboxAdded{MailboxRef: ref, Transport: events.TransportSMTP, AddressHash: hash(ref.MailboxID.String())}, events.MailboxPaceSet{MailboxRef: ref, MailboxPace: pace},
		events.MailboxVerified{MailboxRef: ref, Status: events.MailboxActive, WarmupFrom: at}}
}

func paceOf(p events.MailboxPace) events.MailboxPaceSet {
	return events.MailboxPaceSet{MailboxRef: box, MailboxPace: p}
}

func settingsOf(change func(*events.CampaignSettings)) events.CampaignSettingsChanged {
	s := aggregates.DefaultSettings()
	change(&s)
	return events.CampaignSettingsChanged{CampaignRef: spring, CampaignSettings: s}
}

// lead is somebody of a company, in no zone of their own.
func lead(who, company string) events.LeadCreated {
	return events.LeadCreated{LeadRef: events.LeadRef{LeadID: name(who)}, AddressHash: hash(who), DomainHash: hash(company)}
}

func enrollment(who string) events.EnrollmentRef {
	return events.EnrollmentRef{EnrollmentID: aggregates.EnrollmentID(spring.CampaignID, name(who)), LeadID: name(who), CampaignID: spring.CampaignID}
}

func enroll(who string) events.EnrollmentStarted {
	return events.EnrollmentStarted{EnrollmentRef: enrollment(who), Counted: true, PeriodFrom: at}
}

// person is a lead of a company of their own who was enrolled.
func person(who string) []events.Event { return []events.Event{lead(who, "at "+who), enroll(who)} }

// mail is the first message to somebody.
func mail(who string) events.MessageRef {
	e := enrollment(who)
	return events.MessageRef{MessageID: name("mail " + who), EnrollmentID: e.EnrollmentID, LeadID: e.LeadID, CampaignID: e.CampaignID}
}

func requested(who string) events.MessageRequested {
	return events.MessageRequested{MessageRef: mail(who), StepsVersion: 1, StepID: name("one"), Step: 1, Steps: 2, VariantID: name("one a"), MailboxID: box.MailboxID, Earliest: at}
}

func ready(who string) []events.Event {
	return []events.Event{requested(who), events.MessageDrafted{MessageRef: mail(who), Number: 1}, events.MessageApproved{MessageRef: mail(who)}}
}

func scheduled(who string) []events.Event {
	return append(ready(who), events.MessageScheduled{MessageRef: mail(who), MailboxID: box.MailboxID, At: at})
}

func claimed(who string, when time.Time) []events.Event {
	return append(scheduled(who), events.MessageClaimed{MessageRef: mail(who), MailboxID: box.MailboxID, ClaimedAt: when, LeaseUntil: when.Add(aggregates.Lease)})
}

func sent(who string, when time.Time) []events.Event {
	return append(claimed(who, when), events.MessageSent{MessageRef: mail(who), StepID: name("one"), Step: 1, VariantID: name("one a"), MailboxID: box.MailboxID, AcceptedAt: when})
}

func doubt(who string) events.MessageInDoubt {
	return events.MessageInDoubt{MessageRef: mail(who), StepID: name("one"), Step: 1, VariantID: name("one a"), MailboxID: box.MailboxID}
}

func all(of ...[]events.Event) (out []events.Event) {
	for _, events := range of {
		out = append(out, events...)
	}
	return out
}

func one(e ...events.Event) []events.Event { return e }

// ruleOf is what a rule says of somebody's next message at a time.
func (h house) ruleOf(t *testing.T, who, rule string, now time.Time) aggregates.ExplainedRule {
	t.Helper()
	why, ok := aggregates.WhyLead(now, h.Organization, spring.CampaignID, name(who))
	if !ok {
		t.Fatalf("%s isn't on the campaign", who)
	}
	for _, r := range why.Rules {
		if r.Rule == rule {
			return r
		}
	}
	t.Fatalf("nothing is said of %s: %+v", rule, why)
	return aggregates.ExplainedRule{}
}
