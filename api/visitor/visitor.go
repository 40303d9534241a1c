// Package visitor answers those who have no key but a link out of a message: the tracking pixel and redirect, and the pages to
// unsubscribe and to book a meeting. Package api mounts its handlers, and does for them what it does for every request.
package visitor

import (
	"context"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"

	"outrider/internal/app/tracking"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/pii"
	"outrider/internal/ratelimit"
)

// What the caller of a handler answers with a page of its own (ShowError), besides refusals (*es.Refusal) and faults.
var (
	ErrInvalidLink       = errors.New("the link is not valid")
	ErrFormTooLarge      = errors.New("the form is too large")
	ErrUnreadableForm    = errors.New("the form can't be read")
	ErrMeetingNotVisible = errors.New("a meeting isn't in the read model yet")
)

// LimitError says that a link was used too often, and when it may be used again.
type LimitError struct{ Retry time.Duration }

func (*LimitError) Error() string { return "the link was used too often" }

// PersonKeys finds the keys of persons who were not erased; *pii.Vault is one.
type PersonKeys interface {
	Existing(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) (map[uuid.UUID]pii.Key, error)
}

// Config is what Handlers stand on. All of it is needed unless it says otherwise.
type Config struct {
	Tracking   *tracking.Recorder
	Keys       PersonKeys
	Signer     *linktoken.Signer // of the links; nil = none is valid
	BaseURL    string            // under which the links lead here
	Generation int32             // of the topics, for positions
	Partitions int32             // of the log
	Now        func() time.Time

	// Submit sends a command and waits for its answer; gateway.ErrPending = it isn't decided yet, and may be sent again.
	Submit func(ctx context.Context, c *es.Command) (es.Answer, error)
	// ReadInOrg runs queries that see the rows of org and no others.
	ReadInOrg func(ctx context.Context, org uuid.UUID, queries func(pgx.Tx) error) error
	// StopNotifications ends mails of notifications to a person of an organisation; nil = nobody signs in here.
	StopNotifications func(ctx context.Context, person, org uuid.UUID) error
	// AwaitMeetings waits a while until meetings can be read as of a position.
	AwaitMeetings func(ctx context.Context, at es.Position) error
	// SealOrigin seals the address that a request came from, for the log.
	SealOrigin func(ctx context.Context, org uuid.UUID, actor es.Actor, address string) (string, error)
	// StillFree asks calendars of hosts once more, and returns who is free between two times; nil = what is known is believed.
	StillFree func(ctx context.Context, org uuid.UUID, hosts []uuid.UUID, from, to time.Time) []uuid.UUID
	// OpenBody returns the body of a message, given or by the reference to where it lies; nil once nobody can read it.
	OpenBody func(ctx context.Context, org, lead uuid.UUID, body *string, ref string) (*string, error)
}

// Handlers answer visitors. What they return is for ShowError.
type Handlers struct {
	cfg     Config
	pages   *pages
	uses    *ratelimit.Limiter[linkUse]
	posts   *ratelimit.Limiter[linkUse] // forms
	decided *lru.Cache[askedFor, asked]
}

// New reads the pages.
func New(cfg Config) (*Handlers, error) {
	pages, err := newPages()
	if err != nil {
		return nil, err
	}
	decided, _ := lru.New[askedFor, asked](maxLinks) // fails for sizes below 1 only
	return &Handlers{cfg: cfg, pages: pages, uses: ratelimit.New[linkUse](usesPerHour, time.Hour), posts: ratelimit.New[linkUse](postsOf, time.Hour), decided: decided}, nil
}

// Call is one request of a visitor, and what is to be known of it afterwards.
type Call struct {
	*fiber.Ctx
	RequestID uuid.UUID
	Trace     string                 // parent of what it causes; empty = nobody traces here
	ReadBody  func() ([]byte, error) // within the limits of the server

	Batch    string      // set to the trace parent of the batch that its hit was posted in
	Position es.Position // set to that of its write
}
