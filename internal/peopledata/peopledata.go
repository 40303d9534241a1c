// Package peopledata asks a provider of data about people, an official or a partner's, what it knows of somebody. Networks that forbid to be read are known to the product by this way and by
// imports alone.
package peopledata

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"outrider/internal/dial"
)

// Subject is who is asked about.
type Subject struct {
	Email, FirstName, LastName, Company, LinkedInURL string
}

// Found is one thing that the provider says.
type Found struct {
	About     string // lead or company
	Predicate string
	Object    string
	SourceURL string
}

// Provider says what it knows of somebody; nothing, and no error, of who it doesn't know.
type Provider interface {
	Name() string
	Look(ctx context.Context, s Subject) ([]Found, error)
}

// ErrUnavailable says that the provider couldn't be asked, or answered with something else than it should.
var ErrUnavailable = errors.New("the provider of data can't be asked")

// Options describe a provider that answers a GET with JSON.
type Options struct {
	Name      string  `json:"name"`
	URL       string  `json:"url"`        // with {email}, {first_name}, {last_name}, {company_name}, {linkedin_url}
	Header    string  `json:"header"`     // that carries the key; default Authorization
	KeyPrefix string  `json:"key_prefix"` // before the key: "Bearer "
	KeyEnv    string  `json:"key_env"`    // variable of the environment that holds the key
	Fields    []Field `json:"fields"`
}

// Field says where in an answer a fact is.
type Field struct {
	Path      string `json:"path"`  // names and numbers with dots between: person.jobs.0.title
	About     string `json:"about"` // lead or company
	Predicate string `json:"predicate"`
	Source    string `json:"source"` // path of an address that it is from; may be empty
}

// HTTP is such a provider.
type HTTP struct {
	options Options
	key     string
	client  *http.Client
}

const (
	mostBytes = 1 << 20
	timeout   = 15 * time.Second
	mostKept  = 500 // bytes of a value
)

// Read makes a provider of a file of Options. known says which predicates there are.
func Read(file string, d dial.Dialer, known func(predicate string) bool) (*HTTP, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the provider of data: %w", err)
	}
	var o Options
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, fmt.Errorf("read the provider of data: %w", err)
	}
	return New(o, os.Getenv(o.KeyEnv), d, known)
}

// New returns a provider, or an error that says what is wrong with its options.
func New(o Options, key string, d dial.Dialer, known func(predicate string) bool) (*HTTP, error) {
	u, err := url.Parse(o.URL)
	switch {
	case o.Name == "":
		return nil, errors.New("the provider of data has no name")
	case err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || d.Reach == dial.Public) || strings.ContainsAny(u.Host, "{}"):
		return nil, errors.New("the provider of data has no address that begins with https://")
	case len(o.Fields) == 0:
		return nil, errors.New("the provider of data has no fields")
	}
	for _, f := range o.Fields {
		if f.Path == "" || f.About != "lead" && f.About != "company" || !known(f.Predicate) {
			return nil, fmt.Errorf("the provider of data has a field with path %q, about %q and predicate %q: about is lead or company", f.Path, f.About, f.Predicate)
		}
	}
	if o.Header == "" {
		o.Header = "Authorization"
	}
	return &HTTP{options: o, key: key, client: &http.Client{CheckRedirect: dial.NoRedirect, Timeout: timeout, Transport: &http.Transport{DialContext: d.DialContext}}}, nil
}

// Name implements Provider.
func (p *HTTP) Name() string { return p.options.Name }

// Look implements Provider.
func (p *HTTP) Look(ctx context.Context, s Subject) ([]Found, error) {
	in := strings.NewReplacer("{email}", url.QueryEscape(s.Email), "{first_name}", url.QueryEscape(s.FirstName), "{last_name}", url.QueryEscape(s.LastName), "{company_name}", url.QueryEscape(s.Company),
		"{linkedin_url}", url.QueryEscape(s.LinkedInURL))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, in.Replace(p.options.URL), http.NoBody)
	if err != nil {
		return nil, ErrUnavailable // the address holds personal data: it isn't told
	}
	req.Header.Set("Accept", "application/json")
	if p.key != "" {
		req.Header.Set(p.options.Header, p.options.KeyPrefix+p.key)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return nil, ErrUnavailable
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusNoContent:
		return nil, nil
	default:
		return nil, fmt.Errorf("%w: it says %d", ErrUnavailable, res.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, mostBytes+1))
	var answer any
	if err != nil || len(text) > mostBytes || json.Unmarshal(text, &answer) != nil {
		return nil, fmt.Errorf("%w: its answer can't be read", ErrUnavailable)
	}
	var out []Found
	for _, f := range p.options.Fields {
		if object := textAt(answer, f.Path); object != "" && len(object) <= mostKept {
			out = append(out, Found{f.About, f.Predicate, object, textAt(answer, f.Source)})
		}
	}
	return out, nil
}

// textAt returns the text or number at a path; "" where there is none.
func textAt(v any, path string) string {
	if path == "" {
		return ""
	}
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 || n >= len(in) {
				return ""
			}
			v = in[n]
		default:
			return ""
		}
	}
	switch is := v.(type) {
	case string:
		return strings.TrimSpace(is)
	case float64:
		return strconv.FormatFloat(is, 'f', -1, 64)
	}
	return ""
}
