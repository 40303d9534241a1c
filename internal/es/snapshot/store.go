package snapshot

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"

	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/es/snapshot/graph"
	"outrider/internal/kafka"
)

const (
	kept     = 2                  // snapshots of a partition, of this version of the code
	keptLong = 7 * 24 * time.Hour // those of other versions, which may be needed again
)

// Config of a Store.
type Config struct {
	Log    kafka.Log
	Domain es.Domain
	Code   string // see Code
	Bucket *blob.Bucket
	Report func(what string, attrs ...any) // why one was skipped; may be nil
}

// Store keeps the snapshots of a log's partitions, those of one version of the code.
type Store struct {
	cfg     Config
	plan    *graph.Plan
	topicID string
}

// Open looks up the id of the log's topic.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Report == nil {
		cfg.Report = func(string, ...any) {}
	}
	plan, err := graph.New(es.Sample(cfg.Domain))
	if err != nil {
		return nil, fmt.Errorf("open snapshots: %w", err)
	}
	cl, err := cfg.Log.Open()
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	topics, err := kadm.NewClient(cl).ListTopics(ctx, cfg.Log.Events())
	if err == nil {
		err = topics.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("open snapshots: describe %s: %w", cfg.Log.Events(), err)
	}
	id := topics[cfg.Log.Events()].ID
	return &Store{cfg: cfg, plan: plan, topicID: hex.EncodeToString(id[:])}, nil
}

// Snapshot is a snapshot that was read.
type Snapshot struct {
	Name   string
	Fold   *es.Fold
	At     es.Checkpoint // the fold's position
	Anchor Anchor        // the record before
}

func (s *Store) partitionFolder(partition int32) string {
	return fmt.Sprintf("snapshots/%s-%s/%d/", s.cfg.Log.Events(), s.topicID, partition)
}

func (s *Store) codeFolder(partition int32) string {
	return s.partitionFolder(partition) + s.cfg.Code[:16] + "/"
}

func (s *Store) labelOf(partition int32, a Anchor) label {
	return label{s.cfg.Code, s.cfg.Log.Events(), s.topicID, partition, a}
}

// Newest reads the newest snapshot of a partition that can be used, nil when there is none: the reason is reported.
func (s *Store) Newest(ctx context.Context, partition int32) *Snapshot {
	objects, err := s.cfg.Bucket.List(ctx, s.codeFolder(partition))
	if err != nil {
		s.cfg.Report("snapshots can't be listed; the log is read from its start", "partition", partition, "error", err)
		return nil
	}
	for _, o := range slices.Backward(objects) {
		snap, err := s.readSnapshot(ctx, partition, o.Name)
		if err == nil {
			return snap
		}
		if ctx.Err() != nil {
			return nil
		}
		s.cfg.Report("a snapshot was passed over; more of the log is read", "partition", partition, "name", o.Name, "error", err)
	}
	return nil
}

// Organization reads one organisation of a partition's newest snapshot that can be used, and how far its history had come; nil when there is none. What it rests
// on isn't compared with the log: the caller compares the chain.
func (s *Store) Organization(ctx context.Context, partition int32, org uuid.UUID) (state es.State, at es.ChainVerifier) {
	objects, err := s.cfg.Bucket.List(ctx, s.codeFolder(partition))
	for _, o := range slices.Backward(objects) {
		err = s.openSnapshot(ctx, partition, o.Name, func(_ label, _ *frameReader, from *bufio.Reader) (err error) {
			state, at, err = es.RestoreOne(from, s.plan, org)
			return err
		})
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		s.cfg.Report("no snapshot has an organisation; more of its history is read", "partition", partition, "org", org, "error", err)
		return nil, at
	}
	return state, at
}

