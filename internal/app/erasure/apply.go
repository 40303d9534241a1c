// Package erasure sees to it that who was erased stays erased, and proves it.
package erasure

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
	"outrider/internal/pii"
)

// Apply does the log's erasures to the vault that it doesn't have yet: those since the last time, and all that are missing because
// the vault, or its table of keys alone, came back from a backup. It returns how many keys were destroyed again. Whoever reads or
// serves anything from the vault begins with it.
func Apply(ctx context.Context, log kafka.Log, vault *pii.Vault) (again int64, err error) {
	if again, err = vault.EraseAgain(ctx); err != nil {
		return again, err
	}
	cl, err := log.Open()
	if err != nil {
		return again, err
	}
	defer cl.Close()
	var g errgroup.Group
	g.SetLimit(4)
	for p := range log.Partitions {
		g.Go(func() error {
			if err := applyPartition(ctx, cl, log, vault, p); err != nil {
				return fmt.Errorf("apply erasures of partition %d: %w", p, err)
			}
			return nil
		})
	}
	return again, g.Wait()
}

func applyPartition(ctx context.Context, cl *kgo.Client, log kafka.Log, vault *pii.Vault, partition int32) error {
	from, err := vault.ErasureMark(ctx, log.Events(), partition)
	if err != nil {
		return err
	}
	if _, end, err := reader.Bounds(ctx, cl, log.Events(), partition, from); err == nil && end == from.Offset {
		return nil // nothing new, as at most starts
	}
	found := foundErasures{}
	end, _, err := reader.Scan(ctx, log, reader.Config{Partition: partition, From: from}, 0, found.readBatch)
	if errors.Is(err, reader.ErrTruncated) { // another log than the mark is of
		found = foundErasures{}
		end, _, err = reader.Scan(ctx, log, reader.Config{Partition: partition, From: es.StartCheckpoint()}, 0, found.readBatch)
	}
	if err != nil {
		return err
	}
	if err := found.applyTo(ctx, vault); err != nil {
		return err
	}
	return vault.SetErasureMark(ctx, log.Events(), partition, end)
}

func (f foundErasures) applyTo(ctx context.Context, vault *pii.Vault) error {
	for subject, x := range f {
		if x.whole {
			if err := vault.DestroyOrganisation(ctx, x.org); err != nil {
				return err
			}
			continue
		}
		for _, event := range x.events {
			if err := vault.EraseOnce(ctx, x.org, subject, event, x.later); err != nil {
				return err
			}
		}
		if x.export {
			if err := vault.DestroyImportKey(ctx, x.org, subject); err != nil {
				return err
			}
		}
	}
	return nil
}

// foundErasures are what a part of the log says, by whose key is destroyed.
type foundErasures map[uuid.UUID]*foundErasure

type foundErasure struct {
	org    uuid.UUID
	events []uuid.UUID
	later  pii.KeyID // of a key that something was sealed with after the last erasure
	export bool
	whole  bool // the organisation is deleted
}

func (f foundErasures) readBatch(_ context.Context, b reader.Batch) error {
	for _, e := range b.Events {
		if err := f.readEvent(e); err != nil {
			return fmt.Errorf("event %s: %w", e.ID, err)
		}
	}
	return nil
}

// readEvent decodes what can erase, and of who was erased what comes later.
func (f foundErasures) readEvent(e *es.Event) error {
	switch e.Type {
	case events.LeadErased{}.EventType(), events.SuppressionAdded{}.EventType(), events.SuppressionAddedV1{}.EventType(), events.ExportDiscarded{}.EventType(), events.OrganizationDeleted{}.EventType():
	default:
		id, _ := uuid.Parse(e.Subject) // what is no id is nobody's
		if f[id] == nil {
			return nil
		}
	}
	p, err := events.Decode(e.Type, e.Data)
	if errors.Is(err, events.ErrUnknown) {
		return nil
	}
	if err != nil {
		return err
	}
	switch p := p.(type) {
	case events.LeadErased:
		f.add(e, p.LeadID, false)
	case events.OrganizationDeleted:
		f[e.Org] = &foundErasure{org: e.Org, whole: true}
	case events.ExportDiscarded:
		f.add(e, p.ExportID, true)
	case events.SuppressionAdded:
		if p.Reason == events.SuppressedErasure {
			f.add(e, p.SuppressionID, false)
		} else {
			f.sealedLater(p.SuppressionID, p.Value)
		}
	case events.LeadCreated:
		f.sealedLater(p.LeadID, p.Profile)
	}
	return nil
}

func (f foundErasures) add(e *es.Event, subject uuid.UUID, export bool) {
	x := f[subject]
	if x == nil {
		x = &foundErasure{org: e.Org, export: export}
		f[subject] = x
	}
	x.events, x.later = append(x.events, e.ID), 0
}

func (f foundErasures) sealedLater(subject uuid.UUID, s events.Sealed) {
	if x := f[subject]; x != nil && !s.IsZero() {
		x.later = pii.KeyID(s.K)
	}
}
