package e2e

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"outrider/internal/mail/imap"
	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

// tokenIssuer says whose a token is, as the userinfo endpoint of a provider does (OpenID Connect Core, 5.3).
type tokenIssuer struct {
	*httptest.Server
	mu     sync.Mutex
	owners map[string]string
	asked  int
}

func newTokenIssuer(t *testing.T) *tokenIssuer {
	t.Helper()
	is := &tokenIssuer{owners: map[string]string{}}
	is.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		is.mu.Lock()
		defer is.mu.Unlock()
		is.asked++
		_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		w.Header().Set("Content-Type", "application/json")
		if is.owners[token] == "" {
			w.WriteHeader(http.StatusUnauthorized)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_token"})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"sub": "x", "email": is.owners[token]})
	}))
	t.Cleanup(is.Close)
	return is
}

// issue gives a token as long as those of large providers.
func (is *tokenIssuer) issue(owner string) string {
	is.mu.Lock()
	defer is.mu.Unlock()
	token := strings.Repeat("t", 1600) + strconv.Itoa(len(is.owners))
	is.owners[token] = owner
	return token
}

func (is *tokenIssuer) revoke(token string) {
	is.mu.Lock()
	defer is.mu.Unlock()
	delete(is.owners, token)
}

// dovecotByToken runs Dovecot, for IMAP and submission, with sign-in by token; what is submitted goes to the relay.
func dovecotByToken(t *testing.T, mechanisms, userinfo string, relay int) *postfix {
	t.Helper()
	if os.Getenv("OUTRIDER_DOVECOT") == "" {
		t.Skip("make test-dovecot runs it: it takes minutes, as Dovecot lets who is refused wait")
	}
	if _, err := findServer("dovecot"); err != nil {
		t.Skip("dovecot isn't installed (Debian: apt-get install dovecot-imapd dovecot-submissiond)")
	}
	if _, err := os.Stat("/usr/lib/dovecot/submission"); err != nil {
		t.Skip("dovecot has no submission (Debian: apt-get install dovecot-submissiond)")
	}
	if os.Getuid() != 0 {
		t.Skip("Dovecot changes users, which only root may")
	}
	dir, err := os.MkdirTemp("", "outrider-dovecot-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &postfix{mailPorts: mailPorts{ca: filepath.Join(dir, "ca.pem"), submissions: freePort(t), imaps: freePort(t)}, dir: dir}
	p.must(t, os.Chmod(dir, 0o755)) //nolint:gosec // daemons of other users pass through
	p.writeCertificate(t)
	p.makeFolder(t, "mail", "mail")
	p.makeFolder(t, "conf", "root")
	uid, gid := idsOf(t, "mail")
	p.write(t, "conf/oauth2.conf", "introspection_mode = auth\nintrospection_url = "+userinfo+"\nusername_attribute = email\n")
	p.write(t, "conf/dovecot.conf", strings.NewReplacer("DIR", dir, "UID", strconv.Itoa(uid), "GID", strconv.Itoa(gid), "IMAPS", strconv.Itoa(p.imaps), "SUBMISSIONS", strconv.Itoa(p.submissions),
		"RELAY", strconv.Itoa(relay), "MECHANISMS", mechanisms).Replace(`base_dir = DIR/dovecot
state_dir = DIR/dovecot-state
log_path = DIR/dovecot.log
protocols = imap submission
listen = 127.0.0.1
ssl = required
ssl_cert = <DIR/server.pem
ssl_key = <DIR/server.key
auth_mechanisms = MECHANISMS
first_valid_uid = UID
mail_location = maildir:DIR/mail/%n
submission_relay_host = 127.0.0.1
submission_relay_port = RELAY
passdb {
  driver = oauth2
  mechanisms = MECHANISMS
  args = DIR/conf/oauth2.conf
}
userdb {
  driver = static
  args = uid=UID gid=GID home=DIR/mail/%n
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = IMAPS
    ssl = yes
  }
}
service submission-login {
  inet_listener submission {
    port = 0
  }
  inet_listener submissions {
    port = SUBMISSIONS
    ssl = yes
  }
}
`))
	p.runServer(t, "dovecot", "-F", "-c", filepath.Join(dir, "conf/dovecot.conf"))
	for _, port := range []int{p.submissions, p.imaps} {
		awaitPort(t, p, port)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(p.logs())
		}
	})
	return p
}

