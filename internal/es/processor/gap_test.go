package processor_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/lab/storm"
)

// transact leaves a record and, after it, a marker that most clients hide.
func (w *world) transact(topic string) {
	w.t.Helper()
	cl, err := w.log.Open(kgo.TransactionalID("foreign-" + topic))
	commandCheck(w.t, err)
	defer cl.Close()
	commandCheck(w.t, cl.BeginTransaction())
	commandCheck(w.t, cl.ProduceSync(w.ctx, &kgo.Record{Topic: topic, Value: []byte("junk")}).FirstErr())
	commandCheck(w.t, cl.EndTransaction(w.ctx, kgo.TryCommit))
}

func TestHiddenRecordsOfAForeignTransactionStopNothing(t *testing.T) {
	w := setup(t, 1)
	s := w.serve(nil)
	g := w.gateway()
	org := es.NewID()
	w.submit(g, storm.TakeSeat(org))
	w.transact(w.log.Events())
	w.transact(w.log.Commands())
	w.submit(g, storm.TakeSeat(org))
	w.transact(w.log.Events()) // the last record now
	w.transact(w.log.Commands())
	s.stop()
	w.serve(nil).owns(0, 2)
	if a := w.submit(g, storm.TakeSeat(org)); a.Oseq != 6 {
		t.Fatalf("%+v", a)
	}
}
