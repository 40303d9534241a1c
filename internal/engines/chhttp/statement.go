package chhttp

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sort"
	"strings"

	"outrider/internal/engines/chlib"
)

var (
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

func (st *statement) isHello() bool {
	return st.first && strings.HasPrefix(st.query, "SELECT displayName(), version(), revision(), timezone()")
}

// bareText is the query without comments before it.
func (st *statement) bareText() string { return stripComments(st.query) }

func stripComments(q string) string {
	for {
		m := leadNote.FindStringIndex(q)
		if m == nil {
			return strings.TrimSpace(q)
		}
		q = q[m[1]:]
	}
}

func parseStatement(r *http.Request) (*statement, error) {
	q := r.URL.Query()
	rd, err := openInput(r, q.Get("decompress") == "1")
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
	if insertHead.MatchString(stripComments(st.query)) {
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
	st.setParameter(q)
	return st, nil
}

func (st *statement) setParameter(q url.Values) {
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
			st.settings = append(st.settings, k+" = "+quoteString(v))
		}
	}
	st.settings = append(st.settings, "log_comment = "+quoteString(st.tag))
}

func (st *statement) prepareQuery(c *chlib.Conn) error {
	if _, _, err := c.Query("SET "+strings.Join(st.settings, ", "), "Null"); err != nil {
		return err
	}
	if st.database != "" {
		if _, _, err := c.Query("USE "+quoteIdentifier(st.database), "Null"); err != nil {
			return err
		}
	}
	for _, t := range st.tables {
		if err := t.createTable(c); err != nil {
			return err
		}
	}
	return nil
}

func (t external) createTable(c *chlib.Conn) error {
	if _, _, err := c.Query("CREATE TEMPORARY TABLE "+quoteIdentifier(t.name)+" ("+t.structure+")", "Null"); err != nil {
		return err
	}
	in, err := c.Begin("INSERT INTO "+quoteIdentifier(t.name), t.format)
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

func quoteString(v string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
}

func quoteIdentifier(v string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(v) + "`"
}
