package salesforcelike

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// parsed is a query: SELECT fields FROM object WHERE condition ORDER BY fields LIMIT n.
type parsed struct {
	object string
	fields []string
	fits   func(*record) bool
	order  []order
	limit  int
}

type order struct {
	field string
	desc  bool
}

var errQuery = errors.New("unexpected token")

// parser reads a query word by word.
type parser struct {
	s     *Server
	words []string
	bad   string // a field that there isn't
	q     parsed
}

// split returns the words of a query; texts keep their first quote.
func split(q string) (words []string) {
	for i := 0; i < len(q); {
		switch c := q[i]; {
		case c == ' ' || c == '\n' || c == '\t':
			i++
		case c == '\'':
			var b strings.Builder
			b.WriteByte('\'')
			for i++; i < len(q) && q[i] != '\''; i++ {
				if q[i] == '\\' && i+1 < len(q) {
					i++
					switch q[i] {
					case 'n':
						b.WriteByte('\n')
						continue
					case 'r':
						b.WriteByte('\r')
						continue
					}
				}
				b.WriteByte(q[i])
			}
			i++
			words = append(words, b.String())
		case strings.IndexByte("(),", c) >= 0:
			words, i = append(words, string(c)), i+1
		case strings.IndexByte("=!<>", c) >= 0:
			n := 1
			if i+1 < len(q) && q[i+1] == '=' {
				n = 2
			}
			words, i = append(words, q[i:i+n]), i+n
		default:
			n := i
			for n < len(q) && strings.IndexByte(" \n\t(),=!<>'", q[n]) < 0 {
				n++
			}
			words, i = append(words, q[i:n]), n
		}
	}
	return words
}

