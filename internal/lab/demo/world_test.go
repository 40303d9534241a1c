package demo_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"outrider/internal/lab/demo"
	"outrider/internal/lab/prospects"
	"outrider/internal/lab/simclock"
)

// A sender that stands for the server writes to people, before and after they are renewed.
func TestAWorldTakesMailAndKeepsTime(t *testing.T) {
	t.Parallel()
	o := demo.Options{Dir: t.TempDir(), Start: monday, Until: monday.AddDate(0, 0, 7), Seed: 7, Server: "server", Log: t.Output()}
	w, err := demo.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Stop(); err != nil {
			t.Error(err)
		}
	})
	senders := demo.Senders(2)
	if err := w.Admit(t.Context(), senders, "secret"); err != nil {
		t.Fatal(err)
	}
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", w.Names.Addr())
	}}
	if mx, err := resolver.LookupMX(t.Context(), "go.acme.example"); err != nil || len(mx) != 1 {
		t.Errorf("mx: %v, %v", mx, err)
	}
	server, err := simclock.Dial(t.Context(), w.Clock.Addr(), "server")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	server.Ready()

	release := w.Driver.Ready
	for day := range 2 {
		for i := range 10 {
			if err := submit(w, senders[i%2], fmt.Sprintf("p%d@company%d.example", 10*day+i, i)); err != nil && !strings.Contains(err.Error(), "does not exist") {
				t.Fatal(err)
			}
		}
		held := make(chan func())
		w.Driver.At(w.Driver.Now().Add(24*time.Hour), func() { held <- w.Driver.Busy() })
		release()
		release = <-held
		if err := w.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Down(); err != nil {
		t.Error(err)
	}
	if now := w.Clock.Now(); !now.Equal(monday.AddDate(0, 0, 2)) {
		t.Errorf("it is %s", now)
	}
	mail, people, err := w.Journals()
	if err != nil {
		t.Fatal(err)
	}
	v := prospects.Judge(mail, people, prospects.Params{})
	if v.Truth.Sent+v.Truth.Failed != 20 || len(v.Lost) > 0 {
		t.Errorf("got %+v", v)
	}
	w.Mail.Kill()
	if err := w.Down(); err == nil || !strings.Contains(err.Error(), "mail server") {
		t.Errorf("a mail server that was killed: got %v", err)
	}
	if err := w.Mail.Restart(t.Context()); err != nil {
		t.Error(err)
	}
	tally := demo.Follow(w.People.Journal())
	if err := tally.Read(); err != nil || tally.Sent != v.Truth.Sent {
		t.Errorf("followed %d sent, %v, want %d", tally.Sent, err, v.Truth.Sent)
	}
}

func submit(w *demo.World, from demo.SendingMailbox, to string) error {
	pem, err := os.ReadFile(w.Mail.CA())
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	c, err := smtp.DialTLS(w.Mail.Submissions, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient("", from.Address, demo.Password("secret", from.Address))); err != nil {
		return err
	}
	text := fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\nSubject: Hello\r\nMessage-ID: <%s.1@go.acme.example>\r\n\r\nHello\r\n", from.Address, to, strings.ReplaceAll(to, "@", "."))
	return c.SendMail(from.Address, []string{to}, strings.NewReader(text))
}
