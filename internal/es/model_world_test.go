package es

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The model drives the real Owner, Fold, Gate and Rule through histories that a broker, a network and two processes
// could make: it owns the log, what is on its way to it, and the choice of who acts next.

// scenario bounds what is explored.
type scenario struct {
	name     string
	commands []asked
	quota    int
	starts   int // of owners, by each writer
	crashes  int
	repeats  int // produce requests that are retried though they had arrived
	losses   int // records that never arrive while later ones do
	mutant   mutant

	records []*kgo.Record
}

// asked is a command. The two versions of the code decide differently: one of them may refuse what the other accepts.
type asked struct {
	id          byte // equal = the same command id
	places      int
	refusedBy   byte // the version ('A' or 'B') that refuses it; 0 = none
	org         byte
	fingerprint uint64
	ask         bool
}

var modelTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func modelOrg(b byte) uuid.UUID     { return V8([]byte{'o', b, 14: 0, 15: 0}) }
func modelCommand(b byte) uuid.UUID { return V8([]byte{'c', b, 14: 0, 15: 0}) }

func (sc *scenario) build() {
	sc.records = nil
	for i, a := range sc.commands {
		sc.records = append(sc.records, sc.record(i, a))
	}
}

func (sc *scenario) record(offset int, a asked) *kgo.Record {
	c := &Command{ID: modelCommand(a.id), Type: takeType(a.places, a.refusedBy), Org: modelOrg(a.org), Time: modelTime.Add(time.Duration(offset) * time.Second),
		Actor: Actor{ActorPerson, "p"}, Fingerprint: a.fingerprint, Data: []byte("{}")}
	if a.ask {
		c.Type = AskType
	}
	r := CommandRecord(0, c)
	r.Offset = int64(offset)
	return r
}

type key [16]byte

// sent is a record on its way, with the hash of its content.
type sent struct {
	r *kgo.Record
	k key
}

// queue is one connection to the broker: records arrive in order, a retried one again.
type queue struct {
	records []sent
	at      int  // the next to arrive
	cut     bool // the newest record is lost: nothing that comes will tell
}

type writer struct {
	owner    *Owner // nil while there is none
	out      queue
	started  int
	attempts int // to fence: each has a new nonce
}

type world struct {
	sc       *scenario
	commands []*kgo.Record
	log      []*kgo.Record
	logKey   key
	folds    []*Fold // a reader from the start, after n records; never changed
	gates    []Gate  // readers that began at a checkpoint, equal ones merged; the first from the start
	writers  [2]writer
	ghosts   []queue // what writers that are gone have under way: may still arrive
	answers  map[uuid.UUID]Answer
	saved    *Fold // only for a mutant

	crashes, repeats, losses int // left
}

func newWorld(sc *scenario) *world {
	f := NewFold(quotaDomain(0))
	return &world{sc: sc, commands: sc.records, folds: []*Fold{f}, gates: []Gate{NewGate(StartCheckpoint())}, answers: map[uuid.UUID]Answer{},
		crashes: sc.crashes, repeats: sc.repeats, losses: sc.losses}
}

// fork copies what the next action may change; what is frozen stays shared.
func (w *world) fork() *world {
	c := *w
	c.gates, c.ghosts = slices.Clone(w.gates), slices.Clip(w.ghosts)
	c.log, c.folds, c.commands = slices.Clip(w.log), slices.Clip(w.folds), slices.Clip(w.commands)
	for i := range c.writers {
		c.writers[i].out.records = slices.Clip(c.writers[i].out.records)
	}
	return &c
}

func version(i int) byte { return "AB"[i] }

func cloneRule(r *Rule) { r.open = slices.Clip(r.open) }

func cloneFold(f *Fold) *Fold {
	c := *f
	cloneRule(&c.Rule)
	c.orgs = make(map[uuid.UUID]*organization, len(f.orgs))
	for id, o := range f.orgs {
		n := *o
		n.state = o.state.(*quotaState).clone()
		n.ids.answers, n.ids.order = maps.Clone(o.ids.answers), slices.Clip(o.ids.order)
		c.orgs[id] = &n
	}
	return &c
}

func cloneOwner(o *Owner) *Owner {
	c := *o
	c.fold = cloneFold(o.fold)
	c.waiting, c.sent, c.due, c.ticking, c.scratch = slices.Clip(o.waiting), slices.Clone(o.sent), slices.Clone(o.due), maps.Clone(o.ticking), nil
	c.decodes = maps.Clone(o.decodes)
	return &c
}

