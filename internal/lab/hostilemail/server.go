// Package hostilemail plays mail servers of tenants that mean harm: each mode tries to kill, to fill or to hold whoever talks to it.
package hostilemail

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"outrider/internal/lab/mailserver/loopback"
)

// Mode is one kind of harm.
type Mode struct {
	Name string
	// at is the command (EHLO, AUTH, DATA, SEARCH, FETCH, ...) at which it begins; "greeting" = at once. Before it the server keeps to the rules.
	at   string
	harm func(w *writer, tag string)
}

// Server is one that plays a mode on every connection.
type Server struct {
	Port     int
	listener net.Listener
	mu       sync.Mutex
	conns    []net.Conn
	sessions int
}

// Serve listens on loopback; Close ends it. The protocol is imap or smtp.
func Serve(protocol string, m Mode, secure *tls.Config) (*Server, error) {
	inner, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return serveOn(inner, protocol, m, secure), nil
}

func serveOn(inner net.Listener, protocol string, m Mode, secure *tls.Config) *Server {
	s := &Server{Port: inner.Addr().(*net.TCPAddr).Port, listener: tls.NewListener(inner, secure)}
	session := playIMAP
	switch {
	case protocol == "smtp":
		session = playSMTP
	case m.harm == nil && m.Name == EndlessInbox().Name:
		session = playEndlessInbox
	}
	go s.accept(func(conn net.Conn) { session(conn, m) })
	return s
}

func (s *Server) accept(session func(net.Conn)) {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns = append(s.conns, conn)
		s.sessions++
		s.mu.Unlock()
		go func() {
			defer conn.Close()
			session(conn)
		}()
	}
}

// Sessions is how often somebody has connected.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

// Close ends all connections.
func (s *Server) Close() {
	_ = s.listener.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
}

// writer is what harm is done with. It stops by a panic that session catches when the client is gone.
type writer struct{ net.Conn }

type gone struct{}

func (w *writer) say(format string, args ...any) {
	if _, err := fmt.Fprintf(w.Conn, format, args...); err != nil {
		panic(gone{})
	}
}

// forever says something again and again.
func (w *writer) forever(text string) {
	all := bytes.Repeat([]byte(text), max(1, 256<<10/len(text)))
	for {
		if _, err := w.Conn.Write(all); err != nil {
			panic(gone{})
		}
	}
}

// drip says a byte at a time.
func (w *writer) drip(text string) {
	for i := 0; ; i++ {
		w.say("%c", text[i%len(text)])
		time.Sleep(5 * time.Millisecond)
	}
}

// hold says nothing.
func (w *writer) hold() {
	b := make([]byte, 4096)
	for {
		if _, err := w.Read(b); err != nil {
			panic(gone{})
		}
	}
}

func leave() {
	if r := recover(); r != nil && r != any(gone{}) {
		panic(r)
	}
}

func playIMAP(conn net.Conn, m Mode) {
	defer leave()
	w := &writer{conn}
	if m.at == "greeting" {
		m.harm(w, "*")
		return
	}
	w.say("* OK ready\r\n")
	for in := bufio.NewScanner(conn); in.Scan(); {
		tag, rest, _ := strings.Cut(in.Text(), " ")
		name, args, _ := strings.Cut(rest, " ")
		if name == "UID" {
			name, _, _ = strings.Cut(args, " ")
		}
		if name == m.at {
			m.harm(w, tag)
			continue
		}
		switch name {
		case "CAPABILITY":
			w.say("* CAPABILITY IMAP4rev1\r\n")
		case "EXAMINE":
			w.say("* 3 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 4] x\r\n")
		case "SEARCH":
			w.say("* SEARCH 1 2 3\r\n")
		}
		w.say("%s OK done\r\n", tag)
	}
}

func playSMTP(conn net.Conn, m Mode) {
	defer leave()
	w := &writer{conn}
	if m.at == "greeting" {
		m.harm(w, "220")
		return
	}
	w.say("220 ready\r\n")
	data := false
	for in := bufio.NewScanner(conn); in.Scan(); {
		name, _, _ := strings.Cut(in.Text(), " ")
		switch {
		case data && in.Text() == ".":
			data, name = false, "END"
		case data:
			continue
		}
		if name == m.at {
			m.harm(w, "250")
			continue
		}
		switch name {
		case "EHLO":
			w.say("250-me\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n")
		case "AUTH":
			w.say("235 2.7.0 ok\r\n")
		case "DATA":
			data = true
			w.say("354 go on\r\n")
		default:
			w.say("250 ok\r\n")
		}
	}
}
