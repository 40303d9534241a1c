package smtp

import (
	"errors"
	"net/smtp"

	"outrider/internal/mail/transport"
)

// bearer signs in by an access token, in two steps.
type bearer struct {
	mechanism string
	response  string
	asked     bool
}

func newBearer(offered []string, a transport.ServerLogin) (*bearer, error) {
	m := transport.ChooseBearer(offered)
	if m == "" {
		return nil, errors.New("the server offers no sign-in by token (XOAUTH2, OAUTHBEARER)")
	}
	response, err := transport.BearerResponse(m, a)
	return &bearer{mechanism: m, response: response}, err
}

func (b *bearer) Start(server *smtp.ServerInfo) (string, []byte, error) {
	if !server.TLS {
		return "", nil, errors.New("unencrypted connection")
	}
	return b.mechanism, nil, nil
}

// Next answers a refusal, too, with something: with nothing the standard library would take the sign-in for done.
func (b *bearer) Next(_ []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case b.asked:
		return append([]byte{}, transport.BearerAbort(b.mechanism)...), nil
	}
	b.asked = true
	return []byte(b.response), nil
}
