package reconcile

import (
	"context"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/reader"
)

// item is a thing of an organisation that is compared.
type item struct{ org, id uuid.UUID }

// state is what the log says about the things of one family on one partition.
type state struct {
	of      map[item]string
	counted tallies // things that never change are counted and not kept
	also    any     // what else the family needs
}

func (s *state) setState(org, id uuid.UUID, is string) { s.of[item{org, id}] = is }

// changeState moves a thing to another state.
func (s *state) changeState(org, id uuid.UUID, is string) {
	if _, ok := s.of[item{org, id}]; ok {
		s.of[item{org, id}] = is
	}
}

func (s *state) dropItem(org, id uuid.UUID) { delete(s.of, item{org, id}) }

func (s *state) countAll() tallies {
	for x, is := range s.of {
		s.counted.addTally(x.org, is, 1, hashOf(x.id.String(), is))
	}
	if m, ok := s.also.(*outcomesOf); ok {
		m.countOutcomes(s.counted)
	}
	return s.counted
}

// foldPartition reads a partition as far as its projections have come; each family ends at the position of its own projection.
func (j Job) foldPartition(ctx context.Context, partition int32, shown *stores) (map[string]tallies, error) {
	all := allFamilies()
	states := make([]*state, len(all))
	end := es.StartCheckpoint()
	for i, f := range all {
		states[i] = &state{of: map[item]string{}, counted: tallies{}}
		if f.begin != nil {
			states[i].also = f.begin()
		}
		if c := shown.positions[f.projection][partition]; c.Pseq > end.Pseq {
			end = c
		}
	}
	out := map[string]tallies{}
	var deleted []uuid.UUID // whose rows are gone
	if end.Pseq > 0 {
		cfg := reader.Config{Partition: partition, From: es.StartCheckpoint(), Decode: j.Decode}
		err := j.Scan(ctx, cfg, end.Offset, func(_ context.Context, b reader.Batch) error {
			first := 0
			for i, e := range b.Events {
				if _, ok := e.Payload.(events.OrganizationDeleted); ok {
					deleted = append(deleted, e.Org)
				}
				if !e.Last {
					continue
				}
				for n, f := range all {
					if (j.Only == uuid.Nil || e.Org == j.Only) && e.Pseq <= shown.positions[f.projection][partition].Pseq {
						f.see(states[n], b.Events[first:i+1])
					}
				}
				first = i + 1
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for i, f := range all {
		out[f.name] = states[i].countAll()
		for _, org := range deleted {
			if f.store == inPostgres {
				delete(out[f.name], org)
			}
		}
	}
	return out, nil
}
