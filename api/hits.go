package api

import (
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"outrider/events"
	"outrider/internal/es"
)

// Bounds of recording hits.
const (
	hitsTogether  = 200                     // of an organisation, in one command
	hitsWait      = 5 * time.Millisecond    // for the organisation's hits before them to be acknowledged
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
	mu     sync.Mutex // of the next two and of counts
	open   map[uuid.UUID][]*hit
	flying map[uuid.UUID]int // batches that are on their way to the log
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
	about  events.SentMessageRef
	trace  string // of its request
	batch  string // of the command that it was posted in
	err    error
}

var errUnknownMessage = errors.New("the message isn't in the read model yet")

func newRecorder(s *Server) *recorder {
	tokens, _ := lru.New[place, *count](mostMessages) // fails for sizes below 1 only
	known, _ := lru.New[letter, remembered](mostMessages)
	return &recorder{s: s, watch: newWatch(), tokens: tokens, known: known, open: map[uuid.UUID][]*hit{}, flying: map[uuid.UUID]int{}}
}

// record returns when Kafka has the hit, and the corrections that follow from it. A hit beyond hitsPerHour changes nothing.
func (r *recorder) record(c *call, at place, class string) error {
	h := &hit{letter: at.letter, id: es.NewID(), link: at.link, at: r.s.cfg.Now().UTC().Truncate(time.Microsecond), class: class, trace: c.trace, done: make(chan struct{})}
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
		c.batch = h.batch
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
