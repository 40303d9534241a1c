package stripelike

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// APIVersion is the version of the answers.
const APIVersion = "2023-10-16"

// Config says how a stand-in behaves.
type Config struct {
	Key     string           // that clients must have; "" = any
	BaseURL string           // of its pages
	Now     func() time.Time // nil = time.Now; Advance adds to it
	// Endpoint is a webhook endpoint that is there from the begin; "" = none.
	Endpoint, Secret string
	Client           *http.Client // sends notifications; nil = http.DefaultClient
	Hold             bool         // notifications wait for Deliver
	Misbehave        Misbehaviour
}

// Misbehaviour is what may happen to notifications, as it does with Stripe.
type Misbehaviour struct {
	Late     time.Duration // each waits up to this long, so that they overtake each other
	Twice    bool          // each is sent twice
	Reversed bool          // with Deliver: the newest first
}

// Server answers as Stripe does.
type Server struct {
	cfg Config
	mux *http.ServeMux

	mu       sync.Mutex
	skew     time.Duration // that Advance has added
	objects  map[string]object
	order    []string // ids, oldest first
	answers  map[string]answer
	cards    map[string]string // card by customer
	serial   int
	events   []object
	outbox   []delivery
	sent     sync.WaitGroup
	waiting  int
	calls    map[string]int // by method and path
	fail     []int          // statuses of the next answers
	staleFor map[string]object
	ended    chan struct{}
}

// object is one as it is answered.
type object = map[string]any

type answer struct {
	request [sha256.Size]byte
	status  int
	body    []byte
}

// Cards of a customer.
const (
	CardWorks    = "works"
	CardDeclines = "declines"
)

//go:embed templates.json
var templates []byte

// New makes a stand-in.
func New(cfg Config) *Server {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Client == nil {
		cfg.Client = http.DefaultClient
	}
	s := &Server{cfg: cfg, objects: map[string]object{}, answers: map[string]answer{}, cards: map[string]string{}, calls: map[string]int{}, staleFor: map[string]object{}, ended: make(chan struct{})}
	if cfg.Endpoint != "" {
		e := s.make("webhook_endpoint", "we", object{"url": cfg.Endpoint, "api_version": APIVersion, "enabled_events": []any{"*"}, "status": "enabled"})
		e["secret"] = cfg.Secret
	}
	s.addRoutes()
	return s
}

// Close ends what it sends.
func (s *Server) Close() {
	close(s.ended)
	s.sent.Wait()
}

// make makes an object from its example; what isn't said is as there.
func (s *Server) make(kind, prefix string, with object) object {
	var all map[string]object
	if err := json.Unmarshal(templates, &all); err != nil {
		panic(err) // our own file
	}
	o := all[kind]
	s.serial++
	id := fmt.Sprintf("%s_%08d", prefix, s.serial)
	if prefix == "cs" || prefix == "bps" {
		id = fmt.Sprintf("%s_test_%08d", prefix, s.serial)
	}
	o["id"], o["created"], o["livemode"] = id, s.now().Unix(), false
	maps.Copy(o, with)
	s.objects[id] = o
	s.order = append(s.order, id)
	return o
}

// now is the stand-in's time.
func (s *Server) now() time.Time { return s.cfg.Now().Add(s.skew).UTC().Truncate(time.Second) }

// timeOf is the time that holds for a customer: that of their test clock, if they have one.
func (s *Server) timeOf(customer string) time.Time {
	if id := text(s.objects[customer]["test_clock"]); id != "" {
		return time.Unix(number(s.objects[id]["frozen_time"]), 0).UTC()
	}
	return s.now()
}

// Calls returns how often something was asked for, by "GET /v1/...".
func (s *Server) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

// CustomerOf returns the customer whose metadata names an organisation; "" = none.
func (s *Server) CustomerOf(organization string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.all("customer", func(o object) bool { m, _ := o["metadata"].(object); return m["organization_id"] == organization }) {
		return text(o["id"])
	}
	return ""
}

// FailNext has the next calls answered with these statuses; a negative one is answered so after its effect.
func (s *Server) FailNext(statuses ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = append(s.fail, statuses...)
}

