package mailserver

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

const (
	maxMessageBytes = 25 << 20
	maxRecipients   = 100
)

// smtpSession is one client. The account is nil on the MX, and on submission before AUTH.
type smtpSession struct {
	server     *Server
	conn       *smtp.Conn
	submission bool
	router     Router
	account    *Account

	from     string
	to       []string
	delivery Delivery
}

func (s *Server) smtpServer(submission bool) *smtp.Server {
	out := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		if submission {
			return authSession{&smtpSession{server: s, conn: c, submission: true, router: s.router}}, nil
		}
		return &smtpSession{server: s, conn: c, router: s.inbound}, nil
	}))
	out.Domain = s.options.Name
	out.TLSConfig = s.certificate
	out.MaxMessageBytes, out.MaxRecipients, out.MaxLineLength = maxMessageBytes, maxRecipients, 10000
	out.ReadTimeout, out.WriteTimeout = 10*time.Minute, time.Minute
	out.ErrorLog = quiet{}
	return out
}

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
			return s.login(user, password)
		}), nil
	case sasl.Login:
		return &loginServer{login: s.login}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *smtpSession) login(user, password string) error {
	if s.account = s.server.store.login(user, password); s.account == nil {
		return smtp.ErrAuthFailed
	}
	return nil
}

// Mail begins a message.
func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	if s.submission {
		if s.account == nil {
			return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
		}
		if from != "" && s.server.store.Account(from) != s.account {
			return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Sender address is not yours"}
		}
	}
	s.Reset()
	s.from = from
	return nil
}

// Rcpt asks the recipient's server at once, so that a refusal is the answer.
func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	err := func() error {
		if s.delivery == nil {
			d, err := s.router.Begin(s.server.life, s.from)
			if err != nil {
				return err
			}
			s.delivery = d
		}
		return s.delivery.Rcpt(to)
	}()
	if err != nil {
		return s.refuse(AtRcpt, []string{to}, nil, err)
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes the message. It is the recipients' when this returns without an error, and in the journal.
func (s *smtpSession) Data(r io.Reader) error {
	message, err := io.ReadAll(r)
	if err != nil { // cut short or too large; nothing was accepted
		s.Reset()
		return asReply(err)
	}
	if s.submission {
		message = s.server.complete(message)
	}
	if err := s.delivery.Data(message); err != nil {
		if errors.Is(err, errUncertain) {
			return s.hangUp(message, err)
		}
		to := s.to
		defer s.Reset()
		return s.refuse(AtData, to, message, err)
	}
	line := Line{Kind: Accepted, By: s.by(), From: s.from, To: s.to, MessageID: messageID(message), Size: len(message)}
	if err := s.server.journal.write(line); err != nil {
		return s.hangUp(message, err)
	}
	if s.submission && !s.server.options.NoSent {
		if err := s.account.Deliver(Sent, message, s.server.options.Now()); err != nil {
			s.server.log.Error("copy to Sent", "account", s.account.Address, "error", err) // the message has left; a refusal would be a lie
		}
	}
	s.Reset()
	return nil
}

// hangUp leaves the client in doubt, which is the truth.
func (s *smtpSession) hangUp(message []byte, cause error) error {
	s.server.log.Error("a message may have been delivered", "from", s.from, "error", cause)
	_ = s.server.journal.write(Line{Kind: Uncertain, By: s.by(), From: s.from, To: s.to, MessageID: messageID(message), Size: len(message), Text: cause.Error()})
	_ = s.conn.Conn().Close()
	return asReply(cause) // nobody hears it
}

func (s *smtpSession) by() string {
	if s.submission {
		return BySubmission
	}
	return ByMX
}

func (s *smtpSession) refuse(stage string, to []string, message []byte, cause error) error {
	reply := asReply(cause)
	e := reply.EnhancedCode
	line := Line{Kind: Refused, By: s.by(), Stage: stage, From: s.from, To: to, Code: reply.Code, Text: reply.Message,
		Enhanced: fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2]), MessageID: messageID(message), Size: len(message)}
	if err := s.server.journal.write(line); err != nil {
		return asReply(err)
	}
	return reply
}

// Reset forgets the message.
func (s *smtpSession) Reset() {
	if s.delivery != nil {
		s.delivery.Abort()
	}
	s.from, s.to, s.delivery = "", nil, nil
}

// Logout ends the session.
func (s *smtpSession) Logout() error {
	s.Reset()
	return nil
}

// asReply: what isn't an answer of SMTP is a temporary failure (the library would make it a permanent one).
func asReply(err error) *smtp.SMTPError {
	var said *smtp.SMTPError
	if errors.As(err, &said) {
		return said
	}
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: strings.ReplaceAll(err.Error(), "\n", " ")}
}

// receive stores a message that came for an account, with the headers that a final delivery adds (RFC 5321, 4.4).
func (s *Server) receive(a *Account, from, to string, message []byte) error {
	now := s.options.Now()
	var b bytes.Buffer
	b.Grow(len(message) + 200)
	fmt.Fprintf(&b, "Return-Path: <%s>\r\nDelivered-To: %s\r\nReceived: by %s with ESMTP; %s\r\n", from, to, s.options.Name, now.Format(time.RFC1123Z))
	b.Write(message)
	return a.Deliver(Inbox, b.Bytes(), now)
}

// complete adds the Date and Message-ID that a submission server must see to (RFC 6409, 8).
func (s *Server) complete(message []byte) []byte {
	h := header(message)
	var missing strings.Builder
	if h.Get("Date") == "" {
		fmt.Fprintf(&missing, "Date: %s\r\n", s.options.Now().Format(time.RFC1123Z))
	}
	if h.Get("Message-Id") == "" {
		fmt.Fprintf(&missing, "Message-ID: <%s@%s>\r\n", randomName(), s.options.Name)
	}
	if missing.Len() == 0 {
		return message
	}
	return append([]byte(missing.String()), message...)
}

func header(message []byte) textproto.MIMEHeader {
	h, _ := textproto.NewReader(bufio.NewReader(bytes.NewReader(message))).ReadMIMEHeader() // as far as it can be read
	return h
}

func messageID(message []byte) string {
	if message == nil {
		return ""
	}
	return strings.TrimSpace(header(message).Get("Message-Id"))
}

// inbound delivers to accounts only: an MX is no relay.
type inbound struct{ server *Server }

func (i inbound) Begin(ctx context.Context, from string) (Delivery, error) {
	return (&Routes{Server: i.server}).Begin(ctx, from)
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

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
