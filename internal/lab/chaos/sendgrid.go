package chaos

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/lab/demo"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/sendgridserver"
	"outrider/internal/mail/sendgrid"
)

// grid is a stand-in of SendGrid at which senders have a mailbox each. It breaks off after it has taken a message, and tells what became of it in any order and more than once. It isn't harmed: what it took is held against the log.
type grid struct {
	hooks  *sendgridserver.Webhooks
	url    string
	flags  []string // of processes that send
	chance *rand.Rand

	mu      sync.Mutex
	reports map[string]string        // where it posts what became of messages, by the mailbox: each organisation has an address of its own
	taken   map[string]int           // how often it took a message
	told    map[string]bool          // messages of which a report was taken
	waiting []sendgridserver.Message // of which nothing was told yet
	doubted int
	calm    bool // nothing goes wrong any more
}

const (
	gridKey    = "SG.chaos-of-mail"
	gridDomain = "post.acme.example"
	gridPause  = 300 * time.Millisecond // between two posts
)

func (s *system) startGrid() error {
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	g := &s.grid
	g.url, g.chance = "http://"+l.Addr().String(), rand.New(rand.NewPCG(s.cfg.Seed, 58))
	g.flags = []string{"--sendgrid-url", g.url}
	g.taken, g.told, g.reports = map[string]int{}, map[string]bool{}, map[string]string{}
	if g.hooks, err = sendgridserver.NewWebhooks(time.Minute); err != nil {
		return err
	}
	account, err := sendgridserver.New(gridKey)
	if err != nil {
		return err
	}
	account.Choose, account.Taken = g.choose, g.take
	web := &http.Server{Handler: account, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = web.Serve(l) }() // until it is closed
	s.closers = append(s.closers, func() { _ = web.Close() })
	return nil
}

// choose says what goes wrong with a message. The first of each run breaks off, so that one is in doubt in the shortest.
func (g *grid) choose(_ string, custom map[string]string) sendgridserver.Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.calm || custom[sendgrid.IDArgument] == "" {
		return ""
	}
	switch n := g.chance.IntN(20); {
	case n < 4 || g.doubted == 0:
		return sendgridserver.CutAfter
	case n < 6:
		return sendgridserver.ErrorAfter
	}
	return ""
}

