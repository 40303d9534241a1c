package commands_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

var (
	org      = uuid.MustParse("01990000-0000-7000-8000-000000000001")
	other    = uuid.MustParse("01990000-0000-7000-8000-000000000002")
	campaign = uuid.MustParse("01990000-0000-7000-8000-000000000003")
	upload   = uuid.MustParse("01990000-0000-7000-8000-000000000004")
	sealed   = events.Sealed{K: 1, C: []byte{1, 2, 3}}
	limits   = events.Limits{LeadsPerMonth: 3, Mailboxes: 1, Seats: 2, APIRequestsPerMinute: 60, AIBudgetMicros: 10_000_000, LeadsStored: 100, ImportBytes: 1_000_000, ImportRows: 1000, ImportsAtOnce: 2}
	anchor   = time.Date(2026, 3, 31, 9, 0, 0, 0, time.UTC)
)

type facts = []es.Payload

func kit() estest.Kit {
	return estest.Kit{Domain: commands.Domain(), Org: org, Encode: func(c any) (string, []byte, error) { return commands.Encode(c.(commands.Command)) }}
}

func created() events.OrganizationCreated {
	return events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Slug: "acme", Name: "Acme", Plan: "starter", Limits: limits, TimeZone: "Europe/Berlin",
		PostalAddress: "1 Main St", TrialEndsAt: anchor.AddDate(0, 0, 14), BillingAnchor: anchor}
}

func given(more ...es.Payload) facts { return append(facts{created()}, more...) }

func status(s string) es.Payload {
	return events.OrganizationStatusChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Status: s, Cause: events.CauseOperator}
}

// h is the hash of a text, as the edge would make one.
func h(s string) string { return strings.ReplaceAll(es.DeriveID(org, s).String(), "-", "") }

// leadID is the id of the lead that is created with an address.
func leadID(address string) uuid.UUID { return es.DeriveID(org, "lead", address) }

func domainOf(address string) string { return address[strings.IndexByte(address, '@')+1:] }

func item(address string) commands.LeadItem {
	return commands.LeadItem{LeadID: leadID(address), AddressHash: h(address), DomainHash: h(domainOf(address)), Profile: sealed,
		Filled: []string{"email", "first_name"}, Source: events.SourceAPI}
}

func leadCreated(address string) events.LeadCreated {
	return events.LeadCreated{LeadRef: events.LeadRef{LeadID: leadID(address)}, AddressHash: h(address), DomainHash: h(domainOf(address)), Profile: sealed,
		Filled: []string{"email", "first_name"}, Source: events.SourceAPI}
}

func imported(address string, row int) events.LeadCreated {
	e := leadCreated(address)
	e.ImportID, e.Row = upload, row
	return e
}

func campaignCreated() events.CampaignCreated {
	return events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "Spring", CampaignType: events.ColdOutreach, CreatedBy: "person:1", Approval: events.ApproveFirst, Steps: steps()}
}

func steps() []events.Step {
	return []events.Step{{StepID: es.DeriveID(campaign, "step"), Kind: events.StepEmail, DelayDays: 2,
		Variants: []events.Variant{{VariantID: es.DeriveID(campaign, "variant"), Subject: "Hi {{first_name}}", Body: "Hello", Weight: 1}}}}
}

func started(address string, counted bool) events.EnrollmentStarted {
	return events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: commands.EnrollmentID(campaign, leadID(address)), LeadID: leadID(address), CampaignID: campaign}, Counted: counted, PeriodFrom: anchor}
}

func ptr[T any](v T) *T { return &v }

func address(n int) string { return fmt.Sprintf("p%d@example.com", n) }
