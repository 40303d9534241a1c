package smtp_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"testing"

	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

// strictServer takes one token, and no line of more than 512 bytes (RFC 5321, 4.5.3.1.4); a token that it doesn't take it first says something about, as Google and Microsoft do.
func strictServer(t *testing.T, ca mailtest.CA, mechanism, token string) transport.ServerLogin {
	t.Helper()
	at := ca.ServeTLS(t, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		say := func(line string) { fmt.Fprint(conn, line, "\r\n") }
		say("220 strict.test ESMTP")
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			switch word := strings.ToUpper(strings.TrimSpace(line)); {
			case len(line) > 512:
				say("500 5.5.2 Line too long")
			case strings.HasPrefix(word, "EHLO"):
				say("250-strict.test\r\n250 AUTH " + mechanism)
			case word == "AUTH "+mechanism:
				say("334 ")
				given, _ := in.ReadString('\n')
				plain, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(given))
				if strings.Contains(string(plain), "auth=Bearer "+token+"\x01\x01") {
					say("235 2.7.0 Accepted")
					continue
				}
				say("334 " + base64.StdEncoding.EncodeToString([]byte(`{"status":"400"}`)))
				abort, _ := in.ReadString('\n')
				if want := map[string]string{transport.XOAuth2: "", transport.OAuthBearer: "AQ=="}[mechanism]; strings.TrimSpace(abort) != want {
					say("501 5.5.4 that ends no sign-in: " + strings.TrimSpace(abort))
					continue
				}
				say("535 5.7.8 Username and Password not accepted")
			case strings.HasPrefix(word, "DATA"):
				say("354 go")
				for line != ".\r\n" {
					if line, err = in.ReadString('\n'); err != nil {
						return
					}
				}
				say("250 2.0.0 queued")
			case strings.HasPrefix(word, "QUIT"):
				say("221 bye")
				return
			default:
				say("250 2.1.0 ok")
			}
		}
	})
	return transport.ServerLogin{Host: "127.0.0.1", Port: at.Port, Username: "ann@ours.test", Bearer: true}
}

func TestATokenSignsInInTwoSteps(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	token := strings.Repeat("x", 1600) // as long as Microsoft's
	for _, mechanism := range []string{transport.XOAuth2, transport.OAuthBearer} {
		for password, want := range map[string]smtp.DeliveryOutcome{token: smtp.Accepted, "old": smtp.Refused} {
			at := strictServer(t, ca, mechanism, token)
			at.Password = password
			c := smtp.New(at, smtp.Options{Dialer: transport.Dialer{LoopbackOnly: true, Roots: ca.Roots}})
			r := c.Send(t.Context(), "ann@ours.test", "bob@example.com", []byte("Subject: hi\r\n\r\nHi\r\n"))
			c.Close()
			if r.Outcome != want || want == smtp.Refused && (r.Stage != smtp.StageAuth || r.Code != 535 || r.Enhanced != "5.7.8") {
				t.Errorf("%s, %.5s: got %+v", mechanism, password, r)
			}
		}
	}
	at := strictServer(t, ca, "PLAIN", token)
	at.Password = token
	c := smtp.New(at, smtp.Options{Dialer: transport.Dialer{LoopbackOnly: true, Roots: ca.Roots}})
	defer c.Close()
	if r := c.Send(t.Context(), "ann@ours.test", "bob@example.com", []byte("Hi\r\n")); r.Outcome != smtp.Temporary || r.Stage != smtp.StageAuth {
		t.Errorf("a server without such a mechanism: %+v", r)
	}
}
