// Package chhttp serves as much of ClickHouse's HTTP interface as an unchanged clickhouse-go/v2 needs (Protocol: HTTP;
// see https://clickhouse.com/docs/interfaces/http), over the engine as a library. One user, one password.
package chhttp

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/ClickHouse/ch-go/proto"

	"outrider/internal/embedded/chlib"
)

// Server answers requests; every request has an engine session of its own.
type Server struct {
	lib            *chlib.Library
	args           []string
	user, password string
	slots          chan struct{}
	control        *chlib.Conn // keeps the engine alive, and kills queries whose client has gone
	version, zone  string
}

// New opens the engine. At most concurrent statements run at once; others wait.
func New(lib *chlib.Library, dir, user, password string, concurrent int, args ...string) (*Server, error) {
	s := &Server{lib: lib, args: append([]string{"--path=" + dir}, args...), user: user, password: password, slots: make(chan struct{}, concurrent)}
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
func (s *Server) Close() { s.control.Close() }

var (
	errorCode  = regexp.MustCompile(`Code:\s*(\d+)\.`)
	formatTail = regexp.MustCompile(`(?is)\s+FORMAT\s+([A-Za-z0-9_]+)\s*;?\s*$`)
	insertHead = regexp.MustCompile(`(?is)^\s*INSERT\s+INTO\b`)
	selectHead = regexp.MustCompile(`(?is)^\s*\(*\s*(SELECT|WITH)\b`)
	leadNote   = regexp.MustCompile(`(?s)^\s*(--[^\n]*\n|/\*.*?\*/)`)
)

// isSetting says whether a URL parameter is a setting rather than part of the protocol.
func isSetting(name string) bool {
	switch name {
	case "query", "database", "default_format", "client_protocol_version", "query_id", "quota_key", "compress", "decompress", "session_id", "session_timeout",
		"session_check", "user", "password", "role", "wait_end_of_query", "buffer_size", "enable_http_compression", "http_write_exception_in_output_format", "stacktrace":
		return false
	}
	return !strings.HasPrefix(name, "param_")
}

// status is what ClickHouse answers for its error codes.
func status(code int) int {
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

func (s *Server) fail(w http.ResponseWriter, err error) {
	text, code := err.Error(), 1002 // UNKNOWN_EXCEPTION
	if m := errorCode.FindStringSubmatch(text); m != nil {
		code, _ = strconv.Atoi(m[1])
	} else {
		text = "Code: 1002. DB::Exception: " + text
	}
	w.Header().Set("X-ClickHouse-Exception-Code", strconv.Itoa(code))
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.Header().Del("Content-Encoding")
	w.WriteHeader(status(code))
	fmt.Fprintf(w, "%s (version %s)\n", text, s.version)
}

func (s *Server) allowed(r *http.Request) bool {
	u, p, ok := r.BasicAuth()
	if !ok {
		u, p = r.Header.Get("X-ClickHouse-User"), r.Header.Get("X-ClickHouse-Key")
	}
	return subtle.ConstantTimeCompare([]byte(u+"\x00"+p), []byte(s.user+"\x00"+s.password)) == 1
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/ping" {
		_, _ = io.WriteString(w, "Ok.\n")
		return
	}
	if !s.allowed(r) {
		s.fail(w, errors.New("Code: 516. DB::Exception: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)"))
		return
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-r.Context().Done():
		return
	}
	st, err := parse(r)
	if err != nil {
		s.fail(w, err)
		return
	}
	if st.hello() {
		s.hello(w, r)
		return
	}
	c, err := s.lib.Connect(s.args...)
	if err != nil {
		s.fail(w, err)
		return
	}
	defer c.Close()
	if err := st.prepare(c); err != nil {
		s.fail(w, err)
		return
	}
	h := w.Header()
	h.Set("X-ClickHouse-Query-Id", st.id)
	h.Set("X-ClickHouse-Timezone", s.zone)
	h.Set("X-ClickHouse-Server-Display-Name", "embedded")
	h.Set("X-ClickHouse-Format", st.format)
	defer context.AfterFunc(r.Context(), func() {
		_, _, _ = s.control.Query("KILL QUERY WHERE Settings['log_comment'] = "+quote(st.tag)+" ASYNC", "Null")
	})()
	switch {
	case st.insert != "":
		s.runInsert(w, r, c, st)
	case selectHead.MatchString(st.bare()):
		s.runSelect(w, r, c, st)
	default:
		s.runPlain(w, r, c, st)
	}
}

// hello answers clickhouse-go's first query. It decodes this one reply at revision 54460 (block info and one byte of
// custom serialisation a column) and then adopts the revision that we report; 0 makes it read everything after in the
// plain Native layout, which is what the engine as a library writes.
func (s *Server) hello(w http.ResponseWriter, r *http.Request) {
	var b proto.Buffer
	b.PutUVarInt(1) // block info: not overflows, no bucket
	b.PutBool(false)
	b.PutUVarInt(2)
	b.PutInt32(-1)
	b.PutUVarInt(0)
	b.PutUVarInt(4) // columns
	b.PutUVarInt(1) // rows
	column := func(name, kind string) {
		b.PutString(name)
		b.PutString(kind)
		b.PutBool(false)
	}
	column("displayName()", "String")
	b.PutString("embedded")
	column("version()", "String")
	b.PutString(s.version)
	column("revision()", "UInt32")
	b.PutUInt32(0)
	column("timezone()", "String")
	b.PutString(s.zone)
	o := newOutput(w, r)
	_, _ = o.Write(b.Buf)
	o.Close()
}

func (s *Server) runInsert(w http.ResponseWriter, r *http.Request, c *chlib.Conn, st *statement) {
	in, err := c.Begin(st.query, st.insert)
	if err != nil {
		s.fail(w, err)
		return
	}
	defer in.Close()
	buf := make([]byte, 256<<10)
	for {
		n, readErr := st.body.Read(buf)
		if err := in.Append(buf[:n]); err != nil {
			s.fail(w, err)
			return
		}
		if errors.Is(readErr, io.EOF) {
			break
		}
		if readErr != nil {
			in.Cancel()
			s.fail(w, fmt.Errorf("read the insert's data: %w", readErr))
			return
		}
	}
	if r.Context().Err() != nil {
		in.Cancel()
		return
	}
	stats, err := in.Done()
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("X-ClickHouse-Summary", summary(stats))
	w.Header().Set("Content-Length", "0")
}

func (s *Server) runPlain(w http.ResponseWriter, r *http.Request, c *chlib.Conn, st *statement) {
	b, stats, err := c.Query(st.query, st.format, st.params...)
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("X-ClickHouse-Summary", summary(stats))
	if len(b) == 0 {
		w.Header().Set("Content-Length", "0")
		return
	}
	o := newOutput(w, r)
	_, _ = o.Write(b)
	o.Close()
}

func (s *Server) runSelect(w http.ResponseWriter, r *http.Request, c *chlib.Conn, st *statement) {
	var o *output
	_, err := c.Stream(st.query, st.format, func(b []byte) error {
		if o == nil {
			w.Header().Set("X-ClickHouse-Exception-Tag", st.tag[:16])
			o = newOutput(w, r)
		}
		if err := r.Context().Err(); err != nil {
			return err
		}
		_, err := o.Write(b)
		return err
	}, st.params...)
	switch {
	case err != nil && o == nil && strings.Contains(err.Error(), "Streaming query is not supported"):
		s.runPlain(w, r, c, st)
		return
	case err != nil && o == nil:
		s.fail(w, err)
		return
	case err != nil && r.Context().Err() != nil:
		return
	case err != nil: // ClickHouse's way to report an error in the middle of a body
		o.uncompressed()
		t, m := st.tag[:16], err.Error()
		_, _ = fmt.Fprintf(o, "\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n", t, m, len(m)+1, t)
	case o == nil:
		w.Header().Set("Content-Length", "0")
		return
	}
	o.Close()
}

func summary(st chlib.Stats) string {
	b, _ := json.Marshal(map[string]string{"read_rows": strconv.FormatUint(st.RowsRead, 10), "read_bytes": strconv.FormatUint(st.BytesRead, 10), //nolint:errchkjson // strings
		"written_rows": strconv.FormatUint(st.RowsWritten, 10), "written_bytes": strconv.FormatUint(st.BytesWritten, 10)})
	return string(b)
}

// statement is a request taken apart.
type statement struct {
	query, insert, format, id, tag, database string
	settings                                 []string
	params                                   []chlib.Param
	tables                                   []external
	body                                     io.Reader // an insert's data
	first                                    bool
}

// external is a temporary table that comes with a request.
type external struct {
	name, structure, format string
	data                    []byte
}

func (st *statement) hello() bool {
	return st.first && strings.HasPrefix(st.query, "SELECT displayName(), version(), revision(), timezone()")
}

// bare is the query without comments before it.
func (st *statement) bare() string { return bare(st.query) }

func bare(q string) string {
	for {
		m := leadNote.FindStringIndex(q)
		if m == nil {
			return strings.TrimSpace(q)
		}
		q = q[m[1]:]
	}
}

func parse(r *http.Request) (*statement, error) {
	q := r.URL.Query()
	rd, err := input(r, q.Get("decompress") == "1")
	if err != nil {
		return nil, err
	}
	tag := make([]byte, 16)
	_, _ = rand.Read(tag)
	st := &statement{query: q.Get("query"), format: q.Get("default_format"), id: q.Get("query_id"), tag: hex.EncodeToString(tag), database: q.Get("database"),
		first: q.Get("client_protocol_version") != ""}
	if mr, err := r.MultipartReader(); err == nil {
		for {
			p, err := mr.NextPart()
			if err != nil {
				break
			}
			d, err := io.ReadAll(p)
			if err != nil {
				return nil, fmt.Errorf("read external table: %w", err)
			}
			if n := p.FormName(); n == "query" {
				st.query = string(d)
			} else {
				st.tables = append(st.tables, external{n, q.Get(n + "_structure"), q.Get(n + "_format"), d})
				q.Del(n + "_structure")
				q.Del(n + "_format")
			}
		}
		rd = bytes.NewReader(nil)
	}
	if st.format == "" {
		st.format = "TabSeparated"
	}
	if st.id == "" {
		st.id = st.tag
	}
	if insertHead.MatchString(bare(st.query)) {
		if m := formatTail.FindStringSubmatchIndex(st.query); m != nil {
			st.query, st.insert, st.body = st.query[:m[0]], st.query[m[2]:m[3]], rd
		}
	}
	if st.insert == "" {
		rest, err := io.ReadAll(rd)
		if err != nil {
			return nil, fmt.Errorf("read the query: %w", err)
		}
		if st.query != "" && len(rest) > 0 {
			st.query += "\n"
		}
		st.query += string(rest)
	}
	st.set(q)
	return st, nil
}

func (st *statement) set(q url.Values) {
	names := make([]string, 0, len(q))
	for k := range q {
		names = append(names, k)
	}
	sort.Strings(names)
	for _, k := range names {
		switch v := q.Get(k); {
		case strings.HasPrefix(k, "param_"):
			st.params = append(st.params, chlib.Param{Name: k[len("param_"):], Value: v})
		case isSetting(k):
			st.settings = append(st.settings, k+" = "+quote(v))
		}
	}
	st.settings = append(st.settings, "log_comment = "+quote(st.tag))
}

func (st *statement) prepare(c *chlib.Conn) error {
	if _, _, err := c.Query("SET "+strings.Join(st.settings, ", "), "Null"); err != nil {
		return err
	}
	if st.database != "" {
		if _, _, err := c.Query("USE "+identifier(st.database), "Null"); err != nil {
			return err
		}
	}
	for _, t := range st.tables {
		if err := t.create(c); err != nil {
			return err
		}
	}
	return nil
}

func (t external) create(c *chlib.Conn) error {
	if _, _, err := c.Query("CREATE TEMPORARY TABLE "+identifier(t.name)+" ("+t.structure+")", "Null"); err != nil {
		return err
	}
	in, err := c.Begin("INSERT INTO "+identifier(t.name), t.format)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := in.Append(t.data); err != nil {
		return err
	}
	_, err = in.Done()
	return err
}

func quote(v string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
}

func identifier(v string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(v) + "`"
}

// blocks writes ClickHouse's compressed blocks.
type blocks struct {
	w io.Writer
	c *compress.Writer
}

func (b *blocks) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		k := min(len(p), 1<<20)
		if err := b.c.Compress(p[:k]); err != nil {
			return 0, err
		}
		if _, err := b.w.Write(b.c.Data); err != nil {
			return 0, err
		}
		p = p[k:]
	}
	return n, nil
}