// relay takes what is submitted, as the mail server behind would.
type relay struct {
	mu   sync.Mutex
	took []string
}

func (r *relay) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return &relaySession{r}, nil }

// TestDovecotByToken signs in at Debian's Dovecot by token, sends and reads, and is refused without storming it; by both mechanisms that there are.
func TestDovecotByToken(t *testing.T) {
	for _, mechanisms := range []string{"xoauth2", "oauthbearer", "xoauth2 oauthbearer"} {
		t.Run(mechanisms, func(t *testing.T) {
			took := &relay{}
			sink := mailtest.Listen(t)
			server := gosmtp.NewServer(took)
			server.Domain = "relay.test"
			go server.Serve(sink) //nolint:errcheck // it ends with the test
			t.Cleanup(func() { _ = server.Close() })
			issuer := newTokenIssuer(t)
			p := dovecotByToken(t, mechanisms, issuer.URL+"/", sink.Addr().(*net.TCPAddr).Port)
			roots, err := transport.RootsWith(readFile(t, p.ca))
			p.must(t, err)
			dialer := transport.Dialer{LoopbackOnly: true, Roots: roots}
			token := issuer.issue("jane@acme.test")
			login := func(port int, token string) transport.ServerLogin {
				return transport.ServerLogin{Host: "127.0.0.1", Port: port, Username: "jane@acme.test", Password: token, Bearer: true}
			}
			send := func(token string) smtp.Result {
				c := smtp.New(login(p.submissions, token), smtp.Options{Dialer: dialer})
				defer c.Close()
				return c.Send(t.Context(), "jane@acme.test", "bob@example.com", []byte("From: jane@acme.test\r\nTo: bob@example.com\r\nSubject: by token\r\n\r\nHello\r\n"))
			}
			read := func(token string) error {
				c := imap.New(login(p.imaps, token), imap.Options{Dialer: dialer})
				defer c.Close()
				if err := c.Verify(t.Context()); err != nil {
					return err
				}
				if err := c.Keep(t.Context(), imap.Inbox, "a@acme.test", []byte("Message-ID: <a@acme.test>\r\nSubject: kept\r\n\r\nHello\r\n")); err != nil {
					return err
				}
				has, err := c.Has(t.Context(), imap.Inbox, "a@acme.test")
				if err == nil && !has {
					return errors.New("what was kept isn't there")
				}
				return err
			}
			if r := send(token); r.Outcome != smtp.Accepted {
				t.Errorf("sent: %+v", r)
			}
			if err := read(token); err != nil {
				t.Errorf("read: %v", err)
			}
			took.mu.Lock()
			if len(took.took) != 1 || !strings.Contains(took.took[0], "Subject: by token") {
				t.Errorf("the relay got %q", took.took)
			}
			took.mu.Unlock()
			other := issuer.issue("eve@acme.test")
			issuer.revoke(token)
			before := time.Now()
			for name, bad := range map[string]string{"of somebody else": other, "that was taken back": token, "that never was": "x"} {
				r := send(bad)
				refused := r.Outcome == smtp.Refused && r.Code == 535
				if bad != other { // Dovecot 2.3 takes a provider that answers 401 for one that doesn't work, and says 454
					refused = refused || r.Outcome == smtp.Temporary && r.Code == 454
				}
				if !refused || r.Stage != smtp.StageAuth {
					t.Errorf("a token %s: %+v", name, r)
				}
				if err := read(bad); !errors.Is(err, imap.ErrLogin) {
					t.Errorf("a token %s: %v", name, err)
				}
			}
			if issuer.asked > 20 {
				t.Errorf("the provider was asked %d times in %s", issuer.asked, time.Since(before))
			}
			if again := issuer.issue("jane@acme.test"); send(again).Outcome != smtp.Accepted || read(again) != nil {
				t.Error("a new token doesn't sign in")
			}
			t.Logf("the provider was asked %d times", issuer.asked)
		})
	}
}

type relaySession struct{ relay *relay }

func (*relaySession) Reset()                                 {}
func (*relaySession) Logout() error                          { return nil }
func (*relaySession) Mail(string, *gosmtp.MailOptions) error { return nil }
func (*relaySession) Rcpt(string, *gosmtp.RcptOptions) error { return nil }
func (s *relaySession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	s.relay.took = append(s.relay.took, string(text))
	return err
}
