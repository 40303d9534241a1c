package hostile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
	"outrider/internal/retry"
)

// logAttacks are those of who reaches Kafka, and of an operator whose clock is wrong.
func logAttacks() []attack {
	return []attack{
		{name: "forged commands", run: forgeCommands, check: func(ctx context.Context, a *arena, _ map[string]int) (wrong []string) {
			var org struct{ Plan string }
			if _, err := a.caller.Ask(ctx, "read organisation", http.MethodGet, "/v1/organizations/"+a.tenant.ID.String(), nil, &org); err != nil {
				return []string{err.Error()}
			}
			if org.Plan != "enterprise" {
				wrong = append(wrong, "a forged command changed the plan to "+org.Plan)
			}
			return wrong
		}},
		{name: "records that are none", run: produceGarbage},
		{name: "clocks a day ahead", run: sendFromTomorrow},
	}
}

// produce writes what records gives, again and again, past the product.
func (a *arena) produce(ctx context.Context, seen *tally, records func() []*kgo.Record) error {
	log := a.world.Log()
	cl, err := log.Open(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return err
	}
	defer cl.Close()
	for ctx.Err() == nil {
		for _, r := range records() {
			if err := cl.ProduceSync(ctx, r).FirstErr(); err != nil && ctx.Err() == nil {
				seen.add("not taken by the broker", 1)
			} else {
				seen.add("produced", 1)
			}
		}
		_ = retry.Sleep(ctx, 20*time.Millisecond)
	}
	return nil
}

// forgeCommands writes commands as a client would that has our code and reaches Kafka, but not the installation's keys.
func forgeCommands(ctx context.Context, a *arena, seen *tally) error {
	log := a.world.Log()
	data, err := es.Marshal(commands.ChangePlan{Plan: "starter", Limits: events.Limits{LeadsPerMonth: events.NoLimit, Mailboxes: events.NoLimit, Seats: events.NoLimit, APIRequestsPerMinute: events.NoLimit, AIBudgetMicros: events.NoLimit}})
	if err != nil {
		return fmt.Errorf("forge a command: %w", err)
	}
	return a.produce(ctx, seen, func() []*kgo.Record {
		id := es.NewID()
		p := es.PartitionOf(a.tenant.ID, log.Partitions)
		r := es.CommandRecord(p, &es.Command{ID: id, Type: commands.ChangePlan{}.CommandType(), Org: a.tenant.ID, Time: time.Now().UTC().Truncate(time.Microsecond),
			Actor: es.Actor{Kind: es.ActorOperator, ID: "forged"}, CorrelationID: id, CausationID: id, ReplyTo: -1, Data: data})
		r.Topic = log.Commands()
		return []*kgo.Record{r}
	})
}

// produceGarbage writes what no program of ours writes, into all topics.
func produceGarbage(ctx context.Context, a *arena, seen *tally) error {
	log := a.world.Log()
	return a.produce(ctx, seen, func() (out []*kgo.Record) {
		for _, topic := range []string{log.Commands(), log.Events(), log.ReplyTopic()} {
			for _, value := range [][]byte{nil, []byte("x"), []byte("{}"), bytes.Repeat([]byte("["), 100_000), bytes.Repeat([]byte{0xff}, 500_000)} {
				out = append(out, &kgo.Record{Topic: topic, Partition: 0, Key: []byte(uuid.NewString()), Value: value,
					Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte("message.sent.v1")}, {Key: "ce_id", Value: value[:min(len(value), 100)]}}})
			}
		}
		return out
	})
}

// sendFromTomorrow sends commands by our own gateway on a machine whose clock is a day ahead.
func sendFromTomorrow(ctx context.Context, a *arena, seen *tally) error {
	tomorrow := func() time.Time { return time.Now().Add(24 * time.Hour) }
	keys, err := a.world.CommandKeys()
	if err != nil {
		return err
	}
	g, err := gateway.Open(ctx, gateway.Config{Log: a.world.Log(), Keys: keys, Now: tomorrow})
	if err != nil {
		return err
	}
	defer g.Close()
	for ctx.Err() == nil {
		id := es.NewID()
		cause := reaction.Cause{Org: a.tenant.ID, Correlation: id, Causation: id, Actor: es.Actor{Kind: es.ActorOperator, ID: "tomorrow"}}
		ask := commands.CreateCampaign{CampaignRef: events.CampaignRef{CampaignID: es.NewID()}, Name: "Tomorrow", CampaignType: "cold_outreach", Approval: "none", CreatedBy: "platform:tomorrow"}
		answer, err := reaction.Submit(ctx, g, cause, id, tomorrow(), ask)
		switch {
		case errors.Is(err, gateway.ErrPending):
			seen.add("no answer", 1)
		case err != nil:
			seen.add("not sent", 1)
		default:
			seen.add(fmt.Sprint("answered as ", answer.Outcome), 1)
		}
		_ = retry.Sleep(ctx, 100*time.Millisecond)
	}
	return nil
}

// countEvents counts those of an organisation.
func countEvents(ctx context.Context, log kafka.Log, org uuid.UUID) (n int, err error) {
	p := es.PartitionOf(org, log.Partitions)
	_, _, err = reader.Scan(ctx, log, reader.Config{Partition: p, From: es.StartCheckpoint()}, 0, func(_ context.Context, b reader.Batch) error {
		for _, e := range b.Events {
			if e.Org == org {
				n++
			}
		}
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("count events: %w", err)
	}
	return n, nil
}
