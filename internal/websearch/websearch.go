// Package websearch asks a search engine which pages it knows. What it answers are hints: addresses that somebody may look at. What results say of their pages isn't even read.
package websearch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"outrider/internal/dial"
)

// Query is what is searched for.
type Query struct {
	Text    string
	Country string // by its code or its English name; "" or one that the engine doesn't know = anywhere
	Count   int    // of results, at most
}

// Provider is a search engine. Every error is an *Error, but that of a cancelled ctx.
type Provider interface {
	Name() string
	// Search returns addresses of pages, the best first. key is whose account is asked.
	Search(ctx context.Context, key string, q Query) ([]string, error)
}

// Error says why there are no results.
type Error struct {
	Passes     bool          // it may go well later
	After      time.Duration // not before; 0 = it isn't said
	Unanswered bool          // it may have been worked on, and cost, all the same
	Err        error
}

func (e *Error) Error() string { return "search the web: " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Options say where an engine answers.
type Options struct {
	BaseURL string // "" = its own
	Dialer  dial.Dialer
	Timeout time.Duration // 0 = 15 s
}

const timeout = 15 * time.Second

func (o Options) client() *http.Client {
	if o.Timeout == 0 {
		o.Timeout = timeout
	}
	return &http.Client{Timeout: o.Timeout, CheckRedirect: dial.NoRedirect, Transport: &http.Transport{DialContext: o.Dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute,
		MaxResponseHeaderBytes: 64 << 10}}
}

// CheckURL says what is wrong with a base URL. http will do where only this machine, or trusted networks, are reached.
func CheckURL(text string, reach dial.Reach) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return errors.New("must be a URL such as https://search.example.com")
	case u.Scheme != "https" && (u.Scheme != "http" || reach == dial.Public):
		return errors.New("must begin with https://")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("must hold no password, no ? and no #")
	}
	return nil
}
