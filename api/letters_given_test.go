package api_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/postgres"
	"outrider/projections"
)

const base = "https://outrider.test"

// campaign is a live one of a tenant, whose messages the test writes and sends itself.
type campaign struct {
	*client
	id, mailbox uuid.UUID
}

// letter is a message that was sent.
type letter struct {
	*campaign
	lead, message uuid.UUID
}

// command sends a command as the reactors do; it must be accepted.
func (c *client) command(cmd commands.Command) es.Answer {
	c.t.Helper()
	a := c.decided(cmd)
	if a.Outcome == es.Refused {
		c.t.Fatalf("%s: %s %s", cmd.CommandType(), a.Code, a.Detail)
	}
	return a
}

func (c *client) decided(cmd commands.Command) es.Answer {
	c.t.Helper()
	kind, data, err := commands.Encode(cmd)
	check(c.t, err)
	id := es.NewID()
	a, err := c.cfg.Commands.Submit(c.t.Context(), &es.Command{ID: id, Type: kind, Org: c.org, Time: time.Now().UTC().Truncate(time.Microsecond),
		Actor: es.Actor{Kind: es.ActorProvider, ID: "test"}, CorrelationID: id, CausationID: id, Data: data})
	check(c.t, err)
	return a
}

// see queries the read models until they show something.
func (c *client) see(what string, query func(tx pgx.Tx) (bool, error)) {
	c.t.Helper()
	until := time.Now().Add(5 * time.Minute)
	for {
		var seen bool
		check(c.t, postgres.InOrg(c.t.Context(), c.cfg.Pool, c.org, func(tx pgx.Tx) (err error) {
			seen, err = query(tx)
			return err
		}))
		if seen {
			return
		}
		if time.Now().After(until) {
			c.t.Fatalf("the read models don't show %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (c *client) sealed(subject uuid.UUID, field, text string) events.Sealed {
	c.t.Helper()
	keys, err := c.cfg.Vault.Keys(c.t.Context(), c.org, []uuid.UUID{subject})
	check(c.t, err)
	s, err := keys[0].Seal(field, []byte(text))
	check(c.t, err)
	return events.Sealed(s)
}

// campaign launches one with a mailbox, and gives booking hours on every day.
func (c *client) campaign() *campaign {
	c.t.Helper()
	out := &campaign{client: c, mailbox: es.NewID()}
	c.ok("PATCH", "/v1/organizations/"+c.org.String(), obj{"postal_address": "1 Main St", "time_zone": "Europe/Berlin"})
	h, err := c.cfg.Vault.Hasher(c.t.Context(), c.org)
	check(c.t, err)
	address := "jane-" + out.mailbox.String()[24:] + "@sender.test"
	server := events.MailServer{Host: "mail.sender.test", Port: 465, Security: "tls", Username: c.sealed(out.mailbox, projections.MailboxUsernameField, "jane"), Secret: "s"}
	c.command(commands.ConnectMailbox{MailboxID: out.mailbox, Transport: "smtp", Address: c.sealed(out.mailbox, projections.MailboxAddressField, address), AddressHash: h.AddressHash(address).String(),
		DomainHash: h.DomainHash("sender.test").String(), DisplayName: c.sealed(out.mailbox, projections.MailboxNameField, "Jane"), SMTP: server, IMAP: server, Pace: &events.MailboxPace{CapPerDay: 100_000}})
	var passed []commands.MailboxCheck
	for _, name := range []string{events.CheckDNS, events.CheckSMTPTLS, events.CheckSMTPAuth, events.CheckSendToSelf, events.CheckIMAPAuth, events.CheckReadBack} {
		passed = append(passed, commands.MailboxCheck{Check: name, Outcome: events.CheckPassed})
	}
	c.command(commands.RecordMailboxChecks{MailboxID: out.mailbox, Checks: passed, CheckedAt: time.Now()})
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "steps": []obj{{"variants": []obj{{"subject": "Hi", "body": "Hello"}}}, {"delay_days": 2, "variants": []obj{{"subject": "Hi", "body": "Again"}}}}})
	out.id = uuid.MustParse(made.text("id"))
	always := events.Window{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: "24:00"}
	c.command(commands.SetCampaignSettings{CampaignID: out.id, CampaignSettings: events.CampaignSettings{Window: always, FollowUpDays: 2, MaxFollowUps: 4, UnsubscribeFooter: true, TrackOpens: true, TrackClicks: true, KeepOpen: true}})
	c.command(commands.AssignMailboxes{CampaignID: out.id, MailboxIDs: []uuid.UUID{out.mailbox}})
	c.command(commands.LaunchCampaign{CampaignID: out.id})
	return out
}

// hours make the organisation one that can be met at any hour.
func (c *campaign) hours() {
	c.t.Helper()
	c.ok("PUT", "/v1/booking-hours", obj{"window": obj{"days": []int{1, 2, 3, 4, 5, 6, 7}, "from": "09:00", "to": "17:00"}, "slot_minutes": 30, "notice_minutes": 60, "days_ahead": 14})
	c.see("the hours", func(tx pgx.Tx) (bool, error) {
		_, err := projections.GetBookingHours(c.t.Context(), tx, c.org)
		return err == nil, nil //nolint:nilerr // it isn't there yet
	})
}

// requested enrols somebody and gives their first message once it is asked for.
func (c *campaign) requested(email string) letter {
	c.t.Helper()
	lead := uuid.MustParse(c.ok("POST", "/v1/leads", obj{"email": email}).text("id"))
	c.ok("POST", "/v1/campaigns/"+c.id.String()+"/enrollments", obj{"lead_ids": []string{lead.String()}})
	l := letter{campaign: c, lead: lead}
	c.state(&l, projections.MessageRequested)
	return l
}

// state waits until the lead's message is so.
func (c *campaign) state(l *letter, state string) {
	c.t.Helper()
	c.see("a message that is "+state, func(tx pgx.Tx) (bool, error) {
		list, err := projections.ListMessages(c.t.Context(), tx, c.org, projections.MessageFilter{LeadID: l.lead}, projections.Listing{Limit: 1})
		if err != nil || len(list.Rows) == 0 {
			return false, err
		}
		l.message = list.Rows[0].MessageID
		return list.Rows[0].State == state, nil
	})
}

// sent is a message with a body that was accepted so long ago.
func (c *campaign) sent(email, body string, ago time.Duration) letter {
	c.t.Helper()
	l := c.claimed(email, events.Draft{}, body)
	c.command(commands.RecordResults{MailboxID: c.mailbox, Results: []commands.SendResult{{MessageID: l.message, Sent: true, At: time.Now().Add(-ago).UTC().Truncate(time.Microsecond)}}})
	c.state(&l, projections.MessageSent)
	return l
}

// claimed is a message on its way.
func (c *campaign) claimed(email string, d events.Draft, body string) letter {
	c.t.Helper()
	l := c.requested(email)
	d.Subject, d.Writer = c.sealed(l.lead, projections.SubjectField, "Hi"), "template"
	if d.BodyRef == "" {
		d.Body = c.sealed(l.lead, projections.BodyField, body)
	}
	c.command(commands.DraftMessage{MessageID: l.message, Draft: d})
	c.state(&l, projections.MessageScheduled)
	for c.decided(commands.ClaimMessages{MailboxID: c.mailbox, MessageIDs: []uuid.UUID{l.message}, InboxReadAt: time.Now()}).Code != commands.CodeClaimed {
		time.Sleep(20 * time.Millisecond) // its slot comes
	}
	c.state(&l, projections.MessageClaimed)
	return l
}

func (l letter) token() linktoken.Token { return linktoken.Token{Org: l.org, Message: l.message} }

func (l letter) sign(kind linktoken.TokenKind, link int) string {
	t := l.token()
	t.Link = uint16(link)
	return l.cfg.Signer.Sign(kind, t)
}

func (l letter) pixel() string      { return "/t/o/" + l.sign(linktoken.Open, 0) }
func (l letter) click(i int) string { return "/t/c/" + l.sign(linktoken.Click, i) }
func (l letter) leave() string      { return "/u/" + l.sign(linktoken.Unsubscribe, 0) }
func (l letter) book() string       { return "/b/" + l.sign(linktoken.Booking, 0) }

// row is the message as the read model has it.
func (l letter) row() (m *projections.Message) {
	l.t.Helper()
	l.see("the message", func(tx pgx.Tx) (ok bool, err error) {
		m, err = projections.GetMessage(l.t.Context(), tx, l.org, l.message)
		return true, err
	})
	return m
}

// hits waits until so many are recorded.
func (l letter) hits(want int) (hits []*projections.MessageHit) {
	l.t.Helper()
	l.see("the hits", func(tx pgx.Tx) (ok bool, err error) {
		rows, err := tx.Query(l.t.Context(), `select * from read.message_hits where org_id = $1 and message_id = $2 order by oseq`, l.org, l.message)
		if err != nil {
			return false, err
		}
		hits, err = pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[projections.MessageHit])
		return len(hits) >= want, err
	})
	return hits
}

