package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/textproto"
)

// explained is an error in words that tell whoever typed a server in what to do.
type explained struct {
	says string
	err  error
}

func (e *explained) Error() string { return e.says }
func (e *explained) Unwrap() error { return e.err }

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
		return &explained{"the server doesn't speak TLS at this port: choose the port that is for TLS, or STARTTLS", err}
	case errors.As(err, &unknown):
		return &explained{"the certificate of " + host + " is signed by nobody who is trusted here: use the server's name as the mail provider says it, or have the server show a certificate of a public authority (" + unknown.Error() + ")", err}
	case errors.As(err, &other):
		return &explained{"the server's certificate is not for " + host + ": use the server's name as the mail provider says it (" + other.Error() + ")", err}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &explained{"the certificate of " + host + " has expired: who runs the server has to renew it (" + invalid.Error() + ")", err}
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
	return errors.New("what answers at this port is no " + protocol + " server: compare name and port with what the mail provider says")
}

func explainSilence(err error) error {
	if late := net.Error(nil); errors.As(err, &late) && late.Timeout() {
		return &explained{silent, err}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &explained{hungUp, err}
	}
	return err
}
