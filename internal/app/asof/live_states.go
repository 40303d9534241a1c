package asof

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/es/snapshot"
	"outrider/internal/es/snapshot/graph"
)

// A state is written again after so many events of its organisation, or a twentieth of those that it was written after, if these are more. To
// fold 20,000 takes about a tenth of a second.
const (
	saveEvery = 20_000
	saveGrown = 20

	// A snapshot of the partition, of which all organisations before the one are read too, is worth it from so many events on.
	snapshotFar = 50_000
)

// LiveStates keeps states of organisations in a bucket, so that a process which is asked for the first time need not read a whole history. Like the
// snapshots of partitions they are a cache: what is damaged, of other code or of another history is passed over.
type LiveStates struct {
	bucket *blob.Bucket
	code   string
	plan   *graph.Plan
	log    *slog.Logger
	writes chan struct{} // one at a time
	every  int64         // saveEvery

	// Partitions gives the state of an organisation in the newest snapshot of its partition, which owners keep whether anybody asks or not; nil = it has none.
	Partitions func(ctx context.Context, org uuid.UUID) (es.State, es.ChainVerifier, error)
	far        int64 // snapshotFar
}

// NewLiveStates makes the plan of a state, and names the version of the code that makes it.
func NewLiveStates(bucket *blob.Bucket, log *slog.Logger) (*LiveStates, error) {
	plan, err := graph.New(newLiveState(commands.Domain(), uuid.Nil))
	if err != nil {
		return nil, fmt.Errorf("plan a state: %w", err)
	}
	code, err := snapshot.Code(commands.Domain(), commands.Sources()...)
	if err != nil {
		return nil, err
	}
	code += plan.Shape()
	sum := sha256.Sum256([]byte(code))
	return &LiveStates{bucket, hex.EncodeToString(sum[:]), plan, log, make(chan struct{}, 1), saveEvery, nil, snapshotFar}, nil
}

// LiveFolder is where the states of an organisation are.
func LiveFolder(org uuid.UUID) string { return "live/" + org.String() + "/" }

func (l *LiveStates) folder(org uuid.UUID) string { return LiveFolder(org) + l.code[:16] + "/" }

// fromPartition reads the state of an organisation in its partition's newest snapshot; nil = there is none that is newer than what is at hand.
func (l *LiveStates) fromPartition(ctx context.Context, org uuid.UUID, at int64) *liveState {
	if l.Partitions == nil {
		return nil
	}
	state, verifier, err := l.Partitions(ctx, org)
	if err != nil {
		l.log.Warn("the snapshot of a partition can't be read; more of the history is read", "org", org, "error", err)
		return nil
	}
	if state == nil || verifier.Oseq <= at {
		return nil
	}
	return &liveState{state: state, verifier: verifier}
}

// newest reads the newest state of an organisation, or nil. Whether it is of the history that there is, isn't looked at.
func (l *LiveStates) newest(ctx context.Context, org uuid.UUID) *liveState {
	objects, err := l.bucket.List(ctx, l.folder(org))
	if err != nil {
		l.log.Warn("states can't be listed; the whole history is read", "org", org, "error", err)
		return nil
	}
	for _, o := range slices.Backward(objects) {
		s, err := l.read(ctx, o.Name)
		if err == nil {
			return s
		}
		if ctx.Err() != nil {
			return nil
		}
		l.log.Warn("a state was passed over; more of the history is read", "org", org, "name", o.Name, "error", err)
	}
	return nil
}

func (l *LiveStates) read(ctx context.Context, name string) (*liveState, error) {
	object, err := l.bucket.Read(ctx, name)
	if err != nil {
		return nil, err
	}
	defer object.Close()
	b, err := io.ReadAll(object)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(b) < sha256.Size {
		return nil, snapshot.ErrDamaged
	}
	content := b[sha256.Size:]
	if sum := l.sumOf(name, content); !bytes.Equal(sum[:], b[:sha256.Size]) {
		return nil, snapshot.ErrDamaged
	}
	s := &liveState{}
	if err := l.plan.Read(bufio.NewReader(bytes.NewReader(content)), s); err != nil {
		return nil, fmt.Errorf("restore %s: %w", name, err)
	}
	s.saved = s.verifier.Oseq
	return s, nil
}

// sumOf covers the name, and with it the organisation, the code and the event.
func (l *LiveStates) sumOf(name string, content []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	fmt.Fprintln(h, l.code, name)
	h.Write(content)
	h.Sum(sum[:0])
	return sum
}

// isDue reports whether a state has grown enough to be written again.
func (l *LiveStates) isDue(s *liveState) bool {
	return s.verifier.Oseq-s.saved >= max(l.every, s.saved/saveGrown)
}

// save copies a state, and writes the copy while others go on. While another one is written it does nothing: the next question comes.
func (l *LiveStates) save(org uuid.UUID, s *liveState) {
	select {
	case l.writes <- struct{}{}:
	default:
		return
	}
	var content bytes.Buffer
	to := bufio.NewWriter(&content)
	before := s.saved
	s.saved = s.verifier.Oseq
	if err := errors.Join(l.plan.Write(to, s), to.Flush()); err != nil {
		s.saved = before
		<-l.writes
		l.log.Warn("a state was not written; the next process reads the whole history", "org", org, "error", err)
		return
	}
	name := fmt.Sprintf("%s%019d", l.folder(org), s.verifier.Oseq)
	go func() {
		defer func() { <-l.writes }()
		if err := l.write(context.Background(), org, name, content.Bytes()); err != nil {
			l.log.Warn("a state was not written; the next process reads the whole history", "org", org, "error", err)
		}
	}()
}

// write stores a state and deletes the older ones, those of other code too.
func (l *LiveStates) write(ctx context.Context, org uuid.UUID, name string, content []byte) error {
	sum := l.sumOf(name, content)
	err := l.bucket.WriteOnce(ctx, name, func(w io.Writer) error {
		_, err := w.Write(append(sum[:], content...))
		return err
	})
	if err != nil && !errors.Is(err, blob.ErrExists) {
		return err
	}
	objects, err := l.bucket.List(ctx, LiveFolder(org))
	if err != nil {
		return err
	}
	for _, o := range objects {
		if o.Name == name || strings.HasPrefix(o.Name, l.folder(org)) && o.Name > name {
			continue
		}
		if err := l.bucket.Delete(ctx, o.Name); err != nil && !errors.Is(err, blob.ErrNotFound) {
			return err
		}
	}
	return nil
}

func newLiveState(d es.Domain, org uuid.UUID) *liveState { return &liveState{state: d.New(org)} }
