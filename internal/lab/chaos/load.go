package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"outrider/internal/app/node"
	"outrider/internal/linktoken"
	"outrider/internal/retry"
)

// load is closed-loop clients that ask for everything the product does.
type load struct {
	s        *system
	began    time.Time
	platform string // API key of the operator
	signer   *linktoken.Signer
	counts
	ending  chan struct{}
	senders []*tenant // that send
	greedy  *tenant   // takes all it gets, and has mailboxes at hostile servers
	crew    *tenant   // people come and go
	clients []*client

	mu    sync.Mutex
	small []*tenant // that run into their limits
	made  int       // keys and names
}

// client is one of them.
type client struct {
	l      *load
	n      int
	asker  *asker
	chance *rand.Rand
	newest atomic.Int64 // when its newest answered request was sent

	mu  sync.Mutex
	ops []op
}

func newLoad(s *system) *load {
	l := &load{s: s, began: time.Now(), ending: make(chan struct{})}
	for i := range s.cfg.Clients {
		l.clients = append(l.clients, &client{l: l, n: i, asker: newAsker(s.url, l.elapsed, &l.counts), chance: rand.New(rand.NewPCG(s.cfg.Seed, uint64(i)+100))})
	}
	return l
}

func (l *load) elapsed() time.Duration { return time.Since(l.began) }

// nextName gives a name that nothing else has.
func (l *load) nextName(what string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made++
	return fmt.Sprintf("%s-%d", what, l.made)
}

// askAPI is a request of this client, under a key of its own. An answer is remembered whatever it says; the error says that there is none.
func (c *client) askAPI(ctx context.Context, r request) (response, error) {
	if r.method != http.MethodGet && !r.visitor && r.once == "" {
		r.once = c.l.nextName("chaos")
	}
	if r.contentType == "" && r.body != nil {
		r.contentType = "application/json"
	}
	o, res, err := c.asker.askUntilAnswered(ctx, r)
	if r.method != http.MethodGet || r.visitor {
		c.mu.Lock()
		c.ops = append(c.ops, o)
		c.mu.Unlock()
	}
	if o.answered {
		c.newest.Store(int64(o.call))
	}
	return res, err
}

// mustAsk is ask for what can't be refused; out may be nil.
func (c *client) mustAsk(ctx context.Context, r request, out any) (position string, err error) {
	res, err := c.askAPI(ctx, r)
	if err == nil && res.status/100 != 2 {
		err = fmt.Errorf("%s: %d %s", r.what, res.status, res.body)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(res.body, out)
	}
	return res.position, err
}

// prepare waits until the api answers, and reads the operator's keys.
func (l *load) prepare(ctx context.Context) error {
	c := l.clients[0]
	if _, err := c.mustAsk(ctx, request{what: "readiness", method: http.MethodGet, path: "/readyz", visitor: true}, nil); err != nil {
		return err
	}
	c.ops = nil
	b, err := os.ReadFile(filepath.Join(l.s.cfg.Dir, "keys", "platform.key"))
	if err != nil {
		return fmt.Errorf("read the operator's key: %w", err)
	}
	l.platform = strings.TrimSpace(string(b))
	l.signer, err = node.LoadSigner(node.KeyFilesIn(l.s.cfg.Dir).Links())
	return err
}

// setUp sets up who sends, who runs into limits, and who means harm.
func (l *load) setUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	if err := l.prepare(ctx); err != nil {
		return err
	}
	c := l.clients[0]
	for _, connect := range []func(context.Context, *tenant) error{
		func(ctx context.Context, t *tenant) error {
			return errors.Join(c.connectCRM(ctx, t), c.addHook(ctx, t), c.connectGridBox(ctx, t))
		},
		func(ctx context.Context, t *tenant) error {
			return errors.Join(c.chooseModel(ctx, t), c.wantResearch(ctx, t), c.connectGridBox(ctx, t), c.addHook(ctx, t, "message.sent", "lead.created", "lead.unsubscribed", "campaign.paused"))
		},
	} {
		t, err := c.connectSender(ctx, connect)
		if err != nil {
			return err
		}
		l.senders = append(l.senders, t)
	}
	for range 3 {
		t, err := c.createTenant(ctx, "chaos")
		if err != nil {
			return err
		}
		l.small = append(l.small, t)
	}
	for range 2 {
		t, err := c.createTenant(ctx, "starter")
		if err != nil {
			return err
		}
		l.s.payments.payers = append(l.s.payments.payers, t)
	}
	var err error
	l.s.turnsFlags = true
	if l.crew, err = c.createTenant(ctx, "crew"); err != nil {
		return err
	}
	l.greedy, err = c.createGreedy(ctx)
	return err
}

// startClients lets all clients go; done is closed when each is through with its last request.
func (l *load) startClients(ctx context.Context) (done chan struct{}) {
	done = make(chan struct{})
	var wg sync.WaitGroup
	for _, c := range l.clients {
		wg.Go(func() {
			for ctx.Err() == nil {
				select {
				case <-l.ending:
					return
				default:
				}
				if err := c.playStory(ctx); err != nil && !errors.Is(err, errUnanswered) {
					l.s.logLine("client %d: %v", c.n, err)
				}
			}
		})
	}
	for _, play := range []func(context.Context){l.payAndDecline, l.workInCRM, l.turnFlags, l.changeMembers, l.tempt, l.report} {
		wg.Go(func() { play(ctx) })
	}
	go func() {
		wg.Wait()
		close(done)
	}()
	return done
}

func (l *load) stopClients() { close(l.ending) }

// hasMoved returns when every client has had an answer to what it sent after a time.
func (l *load) hasMoved(ctx context.Context, since time.Duration) error {
	for began := time.Now(); ; _ = retry.Sleep(ctx, 5*time.Millisecond) {
		var waiting []int
		for _, c := range l.clients {
			if time.Duration(c.newest.Load()) < since {
				waiting = append(waiting, c.n)
			}
		}
		switch {
		case len(waiting) == 0:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Since(began) > l.s.cfg.stuckAfter():
			return fmt.Errorf("clients %v have no answer %s after the fault", waiting, l.s.cfg.stuckAfter())
		}
	}
}

func (l *load) allOps() (out []op) {
	for _, c := range l.clients {
		c.mu.Lock()
		out = append(out, c.ops...)
		c.mu.Unlock()
	}
	return out
}

// untilEnd does something again and again, with a pause after each time, until the load ends: then it reports true, and false when ctx has ended.
func (l *load) untilEnd(ctx context.Context, pause time.Duration, once func()) bool {
	for {
		select {
		case <-l.ending:
			return true
		case <-ctx.Done():
			return false
		default:
		}
		once()
		_ = retry.Sleep(ctx, pause)
	}
}
