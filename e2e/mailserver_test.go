package e2e

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	"outrider/internal/lab/mailserver"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/transport"
)

// simulated is the lab's mail server, which keeps all rules.
type simulated struct {
	server *mailserver.Instance
	ports  mailPorts
	dialer transport.Dialer
}

func startSimulated(t *testing.T, way postfixWay) *simulated {
	t.Helper()
	dir := mailFolder(t)
	server, err := mailserver.New(mailserver.Options{Dir: dir, NoTags: way.delimiter == ""})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	for _, name := range accounts() {
		if err := server.AddAccount(name+"@acme.test", "secret"); err != nil {
			t.Fatal(err)
		}
		if err := server.Account(name + "@acme.test").CreateFolder("Junk"); err != nil {
			t.Fatal(err)
		}
	}
	l := mailserver.Listeners{Submissions: mailtest.Listen(t), MX: mailtest.Listen(t), IMAPS: mailtest.Listen(t)}
	if err := server.Serve(l); err != nil {
		t.Fatal(err)
	}
	port := func(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }
	return &simulated{server: server, ports: mailPorts{ca: filepath.Join(dir, mailserver.CAFile), submissions: port(l.Submissions), mx: port(l.MX), imaps: port(l.IMAPS)},
		dialer: transport.Dialer{LoopbackOnly: true}}
}

func (s *simulated) at() mailPorts { return s.ports }

func (s *simulated) logs() string { return "" }

func (s *simulated) inbox(t *testing.T, name string) []string {
	t.Helper()
	dialer := s.dialer
	pem := readFile(t, s.ports.ca)
	var err error
	if dialer.Roots, err = transport.RootsWith(pem); err != nil {
		t.Fatal(err)
	}
	c := imap.New(transport.ServerLogin{Host: "127.0.0.1", Port: s.ports.imaps, Username: name + "@acme.test", Password: "secret"}, imap.Options{Dialer: dialer})
	defer c.Close()
	batch, err := c.Poll(t.Context(), imap.Inbox, imap.FromLookback())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range batch.Messages {
		out = append(out, string(m.Raw))
	}
	return out
}

func (s *simulated) sortIntoJunk(t *testing.T, name, text string) {
	t.Helper()
	if err := s.server.Account(name+"@acme.test").Deliver("Junk", []byte(text), time.Now()); err != nil {
		t.Fatal(err)
	}
}

// TestASimulatedMailServerWithAndWithoutTags plays what TestPostfixAndDovecot does, where nothing has to be installed.
func TestASimulatedMailServerWithAndWithoutTags(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]postfixWay{"with tags": {delimiter: "+"}, "without": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			correspond(t, shareProgram(t), startSimulated(t, way), way, "bob@acme.test", "carl@acme.test", "dora@acme.test", "nobody@acme.test")
		})
	}
}
