package snapshot

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrDamaged reports that a snapshot isn't what was written.
var ErrDamaged = errors.New("the snapshot is damaged")

// format starts every snapshot, and its chain of hashes.
const format = "outrider snapshot 1\n"

// frameSize bounds a frame, in bytes. A frame is checked as a whole before any of it is returned.
const frameSize = 256 << 10

// A snapshot is the format line and frames: length (4 bytes, big endian), content, and SHA-256 over the hash before and
// both. A frame of length 0 ends it; its hash is that of the whole.
type frameWriter struct {
	to   io.Writer
	sum  [sha256.Size]byte
	buf  []byte
	rest func() // between two frames
}

func newFrameWriter(to io.Writer, rest func()) (*frameWriter, error) {
	_, err := io.WriteString(to, format)
	return &frameWriter{to: to, sum: sha256.Sum256([]byte(format)), rest: rest}, err
}

// Write keeps content back until a frame is full.
func (w *frameWriter) Write(b []byte) (n int, err error) {
	for len(b) > 0 {
		part := b[:min(len(b), frameSize-len(w.buf))]
		w.buf, b, n = append(w.buf, part...), b[len(part):], n+len(part)
		if len(w.buf) == frameSize {
			if err := w.writeFrame(); err != nil {
				return n, err
			}
			w.rest()
		}
	}
	return n, nil
}

func (w *frameWriter) writeFrame() error {
	head := binary.BigEndian.AppendUint32(nil, uint32(len(w.buf)))
	w.sum = hashFrame(w.sum, head, w.buf)
	for _, b := range [][]byte{head, w.buf, w.sum[:]} {
		if _, err := w.to.Write(b); err != nil {
			return err
		}
	}
	w.buf = w.buf[:0]
	return nil
}

// Close writes what is left, and the end.
func (w *frameWriter) Close() error {
	if len(w.buf) > 0 {
		if err := w.writeFrame(); err != nil {
			return err
		}
	}
	return w.writeFrame()
}

func hashFrame(before [sha256.Size]byte, head, content []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	h.Write(before[:])
	h.Write(head)
	h.Write(content)
	h.Sum(sum[:0])
	return sum
}

// frameReader returns content that is known to be what was written; io.EOF marks the end of a complete snapshot.
type frameReader struct {
	from  io.Reader
	sum   [sha256.Size]byte
	buf   []byte // of frame, not read yet
	frame []byte
	ended bool
}

func newFrameReader(from io.Reader) (*frameReader, error) {
	b := make([]byte, len(format))
	if _, err := io.ReadFull(from, b); err != nil || !bytes.Equal(b, []byte(format)) {
		return nil, fmt.Errorf("%w: it doesn't begin as one", ErrDamaged)
	}
	return &frameReader{from: from, sum: sha256.Sum256([]byte(format))}, nil
}

// Read returns some of what is left of a frame.
func (r *frameReader) Read(b []byte) (int, error) {
	for len(r.buf) == 0 {
		if r.ended {
			return 0, io.EOF
		}
		if err := r.readFrame(); err != nil {
			return 0, err
		}
	}
	n := copy(b, r.buf)
	r.buf = r.buf[n:]
	return n, nil
}

func (r *frameReader) readFrame() error {
	var head [4]byte
	if _, err := io.ReadFull(r.from, head[:]); err != nil {
		return fmt.Errorf("%w: it is cut off", ErrDamaged)
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > frameSize {
		return fmt.Errorf("%w: a frame of %d bytes", ErrDamaged, n)
	}
	if r.frame == nil {
		r.frame = make([]byte, frameSize+sha256.Size)
	}
	b := r.frame[:n+sha256.Size]
	if _, err := io.ReadFull(r.from, b); err != nil {
		return fmt.Errorf("%w: it is cut off", ErrDamaged)
	}
	if r.sum = hashFrame(r.sum, head[:], b[:n]); !bytes.Equal(r.sum[:], b[n:]) {
		return fmt.Errorf("%w: its content doesn't have its hash", ErrDamaged)
	}
	if r.buf = b[:n]; n > 0 {
		return nil
	}
	r.ended = true
	if n, err := r.from.Read(head[:1]); n > 0 || !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows its end", ErrDamaged)
	}
	return nil
}

// checkEnd returns an error unless everything was read.
func (r *frameReader) checkEnd() error {
	if n, err := r.Read(make([]byte, 1)); n > 0 {
		return fmt.Errorf("%w: there is more in it than a state", ErrDamaged)
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
