package audit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// ErrBroken means that what should be exported isn't what was once written: it is not signed.
var ErrBroken = errors.New("the history doesn't fit its chain")

// ExportWriter writes an export. It checks what it is given as a verifier would: nothing is signed that wouldn't verify.
type ExportWriter struct {
	w           io.Writer
	ring        *Keyring
	org         uuid.UUID
	after, oseq int64
	chain       es.ChainHash
	checkpoints int64
	digest      hash.Hash
	line, link  []byte // scratch
}

// NewWriter starts an export after the event with oseq after, where the chain was chain.
func NewWriter(w io.Writer, ring *Keyring, org uuid.UUID, after int64, chain es.ChainHash, at time.Time) (*ExportWriter, error) {
	x := &ExportWriter{w: w, ring: ring, org: org, after: after, oseq: after, chain: chain, digest: sha256.New()}
	s := Start{Org: org, After: after, Chain: chain, Time: at.UTC().Truncate(time.Microsecond), Signature: Signature{Key: ring.current.ID}}
	s.Bytes = ring.signMessage(s.signedMessage())
	return x, x.writeLine(s.appendLine(nil))
}

func (x *ExportWriter) writeLine(line []byte) error {
	x.digest.Write(line)
	if _, err := x.w.Write(line); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	return nil
}

// Oseq is that of the newest event written.
func (x *ExportWriter) Oseq() int64 { return x.oseq }

// Chain is its chain value.
func (x *ExportWriter) Chain() es.ChainHash { return x.chain }

// Event writes the next event, or fails with ErrBroken.
func (x *ExportWriter) Event(e *es.Event) error {
	if e.Org != x.org || e.Oseq != x.oseq+1 {
		return fmt.Errorf("%w: event %d of %s follows event %d of %s", ErrBroken, e.Oseq, e.Org, x.oseq, x.org)
	}
	var link es.ChainHash
	if link, x.link = es.Link(x.chain, e, x.link); link != e.Chain {
		return fmt.Errorf("%w: event %d", ErrBroken, e.Oseq)
	}
	x.oseq, x.chain = e.Oseq, e.Chain
	x.line = appendEventLine(x.line[:0], e)
	return x.writeLine(x.line)
}

// Checkpoint writes a checkpoint that was signed for the newest event, or fails with ErrBroken.
func (x *ExportWriter) Checkpoint(c *Checkpoint) error {
	if err := c.Verify(x.ring.Public()); err != nil {
		return fmt.Errorf("%w: checkpoint at event %d: %w", ErrBroken, c.Oseq, err)
	}
	if c.Org != x.org || c.Oseq != x.oseq || c.Chain != x.chain {
		return fmt.Errorf("%w: a checkpoint was signed that says otherwise of event %d", ErrBroken, c.Oseq)
	}
	x.checkpoints++
	return x.writeLine(c.appendLine(nil))
}

// Close signs what was written, and ends the file with it.
func (x *ExportWriter) Close(at time.Time) (Head, error) {
	h := Head{Org: x.org, First: x.after + 1, Last: x.oseq, Events: x.oseq - x.after, Checkpoints: x.checkpoints, Chain: x.chain, Time: at.UTC().Truncate(time.Microsecond),
		Signature: Signature{Key: x.ring.current.ID}}
	h.Digest = es.ChainHash(x.digest.Sum(nil))
	h.Bytes = x.ring.signMessage(h.signedMessage())
	return h, x.writeLine(h.appendLine(nil))
}

// Abort ends a file that can't be completed with the reason. No verifier accepts it.
func (x *ExportWriter) Abort(reason string) error {
	return x.writeLine(append(append(lineBuilder(beginError[:1]).addText("error", reason), '}'), '\n'))
}
