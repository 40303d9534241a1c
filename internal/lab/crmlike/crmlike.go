// Package crmlike is what stand-ins for CRMs share: how they misbehave, and what they hold in the end.
package crmlike

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Misbehave is how a CRM does what the real one does on bad days. A number is how many requests to come are concerned.
type Misbehave struct {
	TooMany     int                       // 429, with Retry-After: 1; where a service has none, its daily limit
	FailAfter   int                       // 502 after the effect
	CutAfter    int                       // the connection is cut after the effect
	Unavailable int                       // 503, without an effect
	Expired     int                       // 401
	Forbidden   bool                      // 403 for everything
	Refuse      func(email string) string // category of what is wrong with a contact that is written; "" = nothing
	BatchFails  bool                      // one wrong contact fails the whole batch, as validation rules do
	OnPage      func()                    // called between two pages of a list or a search
	Skew        time.Duration             // of its clock
	Lag         time.Duration             // of its search behind what is written
}

// Take reports whether a request is concerned, and counts it.
func Take(n *int) bool {
	if *n <= 0 {
		return false
	}
	*n--
	return true
}

// Unheard serves a request whose answer nobody gets.
func Unheard(h http.Handler, r *http.Request) { h.ServeHTTP(discard{http.Header{}}, r) }

type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

// State is what an account holds, without ids and instants of its own: two that were told the same are equal.
type State struct {
	Contacts   map[string]map[string]string // by address
	Activities map[string]Activity          // by the key that we have given them
	OptedOut   []string
}

// Activity is a record of ours and whom it is about.
type Activity struct {
	Object     string
	Properties map[string]string
	About      []string // addresses
}

// Diff says how two states differ, a line for each; nothing = not at all.
func Diff(a, b State) (out []string) {
	for _, email := range union(a.Contacts, b.Contacts) {
		if x, y := a.Contacts[email], b.Contacts[email]; !maps.Equal(x, y) {
			out = append(out, fmt.Sprintf("contact %s: %v and %v", email, x, y))
		}
	}
	for _, key := range union(a.Activities, b.Activities) {
		x, y := a.Activities[key], b.Activities[key]
		if x.Object != y.Object || !maps.Equal(x.Properties, y.Properties) || !slices.Equal(x.About, y.About) {
			out = append(out, fmt.Sprintf("activity %s: %v and %v", key, x, y))
		}
	}
	if !slices.Equal(a.OptedOut, b.OptedOut) {
		out = append(out, fmt.Sprintf("opted out: %v and %v", a.OptedOut, b.OptedOut))
	}
	return out
}

func union[V any](a, b map[string]V) []string {
	keys := slices.Collect(maps.Keys(a))
	keys = slices.AppendSeq(keys, maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}
