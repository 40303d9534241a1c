package models

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/sony/gobreaker"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/dial"
	"outrider/internal/llm"
)

// Settings of an organisation, as they are read.
type Settings struct {
	events.AISettings
	Search  events.AISearchSettings
	Version int
	Stopped string // why nobody is asked; "" = they are
}

// Secrets are where keys of endpoints lie; pii.Vault is one.
type Secrets interface {
	Secret(ctx context.Context, org uuid.UUID, name string) ([]byte, error)
}

// SecretName is the name of an endpoint's key in the vault.
func SecretName(key uuid.UUID) string { return "ai key " + key.String() }

// CheckURL says what is wrong with the base URL of an organisation's own endpoint. plain allows http, where only this machine or trusted networks are reached.
func CheckURL(text string, plain bool) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return errors.New("must be a URL such as https://api.example.com/v1")
	case u.Scheme != "https" && (u.Scheme != "http" || !plain):
		return errors.New("must begin with https://")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("must hold no password, no ? and no #: the key has a field of its own")
	case len(text) > 500 || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return errors.New("must be at most 500 characters, without blanks")
	}
	return nil
}

// choice is which model answers, and at what price.
type choice struct {
	provider string
	baseURL  string
	key      uuid.UUID // of the vault
	model    string
	price    events.AIPrice
	version  int
	search   *SearchConfig // instead of a model
}

// atMost returns the most that a call can cost.
func (b choice) atMost(r Request) int64 {
	if b.search != nil {
		return min(b.search.PriceMicros, commands.MaxAICallMicros)
	}
	input, output := r.Prompt.AtMost()
	return min(b.price.CostOf(input, 0, output), commands.MaxAICallMicros)
}

// costOf returns what an answer cost.
func (b choice) costOf(a llm.Completion) int64 {
	if b.search != nil {
		return b.atMost(Request{})
	}
	return b.price.CostOf(a.InputTokens, a.CachedTokens, a.OutputTokens)
}

// breaker names what is either up or down: two organisations that use one host may have one whose key is refused.
func (b choice) breaker(org uuid.UUID) string {
	switch {
	case b.search != nil && b.provider == events.AIProviderPlatform:
		return events.AITaskSearch
	case b.search != nil:
		return org.String() + " " + events.AITaskSearch
	case b.provider == events.AIProviderPlatform:
		return b.provider
	}
	return org.String() + " " + b.baseURL
}

var errOff = errors.New("no model is set up")

// choose finds the model of a task.
func (c *Client) choose(s Settings, task string) (choice, error) {
	off := func(err error) (choice, error) { return choice{}, &llm.Error{Reason: llm.Off, Err: err} }
	if s.Stopped != "" {
		return choice{}, &llm.Error{Reason: llm.Stopped, Err: errors.New("models were stopped in this organisation")}
	}
	if task == events.AITaskSearch {
		return c.chooseSearch(s)
	}
	out := choice{provider: events.AIProviderPlatform, version: s.Version}
	chosen, named := s.Models[task]
	if s.Provider == events.AIProviderOwn {
		if !named {
			chosen, named = anyModel(s.Models)
		}
		if !named {
			return off(errOff)
		}
		out.provider, out.baseURL, out.key, out.model, out.price = s.Provider, s.BaseURL, s.KeyID, chosen.Model, chosen.Price
		return out, nil
	}
	if !c.HasPlatform() {
		return off(errOff)
	}
	if out.model = chosen.Model; !named {
		out.model = c.DefaultFor(task)
	}
	listed, ok := c.Catalogue.Find(out.model)
	if !ok || !listed.May(task) { // the operator has taken it off the list
		if listed, ok = c.Catalogue.Find(c.DefaultFor(task)); !ok {
			return off(fmt.Errorf("model %s is not on the operator's list", out.model))
		}
		out.model = listed.Name
	}
	out.price = listed.Price
	return out, nil
}

// ModelOf returns the model of a task, and its price, whether or not anybody may be asked just now; "" = there is none.
func (c *Client) ModelOf(s Settings, task string) (model string, price events.AIPrice) {
	s.Stopped = ""
	by, err := c.choose(s, task)
	if err != nil {
		return "", price
	}
	return by.model, by.price
}

