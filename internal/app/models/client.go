package models

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/sealedtext"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/llm"
	"outrider/internal/pii"
	"outrider/internal/retry"
	"outrider/internal/websearch"
)

// Request is what is wanted of a model.
type Request struct {
	// ID names what is wanted. Whoever asks again under the same id gets the answer that was given, and nobody is asked a second time: it follows from the event that
	// is worked on and from what is asked (see RequestID).
	ID         uuid.UUID
	CampaignID uuid.UUID // that it is for, and so on; the cost is counted there
	LeadID     uuid.UUID // likewise. The answer is kept under this person's key,
	CompanyID  uuid.UUID // or under this company's where there is one; with neither, under one of the organisation's models
	MessageID  uuid.UUID
	Prompt     llm.Prompt
	Query      *websearch.Query // instead of Prompt, of a search
	Personal   []string         // what is known of the person: it is taken out of the prompt where the task doesn't need it (Redacts)
	Cause      Cause
}

// Cause is what made somebody ask.
type Cause struct {
	Correlation, Causation uuid.UUID
	Actor                  es.Actor
	TraceParent            string
}

// CausedBy is the cause of what a reactor asks when it handles an event.
func CausedBy(e *es.Event, reactor string) Cause {
	return Cause{e.CorrelationID, e.ID, es.Actor{Kind: es.ActorProvider, ID: reactor}, e.TraceParent}
}

// RequestID is the id of what is asked because of something, an event or a request: the same again for the same prompt.
func RequestID(because uuid.UUID, task string, p llm.Prompt) uuid.UUID {
	return es.DeriveID(because, "ai", task, p.Hash(""))
}

// Answer is what a model said.
type Answer struct {
	llm.Completion           // CostMicroUSD has what failed before it
	CallID         uuid.UUID // in the ledger
	Recorded       bool      // it was known: nobody was asked
}

// Config is what a Client needs.
type Config struct {
	Search    SearchConfig
	Platform  llm.Endpoint      // of the installation; without a key, and without a base URL, there is none
	Default   map[string]string // models of the platform by task, for those who choose none
	Catalogue Catalogue
	Reach     dial.Reach // of the endpoints of organisations
	Timeout   time.Duration
	Ledger    Ledger
	Secrets   Secrets
	Keys      sealedtext.Keyring
	Commands  Commander
	Now       func() time.Time
	Pause     func(ctx context.Context, d time.Duration) error // before another attempt; nil = retry.Sleep
}

// Client asks language models, and a search engine. Safe for many goroutines.
type Client struct {
	Config

	platform, own *http.Client
	breakers      breakers
	flights       singleflight.Group
	wishes        *lru.Cache[uuid.UUID, wish]
}

const (
	askTimeout  = time.Minute
	maxAttempts = 3
	// firstWait is how long a second attempt waits; a third waits four times as long.
	firstWait = 500 * time.Millisecond
	// mostPatience is how long another try may be put off by who is asked.
	mostPatience = time.Minute
)

// NewClient makes no connection yet.
func NewClient(c Config) (*Client, error) {
	if c.Ledger == nil || c.Secrets == nil || c.Keys == nil || c.Commands == nil || c.Now == nil {
		return nil, errors.New("make client of language models: something is missing")
	}
	if c.Timeout == 0 {
		c.Timeout = askTimeout
	}
	if c.Pause == nil {
		c.Pause = retry.Sleep
	}
	strangers := &http.Transport{DialContext: dial.Dialer{Reach: c.Reach}.DialContext, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 4}
	wishes, err := lru.New[uuid.UUID, wish](4096)
	if err != nil {
		return nil, fmt.Errorf("make client of language models: %w", err)
	}
	return &Client{Config: c, wishes: wishes, platform: &http.Client{CheckRedirect: dial.NoRedirect}, own: &http.Client{CheckRedirect: dial.NoRedirect, Transport: strangers}}, nil
}

// HasPlatform reports whether the installation has models for everybody.
func (c *Client) HasPlatform() bool { return c.Platform.Key != "" || c.Platform.BaseURL != "" }

// wishTime is how long a process may go by what an organisation wanted before.
const wishTime = 2 * time.Second

type wish struct {
	wanted bool
	until  time.Time
}

// Wanted reports whether an organisation has a model that writes, be it that nobody may ask it just now. It is for who would prepare a question; Complete decides.
func (c *Client) Wanted(ctx context.Context, org uuid.UUID) (bool, error) {
	if c.HasPlatform() && c.DefaultFor(events.AITaskWrite) != "" {
		return true, nil
	}
	if w, ok := c.wishes.Get(org); ok && time.Now().Before(w.until) {
		return w.wanted, nil
	}
	s, err := c.Ledger.Settings(ctx, org)
	if err != nil {
		return false, err
	}
	var failed *llm.Error
	_, err = c.choose(s, events.AITaskWrite)
	wanted := !errors.As(err, &failed) || failed.Reason != llm.Off
	c.wishes.Add(org, wish{wanted, time.Now().Add(wishTime)})
	return wanted, nil
}

