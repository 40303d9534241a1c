package billing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/retry"
)

// Commander sends a command and waits for its answer; gateway.Gateway is one.
type Commander interface {
	Submit(ctx context.Context, c *es.Command) (es.Answer, error)
}

// Mirror brings what the provider has into the log.
type Mirror struct {
	Provider *Provider
	Inbox    *Inbox
	Commands Commander
	Plans    map[string]events.Limits
	Now      func() time.Time
	Log      *slog.Logger
	// Between is called between the steps of a hint, so that tests can end the process there; nil = nothing is.
	Between func(step string)
}

// Steps between which a process may end.
const (
	StepTaken = "taken" // a hint is ours to read
	StepRead  = "read"  // its object was read
	StepSent  = "sent"  // the command was decided
)

func (m *Mirror) between(step string) {
	if m.Between != nil {
		m.Between(step)
	}
}

func (m *Mirror) refreshSubscription(ctx context.Context, id, cause string, stale func(events.Subscription) bool) (string, es.Answer, error) {
	reading, err := m.Inbox.nextReading(ctx)
	if err != nil {
		return "", es.Answer{}, err
	}
	s, err := m.Provider.ReadSubscription(ctx, id)
	if err != nil {
		return "gone", es.Answer{}, err
	}
	m.between(StepRead)
	if stale(s) {
		return "", es.Answer{}, errStale
	}
	org, err := m.Inbox.organizationOf(ctx, s.CustomerID)
	if err != nil || org == uuid.Nil {
		return "of a customer that is none of ours", es.Answer{}, err
	}
	return m.send(ctx, org, cause, reading, m.recordSubscription(s, reading))
}

func (m *Mirror) recordSubscription(s events.Subscription, reading int64) commands.RecordSubscription {
	limits, ok := m.Plans[s.Plan]
	if !ok {
		s.Plan = ""
	}
	return commands.RecordSubscription{Subscription: s, Limits: limits, Reading: reading}
}

func (m *Mirror) refreshInvoice(ctx context.Context, id, cause string, stale func(events.Invoice) bool) (string, error) {
	reading, err := m.Inbox.nextReading(ctx)
	if err != nil {
		return "", err
	}
	i, customer, err := m.Provider.ReadInvoice(ctx, id)
	if err != nil {
		return "gone", err
	}
	m.between(StepRead)
	if stale(i) {
		return "", errStale
	}
	org, err := m.Inbox.organizationOf(ctx, customer)
	if err != nil || org == uuid.Nil {
		return "of a customer that is none of ours", err
	}
	outcome, _, err := m.send(ctx, org, cause, reading, commands.RecordInvoice{Invoice: i, Reading: reading})
	return outcome, err
}

// Refresh reads a subscription and brings it in now: after somebody has changed it here.
func (m *Mirror) Refresh(ctx context.Context, subscription string) (a es.Answer, err error) {
	err = m.Inbox.turns.alone(ctx, subscription, func() error {
		_, a, err = m.refreshSubscription(ctx, subscription, "refresh", func(events.Subscription) bool { return false })
		return err
	})
	return a, err
}

// EnsureCustomer returns the customer that an organisation is, which is made where there is none.
func (m *Mirror) EnsureCustomer(ctx context.Context, org uuid.UUID, name string) (string, error) {
	customer, err := m.Inbox.CustomerOf(ctx, org)
	if err != nil {
		return "", err
	}
	if customer == "" {
		if customer, err = m.Provider.MakeCustomer(ctx, org, name); err != nil {
			return "", err
		}
		if err := m.Inbox.linkCustomer(ctx, org, customer); err != nil {
			return "", err
		}
		if customer, err = m.Inbox.CustomerOf(ctx, org); err != nil {
			return "", err
		}
	}
	_, _, err = m.send(ctx, org, "customer", 0, commands.LinkBillingCustomer{CustomerID: customer})
	return customer, err
}

// BillUsage puts leads beyond a plan on an organisation's next invoice. Who is no customer owes nothing.
func (m *Mirror) BillUsage(ctx context.Context, org uuid.UUID, plan string, u Usage) error {
	customer, err := m.Inbox.CustomerOf(ctx, org)
	if err != nil || customer == "" {
		return err
	}
	return m.Provider.BillUsage(ctx, org, customer, plan, u)
}

// EndSubscriptions ends what an organisation has subscribed to: with what is paid for, or at once.
func (m *Mirror) EndSubscriptions(ctx context.Context, org uuid.UUID, atOnce bool) error {
	customer, err := m.Inbox.CustomerOf(ctx, org)
	if err != nil || customer == "" {
		return err
	}
	all, err := m.Provider.ListSubscriptions(ctx, customer)
	if err != nil {
		return err
	}
	for _, s := range all {
		switch {
		case s.Status == events.SubscriptionCanceled || s.Status == events.SubscriptionIncompleteExpired:
		case atOnce:
			err = m.Provider.EndNow(ctx, s.SubscriptionID)
		case !s.CancelAtPeriodEnd:
			_, err = m.Provider.EndWithPeriod(ctx, s.SubscriptionID, true, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// send has a command decided; it may be sent again for the same reading.
func (m *Mirror) send(ctx context.Context, org uuid.UUID, cause string, reading int64, c commands.Command) (outcome string, a es.Answer, err error) {
	kind, data, err := commands.Encode(c)
	if err != nil {
		return "", a, err
	}
	id := es.DeriveID(org, "billing", kind, cause, strconv.FormatInt(reading, 10))
	if reading == 0 {
		id = es.NewID()
	}
	cmd := &es.Command{ID: id, Type: kind, Org: org, Time: m.Now().UTC().Truncate(time.Microsecond), Actor: es.Actor{Kind: es.ActorProvider, ID: "stripe"}, CorrelationID: id, CausationID: id, ReplyTo: -1, Data: data}
	for {
		a, err := m.Commands.Submit(ctx, cmd)
		switch {
		case err == nil:
			m.between(StepSent)
			return outcomeOf(a), a, nil
		case errors.Is(err, gateway.ErrBusy):
			if err := retry.Sleep(ctx, 100*time.Millisecond); err != nil {
				return "", a, err
			}
		case !errors.Is(err, gateway.ErrPending) || ctx.Err() != nil:
			return "", a, fmt.Errorf("submit %s: %w", kind, err)
		}
	}
}

func outcomeOf(a es.Answer) string {
	if a.Outcome == es.Refused {
		return "refused: " + a.Code
	}
	return string(a.Outcome)
}
