package audit

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// BadLine is the first line of an export that isn't as it was written; lines count from 1.
type BadLine struct {
	Line   int
	Reason string
}

func (b *BadLine) Error() string { return fmt.Sprintf("line %d: %s", b.Line, b.Reason) }

// maxLine bounds a line, in bytes: an event's data is below 1 MB.
const maxLine = 8 << 20

// Verify reads an export to its end. It needs nothing but the keys. org is whose it must be; the zero value = anybody's.
// An error is a *BadLine, or that of the reader.
func Verify(r io.Reader, keys TrustedKeys, org uuid.UUID) (*Head, error) {
	v := verifier{keys: keys, org: org, digest: sha256.New()}
	in := bufio.NewReaderSize(r, 256<<10)
	for {
		line, err := v.readLine(in)
		if err != nil {
			return nil, err
		}
		if line == nil {
			break
		}
		if err := v.checkLine(line); err != nil {
			return nil, &BadLine{v.line, err.Error()}
		}
	}
	if v.head == nil {
		return nil, &BadLine{v.line + 1, "the file ends here, without the signed head: its end was cut off, or the export broke off"}
	}
	return v.head, nil
}

// Events returns the events of an export in order, each as it is read and checked; the last thing that comes is what is wrong, if anything
// is. What came before it may be forged: who must know calls Verify first.
func Events(r io.Reader, keys TrustedKeys, org uuid.UUID) iter.Seq2[*es.Event, error] {
	return func(yield func(*es.Event, error) bool) {
		v := verifier{keys: keys, org: org, digest: sha256.New()}
		in := bufio.NewReaderSize(r, 256<<10)
		for {
			line, err := v.readLine(in)
			if err == nil && line != nil {
				if err = v.checkLine(line); err != nil {
					err = &BadLine{v.line, err.Error()}
				}
			}
			switch {
			case err != nil:
				yield(nil, err)
				return
			case line == nil:
				return
			}
			if e := v.event; e != nil {
				v.event = nil
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

type verifier struct {
	event       *es.Event // of the last line; nil = it was none
	keys        TrustedKeys
	org         uuid.UUID
	line        int
	start       *Start
	head        *Head
	oseq        int64
	chain       es.ChainHash
	checkpoint  int64 // oseq of the newest; -1 = there was none yet
	checkpoints int64
	digest      hash.Hash
	buf, link   []byte // scratch
	long        []byte
}

// readLine returns a line with its line break, which the next call overwrites; nil at the end of the file.
func (v *verifier) readLine(in *bufio.Reader) ([]byte, error) {
	v.long = v.long[:0]
	for {
		part, err := in.ReadSlice('\n')
		v.long = append(v.long, part...)
		switch {
		case err == nil:
			v.line++
			return v.long, nil
		case errors.Is(err, io.EOF) && len(v.long) == 0:
			return nil, nil
		case errors.Is(err, io.EOF):
			return nil, &BadLine{v.line + 1, "the file ends within this line: its end was cut off"}
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("read export: %w", err)
		case len(v.long) > maxLine:
			return nil, &BadLine{v.line + 1, "it is longer than any line of an export"}
		}
	}
}

func (v *verifier) checkLine(line []byte) (err error) {
	begins := func(with string) bool { return bytes.HasPrefix(line, []byte(with)) }
	switch {
	case v.head != nil:
		return errors.New("something follows the signed head")
	case v.start == nil && !begins(beginStart):
		return errors.New("this is not an export: it doesn't begin as one")
	case begins(beginError):
		return fmt.Errorf("the export broke off here, and says why: %s", bytes.TrimSpace(line))
	case begins(beginStart):
		err = v.checkStart(line)
	case begins(beginEvent):
		err = v.checkEvent(line)
	case begins(beginCheckpoint):
		err = v.checkCheckpoint(line)
	case begins(beginHead):
		err = v.checkHead(line)
	default:
		return errors.New("it is no line of an export")
	}
	v.digest.Write(line)
	return err
}

func (v *verifier) checkStart(line []byte) error {
	if v.start != nil {
		return errors.New("an export begins within an export")
	}
	s, err := parseStart(line)
	if err != nil {
		return err
	}
	if err := v.keys.verifySignature(s.Key, s.signedMessage(), s.Bytes); err != nil {
		return err
	}
	if v.org != uuid.Nil && s.Org != v.org {
		return fmt.Errorf("this is the export of organisation %s, not of %s", s.Org, v.org)
	}
	v.start, v.oseq, v.chain, v.checkpoint = &s, s.After, s.Chain, -1
	return nil
}

func (v *verifier) checkEvent(line []byte) (err error) {
	var e *es.Event
	if e, v.buf, err = parseEvent(line, v.start.Org, v.buf); err != nil {
		return err
	}
	if e.Oseq != v.oseq+1 {
		return fmt.Errorf("event %d follows event %d: a line was removed, inserted or moved", e.Oseq, v.oseq)
	}
	var link es.ChainHash
	if link, v.link = es.Link(v.chain, e, v.link); link != e.Chain {
		return fmt.Errorf("event %d isn't what was once written: its chain value doesn't follow from it and the event before", e.Oseq)
	}
	v.oseq, v.chain, v.event = e.Oseq, e.Chain, e
	return nil
}

func (v *verifier) checkCheckpoint(line []byte) error {
	c, err := parseCheckpoint(line)
	if err != nil {
		return err
	}
	if err := c.Verify(v.keys); err != nil {
		return err
	}
	switch {
	case c.Org != v.start.Org:
		return fmt.Errorf("it is a checkpoint of another organisation, %s", c.Org)
	case c.Oseq != v.oseq:
		return fmt.Errorf("a checkpoint of event %d stands behind event %d: a line was removed, inserted or moved", c.Oseq, v.oseq)
	case c.Chain != v.chain:
		return fmt.Errorf("the chain that was signed for event %d is another one: history was rewritten before that event", c.Oseq)
	case c.Oseq == v.checkpoint:
		return fmt.Errorf("a second checkpoint of event %d", c.Oseq)
	case v.checkpoint >= 0 && c.Previous != v.checkpoint, v.checkpoint < 0 && c.Previous > v.start.After:
		return fmt.Errorf("the checkpoint before it, of event %d, is missing", c.Previous)
	}
	v.checkpoint = c.Oseq
	v.checkpoints++
	return nil
}

func (v *verifier) checkHead(line []byte) error {
	h, err := parseHead(line)
	if err != nil {
		return err
	}
	if err := v.keys.verifySignature(h.Key, h.signedMessage(), h.Bytes); err != nil {
		return err
	}
	switch {
	case h.Org != v.start.Org:
		return fmt.Errorf("it closes the export of another organisation, %s", h.Org)
	case h.First != v.start.After+1 || h.Last != v.oseq || h.Events != v.oseq-v.start.After || h.Chain != v.chain:
		return fmt.Errorf("it closes an export of the events %d to %d, but those before it are %d to %d: lines are missing, or another export's", h.First, h.Last, v.start.After+1, v.oseq)
	case h.Checkpoints != v.checkpoints:
		return fmt.Errorf("it closes an export with %d checkpoints, but %d stand before it", h.Checkpoints, v.checkpoints)
	case h.Digest != es.ChainHash(v.digest.Sum(nil)):
		return errors.New("the lines before it aren't those that it closes")
	}
	v.head = &h
	return nil
}