func (s *Store) readSnapshot(ctx context.Context, partition int32, name string) (snap *Snapshot, err error) {
	err = s.openSnapshot(ctx, partition, name, func(l label, frames *frameReader, from *bufio.Reader) error {
		fold, at, err := es.Restore(s.cfg.Domain, from, s.plan)
		if err != nil {
			return err
		}
		if from.Buffered() > 0 {
			return fmt.Errorf("%w: there is more in it than a state", ErrDamaged)
		}
		if err := frames.checkEnd(); err != nil {
			return err
		}
		if l.Anchor.Offset != at.Offset-1 {
			return fmt.Errorf("%w: it stands at %d behind a record at %d", ErrDamaged, at.Offset, l.Anchor.Offset)
		}
		snap = &Snapshot{name, fold, at, l.Anchor}
		return nil
	})
	return snap, err
}

// openSnapshot lets somebody read a snapshot whose label fits.
func (s *Store) openSnapshot(ctx context.Context, partition int32, name string, read func(label, *frameReader, *bufio.Reader) error) error {
	object, err := s.cfg.Bucket.Read(ctx, name)
	if err != nil {
		return err
	}
	defer object.Close()
	frames, err := newFrameReader(bufio.NewReaderSize(untilDone{ctx, object}, frameSize))
	if err != nil {
		return err
	}
	from := bufio.NewReaderSize(frames, 64<<10)
	line, err := from.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read its label: %w", err)
	}
	var l label
	if err := json.Unmarshal(line, &l); err != nil {
		return fmt.Errorf("read its label: %w", err)
	}
	if l != s.labelOf(partition, l.Anchor) {
		return fmt.Errorf("it is of %s (%s) partition %d by code %s", l.Topic, l.TopicID, l.Partition, l.Code)
	}
	return read(l, frames, from)
}

// untilDone stops reading when its context ends.
type untilDone struct {
	ctx  context.Context //nolint:containedctx // of one read
	from io.Reader
}

func (r untilDone) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(b)
}

// Write stores a fold, which must not change during the call, and deletes all but the newest two. rest is called
// between pieces.
func (s *Store) Write(ctx context.Context, partition int32, f *es.Fold, leaderEpoch int32, a Anchor, rest func()) error {
	line, err := json.Marshal(s.labelOf(partition, a))
	if err != nil {
		return fmt.Errorf("write a snapshot: %w", err)
	}
	name := fmt.Sprintf("%s%019d", s.codeFolder(partition), f.Next)
	err = s.cfg.Bucket.WriteOnce(ctx, name, func(w io.Writer) error {
		file := bufio.NewWriterSize(w, frameSize)
		frames, err := newFrameWriter(file, rest)
		if err != nil {
			return err
		}
		to := bufio.NewWriterSize(frames, 64<<10)
		if _, err := to.Write(append(line, '\n')); err != nil {
			return err
		}
		return firstError(f.Save(to, s.plan, leaderEpoch), to.Flush, frames.Close, file.Flush)
	})
	if err != nil && !errors.Is(err, blob.ErrExists) {
		return err
	}
	return s.deleteOld(ctx, partition)
}

func firstError(err error, then ...func() error) error {
	for _, f := range then {
		if err == nil {
			err = f()
		}
	}
	return err
}

func (s *Store) deleteOld(ctx context.Context, partition int32) error {
	objects, err := s.cfg.Bucket.List(ctx, s.partitionFolder(partition))
	if err != nil {
		return err
	}
	n := 0
	for _, o := range slices.Backward(objects) {
		if strings.HasPrefix(o.Name, s.codeFolder(partition)) {
			if n++; n <= kept {
				continue
			}
		} else if time.Since(o.Modified) < keptLong {
			continue
		}
		if err := s.cfg.Bucket.Delete(ctx, o.Name); err != nil {
			return err
		}
	}
	return nil
}

// Drop deletes a snapshot that the log has proven wrong.
func (s *Store) Drop(ctx context.Context, snap *Snapshot, why error) {
	s.cfg.Report("a snapshot doesn't fit the log and is deleted", "name", snap.Name, "error", why)
	if err := s.cfg.Bucket.Delete(ctx, snap.Name); err != nil {
		s.cfg.Report("a snapshot can't be deleted", "name", snap.Name, "error", err)
	}
}
