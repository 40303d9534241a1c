package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/llm"
	"outrider/internal/websearch"
)

// SearchConfig is the search engine of the installation.
type SearchConfig struct {
	Provider    websearch.Provider // nil = nobody searches
	Key         string             // for everybody; "" = organisations bring their own
	PriceMicros int64              // of a search, in micro-USD
}

// SearchAvailable reports whether organisations without a key of their own can search.
func (c *Client) SearchAvailable() bool {
	return c.Config.Search.Provider != nil && c.Config.Search.Key != ""
}

// CanSearch reports whether an organisation's settings let it search, be it that nobody may just now.
func (c *Client) CanSearch(s Settings) bool {
	s.Stopped = ""
	_, err := c.chooseSearch(s)
	return err == nil
}

// SearchRequestID is the id of a search because of an event: the same for the same query.
func SearchRequestID(because uuid.UUID, q websearch.Query) uuid.UUID {
	return es.DeriveID(because, "ai", events.AITaskSearch, hashOfQuery("", q))
}

func hashOfQuery(engine string, q websearch.Query) string {
	return llm.Prompt{User: fmt.Sprintf("%q %q %d", q.Text, q.Country, q.Count)}.Hash(engine)
}

func (r Request) hash(model string) string {
	if r.Query != nil {
		return hashOfQuery(model, *r.Query)
	}
	return r.Prompt.Hash(model)
}

// Find asks the search engine, as Complete asks a model: within the same budgets, by the same ledger, once. It returns addresses; what else results say is kept nowhere.
func (c *Client) Find(ctx context.Context, org uuid.UUID, r Request, q websearch.Query) ([]string, error) {
	q.Text = Redact(q.Text, nil) // addresses and telephone numbers find no company
	r.Query = &q
	a, err := c.Complete(ctx, org, events.AITaskSearch, r)
	if err != nil {
		return nil, err
	}
	var out []string
	if err := json.Unmarshal([]byte(a.Text), &out); err != nil {
		return nil, &llm.Error{Reason: llm.Lost, Err: errors.New("what was answered can't be read any more")}
	}
	return out, nil
}

// chooseSearch finds whose key is used.
func (c *Client) chooseSearch(s Settings) (choice, error) {
	off := func(why string) (choice, error) { return choice{}, &llm.Error{Reason: llm.Off, Err: errors.New(why)} }
	search := &c.Config.Search
	switch {
	case search.Provider == nil:
		return off("no search engine is set up")
	case !s.Search.On:
		return off("searching the web is switched off")
	case s.Search.Provider == events.AIProviderOwn && s.Search.KeyID == uuid.Nil, s.Search.Provider != events.AIProviderOwn && search.Key == "":
		return off("there is no key of the search engine")
	}
	out := choice{provider: events.AIProviderPlatform, model: search.Provider.Name(), version: s.Version, search: search}
	if s.Search.Provider == events.AIProviderOwn {
		out.provider, out.key = events.AIProviderOwn, s.Search.KeyID
	}
	return out, nil
}

// searchOf returns how the search engine is asked.
func (c *Client) searchOf(ctx context.Context, org uuid.UUID, by choice) (put, error) {
	key := by.search.Key
	if by.provider == events.AIProviderOwn {
		own, err := c.Secrets.Secret(ctx, org, SecretName(by.key))
		if err != nil {
			return nil, &llm.Error{Reason: llm.Rejected, Err: errors.New("its key isn't there")}
		}
		key = strings.TrimSpace(string(own))
	}
	return func(ctx context.Context, _ uuid.UUID, r Request) (out llm.Completion, err error) {
		found, err := by.search.Provider.Search(ctx, key, *r.Query)
		var failed *websearch.Error
		switch {
		case errors.As(err, &failed):
			reason := llm.Rejected
			if failed.Passes {
				reason = llm.Temporary
			} else if failed.Unanswered {
				reason = llm.Invalid
			}
			return out, &llm.Error{Reason: reason, Unanswered: failed.Unanswered, After: failed.After, Err: failed.Err}
		case err != nil:
			return out, err
		}
		text, err := json.Marshal(append([]string{}, found...))
		if err != nil {
			return out, fmt.Errorf("keep results: %w", err)
		}
		out.Text, out.Model = string(text), by.model
		return out, nil
	}, nil
}
