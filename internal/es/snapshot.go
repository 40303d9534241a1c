package es

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
)

// Codec writes everything that the kernel keeps of an organisation, and restores it; it was made from a Sample of the same
// domain.
type Codec interface {
	Write(to *bufio.Writer, organization any) error
	Read(from *bufio.Reader, organization any) error
}

// ErrNoSnapshot reports that a fold can't be written now: a command is open, or a gap may hide a loss.
var ErrNoSnapshot = errors.New("no snapshot can be taken between these two records")

// Sample returns what a Codec is given for each organisation: a pointer to a new struct.
func Sample(d Domain) any { return &organization{state: d.New(uuid.Nil)} }

// snapshotHead is what a snapshot has besides organisations.
type snapshotHead struct {
	Checkpoint    Checkpoint  `json:"checkpoint"`
	Owner         uuid.UUID   `json:"owner"` // nonce of the newest counted fence
	Last          lastCommand `json:"last"`  // newest complete command
	Organizations int         `json:"organizations"`
}

// maxHead bounds a snapshot's head, in bytes.
const maxHead = 1 << 16

// Save writes a fold of confirmed records: its place in the log, and every organisation. The fold must not be an owner's,
// which includes what is in flight.
func (f *Fold) Save(to *bufio.Writer, c Codec, leaderEpoch int32) error {
	at, ok := f.Checkpoint(leaderEpoch)
	if !ok {
		return ErrNoSnapshot
	}
	head, err := Marshal(snapshotHead{at, f.Rule.Owner, f.last, len(f.orgs)})
	if err != nil {
		return fmt.Errorf("save a fold: %w", err)
	}
	if _, err := to.Write(append(binary.AppendUvarint(nil, uint64(len(head))), head...)); err != nil {
		return fmt.Errorf("save a fold: %w", err)
	}
	for _, o := range f.orgs {
		if err := c.Write(to, o); err != nil {
			return fmt.Errorf("save organisation %s: %w", o.id, err)
		}
	}
	return nil
}

// RestoreOne returns one organisation of a fold that Save wrote, and how far its history had come; nil when the fold has none. Others are passed
// over one by one, so that it costs the memory of the largest.
func RestoreOne(from *bufio.Reader, c Codec, org uuid.UUID) (State, ChainVerifier, error) {
	head, err := readHead(from)
	if err != nil {
		return nil, ChainVerifier{}, err
	}
	for range head.Organizations {
		o := &organization{}
		if err := c.Read(from, o); err != nil {
			return nil, ChainVerifier{}, fmt.Errorf("restore an organisation: %w", err)
		}
		if o.id == org {
			return o.state, ChainVerifier{Oseq: o.oseq, Chain: o.chain, Time: o.time, Whole: true}, nil
		}
	}
	return nil, ChainVerifier{}, nil
}

func readHead(from *bufio.Reader) (head snapshotHead, err error) {
	n, err := binary.ReadUvarint(from)
	if err == nil && n > maxHead {
		err = fmt.Errorf("a head of %d bytes", n)
	}
	var b []byte
	if err == nil {
		b = make([]byte, n)
		_, err = io.ReadFull(from, b)
	}
	if err == nil {
		err = Unmarshal(b, &head)
	}
	if err != nil {
		return head, fmt.Errorf("restore a fold: %w", err)
	}
	return head, nil
}

// Restore returns the fold that Save wrote, and its checkpoint. The input must be known to be complete.
func Restore(d Domain, from *bufio.Reader, c Codec) (*Fold, Checkpoint, error) {
	head, err := readHead(from)
	if err != nil {
		return nil, Checkpoint{}, err
	}
	f := NewFold(d)
	f.Gate = NewGate(head.Checkpoint)
	f.Rule.Owner, f.last = head.Owner, head.Last
	for range head.Organizations {
		o := &organization{}
		if err := c.Read(from, o); err != nil {
			return nil, head.Checkpoint, fmt.Errorf("restore an organisation: %w", err)
		}
		f.orgs[o.id] = o
	}
	return f, head.Checkpoint, nil
}