// Complete asks the model of a task, and returns what it says. What it may cost is reserved before and what it did cost counted after, once: whoever asks again for the same gets
// the answer from the ledger, and a call of which nobody knows what came of it is never repeated under its name. Failures that pass are tried again a few times. Every error is an
// *llm.Error that says what was spent, but ErrGone, ErrBusy and those of databases and of a ctx that has ended: then ask again later.
func (c *Client) Complete(ctx context.Context, org uuid.UUID, task string, r Request) (Answer, error) {
	if r.ID == uuid.Nil {
		return Answer{}, errors.New("ask model: the request has no id")
	}
	if Redacts(task) {
		r.Prompt.User = Redact(r.Prompt.User, r.Personal)
	}
	key, err := c.keyOf(ctx, org, r)
	if err != nil {
		return Answer{}, err
	}
	// Who asks for the same in this process waits for the first.
	one, err, _ := c.flights.Do(org.String()+r.ID.String(), func() (any, error) { return c.tryAttempts(ctx, org, task, r, key) })
	a, _ := one.(Answer)
	if failed := (*llm.Error)(nil); errors.As(err, &failed) { // each has its own
		own := *failed
		err = &own
	}
	return a, err
}

func (c *Client) tryAttempts(ctx context.Context, org uuid.UUID, task string, r Request, key pii.Key) (Answer, error) {
	var spent int64
	for n := 0; ; n++ {
		a, err := c.attempt(ctx, org, task, r, key, es.DeriveID(r.ID, "attempt", strconv.Itoa(n)))
		spent += a.CostMicroUSD
		a.CostMicroUSD = spent
		var failed *llm.Error
		if !errors.As(err, &failed) {
			return a, err
		}
		failed.CostMicroUSD = spent
		if n+1 == maxAttempts || failed.Reason != llm.Temporary && failed.Reason != llm.Lost {
			return Answer{}, err
		}
		if a.Recorded {
			continue
		}
		if failed.After > mostPatience {
			return Answer{}, err
		}
		if err := c.Pause(ctx, max(firstWait<<(2*n), failed.After)); err != nil {
			return Answer{}, err
		}
	}
}

// ErrGone says that the person whom a request is about is erased.
var ErrGone = errors.New("who it is about isn't there any more")

// ErrBusy says that the settings change all the time, or the same is asked by many. Ask again later.
var ErrBusy = errors.New("the same is being asked")

// How long somebody else who asks for the same is waited for, before others go on without them: they may have died, or be nearly done.
const (
	lookEvery = 500 * time.Millisecond
	looks     = 10
)

// awaitOther waits until a call that somebody else has reserved is settled, or gives it up: then it counts as lost, with all that it can have cost, and the same may be asked under another name.
func (c *Client) awaitOther(ctx context.Context, org uuid.UUID, why Cause, call uuid.UUID) (Known, error) {
	for range looks {
		if known, err := c.Ledger.Call(ctx, org, call); err != nil || known.Outcome != "" {
			return known, err
		}
		if err := c.Pause(ctx, lookEvery); err != nil {
			return Known{}, err
		}
	}
	a, err := c.submit(ctx, org, why, es.DeriveID(call, "give up"), commands.GiveUpAICall{CallID: call})
	if err != nil {
		return Known{}, err
	}
	if err := c.Ledger.Await(ctx, a); err != nil {
		return Known{}, err
	}
	known, err := c.Ledger.Call(ctx, org, call)
	if err == nil && known.Outcome == "" {
		err = ErrBusy
	}
	return known, err
}

// keyOf returns the key under which the answer is kept.
func (c *Client) keyOf(ctx context.Context, org uuid.UUID, r Request) (pii.Key, error) {
	if r.LeadID != uuid.Nil && r.CompanyID == uuid.Nil {
		found, err := c.Keys.Existing(ctx, org, []uuid.UUID{r.LeadID})
		if err != nil {
			return pii.Key{}, err
		}
		key, ok := found[r.LeadID]
		if !ok {
			return pii.Key{}, ErrGone
		}
		return key, nil
	}
	subject := r.CompanyID
	if subject == uuid.Nil {
		subject = es.DeriveID(org, "language models")
	}
	keys, err := c.Keys.Keys(ctx, org, []uuid.UUID{subject})
	if err != nil {
		return pii.Key{}, err
	}
	return keys[0], nil
}

// maxConflicts is how often settings may change while a call is being reserved.
const maxConflicts = 5

