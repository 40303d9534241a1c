// Package oauthserver stands in for Google's and Microsoft's sign-in in tests: authorization code with PKCE, refresh tokens that are replaced, and what goes wrong with them.
package oauthserver

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Server issues tokens.
type Server struct {
	ID, Secret string
	Lifetime   time.Duration // of an access token
	Rotate     bool          // a refresh gives another refresh token, and the one before ends
	LoseAnswer bool          // the next refresh takes effect, and its answer is lost

	mu        sync.Mutex
	codes     map[string]begun
	refresh   map[string]bool // good ones
	access    map[string]bool
	refreshes int
	revoked   bool
}

type begun struct{ challenge, redirect string }

// New returns a server with one client.
func New(id, secret string) *Server {
	return &Server{ID: id, Secret: secret, Lifetime: time.Hour, codes: map[string]begun{}, refresh: map[string]bool{}, access: map[string]bool{}}
}

// Refreshes returns how many there were.
func (s *Server) Refreshes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refreshes
}

// Good reports whether an access token counts.
func (s *Server) Good(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.access[token] && !s.revoked
}

// Tokens returns those that count.
func (s *Server) Tokens() (refresh, access []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.refresh)), slices.Sorted(maps.Keys(s.access))
}

// Admit has tokens count that a server before this one has given.
func (s *Server) Admit(refresh, access []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range refresh {
		s.refresh[t] = true
	}
	for _, t := range access {
		s.access[t] = true
	}
}

// Revoke ends all permissions, as a person does in their account.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = true
}

// ServeHTTP is both endpoints. Whoever opens the first allows what is asked for.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/authorize":
		s.authorize(w, r)
	case "/token":
		s.token(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != s.ID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("state") == "" || q.Get("scope") == "" {
		http.Error(w, "invalid_request", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	s.mu.Lock()
	s.codes[code] = begun{q.Get("code_challenge"), q.Get("redirect_uri")}
	s.revoked = false
	s.mu.Unlock()
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if r.ParseForm() != nil || r.Form.Get("client_id") != s.ID || r.Form.Get("client_secret") != s.Secret {
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Form.Get("grant_type") {
	case "authorization_code":
		b, ok := s.codes[r.Form.Get("code")]
		delete(s.codes, r.Form.Get("code")) // once
		sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
		if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != b.challenge || r.Form.Get("redirect_uri") != b.redirect {
			refuse(w, http.StatusBadRequest, "invalid_grant")
			return
		}
		s.issue(w, "")
	case "refresh_token":
		s.refreshes++
		was := r.Form.Get("refresh_token")
		if s.revoked || !s.refresh[was] {
			refuse(w, http.StatusBadRequest, "invalid_grant")
			return
		}
		if s.LoseAnswer {
			s.LoseAnswer = false
			if s.Rotate {
				delete(s.refresh, was)
			}
			panic(http.ErrAbortHandler)
		}
		s.issue(w, was)
	default:
		refuse(w, http.StatusBadRequest, "unsupported_grant_type")
	}
}

// issue answers with tokens; was = the refresh token that asked, "" = none.
func (s *Server) issue(w http.ResponseWriter, was string) {
	access := rand.Text() + rand.Text()
	s.access[access] = true
	out := map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": int(s.Lifetime / time.Second)}
	if was == "" || s.Rotate {
		delete(s.refresh, was)
		next := rand.Text()
		s.refresh[next] = true
		out["refresh_token"] = next
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": "as told, with a secret: hunter22"})
}
