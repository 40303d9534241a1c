// Package bookingpages stands in for Calendly and Cal.com: their APIs as their documentation has them, and the posts that they make.
package bookingpages

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Calendly is one account of an organisation there. The zero value of its switches is a good day.
type Calendly struct {
	Server *httptest.Server
	Token  string // the only one that is taken

	mu    sync.Mutex
	hooks map[string]*hook
	made  int

	NoOrganization bool // the token may watch its own bookings only
	NoWebhooks     bool // the plan has none
	FailAfter      bool // the next subscription is made, and answered with 502
}

type hook struct {
	ID, URL, Key, Scope, State string
}

// NewCalendly starts one; close its Server.
func NewCalendly() *Calendly {
	c := &Calendly{Token: "pat-1", hooks: map[string]*hook{}}
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	return c
}

func (c *Calendly) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	base := c.Server.URL
	me, org := base+"/users/AAAA", base+"/organizations/OOOO"
	id := strings.TrimPrefix(r.URL.Path, "/webhook_subscriptions/")
	switch {
	case r.Header.Get("Authorization") != "Bearer "+c.Token:
		answer(w, http.StatusUnauthorized, map[string]any{"title": "Unauthenticated", "message": "The access token is invalid"})
	case r.URL.Path == "/users/me":
		answer(w, http.StatusOK, map[string]any{"resource": map[string]any{"uri": me, "name": "Jane Doe", "email": "jane@example.com", "current_organization": org}})
	case c.NoWebhooks && strings.HasPrefix(r.URL.Path, "/webhook_subscriptions"):
		answer(w, http.StatusForbidden, map[string]any{"title": "Permission Denied", "message": "Please upgrade your Calendly account to Standard"})
	case r.URL.Path == "/webhook_subscriptions" && r.Method == http.MethodPost:
		c.create(w, r, org)
	case r.URL.Path == "/webhook_subscriptions":
		q := r.URL.Query()
		if q.Get("organization") != org || q.Get("scope") == "user" && q.Get("user") != me {
			answer(w, http.StatusBadRequest, map[string]any{"title": "Invalid Argument"})
			return
		}
		if c.NoOrganization && q.Get("scope") == "organization" {
			answer(w, http.StatusForbidden, map[string]any{"title": "Permission Denied"})
			return
		}
		list := []any{}
		for _, h := range c.hooks {
			if h.Scope == q.Get("scope") {
				list = append(list, c.shown(h))
			}
		}
		answer(w, http.StatusOK, map[string]any{"collection": list, "pagination": map[string]any{"count": len(list), "next_page_token": nil}})
	case c.hooks[id] == nil:
		answer(w, http.StatusNotFound, map[string]any{"title": "Resource Not Found", "message": "The server could not find the requested resource."})
	case r.Method == http.MethodDelete:
		delete(c.hooks, id)
		w.WriteHeader(http.StatusNoContent)
	default:
		answer(w, http.StatusOK, map[string]any{"resource": c.shown(c.hooks[id])})
	}
}

func (c *Calendly) shown(h *hook) map[string]any {
	return map[string]any{"uri": c.Server.URL + "/webhook_subscriptions/" + h.ID, "callback_url": h.URL, "state": h.State, "scope": h.Scope, "events": []string{"invitee.created", "invitee.canceled"}}
}

func (c *Calendly) create(w http.ResponseWriter, r *http.Request, org string) {
	var ask struct {
		URL          string   `json:"url"`
		Events       []string `json:"events"`
		Organization string   `json:"organization"`
		User         string   `json:"user"`
		Scope        string   `json:"scope"`
		Key          string   `json:"signing_key"`
	}
	if json.NewDecoder(r.Body).Decode(&ask) != nil || ask.URL == "" || ask.Organization != org || len(ask.Events) == 0 || ask.Scope == "user" && ask.User == "" {
		answer(w, http.StatusBadRequest, map[string]any{"title": "Invalid Argument"})
		return
	}
	if c.NoOrganization && ask.Scope == "organization" {
		answer(w, http.StatusForbidden, map[string]any{"title": "Permission Denied"})
		return
	}
	for _, h := range c.hooks {
		if h.URL == ask.URL {
			answer(w, http.StatusConflict, map[string]any{"title": "Already Exists", "message": "Hook with this url already exists"})
			return
		}
	}
	c.made++
	h := &hook{ID: "HOOK" + strconv.Itoa(c.made), URL: ask.URL, Key: ask.Key, Scope: ask.Scope, State: "active"}
	c.hooks[h.ID] = h
	if c.FailAfter {
		c.FailAfter = false
		answer(w, http.StatusBadGateway, nil)
		return
	}
	answer(w, http.StatusCreated, map[string]any{"resource": c.shown(h)})
}

