package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/prospects"
	"outrider/internal/lab/sendgridserver"
	"outrider/internal/lab/simclock"
	"outrider/internal/mail/sendgrid"
)

// gridDomain is where the mailboxes are that send through SendGrid; mail to it comes in there, too.
const gridDomain = "post.acme.example"

const (
	gridKey     = "SG.demonstration"
	gridName    = "sendgrid" // at the clock
	gridOneIn   = 4          // of the mailboxes
	gridJournal = "sendgrid.jsonl"
)

// gridSenders lets some of the senders, the last ones, send through SendGrid.
func gridSenders(all []SendingMailbox, grid int) []SendingMailbox {
	for i := max(len(all)-grid, 0); i < len(all); i++ {
		local, _, _ := strings.Cut(all[i].Address, "@")
		all[i].Address, all[i].Grid = local+"@"+gridDomain, true
	}
	return all
}

// gridOf is how many of n mailboxes send through SendGrid unless it is said: at least one stays at a mail server.
func gridOf(n int, asked *int) int {
	grid := n / gridOneIn
	if n >= 2 {
		grid = max(grid, 1)
	}
	if asked != nil {
		grid = *asked
	}
	return max(min(grid, n-1), 0)
}

// grid is a stand-in of SendGrid: it takes messages at once, delivers them as a mail server does, which may take hours, and tells what became of them by posts: late, more than once, in any order.
// Mail that comes to its domain is posted, too.
type grid struct {
	url, mx string // of its API, and for mail that comes in
	server  string // where the product answers
	people  string // their MX
	late    time.Duration
	faults  bool
	seed    uint64
	hooks   *sendgridserver.Webhooks
	clock   *simclock.Participant
	journal *os.File
	api     *http.Server
	inbound interface{ Close() error }

	mu      sync.Mutex
	reports string // where reports are posted to, and mail
	mail    string
	tried   map[string]int // messages to somebody
	waiting []toldLater
	due     bool // it will tell
	failed  []string

	posts, doubled, mails int
}

// Further lines of its journal, by the product's id of a message.
const (
	gridTook      = "took"
	gridDelivered = "delivered"
	gridCameBack  = "came_back"
	gridDropped   = "dropped"
)

type toldLater struct {
	entry       sendgridserver.Entry
	held, again bool
}

// openGrid opens it beside the server at an address.
func openGrid(data, server string, seed uint64, poll time.Duration, all bool) (g *grid, err error) {
	g = &grid{server: server, late: poll * 2 / 5, faults: all, seed: seed, tried: map[string]int{}}
	if g.hooks, err = sendgridserver.NewWebhooks(3 * time.Minute); err != nil {
		return nil, err
	}
	account, err := sendgridserver.New(gridKey)
	if err != nil {
		return nil, err
	}
	account.Choose, account.Taken = g.choose, g.take
	api, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g.url, g.api = "http://"+api.Addr().String(), &http.Server{Handler: account, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = g.api.Serve(api) }() // until close
	if err := g.openMX(); err != nil {
		return g, errors.Join(err, g.close())
	}
	file := filepath.Join(data, "demo", gridJournal)
	if err = os.MkdirAll(filepath.Dir(file), 0o700); err == nil {
		g.journal, err = os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	}
	if err != nil {
		return g, errors.Join(fmt.Errorf("open the journal of a provider: %w", err), g.close())
	}
	return g, nil
}

// join lets it take part in a world's time.
func (g *grid) join(ctx context.Context, w *World) (err error) {
	g.people = w.People.MX
	if g.clock, err = simclock.Dial(ctx, w.Clock.Addr(), gridName); err == nil {
		g.clock.Ready()
	}
	return err
}

func (g *grid) close() (err error) {
	if g.journal != nil {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second) // the server may be gone
		g.tellRest(ctx)
		stop()
		err = g.journal.Close()
	}
	if g.inbound != nil {
		_ = g.inbound.Close() // nobody comes any more
	}
	_ = g.api.Close()
	if g.clock != nil {
		_ = g.clock.Close()
	}
	if err != nil {
		return fmt.Errorf("close a provider of mail: %w", err)
	}
	return nil
}

func (g *grid) chanceOf(words ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintln(h, append([]any{g.seed}, words...)...)
	return rand.New(rand.NewPCG(h.Sum64(), 58))
}

// Shares of requests that go wrong, and of messages that it takes and doesn't deliver, where all goes wrong.
const (
	gridLimits = 0.01
	gridDoubts = 0.01
	gridDrops  = 0.006
)

