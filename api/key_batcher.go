package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"outrider/internal/batch"
	"outrider/internal/pii"
)

const (
	sealBatch  = 500              // the most keys of one statement
	keyTimeout = 10 * time.Second // of a statement
)

// keyBatcher gets person keys from the vault, or creates them: those of concurrent requests of one organisation in one statement.
type keyBatcher struct {
	orgs *batch.Group[uuid.UUID, uuid.UUID, pii.Key]
}

func newKeyBatcher(keys batch.Work[uuid.UUID, uuid.UUID, pii.Key]) *keyBatcher {
	return &keyBatcher{batch.NewEagerGroup(0, sealBatch, func(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) ([]pii.Key, error) {
		ctx, cancel := context.WithTimeout(ctx, keyTimeout)
		defer cancel()
		return keys(ctx, org, subjects)
	})}
}

// keyOf gets or creates the key of a subject.
func (s *keyBatcher) keyOf(ctx context.Context, org, subject uuid.UUID) (pii.Key, error) {
	return s.orgs.Do(ctx, org, subject)
}
