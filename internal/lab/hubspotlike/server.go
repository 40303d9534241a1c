package hubspotlike

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"outrider/internal/lab/crmlike"
)

// Version of the API that it answers.
const Version = "2026-03"

// Key is taken as an access token for as long as it lives; so are tokens that /oauth gives.
const Key = "pat-test-1"

// Options say what it is.
type Options struct {
	Portal int64 // 0 = 4711
	Now    func() time.Time
	Secret string // of the program, for signatures and /oauth
	Client string
}

// Server is the stand-in; it is an http.Handler.
type Server struct {
	opts Options
	mux  *http.ServeMux

	mu         sync.Mutex
	bad        Misbehave
	objects    map[string]map[string]*object // by type and id
	properties map[string][]property
	lists      map[string][]string // ids of contacts
	unique     map[string]string   // ids by type, unique property and value
	links      map[string]map[string]bool
	owners     []owner
	optOuts    map[string]bool
	tokens     map[string]bool
	codes      map[string]string // code: challenge
	refresh    string
	next       int64
	writes     int // objects that were created or changed
	requests   int
	changes    []change
	minted     int
}

type object struct {
	id         string
	number     int64 // its id
	properties map[string]string
	created    time.Time
	updated    time.Time
}

type property struct {
	Name      string   `json:"name"`
	Label     string   `json:"label"`
	Type      string   `json:"type"`
	FieldType string   `json:"fieldType"`
	GroupName string   `json:"groupName"`
	Unique    bool     `json:"hasUniqueValue"`
	Options   []option `json:"options"`
	ReadOnly  bool     `json:"-"`
}

type option struct {
	Label        string `json:"label"`
	Value        string `json:"value"`
	DisplayOrder int    `json:"displayOrder"`
	Hidden       bool   `json:"hidden"`
}

