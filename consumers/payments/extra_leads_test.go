package payments_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/payments"
	"outrider/events"
	"outrider/internal/app/billing"
	"outrider/internal/es"
)

type biller map[string]billing.Usage

func (b biller) BillUsage(_ context.Context, _ uuid.UUID, plan string, u billing.Usage) error {
	b[plan] = u
	return nil
}

type ender []bool

func (e *ender) EndSubscriptions(_ context.Context, _ uuid.UUID, atOnce bool) error {
	*e = append(*e, atOnce)
	return nil
}

func TestNobodyPaysForWhatIsDeleted(t *testing.T) {
	t.Parallel()
	got := &ender{}
	r := payments.NewDeletedOrganizations(got).Reactor()
	for _, p := range []events.Event{events.OrganizationDeletionRequested{}, events.OrganizationDeleted{}} {
		data, err := es.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Handle(t.Context(), &es.Event{ID: uuid.New(), Org: uuid.New(), Type: p.EventType(), Data: data}); err != nil || !r.Wants(p.EventType()) {
			t.Fatal(err)
		}
	}
	if !slices.Equal(*got, []bool{false, true}) {
		t.Errorf("%v", *got)
	}
}

func TestExtraLeadsAreBilled(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
	p := events.ExtraLeadsCounted{Plan: "growth", From: from, To: from.AddDate(0, 0, 28), Included: 2500, Extra: 7}
	data, err := es.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	e := &es.Event{ID: uuid.New(), Org: uuid.New(), Type: p.EventType(), Data: data}
	got := biller{}
	r := payments.NewExtraLeads(got).Reactor()
	if _, err := r.Handle(t.Context(), e); err != nil || !r.Wants(e.Type) {
		t.Fatal(err)
	}
	if want := (billing.Usage{From: p.From, To: p.To, Included: 2500, Extra: 7}); got["growth"] != want {
		t.Errorf("%+v", got)
	}
	if _, err := payments.NewExtraLeads(nil).Reactor().Handle(t.Context(), e); err != nil {
		t.Errorf("where nothing is sold: %v", err)
	}
}
