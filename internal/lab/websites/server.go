package websites

import (
	"compress/gzip"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// World is the sites of all companies, behind one address. It is an http.Handler that goes by the host that is asked for.
type World struct {
	Delay time.Duration // of a slow site

	mu    sync.Mutex
	sites map[string]*Site
	asked map[string]int // requests, by host and path
}

// New makes the sites of companies up.
func New(seed uint64, now time.Time, companies []Company) *World {
	w := &World{sites: map[string]*Site{}, asked: map[string]int{}}
	for i, c := range companies {
		w.sites[c.Domain] = NewSite(seed, i, c, now)
	}
	return w
}

// Site returns the site of a domain, or nil.
func (w *World) Site(domain string) *Site {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sites[domain]
}

// Put puts a site in the place of that of its domain.
func (w *World) Put(s *Site) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sites[s.Domain] = s
}

// Asked returns how often a path of a host was asked for.
func (w *World) Asked(host, path string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked[host+path]
}

// ServeHTTP implements http.Handler.
func (w *World) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	w.mu.Lock()
	w.asked[host+r.URL.Path]++
	domain, www := strings.CutPrefix(host, "www.")
	s := w.sites[domain]
	w.mu.Unlock()
	switch {
	case s == nil:
		http.NotFound(rw, r)
		return
	case s.Kind == Moved && !www && r.URL.Path != "/robots.txt":
		http.Redirect(rw, r, "http://www."+domain+r.URL.Path, http.StatusMovedPermanently)
		return
	case s.Kind == Slow && r.URL.Path != "/robots.txt":
		select {
		case <-r.Context().Done():
			return
		case <-time.After(w.Delay):
		}
	}
	s.pageAt(r.URL.Path).write(rw, s.Kind == Bomb && r.URL.Path != "/robots.txt" && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip"))
}

func (p page) write(rw http.ResponseWriter, packed bool) {
	h := rw.Header()
	for k, v := range p.header {
		h[k] = v
	}
	if p.kind != "" {
		h.Set("Content-Type", p.kind)
	}
	if !packed {
		h.Set("Content-Length", strconv.Itoa(len(p.body)))
		rw.WriteHeader(p.status)
		_, _ = rw.Write([]byte(p.body))
		return
	}
	h.Set("Content-Encoding", "gzip")
	rw.WriteHeader(p.status)
	z := gzip.NewWriter(rw)
	_, _ = z.Write([]byte(p.body + strings.Repeat(" ", 4<<20)))
	_ = z.Close()
}
