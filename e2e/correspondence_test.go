package e2e

import (
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// correspondence is an organisation with its mailbox jane@acme.test.
type correspondence struct {
	*program
	t       *testing.T
	servers mailServers
	org     string // id
	key     string
	mailbox string
	leads   map[string]string // id by address
}

// mailPorts is where mail servers are reached on loopback.
type mailPorts struct {
	ca                     string // file
	submissions, mx, imaps int
}

// mailServers hold accounts of acme.test.
type mailServers interface {
	at() mailPorts
	inbox(t *testing.T, name string) []string
	sortIntoJunk(t *testing.T, name, text string)
	logs() string
}

func correspond(t *testing.T, program *program, servers mailServers, way postfixWay, people ...string) {
	t.Helper()
	s := &correspondence{t: t, program: program, servers: servers}
	defer func() {
		if t.Failed() {
			t.Log(servers.logs())
		}
	}()
	s.connect(way)
	s.launch(people...)
	s.live(way)
}

// until asks for something until it is as it must be.
func (s *correspondence) until(path string, is func(response) bool) response {
	s.t.Helper()
	var r response
	for range 600 {
		if r = s.must(http.StatusOK, s.key, http.MethodGet, path, nil); is(r) {
			return r
		}
		time.Sleep(200 * time.Millisecond)
	}
	s.t.Fatalf("%s stays %s", path, r.Raw)
	return r
}

func (s *correspondence) connect(way postfixWay) {
	s.t.Helper()
	s.org = s.must(http.StatusCreated, s.PlatformKey, http.MethodPost, "/v1/organizations", map[string]any{"slug": freeSlug("acme"), "name": "Acme", "plan": "growth", "postal_address": "1 Main Street, 10115 Berlin"}).text("id")
	s.key = s.must(http.StatusCreated, s.PlatformKey, http.MethodPost, "/v1/api-keys", map[string]any{"organization_id": s.org, "name": "test",
		"scopes": []string{"leads:read", "leads:write", "leads:erase", "leads:export", "imports:write", "campaigns:read", "campaigns:write", "campaigns:send", "mailboxes:read", "mailboxes:write", "messages:read", "pii:read"}}).text("token")
	at := func(port int) map[string]any {
		return map[string]any{"host": "127.0.0.1", "port": port, "security": "tls", "username": "jane@acme.test", "password": "secret"}
	}
	s.mailbox = s.must(http.StatusCreated, s.key, http.MethodPost, "/v1/mailboxes", map[string]any{"address": "jane@acme.test", "display_name": "Jane", "smtp": at(s.servers.at().submissions), "imap": at(s.servers.at().imaps),
		"pace": map[string]any{"cap_per_day": 1000, "cap_per_hour": 0, "gap_seconds": 0, "jitter_from": 0, "jitter_to": 0, "warmup_start": 0, "warmup_per_day": 0}}).text("id")
	outcome := "failed"
	if way.delimiter != "" {
		outcome = "passed"
	}
	box := s.until("/v1/mailboxes/"+s.mailbox, func(r response) bool {
		checks, _ := r.Body["checks"].(map[string]any)
		tagged, _ := checks["tagged_address"].(map[string]any)
		return r.text("status") == "active" && tagged["outcome"] == outcome
	})
	said := fmt.Sprint(box.Body["checks"].(map[string]any)["tagged_address"])
	if outcome == "failed" && !strings.Contains(said, "no address with a tag is offered") {
		s.t.Errorf("the check says %s", said)
	}
	s.t.Log(said)
}

func (s *correspondence) launch(people ...string) {
	s.t.Helper()
	s.leads = map[string]string{}
	var ids []string
	for _, address := range people {
		id := s.must(http.StatusCreated, s.key, http.MethodPost, "/v1/leads", map[string]any{"email": address, "first_name": "Friend"}).text("id")
		s.leads[address], ids = id, append(ids, id)
	}
	campaign := s.must(http.StatusCreated, s.key, http.MethodPost, "/v1/campaigns", map[string]any{"name": "Spring", "approval": "none", "steps": []map[string]any{{"kind": "email", "delay_days": 0,
		"variants": []map[string]any{{"name": "A", "subject": "A question", "body": "Hello {{ first_name }},\n\ncould we talk?\n\nJane"}}}}}).text("id")
	path := "/v1/campaigns/" + campaign
	s.must(http.StatusOK, s.key, http.MethodPut, path+"/settings", map[string]any{"window": map[string]any{"days": []int{1, 2, 3, 4, 5, 6, 7}, "from": "00:00", "to": "24:00"},
		"company_cap": 0, "company_gap_minutes": 0, "stop_on_company": false, "unsubscribe_footer": true})
	s.must(http.StatusOK, s.key, http.MethodPut, path+"/mailboxes", map[string]any{"mailbox_ids": []string{s.mailbox}})
	s.must(http.StatusOK, s.key, http.MethodPost, path+"/enrollments", map[string]any{"lead_ids": ids})
	s.must(http.StatusOK, s.key, http.MethodPost, path+"/launch", nil)
}

// live lets everybody do what they do, and looks at what is known of it.
func (s *correspondence) live(way postfixWay) {
	s.t.Helper()
	s.answer("bob", s.arrived("bob", way), "That sounds good, tell me more.")
	s.optOut("carl", s.arrived("carl", way))
	s.junk("dora", s.arrived("dora", way))
	s.message("bob@acme.test", "replied_at")
	s.message("dora@acme.test", "replied_at")
	if s.leads["gone@gone.test"] != "" {
		if kind := s.message("gone@gone.test", "bounced_at")["bounce_kind"]; kind != "hard" {
			s.t.Errorf("an unknown user is a bounce of kind %v", kind)
		}
	}
	if way.accepts {
		s.message("nobody@acme.test", "bounced_at")
	} else {
		s.message("nobody@acme.test", "failed_at")
	}
	s.until("/v1/leads/"+s.leads["carl@acme.test"]+"/timeline", func(r response) bool { return strings.Contains(string(r.Raw), "lead.unsubscribed") })
	if r := s.must(http.StatusOK, s.key, http.MethodGet, "/v1/leads/"+s.leads["bob@acme.test"]+"/timeline", nil); strings.Count(string(r.Raw), `"message.replied.`) != 1 {
		s.t.Errorf("bob's answer counts: %s", r.Raw)
	}
}

// message waits until a fact of somebody's message is known.
func (s *correspondence) message(to, fact string) (is map[string]any) {
	s.t.Helper()
	s.until("/v1/messages?lead_id="+s.leads[to], func(r response) bool {
		if all, _ := r.Body["data"].([]any); len(all) == 1 {
			is, _ = all[0].(map[string]any)
		}
		return is[fact] != nil
	})
	return is
}

// arrived waits for our message in somebody's folder, and looks at the addresses that it offers.
func (s *correspondence) arrived(name string, way postfixWay) *mail.Message {
	s.t.Helper()
	for range 600 {
		all := s.servers.inbox(s.t, name)
		if len(all) == 0 {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		text := all[0]
		m, err := mail.ReadMessage(strings.NewReader(text))
		if err != nil {
			s.t.Fatal(err)
		}
		offered := strings.Contains(m.Header.Get("Reply-To"), "jane+") && strings.Contains(m.Header.Get("List-Unsubscribe"), "jane+")
		if tags := way.delimiter != ""; offered != tags || !tags && strings.Contains(text, "jane+") {
			s.t.Errorf("tags are known: %v, Reply-To %q, List-Unsubscribe %q", tags, m.Header.Get("Reply-To"), m.Header.Get("List-Unsubscribe"))
		}
		return m
	}
	s.t.Fatalf("nothing arrives for %s", name)
	return nil
}

// send hands a mail of somebody's to the mail server.
func (s *correspondence) send(from, to, header, body string) {
	s.t.Helper()
	raw := fmt.Sprintf("From: %s@acme.test\r\nTo: %s\r\nDate: %s\r\n%s\r\n\r\n%s\r\n", from, to, time.Now().Format(time.RFC1123Z), header, body)
	c, err := smtp.Dial("127.0.0.1:" + strconv.Itoa(s.servers.at().mx))
	if err == nil {
		defer func() { _ = c.Close() }()
		err = c.SendMail(from+"@acme.test", []string{to}, strings.NewReader(raw))
	}
	if err != nil {
		s.t.Fatalf("%s writes to %s: %v", from, to, err)
	}
}

// replyHeader is what a mail program writes into an answer.
func replyHeader(from string, m *mail.Message) string {
	return "Subject: Re: " + m.Header.Get("Subject") + "\r\nMessage-ID: <" + from + ".1@mail.acme.test>\r\nIn-Reply-To: " + m.Header.Get("Message-Id")
}

func (s *correspondence) answer(from string, m *mail.Message, body string) {
	s.t.Helper()
	to := m.Header.Get("Reply-To")
	if to == "" {
		to = m.Header.Get("From")
	}
	address, err := mail.ParseAddress(to)
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(from, address.Address, replyHeader(from, m), body)
}

// optOut does as a mail program does with the address of List-Unsubscribe.
func (s *correspondence) optOut(from string, m *mail.Message) {
	s.t.Helper()
	_, link, _ := strings.Cut(m.Header.Get("List-Unsubscribe"), "<mailto:")
	link, _, _ = strings.Cut(link, ">")
	u, err := url.Parse("mailto:" + link)
	if err != nil {
		s.t.Fatal(err)
	}
	to, err := url.PathUnescape(u.Opaque)
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(from, to, "Subject: "+u.Query().Get("subject"), "")
}

// junk puts an answer where the mail server sorts what it takes for spam.
func (s *correspondence) junk(from string, m *mail.Message) {
	s.t.Helper()
	s.servers.sortIntoJunk(s.t, "jane", "From: "+from+"@acme.test\r\nTo: jane@acme.test\r\n"+replyHeader(from, m)+"\r\n\r\nYes, gladly.\r\n")
}
