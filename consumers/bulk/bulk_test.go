package bulk

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/lab/reactortest"
	"outrider/internal/pii"
	"outrider/projections"
)

// vault has no hasher: what is suppressed is tried with the whole program.
type vault struct{ reactortest.Ring }

func (vault) Hasher(context.Context, uuid.UUID) (*pii.Hasher, error) {
	return nil, errors.New("there is none")
}

// many is an operation on leads that all have a tag already or lack it.
type many struct {
	*Bulk
	*reactortest.Boundary
	asked *es.Event
	leads projections.Set[projections.Lead]
	job   events.BulkRequested
}

func setupMany(t *testing.T, action string, n int) *many {
	t.Helper()
	m := &many{Boundary: &reactortest.Boundary{}, leads: projections.Set[projections.Lead]{}, job: events.BulkRequested{BulkRef: events.BulkRef{BulkID: es.NewID()}, Action: action, Tags: []string{"spring"}}}
	for range n {
		id := es.NewID()
		m.job.LeadIDs = append(m.job.LeadIDs, id)
		m.leads[id] = &projections.Lead{LeadID: id}
	}
	var err error
	if m.Bulk, err = New(Config{Commands: m.Boundary, Vault: vault{}, Now: reactortest.Noon,
		Leads: func(_ context.Context, _ uuid.UUID, ids []uuid.UUID) (projections.Set[projections.Lead], error) {
			return m.leads, nil
		}, Removed: func(_ context.Context, _ uuid.UUID, ids []uuid.UUID, through int64) (items []commands.LeadItem, lost []events.RefusedLead, err error) {
			for i, id := range ids { // every second one can be brought back
				if i%2 == 0 {
					items = append(items, commands.LeadItem{LeadID: id, Row: int(through)})
				} else {
					lost = append(lost, events.RefusedLead{LeadID: id, Code: "not_found"})
				}
			}
			return items, lost, nil
		}}); err != nil {
		t.Fatal(err)
	}
	m.asked = reactortest.Fact(t, es.NewID(), m.job)
	return m
}

func TestRemovedLeadsAreBroughtBackInChunks(t *testing.T) {
	t.Parallel()
	m := setupMany(t, events.BulkRestore, 700)
	if _, err := m.handleBulk(context.Background(), m.asked); err != nil {
		t.Fatal(err)
	}
	done := reactortest.Of[commands.RestoreBulkChunk](t, m.Boundary)
	if len(done) != 2 || done[0].Chunk != 1 || len(done[0].Leads) != 250 || len(done[0].Rejected) != 250 || done[1].Chunk != 2 || len(done[1].Leads) != 100 || done[1].Leads[0].LeadID != m.job.LeadIDs[500] || done[1].Leads[0].Row != int(m.asked.Oseq) {
		t.Errorf("got %d chunks: %+v", len(done), done)
	}
}

func TestAnOperationIsDoneInChunksEachOnce(t *testing.T) {
	t.Parallel()
	m := setupMany(t, events.BulkRemove, 1_200)
	ctx, down := context.Background(), errors.New("down")
	m.Fail = func(c *es.Command) error { // the second is decided on, but its answer is lost
		if len(m.Submitted) == 2 && c.ID != m.Submitted[1].ID {
			return down
		}
		return nil
	}
	if _, err := m.handleBulk(ctx, m.asked); !errors.Is(err, down) {
		t.Fatalf("got %v, want that it broke off", err)
	}
	m.Fail = nil
	for range 2 { // begun anew, and once more
		if _, err := m.handleBulk(ctx, m.asked); err != nil {
			t.Fatal(err)
		}
	}
	var got []uuid.UUID
	for i, c := range reactortest.Of[commands.RecordBulkChunk](t, m.Boundary) {
		if c.Chunk != i+1 || len(c.LeadIDs) > commands.MaxItems {
			t.Errorf("chunk %d of %d leads came as number %d", c.Chunk, len(c.LeadIDs), i+1)
		}
		got = append(got, c.LeadIDs...)
	}
	if !slices.Equal(got, m.job.LeadIDs) {
		t.Errorf("%d leads were handled, want each of %d once and in order", len(got), len(m.job.LeadIDs))
	}
}

func TestAnOperationIsNoFasterThanTheReadModel(t *testing.T) {
	t.Parallel()
	m, down := setupMany(t, events.BulkRemove, 1_200), errors.New("the read model stands still")
	m.Decide = func(c *es.Command) es.Answer {
		return es.Answer{CommandID: c.ID, Outcome: es.Accepted, Pseq: int64(500 * len(m.Submitted))}
	}
	m.Await = func(_ context.Context, e *es.Event, _ ...string) error {
		if e.Pseq >= 500 { // it has come as far as the first chunk, and not to the second
			return down
		}
		return nil
	}
	if _, err := m.handleBulk(context.Background(), m.asked); !errors.Is(err, down) || len(m.Submitted) != 2 {
		t.Errorf("%d chunks are sent, then %v; want 2", len(m.Submitted), err)
	}
}

func TestTagsThatAreAsTheyShallBe(t *testing.T) {
	t.Parallel()
	full := make([]string, projections.MaxTags)
	for i := range full {
		full[i] = string(rune('a' + i))
	}
	for action, want := range map[string]struct {
		asked     []int
		unchanged int
		rejected  []string
	}{
		events.BulkTag:   {[]int{0}, 1, []string{"too_many_tags", "not_found"}},
		events.BulkUntag: {[]int{1}, 2, []string{"not_found"}},
	} {
		m := setupMany(t, action, 4)
		for i, tags := range [][]string{{"vip"}, {"vip", "spring"}, full} {
			m.leads[m.job.LeadIDs[i]].Tags = tags
		}
		delete(m.leads, m.job.LeadIDs[3])
		if _, err := m.handleBulk(context.Background(), m.asked); err != nil {
			t.Fatal(err)
		}
		c := reactortest.Of[commands.RecordBulkChunk](t, m.Boundary)[0]
		var codes []string
		for _, r := range c.Rejected {
			codes = append(codes, r.Code)
		}
		if len(c.LeadIDs) != 1 || c.LeadIDs[0] != m.job.LeadIDs[want.asked[0]] || c.Unchanged != want.unchanged || !slices.Equal(codes, want.rejected) {
			t.Errorf("%s: got %v, %d unchanged, %v", action, c.LeadIDs, c.Unchanged, codes)
		}
	}
}

func TestAChunkThatIsRefused(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]error{commands.CodeOrganizationDeleted: nil, commands.CodeInvalid: react.ErrPermanent} {
		m := setupMany(t, events.BulkRemove, 600)
		m.Decide = func(c *es.Command) es.Answer { return es.Answer{CommandID: c.ID, Outcome: es.Refused, Code: code} }
		if _, err := m.handleBulk(context.Background(), m.asked); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", code, err, want)
		}
		if len(m.Submitted) != 1 {
			t.Errorf("%s: %d chunks, want none behind the refused one", code, len(m.Submitted))
		}
	}
}

func TestMissingParts(t *testing.T) {
	t.Parallel()
	if _, err := New(Config{}); err == nil {
		t.Error("a reactor without anything was made")
	}
}
