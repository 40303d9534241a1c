// Package bravelike is a stand-in for Brave's Web Search API: it finds the pages that it was told of by the words of their titles, answers in Brave's form, wants a key, and misbehaves
// where it is asked to. A client of Brave's API that we didn't write drives it, and its types check what it answers (see sdk, make test-brave).
package bravelike

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Page is one that it finds.
type Page struct{ URL, Title, Description string }

// Mode is how the next requests are answered.
type Mode string

// The modes.
const (
	Answers    Mode = ""            // well
	Busy       Mode = "busy"        // 429 for a second
	UsedUp     Mode = "used_up"     // 429 for the rest of the month
	RetryAfter Mode = "retry_after" // 429 with Retry-After
	Forbidden  Mode = "forbidden"   // 403
	Fails      Mode = "fails"       // 500
	Garbage    Mode = "garbage"     // 200 and no JSON
	Otherwise  Mode = "otherwise"   // 200 and JSON of another form
	Endless    Mode = "endless"     // more than anybody wants to read
	Vanishes   Mode = "vanishes"    // the connection breaks after it has worked
	Hangs      Mode = "hangs"       // until the client goes
)

// Server is a stand-in with one key. The zero value takes any.
type Server struct {
	Key         string
	PriceMicros int64 // of a search that was answered

	mu    sync.Mutex
	pages []Page
	mode  Mode
	turns int // that the mode holds for; 0 = for good
	asked []string
	bill  int64
}

// Put adds a page.
func (s *Server) Put(p ...Page) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages = append(s.pages, p...)
}

// Set makes the next requests go wrong: times of them, or all (0).
func (s *Server) Set(mode Mode, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode, s.turns = mode, times
}

// Asked returns what was searched for, in order, however it was answered.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// Bill returns what the searches cost that were answered.
func (s *Server) Bill() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bill
}

// take notes a request and returns how it is answered.
func (s *Server) take(q string) Mode {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, q)
	mode := s.mode
	if s.turns > 0 {
		if s.turns--; s.turns == 0 {
			s.mode = Answers
		}
	}
	switch mode {
	case Answers, Garbage, Otherwise, Endless, Vanishes:
		s.bill += s.PriceMicros
	}
	return mode
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || r.URL.Path != "/res/v1/web/search" {
		fail(w, http.StatusNotFound, "NOT_FOUND", "there is nothing here")
		return
	}
	token := r.Header.Get("X-Subscription-Token")
	if token == "" || s.Key != "" && token != s.Key { // Brave says 422 for a token that it doesn't know
		fail(w, http.StatusUnprocessableEntity, "SUBSCRIPTION_TOKEN_INVALID", "The provided subscription token is invalid.")
		return
	}
	q := r.URL.Query()
	count, err := strconv.Atoi(q.Get("count"))
	if q.Get("count") == "" {
		count, err = 20, nil
	}
	if err != nil || count < 1 || count > 20 || q.Get("q") == "" || len([]rune(q.Get("q"))) > 400 || len(strings.Fields(q.Get("q"))) > 50 {
		fail(w, http.StatusUnprocessableEntity, "VALIDATION", "Unable to validate request parameter(s)")
		return
	}
	h := w.Header()
	h.Set("X-RateLimit-Policy", "1;w=1, 15000;w=2592000")
	h.Set("X-RateLimit-Limit", "1, 15000")
	h.Set("X-RateLimit-Remaining", "1, 14000")
	h.Set("X-RateLimit-Reset", "1, 1200000")
	switch s.take(q.Get("q")) {
	case Busy:
		h.Set("X-RateLimit-Remaining", "0, 14000")
		fail(w, http.StatusTooManyRequests, "RATE_LIMITED", "Request rate limit exceeded for plan")
	case UsedUp:
		h.Set("X-RateLimit-Remaining", "1, 0")
		fail(w, http.StatusTooManyRequests, "RATE_LIMITED", "Request rate limit exceeded for plan")
	case RetryAfter:
		h.Set("Retry-After", "7")
		fail(w, http.StatusTooManyRequests, "RATE_LIMITED", "Request rate limit exceeded for plan")
	case Forbidden:
		fail(w, http.StatusForbidden, "RESOURCE_NOT_ALLOWED", "The plan doesn't have this")
	case Fails:
		fail(w, http.StatusInternalServerError, "INTERNAL", "Something went wrong")
	case Garbage:
		_, _ = w.Write([]byte("<html>a page of a proxy</html>"))
	case Otherwise:
		_, _ = w.Write([]byte(`{"type":"ErrorResponse","web":{"results":"none"}}`))
	case Endless:
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(strings.Repeat(" ", 1<<16))); err != nil {
				return
			}
		}
	case Vanishes:
		panic(http.ErrAbortHandler)
	case Hangs:
		<-r.Context().Done()
	default:
		s.answer(w, q, count)
	}
}

// find returns the pages whose title has each word that is searched for.
func (s *Server) find(text string, most int) (out []Page) {
	s.mu.Lock()
	defer s.mu.Unlock()
	words := strings.Fields(strings.ToLower(text))
	for _, p := range s.pages {
		title := " " + strings.ToLower(p.Title) + " "
		if len(out) < most && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(title, strings.Trim(w, `"`)) }) {
			out = append(out, p)
		}
	}
	return out
}

type object = map[string]any

func (s *Server) answer(w http.ResponseWriter, q url.Values, count int) {
	country := strings.ToLower(q.Get("country"))
	if country == "" {
		country = "us"
	}
	results, main := []object{}, []object{}
	for i, p := range s.find(q.Get("q"), count) {
		u, err := url.Parse(p.URL)
		if err != nil {
			u = &url.URL{}
		}
		results = append(results, object{"type": "search_result", "subtype": "generic", "title": p.Title, "url": p.URL, "is_source_local": false, "is_source_both": false, "description": p.Description,
			"page_age": "2026-01-05T09:00:00", "age": "January 5, 2026", "language": "en", "family_friendly": true, "profile": object{"name": u.Hostname(), "url": p.URL, "long_name": u.Hostname(), "img": "https://imgs.example/" + u.Hostname()},
			"meta_url": object{"scheme": u.Scheme, "netloc": u.Host, "hostname": u.Hostname(), "favicon": "https://imgs.example/favicon", "path": u.Path}})
		main = append(main, object{"type": "web", "index": i, "all": false})
	}
	write(w, http.StatusOK, object{"type": "search", "mixed": object{"type": "mixed", "main": main, "top": []object{}, "side": []object{}},
		"query": object{"original": q.Get("q"), "show_strict_warning": false, "altered": "", "safesearch": true, "is_navigational": false, "is_geolocal": false, "local_decision": "drop", "local_locations_idx": 0,
			"is_trending": false, "is_news_breaking": false, "ask_for_location": false, "language": object{"main": "en"}, "spellcheck_off": true, "country": country, "bad_results": false, "should_fallback": false,
			"postal_code": "", "city": "", "header_country": "", "more_results_available": false, "state": ""},
		"web": object{"type": "search", "results": results, "family_friendly": true}})
}

func fail(w http.ResponseWriter, status int, code, detail string) {
	write(w, status, object{"type": "ErrorResponse", "error": object{"id": "00000000-0000-4000-8000-000000000000", "status": status, "code": code, "detail": detail, "meta": object{}}, "time": time.Now().Unix()})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
