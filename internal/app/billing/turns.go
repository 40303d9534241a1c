package billing

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/retry"
)

// turns lets an object be read by one at a time, in this process and in others: what is read later is also brought in later. A connection holds an
// advisory lock for each object that has its turn, and all of them go with the process. Nothing depends on it but how often is asked: the log takes no
// older reading.
type turns struct {
	pool *pgxpool.Pool

	mu   sync.Mutex
	conn *pgxpool.Conn // nil while nobody has a turn
	had  map[string]bool
}

const (
	tryLock = `select pg_try_advisory_lock(hashtextextended('billing ' || $1, 0))`
	unlock  = `select pg_advisory_unlock(hashtextextended('billing ' || $1, 0))`
)

// begin reports whether an object's turn is ours now; end gives it back.
func (t *turns) begin(ctx context.Context, object string) (ours bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.had[object] {
		return false, nil
	}
	if t.conn == nil {
		if t.conn, err = t.pool.Acquire(ctx); err != nil {
			t.conn = nil
			return false, fmt.Errorf("connect for the turn of %s: %w", object, err)
		}
	}
	if err := t.conn.QueryRow(ctx, tryLock, object).Scan(&ours); err != nil {
		t.disconnect()
		return false, fmt.Errorf("begin the turn of %s: %w", object, err)
	}
	if ours {
		t.had[object] = true
	}
	t.disconnectIdle()
	return ours, nil
}

// unlockTime bounds how long a turn that is over is given back; then its connection goes, and the turn with it.
const unlockTime = 10 * time.Second

func (t *turns) end(object string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.had, object)
	if t.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), unlockTime)
	defer cancel()
	var held bool
	if err := t.conn.QueryRow(ctx, unlock, object).Scan(&held); err != nil {
		t.disconnect()
		return
	}
	t.disconnectIdle()
}

// disconnect ends the connection and all turns that other processes know of.
func (t *turns) disconnect() {
	ctx, cancel := context.WithTimeout(context.Background(), unlockTime)
	defer cancel()
	_ = t.conn.Conn().Close(ctx) // it is of no use any more
	t.conn.Release()
	t.conn = nil
}

func (t *turns) disconnectIdle() {
	if len(t.had) == 0 {
		t.conn.Release()
		t.conn = nil
	}
}

// under returns the objects that have their turn in this process.
func (t *turns) under() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]string, 0, len(t.had))
	for object := range t.had {
		out = append(out, object)
	}
	slices.Sort(out)
	return out
}

// turnPoll is how often who wants the turn of an object looks whether it is over.
const turnPoll = 20 * time.Millisecond

// alone calls work while nobody else reads an object and brings it in.
func (t *turns) alone(ctx context.Context, object string, work func() error) error {
	for {
		ours, err := t.begin(ctx, object)
		if err != nil {
			return err
		}
		if ours {
			break
		}
		if err := retry.Sleep(ctx, turnPoll); err != nil {
			return fmt.Errorf("wait for the turn of %s: %w", object, err)
		}
	}
	defer t.end(object)
	return work()
}
