package asof

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/es/project/chtest"
	"outrider/projections/analytics"
)

// A process that is asked for the first time begins with a state that an earlier one has kept, and only where it is of the same history.
func TestAStateOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	engine := chtest.Share(t)
	ctx := t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(analytics.Migrate(ctx, engine.Conn))
	bucket, err := blob.Open(ctx, t.TempDir())
	check(err)
	defer bucket.Close()
	began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	org, campaign := uuid.New(), uuid.New()
	all := story(org, campaign, uuid.New(), 1000, began)
	write := func(events []*es.Event) {
		t.Helper()
		table := analytics.Events()
		b, err := engine.Conn.PrepareBatch(ctx, "INSERT INTO "+table.Into)
		check(err)
		for _, e := range events {
			check(table.Append(b, e))
		}
		check(b.Send())
	}
	var said bytes.Buffer
	process := func() *Live {
		t.Helper()
		states, err := NewLiveStates(bucket, slog.New(slog.NewTextHandler(&said, nil)))
		check(err)
		states.every = 500
		l, err := NewLive(analytics.History{Conn: engine.Conn}, states)
		check(err)
		return l
	}
	ask := func(l *Live) (enrolled int, oseq int64, err error) {
		oseq, err = l.Show(ctx, org, func(o *aggregates.Organization, _ time.Time) { enrolled = o.Campaigns[campaign].Enrolled() })
		return enrolled, oseq, err
	}
	write(all[:800])
	first := process()
	enrolled, oseq, err := ask(first)
	if err != nil || oseq != 800 {
		t.Fatalf("asked at first: event %d, %v", oseq, err)
	}
	name := ""
	for late := time.Now().Add(time.Minute); name == ""; {
		objects, err := bucket.List(ctx, LiveFolder(org))
		check(err)
		if len(objects) == 1 && !strings.HasSuffix(objects[0].Name, ".tmp") {
			name = objects[0].Name
		}
		if time.Now().After(late) {
			t.Fatal("the state isn't kept")
		}
		time.Sleep(10 * time.Millisecond)
	}
	content := read(t, bucket, name)

	// Whoever needs the begin of the history fails from now on.
	check(engine.Conn.Exec(ctx, `ALTER TABLE events DELETE WHERE org = ? AND oseq < 100 SETTINGS mutations_sync = 1`, org))
	write(all[800:900])
	if again, oseq, err := ask(process()); err != nil || oseq != 900 || again <= enrolled {
		t.Errorf("by what was kept: event %d, %d enrolled, %v", oseq, again, err)
	}
	if same, _, err := ask(first); err != nil {
		t.Errorf("who kept it: %v", err)
	} else if again, _, err := ask(process()); again != same || err != nil {
		t.Errorf("it says %d, and who kept it says %d (%v)", again, same, err)
	}

	// A process that finds none begins with the organisation in the snapshot of its partition, where much has come since.
	elsewhere, err := blob.Open(ctx, t.TempDir())
	check(err)
	defer elsewhere.Close()
	inSnapshot := func(oseq int, far int64) *Live {
		t.Helper()
		states, err := NewLiveStates(elsewhere, slog.New(slog.NewTextHandler(&said, nil)))
		check(err)
		s := newLiveState(commands.Domain(), org)
		for _, e := range all[:oseq] {
			x := *e
			x.Payload, err = commands.Domain().Decode(x.Type, x.Data)
			check(err)
			check(s.verifier.Follow(&x))
			s.state.Apply(&x)
		}
		states.far, states.Partitions = far, func(context.Context, uuid.UUID) (es.State, es.ChainVerifier, error) { return s.state, s.verifier, nil }
		l, err := NewLive(analytics.History{Conn: engine.Conn}, states)
		check(err)
		return l
	}
	if again, oseq, err := ask(inSnapshot(400, 500)); err != nil || oseq != 900 || again <= enrolled {
		t.Errorf("by a snapshot: event %d, %d enrolled, %v", oseq, again, err)
	}
	if _, _, err := ask(inSnapshot(400, 1000)); !errors.Is(err, ErrBehind) {
		t.Errorf("a snapshot is read for a short history: %v", err)
	}

	replace := func(content []byte) {
		t.Helper()
		check(bucket.Delete(ctx, name))
		check(bucket.WriteOnce(ctx, name, func(w io.Writer) error {
			_, err := w.Write(content)
			return err
		}))
	}
	spoiled := bytes.Clone(content)
	spoiled[len(spoiled)/2] ^= 1
	for what, b := range map[string][]byte{"another byte": spoiled, "a piece": content[:len(content)/2], "nothing": nil} {
		replace(b)
		if _, _, err := ask(process()); !errors.Is(err, ErrBehind) {
			t.Errorf("a state with %s is used: %v", what, err)
		}
	}
	replace(content)
	if _, _, err := ask(process()); err != nil {
		t.Errorf("as it was: %v", err)
	}
	check(engine.Conn.Exec(ctx, `ALTER TABLE events UPDATE chain = reverse(chain) WHERE org = ? AND oseq = 800 SETTINGS mutations_sync = 1`, org))
	if _, _, err := ask(process()); !errors.Is(err, ErrBehind) {
		t.Errorf("a state of another history is used: %v", err)
	}
	if !bytes.Contains(said.Bytes(), []byte("another history")) || !bytes.Contains(said.Bytes(), []byte("passed over")) {
		t.Errorf("it was said: %s", said.String())
	}
}

func read(t *testing.T, b *blob.Bucket, name string) []byte {
	t.Helper()
	r, err := b.Read(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
