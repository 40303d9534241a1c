package hostile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/internal/lab/bench"
	"outrider/internal/lab/chaos"
	"outrider/internal/retry"
)

// alone names the phases without an attack.
const alone = ""

// patience is how long one thing of the neighbour's may take before it counts as never.
const patience = 3 * time.Minute

// neighbour is a calm organisation that goes on: it writes, reads, imports ten rows, and has a mailbox checked.
type neighbour struct {
	tenant  *chaos.Tenant
	counter *chaos.Caller
	does    map[string]func(context.Context) error

	mu    sync.Mutex
	took  map[string]map[string][]time.Duration // by phase and kind
	leads int                                   // that it was told it has
}

const (
	doWrite  = "write"
	doRead   = "read"
	doImport = "import of ten rows"
	doCheck  = "mailbox check"
)

// pauses are between two of a kind: who is calm doesn't keep a processor busy.
func pauses() map[string]time.Duration {
	return map[string]time.Duration{doWrite: 20 * time.Millisecond, doRead: 20 * time.Millisecond, doImport: 100 * time.Millisecond, doCheck: 200 * time.Millisecond}
}

func newNeighbour(ctx context.Context, w *chaos.World) (*neighbour, error) {
	t, err := w.NewSender(ctx)
	if err != nil {
		return nil, fmt.Errorf("make the neighbour: %w", err)
	}
	n := &neighbour{tenant: t, counter: w.Caller(t), took: map[string]map[string][]time.Duration{}}
	writer, reader, importer, checker := w.Caller(t), w.Caller(t), w.Caller(t), w.Caller(t)
	n.does = map[string]func(context.Context) error{
		doWrite: func(ctx context.Context) error {
			address := w.NextName("calm") + "@example.com"
			if _, err := writer.Ask(ctx, "create lead", http.MethodPost, "/v1/leads", map[string]any{"email": address, "first_name": "Ann"}, nil); err != nil {
				return err
			}
			n.addLeads(1)
			return nil
		},
		doRead: func(ctx context.Context) error {
			_, err := reader.Ask(ctx, "list leads", http.MethodGet, "/v1/leads?limit=20", nil, nil)
			return err
		},
		doImport: func(ctx context.Context) error { return n.importTen(ctx, importer) },
		doCheck:  func(ctx context.Context) error { return n.checkMailbox(ctx, checker) },
	}
	total, err := n.countLeads(ctx)
	n.leads = total
	return n, err
}

func (n *neighbour) addLeads(more int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.leads += more
}

func (n *neighbour) importTen(ctx context.Context, c *chaos.Caller) error {
	var made struct{ ID uuid.UUID }
	if _, err := c.Import(ctx, 10, &made); err != nil {
		return err
	}
	for {
		var now struct {
			Status, Reason string
			Created        int
		}
		if _, err := c.Ask(ctx, "read import", http.MethodGet, "/v1/imports/"+made.ID.String(), nil, &now); err != nil {
			return err
		}
		switch now.Status {
		case "completed":
			n.addLeads(now.Created)
			if now.Created != 10 {
				return fmt.Errorf("an import of ten rows made %d leads", now.Created)
			}
			return nil
		case "failed":
			return errors.New("an import of ten rows failed: " + now.Reason)
		}
		if err := retry.Sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

// checkMailbox has a mailbox verified and waits until that has happened.
func (n *neighbour) checkMailbox(ctx context.Context, c *chaos.Caller) error {
	path := "/v1/mailboxes/" + n.tenant.Mailboxes[0].String()
	read := func() (checked time.Time, outcome string, err error) {
		var m struct {
			Checks map[string]struct {
				Outcome   string
				CheckedAt time.Time `json:"checked_at"`
			}
		}
		_, err = c.Ask(ctx, "read mailbox", http.MethodGet, path, nil, &m)
		return m.Checks["imap_auth"].CheckedAt, m.Checks["imap_auth"].Outcome, err
	}
	before, _, err := read()
	if err != nil {
		return err
	}
	if _, err := c.Ask(ctx, "verify mailbox", http.MethodPost, path+"/verify", nil, nil); err != nil {
		return err
	}
	for {
		at, outcome, err := read()
		if err != nil {
			return err
		}
		if at.After(before) {
			if outcome != "passed" {
				return fmt.Errorf("the neighbour's mailbox: its check came to %s", outcome)
			}
			return nil
		}
		if err := retry.Sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

// goOn lets the neighbour do all that it does for a while, each at least once, and waits for what is under way.
func (n *neighbour) goOn(ctx context.Context, phase string, d time.Duration) error {
	var all sync.WaitGroup
	failed := make(chan error, len(n.does))
	for kind, do := range n.does {
		all.Go(func() {
			for began := time.Now(); ; {
				one, cancel := context.WithTimeout(ctx, patience)
				asked := time.Now()
				err := do(one)
				cancel()
				if err != nil {
					failed <- fmt.Errorf("the neighbour's %s: %w", kind, err)
					return
				}
				n.note(phase, kind, time.Since(asked))
				if time.Since(began) >= d || retry.Sleep(ctx, pauses()[kind]) != nil {
					return
				}
			}
		})
	}
	all.Wait()
	close(failed)
	var err error
	for f := range failed {
		err = errors.Join(err, f)
	}
	return err
}

func (n *neighbour) note(phase, kind string, d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.took[phase] == nil {
		n.took[phase] = map[string][]time.Duration{}
	}
	n.took[phase][kind] = append(n.took[phase][kind], d)
}

func (n *neighbour) forget(phase string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.took, phase)
}

// countLeads asks how many leads it has, after all that it wrote.
func (n *neighbour) countLeads(ctx context.Context) (int, error) {
	var page struct{ Total int }
	_, err := n.counter.Ask(ctx, "count leads", http.MethodGet, "/v1/leads?limit=1&include=total", nil, &page)
	return page.Total, err
}

// isComplete compares what it was told with what it has.
func (n *neighbour) isComplete(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	has, err := n.countLeads(ctx)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if has != n.leads {
		return fmt.Errorf("the neighbour has %d leads and was told of %d", has, n.leads)
	}
	return nil
}

// compare puts the figures of a phase beside those alone and those of its control runs, if there are any.
func (n *neighbour) compare(l *Line, phase string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p99 := func(phase string, kinds ...string) float64 {
		var all []time.Duration
		for _, k := range kinds {
			all = append(all, n.took[phase][k]...)
		}
		return bench.Quantile(all, 0.99)
	}
	control := controlName(phase)
	l.P99, l.Alone, l.Beside = p99(phase, doWrite, doRead), p99(alone, doWrite, doRead), p99(control, doWrite, doRead)
	l.Bound, l.Slow = timesAlone*max(l.Alone, l.Beside), nil
	for _, kind := range slices.Sorted(maps.Keys(n.does)) {
		k := Kind{N: len(n.took[phase][kind]), P99: p99(phase, kind), Alone: p99(alone, kind), Beside: p99(control, kind)}
		l.Kinds[kind] = k
		if k.P99 > timesAlone*max(k.Alone, k.Beside) {
			beside := ""
			if k.Beside > 0 {
				beside = fmt.Sprintf(", beside as much work %.0f ms", k.Beside)
			}
			l.Slow = append(l.Slow, fmt.Sprintf("%s: %.0f ms, alone %.0f ms%s", kind, k.P99, k.Alone, beside))
		}
	}
}
