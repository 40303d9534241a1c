// Package sendgridserver stands in for SendGrid in tests: it takes messages as Twilio's published description of the API wants them
// (schema/tsg_mail_v3.json, of github.com/twilio/sendgrid-oai, MIT), posts reports and mail as its webhooks do, and misbehaves when it is told to.
package sendgridserver

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed schema/tsg_mail_v3.json
var published []byte

// Fault is what goes wrong with one message.
type Fault string

// Faults. Of those that come after the message was taken, who sends can't tell.
const (
	Limited       Fault = "429"
	ErrorAfter    Fault = "500 after it was taken"
	CutAfter      Fault = "the connection ends after it was taken"
	CutBefore     Fault = "the connection ends before it is taken"
	Redirected    Fault = "307"
	Unauthorized  Fault = "401"
	EndlessAnswer Fault = "an answer without an end"
)

// Message is one that was taken.
type Message struct {
	ID         string // X-Message-Id
	To         string
	From       string
	Subject    string
	Headers    map[string]string
	CustomArgs map[string]string
	Body       map[string]any // the request

	asked asked
}

// Server is one account.
type Server struct {
	// Choose says what goes wrong with a message for which nothing else was said; nil = nothing does.
	Choose func(to string, custom map[string]string) Fault
	// Taken is told of each message that was taken, before the answer; nil = nobody is.
	Taken func(m Message, f Fault)

	key    string
	schema *jsonschema.Schema

	mu       sync.Mutex
	faults   []Fault
	messages []Message
	refused  []string // what the schema said
	asked    int
}

// New returns a server whose account has a key.
func New(key string) (*Server, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(published))
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	const at = "https://example.test/tsg_mail_v3.json"
	if err := c.AddResource(at, doc); err != nil {
		return nil, fmt.Errorf("add schema: %w", err)
	}
	schema, err := c.Compile(at + "#/components/requestBodies/PostMailSend/content/application~1json/schema")
	if err != nil {
		return nil, fmt.Errorf("compile schema: %w", err)
	}
	return &Server{key: key, schema: schema}, nil
}

// Fail has the next messages go wrong, one each.
func (s *Server) Fail(next ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, next...)
}

// Messages returns those that were taken.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Asked returns how often it was asked to send, and what its schema refused.
func (s *Server) Asked() (times int, refused []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked, append([]string(nil), s.refused...)
}

func (s *Server) nextFault() (f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if len(s.faults) > 0 {
		f, s.faults = s.faults[0], s.faults[1:]
	}
	return f
}

// ServeHTTP is the API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/v3/mail/send" {
		refuse(w, http.StatusNotFound, "not found", "")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 30<<20))
	if err != nil {
		return
	}
	f := s.nextFault()
	if f == "" && s.Choose != nil {
		if x, err := readAsked(body); err == nil {
			f = s.Choose(x.Personalizations[0].To[0].Email, x.Personalizations[0].CustomArgs)
		}
	}
	switch {
	case f == CutBefore:
		cut(w)
		return
	case f == Limited:
		w.Header().Set("X-Ratelimit-Reset", "1")
		refuse(w, http.StatusTooManyRequests, "too many requests", "")
		return
	case f == Redirected:
		http.Redirect(w, r, "/v3/mail/send", http.StatusTemporaryRedirect)
		return
	case f == Unauthorized || r.Header.Get("Authorization") != "Bearer "+s.key:
		refuse(w, http.StatusUnauthorized, "The provided authorization grant is invalid, expired, or revoked", "")
		return
	}
	m, why := s.take(body)
	if why != "" {
		refuse(w, http.StatusBadRequest, why, "")
		return
	}
	if s.Taken != nil {
		s.Taken(m, f)
	}
	switch f {
	case ErrorAfter:
		refuse(w, http.StatusInternalServerError, "internal error", "")
	case CutAfter:
		cut(w)
	case EndlessAnswer:
		w.Header().Set("X-Message-Id", m.ID)
		w.WriteHeader(http.StatusAccepted)
		for range 1 << 12 {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	default:
		w.Header().Set("X-Message-Id", m.ID)
		w.WriteHeader(http.StatusAccepted)
	}
}

// take takes a message that the schema lets through.
func (s *Server) take(body []byte) (m Message, why string) {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return m, "the body is no JSON"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.schema.Validate(v); err != nil {
		s.refused = append(s.refused, err.Error())
		return m, err.Error()
	}
	x, err := readAsked(body)
	if err != nil {
		return m, err.Error()
	}
	for name := range x.Headers {
		if why := reservedField(name); why != "" {
			s.refused = append(s.refused, why)
			return m, why
		}
	}
	m = Message{ID: "m" + strconv.Itoa(len(s.messages)+1), To: x.Personalizations[0].To[0].Email, From: x.From.Email, Subject: x.Subject, Headers: x.Headers, CustomArgs: x.Personalizations[0].CustomArgs}
	_, _ = json.Unmarshal(body, &m.Body), json.Unmarshal(body, &m.asked) // it was read already
	s.messages = append(s.messages, m)
	return m, ""
}

// addressed is whom a request is for.
type addressed struct {
	From             struct{ Email string }
	Subject          string
	Headers          map[string]string
	Personalizations []struct {
		To         []struct{ Email string }
		CustomArgs map[string]string `json:"custom_args"`
	}
}

func readAsked(body []byte) (x addressed, err error) {
	if err := json.Unmarshal(body, &x); err != nil || len(x.Personalizations) != 1 || len(x.Personalizations[0].To) != 1 {
		return x, errors.New("one message to one person is what is sent here")
	}
	return x, nil
}

// reservedField is a field that the API doesn't let be set, as its description says.
func reservedField(name string) string {
	switch strings.ToLower(name) {
	case "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from", "subject", "reply-to", "cc", "bcc":
		return "the header " + name + " may not be set"
	}
	return ""
}

func refuse(w http.ResponseWriter, status int, words, field string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]any{{"message": words, "field": field}}})
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			conn.Close()
		}
	}
}