type owner struct {
	ID        string `json:"id"`
	Email     string `json:"email"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Type      string `json:"type"`
	UserID    int    `json:"userId"`
	Created   string `json:"createdAt"`
	Updated   string `json:"updatedAt"`
	Archived  bool   `json:"archived"`
}

// change is what a notification tells of.
type change struct {
	id, kind, property string
	at                 time.Time
}

// Types of objects that it keeps.
const (
	contacts = "contacts"
	emails   = "emails"
	meetings = "meetings"
	notes    = "notes"
)

// New returns an account with nobody in it.
func New(o Options) *Server {
	if o.Portal == 0 {
		o.Portal = 4711
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{opts: o, mux: http.NewServeMux(), objects: map[string]map[string]*object{}, properties: map[string][]property{}, lists: map[string][]string{}, unique: map[string]string{}, links: map[string]map[string]bool{},
		optOuts: map[string]bool{}, tokens: map[string]bool{Key: true}, codes: map[string]string{}, next: 100}
	for _, t := range []string{contacts, emails, meetings, notes} {
		s.objects[t] = map[string]*object{}
	}
	text := func(names ...string) (out []property) {
		for _, n := range names {
			out = append(out, property{Name: n, Label: strings.ToUpper(n[:1]) + n[1:], Type: "string", FieldType: "text", GroupName: "contactinformation", Options: []option{}})
		}
		return out
	}
	stages := property{Name: "lifecyclestage", Label: "Lifecycle stage", Type: "enumeration", FieldType: "radio", GroupName: "contactinformation"}
	for i, name := range []string{"subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer"} {
		stages.Options = append(stages.Options, option{Label: name, Value: name, DisplayOrder: i})
	}
	s.properties[contacts] = append(text("firstname", "lastname", "company", "jobtitle", "phone", "website", "city", "country", "hs_object_id"), stages,
		property{Name: "email", Label: "Email", Type: "string", FieldType: "text", Unique: true, Options: []option{}},
		property{Name: "hs_email_optout", Label: "Unsubscribed from all email", Type: "bool", FieldType: "booleancheckbox", ReadOnly: true, Options: []option{}},
		property{Name: "hubspot_owner_id", Label: "Contact owner", Type: "enumeration", FieldType: "select", Options: []option{}},
		property{Name: "num_employees", Label: "Employees", Type: "number", FieldType: "number", Options: []option{}},
		property{Name: "lastmodifieddate", Label: "Last modified", Type: "datetime", FieldType: "date", ReadOnly: true, Options: []option{}})
	s.properties[emails] = text("hs_timestamp", "hs_email_direction", "hs_email_status", "hs_email_subject")
	s.properties[meetings] = text("hs_timestamp", "hs_meeting_title", "hs_meeting_start_time", "hs_meeting_end_time", "hs_meeting_outcome")
	s.properties[notes] = text("hs_timestamp", "hs_note_body")
	s.routes()
	return s
}

func (s *Server) now() time.Time {
	return s.opts.Now().Add(s.bad.Skew).UTC().Truncate(time.Millisecond)
}

// Behave changes how it misbehaves.
func (s *Server) Behave(change func(*Misbehave)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.bad)
}

// Portal is the account's id.
func (s *Server) Portal() int64 { return s.opts.Portal }

// Put creates a contact, or changes one of the same address, as somebody in the CRM does, and returns its id.
func (s *Server) Put(email string, properties map[string]string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := maps.Clone(properties)
	if p == nil {
		p = map[string]string{}
	}
	p["email"] = email
	o := s.findBy(contacts, "email", email)
	if o == nil {
		o = s.create(contacts, p)
	} else {
		s.change(contacts, o, p)
	}
	return o.id
}

// PutOwner adds a user.
func (s *Server) PutOwner(id, first, last, email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.now().Format(time.RFC3339)
	s.owners = append(s.owners, owner{ID: id, Email: email, FirstName: first, LastName: last, Type: "PERSON", Created: at, Updated: at})
}

// PutList makes a list of contacts.
func (s *Server) PutList(id string, contacts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists[id] = append(s.lists[id], contacts...)
}

// Delete takes a contact away.
func (s *Server) Delete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects[contacts], id)
}

// DropProperty takes a property of contacts away.
func (s *Server) DropProperty(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.properties[contacts] = slices.DeleteFunc(s.properties[contacts], func(p property) bool { return p.Name == name })
}

// OptOut is somebody who unsubscribes there.
func (s *Server) OptOut(email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.optOut(email)
}

func (s *Server) optOut(email string) {
	s.optOuts[email] = true
	if o := s.findBy(contacts, "email", email); o != nil {
		s.change(contacts, o, map[string]string{"hs_email_optout": "true"})
	}
}

// Revoke takes every permission away.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
	s.refresh = ""
}

// Allow lets an access token in.
func (s *Server) Allow(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token] = true
}

// Writes is how many objects were created or changed by requests, and Requests how many came.
func (s *Server) Writes() (writes, requests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes, s.requests
}

func (s *Server) create(t string, p map[string]string) *object {
	s.next++
	o := &object{id: strconv.FormatInt(s.next, 10), number: s.next, properties: map[string]string{}, created: s.now()}
	s.objects[t][o.id] = o
	s.change(t, o, p)
	if t == contacts && s.optOuts[o.properties["email"]] { // an address stays unsubscribed, whoever comes to have it
		s.change(t, o, map[string]string{"hs_email_optout": "true"})
	}
	o.properties["hs_object_id"] = o.id
	s.changes = append(s.changes, change{o.id, "contact.creation", "", o.created})
	return o
}

// change sets what differs, and reports whether anything does.
func (s *Server) change(t string, o *object, p map[string]string) bool {
	changed := false
	for name, v := range p {
		if v == "" {
			if _, ok := o.properties[name]; ok {
				delete(o.properties, name)
				changed = true
			}
			continue
		}
		if o.properties[name] != v {
			o.properties[name], changed = v, true
			if isUnique(name) {
				s.unique[t+" "+name+" "+strings.ToLower(v)] = o.id
			}
			if t == contacts {
				s.changes = append(s.changes, change{o.id, "contact.propertyChange", name, s.now()})
			}
		}
	}
	if changed || o.updated.IsZero() {
		o.updated = s.now()
		if t == contacts {
			o.properties["lastmodifieddate"] = o.updated.Format("2006-01-02T15:04:05.000Z")
		}
	}
	return changed
}

func isUnique(property string) bool { return property == "email" || property == "outrider_id" }

func (s *Server) findBy(t, property, value string) *object {
	if isUnique(property) {
		if o := s.objects[t][s.unique[t+" "+property+" "+strings.ToLower(value)]]; o != nil && strings.EqualFold(o.properties[property], value) {
			return o
		}
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(s.objects[t])) {
		if o := s.objects[t][id]; strings.EqualFold(o.properties[property], value) && value != "" {
			return o
		}
	}
	return nil
}

// ServeHTTP is http.Handler's.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	w.Header().Set("Date", s.now().Format(http.TimeFormat))
	if strings.HasPrefix(r.URL.Path, "/oauth/") {
		s.mux.ServeHTTP(w, r)
		return
	}
	switch token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); {
	case crmlike.Take(&s.bad.Expired) || !s.tokens[token]:
		problem(w, http.StatusUnauthorized, "INVALID_AUTHENTICATION", "Authentication credentials not found")
		return
	case s.bad.Forbidden:
		problem(w, http.StatusForbidden, "MISSING_SCOPES", "This app hasn't been granted all required scopes")
		return
	case crmlike.Take(&s.bad.TooMany):
		w.Header().Set("Retry-After", "1")
		problem(w, http.StatusTooManyRequests, "RATE_LIMITS", "You have reached your secondly limit.")
		return
	case crmlike.Take(&s.bad.Unavailable):
		problem(w, http.StatusServiceUnavailable, "INTERNAL_ERROR", "try again")
		return
	}
	if r.Method != http.MethodGet && crmlike.Take(&s.bad.CutAfter) {
		crmlike.Unheard(s.mux, r)
		panic(http.ErrAbortHandler)
	}
	if r.Method != http.MethodGet && crmlike.Take(&s.bad.FailAfter) {
		crmlike.Unheard(s.mux, r)
		problem(w, http.StatusBadGateway, "INTERNAL_ERROR", "bad gateway")
		return
	}
	s.mux.ServeHTTP(w, r)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who doesn't read it is gone
}

func problem(w http.ResponseWriter, status int, category, message string) {
	answer(w, status, map[string]any{"status": "error", "message": message, "correlationId": fmt.Sprintf("%08d-0000-4000-8000-000000000000", status), "category": category})
}