func (g *grid) take(m sendgridserver.Message, f sendgridserver.Fault) {
	id := m.CustomArgs[sendgrid.IDArgument]
	if id == "" {
		return // a mailbox that is tried
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.taken[id]++; f != "" {
		g.doubted++
	}
	g.waiting = append(g.waiting, m)
}

// connectGridBox gives a tenant a mailbox that sends through SendGrid.
func (c *client) connectGridBox(ctx context.Context, t *tenant) error {
	g := &c.l.s.grid
	if g.url == "" {
		return nil
	}
	box := demo.SendingMailbox{Address: c.l.nextName("grid") + "@" + gridDomain, Name: "Grid", Grid: true}
	pace := anyPace()
	pace["gap_seconds"] = 1 // between two, so that mailboxes at mail servers have something to send, too
	var made struct {
		ID       uuid.UUID
		Sendgrid struct {
			ReportsURL string `json:"reports_url"`
		}
	}
	var err error
	if t.position, err = c.mustAsk(ctx, t.writeAsTenant("connect mailbox", http.MethodPost, "/v1/mailboxes", map[string]any{"address": box.Address, "display_name": box.Name, "transport": "sendgrid",
		"sendgrid": map[string]any{"api_key": gridKey}, "pace": pace}), &made); err != nil {
		return err
	}
	t.boxes = append(t.boxes, made.ID)
	r := t.writeAsTenant("set keys", http.MethodPut, "/v1/mailboxes/"+made.ID.String()+"/webhook", map[string]any{"report_keys": []string{g.hooks.Signer.PublicKey()}})
	r.position = t.position
	if t.position, err = c.mustAsk(ctx, r, nil); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reports[box.Address] = made.Sendgrid.ReportsURL
	return nil
}

// report has the stand-in tell what became of messages, until the load ends.
func (l *load) report(ctx context.Context) {
	g := &l.s.grid
	if l.untilEnd(ctx, gridPause, func() { g.tell(ctx, true) }) {
		g.mu.Lock()
		g.calm = true
		g.mu.Unlock()
	}
}

// tell posts what waits; with late some of it waits longer. What isn't taken is told again.
func (g *grid) tell(ctx context.Context, late bool) {
	g.mu.Lock()
	var now, rest []sendgridserver.Message
	for _, m := range g.waiting {
		if late && g.chance.IntN(3) == 0 {
			rest = append(rest, m)
			continue
		}
		now = append(now, m)
	}
	g.waiting = rest
	entries := map[string][]sendgridserver.Entry{} // by where they are posted
	at := time.Now()
	for _, m := range now {
		id := m.CustomArgs[sendgrid.IDArgument]
		to := g.reports[m.From]
		entries[to] = append(entries[to], m.Report("delivered", id+" delivered", at, sendgridserver.Entry{"response": "250 OK"}))
		for range 1 + g.chance.IntN(2) {
			entries[to] = append(entries[to], m.Report("processed", id+" processed", at.Add(-time.Second), nil))
		}
	}
	again := g.chance.IntN(3) == 0
	for _, some := range entries {
		g.chance.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	}
	g.mu.Unlock()
	var err error
	for to, some := range entries {
		if err = errors.Join(err, g.hooks.PostReports(ctx, to, some...)); err == nil && again {
			err = g.hooks.PostReports(ctx, to, some...)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		g.waiting = append(g.waiting, now...)
		return
	}
	for _, m := range now {
		g.told[m.CustomArgs[sendgrid.IDArgument]] = true
	}
}

// settleGrid tells of everything that was taken, with processors, as it comes here as commands.
func (s *system) settleGrid(ctx context.Context) error {
	if len(s.grid.reports) == 0 {
		return nil
	}
	return s.awaitEmpty(ctx, func() (int, error) {
		s.grid.tell(ctx, false)
		s.grid.mu.Lock()
		defer s.grid.mu.Unlock()
		return len(s.grid.waiting), nil
	})
}

// sentByGrid is what the log says of messages of mailboxes that send through SendGrid.
type sentByGrid struct {
	boxes           map[uuid.UUID]bool
	sent, delivered map[string]int
}

func newSentByGrid() sentByGrid {
	return sentByGrid{map[uuid.UUID]bool{}, map[string]int{}, map[string]int{}}
}

func (x sentByGrid) see(e *es.Event) {
	var of struct {
		MessageID uuid.UUID `json:"message_id"`
		MailboxID uuid.UUID `json:"mailbox_id"`
		Transport string    `json:"transport"`
	}
	if es.Unmarshal(e.Data, &of) != nil {
		return
	}
	switch {
	case strings.HasPrefix(e.Type, "mailbox.added."):
		if of.Transport == "sendgrid" {
			x.boxes[of.MailboxID] = true
		}
	case !x.boxes[of.MailboxID]:
	case strings.HasPrefix(e.Type, "message.sent."):
		x.sent[of.MessageID.String()]++
	case strings.HasPrefix(e.Type, "message.delivered."):
		x.delivered[of.MessageID.String()]++
	}
}

// audit holds what the stand-in took against what the log says was sent.
func (g *grid) audit(x sentByGrid, res *Result) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, n := range g.taken {
		res.SendGrid++
		if n > 1 {
			res.addFinding(&res.SendGridDiff, "SendGrid was given message %s %d times", id, n)
		}
		if g.told[id] && (x.sent[id] != 1 || x.delivered[id] != 1) {
			res.addFinding(&res.SendGridDiff, "SendGrid took message %s, and told so; the log says %d times that it was sent, and %d times that it was delivered", id, x.sent[id], x.delivered[id])
		}
	}
	for id := range x.sent {
		if g.taken[id] == 0 {
			res.addFinding(&res.SendGridDiff, "message %s was sent by the log, and SendGrid never took it", id)
		}
	}
}