// Hooks returns how many post somewhere, and how many were ever made.
func (c *Calendly) Hooks() (active, made int, scope string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.hooks {
		if h.State == "active" {
			active++
			scope = h.Scope
		}
	}
	return active, c.made, scope
}

// Disable does what Calendly does after a day without us; Delete what it does after a 410.
func (c *Calendly) Disable() { c.each(func(h *hook) { h.State = "disabled" }) }
func (c *Calendly) Delete()  { c.each(func(h *hook) { delete(c.hooks, h.ID) }) }

func (c *Calendly) each(do func(*hook)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.hooks {
		do(h)
	}
}

// Set changes a switch.
func (c *Calendly) Set(change func(*Calendly)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

// Key returns the key of the subscription that is active.
func (c *Calendly) Key() (key string) {
	c.each(func(h *hook) { key = h.Key })
	return key
}

// Invitee is a booking as Calendly has it.
type Invitee struct {
	ID, Old, New, Email, Token string
	Start                      time.Time
	Cancelled                  bool
	ByHost                     bool
}

// Body is a post about an invitee.
func (i Invitee) Body(at time.Time) []byte {
	uri := func(id string) any {
		if id == "" {
			return nil
		}
		return "https://api.calendly.com/scheduled_events/E" + id + "/invitees/" + id
	}
	event, status := "invitee.created", "active"
	var cancellation any
	if i.Cancelled {
		event, status = "invitee.canceled", "canceled"
		by := "invitee"
		if i.ByHost {
			by = "host"
		}
		cancellation = map[string]any{"canceled_by": "Somebody", "reason": "ill", "canceler_type": by, "created_at": at.UTC()}
	}
	source := "outrider"
	if i.Token == "" {
		source = ""
	}
	b, err := json.Marshal(map[string]any{"event": event, "created_at": at.UTC(), "created_by": "https://api.calendly.com/users/AAAA", "payload": map[string]any{
		"uri": uri(i.ID), "email": i.Email, "name": "Ann Lee", "first_name": nil, "timezone": "America/New_York", "status": status, "rescheduled": i.Cancelled && i.New != "", "old_invitee": uri(i.Old), "new_invitee": uri(i.New),
		"cancel_url": "https://calendly.com/cancellations/" + i.ID, "reschedule_url": "https://calendly.com/reschedulings/" + i.ID, "cancellation": cancellation,
		"tracking":              map[string]any{"utm_campaign": nil, "utm_source": source, "utm_medium": nil, "utm_content": i.Token, "utm_term": nil, "salesforce_uuid": nil},
		"questions_and_answers": []any{map[string]any{"question": "What about?", "answer": "Bread", "position": 0}},
		"scheduled_event":       map[string]any{"uri": "https://api.calendly.com/scheduled_events/E" + i.ID, "name": "30 minutes", "status": status, "start_time": i.Start.UTC(), "end_time": i.Start.Add(30 * time.Minute).UTC()}}})
	if err != nil {
		panic(err)
	}
	return b
}

// SignCalendly returns the header of a post.
func SignCalendly(key string, body []byte, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(mac, "%d.", at.Unix())
	mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

// Post makes a post to a URL, and returns the status that it was answered with.
func Post(ctx context.Context, to string, header http.Header, body []byte) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("make post: %w", err)
	}
	r.Header = header.Clone()
	r.Header.Set("Content-Type", "application/json")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, fmt.Errorf("post: %w", err)
	}
	return a.StatusCode, a.Body.Close()
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
