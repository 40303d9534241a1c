package project

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/jackc/pgx/v5"

	"outrider/internal/batch"
	"outrider/internal/es"
	"outrider/internal/es/reader"
)

// portion is a range of one partition that goes into a block, maybe with those of others.
type portion struct {
	pendingRange
	partition int32
	events    []*es.Event // without those that are skipped
	bytes     int
	end       es.Checkpoint
}

// blocks lets small ranges of several partitions be written as one block.
type blocks struct {
	once  sync.Once
	group *batch.Group[struct{}, *portion, error]
}

// gatherFor is how long a range waits for those of other partitions, which stop lingering at the same moment.
const gatherFor = 10 * time.Millisecond

// errNeighbour reports that a range was in one block with one that can't be written: it is sent again, by itself.
var errNeighbour = errors.New("another partition's range of the same block can't be written")

// applyBatch writes a range of a partition. noted is the range that an earlier owner, or this one, had begun; zero = none.
func (r *ClickHouse) applyBatch(ctx context.Context, partition int32, noted pendingRange, passed skips, b reader.Batch, write func(context.Context, *portion) error) error {
	p := &portion{partition: partition, pendingRange: pendingRange{b.Events[0].Pseq, b.Checkpoint.Pseq, ""}, events: passed.withoutSkipped(b.Events), end: b.Checkpoint}
	for _, e := range p.events {
		p.bytes += len(e.Data)
	}
	again := noted.to != 0
	if again && (noted.from != p.from || noted.to != p.to) {
		return fmt.Errorf("%w: range %d to %d was begun, but the log gives %d to %d", es.ErrLoss, noted.from, noted.to, p.from, p.to)
	}
	if err := checkDecoded(p.events); err != nil {
		return &Poison{Key: r.projectionKey(), Event: undecodedIn(p.events), Err: err}
	}
	if again {
		return r.sendAgain(ctx, p, noted)
	}
	return write(ctx, p)
}

func (r *ClickHouse) writeAlone(ctx context.Context, p *portion) error { return r.writeBlock(ctx, p) }

// writeWithOthers writes a range, in one block with those of other partitions when it is small.
func (r *ClickHouse) writeWithOthers(ctx context.Context, p *portion) error {
	if r.Linger < 0 || len(p.events) > r.maxEvents()/2 || p.bytes > r.maxBytes()/2 {
		return r.writeAlone(ctx, p)
	}
	r.together.once.Do(func() { r.together.group = batch.NewGroup(gatherFor, 0, r.writeTogether) })
	own, err := r.together.group.Do(ctx, struct{}{}, p) // when ctx ends the block is still finished, or taken over
	if err != nil {
		return err
	}
	return own
}

// writeTogether writes ranges as few blocks. It returns the error of each.
func (r *ClickHouse) writeTogether(ctx context.Context, _ struct{}, of []*portion) ([]error, error) {
	failed := make([]error, len(of))
	for from := 0; from < len(of); {
		to, events, bytes := from, 0, 0
		for to < len(of) && (to == from || events+len(of[to].events) <= r.maxEvents() && bytes+of[to].bytes <= r.maxBytes()) {
			events, bytes = events+len(of[to].events), bytes+of[to].bytes
			to++
		}
		r.writeSome(ctx, of[from:to], failed[from:to])
		from = to
	}
	return failed, nil
}

func (r *ClickHouse) writeSome(ctx context.Context, of []*portion, failed []error) {
	err := r.writeBlock(ctx, of...)
	var bad *Poison
	for i, p := range of {
		switch {
		case err != nil && len(of) > 1 && errors.Is(err, errTaken): // whoever owns one of them holds up no other
			failed[i] = r.writeBlock(ctx, p)
		case len(of) > 1 && errors.As(err, &bad) && bad.Event.Partition != p.partition:
			failed[i] = errNeighbour
		default:
			failed[i] = err
		}
	}
}

// tokenOf returns the token of a block of ranges, sorted by partition.
func (r *ClickHouse) tokenOf(of ...*portion) string {
	if len(of) == 1 {
		return fmt.Sprintf("%s/g%d/p%d/%d-%d", r.projectionKey(), r.Log.Generation, of[0].partition, of[0].from, of[0].to)
	}
	var all []byte
	for _, p := range of {
		all = fmt.Appendf(all, "p%d/%d-%d ", p.partition, p.from, p.to)
	}
	return fmt.Sprintf("%s/g%d/%d/%x", r.projectionKey(), r.Log.Generation, len(of), sha256.Sum256(all))
}