// hash is canonical: worlds with equal hashes have equal futures.
func (w *world) hash(buf []byte) (key, []byte) {
	b := append(buf[:0], w.logKey[:]...)
	b = append(b, byte(w.crashes), byte(w.repeats), byte(w.losses))
	for i := range w.writers {
		x := &w.writers[i]
		b = append(b, 'w', byte(x.started), byte(x.attempts))
		b = w.appendQueue(b, &x.out)
		if x.owner != nil {
			b = appendOwner(b, x.owner)
		}
	}
	ghosts := make([]key, 0, 8)
	for i := range w.ghosts {
		var s [sha256.Size]byte
		if q := w.appendQueue(nil, &w.ghosts[i]); len(q) > 1 {
			s = sha256.Sum256(q)
			ghosts = append(ghosts, key(s[:16]))
		}
	}
	slices.SortFunc(ghosts, func(a, b key) int { return slices.Compare(a[:], b[:]) })
	for _, g := range ghosts {
		b = append(b, g[:]...)
	}
	for i, r := range w.commands {
		if i >= len(w.sc.commands) {
			b = append(b, r.Key...)
			continue
		}
		if a, ok := w.answers[modelCommand(w.sc.commands[i].id)]; ok {
			b = append(b, byte(i), a.Outcome[0], byte(a.Pseq))
		}
	}
	if w.saved != nil {
		b = appendFold(append(b, 's'), w.saved)
	}
	for i := range w.gates[1:] {
		b = appendRule(append(b, 'g'), &w.gates[i+1].Rule)
	}
	s := sha256.Sum256(b)
	return key(s[:16]), b
}

// appendQueue leaves out what can't arrive any more.
func (w *world) appendQueue(b []byte, q *queue) []byte {
	from := q.at
	if w.repeats > 0 {
		from = 0
	}
	b = append(b, byte(q.at-from))
	if q.cut {
		b = append(b, 'x')
	}
	for _, s := range q.records[from:] {
		b = append(b, s.k[:]...)
	}
	return b
}

func appendOwner(b []byte, o *Owner) []byte {
	b = append(b, 'o', byte(o.end), byte(o.want), byte(o.epoch), byte(o.pseq), byte(o.next), byte(len(o.waiting)))
	b = append(b, o.nonce[:]...)
	for _, x := range o.waiting {
		b = append(b, byte(x.pseq), x.reply.Answer.Outcome[0], byte(x.reply.Answer.Pseq), byte(len(x.reply.Answer.Code)))
		b = append(b, x.reply.Answer.CommandID[:4]...)
	}
	return appendFold(b, o.fold)
}

func appendFold(b []byte, f *Fold) []byte {
	b = append(b, byte(f.Next), byte(f.last.Offset), byte(f.gapFrom), byte(f.gapTo))
	b = appendRule(b, &f.Rule)
	b = append(b, f.Rule.Owner[:]...)
	for _, id := range [2]uuid.UUID{modelOrg(0), modelOrg(1)} {
		o := f.orgs[id]
		if o == nil || o.oseq == 0 {
			continue
		}
		b = append(b, 'i', byte(o.oseq), byte(o.state.(*quotaState).used), byte(len(o.ids.order)))
		b = append(b, o.chain[:]...)
		for _, id := range o.ids.order {
			a := o.ids.answers[id]
			b = append(append(b, id[:4]...), byte(a.pseq), a.outcome)
		}
	}
	return b
}

func appendRule(b []byte, r *Rule) []byte {
	b = append(b, byte(r.Epoch), byte(r.Pseq), byte(r.Complete), byte(len(r.open)))
	for _, e := range r.open {
		b = append(b, e.ID[:]...)
	}
	return b
}

func recordKey(r *kgo.Record) key {
	h := sha256.New()
	var n [4]byte
	for _, x := range r.Headers {
		if x.Key == hChain || x.Key == hSpec || x.Key == hSource {
			continue
		}
		binary.BigEndian.PutUint32(n[:], uint32(len(x.Value)))
		h.Write([]byte(x.Key))
		h.Write(n[:])
		h.Write(x.Value)
	}
	h.Write(r.Value)
	return key(h.Sum(nil)[:16])
}
