package projections_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// A message's row is written once for a batch, whatever happens to it there, and its steps on the way out leave the indexes alone.
func TestAMessageIsWrittenOnceForABatch(t *testing.T) {
	t.Parallel()
	o := newOutreach(t, setup(t))
	slot := at(1000)
	steps := func(n int) []es.Payload {
		return []es.Payload{events.MessageApproved{MessageRef: o.ref(n)}, events.MessageScheduled{MessageRef: o.ref(n), MailboxID: o.mailbox, At: slot},
			events.MessageClaimed{MessageRef: o.ref(n), MailboxID: o.mailbox, ClaimedAt: slot, LeaseUntil: at(1100)}, o.sent(n, at(1001))}
	}
	type writes struct{ Inserts, Updates, InPlace int64 }
	apply := func(batch []*es.Event) (w writes) {
		t.Helper()
		err := pgx.BeginFunc(t.Context(), o.f.Pools.Projector, func(tx pgx.Tx) error {
			count := func() (w writes, err error) { // also of earlier transactions of the connection
				err = tx.QueryRow(t.Context(), `select n_tup_ins, n_tup_upd, n_tup_hot_upd from pg_stat_xact_user_tables where schemaname = 'read' and relname = 'messages'`).
					Scan(&w.Inserts, &w.Updates, &w.InPlace)
				return w, err
			}
			before, err := count()
			if err != nil {
				return err
			}
			for _, p := range projections.All(o.f.vault) {
				if p.Name != "messages" {
					continue
				}
				if err := p.Handle(t.Context(), tx, batch); err != nil {
					return err
				}
			}
			w, err = count()
			w = writes{w.Inserts - before.Inserts, w.Updates - before.Updates, w.InPlace - before.InPlace}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	if w := apply(o.add(o.org, append([]es.Payload{o.requested(0), o.drafted(0, 1, "Hello", "Dear you")}, steps(0)...)...)); w.Inserts != 1 || w.Updates != 0 {
		t.Errorf("all in one batch: %+v", w)
	}
	apply(o.add(o.org, o.requested(1), o.drafted(1, 1, "Hello", "Dear you"), steps(1)[0]))
	if w := apply(o.add(o.org, steps(1)[1:3]...)); w != (writes{Updates: 1, InPlace: 1}) {
		t.Errorf("a slot and a claim: %+v", w)
	}
	if w := apply(o.add(o.org, steps(1)[3])); w != (writes{Updates: 1}) {
		t.Errorf("a result: %+v", w)
	}
}
