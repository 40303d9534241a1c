package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"outrider/internal/app/webhooks"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/retry"
)

// endpoints receive webhooks. They fail, are slow and break off, and aren't harmed: what arrived there is held against the log.
type endpoints struct {
	url string

	mu    sync.Mutex
	hooks []*hook
}

// hook is a webhook of an organisation, and what has arrived at it.
type hook struct {
	org, id uuid.UUID
	path    string
	types   []string // none = all
	signed  *standardwebhooks.Webhook

	mu       sync.Mutex
	tried    map[string]int // by id of the event
	taken    []string       // ids of events, as they were first answered with success
	took     map[string]bool
	unsigned int
}

func (s *system) startEndpoints() error {
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	s.endpoints.url = "http://" + l.Addr().String()
	web := &http.Server{Handler: &s.endpoints, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = web.Serve(l) }() // until it is closed
	s.closers = append(s.closers, func() { _ = web.Close() })
	return nil
}

// addHook gives a tenant a webhook for some types, none = all. It is told of what happens from here on.
func (c *client) addHook(ctx context.Context, t *tenant, types ...string) (err error) {
	e := &c.l.s.endpoints
	h := &hook{org: t.id, types: types, path: "/" + c.l.nextName("hook"), tried: map[string]int{}, took: map[string]bool{}}
	e.mu.Lock()
	e.hooks = append(e.hooks, h)
	e.mu.Unlock()
	var made struct {
		ID     uuid.UUID
		Secret string
	}
	if t.position, err = c.mustAsk(ctx, t.writeAsTenant("add webhook", http.MethodPost, "/v1/webhooks", map[string]any{"url": e.url + h.path, "types": append([]string{}, types...)}), &made); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.id = made.ID
	if h.signed, err = standardwebhooks.NewWebhook(made.Secret); err != nil {
		return fmt.Errorf("read the secret of a webhook: %w", err)
	}
	return nil
}

// ServeHTTP takes deliveries. How a delivery goes the first time follows from the event's id.
func (e *endpoints) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	i := slices.IndexFunc(e.hooks, func(h *hook) bool { return h.path == r.URL.Path })
	var h *hook
	if i >= 0 {
		h = e.hooks[i]
	}
	e.mu.Unlock()
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if h == nil || err != nil {
		http.NotFound(w, r)
		return
	}
	h.receive(w, r, body)
}

// Shares of the deliveries of 32 that fail at first.
const (
	hookFails = 2 + iota
	hookRests
	hookBreaks
	hookMoves
	hookLate // it answers well, and slowly
)

