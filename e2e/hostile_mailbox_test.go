package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"outrider/internal/lab/hostilemail"
	"outrider/internal/lab/mailserver"
	"outrider/internal/mail/mailtest"
)

// TestAMailServerThatTurnsHostileSuspendsItsMailbox goes from the server's answers to what the owner is told, and back.
func TestAMailServerThatTurnsHostileSuspendsItsMailbox(t *testing.T) {
	t.Parallel()
	way := postfixWay{delimiter: "+"}
	servers := startSimulated(t, way)
	secure, err := mailserver.Certificate(mailFolder(t), []string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	modes := hostilemail.IMAP()
	mode := modes[slices.IndexFunc(modes, func(m hostilemail.Mode) bool { return m.Name == "ranges without end" })]
	hostile, err := hostilemail.Serve("imap", mode, secure)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hostile.Close)
	front := startTurncoat(t, servers.ports.imaps)
	servers.ports.imaps = front.port
	// A program of its own: what breaks a mail worker is suspected with all that were in it.
	s := &correspondence{t: t, program: startProgram(t, mailFlags(servers.at().ca)...), servers: servers}
	s.connect(way)
	s.launch("bob@acme.test")
	campaign := "/v1/campaigns/" + s.must(http.StatusOK, s.key, http.MethodGet, "/v1/campaigns", nil).Body["data"].([]any)[0].(map[string]any)["id"].(string)
	s.arrived("bob", way)

	// From here on the mailbox's server answers without end.
	box := "/v1/mailboxes/" + s.mailbox
	front.turnTo(hostile.Port)
	suspended := s.until(box, func(r response) bool { return r.text("status") == "suspended" })
	if suspended.text("pause_reason") != "mail_server" {
		t.Errorf("the mailbox says %s", suspended.Raw)
	}
	came := hostile.Sessions()
	if came < 3 {
		t.Errorf("it was suspended after %d sessions", came)
	}
	s.until(campaign, func(r response) bool {
		return strings.Contains(string(r.Raw), `"missing"`) && strings.Contains(string(r.Raw), `"what":"mailbox"`)
	})
	audit := s.must(http.StatusCreated, s.PlatformKey, http.MethodPost, "/v1/api-keys", map[string]any{"organization_id": s.org, "name": "audit", "scopes": []string{"audit:read"}}).text("token")
	correspondent := s.key
	s.key = audit
	s.until("/v1/audit/events?type=mailbox.paused.v1", func(r response) bool { return strings.Contains(string(r.Raw), `mail_server`) })
	s.key = correspondent

	// The product works for who is left, and when the server is as it was the owner resumes the mailbox.
	front.turnTo(front.first)
	s.must(http.StatusOK, s.key, http.MethodPost, box+"/resume", nil)
	s.until(box, func(r response) bool { return r.text("status") == "active" })
	s.until(campaign, func(r response) bool { return !strings.Contains(string(r.Raw), `"missing"`) })
}

// turncoat passes connections on to a port of loopback, which changes.
type turncoat struct {
	port, first int
	to          atomic.Int64

	mu    sync.Mutex
	conns []net.Conn
}

func startTurncoat(t *testing.T, to int) *turncoat {
	t.Helper()
	l := mailtest.Listen(t)
	c := &turncoat{port: l.Addr().(*net.TCPAddr).Port, first: to}
	c.to.Store(int64(to))
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", c.to.Load()))
			if err != nil {
				_ = in.Close()
				continue
			}
			c.mu.Lock()
			c.conns = append(c.conns, in, out)
			c.mu.Unlock()
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() {
					_, _ = io.Copy(way[0], way[1])
					_ = in.Close()
					_ = out.Close()
				}()
			}
		}
	}()
	return c
}

// turnTo ends all connections; the next go to another port.
func (c *turncoat) turnTo(port int) {
	c.to.Store(int64(port))
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.conns {
		_ = x.Close()
	}
	c.conns = nil
}
