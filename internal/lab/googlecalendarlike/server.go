// Package googlecalendarlike stands in for Google Calendar in tests: calendars with events, when they are busy, pushes, tokens of changes, and what goes wrong on bad days. It signs people in as
// oauthserver does.
package googlecalendarlike

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"outrider/internal/lab/oauthserver"
)

// Key is taken as an access token for as long as it lives; so are tokens that it gives.
const Key = "ya29.test-1"

// Misbehave is how it does what the real one does on bad days. A number is how many requests to come are concerned.
type Misbehave struct {
	TooMany     int               // 429
	Limited     int               // 403 rateLimitExceeded
	FailAfter   int               // 503 after the effect of a change
	CutAfter    int               // the connection is cut after the effect of a change
	Unavailable int               // 503, without an effect
	Expired     int               // 401
	SlowLink    int               // events whose conference isn't there at once
	Forget      bool              // tokens of changes are too old: 410
	Unreadable  map[string]string // calendar: reason of an error of free/busy, though with 200
	OnPage      func()            // called between two pages of a list
}

// Server is the stand-in; it is an http.Handler.
type Server struct {
	OAuth *oauthserver.Server

	mux *http.ServeMux
	now func() time.Time

	mu        sync.Mutex
	bad       Misbehave
	account   string
	calendars map[string]*calendar
	order     []string
	channels  map[string]*channel
	number    int64 // counts changes: of etags and tokens
	forgotten int64 // tokens up to it are too old
	key       bool
	requests  map[string]int // by method and kind
	pushes    []Push
	pageSize  int
	file      string // where it is kept, "" = nowhere
	saveErr   error
}

type calendar struct {
	id, name, zone, role string
	primary              bool
	hidden               bool // another person's: only asked when it is busy
	events               map[string]*event
	order                []string
}

// channel is what has changes told.
type channel struct {
	id, calendar, address, token, resource string
	until                                  time.Time
	stopped                                bool
	messages                               int
}

// Push is what is posted about a change: headers, and no body.
type Push struct {
	URL     string
	Headers http.Header
}

// Account is whose it is unless somebody else is named.
const Account = "host@ours.example"

// New returns an account with one calendar and nothing in it; now is the time by which channels end, nil = real.
func New(account string, now func() time.Time) *Server {
	if account == "" {
		account = Account
	}
	if now == nil {
		now = time.Now
	}
	s := &Server{OAuth: oauthserver.New("google-client", "google-secret"), mux: http.NewServeMux(), now: now, account: account, calendars: map[string]*calendar{}, channels: map[string]*channel{}, key: true, requests: map[string]int{}, pageSize: 250}
	s.add(&calendar{id: account, name: account, zone: "Europe/Berlin", role: "owner", primary: true})
	s.routes()
	return s
}

func (s *Server) add(c *calendar) {
	c.events = map[string]*event{}
	s.calendars[c.id], s.order = c, append(s.order, c.id)
}

// PutCalendar adds one to the account's list; role is owner, writer, reader or freeBusyReader.
func (s *Server) PutCalendar(id, name, zone, role string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(&calendar{id: id, name: name, zone: zone, role: role})
	s.save()
}

// PutPerson adds the calendar of a colleague, of whom the account only sees when they are busy.
func (s *Server) PutPerson(id, zone string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(&calendar{id: id, name: id, zone: zone, role: "freeBusyReader", hidden: true})
}

// Drop takes a calendar away.
func (s *Server) Drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.calendars, id)
}

// Behave changes how it misbehaves.
func (s *Server) Behave(change func(*Misbehave)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.bad)
	if s.bad.Forget {
		s.bad.Forget, s.forgotten = false, s.number
	}
}

// Revoke ends every permission; Allow gives the key back.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = false
	s.OAuth.Revoke()
}

// Allow lets the key in again.
func (s *Server) Allow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = true
}

// Requests is how many of a kind came, such as "insert" or "watch".
func (s *Server) Requests(kind string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[kind]
}

// PageBy has lists come in pages of so many.
func (s *Server) PageBy(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pageSize = n
}

// ServeHTTP is http.Handler's.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/authorize" || r.URL.Path == "/token" {
		s.OAuth.ServeHTTP(w, r)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.save()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case take(&s.bad.Expired), token != Key && !s.OAuth.Good(token), token == Key && !s.key:
		problem(w, http.StatusUnauthorized, "authError", "Invalid Credentials")
		return
	case take(&s.bad.TooMany):
		problem(w, http.StatusTooManyRequests, "rateLimitExceeded", "Rate Limit Exceeded")
		return
	case take(&s.bad.Limited):
		problem(w, http.StatusForbidden, "rateLimitExceeded", "Rate Limit Exceeded")
		return
	case take(&s.bad.Unavailable):
		problem(w, http.StatusServiceUnavailable, "backendError", "Backend Error")
		return
	}
	changes := r.Method != http.MethodGet && !strings.HasSuffix(r.URL.Path, "/freeBusy")
	if changes && take(&s.bad.CutAfter) {
		s.mux.ServeHTTP(discard{http.Header{}}, r)
		panic(http.ErrAbortHandler)
	}
	if changes && take(&s.bad.FailAfter) {
		s.mux.ServeHTTP(discard{http.Header{}}, r)
		problem(w, http.StatusServiceUnavailable, "backendError", "Backend Error")
		return
	}
	s.mux.ServeHTTP(w, r)
}

func take(n *int) bool {
	if *n <= 0 {
		return false
	}
	*n--
	return true
}

// discard is an answer that nobody gets.
type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_ = json.NewEncoder(w).Encode(v) // who doesn't read it is gone
}

// problem answers as Google's APIs do.
func problem(w http.ResponseWriter, status int, reason, message string) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": status, "message": message, "errors": []map[string]any{{"domain": "global", "reason": reason, "message": message}}}})
}

func (s *Server) etag() string {
	s.number++
	return fmt.Sprintf(`"%016d"`, s.number)
}
