package salesforcelike

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

// Key is taken as an access token for as long as it lives; so are tokens that sign-ins give.
const Key = "00Dxx0000000001!session"

// KeyField is the field by which records of ours are found.
const KeyField = "Outrider_ID__c"

const (
	lead    = "Lead"
	contact = "Contact"
	task    = "Task"

	provided  = "[not provided]"
	untouched = "Open - Not Contacted" // the status that leads begin with
)

// Options say what it is.
type Options struct {
	Now      func() time.Time
	Client   string // of the program, for sign-ins
	Secret   string
	Rotate   bool   // each refresh gives another refresh token, and the one before is worth nothing
	PageSize int    // of queries; 0 = 2000
	Daily    int    // calls; 0 = many
	Rule     string // for who is alike: alert or block; "" = none
	Keyless  bool   // nobody has made KeyField
}

// Server is the stand-in; it is an http.Handler.
type Server struct {
	opts Options
	mux  *http.ServeMux

	mu       sync.Mutex
	bad      crmlike.Misbehave
	fields   map[string][]field
	records  map[string][]*record // by object, in the order of ids
	byID     map[string]*record
	byKey    map[string][]*record // by object and key
	owners   map[string]string    // names by ids
	views    map[string]view
	locators map[string]locator
	tokens   map[string]bool
	codes    map[string]string // code: challenge
	refresh  string
	next     int
	minted   int
	writes   int
	requests int
	used     int // of the day's calls
}

type record struct {
	object            string
	id                string
	values            map[string]string // without blanks
	created, modified time.Time
	deleted           bool
}

type field struct {
	name, label, kind string
	fixed             bool // by Salesforce
	external          bool
	options           []string
}

type view struct{ label, where string }

type locator struct {
	object string
	rest   []map[string]any
}

// New returns an account with nobody in it.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.PageSize == 0 {
		o.PageSize = 2000
	}
	if o.Daily == 0 {
		o.Daily = 10_000_000
	}
	s := &Server{opts: o, mux: http.NewServeMux(), fields: map[string][]field{}, records: map[string][]*record{}, byID: map[string]*record{}, byKey: map[string][]*record{}, owners: map[string]string{}, views: map[string]view{},
		locators: map[string]locator{}, tokens: map[string]bool{Key: true}, codes: map[string]string{}, next: 100}
	text := func(object string, names ...string) {
		for _, n := range names {
			s.fields[object] = append(s.fields[object], field{name: n, label: n, kind: "string"})
		}
	}
	for _, object := range []string{lead, contact, task} {
		for _, f := range []field{{name: "Id", kind: "id"}, {name: "CreatedDate", kind: "datetime"}, {name: "SystemModstamp", kind: "datetime"}} {
			f.label, f.fixed = f.name, true
			s.fields[object] = append(s.fields[object], f)
		}
		s.fields[object] = append(s.fields[object], field{name: "OwnerId", label: "Owner ID", kind: "reference"}, field{name: "Owner.Name", label: "Owner", kind: "string", fixed: true})
		if !o.Keyless {
			s.fields[object] = append(s.fields[object], field{name: KeyField, label: "Outrider ID", kind: "string", external: true})
		}
	}
	for _, object := range []string{lead, contact} {
		text(object, "FirstName", "LastName", "Title", "Department")
		s.fields[object] = append(s.fields[object], field{name: "Phone", label: "Phone", kind: "phone"}, field{name: "Email", label: "Email", kind: "email"}, field{name: "HasOptedOutOfEmail", label: "Email opt out", kind: "boolean"},
			field{name: "Birthdate", label: "Birthdate", kind: "date"})
	}
	text(lead, "Company", "City", "Country", "State", "Street", "PostalCode")
	s.fields[lead] = append(s.fields[lead], field{name: "Website", label: "Website", kind: "url"}, field{name: "NumberOfEmployees", label: "Employees", kind: "int"}, field{name: "IsConverted", label: "Converted", kind: "boolean", fixed: true},
		field{name: "ConvertedContactId", label: "Converted contact", kind: "reference", fixed: true}, field{name: "Status", label: "Status", kind: "picklist", options: []string{untouched, "Working - Contacted", "Qualified", "Closed"}})
	text(contact, "MailingCity", "MailingCountry", "MailingState", "MailingStreet", "MailingPostalCode")
	s.fields[contact] = append(s.fields[contact], field{name: "Account.Name", label: "Account", kind: "string", fixed: true})
	text(task, "Subject", "Description", "Status", "TaskSubtype", "ActivityDate")
	s.fields[task] = append(s.fields[task], field{name: "WhoId", label: "Name ID", kind: "reference"})
	s.routes()
	return s
}

func (s *Server) now() time.Time {
	return s.opts.Now().Add(s.bad.Skew).UTC().Truncate(time.Second) // stamps of changes say no more
}

// Behave changes how it misbehaves.
func (s *Server) Behave(change func(*crmlike.Misbehave)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.bad)
}

// Account is the organisation's id.
func (s *Server) Account() string { return "00Dxx0000000001EAA" }

// Put creates a lead, or changes a lead or a contact of the same address, as somebody in Salesforce does, and returns its id.
func (s *Server) Put(email string, values map[string]string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if email != "" {
		for _, object := range []string{contact, lead} {
			for _, r := range s.records[object] {
				if !r.deleted && strings.EqualFold(r.values["Email"], email) && r.values["IsConverted"] == "" {
					s.change(r, values)
					return r.id
				}
			}
		}
	}
	return s.put(lead, email, values)
}

// PutAnother creates a record of an object, whoever there is.
func (s *Server) PutAnother(object, email string, values map[string]string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put(object, email, values)
}

