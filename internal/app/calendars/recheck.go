package calendars

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/googlecalendar"
	"outrider/internal/pii"
	"outrider/projections"
)

// Rechecker asks calendars once more just before a time is given away: what was known may be a minute old.
type Rechecker struct {
	Vault     *pii.Vault
	Client    func(org, connection uuid.UUID) (*googlecalendar.Client, error)
	ReadInOrg func(ctx context.Context, org uuid.UUID, queries func(pgx.Tx) error) error
}

// Bounds of what a guest waits for.
const (
	recheckTime = 4 * time.Second
	recheckMost = 4
)

// StillFree returns those of some hosts who are free between two times as their calendars say now. Who can't be asked in time is as free as they were: that was known a while ago.
func (r Rechecker) StillFree(ctx context.Context, org uuid.UUID, hosts []uuid.UUID, from, to time.Time) []uuid.UUID {
	ctx, cancel := context.WithTimeout(ctx, recheckTime)
	defer cancel()
	asked := 0
	return slices.DeleteFunc(slices.Clone(hosts), func(h uuid.UUID) bool {
		if asked++; asked > recheckMost {
			return false
		}
		busy, err := r.isBusy(ctx, org, h, from, to)
		return err == nil && busy
	})
}

func (r Rechecker) isBusy(ctx context.Context, org, host uuid.UUID, from, to time.Time) (bool, error) {
	var row *projections.Connection
	if err := r.ReadInOrg(ctx, org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetConnection(ctx, tx, org, host)
		return err
	}); err != nil {
		return false, err
	}
	choice, ok, err := ChoiceOf(ctx, r.Vault, row)
	if err != nil || !ok {
		return false, err
	}
	client, err := r.Client(org, host)
	if err != nil {
		return false, err
	}
	all, err := client.FreeBusy(ctx, choice.All(), from, to)
	if err != nil {
		return false, err
	}
	for _, b := range all {
		if overlap(b.Spans, from, to, nil) {
			return true, nil
		}
	}
	return false, nil
}
