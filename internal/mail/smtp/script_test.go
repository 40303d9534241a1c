package smtp_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

// script is a server for what a well-behaved one doesn't do. It records the commands, and whether each was sent before
// the one before was answered.
type script struct {
	account    transport.ServerLogin
	extensions []string
	answers    map[string]string // by the first word of a command
	onEnd      func(last string)

	mu        sync.Mutex
	commands  []string
	pipelined bool
}

func newScript(t *testing.T, ca mailtest.CA, extensions ...string) *script {
	s := &script{extensions: append([]string{"localhost", "AUTH LOGIN PLAIN"}, extensions...), answers: map[string]string{}}
	address := ca.ServeTLS(t, s.serve)
	s.account = transport.ServerLogin{Host: "127.0.0.1", Port: address.Port, Username: "user", Password: "secret"}
	return s
}

// plainAccount is the same without TLS, told to use STARTTLS.
func (s *script) plainAccount(t *testing.T) transport.ServerLogin {
	listener := mailtest.Listen(t)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return transport.ServerLogin{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Security: transport.StartTLS, Username: "user", Password: "secret"}
}

func (s *script) serve(conn net.Conn) {
	r := bufio.NewReader(conn)
	fmt.Fprint(conn, "220 hello\r\n")
	command := ""
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			break
		}
		command = strings.TrimSpace(line)
		s.mu.Lock()
		s.commands = append(s.commands, command)
		s.pipelined = s.pipelined || r.Buffered() > 0
		s.mu.Unlock()
		verb := strings.Fields(command)[0]
		answer, scripted := s.answers[verb]
		switch {
		case scripted:
		case verb == "EHLO":
			answer = "250-" + strings.Join(s.extensions[:len(s.extensions)-1], "\r\n250-") + "\r\n250 " + s.extensions[len(s.extensions)-1]
		case verb == "AUTH":
			answer = "235 2.7.0 welcome"
		case verb == "DATA":
			answer = "354 go on"
		case verb == "MAIL", verb == "RCPT", verb == "RSET":
			answer = "250 2.0.0 ok"
		default:
			answer = "502 not implemented"
		}
		fmt.Fprint(conn, answer+"\r\n")
		if strings.HasPrefix(answer, "354") {
			for line != ".\r\n" {
				if line, err = r.ReadString('\n'); err != nil {
					return
				}
			}
			fmt.Fprint(conn, s.answers["."]+"250 2.0.0 taken\r\n")
		}
	}
	if s.onEnd != nil {
		s.onEnd(command)
	}
	_, _ = io.Copy(io.Discard, conn)
}

func (s *script) client(ca mailtest.CA) *smtp.Client {
	return smtp.New(s.account, smtp.Options{Dialer: transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}})
}

func TestPipeliningIsUsedOnlyWhereItIsOffered(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	for _, offered := range []bool{true, false} {
		t.Run(fmt.Sprint(offered), func(t *testing.T) {
			t.Parallel()
			server := newScript(t, ca, "SIZE 1000000")
			if offered {
				server.extensions = append(server.extensions, "PIPELINING")
			}
			if r := send(t, server.client(ca)); r.Outcome != smtp.Accepted {
				t.Fatalf("got %+v", r)
			}
			server.mu.Lock()
			defer server.mu.Unlock()
			if server.pipelined != offered {
				t.Errorf("pipelined: %v", server.pipelined)
			}
			want := []string{"EHLO localhost", "AUTH PLAIN AHVzZXIAc2VjcmV0", fmt.Sprintf("MAIL FROM:<me@sender.test> SIZE=%d", len(message)), "RCPT TO:<you@example.com>", "DATA"}
			if !slices.Equal(server.commands, want) {
				t.Errorf("got %q, want %q", server.commands, want)
			}
		})
	}
}