// anyModel is that of another task, for one that has none of its own.
func anyModel(models map[string]events.AIModel) (events.AIModel, bool) {
	for _, task := range []string{events.AITaskWrite, events.AITaskExtract, events.AITaskClassify} {
		if m, ok := models[task]; ok {
			return m, true
		}
	}
	return events.AIModel{}, false
}

// DefaultFor returns the platform's model of a task for those who choose none; "" = there is none.
func (c *Client) DefaultFor(task string) string {
	if name := c.Default[task]; name != "" {
		return name
	}
	for _, l := range c.Catalogue.List() {
		if l.May(task) {
			return l.Name
		}
	}
	return ""
}

// put asks what a request wants to know.
type put func(ctx context.Context, call uuid.UUID, r Request) (llm.Completion, error)

// questionOf returns how a choice is asked.
func (c *Client) questionOf(ctx context.Context, org uuid.UUID, by choice) (put, error) {
	if by.search != nil {
		return c.searchOf(ctx, org, by)
	}
	endpoint, client, err := c.endpointOf(ctx, org, by)
	return func(ctx context.Context, call uuid.UUID, r Request) (llm.Completion, error) {
		return llm.Ask(ctx, client, endpoint, by.model, call.String(), r.Prompt)
	}, err
}

// endpointOf returns where a choice is asked, with its key.
func (c *Client) endpointOf(ctx context.Context, org uuid.UUID, by choice) (llm.Endpoint, *http.Client, error) {
	if by.provider == events.AIProviderPlatform {
		at := c.Platform
		if at.BaseURL == "" {
			at.BaseURL = llm.OpenAIURL
		}
		return at, c.platform, nil
	}
	if err := CheckURL(by.baseURL, c.Reach != dial.Public); err != nil {
		return llm.Endpoint{}, nil, &llm.Error{Reason: llm.Rejected, Err: err}
	}
	at := llm.Endpoint{BaseURL: by.baseURL}
	if by.key != uuid.Nil {
		key, err := c.Secrets.Secret(ctx, org, SecretName(by.key))
		if err != nil {
			return at, nil, &llm.Error{Reason: llm.Rejected, Err: errors.New("its key isn't there")}
		}
		at.Key = string(key)
	}
	return at, c.own, nil
}

// Bounds of a breaker.
const (
	strikes   = 5                // failures in a row that open it
	openFor   = 30 * time.Second // then one request is let through
	mostOwned = 1_000            // breakers of organisations that are kept
)

// breakers keep endpoints that are down from being asked.
type breakers struct {
	mu    sync.Mutex
	by    map[string]*gobreaker.TwoStepCircuitBreaker
	order []string
}

// allow returns what is to be told how the request went, or an error while it may not be made.
func (b *breakers) allow(name string) (func(ok bool), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by == nil {
		b.by = map[string]*gobreaker.TwoStepCircuitBreaker{}
	}
	one := b.by[name]
	if one == nil {
		if len(b.order) >= mostOwned {
			delete(b.by, b.order[0])
			b.order = slices.Delete(b.order, 0, 1)
		}
		one = gobreaker.NewTwoStepCircuitBreaker(gobreaker.Settings{Name: name, Timeout: openFor, ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= strikes }})
		b.by[name], b.order = one, append(b.order, name)
	}
	done, err := one.Allow()
	if err != nil {
		return nil, errDown
	}
	return done, nil
}

var errDown = errors.New("it has failed several times in a row, and is asked again within half a minute")

// isOpen reports whether an endpoint isn't asked just now.
func (b *breakers) isOpen(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.by[name]
	return one != nil && one.State() == gobreaker.StateOpen
}

// Down reports whether the endpoint of a choice isn't asked just now, by this process.
func (c *Client) Down(org uuid.UUID, s Settings) bool {
	by, err := c.choose(s, events.AITaskWrite)
	if err != nil {
		return false
	}
	return c.breakers.isOpen(by.breaker(org))
}
