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

// The budget of decisions.md, in bytes.
const (
	budgetLead       = 400
	budgetEnrollment = 300
)

// TestStateBudget measures what a lead and an enrollment cost on the heap, at counts where Go's maps have just grown and
// where they are full. Not parallel: it reads the heap.
func TestStateBudget(t *testing.T) { // it measures the whole heap
	for _, n := range []int{20_000, 100_000} {
		org := es.DeriveID(uuid.Nil, strconv.Itoa(n))
		before := heap()
		o := aggregates.NewOrganization(org)
		o.Apply(events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, BillingAnchor: time.Unix(0, 0).UTC()})
		ids := leads(t, o, n)
		afterLeads := heap()
		campaign := es.DeriveID(org, "campaign")
		o.Apply(events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaign}})
		for _, id := range ids {
			o.Apply(events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{LeadID: id, CampaignID: campaign}, Counted: true, PeriodFrom: time.Unix(0, 0).UTC()})
		}
		afterEnrollments := heap()
		runtime.KeepAlive(o)
		perLead := float64(afterLeads-before) / float64(n)
		perEnrollment := float64(afterEnrollments-afterLeads) / float64(n)
		t.Logf("%d leads: %.0f B a lead, %.0f B an enrollment that counts", n, perLead, perEnrollment)
		if perLead > budgetLead || perEnrollment > budgetEnrollment {
			t.Errorf("over budget: %d B a lead, %d B an enrollment", budgetLead, budgetEnrollment)
		}
		runtime.KeepAlive(o)
	}
}

// leads applies events that went through JSON, so that strings which outlive them would be seen.
func leads(t *testing.T, o *aggregates.Organization, n int) []uuid.UUID {
	t.Helper()
	ids := make([]uuid.UUID, n)
	for i := range n {
		id := es.DeriveID(o.ID, "lead", strconv.Itoa(i))
		address := es.DeriveID(o.ID, "address", strconv.Itoa(i))
		data, err := es.Marshal(events.LeadCreated{LeadRef: events.LeadRef{LeadID: id}, AddressHash: hex.EncodeToString(address[:]), DomainHash: hex.EncodeToString(address[:]),
			Profile: events.Sealed{K: 1, C: make([]byte, 300)}, Filled: []string{"email"}, Source: "api"})
		if err != nil {
			t.Fatal(err)
		}
		e, err := events.Decode(events.LeadCreated{}.EventType(), data)
		if err != nil {
			t.Fatal(err)
		}
		o.Apply(e)
		ids[i] = id
	}
	return ids
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
