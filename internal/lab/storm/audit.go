package storm

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// Result of a storm: what happened, and what the audit found. The faults must all be zero.
type Result struct {
	Kills, BrokerKills, Freezes, Stops int

	Answers, Accepted, Refused, Repeats int
	Rate                                float64 // answers a second
	P50, P99                            time.Duration
	Silence                             time.Duration // longest time without any answer

	Records, Events, Commands, Voids, Epochs int64 // of the log
	FromSnapshot                             int   // owners that began from one

	Lost      int // answered, but not in the log, or otherwise there
	Twice     int // commands that count more than once
	OverQuota int // organisations with more accepted commands than the quota
	Ghosts    int // answered as refused, accepted in the log
	Disorder  int // events that don't follow from the ones before
	Broken    int // links of a chain
	NonLinear int // commands that took effect in another order than clients could see
	Stuck     int // never answered
	Examples  []string
}

// Faults lists what is wrong; nil when nothing is.
func (r Result) Faults() (out []string) {
	for _, f := range []struct {
		n    int
		what string
	}{{r.Lost, "lost"}, {r.Twice, "twice"}, {r.OverQuota, "over quota"}, {r.Ghosts, "ghost refusals"}, {r.Disorder, "out of order"},
		{r.Broken, "broken links"}, {r.NonLinear, "not linearizable"}, {r.Stuck, "stuck"}} {
		if f.n > 0 {
			out = append(out, fmt.Sprintf("%d %s", f.n, f.what))
		}
	}
	return out
}

func (r Result) String() string {
	ms := func(d time.Duration) float64 { return math.Round(float64(d.Microseconds())/10) / 100 }
	return fmt.Sprintf("kills %d, broker kills %d, freezes %d, clean stops %d | answers %d (%.0f/s), accepted %d, refused %d, repeats %d, p50 %v ms, p99 %v ms, longest silence %v | log: records %d, events %d, commands %d, void %d, epochs %d, owners from a snapshot %d | lost %d, twice %d, over quota %d, ghosts %d, disorder %d, broken %d, nonlinear %d, stuck %d",
		r.Kills, r.BrokerKills, r.Freezes, r.Stops, r.Answers, r.Rate, r.Accepted, r.Refused, r.Repeats, ms(r.P50), ms(r.P99), r.Silence.Round(time.Millisecond),
		r.Records, r.Events, r.Commands, r.Voids, r.Epochs, r.FromSnapshot, r.Lost, r.Twice, r.OverQuota, r.Ghosts, r.Disorder, r.Broken, r.NonLinear, r.Stuck)
}

func (r *Result) addFinding(counter *int, format string, a ...any) {
	if *counter++; *counter <= 5 {
		r.Examples = append(r.Examples, fmt.Sprintf(format, a...))
	}
}

// decision is what the log says of a command.
type decision struct {
	outcome    es.Outcome
	pseq, oseq int64
}

// history is what the log says of an organisation.
type history struct {
	oseq  int64
	taken int
	chain es.ChainHash
	ids   []uuid.UUID // in order
}

// auditLog reads the whole log by the rule and compares it with itself and with what the clients were told.
func (s *storm) auditLog(ctx context.Context, c *clients) error {
	r := &s.res
	commands, orgs := map[uuid.UUID]decision{}, map[uuid.UUID]*history{}
	for p := range s.log.Partitions {
		if err := s.auditPartition(ctx, p, commands, orgs); err != nil {
			return err
		}
	}
	for org, h := range orgs {
		if h.taken > s.cfg.Quota {
			r.addFinding(&r.OverQuota, "organisation %s has %d of %d", org, h.taken, s.cfg.Quota)
		}
	}
	calls := map[uuid.UUID]op{}
	for _, o := range c.ops {
		calls[o.id] = o
		d, ok := commands[o.id]
		switch {
		case !o.answered:
		case !ok:
			r.addFinding(&r.Lost, "command %s was answered with %s; the log doesn't have it", o.id, o.answer.Outcome)
		case o.answer.Outcome == es.Refused && d.outcome == es.Accepted:
			r.addFinding(&r.Ghosts, "command %s was answered with a refusal; the log accepts it", o.id)
		case o.answer.Outcome != d.outcome || o.answer.Pseq != d.pseq || o.answer.Oseq != d.oseq:
			r.addFinding(&r.Lost, "command %s was answered with %s at pseq %d; the log says %s at %d", o.id, o.answer.Outcome, o.answer.Pseq, d.outcome, d.pseq)
		}
	}
	for _, h := range orgs {
		r.checkLinearizable(h, calls)
	}
	return nil
}