const (
	browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"
	google  = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
)

// visit asks as a stranger does, without a key, and follows no redirect; form (nil = none) is name, value, ...
func (w *world) visit(method, path, agent string, form ...string) answer {
	w.t.Helper()
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Add(form[i], form[i+1])
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url()+path, strings.NewReader(values.Encode()))
	check(w.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("User-Agent", agent)
	resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	check(w.t, err)
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	a.body, err = io.ReadAll(resp.Body)
	check(w.t, err)
	if media := a.header.Get("Content-Type"); strings.Contains(media, "json") {
		w.t.Errorf("%s %s: a visitor is answered with %s: %s", method, path, media, a.body)
	}
	if len(resp.Cookies()) > 0 {
		w.t.Errorf("%s %s sets a cookie", method, path)
	}
	(&client{world: w}).asDescribed(method, path, &a)
	return a
}

// seen is visit that must be answered so.
func (w *world) seen(status int, method, path, agent string, form ...string) answer {
	w.t.Helper()
	a := w.visit(method, path, agent, form...)
	if a.status != status {
		w.t.Fatalf("%s %s: %d %s, want %d", method, path, a.status, a.body, status)
	}
	return a
}

func (c *campaign) about(l letter) events.SentMessageRef {
	return events.SentMessageRef{MessageID: l.message, LeadID: l.lead, CampaignID: c.id, MailboxID: c.mailbox}
}
