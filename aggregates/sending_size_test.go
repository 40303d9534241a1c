package aggregates_test

import (
	"encoding/hex"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// TestActiveEnrollmentBudget measures what an enrollment costs while it is active, with and without its open message: at
// the most every person is of a company of their own. Not parallel: it reads the heap.
func TestActiveEnrollmentBudget(t *testing.T) { // it measures the whole heap
	for _, n := range []int{20_000, 100_000} {
		org := es.DeriveID(uuid.Nil, "sending", strconv.Itoa(n))
		o := aggregates.NewOrganization(org)
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		o.Apply(events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, BillingAnchor: time.Unix(0, 0).UTC(), TimeZone: "Europe/Berlin"})
		ids := leads(t, o, n)
		campaign, box, step, variant := es.DeriveID(org, "campaign"), es.DeriveID(org, "mailbox"), es.DeriveID(org, "step"), es.DeriveID(org, "variant")
		steps := []events.Step{{StepID: step, Variants: []events.Variant{{VariantID: variant, Weight: 1}}}, {StepID: es.DeriveID(org, "two"), DelayDays: 3, Variants: []events.Variant{{VariantID: org}}}}
		o.Apply(events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaign}, Steps: steps})
		o.Apply(events.MailboxAdded{MailboxRef: events.MailboxRef{MailboxID: box}, AddressHash: hex.EncodeToString(box[:])})
		o.Apply(events.MailboxPaceSet{MailboxRef: events.MailboxRef{MailboxID: box}, MailboxPace: events.MailboxPace{CapPerDay: 1_000_000}})
		o.Apply(events.MailboxVerified{MailboxRef: events.MailboxRef{MailboxID: box}})
		o.Apply(events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: campaign}})
		before := heap()
		for _, id := range ids {
			o.Apply(events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{LeadID: id, CampaignID: campaign}, Counted: true, PeriodFrom: time.Unix(0, 0).UTC()})
		}
		waiting := heap()
		for _, id := range ids {
			o.Apply(events.MessageRequested{MessageRef: ref(campaign, id), StepID: step, VariantID: variant, MailboxID: box, Earliest: at})
		}
		open := heap()
		for _, id := range ids {
			o.Apply(events.MessageApproved{MessageRef: ref(campaign, id)})
			o.Apply(events.MessageScheduled{MessageRef: ref(campaign, id), MailboxID: box})
			o.Apply(events.MessageSent{MessageRef: ref(campaign, id), StepID: step, MailboxID: box, AcceptedAt: at})
			at = at.Add(30 * time.Second) // so the mailbox remembers few of them
		}
		after := heap()
		each := func(bytes int64) int64 { return bytes / int64(n) }
		t.Logf("%d enrollments: %d B waiting, %d B with an open message, %d B between two steps", n, each(waiting-before), each(open-before), each(after-before))
		if max(each(waiting-before), each(open-before), each(after-before)) > budgetEnrollment {
			t.Errorf("over the budget of %d B an active enrollment", budgetEnrollment)
		}
		runtime.KeepAlive(o)
		runtime.KeepAlive(ids)
	}
}

func ref(campaign, lead uuid.UUID) events.MessageRef {
	e := aggregates.EnrollmentID(campaign, lead)
	return events.MessageRef{MessageID: es.DeriveID(e, "message"), EnrollmentID: e, LeadID: lead, CampaignID: campaign}
}