func (h *hook) receive(w http.ResponseWriter, r *http.Request, body []byte) {
	id := r.Header.Get(standardwebhooks.HeaderWebhookID)
	event, err := uuid.Parse(id)
	h.mu.Lock()
	h.tried[id]++
	first := h.tried[id] == 1
	if err != nil || h.signed == nil || h.signed.Verify(body, r.Header) != nil {
		h.unsigned++
		h.mu.Unlock()
		http.Error(w, "not signed", http.StatusUnauthorized)
		return
	}
	h.mu.Unlock()
	if first {
		switch kind := int(event[15] % 32); {
		case kind < hookFails:
			http.Error(w, "not now", http.StatusInternalServerError)
			return
		case kind < hookRests:
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too much", http.StatusServiceUnavailable)
			return
		case kind < hookBreaks:
			panic(http.ErrAbortHandler)
		case kind < hookMoves:
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		case kind < hookLate:
			_ = retry.Sleep(r.Context(), 300*time.Millisecond)
		}
	}
	h.mu.Lock()
	if !h.took[id] {
		h.took[id], h.taken = true, append(h.taken, id)
	}
	h.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// toldEvent is one of which endpoints are told.
type toldEvent struct {
	id, kind, subject string
	oseq              int64
}

// seeTold takes what endpoints of an organisation are told, if it is one that has any.
func (x *logContent) seeTold(e *es.Event) error {
	if _, has := x.told[e.Org]; !has {
		return nil
	}
	if e.Type == "webhook.added.v1" {
		x.hooked[e.Subject] = e.Oseq
	}
	m, told, err := webhooks.Describe(e)
	if told {
		x.told[e.Org] = append(x.told[e.Org], toldEvent{e.ID.String(), m.Type, m.Subject, e.Oseq})
	}
	return err
}

// due is what a webhook must have been told, in the log's order.
func (x *logContent) due(h *hook) (all []toldEvent) {
	since, there := x.hooked[h.id.String()]
	if !there {
		return nil
	}
	for _, t := range x.told[h.org] {
		if t.oseq > since && (len(h.types) == 0 || slices.Contains(h.types, t.kind)) {
			all = append(all, t)
		}
	}
	return all
}

// auditDeliveries waits until everything of which endpoints are to be told has arrived, and looks whether it came in its order.
func (s *system) auditDeliveries(ctx context.Context, x *logContent, res *Result) error {
	if len(s.endpoints.hooks) == 0 {
		return nil
	}
	if err := s.awaitEmpty(ctx, func() (int, error) {
		if err := s.hurry(ctx, "webhooks.lanes", "webhooks.health"); err != nil {
			return 0, err
		}
		n := 0
		for _, h := range s.endpoints.hooks {
			n += len(h.missing(x.due(h)))
		}
		return n, nil
	}); err != nil {
		return err
	}
	for _, h := range s.endpoints.hooks {
		h.audit(x.due(h), res)
	}
	return nil
}

// missing are those of some events that haven't arrived.
func (h *hook) missing(due []toldEvent) []toldEvent {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(due, func(t toldEvent) bool { return h.took[t.id] })
}

// audit counts what is lost, out of its subject's order, or not signed.
func (h *hook) audit(due []toldEvent, res *Result) {
	lost := h.missing(slices.Clone(due))
	for _, t := range lost {
		res.addFinding(&res.DeliveriesLost, "webhook %s of organisation %s was never told of %s %s (oseq %d, subject %s; %d tries came)", h.id, h.org, t.kind, t.id, t.oseq, t.subject, h.tries(t.id))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	res.Deliveries += len(due) - len(lost)
	if h.unsigned > 0 {
		res.addFinding(&res.DeliveriesLost, "%d deliveries to webhook %s were not signed with its secret", h.unsigned, h.id)
	}
	place := map[string]int{}
	for i, id := range h.taken {
		place[id] = i
	}
	newest := map[string]toldEvent{} // by subject
	for _, t := range due {
		if _, arrived := place[t.id]; !arrived {
			continue
		}
		if before, ok := newest[t.subject]; ok && place[before.id] > place[t.id] {
			res.addFinding(&res.DeliveriesLost, "webhook %s was told of %s (oseq %d) before %s (oseq %d) of the same subject %s", h.id, t.kind, t.oseq, before.kind, before.oseq, t.subject)
		}
		newest[t.subject] = t
	}
}

func (h *hook) tries(id string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tried[id]
}

// awaitEmpty waits until a count is 0, or doesn't fall any more.
func (s *system) awaitEmpty(ctx context.Context, count func() (int, error)) error {
	fewest, patience := -1, s.cfg.stuckAfter()
	if s.cfg.Without != "" {
		patience = 4 * time.Second
	}
	for fell := time.Now(); ; _ = retry.Sleep(ctx, 500*time.Millisecond) {
		n, err := count()
		if err != nil || n == 0 {
			return err
		}
		if fewest < 0 || n < fewest {
			fewest, fell = n, time.Now()
		}
		if ctx.Err() != nil || time.Since(fell) > patience {
			return ctx.Err()
		}
	}
}

// hurry lets the time pass for which tries and leases of what is done outside would wait, but for leases that were taken just now.
func (s *system) hurry(ctx context.Context, tables ...string) (err error) {
	conn, err := pgx.Connect(ctx, s.engines.Postgres)
	if err != nil {
		return fmt.Errorf("let time pass: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, table := range tables {
		set, where := "next_at = now()", "next_at > now() and next_at < 'infinity'"
		switch table {
		case "webhooks.lanes":
			where += " and (lease is null or next_at < now() + interval '55 seconds')" // of a minute
		case "webhooks.health":
			set, where = "rest_until = null", "rest_until is not null"
		case "integrations.turns":
			where += " and (lease is null or next_at < now() + interval '110 seconds')" // of two
		case "integrations.tasks":
			where += " and state = 'waiting'"
		case "integrations.links":
			where += " and dirty"
		case "billing.hints":
			set, where = "try_at = now()", "try_at > now() and done_at is null"
		}
		if _, e := conn.Exec(ctx, strings.Join([]string{"update", table, "set", set, "where", where}, " ")); e != nil {
			err = errors.Join(err, fmt.Errorf("let time pass in %s: %w", table, e))
		}
	}
	return err
}