// attempt makes one call, unless it was made: then it reads what came of it. What it returns has the cost of this call, with an error too.
func (c *Client) attempt(ctx context.Context, org uuid.UUID, task string, r Request, key pii.Key, call uuid.UUID) (Answer, error) {
	if known, err := c.Ledger.Call(ctx, org, call); err != nil || known.Outcome != "" {
		return c.answerOf(known, key, call), errors.Join(err, known.failure())
	}
	for range maxConflicts {
		s, err := c.Ledger.Settings(ctx, org)
		if err != nil {
			return Answer{}, err
		}
		by, err := c.choose(s, task)
		if err != nil {
			return Answer{}, err
		}
		if c.breakers.isOpen(by.breaker(org)) {
			return Answer{}, &llm.Error{Reason: llm.Down, Err: errDown}
		}
		a, err := c.reserve(ctx, org, task, r, by, call)
		switch {
		case es.RefusalCode(err) == commands.CodeVersionConflict:
			if err := c.Ledger.Await(ctx, a.answer); err != nil {
				return Answer{}, err
			}
			continue
		case es.RefusalCode(err) == commands.CodeAICallOpen:
			known, err := c.awaitOther(ctx, org, r.Cause, call)
			return c.answerOf(known, key, call), errors.Join(err, known.failure())
		case err != nil:
			return Answer{}, refusedError(err)
		case a.answer.Outcome == es.Accepted:
			return c.ask(ctx, org, r, by, key, a)
		}
		// It is settled, and the ledger didn't show it yet.
		if err := c.Ledger.Await(ctx, a.answer); err != nil {
			return Answer{}, err
		}
		known, err := c.Ledger.Call(ctx, org, call)
		if err == nil && known.Outcome == "" {
			err = ErrBusy
		}
		return c.answerOf(known, key, call), errors.Join(err, known.failure())
	}
	return Answer{}, fmt.Errorf("ask model: the settings change faster than it is asked: %w", ErrBusy)
}

// reserved is a call that may be made now, by nobody else.
type reserved struct {
	answer       es.Answer
	call, holder uuid.UUID
}

func (c *Client) reserve(ctx context.Context, org uuid.UUID, task string, r Request, by choice, call uuid.UUID) (reserved, error) {
	out := reserved{call: call, holder: es.NewID()}
	a, err := c.submit(ctx, org, r.Cause, out.holder, commands.ReserveAICall{AICallRef: events.AICallRef{CallID: call, CampaignID: r.CampaignID, LeadID: r.LeadID, MessageID: r.MessageID},
		Task: task, Provider: by.provider, Model: by.model, Price: by.price, AtMostMicros: by.atMost(r), Holder: out.holder,
		PromptHash: r.hash(by.model), Seed: r.Prompt.Seed, Settings: by.version})
	out.answer = a
	if err == nil && a.Outcome == es.Refused {
		err = &es.Refusal{Code: a.Code, Detail: a.Detail}
	}
	return out, err
}

// settleTime bounds how long it takes to say what came of a call when the process ends.
const settleTime = 10 * time.Second

// ask makes the call that was reserved, and says what came of it.
func (c *Client) ask(ctx context.Context, org uuid.UUID, r Request, by choice, key pii.Key, at reserved) (Answer, error) {
	put, err := c.questionOf(ctx, org, by)
	report, down := c.breakers.allow(by.breaker(org))
	if err == nil && down != nil { // since it was reserved
		err = &llm.Error{Reason: llm.Down, Err: down}
	}
	done := commands.SettleAICall{CallID: at.call, Holder: at.holder}
	var completion llm.Completion
	if err == nil {
		limited, cancel := context.WithTimeout(ctx, c.Timeout)
		begun := time.Now()
		completion, err = put(limited, at.call, r)
		done.Milliseconds = int(time.Since(begun).Milliseconds())
		cancel()
	}
	if down == nil {
		report(!isOutage(err))
	}
	done.Outcome, done.Reason = outcomeOf(err)
	done.Model, done.InputTokens, done.CachedTokens, done.OutputTokens = commands.Clip(completion.Model, 100), completion.InputTokens, completion.CachedTokens, completion.OutputTokens
	if err == nil {
		if done.Answer, err = sealAnswer(key, completion.Text); err != nil {
			return Answer{}, err
		}
	}
	saying, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	a, settleErr := c.submit(saying, org, r.Cause, es.DeriveID(at.call, "settle", at.holder.String()), done)
	switch {
	case settleErr != nil:
		return Answer{}, settleErr
	case a.Outcome != es.Accepted: // it took so long that it counts as lost
		return Answer{}, &llm.Error{Reason: llm.Lost, Err: errors.New("the answer came too late")}
	}
	completion.PromptHash = r.hash(by.model)
	completion.CostMicroUSD = by.costOf(completion)
	if done.Outcome == events.AIUnanswered {
		completion.CostMicroUSD = by.atMost(r)
	}
	return Answer{Completion: completion, CallID: at.call}, err
}
