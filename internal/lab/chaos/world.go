package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/node"
	"outrider/internal/es/commandkey"
	"outrider/internal/kafka"
	"outrider/internal/lab/hostilemail"
	"outrider/internal/linktoken"
)

// World is the product in processes of its own, for a load that somebody else makes. What callers are told is remembered,
// and audited as after a run.
type World struct {
	s  *system
	l  *load
	mu sync.Mutex // of l.clients
}

// OpenWorld starts everything. What it gives is to be closed also after an error.
func OpenWorld(ctx context.Context, cfg Config) (*World, error) {
	cfg.setDefaults()
	s, err := openSystem(ctx, cfg)
	w := &World{s: s}
	if err != nil {
		return w, err
	}
	w.l = newLoad(s)
	ready, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	return w, w.l.prepare(ready)
}

// Close ends everything, the last first.
func (w *World) Close() { w.s.closeAll() }

// URL is where the api answers.
func (w *World) URL() string { return w.s.url }

// Log is the log, past all proxies.
func (w *World) Log() kafka.Log { return w.s.log }

// Signer signs links as the product does.
func (w *World) Signer() *linktoken.Signer { return w.l.signer }

// CommandKeys are those of the installation, which a process of its own has.
func (w *World) CommandKeys() (*commandkey.Ring, error) {
	return node.OpenCommandKeys(node.KeyFilesIn(w.s.cfg.Dir))
}

// HostileMail are the mail servers that mean harm.
func (w *World) HostileMail() *hostilemail.Process { return w.s.hostile.process }

// PIDs are the processes of the product.
func (w *World) PIDs() (out []int) {
	for _, p := range w.s.parts {
		p.mu.Lock()
		out = append(out, p.cmd.Process.Pid)
		p.mu.Unlock()
	}
	return out
}

// Crashes is how often a process of the product has ended by itself.
func (w *World) Crashes() int { return w.s.countRestarts() }

// OpenLog opens a file among the logs of the product's processes.
func (w *World) OpenLog(name string) (*os.File, error) { return openLog(w.s.cfg.Dir, name) }

// Audit ends the product and looks at all that is left. It is made once.
func (w *World) Audit(ctx context.Context) (res Result, err error) {
	res = Result{Unavailable: map[string]float64{}, Slowest: map[string]float64{}}
	w.l.measureLatency(&res, nil)
	return res, w.s.auditAll(ctx, w.l, &res)
}

// Tenant is an organisation, with a key for all of it.
type Tenant struct {
	ID        uuid.UUID
	Key       string
	Campaign  uuid.UUID
	Mailboxes []uuid.UUID
	t         *tenant
}

// Caller asks for a tenant, one request after the other, each until it is answered for good.
type Caller struct {
	c *client
	*Tenant
}

// newClient is a client whose answers count in the audit.
func (w *World) newClient() *client {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.l.clients)
	c := &client{l: w.l, n: n, asker: newAsker(w.s.url, w.l.elapsed, &w.l.counts), chance: rand.New(rand.NewPCG(w.s.cfg.Seed, uint64(n)+100))}
	w.l.clients = append(w.l.clients, c)
	return c
}

// NewTenant makes an organisation with a plan; it has a campaign, which isn't launched.
func (w *World) NewTenant(ctx context.Context, plan string) (*Tenant, error) {
	t, err := w.newClient().createTenant(ctx, plan)
	if err != nil {
		return nil, err
	}
	return &Tenant{t.id, t.key, t.campaign, nil, t}, nil
}

// NewSender makes an organisation whose campaign runs: mail leaves from its mailboxes.
func (w *World) NewSender(ctx context.Context) (*Tenant, error) {
	t, err := w.newClient().connectSender(ctx, nil)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.l.senders = append(w.l.senders, t)
	w.mu.Unlock()
	return &Tenant{t.id, t.key, t.campaign, t.boxes, t}, nil
}

// Caller asks for a tenant.
func (w *World) Caller(t *Tenant) *Caller { return &Caller{w.newClient(), t} }

// NextName gives a name that nothing else has.
func (w *World) NextName(what string) string { return w.l.nextName(what) }

// HostileMailbox is a mailbox to connect whose server plays a mode, one of hostilemail.Names.
func (w *World) HostileMailbox(mode string) (map[string]any, error) {
	return w.l.hostileMailboxBody(w.l.nextName("hostile")+"@go.acme.example", "none", mode)
}

// Ask asks until there is an answer that stays. out is what a success is read into; nil = nothing.
func (c *Caller) Ask(ctx context.Context, what, method, path string, body, out any) (status int, err error) {
	r := c.t.writeAsTenant(what, method, path, body)
	return c.send(ctx, r, out)
}

// Import brings a file in; n rows.
func (c *Caller) Import(ctx context.Context, n int, out any) (status int, err error) {
	r, err := c.c.importRequest(c.t, n)
	if err != nil {
		return 0, err
	}
	return c.send(ctx, r, out)
}

func (c *Caller) send(ctx context.Context, r request, out any) (int, error) {
	c.t.mu.Lock()
	if r.method == http.MethodGet {
		r.position = c.t.position
	}
	c.t.mu.Unlock()
	res, err := c.c.askAPI(ctx, r)
	if err != nil {
		return res.status, err
	}
	if res.position != "" && r.method != http.MethodGet {
		c.t.mu.Lock()
		c.t.position = res.position
		c.t.mu.Unlock()
	}
	if out != nil && res.status/100 == 2 {
		if err := json.Unmarshal(res.body, out); err != nil {
			return res.status, fmt.Errorf("read the answer to %s: %w", r.what, err)
		}
	}
	if res.status/100 != 2 {
		return res.status, fmt.Errorf("%s: %d %s", r.what, res.status, res.body)
	}
	return res.status, nil
}
