package mailtest

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"outrider/internal/mail/transport"
)

// IMAP is a real server that keeps its messages in memory. Its account is "user" with "secret".
type IMAP struct {
	Account transport.ServerLogin
	User    *imapmemserver.User

	accepted  chan net.Conn
	commanded *syncBuffer
}

// NewIMAP listens until the test ends. It has the folder INBOX.
func NewIMAP(t testing.TB, ca CA, security transport.Security) *IMAP {
	t.Helper()
	memory := imapmemserver.New()
	s := &IMAP{User: imapmemserver.NewUser("user", "secret"), accepted: make(chan net.Conn, 100), commanded: &syncBuffer{}}
	memory.AddUser(s.User)
	s.Create(t, "INBOX")
	options := &imapserver.Options{
		NewSession: func(conn *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			s.accepted <- conn.NetConn()
			return memory.NewSession(), nil, nil
		},
		Caps:        imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapSpecialUse: {}, imap.CapListExtended: {}},
		Logger:      log.New(io.Discard, "", 0),
		DebugWriter: s.commanded,
	}
	listener := Listen(t)
	port := listener.Addr().(*net.TCPAddr).Port
	if security == transport.StartTLS {
		options.TLSConfig = ca.Server
	} else {
		listener = tls.NewListener(listener, ca.Server)
	}
	server := imapserver.New(options)
	go server.Serve(listener) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { server.Close() })
	s.Account = transport.ServerLogin{Host: "127.0.0.1", Port: port, Security: security, Username: "user", Password: "secret"}
	return s
}

// Create makes a folder.
func (s *IMAP) Create(t testing.TB, folder string) {
	t.Helper()
	if err := s.User.Create(folder, nil); err != nil {
		t.Fatal(err)
	}
}

// Deliver puts a message into a folder, unread.
func (s *IMAP) Deliver(t testing.TB, folder, message string) {
	t.Helper()
	if _, err := s.User.Append(folder, literal{bytes.NewReader([]byte(message))}, &imap.AppendOptions{}); err != nil {
		t.Fatal(err)
	}
}

// Unread counts the messages of a folder without the flag \Seen.
func (s *IMAP) Unread(t testing.TB, folder string) int {
	t.Helper()
	status, err := s.User.Status(folder, &imap.StatusOptions{NumUnseen: true})
	if err != nil {
		t.Fatal(err)
	}
	return int(*status.NumUnseen)
}

// Hangup closes every connection there was, and says how many.
func (s *IMAP) Hangup() (n int) {
	for {
		select {
		case conn := <-s.accepted:
			conn.Close()
			n++
		default:
			return n
		}
	}
}

// Wire is all that was said on the connections.
func (s *IMAP) Wire() string { return s.commanded.String() }

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }
