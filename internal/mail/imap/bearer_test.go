package imap_test

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"outrider/internal/mail/imap"
	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/transport"
)

func TestATokenSignsInInTwoSteps(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	for _, mechanism := range []string{transport.XOAuth2, transport.OAuthBearer} {
		for token, want := range map[string]error{strings.Repeat("x", 1600): nil, "old": imap.ErrLogin} {
			at := ca.ServeTLS(t, func(conn net.Conn) { serveTokens(conn, mechanism, strings.Repeat("x", 1600)) })
			c := imap.New(transport.ServerLogin{Host: "127.0.0.1", Port: at.Port, Username: "ann@ours.test", Password: token, Bearer: true}, imap.Options{Dialer: transport.Dialer{LoopbackOnly: true, Roots: ca.Roots}})
			if err := c.Verify(t.Context()); !errors.Is(err, want) || want != nil && !strings.Contains(err.Error(), "authenticated but not connected") {
				t.Errorf("%s, %.5s: got %v", mechanism, token, err)
			}
			c.Close()
		}
	}
	at := ca.ServeTLS(t, func(conn net.Conn) { serveTokens(conn, "PLAIN", "x") })
	c := imap.New(transport.ServerLogin{Host: "127.0.0.1", Port: at.Port, Username: "ann@ours.test", Password: "x", Bearer: true}, imap.Options{Dialer: transport.Dialer{LoopbackOnly: true, Roots: ca.Roots}})
	defer c.Close()
	if err := c.Verify(t.Context()); !errors.Is(err, imap.ErrLogin) {
		t.Errorf("a server without such a mechanism: %v", err)
	}
}

// serveTokens takes one token; of another it says why before it refuses.
func serveTokens(conn net.Conn, mechanism, good string) {
	in := bufio.NewReader(conn)
	say := func(line string) { fmt.Fprint(conn, line, "\r\n") }
	say("* OK ready")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case command == "CAPABILITY":
			say("* CAPABILITY IMAP4rev1 AUTH=" + mechanism)
			say(tag + " OK done")
		case command == "AUTHENTICATE "+mechanism:
			say("+ ")
			given, _ := in.ReadString('\n')
			plain, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(given))
			if strings.Contains(string(plain), "auth=Bearer "+good+"\x01\x01") {
				say(tag + " OK welcome")
				continue
			}
			say("+ " + base64.StdEncoding.EncodeToString([]byte(`{"status":"400"}`)))
			abort, _ := in.ReadString('\n')
			if want := map[string]string{transport.XOAuth2: "", transport.OAuthBearer: "AQ=="}[mechanism]; strings.TrimSpace(abort) != want {
				say(tag + " BAD that ends no sign-in")
				continue
			}
			say(tag + " NO User is authenticated but not connected.")
		default:
			say(tag + " OK done")
		}
	}
}
