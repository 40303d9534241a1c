package api

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// Bounds of recording hits.
const (
	hitsTogether  = 200                     // of an organisation, in one command
	hitsWait      = 5 * time.Millisecond    // for others of the organisation
	hitsPerHour   = 20                      // of one token that are recorded by this process; all are answered alike
	messageWait   = 1500 * time.Millisecond // for the read model to have a message: it was requested long before it was sent
	messageAgain  = 100 * time.Millisecond
	rememberFor   = time.Minute
	mostMessages  = 65_536 // of which something is remembered
	clientTextMax = 512    // bytes of a user agent that are kept
)

// pixel is the link of a hit that is no click.
const pixel = -1

// recorder puts hits on the log, many at a time.
type recorder struct {
	s      *Server
	watch  *watch
	tokens *lru.Cache[place, *count]
	known  *lru.Cache[letter, remembered]
	mu     sync.Mutex // of open and of counts
	open   map[uuid.UUID][]*hit
}

// letter is a message of an organisation, place its pixel or one of its links.
type letter struct{ org, message uuid.UUID }

type place struct {
	letter
	link int
}

type count struct {
	from time.Time
	hits int
}

// hit is one fetch on its way to the log.
type hit struct {
	letter
	id     uuid.UUID
	link   int
	at     time.Time
	client []byte // JSON
	class  string // the watch's, and the next two
	posted bool
	as     string        // the class that it was posted with
	done   chan struct{} // closed when the log has it, or err is set
	about  events.Answered
	err    error
}

var errUnknownMessage = errors.New("the message isn't in the read model yet")

func newRecorder(s *Server) *recorder {
	tokens, _ := lru.New[place, *count](mostMessages) // fails for sizes below 1 only
	known, _ := lru.New[letter, remembered](mostMessages)
	return &recorder{s: s, watch: newWatch(), tokens: tokens, known: known, open: map[uuid.UUID][]*hit{}}
}

// record returns when Kafka has the hit, and the corrections that follow from it. A hit beyond hitsPerHour changes nothing.
func (r *recorder) record(c *call, at place, class string) error {
	h := &hit{letter: at.letter, id: es.NewID(), link: at.link, at: r.s.cfg.Now().UTC().Truncate(time.Microsecond), class: class, done: make(chan struct{})}
	counts := r.counts(at, h.at)
	var wrong []*hit
	if at.link != pixel {
		seen := h
		if !counts {
			seen = nil
		}
		wrong = r.watch.follow(at.letter, at.link, h.at, seen)
	}
	if counts {
		agent := c.Get("User-Agent")
		h.client, _ = json.Marshal(client{c.IP(), agent[:min(len(agent), clientTextMax)]}) // two strings
		r.add(h)
		select {
		case <-h.done:
		case <-c.ctx.Done():
			r.forget(at)
			return c.ctx.Err()
		}
		if h.err != nil {
			r.forget(at)
			return h.err
		}
	}
	return r.correct(c.ctx, wrong)
}

// client is who made a hit, sealed under the lead's key.
type client struct {
	IP        string `json:"ip"`
	UserAgent string `json:"user_agent"`
}

// counts says whether a fetch is one of the first of its hour.
func (r *recorder) counts(at place, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	n, ok := r.tokens.Get(at)
	if !ok || now.Sub(n.from) >= time.Hour {
		n = &count{from: now}
		r.tokens.Add(at, n)
	}
	n.hits++
	return n.hits <= hitsPerHour
}

// forget takes back a fetch that was not recorded: it will be tried again.
func (r *recorder) forget(at place) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n, ok := r.tokens.Get(at); ok && n.hits > 0 {
		n.hits--
	}
}

// add puts a hit to those of its organisation that wait.
func (r *recorder) add(h *hit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	batch := append(r.open[h.org], h)
	r.open[h.org] = batch
	switch len(batch) {
	case 1:
		time.AfterFunc(hitsWait, func() { r.take(h.org, h) })
	case hitsTogether:
		delete(r.open, h.org)
		go r.flush(batch)
	}
}

