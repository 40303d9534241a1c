package websearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"outrider/internal/dial"
	"outrider/internal/retry"
)

// BraveURL is where Brave Search answers.
const BraveURL = "https://api.search.brave.com"

// Bounds of its Web Search API.
const (
	mostQuery   = 400 // characters
	mostWords   = 50
	mostResults = 20
	mostBytes   = 2 << 20
	longestWait = 10 * time.Minute
)

// braveCountries are those in which it tells results apart: code and English name.
const braveCountries = "ar argentina|au australia|at austria|be belgium|br brazil|ca canada|cl chile|dk denmark|fi finland|fr france|de germany|gr greece|hk hong kong|in india|id indonesia|it italy|jp japan|kr south korea" +
	"|my malaysia|mx mexico|nl netherlands|nz new zealand|no norway|cn china|pl poland|pt portugal|ph philippines|ru russia|sa saudi arabia|za south africa|es spain|se sweden|ch switzerland|tw taiwan|tr turkey" +
	"|gb united kingdom|us united states"

// countryCode returns the code of a country, "" of one that isn't known.
func countryCode(country string) string {
	country = strings.ToLower(strings.TrimSpace(country))
	for one := range strings.SplitSeq(braveCountries, "|") {
		if code, name, _ := strings.Cut(one, " "); country == code || country == name {
			return strings.ToUpper(code)
		}
	}
	return ""
}

// Brave is Brave Search, or a gateway that speaks its Web Search API.
type Brave struct {
	base   string
	client *http.Client
}

// NewBrave makes no connection yet.
func NewBrave(o Options) *Brave {
	if o.BaseURL == "" {
		o.BaseURL = BraveURL
	}
	return &Brave{strings.TrimSuffix(o.BaseURL, "/"), o.client()}
}

// Name implements Provider.
func (*Brave) Name() string { return "brave" }

// Search implements Provider.
func (b *Brave) Search(ctx context.Context, key string, q Query) ([]string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/res/v1/web/search?"+valuesOf(q).Encode(), http.NoBody)
	if err != nil {
		return nil, &Error{Err: errors.New("its address is none")}
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("X-Subscription-Token", key)
	a, err := b.client.Do(r)
	if err != nil {
		return nil, failureOf(ctx, err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(io.LimitReader(a.Body, mostBytes+1))
	switch {
	case err != nil:
		return nil, failureOf(ctx, err)
	case a.StatusCode != http.StatusOK:
		return nil, refusalOf(a, text)
	case len(text) > mostBytes:
		return nil, &Error{Unanswered: true, Err: errors.New("its answer is too long")}
	}
	return resultsIn(text, q.Count)
}

func valuesOf(q Query) url.Values {
	text := strings.Join(firstWords(q.Text), " ")
	for utf8.RuneCountInString(text) > mostQuery {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	// Only results of the web are wanted, and the words as they are.
	v := url.Values{"q": {text}, "count": {strconv.Itoa(min(max(q.Count, 1), mostResults))}, "result_filter": {"web"}, "spellcheck": {"false"}, "text_decorations": {"false"}, "safesearch": {"moderate"}}
	if country := countryCode(q.Country); country != "" {
		v.Set("country", country)
	}
	return v
}

func firstWords(text string) []string {
	words := strings.Fields(text)
	return words[:min(len(words), mostWords)]
}

func resultsIn(text []byte, most int) (out []string, err error) {
	var answer struct {
		Type string
		Web  *struct{ Results []struct{ URL string } }
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Type != "search" {
		return nil, &Error{Unanswered: true, Err: errors.New("its answer can't be read")}
	}
	if answer.Web == nil {
		return nil, nil
	}
	for _, r := range answer.Web.Results {
		if u, err := url.Parse(r.URL); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && len(r.URL) <= 2000 && len(out) < most {
			out = append(out, r.URL)
		}
	}
	return out, nil
}

// failureOf says what a connection that failed means. Where none came about nothing was asked.
func failureOf(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("search the web: %w", context.Cause(ctx))
	}
	var connection *net.OpError
	notAsked := errors.As(err, &connection) && connection.Op == "dial" || errors.Is(err, dial.ErrUnreachable) || errors.Is(err, dial.ErrForbidden)
	var at *url.Error
	if errors.As(err, &at) { // the address holds what is searched for
		err = at.Err
	}
	return &Error{Passes: true, Unanswered: !notAsked, Err: err}
}

// refusalOf reads what it says instead of results.
func refusalOf(a *http.Response, text []byte) error {
	var said struct {
		Error struct{ Code, Detail string }
	}
	_ = json.Unmarshal(text, &said) // else just the status is told
	why := strings.TrimSpace(strconv.Itoa(a.StatusCode) + " " + said.Error.Code)
	e := &Error{Err: errors.New("it says " + why)}
	switch {
	case a.StatusCode == http.StatusTooManyRequests:
		e.After = waitOf(a.Header)
		e.Passes = e.After <= longestWait // else the month's searches are used up
	case a.StatusCode == http.StatusRequestTimeout || a.StatusCode/100 == 5:
		e.Passes, e.After = true, waitOf(a.Header)
	}
	return e
}

// waitOf returns how long it wants to be left alone: Retry-After, or else the longest of the windows in which nothing is left.
func waitOf(h http.Header) (wait time.Duration) {
	if wait, said := retry.HeaderAfter(h.Get("Retry-After"), time.Now()); said {
		return wait
	}
	left, reset := strings.Split(h.Get("X-RateLimit-Remaining"), ","), strings.Split(h.Get("X-RateLimit-Reset"), ",")
	for i := range min(len(left), len(reset)) {
		n, err := strconv.Atoi(strings.TrimSpace(left[i]))
		s, err2 := strconv.Atoi(strings.TrimSpace(reset[i]))
		if err == nil && err2 == nil && n <= 0 && s > 0 {
			wait = max(wait, time.Duration(s)*time.Second)
		}
	}
	return wait
}
