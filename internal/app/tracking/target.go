package tracking

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/postgres"
	"outrider/projections"
)

// cachedTarget is a message as it was read, for rememberFor: who it is about never changes, what became of it does.
type cachedTarget struct {
	*projections.LinkTarget
	until time.Time
}

// findTargets returns the messages of hits, by id; one that isn't in the read model is missing.
func (r *Recorder) findTargets(ctx context.Context, org uuid.UUID, hits []*hit) (map[uuid.UUID]*projections.LinkTarget, error) {
	out := make(map[uuid.UUID]*projections.LinkTarget, len(hits))
	var missing []uuid.UUID
	now := time.Now()
	for _, h := range hits {
		if _, asked := out[h.ID]; asked {
			continue
		}
		m, ok := r.targets.Get(MessageKey{org, h.ID})
		if ok && now.Before(m.until) && (m.SentAt != nil || h.link == Pixel) { // of a click it matters when the message was sent
			out[h.ID] = m.LinkTarget
			continue
		}
		out[h.ID] = nil
		missing = append(missing, h.ID)
	}
	if len(missing) == 0 {
		return out, nil
	}
	var rows []*projections.LinkTarget
	if err := postgres.InOrg(ctx, r.cfg.Pool, org, func(tx pgx.Tx) (err error) {
		rows, err = projections.LinkTargets(ctx, tx, org, missing)
		return err
	}); err != nil {
		return nil, err
	}
	for _, m := range rows {
		out[m.MessageID] = m
		r.targets.Add(MessageKey{org, m.MessageID}, cachedTarget{m, now.Add(rememberFor)})
	}
	return out, nil
}

// Target is the message of a link, as it is now. A message that isn't in the read model yet is waited for a little; one whose
// organisation was deleted gives ErrNoMessage. Its lead may be removed or erased.
func (r *Recorder) Target(ctx context.Context, m MessageKey) (*projections.LinkTarget, error) {
	for waited := time.Duration(0); ; waited += messageRetry {
		var rows []*projections.LinkTarget
		deleted := false
		if err := postgres.InOrg(ctx, r.cfg.Pool, m.Org, func(tx pgx.Tx) (err error) {
			if rows, err = projections.LinkTargets(ctx, tx, m.Org, []uuid.UUID{m.ID}); err != nil || len(rows) > 0 {
				return err
			}
			deleted, err = projections.IsDeleted(ctx, tx, m.Org) // its messages are gone then
			return err
		}); err != nil {
			return nil, err
		}
		switch {
		case len(rows) == 1 && !rows[0].Deleted:
			return rows[0], nil
		case len(rows) == 1, deleted:
			return nil, ErrNoMessage
		case waited >= messageWait:
			return nil, ErrUnknownMessage
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(messageRetry):
		}
	}
}
