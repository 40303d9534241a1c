package processor_test

import (
	"testing"

	"outrider/internal/es"
	"outrider/internal/lab/storm"
)

func TestALogThatLosesItsEndIsReadAnewAndSaidSo(t *testing.T) {
	w := setup(t, 1)
	s := w.serve(nil)
	g := w.gateway()
	org := es.NewID()
	for range 4 {
		w.submit(g, storm.TakeSeat(org))
	}
	w.remake(w.log.Events())
	s.says("the log has lost its end; what stood there no longer counts")
	if a := w.submit(g, storm.TakeSeat(org)); a.Code != storm.SoldOut { // commands are all there, so all is decided again
		t.Fatalf("%+v", a)
	}
	if events, _ := w.counted(0); len(events) != 8 {
		t.Fatalf("%d events", len(events))
	}
}

func TestCommandsMadeAnewUnderARunningProcessor(t *testing.T) {
	w := setup(t, 1)
	w.serve(nil)
	g := w.gateway()
	org := es.NewID()
	c := storm.TakeSeat(org)
	a := w.submit(g, c)
	w.submit(g, storm.TakeSeat(org))
	w.remake(w.log.Commands())
	if b := w.submit(g, c); b.Pseq != a.Pseq {
		t.Fatalf("%+v, first %+v", b, a)
	}
	if b := w.submit(g, storm.TakeSeat(org)); b.Oseq != 6 {
		t.Fatalf("%+v", b)
	}
}
