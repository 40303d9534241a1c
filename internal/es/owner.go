package es

import (
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

// CommandReply is an answer for somebody who waits.
type CommandReply struct {
	To          int32 // partition of replies
	Answer      Answer
	Fingerprint uint64 // of the record that is answered: one id may be asked with two
	Ask         bool   // it was an ask
}

// Step is what an owner wants done after an input, in this order. Append goes to events[p] unchanged; the outcome comes
// back through Log, and a failure through Fail.
type Step struct {
	Append   []*kgo.Record
	Replies  []CommandReply
	Acquired bool // the partition is ours now: read commands from Start on
}

// OwnerConfig is what an owner needs.
type OwnerConfig struct {
	Partition  int32
	Partitions int32 // of commands and events; a command in the wrong partition is malformed
	Domain     Domain
	Nonce      func() uuid.UUID // new at every call
	Now        func() time.Time
	// Authentic returns an error for a record of commands that no process of this installation wrote; it is skipped. nil = all are authentic.
	Authentic func(r *kgo.Record) error
	Report    func(what string, attrs ...any)    // something an operator should know; may be nil
	Trace     func(c *Command) (end func(error)) // called for each command that is decided; may change its TraceParent; may be nil
}

// Owner is one attempt to own one partition: it reads the log to its end, fences, and once the log shows the fence as
// counted, decides commands on a state that includes events in flight. An answer leaves only when the log has shown
// everything that it depends on, and only while the log's epoch is ours. When anything is doubtful the owner is over, to be thrown away
// and replaced by a new one. It does no I/O and is not safe for concurrent use.
type Owner struct {
	cfg     OwnerConfig
	fold    *Fold
	end     int64 // of the log when we began: we fence once we have read to it
	want    int64 // epoch of our outstanding fence; 0 = none
	nonce   uuid.UUID
	epoch   int64         // ours; 0 = not yet
	pseq    int64         // newest used
	next    int64         // offset of the command expected next
	sent    []*kgo.Record // events that the log hasn't shown yet, by pseq
	forged  int64         // records of commands that weren't authentic
	waiting []waitingReply
	due     dueHeap
	ticking map[uuid.UUID]tick
	over    string
	fatal   error
	decodes map[string]bool // types of events that were tried
	scratch []byte
}

type waitingReply struct {
	pseq  int64
	reply CommandReply
}

// NewOwner starts from a fold: empty, or from a snapshot of confirmed state.
func NewOwner(cfg OwnerConfig, from *Fold) *Owner {
	if cfg.Report == nil {
		cfg.Report = func(string, ...any) {}
	}
	return &Owner{cfg: cfg, fold: from, ticking: map[uuid.UUID]tick{}, decodes: map[string]bool{}}
}

// Begin takes where the log starts and ends now (next offset to be written).
func (o *Owner) Begin(start, end int64) Step {
	if start > o.fold.Next {
		o.stopFor(fmt.Errorf("%w: the log of partition %d begins at offset %d, but this owner knows it only up to %d", ErrLoss, o.cfg.Partition, start, o.fold.Next))
		return Step{}
	}
	if end < o.fold.Next {
		o.stopFor(fmt.Errorf("%w: the log of partition %d ends at offset %d, but its snapshot was taken at %d", ErrLoss, o.cfg.Partition, end, o.fold.Next))
		return Step{}
	}
	o.end = end
	return o.maybeFence()
}

func (o *Owner) maybeFence() (s Step) {
	if o.epoch == 0 && o.over == "" && o.fold.Next >= o.end && o.want <= o.fold.Rule.Epoch {
		o.want, o.nonce = o.fold.Rule.Epoch+1, o.cfg.Nonce()
		s.Append = []*kgo.Record{FenceRecord(o.cfg.Partition, o.want, o.nonce, o.cfg.Now())}
	}
	return s
}

// Log takes the next record of events[p].
func (o *Owner) Log(r *kgo.Record) (s Step) {
	switch {
	case o.over != "":
		return s
	case o.epoch == 0:
		return o.readBefore(r)
	}
	bad := o.fold.Malformed
	v, entry, _, err := o.fold.Gate.See(r)
	if o.fold.Malformed > bad {
		o.cfg.Report("malformed record in the log", "error", o.fold.LastBad)
	}
	switch {
	case err != nil:
		o.stopFor(err)
	case v == Fenced:
		o.stepDown("fenced by another owner at epoch " + strconv.FormatInt(o.fold.Rule.Epoch, 10))
	case v == Void && entry.Event != nil && entry.Epoch == o.epoch && entry.Event.Pseq > o.fold.Rule.Pseq:
		o.stepDown("our record with pseq " + strconv.FormatInt(entry.Event.Pseq, 10) + " is void")
	case v == Pending, v == Counted:
		if !o.wrote(r) {
			o.stopFor(&ForeignError{Event: entry.Event})
			return s
		}
		if v == Counted {
			s.Replies = o.releaseReplies()
		}
	}
	return s
}

// readBefore is Log before the partition is ours.
func (o *Owner) readBefore(r *kgo.Record) Step {
	bad := o.fold.Malformed
	v, _, err := o.fold.See(r)
	if o.fold.Malformed > bad {
		o.cfg.Report("malformed record in the log", "error", o.fold.LastBad)
	}
	if err != nil {
		o.stopFor(err)
		return Step{}
	}
	if v == Fenced && o.fold.Rule.Epoch == o.want && o.fold.Rule.Owner == o.nonce {
		o.epoch, o.pseq, o.next = o.want, o.fold.Rule.Complete, o.fold.last.Offset+1
		for _, org := range o.fold.orgs {
			o.scheduleTick(org)
		}
		return Step{Acquired: true}
	}
	return o.maybeFence()
}

func (o *Owner) releaseReplies() (out []CommandReply) {
	n := 0
	for n < len(o.waiting) && o.waiting[n].pseq <= o.fold.Rule.Complete {
		if o.waiting[n].reply.To >= 0 {
			out = append(out, o.waiting[n].reply)
		}
		n++
	}
	o.waiting = o.waiting[n:]
	return out
}

// Start is the offset in commands to read from, and the newest complete command that the log knows: the caller compares
// the record there with it and calls Rewind when it is not that one.
func (o *Owner) Start() (offset int64, id uuid.UUID, at time.Time, known bool) {
	return o.next, o.fold.last.ID, o.fold.last.Time, o.fold.last.Offset >= 0
}

// Rewind sets the offset to read commands from, before the first of them.
func (o *Owner) Rewind(offset int64) { o.next = offset }

// Over returns why this owner is finished; empty while it is not. fatal is set when taking ownership again would not help.
func (o *Owner) Over() (why string, fatal error) { return o.over, o.fatal }

// Owns reports whether the partition is ours.
func (o *Owner) Owns() bool { return o.epoch != 0 && o.over == "" }

// Epoch is ours, 0 while the partition isn't.
func (o *Owner) Epoch() int64 { return o.epoch }

// Forged is the number of records of commands that weren't authentic.
func (o *Owner) Forged() int64 { return o.forged }

// Voids returns the number of records read that don't count, and how many of them can't be parsed.
func (o *Owner) Voids() (voids, malformed int64) { return o.fold.Rule.Voids, o.fold.Malformed }

// InFlight is the number of events that the log has not shown yet.
func (o *Owner) InFlight() int64 {
	if o.epoch == 0 {
		return 0
	}
	return o.pseq - o.fold.Rule.Complete
}

// Fail reports that an append may not have happened.
func (o *Owner) Fail(err error) { o.stepDown("append: " + err.Error()) }

// Leave ends the ownership for a reason of the caller's.
func (o *Owner) Leave(why string) { o.stepDown(why) }

func (o *Owner) stepDown(why string) {
	if o.over == "" {
		o.over, o.waiting = why, nil // what we decided may never have happened
	}
}

func (o *Owner) stopFor(err error) {
	o.stepDown(err.Error())
	o.fatal = err
}