// choose says what goes wrong with a message.
func (g *grid) choose(to string, custom map[string]string) sendgridserver.Fault {
	if !g.faults || custom[sendgrid.IDArgument] == "" {
		return ""
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tried[to]++
	switch x := g.chanceOf(to, g.tried[to]).Float64(); {
	case x < gridLimits:
		g.note(prospects.Line{At: g.clock.Now(), Kind: prospects.PutOff, Person: strings.ToLower(to)})
		return sendgridserver.Limited
	case x < gridLimits+gridDoubts/2:
		return sendgridserver.ErrorAfter
	case x < gridLimits+gridDoubts:
		return sendgridserver.CutAfter
	}
	return ""
}

// take has a message delivered that was taken.
func (g *grid) take(m sendgridserver.Message, f sendgridserver.Fault) {
	if _, domain, _ := strings.Cut(m.To, "@"); domain == gridDomain {
		return // a mailbox that is tried
	}
	done := g.clock.Busy()
	defer done()
	now := g.clock.Now()
	d := &gridDelivery{grid: g, of: m}
	var err error
	if d.raw, err = m.Raw(now); err == nil {
		d.line, err = prospects.HandOver(d.raw, m.From, m.To, now)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		g.failed = append(g.failed, err.Error())
		return
	}
	d.line.Detail = string(f)
	g.note(d.line)
	if d.id = m.CustomArgs[sendgrid.IDArgument]; d.id != "" {
		g.note(prospects.Line{At: now, Kind: gridTook, MessageID: d.id, Detail: string(f)})
		if g.faults && g.chanceOf("drop", d.line.MessageID).Float64() < gridDrops {
			g.note(prospects.Line{At: now, Kind: gridDropped, MessageID: d.id})
			g.tell(m.Report("dropped", d.id+" dropped", now, sendgridserver.Entry{"reason": "Bounced Address", "status": "5.0.0"}))
			return
		}
		g.tell(m.Report("processed", d.id+" processed", now, nil))
	}
	g.clock.At(now.Add(time.Duration(1+g.chanceOf("way", d.line.MessageID).IntN(20))*time.Second), d.try)
}

// note writes a line down; mu is held.
func (g *grid) note(l prospects.Line) {
	text, err := json.Marshal(l)
	if err == nil {
		_, err = g.journal.Write(append(text, '\n'))
	}
	if err != nil {
		g.failed = append(g.failed, err.Error())
	}
}

// lines are what it wrote down.
func (g *grid) lines() ([]prospects.Line, error) { return prospects.ReadJournal(g.journal.Name()) }

// tell has something told later; mu is held.
func (g *grid) tell(entry sendgridserver.Entry) {
	g.waiting = append(g.waiting, toldLater{entry: entry})
	g.tellSoon()
}

func (g *grid) tellSoon() {
	if !g.due && len(g.waiting) > 0 {
		g.due = true
		g.clock.At(g.clock.Now().Add(g.late), g.tellNow)
	}
}

// tellNow posts what waits, but for some that wait longer, and some that are told again.
func (g *grid) tellNow() {
	g.mu.Lock()
	var now, later []toldLater
	chance := g.chanceOf("told", g.posts, len(g.waiting))
	for _, t := range g.waiting {
		switch n := chance.IntN(12); {
		case !t.held && n < 2:
			t.held = true
			later = append(later, t)
			continue
		case !t.again && n < 5:
			g.doubled++
			later = append(later, toldLater{t.entry, true, true})
		}
		now = append(now, t)
	}
	chance.Shuffle(len(now), func(i, j int) { now[i], now[j] = now[j], now[i] })
	g.waiting, g.due = later, false
	g.tellSoon()
	g.mu.Unlock()
	g.post(context.Background(), now)
}

// tellRest posts what still waits.
func (g *grid) tellRest(ctx context.Context) {
	g.mu.Lock()
	rest := g.waiting
	g.waiting = nil
	g.mu.Unlock()
	g.post(ctx, rest)
}

func (g *grid) post(ctx context.Context, all []toldLater) {
	g.mu.Lock()
	to := g.reports
	g.mu.Unlock()
	if len(all) == 0 || to == "" {
		return
	}
	entries := make([]sendgridserver.Entry, 0, len(all))
	for _, t := range all {
		entries = append(entries, t.entry)
	}
	err := g.hooks.PostReports(ctx, to, entries...)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.posts++; err != nil {
		g.failed = append(g.failed, err.Error())
	}
}
