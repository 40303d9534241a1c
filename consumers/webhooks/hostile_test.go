package webhooks

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"outrider/internal/app/webhooks"
	"outrider/internal/dial"
	"outrider/internal/es"
)

// names answers a public address at first and this machine's from then on, as a name server of somebody who attacks would.
type names struct{ asked atomic.Int32 }

func (n *names) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	if n.asked.Add(1) == 1 {
		return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil // for documentation: nobody is there, and nobody may be dialled
	}
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

func TestNothingBehindTheFenceIsReached(t *testing.T) {
	t.Parallel()
	x := listen(t, nil)
	_, port, err := net.SplitHostPort(x.Listener.Addr().String())
	check(t, err)
	w, resolver := setup(t), &names{}
	s := w.sender(dial.Dialer{Resolver: resolver})
	for _, host := range []string{"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0", "rebound.example.com", "169.254.169.254", "10.0.0.1", "[fe80::1]"} {
		org := es.NewID()
		hook, _ := w.add(org, "http://"+host+":"+port, false)
		w.happen(org, sent(es.NewID()))
		w.drain(s)
		for range 2 {
			w.pass(longestWait)
			w.drain(s)
		}
		d := w.deliveries(org, hook)[0]
		if d.State != webhooks.Waiting || d.Tries != 3 || strings.Contains(string(d.Attempts), "forbidden") || strings.Contains(string(d.Attempts), "127.0.0.1") || !strings.Contains(string(d.Attempts), dial.Unreachable) {
			t.Errorf("%s: %s after %d tries: %s", host, d.State, d.Tries, d.Attempts)
		}
	}
	if got := len(x.all()); got != 0 {
		t.Errorf("this machine was reached %d times", got)
	}
}

func TestARedirectIsAFailureAndIsntFollowed(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	secret := listen(t, nil)
	for n, to := range []string{"http://169.254.169.254/latest/meta-data/", secret.URL} {
		x := listen(t, func(_ int, rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, to, http.StatusTemporaryRedirect)
		})
		s := w.sender(onLoopback)
		hook, _ := w.add(org, x.URL, false)
		w.happen(org, sent(es.NewID()))
		w.drain(s)
		d := w.deliveries(org, hook)[0]
		if d.State != webhooks.Waiting || d.Tries != 1 || !strings.Contains(string(d.Attempts), "redirects") {
			t.Errorf("redirect %d: %s: %s", n, d.State, d.Attempts)
		}
	}
	if len(secret.all()) != 0 {
		t.Error("a redirect was followed")
	}
}

func TestAnEndlessAnswerEndsWithItsHead(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	var written atomic.Int64
	gone := make(chan struct{})
	x := listen(t, func(_ int, rw http.ResponseWriter, _ *http.Request) {
		defer close(gone)
		chunk := make([]byte, 64<<10)
		for {
			n, err := rw.Write(chunk)
			if written.Add(int64(n)); err != nil {
				return
			}
		}
	})
	s := w.sender(onLoopback)
	hook, _ := w.add(org, x.URL, false)
	w.happen(org, sent(es.NewID()))
	w.drain(s)
	if d := w.deliveries(org, hook)[0]; d.State != webhooks.Delivered {
		t.Errorf("it is %s: %s", d.State, d.Attempts)
	}
	<-gone
	if n := written.Load(); n > 64<<20 { // what buffers of sockets take
		t.Errorf("%d bytes of an answer were taken", n)
	}
}

func TestURLsOfEndpoints(t *testing.T) {
	t.Parallel()
	for url, well := range map[string]bool{
		"https://example.com/hooks?token=1": true, "https://example.com:8443/": true,
		"http://example.com/": false, "ftp://example.com/": false, "https:///hooks": false, "https://user:pass@example.com/": false, "https://example.com/#x": false, "https://example.com/a b": false,
		"example.com": false, "": false, "https://example.com/" + strings.Repeat("a", 2000): false, "//example.com": false, "https://:443/": false,
	} {
		if err := webhooks.CheckURL(url, false); (err == nil) != well {
			t.Errorf("%.40s: %v", url, err)
		}
	}
	if err := webhooks.CheckURL("http://127.0.0.1:9000/", true); err != nil {
		t.Errorf("http where only this machine is reached: %v", err)
	}
}
