package reader_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/reader"
)

func TestCommandsAreFoundWhereTheyStand(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	cl, err := log.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	var ids []uuid.UUID
	var rs []*kgo.Record
	for range 2000 {
		c := &es.Command{ID: es.NewID(), Type: "note.add.v1", Org: logtest.Org(0, 1), Time: logtest.Start(), Actor: es.Actor{Kind: es.ActorPerson, ID: "p"}, ReplyTo: -1, Data: []byte("{}")}
		r := es.CommandRecord(0, c)
		r.Topic = log.Commands()
		ids, rs = append(ids, c.ID), append(rs, r)
	}
	if err := cl.ProduceSync(t.Context(), rs...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	want := []int64{1999, 3, 3, 4, 1200, 0}
	found, err := reader.CommandsAt(t.Context(), log, 0, append(want, -1, 2000, 5_000_000)) // which aren't there
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range want {
		if c := found[o]; c == nil || c.ID != ids[o] || c.Type != "note.add.v1" {
			t.Errorf("at offset %d: got %+v, want %s", o, c, ids[o])
		}
	}
	if len(found) != 5 {
		t.Errorf("got %d commands, want 5", len(found))
	}
	if none, err := reader.CommandsAt(t.Context(), log, 0, nil); err != nil || len(none) != 0 {
		t.Errorf("asked for none: got %v, %v", none, err)
	}
}
