package api_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/integrations"
	"outrider/internal/lab/bookingpages"
	"outrider/internal/linktoken"
	"outrider/projections"
)

// connected is a connection to a service whose posts are signed with a key.
func (c *campaign) connected(provider, key string) (id uuid.UUID, hook string) {
	c.t.Helper()
	id = uuid.New()
	account, hash, err := integrations.SealAccount(c.t.Context(), c.cfg.Vault, c.org, id, provider, integrations.Account{ID: id.String(), Name: "Acme"})
	check(c.t, err)
	kept, err := json.Marshal(map[string]any{"id": "HOOK1", "keys": []string{key}})
	check(c.t, err)
	check(c.t, c.cfg.Vault.PutSecret(c.t.Context(), c.org, "connection/"+id.String()+"/webhook", kept))
	c.command(commands.MakeConnection{ConnectionRef: events.ConnectionRef{ConnectionID: id}, Provider: provider, Account: account, AccountHash: hash})
	c.see("the connection", func(tx pgx.Tx) (bool, error) {
		_, err := projections.GetConnection(c.t.Context(), tx, c.org, id)
		return err == nil, nil //nolint:nilerr // it isn't there yet
	})
	return id, linktoken.Links{Signer: c.cfg.Signer, Base: c.url()}.Bookings(provider, linktoken.Token{Org: c.org, Message: id})
}

func (c *campaign) postCalendly(want int, to, key string, i bookingpages.Invitee) {
	c.t.Helper()
	body := i.Body(time.Now())
	got, err := bookingpages.Post(c.t.Context(), to, http.Header{"Calendly-Webhook-Signature": {bookingpages.SignCalendly(key, body, time.Now())}}, body)
	check(c.t, err)
	if got != want {
		c.t.Fatalf("%+v is answered with %d, want %d", i, got, want)
	}
}

// meetingsOf are the states of a lead's meetings by their begin.
func (c *campaign) meetingsOf(l letter, want ...string) (all []map[string]any) {
	c.t.Helper()
	c.until("/v1/meetings?sort=starts_at&lead_id="+l.lead.String(), func(a answer) bool {
		all = nil
		for i, x := range a.list("data") {
			m := x.(map[string]any)
			if all = append(all, m); i >= len(want) || m["status"] != want[i] {
				return false
			}
		}
		return len(all) == len(want)
	})
	return all
}

