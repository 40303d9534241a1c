package api_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/projections"
)

// removed takes the lead of a message out.
func (l letter) removed() {
	l.t.Helper()
	l.do("DELETE", "/v1/leads/"+l.lead.String(), nil)
	l.see("the removal", func(tx pgx.Tx) (bool, error) {
		_, err := projections.GetLead(l.t.Context(), tx, l.org, l.lead)
		return errors.Is(err, pgx.ErrNoRows), nil
	})
}

// TestARemovedLeadsLinksWork follows every link of a message whose lead was removed since.
func TestARemovedLeadsLinksWork(t *testing.T) {
	t.Parallel()
	c := letters(t)
	c.hours()
	l := c.sent("ann@acme.test", threeLinks, time.Hour)
	if l.row().AddressHash == "" {
		t.Error("the message doesn't know its address")
	}
	l.removed()
	c.seen(200, "GET", l.pixel(), browser)
	c.seen(302, "GET", l.click(0), browser)
	if page := c.seen(200, "GET", l.book(), browser); !bytes.Contains(page.body, []byte("<form")) {
		t.Errorf("no times are offered: %s", page.body)
	}
	c.seen(200, "GET", l.leave(), browser)
	c.seen(200, "POST", l.leave(), google, "List-Unsubscribe", "One-Click")
	c.see("the suppression", func(pgx.Tx) (bool, error) { return l.suppressions() == 1, nil })
	c.see("the message's opt-out", func(pgx.Tx) (bool, error) { return l.row().UnsubscribedAt != nil, nil })
	again := c.ok("POST", "/v1/leads", obj{"email": "ann@acme.test"}).text("id")
	c.refused(409, "suppressed", "POST", "/v1/campaigns/"+c.id.String()+"/enrollments", obj{"lead_ids": []string{again}})
}

// TestARemovedLeadGoesOnWhereItWas lets an address come again that was written to.
func TestARemovedLeadGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", "", time.Hour)
	l.removed()
	again := c.ok("POST", "/v1/leads", obj{"email": "ann@acme.test"}).text("id")
	c.ok("POST", "/v1/campaigns/"+c.id.String()+"/enrollments", obj{"lead_ids": []string{again}})
	c.see("the enrollment behind step 1", func(tx pgx.Tx) (bool, error) {
		list, err := projections.ListEnrollments(t.Context(), tx, c.org, projections.EnrollmentFilter{CampaignID: c.id}, projections.Listing{Limit: 10})
		return err == nil && len(list.Rows) == 1 && list.Rows[0].Step == 1, err
	})
	l.removed()
	c.command(commands.RecordReply{SentMessageRef: events.SentMessageRef{MessageID: l.message, LeadID: l.lead, CampaignID: c.id, MailboxID: c.mailbox}, From: events.FromLead})
	again = c.ok("POST", "/v1/leads", obj{"email": "ann@acme.test"}).text("id")
	c.refused(409, "sequence_ended", "POST", "/v1/campaigns/"+c.id.String()+"/enrollments", obj{"lead_ids": []string{again}})
}

// TestAnAddressThatNobodyHasIsFree moves a lead away from its address, twice.
func TestAnAddressThatNobodyHasIsFree(t *testing.T) {
	t.Parallel()
	c := letters(t)
	seen := map[string]bool{}
	for _, to := range []string{"robert@acme.test", "rob@acme.test", ""} {
		id := c.ok("POST", "/v1/leads", obj{"email": "bob@acme.test"}).text("id")
		if seen[id] {
			t.Fatalf("%s is two leads", id)
		}
		seen[id] = true
		if c.refused(409, "already_exists", "POST", "/v1/leads", obj{"email": "bob@acme.test"}); to != "" {
			c.ok("PATCH", "/v1/leads/"+id, obj{"email": to})
		}
	}
}
