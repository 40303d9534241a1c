package mailserver_test

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"outrider/internal/lab/mailserver"
)

// Clients write as fast as they can while the process is killed with -9, again and again; whatever was answered with 250 or OK is there
// afterwards, once, whole, and in order.
func TestWhatWasAnsweredSurvivesAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, err := mailserver.Start(t.Context(), mailserver.Orders{Dir: dir, AdminToken: "secret"}, mailserver.Ports{}, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop() //nolint:errcheck // it was killed often enough
	accounts := map[string]string{jane: password, "bob@acme.test": password}
	if err := mailserver.AddAccounts(t.Context(), p.Admin, "guess", accounts); err == nil {
		t.Fatal("a wrong token was taken")
	}
	if err := mailserver.AddAccounts(t.Context(), p.Admin, "secret", accounts); err != nil {
		t.Fatal(err)
	}
	trusted := trust(t, dir)
	const rounds, writers = 5, 3
	var mu sync.Mutex
	answered := map[string]bool{}
	stop, enough := make(chan struct{}), make(chan struct{}, 1)
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				n := submitMany(p.Submissions, trusted, w, i, func(id string) {
					mu.Lock()
					answered[id] = true
					if len(answered)%100 == 0 {
						select {
						case enough <- struct{}{}:
						default:
						}
					}
					mu.Unlock()
				})
				_ = n
			}
		})
	}
	for range rounds {
		<-enough
		p.Kill()
		if err := p.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	<-enough
	close(stop)
	writing.Wait()

	for user, folder := range map[string]string{"bob@acme.test": "INBOX", jane: "Sent"} {
		c := open(t, p.IMAPS, dir, user, nil)
		if _, err := c.Select(folder, nil).Wait(); err != nil {
			t.Fatal(err)
		}
		all, err := c.Fetch(imap.UIDSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{UID: true, Envelope: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]int{}
		for i, m := range all {
			if !strings.HasSuffix(string(m.BodySection[0].Bytes), "last line\r\n") || i > 0 && m.UID <= all[i-1].UID {
				t.Errorf("%s: message %d isn't whole or out of order", folder, m.UID)
			}
			found[m.Envelope.MessageID]++
		}
		for id := range answered {
			if found[id] != 1 {
				t.Errorf("%s: %s was answered with 250 and is there %d times", folder, id, found[id])
			}
		}
		t.Logf("%s: %d answered, %d there", folder, len(answered), len(all))
	}
	journal := map[string]int{}
	for _, l := range lines(t, dir) {
		journal[strings.Trim(l.MessageID, "<>")]++
	}
	for id := range answered {
		if journal[id] != 1 {
			t.Errorf("%s is in the journal %d times", id, journal[id])
		}
	}
}

// submitMany submits until the connection breaks.
func submitMany(address string, trusted *tls.Config, writer, life int, answered func(id string)) (n int) {
	c, err := smtp.DialTLS(address, trusted)
	if err != nil {
		return 0
	}
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient("", jane, password)); err != nil {
		return 0
	}
	for n < 50 {
		id := fmt.Sprintf("%d.%d.%d@acme.test", writer, life, n)
		if err := c.SendMail(jane, []string{"bob@acme.test"}, strings.NewReader(text(jane, "bob@acme.test", id, strings.Repeat("some words\r\n", 200)+"last line"))); err != nil {
			return n
		}
		answered(id)
		n++
	}
	return n
}

func TestAMessageThatWasCutShortIsGoneAndTheRestStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := mailserver.New(mailserver.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddAccount(jane, password); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Account(jane).Deliver(mailserver.Inbox, []byte("Subject: x\r\n\r\nwhole\r\n"), s.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "mail", "*.mbox"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	second := strings.LastIndex(string(whole), `{"k":"message"`)
	reopen := func(bytes []byte) (uint32, error) {
		t.Helper()
		if err := os.WriteFile(files[0], bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := mailserver.New(mailserver.Options{Dir: dir})
		if err != nil {
			return 0, err
		}
		defer s.Close()
		return s.Account(jane).Count(mailserver.Inbox), nil
	}
	for cut := second; cut < len(whole); cut++ {
		if n, err := reopen(whole[:cut]); err != nil || n != 1 {
			t.Fatalf("cut at %d: %d messages, %v", cut, n, err)
		}
	}
	if n, err := reopen(whole); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	damaged := append([]byte{}, whole...)
	damaged[second-4] ^= 1 // in the first message's text
	if _, err := reopen(damaged); err == nil {
		t.Error("a damaged message was taken for a whole one")
	}
}
