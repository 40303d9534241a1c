package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"syscall"

	"outrider/internal/dial"
)

// explained is an error in words that tell whoever typed a server in what to do. It is of a kind, which also those hear who mustn't be told more.
type explained struct {
	says      string
	err, kind error
}

func (e *explained) Error() string   { return e.says }
func (e *explained) Unwrap() []error { return []error{e.err, e.kind} }

// Kinds of what goes wrong with a mail server, besides dial.ErrUnreachable.
var (
	ErrInsecure = errors.New("the connection can't be secured")
	ErrNoServer = errors.New("what answers is no mail server")
	ErrSilent   = errors.New("the server doesn't answer in time")
	ErrHungUp   = errors.New("the server ends the connection")
)

// KindOf returns the kind of an error: one of those here, or dial.ErrUnreachable; nil = another, or none.
func KindOf(err error) error {
	for _, kind := range []error{dial.ErrUnreachable, ErrInsecure, ErrNoServer, ErrSilent, ErrHungUp} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return kindOfSilence(err)
}

// kindOfSilence tells who says nothing from who hangs up; nil = neither.
func kindOfSilence(err error) error {
	late := net.Error(nil)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &late) && late.Timeout():
		return ErrSilent
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ErrHungUp
	}
	return nil
}

const (
	silent = "the server didn't answer in time: compare port and encryption with what the mail provider says (TLS and STARTTLS have ports of their own)"
	hungUp = "the server hung up: compare port and encryption with what the mail provider says (TLS and STARTTLS have ports of their own)"
)

// ExplainTLS says why a connection to a host couldn't be secured, and what helps.
func ExplainTLS(host string, err error) error {
	var (
		noTLS   tls.RecordHeaderError
		unknown x509.UnknownAuthorityError
		other   x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &noTLS):
		return &explained{"the server doesn't speak TLS at this port: choose the port that is for TLS, or STARTTLS", err, ErrInsecure}
	case errors.As(err, &unknown):
		return &explained{"the certificate of " + host + " is signed by nobody who is trusted here: use the server's name as the mail provider says it, or have the server show a certificate of a public authority (" + unknown.Error() + ")", err, ErrInsecure}
	case errors.As(err, &other):
		return &explained{"the server's certificate is not for " + host + ": use the server's name as the mail provider says it (" + other.Error() + ")", err, ErrInsecure}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &explained{"the certificate of " + host + " has expired: who runs the server has to renew it (" + invalid.Error() + ")", err, ErrInsecure}
	}
	return explainSilence(err)
}

// ExplainGreeting says why what answers at a port isn't taken for a server of a protocol, and what helps.
func ExplainGreeting(protocol string, err error) error {
	if wrong := textproto.ProtocolError(""); errors.As(err, &wrong) {
		return NoServer(protocol)
	}
	return explainSilence(err)
}

// NoServer says that something else than a server of a protocol answers.
func NoServer(protocol string) error {
	return &explained{"what answers at this port is no " + protocol + " server: compare name and port with what the mail provider says", ErrNoServer, ErrNoServer}
}

func explainSilence(err error) error {
	switch kind := kindOfSilence(err); {
	case errors.Is(kind, ErrSilent):
		return &explained{silent, err, kind}
	case errors.Is(kind, ErrHungUp):
		return &explained{hungUp, err, kind}
	}
	return err
}
