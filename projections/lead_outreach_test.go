package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// The row says so after each event, and so does the past up to it.
func TestALeadSaysWhereItStands(t *testing.T) {
	t.Parallel()
	f := setup(t)
	org, lead, other, spring, autumn, message := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	on := func(campaign uuid.UUID) events.EnrollmentRef {
		return events.EnrollmentRef{EnrollmentID: es.DeriveID(campaign, lead.String()), LeadID: lead, CampaignID: campaign}
	}
	about := events.SentMessageRef{MessageID: message, LeadID: lead, CampaignID: spring}
	meeting := events.MeetingRef{MeetingID: uuid.New(), LeadID: lead}
	address := func(kind, hash, reason string) events.SuppressionAdded {
		return events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: es.DeriveID(org, kind, hash)}, Kind: kind, Hash: hash, Reason: reason}
	}
	wide := func(hash string) events.SuppressionAdded {
		s := address(events.SuppressDomain, hash, events.SuppressedComplaint)
		s.Subdomains = true
		return s
	}
	lifted := func(kind, hash string) events.SuppressionRemoved {
		return events.SuppressionRemoved{SuppressionRef: events.SuppressionRef{SuppressionID: es.DeriveID(org, kind, hash)}, Kind: kind, Hash: hash}
	}
	created := func(id uuid.UUID, address, domain string) events.LeadCreated {
		e := f.lead(t, org, id, `{"email":"ann@acme.test"}`)
		e.AddressHash, e.DomainHash = address, domain
		return e
	}
	sent := events.MessageSent{MessageRef: events.MessageRef{MessageID: message, EnrollmentID: on(spring).EnrollmentID, LeadID: lead, CampaignID: spring}, AcceptedAt: at(1)}
	l := newLog(t)
	for i, step := range []struct {
		event            es.Payload
		want, suppressed string
	}{
		{address(events.SuppressDomain, "d2", events.SuppressedManual), "", ""},
		{created(lead, "a1", "d1"), "new", ""},
		{created(other, "a3", "d1"), "new", ""},
		{events.EnrollmentStarted{EnrollmentRef: on(spring)}, "in_progress", ""},
		{events.EnrollmentStarted{EnrollmentRef: on(autumn)}, "in_progress", ""},
		{sent, "contacted", ""},
		{events.MessageAutoReplied{SentMessageRef: about}, "contacted", ""},
		{events.EnrollmentCompleted{EnrollmentRef: on(spring)}, "contacted", ""},
		{events.EnrollmentStopped{EnrollmentRef: on(autumn), Reason: events.StopManual}, "closed", ""},
		{address(events.SuppressDomain, "d1", events.SuppressedManual), "closed", "domain manual"},
		{address(events.SuppressAddress, "a1", events.SuppressedUnsubscribe), "closed", "address unsubscribe"},
		{events.MessageReplied{SentMessageRef: about, Mail: events.Mail{ReceivedAt: at(9)}}, "replied", "address unsubscribe"},
		{lifted(events.SuppressAddress, "a1"), "replied", "domain manual"},
		{events.MeetingBooked{SentMessageRef: about, MeetingID: meeting.MeetingID}, "meeting_booked", "domain manual"},
		{events.LeadUpdated{LeadRef: events.LeadRef{LeadID: lead}, AddressHash: "a2", DomainHash: "d2", FreeMail: new(bool)}, "meeting_booked", "domain manual"},
		{events.MeetingCancelled{MeetingRef: meeting}, "replied", "domain manual"},
		{lifted(events.SuppressDomain, "d2"), "replied", ""},
		{wide("top"), "replied", ""},
		{events.SubdomainKnown{SuppressionRef: events.SuppressionRef{SuppressionID: es.DeriveID(org, events.SuppressDomain, "d2")}, Hash: "d2", Parents: []string{"mid", "top"}}, "replied", "domain complaint"},
		{address(events.SuppressDomain, "mid", events.SuppressedManual), "replied", "domain complaint"}, // without those below it
		{events.LeadUpdated{LeadRef: events.LeadRef{LeadID: lead}, TimeZone: new(string)}, "replied", "domain complaint"},
		{lifted(events.SuppressDomain, "top"), "replied", ""},
		{wide("mid"), "replied", "domain complaint"},
		{lifted(events.SuppressDomain, "mid"), "replied", ""},
		{address(events.SuppressAddress, "a2", events.SuppressedErasure), "replied", "address erasure"},
		{events.LeadErased{LeadRef: events.LeadRef{LeadID: lead}}, "replied", "address erasure"},
		{events.LeadRemoved{LeadRef: events.LeadRef{LeadID: lead}}, "", ""},
		{created(lead, "a2", "d9"), "new", "address erasure"},
	} {
		f.store(t, l.add(org, step.event))
		past, err := projections.NewPast(org, lead, f.vault)
		if err != nil {
			t.Fatal(err)
		}
		needs := projections.NeedsOf("leads", lead)
		for _, e := range l.events {
			if needs.Has(e) {
				if err := past.Apply(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
		}
		live := read(t, f, org, func(ctx context.Context, tx pgx.Tx) (projections.Set[projections.Lead], error) {
			return projections.Leads(ctx, tx, org, []uuid.UUID{lead})
		})[lead]
		for who, row := range map[string]*projections.Lead{"now": live, "then": past.Lead(lead)} {
			status, suppressed := "", ""
			if row != nil {
				status = row.OutreachStatus
				if row.SuppressedBy != "" {
					suppressed = row.SuppressedBy + " " + row.SuppressedReason
				}
				if (row.SuppressedAt == nil) != (row.SuppressedBy == "") {
					t.Errorf("%d %s: suppressed by %q since %v", i+1, who, row.SuppressedBy, row.SuppressedAt)
				}
			}
			if status != step.want || suppressed != step.suppressed {
				t.Errorf("%d %s, after %s: %q %q, want %q %q", i+1, who, step.event.EventType(), status, suppressed, step.want, step.suppressed)
			}
		}
		past.Close()
	}
	row := read(t, f, org, func(ctx context.Context, tx pgx.Tx) (*projections.Lead, error) {
		return projections.GetLead(ctx, tx, org, other)
	})
	if row.SuppressedBy != events.SuppressDomain || !row.SuppressedAt.Equal(at(10).Truncate(time.Second)) {
		t.Errorf("the other of the domain: %q since %v", row.SuppressedBy, row.SuppressedAt)
	}
}
