package mailserver

import (
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// authSession is a session of submission; on the MX there is nothing to log in to.
type authSession struct{ *smtpSession }

// AuthMechanisms names them.
func (authSession) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

// Auth begins one.
func (s authSession) Auth(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(identity, user, password string) error {
			if identity != "" && !strings.EqualFold(identity, user) {
				return smtp.ErrAuthFailed
			}
			return s.logIn(user, password)
		}), nil
	case sasl.Login:
		return &loginServer{login: s.logIn}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *smtpSession) logIn(user, password string) error {
	if s.account = s.server.store.logIn(user, password); s.account == nil {
		return smtp.ErrAuthFailed
	}
	return nil
}

// loginServer is AUTH LOGIN (draft-murchison-sasl-login), which old clients prefer.
type loginServer struct {
	login func(user, password string) error
	step  int
	user  string
}

// Next takes the client's answer.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if l.step == 0 && response == nil {
		l.step = 1
		return []byte("Username:"), false, nil
	}
	if l.step < 2 {
		l.user, l.step = string(response), 2
		return []byte("Password:"), false, nil
	}
	return nil, true, l.login(l.user, string(response))
}
