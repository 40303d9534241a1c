package client

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/internal/retry"
)

// pollEvery is how often something that goes on is looked at.
const pollEvery = 250 * time.Millisecond

// FollowImport waits until an import, or its undo, has ended; position is of the write that began it. It tells seen of each look.
func (c *Client) FollowImport(ctx context.Context, i Import, position string, seen func(Import)) (Import, error) {
	for i.Status == ImportStatusRunning || i.Status == ImportStatusUndoing {
		if err := awaitNext(ctx, "import", i.ID); err != nil {
			return i, err
		}
		var err error
		if i, _, err = Read[Import](c.GetImport(ctx, i.ID, nil, Showing(position))); err != nil {
			return i, err
		}
		seen(i)
	}
	return i, nil
}

// FollowExport waits until an export has ended; position is of the write that began it.
func (c *Client) FollowExport(ctx context.Context, x Export, position string) (Export, error) {
	for x.Status == ExportStatusRunning {
		if err := awaitNext(ctx, "export", x.ID); err != nil {
			return x, err
		}
		var err error
		if x, _, err = Read[Export](c.GetExport(ctx, x.ID, nil, Showing(position))); err != nil {
			return x, err
		}
	}
	return x, nil
}

// FollowBulk waits until a bulk operation has ended; position is of the write that began it.
func (c *Client) FollowBulk(ctx context.Context, job BulkJob, position string) (BulkJob, error) {
	for job.Status == BulkJobStatusRunning {
		if err := awaitNext(ctx, "bulk operation", job.ID); err != nil {
			return job, err
		}
		page, _, err := Read[BulkPage](c.GetBulk(ctx, job.ID, nil, Showing(position)))
		if err != nil {
			return job, err
		}
		job = page.Job
	}
	return job, nil
}

func awaitNext(ctx context.Context, what string, id uuid.UUID) error {
	if err := retry.Sleep(ctx, pollEvery); err != nil {
		return fmt.Errorf("wait for %s %s, which goes on: %w", what, id, err)
	}
	return nil
}