func TestABookingAtCalendlyStopsTheSequence(t *testing.T) {
	t.Parallel()
	c := letters(t)
	connection, hook := c.connected("calendly", "key-1")
	page := "https://calendly.com/acme/30min"
	c.refused(422, "invalid", "PUT", "/v1/campaigns/"+c.id.String()+"/booking", obj{"service": "calendly", "page": "https://evil.test/x"})
	c.refused(422, "invalid", "PUT", "/v1/campaigns/"+c.id.String()+"/booking", obj{"service": "calcom", "page": "https://cal.com/acme/30min"}) // not connected
	if got := c.ok("PUT", "/v1/campaigns/"+c.id.String()+"/booking", obj{"service": "calendly", "page": page}); got.json["booking"].(map[string]any)["page"] != page {
		t.Errorf("got %s", got.body)
	}
	l := c.sent("ann@acme.test", "", time.Hour)
	token := l.sign(linktoken.Booking, 0)
	start := time.Now().AddDate(0, 0, 3).Truncate(time.Hour)
	booked := bookingpages.Invitee{ID: "A", Email: "annie@private.test", Token: token, Start: start} // another address of hers
	c.postCalendly(401, hook, "key-2", booked)
	c.postCalendly(404, hook[:len(hook)-1], "key-1", booked)
	for range 2 {
		c.postCalendly(204, hook, "key-1", booked)
	}
	if l.stopped() != "meeting_booked" {
		t.Error("the sequence goes on")
	}
	m := c.meetingsOf(l, "booked")[0]
	guest := m["guest"].(map[string]any)
	if m["service"] != "calendly" || m["message_id"] != l.message.String() || m["campaign_id"] != c.id.String() || guest["email"] != "annie@private.test" || m["change_url"] != "https://calendly.com/reschedulings/A" {
		t.Errorf("got %v", m)
	}
	c.refused(409, "wrong_status", "POST", "/v1/meetings/"+m["id"].(string)+"/cancel", nil)
	c.refused(409, "wrong_status", "POST", "/v1/meetings/"+m["id"].(string)+"/reschedule", obj{"starts_at": start.Add(time.Hour)})
	// It is moved: what it was moved to is told before that.
	c.postCalendly(204, hook, "key-1", bookingpages.Invitee{ID: "B", Old: "A", Email: "annie@private.test", Token: token, Start: start.Add(time.Hour)})
	c.postCalendly(204, hook, "key-1", bookingpages.Invitee{ID: "A", New: "B", Email: "annie@private.test", Token: token, Start: start, Cancelled: true})
	all := c.meetingsOf(l, "moved", "booked")
	if all[0]["replaced_by"] != all[1]["id"] {
		t.Errorf("got %v", all)
	}
	c.postCalendly(204, hook, "key-1", bookingpages.Invitee{ID: "B", Old: "A", Email: "annie@private.test", Token: token, Start: start.Add(time.Hour), Cancelled: true})
	if off := c.meetingsOf(l, "moved", "cancelled")[1]; off["cancelled_by"] != "guest" || off["cancelled_reason"] != "ill" {
		t.Errorf("got %v", off)
	}
	// By the address, where the link carried nothing; and somebody who isn't ours.
	bob := c.sent("bob@other.test", "", time.Hour)
	c.postCalendly(204, hook, "key-1", bookingpages.Invitee{ID: "C", Email: "Bob@Other.test", Start: start})
	c.postCalendly(204, hook, "key-1", bookingpages.Invitee{ID: "D", Email: "stranger@example.com", Start: start})
	if m := c.meetingsOf(bob, "booked")[0]; bob.stopped() != "meeting_booked" || m["message_id"] != bob.message.String() {
		t.Errorf("got %v", m)
	}
	if n := len(c.ok("GET", "/v1/meetings", nil).list("data")); n != 3 {
		t.Errorf("%d meetings, want 3", n)
	}
	// Once the connection is removed nobody is asked to go away for good.
	c.command(commands.RemoveConnection{ConnectionRef: events.ConnectionRef{ConnectionID: connection}})
	c.see("no connection", func(tx pgx.Tx) (bool, error) {
		_, err := projections.GetConnection(c.t.Context(), tx, c.org, connection)
		return err != nil, nil //nolint:nilerr // it is gone
	})
	c.postCalendly(404, hook, "key-1", booked)
}

func TestABookingAtCalcomStopsTheSequence(t *testing.T) {
	t.Parallel()
	c := letters(t)
	_, hook := c.connected("calcom", "secret")
	l := c.requested("ann@acme.test") // nothing has left yet
	start := time.Now().AddDate(0, 0, 3).Truncate(time.Hour)
	post := func(want int, key string, body []byte) {
		t.Helper()
		got, err := bookingpages.Post(t.Context(), hook, http.Header{"X-Cal-Signature-256": {bookingpages.SignCalcom(key, body)}}, body)
		check(t, err)
		if got != want {
			t.Fatalf("%s is answered with %d, want %d", body, got, want)
		}
	}
	b := bookingpages.Booking{UID: "u1", Email: "ann@acme.test", Start: start}
	post(401, "another", b.Body("BOOKING_CREATED", time.Now()))
	post(204, "secret", []byte(`{"triggerEvent":"PING","createdAt":"2026-03-02T09:00:00Z","payload":{}}`))
	post(204, "secret", b.Body("BOOKING_CREATED", time.Now().AddDate(0, 0, -8))) // an old post that comes once more
	post(400, "secret", []byte(`{"triggerEvent":"BOOKING_CREATED","payload":{}}`))
	moved := bookingpages.Booking{UID: "u2", Old: "u1", Email: "ann@acme.test", Token: l.sign(linktoken.Booking, 0), Start: start.Add(time.Hour)}
	post(204, "secret", moved.Body("BOOKING_RESCHEDULED", time.Now()))
	if l.stopped() != "meeting_booked" {
		t.Error("the sequence goes on")
	}
	post(204, "secret", b.Body("BOOKING_CREATED", time.Now()))
	all := c.meetingsOf(l, "moved", "booked")
	if all[0]["service"] != "calcom" || all[0]["replaced_by"] != all[1]["id"] {
		t.Errorf("got %v", all)
	}
}
