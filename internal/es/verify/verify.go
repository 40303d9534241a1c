// Package verify checks a log: numbers, ids and every organisation's hash chain, recomputed from the content.
package verify

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"time"

	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

// Summary is what a verification counted.
type Summary struct {
	Partitions    int     `json:"partitions"`
	Records       int64   `json:"records"`
	Commands      int64   `json:"commands"`
	Events        int64   `json:"events"`
	Organizations int     `json:"organizations"`
	Voids         int64   `json:"voids"`
	Malformed     int64   `json:"malformed"`
	Seconds       float64 `json:"seconds"`
	Rate          float64 `json:"rate"` // events a second
	Bad           string  `json:"bad,omitempty"`

	Thousands []time.Duration // how long each thousand events of a partition took
}

// Log reads every partition from its start to where it ends now. The error joins the first fault of each partition.
func Log(ctx context.Context, log kafka.Log) (Summary, error) {
	return LogDecoded(ctx, log, nil)
}

// LogDecoded also decodes every event when it has a decoder.
func LogDecoded(ctx context.Context, log kafka.Log, decode es.Decoder) (Summary, error) {
	began := time.Now()
	v := Summary{Partitions: int(log.Partitions)}
	var mu sync.Mutex
	faults := make([]error, log.Partitions)
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for p := range log.Partitions {
		g.Go(func() error {
			a := auditor{partition: p, partitions: log.Partitions, orgs: map[uuid.UUID]*auditedChain{}}
			_, sum, err := reader.Scan(ctx, log, reader.Config{Partition: p, From: es.StartCheckpoint(), Decode: decode}, 0,
				func(_ context.Context, b reader.Batch) error { return a.checkEvents(b.Events) })
			mu.Lock()
			defer mu.Unlock()
			v.Thousands = append(v.Thousands, a.thousands...)
			faults[p] = err
			v.Records += sum.Records
			v.Voids += sum.Voids
			v.Malformed += sum.Malformed
			v.Commands += a.commands
			v.Events += a.pseq
			v.Organizations += len(a.orgs)
			return nil
		})
	}
	_ = g.Wait() // the errors are in faults
	v.Seconds = time.Since(began).Seconds()
	v.Rate = float64(v.Events) / max(v.Seconds, 1e-9)
	return v, errors.Join(faults...)
}

// auditor checks the events of one partition, in order.
type auditor struct {
	partition, partitions int32
	pseq                  int64
	commands              int64
	orgs                  map[uuid.UUID]*auditedChain
	command               uuid.UUID // the unfinished one
	index                 int       // of the next event in it
	since                 time.Time // when the present thousand began
	thousands             []time.Duration
	scratch               []byte
}

type auditedChain struct {
	oseq  int64
	chain es.ChainHash
}

func (a *auditor) checkEvents(events []*es.Event) error {
	if a.since.IsZero() {
		a.since = time.Now()
	}
	for _, e := range events {
		if err := a.checkEvent(e); err != nil {
			return fmt.Errorf("partition %d, offset %d, pseq %d (%s): %w", e.Partition, e.Offset, e.Pseq, e.Type, err)
		}
	}
	return nil
}

func (a *auditor) checkEvent(e *es.Event) error {
	if e.Pseq != a.pseq+1 {
		return fmt.Errorf("follows pseq %d", a.pseq)
	}
	if p := es.PartitionOf(e.Org, a.partitions); p != a.partition {
		return fmt.Errorf("organisation %s belongs to partition %d", e.Org, p)
	}
	if a.index > 0 && e.CommandID != a.command {
		return fmt.Errorf("command %s begins before command %s has ended", e.CommandID, a.command)
	}
	if id := es.DeriveID(e.CommandID, strconv.Itoa(a.index)); e.ID != id {
		return fmt.Errorf("id %s of event %d of command %s must be %s", e.ID, a.index, e.CommandID, id)
	}
	o := a.orgs[e.Org]
	if o == nil {
		o = &auditedChain{}
		a.orgs[e.Org] = o
	}
	if e.Oseq != o.oseq+1 {
		return fmt.Errorf("organisation %s goes from oseq %d to %d", e.Org, o.oseq, e.Oseq)
	}
	var link es.ChainHash
	link, a.scratch = es.Link(o.chain, e, a.scratch)
	if link != e.Chain {
		return fmt.Errorf("chain of organisation %s breaks at oseq %d: %s is written, %s follows from the content", e.Org, e.Oseq, e.Chain, link)
	}
	a.pseq, o.oseq, o.chain = e.Pseq, e.Oseq, e.Chain
	a.command, a.index = e.CommandID, a.index+1
	if e.Last {
		a.commands++
		a.index = 0
	}
	if e.Pseq%1000 == 0 {
		a.thousands = append(a.thousands, time.Since(a.since))
		a.since = time.Now()
	}
	return nil
}
