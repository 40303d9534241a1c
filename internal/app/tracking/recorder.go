// Package tracking records who opened messages and followed their links, and tells people from scanners.
package tracking

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/events"
	"outrider/internal/batch"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/pii"
	"outrider/internal/ratelimit"
)

// Bounds of recording hits.
const (
	maxBatch      = 200                     // hits of an organisation in one command
	batchWait     = 5 * time.Millisecond    // for the organisation's hits before them to be acknowledged
	hitsPerHour   = 20                      // of one token that are recorded by this process; all are answered alike
	messageWait   = 1500 * time.Millisecond // for the read model to have a message: it was requested long before it was sent
	messageRetry  = 100 * time.Millisecond
	rememberFor   = time.Minute
	maxMessages   = 65_536 // of which something is remembered
	maxClientText = 512    // bytes of a user agent that are kept
	postTimeout   = 15 * time.Second
)

// Pixel is the link of a fetch that is no click.
const Pixel = -1

var (
	// ErrUnknownMessage says that a message isn't in the read model yet.
	ErrUnknownMessage = errors.New("the message isn't in the read model yet")
	// ErrNoMessage says that a message is no longer there for visitors: its organisation was deleted.
	ErrNoMessage = errors.New("the message is gone")
	// ErrUnavailable says that the log didn't take hits.
	ErrUnavailable = errors.New("the log doesn't take hits now")
)

// Poster sends commands that nobody waits for but Kafka; *gateway.Gateway is one.
type Poster interface {
	Post(ctx context.Context, c *es.Command) error
}

// Config is what a Recorder stands on. All of it is needed unless it says otherwise.
type Config struct {
	Commands Poster
	Pool     *pgxpool.Pool
	Vault    *pii.Vault
	Now      func() time.Time
	// TraceBatch is told of every command and the requests that share it, and makes its trace parent; nil = nobody traces.
	TraceBatch func(commandType string, correlation uuid.UUID, requests []string) (own string, end func(error))
}

// Recorder puts hits on the log, many at a time.
type Recorder struct {
	cfg      Config
	life     context.Context //nolint:containedctx // of all batches
	scanners *scannerDetector
	fetches  *ratelimit.Limiter[linkKey]
	targets  *lru.Cache[MessageKey, cachedTarget]
	batches  *batch.Group[uuid.UUID, *hit, struct{}] // by organisation
}

// MessageKey is a message of an organisation.
type MessageKey struct{ Org, ID uuid.UUID }

// linkKey is a message's pixel or one of its links.
type linkKey struct {
	MessageKey
	link int
}

// Fetch is a request for a pixel or a link.
type Fetch struct {
	Message       MessageKey
	Link          int // Pixel, or a destination counted from 0
	IP, UserAgent string
	Prefetch      bool   // a browser fetched it unasked: a machine's hit, which says nothing of the message's other ones
	Trace         string // of its request; "" = nobody traces
}

// hit is one fetch on its way to the log.
type hit struct {
	MessageKey
	id          uuid.UUID
	link        int
	at          time.Time
	client      []byte // JSON
	class       string // the detector's, and the next two
	posted      bool
	postedClass string
	done        chan struct{} // closed when the log has it, or err is set
	about       events.SentMessageRef
	trace       string // of its request
	batch       string // of the command that it was posted in
	err         error
}

// NewRecorder makes a recorder whose batches end with life.
func NewRecorder(life context.Context, cfg Config) *Recorder {
	targets, _ := lru.New[MessageKey, cachedTarget](maxMessages)
	r := &Recorder{cfg: cfg, life: life, scanners: newScannerDetector(), fetches: ratelimit.New[linkKey](hitsPerHour, time.Hour), targets: targets}
	r.batches = batch.NewEagerGroup(batchWait, maxBatch, r.postHits)
	return r
}

// Record returns when Kafka has the hit, and the corrections that follow from it; batch is the trace parent of the command that
// it was posted in. A hit beyond hitsPerHour changes nothing.
func (r *Recorder) Record(ctx context.Context, f Fetch) (batch string, err error) {
	key := linkKey{f.Message, f.Link}
	h := &hit{MessageKey: f.Message, id: es.NewID(), link: f.Link, at: r.cfg.Now().UTC().Truncate(time.Microsecond), class: classOf(f), trace: f.Trace, done: make(chan struct{})}
	counts, _ := r.fetches.Take(key, h.at)
	var wrong []*hit
	if f.Link != Pixel && !f.Prefetch {
		seen := h
		if !counts {
			seen = nil
		}
		wrong = r.scanners.observeFetch(f.Message, f.Link, f.requester(), h.at, seen)
	}
	if counts {
		h.client, _ = json.Marshal(f.requester()) // two strings
		if err := r.awaitPost(ctx, h); err != nil {
			r.fetches.Return(key)
			return "", err
		}
		if h.err != nil {
			r.fetches.Return(key)
			return h.batch, h.err
		}
	}
	return h.batch, r.correctHits(ctx, wrong)
}

func classOf(f Fetch) string {
	if f.Prefetch {
		return events.ClassScanner
	}
	return string(linktoken.Classify(f.UserAgent))
}

// awaitPost returns when a hit is on the log, or h.err says why not; or ctx ends.
func (r *Recorder) awaitPost(ctx context.Context, h *hit) error {
	if _, err := r.batches.Do(ctx, h.Org, h); err != nil {
		return err
	}
	select {
	case <-h.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Visit takes a look at one of our pages into account: whoever follows it among many links is a scanner.
func (r *Recorder) Visit(ctx context.Context, f Fetch) error {
	err := r.correctHits(ctx, r.scanners.observeFetch(f.Message, f.Link, f.requester(), r.cfg.Now(), nil))
	if errors.Is(err, ErrUnknownMessage) {
		return nil
	}
	return err
}

// requester is who made a hit, sealed under the lead's key.
type requester struct {
	IP        string `json:"ip"`
	UserAgent string `json:"user_agent"`
}

func (f Fetch) requester() requester {
	return requester{f.IP, f.UserAgent[:min(len(f.UserAgent), maxClientText)]}
}