func TestEightBitsAreToldOnlyWhereTheyAreOfferedAndNeeded(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	for name, c := range map[string]struct {
		offered bool
		text    string
		want    string
	}{
		"needed and offered": {true, "Subject: x\r\n\r\nGröße\r\n", "MAIL FROM:<me@sender.test> BODY=8BITMIME"},
		"not needed":         {true, "Subject: x\r\n\r\nSize\r\n", "MAIL FROM:<me@sender.test>"},
		"not offered":        {false, "Subject: x\r\n\r\nGröße\r\n", "MAIL FROM:<me@sender.test>"},
	} {
		server := newScript(t, ca)
		if c.offered {
			server.extensions = append(server.extensions, "8BITMIME")
		}
		client := server.client(ca)
		if r := client.Send(t.Context(), "me@sender.test", "you@example.com", []byte(c.text)); r.Outcome != smtp.Accepted {
			t.Errorf("%s: got %+v", name, r)
		}
		client.Close()
		server.mu.Lock()
		if !slices.Contains(server.commands, c.want) {
			t.Errorf("%s: got %q", name, server.commands)
		}
		server.mu.Unlock()
	}
}

// RFC 6531: an address beyond ASCII is given only to a server that offers SMTPUTF8, and the message goes nowhere else.
func TestAddressesBeyondASCIIGoWhereTheyAreOffered(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	for name, c := range map[string]struct {
		offered  bool
		to       string
		commands []string // after AUTH
		outcome  smtp.DeliveryOutcome
	}{
		"needed and offered": {true, "jürgen@example.com", []string{"MAIL FROM:<me@sender.test> BODY=8BITMIME SMTPUTF8", "RCPT TO:<jürgen@example.com>", "DATA"}, smtp.Accepted},
		"not needed":         {true, "you@example.com", []string{"MAIL FROM:<me@sender.test>", "RCPT TO:<you@example.com>", "DATA"}, smtp.Accepted},
		"not offered":        {false, "jürgen@example.com", nil, smtp.Refused},
	} {
		server := newScript(t, ca)
		if c.offered {
			server.extensions = append(server.extensions, "8BITMIME", "SMTPUTF8")
		}
		client := server.client(ca)
		text := "To: <" + c.to + ">\r\nSubject: x\r\n\r\nHello\r\n"
		r := client.Send(t.Context(), "me@sender.test", c.to, []byte(text))
		if r.Outcome != c.outcome || c.outcome == smtp.Refused && (r.Enhanced != "5.6.7" || r.Stage != smtp.StageRecipient) {
			t.Errorf("%s: got %+v", name, r)
		}
		client.Close()
		server.mu.Lock()
		if got := server.commands[2:]; !slices.Equal(got, c.commands) {
			t.Errorf("%s: got %q, want %q", name, got, c.commands)
		}
		server.mu.Unlock()
	}
}

func TestADataThatIsAcceptedWithoutARecipientIsAbandoned(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	server := newScript(t, ca, "PIPELINING")
	server.answers["RCPT"] = "550 5.1.1 nobody"
	client := server.client(ca)
	for range 2 {
		if r := send(t, client); r.Outcome != smtp.Refused || r.Enhanced != "5.1.1" || r.Stage != smtp.StageRecipient {
			t.Fatalf("got %+v", r)
		}
	}
	server.mu.Lock()
	defer server.mu.Unlock()
	want := []string{"MAIL FROM:<me@sender.test>", "RCPT TO:<you@example.com>", "DATA", "RSET", "MAIL FROM:<me@sender.test>", "RCPT TO:<you@example.com>", "DATA"}
	if got := server.commands[2:]; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAServerThatIsShuttingDownIsLeft(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	server := newScript(t, ca)
	server.answers["MAIL"] = "421 4.3.2 closing"
	client := server.client(ca)
	for range 2 { // a new connection each time
		if r := send(t, client); r.Outcome != smtp.Temporary || r.Code != 421 || r.Enhanced != "4.3.2" {
			t.Fatalf("got %+v", r)
		}
	}
	server.mu.Lock()
	defer server.mu.Unlock()
	if n := len(server.commands); n != 6 {
		t.Errorf("got %q", server.commands)
	}
}

func TestWithoutPLAINWeUseLOGIN(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	server := newScript(t, ca)
	server.extensions = []string{"localhost", "AUTH LOGIN XOAUTH2"}
	server.answers["AUTH"] = "334 VXNlcm5hbWU6"
	server.answers["dXNlcg=="] = "334 UGFzc3dvcmQ6"
	server.answers["c2VjcmV0"] = "235 2.7.0 welcome"
	if r := server.client(ca).Verify(t.Context()); r.Outcome != smtp.Accepted {
		t.Errorf("got %+v", r)
	}
}