// checkLinearizable: who was answered before another one was sent comes before it in the log. That is what linearizability of an
// organisation comes to when the log already is a legal sequential history, which the rest of the audit establishes.
func (r *Result) checkLinearizable(h *history, calls map[uuid.UUID]op) {
	var latest time.Duration // call of what comes earlier in the log
	for _, id := range h.ids {
		o, ok := calls[id]
		if !ok {
			continue
		}
		if o.answered && o.ret < latest {
			r.addFinding(&r.NonLinear, "command %s was answered at %v, but took effect after one that was sent at %v", id, o.ret, latest)
		}
		latest = max(latest, o.call)
	}
}

func (s *storm) auditPartition(ctx context.Context, p int32, commands map[uuid.UUID]decision, orgs map[uuid.UUID]*history) error {
	topic := s.log.Events()
	cl, err := s.log.Open(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {p: kgo.NewOffset().At(0)}}))
	if err != nil {
		return err
	}
	defer cl.Close()
	ends, err := kadm.NewClient(cl).ListEndOffsets(ctx, topic)
	if err != nil {
		return fmt.Errorf("audit partition %d: %w", p, err)
	}
	end, _ := ends.Lookup(topic, p)
	var gate es.Gate
	for gate.Next < end.Offset {
		fs := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("audit partition %d: %w", p, ctx.Err())
		}
		for _, rec := range fs.Records() {
			s.res.Records++
			_, _, events, err := gate.See(rec)
			if err != nil {
				return fmt.Errorf("audit partition %d: %w", p, err)
			}
			if events != nil {
				s.auditCommand(p, events, commands, orgs)
			}
		}
	}
	s.res.Voids += gate.Rule.Voids
	s.res.Epochs += gate.Rule.Epoch
	return nil
}

func (s *storm) auditCommand(p int32, events []*es.Event, commands map[uuid.UUID]decision, orgs map[uuid.UUID]*history) {
	r := &s.res
	first, last := events[0], events[len(events)-1]
	r.Events += int64(len(events))
	h := orgs[first.Org]
	if h == nil {
		h = &history{}
		orgs[first.Org] = h
	}
	types := make([]string, len(events))
	for i, e := range events {
		types[i] = e.Type
		if e.Oseq != h.oseq+1 || e.Org != first.Org || es.PartitionOf(e.Org, s.log.Partitions) != p {
			r.addFinding(&r.Disorder, "event %s of organisation %s has oseq %d after %d", e.ID, e.Org, e.Oseq, h.oseq)
		}
		h.oseq = e.Oseq
		if chain, _ := es.Link(h.chain, e, nil); chain != e.Chain {
			r.addFinding(&r.Broken, "chain of event %s", e.ID)
		}
		h.chain = e.Chain
		pl, err := decodeCommand(e.Type, e.Data)
		if err != nil {
			r.addFinding(&r.Disorder, "event %s: %v", e.ID, err)
		}
		e.Payload = pl
	}
	a, err := es.AnswerOf(events)
	if err != nil {
		r.addFinding(&r.Disorder, "command %s: %v", last.CommandID, err)
	}
	legal := false
	switch a.Outcome {
	case es.Accepted:
		h.taken++
		legal = slices.Equal(types, []string{SeatTaken{}.EventType(), SeatPrinted{}.EventType()}) && first.Payload == SeatTaken{h.taken} && last.Payload == SeatPrinted{h.taken}
	case es.Refused:
		legal = len(events) == 1 && a.Code == SoldOut && h.taken >= s.cfg.Quota
	}
	if !legal {
		r.addFinding(&r.Disorder, "command %s left %v when %d seats were taken", last.CommandID, types, h.taken)
	}
	if _, ok := commands[last.CommandID]; ok {
		r.addFinding(&r.Twice, "command %s counts again at pseq %d", last.CommandID, last.Pseq)
	} else {
		r.Commands++
		commands[last.CommandID] = decision{a.Outcome, last.Pseq, last.Oseq}
		h.ids = append(h.ids, last.CommandID)
	}
}
