package rebuild

import (
	"context"
	"fmt"

	"outrider/internal/es/project"
)

// Swap makes the rebuilt rows the live ones, and keeps the live ones as the former side. Both stand at the same position
// then, so nobody who reads or writes notices.
func (r *Rebuild) Swap(ctx context.Context) error { return r.exchangeSides(ctx, project.Next) }

// Rollback brings the former rows back, caught up with the log; those that were live are dropped.
func (r *Rebuild) Rollback(ctx context.Context) error { return r.exchangeSides(ctx, project.Former) }

func (r *Rebuild) exchangeSides(ctx context.Context, side project.Side) error {
	if err := r.requireSide(ctx, side); err != nil {
		return err
	}
	if _, err := r.catchUp(ctx, side, nil); err != nil { // what is left holds the live projection up
		return err
	}
	err := r.store.exchangeWithLive(ctx, side, func(at vector) error { return r.runTo(ctx, side, at, func(int32, int64) {}) })
	if err != nil {
		return fmt.Errorf("put the %s side of %s in the place of the live one: %w", side, r.name, err)
	}
	return nil
}
