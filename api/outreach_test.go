package api_test

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/es/project/chtest"
	"outrider/projections"
	"outrider/projections/analytics"
)

// submit sends a command as a reactor would, and gives the position to read at.
func (c *client) submit(cmd commands.Command) (es.Answer, string) {
	c.t.Helper()
	kind, data, err := commands.Encode(cmd)
	check(c.t, err)
	a, err := c.cfg.Commands.Submit(context.Background(), &es.Command{ID: es.NewID(), Org: c.org, Type: kind, Data: data, Time: c.clock.now().UTC().Truncate(time.Microsecond),
		Actor: es.Actor{Kind: es.ActorProvider, ID: "test"}})
	check(c.t, err)
	if a.Outcome == es.Refused {
		c.t.Fatalf("%s is refused: %s %s", kind, a.Code, a.Detail)
	}
	return a, c.tokenOf(es.Position{Generation: c.cfg.Generation, Partition: a.Partition, Pseq: a.Pseq})
}

// until asks until an answer is right; what the clock decides has no position to wait for.
func (c *client) until(path string, right func(answer) bool, headers ...string) answer {
	c.t.Helper()
	deadline := time.Now().Add(5 * time.Minute)
	for {
		a := c.do("GET", path, nil, headers...)
		if a.status == 200 && right(a) {
			return a
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%s stays at %d %s", path, a.status, a.body)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func server(port int) obj {
	return obj{"host": "mail.example.com", "port": port, "security": "tls", "password": "hunter22hunter22"}
}

func mailbox(address string) obj {
	return obj{"address": address, "display_name": "Confidential Sender", "smtp": server(465), "imap": server(993),
		"pace": obj{"gap_seconds": 0, "jitter_from": 0, "jitter_to": 0, "warmup_start": 0, "cap_per_hour": 0}}
}

// verified is a mailbox whose checks have passed.
func (c *client) verified(address string) string {
	c.t.Helper()
	id := c.ok("POST", "/v1/mailboxes", mailbox(address)).text("id")
	c.submit(passed(id))
	return id
}

func passed(mailbox string) commands.RecordMailboxChecks {
	r := commands.RecordMailboxChecks{MailboxID: parsed(mailbox), CheckedAt: time.Now()}
	for _, name := range []string{events.CheckDNS, events.CheckSMTPTLS, events.CheckSMTPAuth, events.CheckSendToSelf, events.CheckIMAPAuth, events.CheckReadBack} {
		r.Checks = append(r.Checks, commands.MailboxCheck{Check: name, Outcome: events.CheckPassed})
	}
	return r
}

// always is a window that never closes.
func always() obj {
	return obj{"window": obj{"days": []int{1, 2, 3, 4, 5, 6, 7}, "from": "00:00", "to": "24:00"}, "company_gap_minutes": 0, "keep_open": true}
}

func sequence() []obj {
	return []obj{{"variants": []obj{{"subject": "A question, {{ first_name }}", "body": "Hi {{ first_name }},\n{{ booking_link }}"}}},
		{"delay_days": 2, "variants": []obj{{"subject": "Again", "body": "Hi {{ first_name | default: \"there\" }}"}}}}
}

// outreach is a campaign that was launched.
type outreach struct {
	mailbox, campaign, lead, enrollment string
	path                                string // of the campaign
}

// launched sets a campaign up from nothing and launches it, with one lead on it.
func (c *client) launched(approval string) outreach {
	c.t.Helper()
	c.ok("PATCH", "/v1/organizations/"+c.org.String(), obj{"postal_address": "1 Main Street"})
	o := outreach{mailbox: c.verified("sales@ours.test")}
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Confidential", "approval": approval, "steps": sequence()})
	o.campaign, o.path = made.text("id"), made.header.Get("Location")
	o.lead = c.ok("POST", "/v1/leads", obj{"email": "ann@victim.test", "first_name": "Ann", "last_name": "Confidential"}).text("id")
	c.ok("PUT", o.path+"/settings", always())
	c.ok("PUT", o.path+"/mailboxes", obj{"mailbox_ids": []string{o.mailbox}})
	c.ok("POST", o.path+"/enrollments", obj{"lead_ids": []string{o.lead}})
	o.enrollment = commands.EnrollmentID(parsed(o.campaign), parsed(o.lead)).String()
	if got := c.ok("POST", o.path+"/launch", nil).text("status"); got != "active" {
		c.t.Fatalf("launched, it is %s", got)
	}
	return o
}

// message waits for the newest message to come to a state.
func (c *client) message(o outreach, state string) (id string) {
	c.t.Helper()
	c.until("/v1/messages?campaign_id="+o.campaign, func(a answer) bool {
		if len(a.list("data")) == 0 {
			return false
		}
		m := a.list("data")[0].(map[string]any)
		id = m["id"].(string)
		return m["state"] == state
	})
	return id
}

// seal is a text as a writer seals it.
func (c *client) seal(lead, field, text string) events.Sealed {
	c.t.Helper()
	keys, err := c.cfg.Vault.Keys(context.Background(), c.org, []uuid.UUID{parsed(lead)})
	check(c.t, err)
	z, err := zstd.NewWriter(nil)
	check(c.t, err)
	s, err := keys[0].Seal(field, z.EncodeAll([]byte(text), nil))
	check(c.t, err)
	return events.Sealed(s)
}

// draft writes a message as the writer would.
func (c *client) draft(o outreach, message string) string {
	c.t.Helper()
	_, at := c.submit(commands.DraftMessage{MessageID: parsed(message), Draft: events.Draft{Subject: c.seal(o.lead, projections.SubjectField, "A question, Ann"),
		Body: c.seal(o.lead, projections.BodyField, "Hi Ann, Confidential"), Writer: "template", Variables: []string{"first_name"}}})
	return at
}

// claim takes a message to send it.
func (c *client) claim(o outreach, message string) {
	c.t.Helper()
	c.submit(commands.ClaimMessages{MailboxID: parsed(o.mailbox), MessageIDs: []uuid.UUID{parsed(message)}, InboxReadAt: c.clock.now().UTC()})
}

func (c *client) answered(o outreach, message string) events.SentMessageRef {
	return events.SentMessageRef{MessageID: parsed(message), LeadID: parsed(o.lead), CampaignID: parsed(o.campaign), MailboxID: parsed(o.mailbox)}
}

// reply is an answer by the lead.
func (c *client) reply(o outreach, message string) string {
	c.t.Helper()
	_, at := c.submit(commands.RecordReply{SentMessageRef: c.answered(o, message), From: events.FromLead, Meaning: events.MeansInterested, Mail: events.Mail{MailID: es.NewID(), ReceivedAt: c.clock.now().UTC(), MatchedBy: "message_id",
		Subject: c.seal(o.lead, projections.SubjectField, "Re: A question"), Body: c.seal(o.lead, projections.BodyField, "Sounds good, Confidential")}})
	return at
}

// serveColumns adds ClickHouse with its projections to the world, and serves with it.
func (w *world) serveColumns() {
	w.t.Helper()
	engine := chtest.Share(w.t)
	check(w.t, analytics.Migrate(w.t.Context(), engine.Conn))
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, table := range analytics.Tables() {
		p := &project.ClickHouse{Log: w.kafka, Group: table.Name, Pool: w.db.Pools.Projector, Conn: engine.Conn, Table: table, Decode: events.Decode, Linger: -1, Positions: w.positions,
			Report: func(what string, attrs ...any) { w.t.Log(append([]any{what}, attrs...)...) }}
		running.Go(func() {
			if err := p.Serve(ctx); err != nil && ctx.Err() == nil {
				w.t.Error(err)
			}
		})
	}
	w.t.Cleanup(func() { stop(); running.Wait() })
	w.cfg.Columns = engine.Conn
	w.serve(func(*api.Config) {})
}

func parsed(id string) uuid.UUID { return uuid.MustParse(id) }
