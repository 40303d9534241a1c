package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/webhooks"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/internal/retry"
	"outrider/projections"
)

// Bulkheads of one process.
const (
	perWebhook = 4   // deliveries under way to one endpoint
	perOrg     = 16  // to those of one organisation
	inAll      = 256 // to everybody's

	lease    = time.Minute // of a lane: longer than a try
	idle     = time.Second // between two looks when nothing was to be done
	kept     = 30 * 24 * time.Hour
	cleaning = time.Hour // between two looks for what is older
)

// SenderConfig is what a sender needs.
type SenderConfig struct {
	Queue    Queue
	Vault    *pii.Vault
	Reads    *pgxpool.Pool // as the api role, for who a lead is
	Commands reaction.Commander
	Dialer   dial.Dialer
	Now      func() time.Time // the organisation's time, for commands; deliveries go by the queue's
	Log      *slog.Logger
}

// Sender delivers what is queued.
type Sender struct {
	SenderConfig
	client *http.Client
	wake   chan struct{}

	mu      sync.Mutex
	under   busy
	running sync.WaitGroup
}

// NewSender returns a sender, or an error that names what is missing.
func NewSender(c SenderConfig) (*Sender, error) {
	if err := (reaction.Required{"pool": c.Queue.Pool != nil, "clock": c.Queue.Now != nil, "vault": c.Vault != nil, "reads": c.Reads != nil, "commands": c.Commands != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("webhooks"); err != nil {
		return nil, err
	}
	return &Sender{SenderConfig: c, client: newClient(c.Dialer), wake: make(chan struct{}, 1), under: busy{map[uuid.UUID]int{}, map[uuid.UUID]int{}}}, nil
}

// Wake has the sender look at once.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends. What is under way then is finished or, when it takes longer than its lease, done again by somebody else.
func (s *Sender) Run(ctx context.Context) error {
	defer s.client.CloseIdleConnections()
	defer s.running.Wait()
	var cleaned time.Time
	for ctx.Err() == nil {
		n, err := s.Round(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("webhooks can't be delivered; it is tried again", "error", err)
		}
		if now := s.Queue.Now(); now.Sub(cleaned) > cleaning {
			cleaned = now
			if err := s.Queue.forgetOld(ctx, now.Add(-kept)); err != nil && ctx.Err() == nil {
				s.Log.Error("old deliveries can't be deleted; it is tried again", "error", err)
			}
		}
		if n > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-time.After(idle):
		}
	}
	return nil
}

// Round begins what is due and there is room for, and returns how much.
func (s *Sender) Round(ctx context.Context) (int, error) {
	under, total := s.snapshot()
	if total >= inAll {
		return 0, nil
	}
	lanes, err := s.Queue.takeLanes(ctx, under, perWebhook, perOrg, inAll-total, lease)
	if err != nil {
		return 0, err
	}
	for _, l := range lanes {
		s.count(l, 1)
		s.running.Go(func() {
			defer s.Wake()
			defer s.count(l, -1)
			if err := s.deliver(ctx, l); err != nil && ctx.Err() == nil {
				s.Log.Error("a delivery was not recorded; it is done again", "org", l.Org, "webhook", l.Webhook, "error", err)
			}
		})
	}
	return len(lanes), nil
}

// Wait returns when nothing is under way.
func (s *Sender) Wait() { s.running.Wait() }

func (s *Sender) snapshot() (b busy, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b = busy{map[uuid.UUID]int{}, map[uuid.UUID]int{}}
	for id, n := range s.under.orgs {
		b.orgs[id], total = n, total+n
	}
	for id, n := range s.under.webhooks {
		b.webhooks[id] = n
	}
	return b, total
}

func (s *Sender) count(l lane, by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for of, id := range map[*map[uuid.UUID]int]uuid.UUID{&s.under.orgs: l.Org, &s.under.webhooks: l.Webhook} {
		if (*of)[id] += by; (*of)[id] == 0 {
			delete(*of, id)
		}
	}
}

// deliver tries the oldest delivery of a lane once.
func (s *Sender) deliver(ctx context.Context, l lane) error {
	d, w, err := s.Queue.head(ctx, l)
	if errors.Is(err, pgx.ErrNoRows) { // delivered by who had the lane before, or of a webhook that is gone
		return s.Queue.release(ctx, l, s.Queue.Now())
	}
	if err != nil {
		return err
	}
	url, body, headers, err := s.compose(ctx, d, w)
	if errors.Is(err, pii.ErrNotFound) { // its keys are destroyed: it is being removed
		return s.Queue.release(ctx, l, s.Queue.Now().Add(time.Hour))
	}
	if err != nil {
		return err
	}
	began := s.Queue.Now()
	a := post(ctx, s.client, began, url, headers, body)
	if ctx.Err() != nil {
		return ctx.Err() // it may have arrived: it goes again, with the same id
	}
	ended := s.Queue.Now()
	o := outcomeOf(a, d.Tries+1, ended, ended.Sub(began), rand.Float64()) //nolint:gosec // spreads load
	since, err := s.Queue.finish(ctx, l, d, o)
	if err != nil {
		return err
	}
	return s.disable(ctx, d, a, o, since)
}

// compose makes the body as it is now: who the person is isn't kept with the delivery.
func (s *Sender) compose(ctx context.Context, d *webhooks.Delivery, w *projections.Webhook) (url string, body []byte, headers http.Header, err error) {
	var sealed events.Sealed
	if err := json.Unmarshal(w.URL, &sealed); err != nil {
		return "", nil, nil, err
	}
	if url, err = webhooks.OpenURL(ctx, s.Vault, d.OrgID, d.WebhookID, sealed); err != nil {
		return "", nil, nil, err
	}
	p := webhooks.Payload{ID: d.EventID, Type: d.Type, Timestamp: d.HappenedAt.UTC(), OrganizationID: d.OrgID, Data: d.Data}
	if w.Personal {
		if p.Person, err = s.personOf(ctx, d); err != nil {
			return "", nil, nil, err
		}
	}
	if body, err = json.Marshal(p); err != nil {
		return "", nil, nil, err
	}
	headers, err = webhooks.Sign(ctx, s.Vault, d.OrgID, d.WebhookID, d.EventID, s.Queue.Now(), body)
	return url, body, headers, err
}

func (s *Sender) personOf(ctx context.Context, d *webhooks.Delivery) (p *webhooks.Person, err error) {
	lead := webhooks.LeadOf(d.Data)
	if lead == uuid.Nil {
		return nil, nil
	}
	err = postgres.InOrg(ctx, s.Reads, d.OrgID, func(tx pgx.Tx) error {
		row, err := projections.GetLead(ctx, tx, d.OrgID, lead)
		if err == nil && row.ErasedAt == nil {
			p = webhooks.PersonOf(row)
		}
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return p, err
}

// disable switches an endpoint off that says it is gone, or to which a delivery was given up when none had succeeded since it was begun.
func (s *Sender) disable(ctx context.Context, d *webhooks.Delivery, a answer, o outcome, since *time.Time) error {
	cmd := commands.DisableWebhook{WebhookRef: events.WebhookRef{WebhookID: d.WebhookID}, Status: a.status}
	switch {
	case a.status == http.StatusGone:
		cmd.Reason = events.WebhookOffGone
	case !o.ok && o.retryAt.IsZero() && since != nil && !since.After(firstTry(d, o)):
		cmd.Reason, cmd.Since = events.WebhookOffFailing, since.UTC().Truncate(time.Microsecond)
	default:
		return nil
	}
	if err := s.Queue.stopWebhook(ctx, d.OrgID, d.WebhookID); err != nil {
		return err
	}
	id := es.NewID()
	cause := reaction.Cause{Org: d.OrgID, Correlation: id, Causation: d.EventID, Actor: es.Actor{Kind: es.ActorProvider, ID: "webhooks"}}
	for {
		answer, err := reaction.Submit(ctx, s.Commands, cause, id, s.Now(), cmd)
		if err == nil && answer.Outcome == es.Refused {
			s.Log.Error("a webhook could not be switched off", "org", d.OrgID, "webhook", d.WebhookID, "code", answer.Code)
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
		_ = retry.Sleep(ctx, idle)
	}
}

// firstTry returns when a delivery was tried first.
func firstTry(d *webhooks.Delivery, o outcome) time.Time {
	var tries []webhooks.Attempt
	if err := json.Unmarshal(d.Attempts, &tries); err != nil || len(tries) == 0 {
		return o.attempt.At
	}
	return tries[0].At
}
