package prospects_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/prospects"
	"outrider/internal/lab/simclock"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		switch os.Args[1] {
		case mailserver.ChildArgument:
			os.Exit(mailserver.Main())
		case prospects.ChildArgument:
			os.Exit(prospects.Main())
		}
	}
	os.Exit(m.Run())
}

const (
	sender   = "jane@acme.test"
	password = "correct horse"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) // a Monday

// world is everything but the product, whose mail a test sends itself and whose pages are a small site.
type world struct {
	t       *testing.T
	dir     string
	clock   *simclock.Coordinator
	driver  *simclock.Participant
	mail    *mailserver.Instance
	submit  string
	imaps   string
	site    *site
	people  string // path of the journal
	trusted *tls.Config
}

func listen(t testing.TB) *net.TCPListener {
	t.Helper()
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func setup(t *testing.T, seed uint64, rates prospects.Rates) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	var err error
	if w.clock, err = simclock.Listen("127.0.0.1:0", simclock.Options{Start: start, Expect: []string{"driver", "prospects"}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.clock.Close() })
	join := func(name string) *simclock.Participant {
		c, err := simclock.Dial(t.Context(), w.clock.Addr(), name)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	w.driver = join("driver")
	people := join("prospects")
	people.Ready()

	mx, world := listen(t), listen(t)
	w.mail, err = mailserver.New(mailserver.Options{Dir: filepath.Join(w.dir, "mail"), Now: w.driver.Now, Exchangers: map[string]string{"*": world.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.mail.AddAccount(sender, password); err != nil {
		t.Fatal(err)
	}
	submissions, imaps := listen(t), listen(t)
	w.submit, w.imaps = submissions.Addr().String(), imaps.Addr().String()
	if err := w.mail.Serve(mailserver.Listeners{Submissions: submissions, MX: mx, IMAPS: imaps}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.mail.Close() })

	w.site = newSite(t)
	s, err := prospects.New(prospects.Config{Dir: w.dir, Clock: people, Seed: seed, Rates: rates, Patience: 2 * time.Second,
		Exchangers: map[string]string{"acme.test": mx.Addr().String()}, Hosts: map[string]string{"go.acme.test": w.site.address}})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(world) }()
	t.Cleanup(func() {
		_ = s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	w.people = filepath.Join(w.dir, prospects.JournalFile)
	w.trusted = trusting(t, filepath.Join(w.dir, "mail", mailserver.CAFile))
	return w
}

func trusting(t testing.TB, ca string) *tls.Config {
	t.Helper()
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return &tls.Config{RootCAs: pool, ServerName: "mail.test"}
}

// at has f done at a simulated time.
func (w *world) at(t time.Time, f func()) { w.driver.At(t, f) }

// run lets time pass until t.
func (w *world) run(t time.Time) {
	end := make(chan struct{})
	w.driver.At(t, func() { close(end) })
	w.driver.Ready()
	<-end
}

// message is what a product would send as nth message to a person.
func message(to string, nth int) (id, text string) {
	key := fmt.Sprintf("%s.%d", strings.ReplaceAll(to, "@", "."), nth)
	id = key + "@acme.test"
	html := fmt.Sprintf(`<html><body><p>Hello, this is number %d.</p>
<p>See <a href="http://go.acme.test/c/%[2]s">what we do</a>.</p>
<p>Or <a href="http://go.acme.test/m/%[2]s">pick a time that suits you</a>.</p>
<p style="display:none"><a href="http://go.acme.test/trap/%[2]s">.</a></p>
<p>Somewhere else: <a href="https://www.example.com/about">our partner</a></p>
<p><a href="http://go.acme.test/u/%[2]s">Unsubscribe</a></p>
<img src="http://go.acme.test/o/%[2]s.gif" width="1" height="1" alt=""></body></html>`, nth, key)
	return id, strings.ReplaceAll(fmt.Sprintf(`From: Jane Doe <%s>
To: <%s>
Subject: A question, number %d
Date: Mon, 02 Mar 2026 09:00:00 +0000
Message-ID: <%s>
List-Unsubscribe: <http://go.acme.test/u/%s>, <mailto:jane+u-%s@acme.test?subject=unsubscribe>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Hello, this is number %d.
--b
Content-Type: text/html; charset=utf-8

%s
--b--
`, sender, to, nth, id, key, key, nth, html), "\n", "\r\n")
}

func (w *world) send(to string, nth int) error {
	_, text := message(to, nth)
	return w.sendText(to, text)
}

func (w *world) sendText(to, text string) error {
	c, err := smtp.DialTLS(w.submit, w.trusted)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient("", sender, password)); err != nil {
		return err
	}
	return c.SendMail(sender, []string{to}, strings.NewReader(text))
}

// inbox gives the raw messages of the sender's INBOX.
func (w *world) inbox() [][]byte {
	w.t.Helper()
	c, err := imapclient.DialTLS(w.imaps, &imapclient.Options{TLSConfig: w.trusted})
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(sender, password).Wait(); err != nil {
		w.t.Fatal(err)
	}
	box, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		w.t.Fatal(err)
	}
	if box.NumMessages == 0 {
		return nil
	}
	all, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	if err != nil {
		w.t.Fatal(err)
	}
	var out [][]byte
	for _, m := range all {
		out = append(out, m.BodySection[0].Bytes)
	}
	return out
}

func (w *world) lines() []prospects.Line {
	w.t.Helper()
	l, err := prospects.ReadJournal(w.people)
	if err != nil {
		w.t.Fatal(err)
	}
	return l
}

func (w *world) judge(p prospects.Params) prospects.Judgement {
	w.t.Helper()
	mail, err := mailserver.ReadJournal(filepath.Join(w.dir, "mail", mailserver.JournalFile))
	if err != nil {
		w.t.Fatal(err)
	}
	return prospects.Judge(mail, w.lines(), p)
}

// of gives the lines of a kind.
func of(lines []prospects.Line, kind string) (out []prospects.Line) {
	for _, l := range lines {
		if l.Kind == kind {
			out = append(out, l)
		}
	}
	return out
}

// site is the product's web side, as far as a stranger sees it. It notes every request as "METHOD /path user-agent".
type site struct {
	address string
	mu      sync.Mutex
	seen    []string
	down    int // so many requests are refused with 503
	booked  map[string]url
}

type url = map[string][]string

func newSite(t testing.TB) *site {
	s := &site{booked: map[string]url{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/o/{key}", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "image/gif") })
	mux.HandleFunc("/c/{key}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://www.example.com/", http.StatusFound)
	})
	mux.HandleFunc("/trap/{key}", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /u/{key}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<form method="post"><button>Unsubscribe</button></form>`)
	})
	mux.HandleFunc("POST /u/{key}", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/m/{key}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/book/"+r.PathValue("key"), http.StatusFound)
	})
	mux.HandleFunc("GET /book/{key}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<form action="/search"><input name="q"></form><form method="post" action="?step=2"><input type="hidden" name="token" value="t">
			<label><input type="radio" name="slot" value="taken">8:00</label><label><input type="radio" name="slot" value="9:00">9:00</label>
			<input type="radio" name="slot" value="never" disabled>
			<input type="text" name="name"><input type="email" name="address"><button>Book</button></form>`)
	})
	mux.HandleFunc("POST /book/{key}", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || r.Form.Get("slot") != "9:00" {
			http.Error(w, "taken", http.StatusConflict)
			return
		}
		s.mu.Lock()
		s.booked[r.PathValue("key")] = url(r.PostForm)
		s.mu.Unlock()
		http.Redirect(w, r, "/booked", http.StatusSeeOther)
	})
	mux.HandleFunc("/booked", func(http.ResponseWriter, *http.Request) {})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, r.Method+" "+r.URL.Path+" "+r.UserAgent())
		s.down--
		down := s.down >= 0
		s.mu.Unlock()
		if down {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.address = strings.TrimPrefix(server.URL, "http://")
	return s
}

// count says how many requests began so.
func (s *site) count(prefix string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.seen {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	return n
}
