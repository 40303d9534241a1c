package es

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"

	"github.com/twmb/franz-go/pkg/kgo"
)

// ErrForeign reports that the log shows an event of the current ownership that its owner didn't write.
var ErrForeign = errors.New("somebody else writes to the log")

// ForeignError is ErrForeign with the event.
type ForeignError struct{ Event *Event }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("%v: %s of organisation %s at %d/%d has epoch %d and pseq %d, and is not what this owner wrote",
		ErrForeign, e.Event.Type, e.Event.Org, e.Event.Partition, e.Event.Offset, e.Event.Epoch, e.Event.Pseq)
}

func (*ForeignError) Unwrap() error { return ErrForeign }

// wrote reports whether a valid event of our epoch is the one that we wrote with its number. Nobody else owns the partition in our
// epoch, so nobody else may have written it.
func (o *Owner) wrote(r *kgo.Record) bool {
	if len(o.sent) == 0 {
		return false
	}
	ours := o.sent[0]
	o.sent[0] = nil
	o.sent = o.sent[1:]
	return sameRecord(ours, r)
}

func sameRecord(a, b *kgo.Record) bool {
	if len(a.Headers) != len(b.Headers) || !bytes.Equal(a.Key, b.Key) || !bytes.Equal(a.Value, b.Value) {
		return false
	}
	for i := range a.Headers {
		if a.Headers[i].Key != b.Headers[i].Key || !bytes.Equal(a.Headers[i].Value, b.Headers[i].Value) {
			return false
		}
	}
	return true
}

// authentic reports whether a process of this installation wrote a command. One that isn't authentic leaves nothing: an event would take
// its id away from the real command, and an answer would reach whoever waits for that id.
func (o *Owner) authentic(r *kgo.Record) bool {
	if o.cfg.Authentic == nil {
		return true
	}
	err := o.cfg.Authentic(r)
	if err == nil {
		return true
	}
	o.forged++
	if bits.OnesCount64(uint64(o.forged)) == 1 { // the first, the second, the fourth ...
		o.cfg.Report("a command that this installation didn't write is passed over", "offset", r.Offset, "error", err, "passed_over", o.forged)
	}
	return false
}
