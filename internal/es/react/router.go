package react

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/sony/gobreaker"

	"outrider/internal/es"
	"outrider/internal/kafka"
)

// ErrPermanent marks errors that another attempt won't change: the message goes to the poison queue at once.
var ErrPermanent = errors.New("permanent failure")

// Reactor acts on events. Everything that it causes outside has an idempotency key that follows from the event's id,
// and it ends in commands: it may see an event more than once.
type Reactor struct {
	Name        string            // also of its consumer group; never change it: everything would happen again
	Wants       func(string) bool // by event type
	MayPass     func(string) bool // which of them are passed over for organisations of which NoteIdle was said; nil = none
	Concurrency int               // 0 = 16
	PerOrg      int               // of one organisation at once, 0 = three quarters of Concurrency
	Rate        int64             // messages a second in this process at most, 0 = no limit
	Handle      func(ctx context.Context, e *es.Event) ([]*es.Command, error)
	Breaker     gobreaker.Settings // the zero value opens after 5 failures in a row, for a minute
}

// Options of all reactors. The zero value of an option is its default.
type Options struct {
	Poison  string                                              // topic of what failed for good, "" = PoisonTopic
	Retries int                                                 // before that, 0 = 5; negative = none
	Initial time.Duration                                       // wait before the first retry, doubled each time; 0 = 200 ms
	Longest time.Duration                                       // 0 = 30 s
	Logger  *slog.Logger                                        // nil = slog.Default
	Config  Config                                              // Log and whatever else is not the reactor's own
	Watch   func(reactor string, s *Subscriber)                 // called with each subscriber, so that its Status can be read; may be nil
	Trace   func(reactor string, e *es.Event) (end func(error)) // called for each event that is handled; may change its TraceParent; may be nil
}

// PoisonTopic holds messages that failed for good, with their envelope and the reason in headers.
const PoisonTopic = "reactors.poison"

// EnsurePoison creates the poison topic; it keeps everything.
func EnsurePoison(ctx context.Context, log kafka.Log, topic string) error {
	cl, err := log.Open()
	if err != nil {
		return err
	}
	defer cl.Close()
	forever := "-1"
	return log.CreateTopic(ctx, cl, topic, 1, map[string]*string{"retention.ms": &forever})
}

// NewRouter wires reactors; Run it until its context ends. Around each: correlation ids, then the poison queue, then
// retries, then throttle and circuit breaker. An open breaker poisons nothing: the message is refused and comes again.
func NewRouter(o Options, pub *Publisher, reactors ...Reactor) (*message.Router, error) {
	if o.Poison == "" {
		o.Poison = PoisonTopic
	}
	if o.Retries == 0 {
		o.Retries = 5
	}
	if o.Initial == 0 {
		o.Initial = 200 * time.Millisecond
	}
	if o.Longest == 0 {
		o.Longest = 30 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	router, err := message.NewRouter(message.RouterConfig{}, watermill.NewSlogLogger(o.Logger))
	if err != nil {
		return nil, fmt.Errorf("make router: %w", err)
	}
	poison, err := middleware.PoisonQueueWithFilter(pub, o.Poison, func(err error) bool { return !comesAgain(err) })
	if err != nil {
		return nil, fmt.Errorf("make poison queue: %w", err)
	}
	retry := middleware.Retry{MaxRetries: max(o.Retries, 0), InitialInterval: o.Initial, MaxInterval: o.Longest, Multiplier: 2, RandomizationFactor: 0.2,
		ShouldRetry: func(p middleware.RetryParams) bool { return !comesAgain(p.Err) && !errors.Is(p.Err, ErrPermanent) }}
	router.AddMiddleware(middleware.CorrelationID, poison, tellFailures(o.Logger), retry.Middleware)
	for _, r := range reactors {
		cfg := o.Config
		cfg.Group, cfg.Wants, cfg.MayPass = "reactor."+r.Name, r.Wants, r.MayPass
		if r.Concurrency > 0 {
			cfg.Concurrency = r.Concurrency
		}
		if r.PerOrg > 0 {
			cfg.PerOrg = r.PerOrg
		}
		sub := NewSubscriber(cfg)
		if o.Watch != nil {
			o.Watch(r.Name, sub)
		}
		h := router.AddHandler(r.Name, cfg.Log.Events(), sub, cfg.Log.Commands(), pub, makeHandler(r, o.Trace))
		if r.Rate > 0 {
			h.AddMiddleware(middleware.NewThrottle(r.Rate, time.Second).Middleware)
		}
		r.Breaker.Name = r.Name
		if r.Breaker.IsSuccessful == nil { // a bad message says nothing about the service it needs
			r.Breaker.IsSuccessful = func(err error) bool {
				return err == nil || errors.Is(err, ErrPermanent) || errors.Is(err, context.Canceled)
			}
		}
		h.AddMiddleware(middleware.NewCircuitBreaker(r.Breaker).Middleware, middleware.Recoverer)
	}
	return router, nil
}

// tellFailures logs what no retry helped, a panic with its stack, before it goes to the poison queue.
func tellFailures(logger *slog.Logger) message.HandlerMiddleware {
	return func(next message.HandlerFunc) message.HandlerFunc {
		return func(m *message.Message) ([]*message.Message, error) {
			out, err := next(m)
			if err != nil && !comesAgain(err) {
				logger.Error("a reactor gave up on an event", "reactor", message.HandlerNameFromCtx(m.Context()), "event", m.UUID, "error", err)
			}
			return out, err
		}
	}
}

// comesAgain reports whether an error isn't about the message, which is delivered again: an open breaker, or the end of this process.
func comesAgain(err error) bool {
	return errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) || errors.Is(err, context.Canceled)
}

func makeHandler(r Reactor, trace func(string, *es.Event) func(error)) message.HandlerFunc {
	return func(m *message.Message) (_ []*message.Message, err error) {
		e, err := EventOf(m)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPermanent, err)
		}
		if trace != nil {
			defer func(end func(error)) { end(err) }(trace(r.Name, e))
		}
		commands, err := r.Handle(m.Context(), e)
		if err != nil {
			return nil, fmt.Errorf("%s on %s %s (%s/%s): %w", r.Name, e.Type, e.ID, strconv.Itoa(int(e.Partition)), strconv.FormatInt(e.Offset, 10), err)
		}
		out := make([]*message.Message, len(commands))
		for i, c := range commands {
			out[i] = CommandMessage(c)
		}
		return out, nil
	}
}