// take flushes the batch that begins with first, unless it was full before.
func (r *recorder) take(org uuid.UUID, first *hit) {
	r.mu.Lock()
	batch := r.open[org]
	if len(batch) == 0 || batch[0] != first {
		r.mu.Unlock()
		return
	}
	delete(r.open, org)
	r.mu.Unlock()
	r.flush(batch)
}

// flush posts the hits of messages that are known, and waits a little for the others.
func (r *recorder) flush(batch []*hit) {
	ctx, cancel := context.WithTimeout(r.s.life, requestTimeout)
	defer cancel()
	for waited := time.Duration(0); ; waited += messageAgain {
		known, err := r.find(ctx, batch[0].org, batch)
		if err != nil {
			finish(batch, err)
			return
		}
		var here, later []*hit
		for _, h := range batch {
			if m := known[h.message]; m != nil && (waited >= messageWait || !early(h, m)) {
				h.about = events.Answered{MessageID: h.message, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID}
				here = append(here, h)
			} else {
				later = append(later, h)
			}
		}
		r.post(ctx, here, known)
		batch = later
		switch {
		case len(batch) == 0:
			return
		case waited >= messageWait:
			finish(batch, errUnknownMessage)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(messageAgain):
		}
	}
}

func finish(hits []*hit, err error) {
	for _, h := range hits {
		h.err = err
		close(h.done)
	}
}

// post sends one command. Nothing is recorded in an organisation that is deleted, and nobody's key is made anew.
func (r *recorder) post(ctx context.Context, hits []*hit, known map[uuid.UUID]*projections.ReachedMessage) {
	if len(hits) == 0 {
		return
	}
	org := hits[0].org
	if known[hits[0].message].Deleted {
		finish(hits, nil)
		return
	}
	leads := make([]uuid.UUID, len(hits))
	for i, h := range hits {
		leads[i] = h.about.LeadID
	}
	keys, err := r.s.cfg.Vault.Existing(ctx, org, leads)
	if err != nil {
		finish(hits, err)
		return
	}
	cmd := commands.RecordHits{Hits: make([]commands.Hit, len(hits))}
	r.watch.settle(hits, known)
	for i, h := range hits {
		out := commands.Hit{Answered: h.about, HitID: h.id, Class: h.as, At: h.at}
		if h.link != pixel {
			out.Link = &h.link
		}
		if key, ok := keys[h.about.LeadID]; ok && known[h.message].LeadKnown {
			if out.Client, err = sealed(key.Seal(projections.ClientField, h.client)); err != nil {
				finish(hits, err)
				return
			}
		}
		cmd.Hits[i] = out
	}
	finish(hits, r.send(ctx, org, cmd))
}

// send posts a command that nobody waits for but Kafka.
func (r *recorder) send(ctx context.Context, org uuid.UUID, cmd commands.Command) error {
	id := es.NewID()
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		return err
	}
	err = r.s.cfg.Commands.Post(ctx, &es.Command{ID: id, Type: kind, Org: org, Time: r.s.cfg.Now().UTC().Truncate(time.Microsecond),
		Actor: es.Actor{Kind: es.ActorProvider, ID: "tracking"}, CorrelationID: id, CausationID: id, Data: data})
	if err != nil {
		return unavailable(codeUnavailable, err)
	}
	return nil
}

// correct tells the log that hits were a scanner's, behind the hits themselves.
func (r *recorder) correct(ctx context.Context, wrong []*hit) error {
	var cmd commands.ReclassifyHits
	for _, h := range wrong {
		select {
		case <-h.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if h.err == nil && h.about.MessageID != uuid.Nil {
			cmd.Hits = append(cmd.Hits, commands.HitClass{Answered: h.about, HitID: h.id, Class: events.ClassScanner, Reason: scannerReason})
		}
	}
	if len(cmd.Hits) == 0 {
		return nil
	}
	return r.send(ctx, wrong[0].org, cmd)
}