// writeBlock writes ranges of some partitions as one block: all are noted, inserted, and finished together.
func (r *ClickHouse) writeBlock(ctx context.Context, of ...*portion) error {
	of = slices.SortedFunc(slices.Values(of), func(a, b *portion) int { return cmp.Compare(a.partition, b.partition) }) // so that two owners don't wait for each other
	token := r.tokenOf(of...)
	var events []*es.Event
	for _, p := range of {
		p.token = token
		events = append(events, p.events...)
	}
	err := pgx.BeginFunc(ctx, r.Pool, func(tx pgx.Tx) error {
		for _, p := range of {
			if err := p.noteRange(ctx, tx, r.projectionKey(), p.partition); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note ranges: %w", err)
	}
	if err := r.atSteps(ctx, "noted", of); err != nil {
		return err
	}
	if _, err := r.sendRows(ctx, token, events); err != nil {
		return err
	}
	for _, p := range of {
		if r.Table.Amends != nil && slices.ContainsFunc(p.events, r.Table.Amends) {
			if err := r.repairTable(ctx, p.events); err != nil {
				return err
			}
		}
	}
	if err := r.atSteps(ctx, "inserted", of); err != nil {
		return err
	}
	return r.finishRanges(ctx, of)
}

// finishRanges moves the checkpoints of all ranges of a block, or of none: when one of them was taken over, the others must be looked after, too.
func (r *ClickHouse) finishRanges(ctx context.Context, of []*portion) error {
	err := pgx.BeginFunc(ctx, r.Pool, func(tx pgx.Tx) error {
		for _, p := range of {
			if err := p.finishRange(ctx, tx, r.projectionKey(), p.partition, p.end); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("finish ranges: %w", err)
	}
	return nil
}

// sendRows inserts events as one block; the engine ignores a block whose token it remembers. It returns the number of rows sent.
func (r *ClickHouse) sendRows(ctx context.Context, token string, events []*es.Event) (rows int, err error) {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplication_token":                         token,
		"insert_deduplicate":                                 1,
		"deduplicate_blocks_in_dependent_materialized_views": 1,
		"async_insert":                                       0,
		"throw_on_max_partitions_per_insert_block":           0,
		"materialized_views_ignore_errors":                   0,
	}))
	add := r.Table.Append
	if r.Table.Prepare != nil {
		if add, err = r.Table.Prepare(ctx, r.Conn, events); err != nil {
			return 0, fmt.Errorf("prepare rows of %s: %w", r.projectionKey(), err)
		}
	}
	batch, err := r.Conn.PrepareBatch(ctx, "INSERT INTO "+r.Table.Into)
	if err != nil {
		return 0, fmt.Errorf("prepare insert into %s: %w", r.Table.Table, err)
	}
	defer func() { _ = batch.Close() }()
	for _, e := range events {
		if err := add(batch, e); err != nil {
			return 0, &Poison{Key: r.projectionKey(), Event: e, Err: err}
		}
	}
	rows = batch.Rows()
	if rows == 0 {
		return 0, nil
	}
	if err := batch.Send(); err != nil {
		return 0, fmt.Errorf("insert into %s: %w", r.Table.Table, err)
	}
	return rows, nil
}

// sendAgain writes a noted range, which may be there already, in whole or in part, or be on its way in a block with those of other
// partitions. From now on nobody else can finish that block. Then this range is sent alone with the block's token: afterwards the block can't
// bring its rows any more. What is missing then goes with a second token.
func (r *ClickHouse) sendAgain(ctx context.Context, p *portion, noted pendingRange) error {
	p.pendingRange = noted
	if err := p.takeOver(ctx, r.Pool, r.projectionKey(), p.partition); err != nil {
		return err
	}
	of := []*portion{p}
	if err := r.atSteps(ctx, "noted", of); err != nil {
		return err
	}
	before, err := r.countRows(ctx, p)
	if err != nil {
		return err
	}
	rows, err := r.sendRows(ctx, p.blockToken(), p.events) // even if it is there: a view may lack it
	if err != nil {
		return err
	}
	after, err := r.countRows(ctx, p)
	if err != nil {
		return err
	}
	if after < uint64(rows) {
		// The block was lost, or its token used by another partition. The second token is as fixed as the first, so that this can be repeated, too.
		second := p.blockToken() + "/again"
		if p.blockToken() != r.tokenOf(p) {
			second += fmt.Sprintf("/p%d", p.partition)
		}
		if _, err := r.sendRows(ctx, second, p.events); err != nil {
			return err
		}
		if after, err = r.countRows(ctx, p); err != nil {
			return err
		}
		if after < uint64(rows) {
			return fmt.Errorf("%w: %s shows %d of %d rows of range %d to %d of partition %d after they were sent twice", errIncomplete, r.Table.Table, after, rows, p.from, p.to, p.partition)
		}
	}
	if r.Report != nil {
		r.Report("sent a range again", "projection", r.projectionKey(), "partition", p.partition, "from", p.from, "to", p.to, "rows", rows, "rows_before", before, "rows_after", after)
	}
	if r.Table.Repair != nil && rows > 0 {
		if err := r.repairTable(ctx, p.events); err != nil {
			return err
		}
	}
	if err := r.atSteps(ctx, "inserted", of); err != nil {
		return err
	}
	return r.finishRanges(ctx, of)
}