// AnswerStale has the next read of an object answered as it is now, whatever it will be by then.
func (s *Server) AnswerStale(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.staleFor[id] = clone(s.objects[id])
}

// ServeHTTP answers the API and shows the pages.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/v1/") {
		s.mux.ServeHTTP(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		writeError(w, &apiError{status: http.StatusBadRequest, kind: "invalid_request_error", message: err.Error()})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[r.Method+" "+r.URL.Path]++
	if s.cfg.Key != "" && r.Header.Get("Authorization") != "Bearer "+s.cfg.Key {
		if user, _, ok := r.BasicAuth(); !ok || user != s.cfg.Key {
			writeError(w, &apiError{status: http.StatusUnauthorized, kind: "invalid_request_error", message: "Invalid API Key provided"})
			return
		}
	}
	fail := 0
	if len(s.fail) > 0 {
		fail, s.fail = s.fail[0], s.fail[1:]
	}
	if fail > 0 {
		writeError(w, &apiError{status: fail, kind: "api_error", message: "An error that was asked for"})
		return
	}
	s.answerOnce(&lateFailure{w, -fail}, r)
}

// lateFailure answers that something failed which was done.
type lateFailure struct {
	http.ResponseWriter
	status int
}

func (l *lateFailure) WriteHeader(status int) {
	if l.status > 0 {
		status = l.status
	}
	l.ResponseWriter.WriteHeader(status)
}

// answerOnce gives the same answer to the same idempotency key.
func (s *Server) answerOnce(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("Idempotency-Key")
	request := sha256.Sum256([]byte(r.Method + r.URL.Path + r.Form.Encode()))
	if before, ok := s.answers[key]; ok && key != "" && r.Method == http.MethodPost {
		if before.request != request {
			writeError(w, &apiError{status: http.StatusBadRequest, kind: "idempotency_error", message: "Keys for idempotent requests can only be used with the same parameters they were first used with."})
			return
		}
		w.Header().Set("Idempotent-Replayed", "true")
		writeBody(w, before.status, before.body)
		return
	}
	rec := &recorder{header: w.Header()}
	s.mux.ServeHTTP(rec, r)
	if key != "" && r.Method == http.MethodPost && rec.status < http.StatusInternalServerError {
		s.answers[key] = answer{request, rec.status, rec.body.Bytes()}
	}
	writeBody(w, rec.status, rec.body.Bytes())
}

type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

type apiError struct {
	status        int
	kind, message string
	code, param   string
}

func (e *apiError) Error() string { return e.message }

func missing(kind, id string) error {
	return &apiError{status: http.StatusNotFound, kind: "invalid_request_error", code: "resource_missing", param: "id", message: "No such " + kind + ": '" + id + "'"}
}

func invalid(param, message string) error {
	return &apiError{status: http.StatusBadRequest, kind: "invalid_request_error", param: param, message: message}
}

func writeError(w http.ResponseWriter, err error) {
	e := (*apiError)(nil)
	if !errors.As(err, &e) {
		e = &apiError{status: http.StatusInternalServerError, kind: "api_error", message: err.Error()}
	}
	o := object{"type": e.kind, "message": e.message}
	if e.code != "" {
		o["code"] = e.code
	}
	if e.param != "" {
		o["param"] = e.param
	}
	b, _ := json.Marshal(object{"error": o})
	writeBody(w, e.status, b)
}

func writeBody(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Stripe-Version", APIVersion)
	w.WriteHeader(status)
	_, _ = w.Write(body) // who asked may be gone
}

// text and number read a member of an object.
func text(v any) string { t, _ := v.(string); return t }

func number(v any) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case int:
		return int64(v)
	case float64:
		return int64(v)
	}
	return 0
}

func clone(o object) object {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // it was made of JSON
	}
	var out object
	if err := json.Unmarshal(b, &out); err != nil {
		panic(err)
	}
	return out
}

// metadata reads metadata[...] of a form.
func metadata(form url.Values) object {
	out := object{}
	for k, v := range form {
		if name, ok := strings.CutPrefix(k, "metadata["); ok {
			out[strings.TrimSuffix(name, "]")] = v[0]
		}
	}
	return out
}

func formNumber(form url.Values, name string) int64 {
	n, _ := strconv.ParseInt(form.Get(name), 10, 64)
	return n
}
