package aggregates_test

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// budgetRecipient bounds what is remembered of an address that was written to and has no lead any more, in bytes.
const budgetRecipient = 300

// TestRecipientBudget measures what stays of leads that were sent one message and removed. Not parallel: it reads the heap.
func TestRecipientBudget(t *testing.T) { // it measures the whole heap
	for _, n := range []int{20_000, 100_000} {
		org := es.DeriveID(uuid.Nil, "recipients", strconv.Itoa(n))
		o := aggregates.NewOrganization(org)
		o.Apply(events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, BillingAnchor: time.Unix(0, 0).UTC()})
		campaign, box, step := es.DeriveID(org, "campaign"), es.DeriveID(org, "mailbox"), es.DeriveID(org, "step")
		o.Apply(events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaign}, Steps: []events.Step{{StepID: step, Variants: []events.Variant{{VariantID: step}}}, {StepID: org, Variants: []events.Variant{{VariantID: org}}}}})
		o.Apply(events.MailboxAdded{MailboxRef: events.MailboxRef{MailboxID: box}})
		before := heap()
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		for _, id := range leads(t, o, n) {
			o.Apply(events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{LeadID: id, CampaignID: campaign}})
			o.Apply(events.MessageRequested{MessageRef: ref(campaign, id), StepID: step, VariantID: step, MailboxID: box})
			at = at.Add(30 * time.Second)
			o.Apply(events.MessageSent{MessageRef: ref(campaign, id), StepID: step, MailboxID: box, AcceptedAt: at})
			o.Apply(events.LeadRemoved{LeadRef: events.LeadRef{LeadID: id}})
		}
		each := (heap() - before) / int64(n)
		t.Logf("%d removed leads: %d B a remembered address", n, each)
		if each > budgetRecipient {
			t.Errorf("over the budget of %d B a remembered address", budgetRecipient)
		}
		runtime.KeepAlive(o)
	}
}