func (p *parser) next() string {
	if len(p.words) == 0 {
		return ""
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

func (p *parser) take(word string) bool {
	if len(p.words) > 0 && strings.EqualFold(p.words[0], word) {
		p.words = p.words[1:]
		return true
	}
	return false
}

func (p *parser) field(name string) string {
	f := p.s.find(p.q.object, name)
	if f == nil {
		p.bad = name
		return name
	}
	return f.name
}

func (s *Server) parse(text string) (parsed, string, error) {
	p := &parser{s: s, words: split(text)}
	if !p.take("SELECT") {
		return p.q, "", errQuery
	}
	var names []string
	for {
		names = append(names, p.next())
		if !p.take(",") {
			break
		}
	}
	if !p.take("FROM") {
		return p.q, "", errQuery
	}
	if p.q.object = p.next(); s.fields[p.q.object] == nil {
		return p.q, p.q.object, errQuery
	}
	for _, n := range names {
		p.q.fields = append(p.q.fields, p.field(n))
	}
	p.q.fits = func(*record) bool { return true }
	if p.take("WHERE") {
		var err error
		if p.q.fits, err = p.either(); err != nil {
			return p.q, p.bad, err
		}
	}
	if p.take("ORDER") && p.take("BY") {
		for {
			o := order{field: p.field(p.next())}
			if !p.take("ASC") {
				o.desc = p.take("DESC")
			}
			if p.take("NULLS") {
				p.next()
			}
			p.q.order = append(p.q.order, o)
			if !p.take(",") {
				break
			}
		}
	}
	if p.take("LIMIT") {
		n, err := strconv.Atoi(p.next())
		if err != nil {
			return p.q, "", errQuery
		}
		p.q.limit = n
	}
	if len(p.words) > 0 || p.bad != "" {
		return p.q, p.bad, errQuery
	}
	return p.q, "", nil
}

// either reads conditions of which one must fit. Ones of both kinds need parentheses, as with the real one.
func (p *parser) either() (func(*record) bool, error) {
	a, err := p.condition()
	if err != nil {
		return nil, err
	}
	all := []func(*record) bool{a}
	word := ""
	for {
		switch {
		case (word == "" || word == "AND") && p.take("AND"):
			word = "AND"
		case (word == "" || word == "OR") && p.take("OR"):
			word = "OR"
		default:
			return func(r *record) bool {
				for _, f := range all {
					if f(r) != (word != "OR") {
						return word == "OR"
					}
				}
				return word != "OR"
			}, nil
		}
		b, err := p.condition()
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
}

func (p *parser) condition() (func(*record) bool, error) {
	if p.take("(") {
		f, err := p.either()
		if err == nil && !p.take(")") {
			err = errQuery
		}
		return f, err
	}
	name := p.field(p.next())
	if p.bad != "" {
		return nil, errQuery
	}
	if p.take("IN") {
		set := map[string]bool{}
		if !p.take("(") {
			return nil, errQuery
		}
		for {
			set[p.value(p.next())] = true
			if !p.take(",") {
				break
			}
		}
		if !p.take(")") {
			return nil, errQuery
		}
		return func(r *record) bool { return set[strings.ToLower(p.s.value(r, name))] }, nil
	}
	operator, want := p.next(), p.value(p.next())
	if !slices.Contains([]string{"=", "!=", ">", ">=", "<", "<="}, operator) {
		return nil, errQuery
	}
	return func(r *record) bool {
		d := strings.Compare(strings.ToLower(p.s.value(r, name)), want)
		switch operator {
		case "=":
			return d == 0
		case "!=":
			return d != 0
		case ">":
			return d > 0
		case ">=":
			return d >= 0
		case "<":
			return d < 0
		}
		return d <= 0
	}, nil
}

// value is a literal as values are compared: ids, instants in UTC and texts in lower case.
func (p *parser) value(word string) string {
	switch {
	case strings.HasPrefix(word, "'"):
		return strings.ToLower(word[1:])
	case strings.EqualFold(word, "null"), strings.EqualFold(word, "false"):
		return ""
	}
	return strings.ToLower(word)
}

const stamp = "2006-01-02T15:04:05.000Z"

// value is a record's of a field, "" = null or false.
func (s *Server) value(r *record, name string) string {
	switch name {
	case "Id":
		return r.id
	case "CreatedDate":
		return r.created.Format(stamp)
	case "SystemModstamp":
		return r.modified.Format(stamp)
	case "Owner.Name":
		return s.owners[r.values["OwnerId"]]
	}
	return r.values[name]
}

// shown is a record as queries return it.
func (s *Server) shown(r *record, names []string) map[string]any {
	out := map[string]any{"attributes": map[string]string{"type": r.object, "url": "/services/data/v62.0/sobjects/" + r.object + "/" + r.id}}
	for _, name := range names {
		v, f := s.value(r, name), s.find(r.object, name)
		var is any
		switch {
		case f.kind == "boolean":
			is = v == "true"
		case f.kind == "datetime":
			is = strings.Replace(v, "Z", "+0000", 1)
		case f.kind == "int" && v != "":
			n, _ := strconv.Atoi(v)
			is = n
		case v != "":
			is = v
		}
		if relation, inner, ok := strings.Cut(name, "."); ok {
			if is != nil {
				is = map[string]any{"attributes": map[string]string{"type": relation}, inner: is}
			}
			name = relation
		}
		out[name] = is
	}
	return out
}

func (s *Server) page() {
	if s.bad.OnPage != nil {
		s.mu.Unlock()
		s.bad.OnPage()
		s.mu.Lock()
	}
}

func (s *Server) query(w http.ResponseWriter, r *http.Request) {
	if len(r.URL.RawQuery) > 16_000 {
		problem(w, http.StatusRequestURITooLong, "URI_TOO_LONG", "the URI is too long")
		return
	}
	q, bad, err := s.parse(r.URL.Query().Get("q"))
	if err != nil {
		code := "MALFORMED_QUERY"
		if bad != "" {
			code = "INVALID_FIELD"
		}
		problem(w, http.StatusBadRequest, code, "No such column or unexpected token: "+bad)
		return
	}
	s.page()
	var found []*record
	for _, x := range s.records[q.object] {
		if !x.deleted && q.fits(x) {
			found = append(found, x)
		}
	}
	slices.SortStableFunc(found, func(a, b *record) int {
		for _, o := range q.order {
			d := strings.Compare(strings.ToLower(s.value(a, o.field)), strings.ToLower(s.value(b, o.field)))
			if o.desc {
				d = -d
			}
			if d != 0 {
				return d
			}
		}
		return 0
	})
	if q.limit > 0 {
		found = found[:min(len(found), q.limit)]
	}
	all := []map[string]any{}
	for _, x := range found {
		all = append(all, s.shown(x, q.fields))
	}
	s.answerPage(w, q.object, all, len(all))
}

func (s *Server) queryMore(w http.ResponseWriter, r *http.Request) {
	l, ok := s.locators[r.PathValue("locator")]
	if !ok {
		problem(w, http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
		return
	}
	s.page()
	s.answerPage(w, l.object, l.rest, len(l.rest))
}

func (s *Server) answerPage(w http.ResponseWriter, object string, all []map[string]any, total int) {
	n := min(len(all), s.opts.PageSize)
	out := map[string]any{"totalSize": total, "done": n == len(all), "records": all[:n]}
	if n < len(all) {
		id := "01g" + strconv.Itoa(len(s.locators)+1)
		s.locators[id] = locator{object, all[n:]}
		out["nextRecordsUrl"] = "/services/data/v62.0/query/" + id
	}
	answer(w, http.StatusOK, out)
}