func (s *Server) put(object, email string, values map[string]string) string {
	v := maps.Clone(values)
	if v == nil {
		v = map[string]string{}
	}
	v["Email"] = email
	for _, name := range []string{"LastName", "Company"} {
		if v[name] == "" && s.find(object, name) != nil {
			v[name] = provided
		}
	}
	return s.create(object, v).id
}

// PutOwner adds a user.
func (s *Server) PutOwner(id, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owners[id] = name
}

// PutView makes a list view of an object: who fits a condition.
func (s *Server) PutView(object, id, label, where string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.views[object+" "+id] = view{label, where}
}

// Delete takes a record away.
func (s *Server) Delete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(id)
}

func (s *Server) remove(id string) bool {
	r := s.byID[id]
	if r == nil {
		return false
	}
	r.deleted = true
	delete(s.byID, id)
	return true
}

// DropField takes a field of an object away.
func (s *Server) DropField(object, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fields[object] = slices.DeleteFunc(s.fields[object], func(f field) bool { return f.name == name })
}

// OptOut is somebody who unsubscribes there.
func (s *Server) OptOut(email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, object := range []string{lead, contact} {
		for _, r := range s.records[object] {
			if !r.deleted && strings.EqualFold(r.values["Email"], email) {
				s.change(r, map[string]string{"HasOptedOutOfEmail": "true"})
			}
		}
	}
}

// Convert makes a contact of a lead, and returns its id. What was about the lead is about the contact.
func (s *Server) Convert(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.byID[id]
	v := map[string]string{}
	for name, value := range r.values {
		switch {
		case name == KeyField || name == "Status":
		case s.find(contact, name) != nil:
			v[name] = value
		case s.find(contact, "Mailing"+name) != nil:
			v["Mailing"+name] = value
		case name == "Company":
			v["Account.Name"] = value
		}
	}
	c := s.create(contact, v)
	s.change(r, map[string]string{"IsConverted": "true", "ConvertedContactId": c.id, "Status": "Closed"})
	for _, t := range s.records[task] {
		if t.values["WhoId"] == id {
			s.change(t, map[string]string{"WhoId": c.id})
		}
	}
	return c.id
}

// EndSessions ends every access token; refresh tokens go on.
func (s *Server) EndSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
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

// Use sets how many of the day's calls are used.
func (s *Server) Use(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = n
}

// Writes is how many records were created or changed by requests, and how many requests came.
func (s *Server) Writes() (writes, requests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes, s.requests
}

// Prefixes of ids.
var prefixes = map[string]string{lead: "00Q", contact: "003", task: "00T"} //nolint:gochecknoglobals // a constant table

func (s *Server) create(object string, values map[string]string) *record {
	s.next++
	r := &record{object: object, id: fmt.Sprintf("%s%015d", prefixes[object], s.next), values: map[string]string{}, created: s.now()}
	if object == lead && values["Status"] == "" {
		r.values["Status"] = untouched
	}
	s.records[object], s.byID[r.id] = append(s.records[object], r), r
	s.change(r, values)
	return r
}

// change sets what differs, and reports whether anything does.
func (s *Server) change(r *record, values map[string]string) (changed bool) {
	for name, v := range values {
		if r.values[name] == v {
			continue
		}
		changed = true
		if name == KeyField {
			key := r.object + " " + r.values[name]
			s.byKey[key] = slices.DeleteFunc(s.byKey[key], func(o *record) bool { return o == r })
			s.byKey[r.object+" "+v] = append(s.byKey[r.object+" "+v], r)
		}
		if v == "" {
			delete(r.values, name)
		} else {
			r.values[name] = v
		}
	}
	if changed || r.modified.IsZero() {
		r.modified = s.now()
	}
	return changed
}

func (s *Server) find(object, name string) *field {
	i := slices.IndexFunc(s.fields[object], func(f field) bool { return strings.EqualFold(f.name, name) })
	if i < 0 {
		return nil
	}
	return &s.fields[object][i]
}

// ServeHTTP is http.Handler's.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	w.Header().Set("Date", s.now().Format(http.TimeFormat))
	if strings.HasPrefix(r.URL.Path, "/services/oauth2/") && r.URL.Path != "/services/oauth2/userinfo" {
		s.mux.ServeHTTP(w, r)
		return
	}
	s.used++
	w.Header().Set("Sforce-Limit-Info", "api-usage="+strconv.Itoa(s.used)+"/"+strconv.Itoa(s.opts.Daily))
	switch token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); {
	case crmlike.Take(&s.bad.Expired) || !s.tokens[token]:
		problem(w, http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
		return
	case s.bad.Forbidden:
		problem(w, http.StatusForbidden, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")
		return
	case crmlike.Take(&s.bad.TooMany) || s.used > s.opts.Daily:
		problem(w, http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
		return
	case crmlike.Take(&s.bad.Unavailable):
		problem(w, http.StatusServiceUnavailable, "SERVER_UNAVAILABLE", "try again")
		return
	}
	if r.Method != http.MethodGet && crmlike.Take(&s.bad.CutAfter) {
		crmlike.Unheard(s.mux, r)
		panic(http.ErrAbortHandler)
	}
	if r.Method != http.MethodGet && crmlike.Take(&s.bad.FailAfter) {
		crmlike.Unheard(s.mux, r)
		problem(w, http.StatusBadGateway, "UNKNOWN_EXCEPTION", "bad gateway")
		return
	}
	s.mux.ServeHTTP(w, r)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who doesn't read it is gone
}

// problem answers with a list, as every problem is.
func problem(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, []any{map[string]any{"message": message, "errorCode": code}})
}
