// Package chhttp serves as much of ClickHouse's HTTP interface as an unchanged clickhouse-go/v2 needs (Protocol: HTTP;
// see https://clickhouse.com/docs/interfaces/http), over the engine as a library. One user, one password.
package chhttp

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"outrider/internal/engines/chlib"
)

// Endpoint answers requests; every request has an engine session of its own.
type Endpoint struct {
	lib            *chlib.Library
	args           []string
	user, password string
	slots          chan struct{}
	control        *chlib.Conn // keeps the engine alive, and kills queries whose client has gone
	version, zone  string
}

// New opens the engine. At most concurrent statements run at once; others wait.
func New(lib *chlib.Library, dir, user, password string, concurrent int, args ...string) (*Endpoint, error) {
	s := &Endpoint{lib: lib, args: append([]string{"--path=" + dir}, args...), user: user, password: password, slots: make(chan struct{}, concurrent)}
	c, err := lib.Connect(s.args...)
	if err != nil {
		return nil, err
	}
	b, _, err := c.Query("SELECT version(), timezone()", "TSVRaw")
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("ask the ClickHouse engine its version: %w", err)
	}
	s.control = c
	s.version, s.zone, _ = strings.Cut(strings.TrimSpace(string(b)), "\t")
	return s, nil
}

// Close ends the engine's last session.
func (s *Endpoint) Close() { s.control.Close() }

var errorCode = regexp.MustCompile(`Code:\s*(\d+)\.`)

// statusOf is what ClickHouse answers for its error codes.
func statusOf(code int) int {
	switch code {
	case 46, 47, 60, 81: // unknown function, identifier, table, database
		return http.StatusNotFound
	case 6, 27, 38, 41, 53, 62, 69, 70, 72, 115, 116, 131: // what can't be parsed
		return http.StatusBadRequest
	case 193, 497, 516: // authentication, rights
		return http.StatusForbidden
	case 202, 241: // too many queries, memory
		return http.StatusServiceUnavailable
	case 159:
		return http.StatusRequestTimeout
	}
	return http.StatusInternalServerError
}

func (s *Endpoint) writeFailure(w http.ResponseWriter, err error) {
	text, code := err.Error(), 1002 // UNKNOWN_EXCEPTION
	if m := errorCode.FindStringSubmatch(text); m != nil {
		code, _ = strconv.Atoi(m[1])
	} else {
		text = "Code: 1002. DB::Exception: " + text
	}
	w.Header().Set("X-ClickHouse-Exception-Code", strconv.Itoa(code))
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.Header().Del("Content-Encoding")
	w.WriteHeader(statusOf(code))
	fmt.Fprintf(w, "%s (version %s)\n", text, s.version)
}

func (s *Endpoint) isAllowed(r *http.Request) bool {
	u, p, ok := r.BasicAuth()
	if !ok {
		u, p = r.Header.Get("X-ClickHouse-User"), r.Header.Get("X-ClickHouse-Key")
	}
	return subtle.ConstantTimeCompare([]byte(u+"\x00"+p), []byte(s.user+"\x00"+s.password)) == 1
}

func (s *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/ping" {
		_, _ = io.WriteString(w, "Ok.\n")
		return
	}
	if !s.isAllowed(r) {
		s.writeFailure(w, errors.New("Code: 516. DB::Exception: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)")) //nolint:staticcheck // ClickHouse's own words, which clients parse
		return
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-r.Context().Done():
		return
	}
	st, err := parseStatement(r)
	if err != nil {
		s.writeFailure(w, err)
		return
	}
	if st.isHello() {
		s.writeHello(w, r)
		return
	}
	c, err := s.lib.Connect(s.args...)
	if err != nil {
		s.writeFailure(w, err)
		return
	}
	defer c.Close()
	if err := st.prepareQuery(c); err != nil {
		s.writeFailure(w, err)
		return
	}
	h := w.Header()
	h.Set("X-ClickHouse-Query-Id", st.id)
	h.Set("X-ClickHouse-Timezone", s.zone)
	h.Set("X-ClickHouse-Server-Display-Name", "embedded")
	h.Set("X-ClickHouse-Format", st.format)
	defer context.AfterFunc(r.Context(), func() {
		_, _, _ = s.control.Query("KILL QUERY WHERE Settings['log_comment'] = "+quoteString(st.tag)+" ASYNC", "Null")
	})()
	switch {
	case st.insert != "":
		s.runInsert(w, r, c, st)
	case selectHead.MatchString(st.bareText()):
		s.runSelect(w, r, c, st)
	default:
		s.runPlain(w, r, c, st)
	}
}
