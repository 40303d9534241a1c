package mailserver

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	maxMessageBytes = 25 << 20
	maxRecipients   = 100
)

// smtpSession is one client. The account is nil on the MX, and on submission before AUTH.
type smtpSession struct {
	server     *Instance
	conn       *smtp.Conn
	submission bool
	router     Router
	account    *Account

	from     string
	to       []string
	delivery Transaction
}

func (s *Instance) smtpServer(submission bool) *smtp.Server {
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
	out.ErrorLog = silentLogger{}
	return out
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
		return s.refuseMail(AtRcpt, []string{to}, nil, err)
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
		message = s.server.completeHeaders(message)
	}
	if err := s.delivery.Data(message); err != nil {
		if errors.Is(err, errUncertain) {
			return s.hangUp(message, err)
		}
		to := s.to
		defer s.Reset()
		return s.refuseMail(AtData, to, message, err)
	}
	line := Line{Kind: Accepted, By: s.enteredBy(), From: s.from, To: s.to, MessageID: messageID(message), Size: len(message), Calendar: BringsAppointment(message)}
	if err := s.server.journal.writeLine(line); err != nil {
		return s.hangUp(message, err)
	}
	if s.submission && !s.server.options.NoSent {
		if err := s.account.Deliver(Sent, message, s.server.options.Now()); err != nil {
			s.server.log.Error("copy to Sent", "account", s.account.Address, "error", err) // the message has left; a refusal would be a lie
		}
	}
	to := s.to
	s.Reset()
	if s.submission && s.server.losesAnswer(to) {
		return s.loseAnswer(line)
	}
	return nil
}

// hangUp leaves the client in doubt, which is the truth.
func (s *smtpSession) hangUp(message []byte, cause error) error {
	s.server.log.Error("a message may have been delivered", "from", s.from, "error", cause)
	_ = s.server.journal.writeLine(Line{Kind: Uncertain, By: s.enteredBy(), From: s.from, To: s.to, MessageID: messageID(message), Size: len(message), Text: cause.Error()})
	_ = s.conn.Conn().Close()
	return asReply(cause) // nobody hears it
}

// loseAnswer leaves the client in doubt of a message that was accepted.
func (s *smtpSession) loseAnswer(line Line) error {
	line.Kind = Unheard
	err := s.server.journal.writeLine(line)
	_ = s.conn.Conn().Close()
	return asReply(errors.Join(errors.New("the answer is lost"), err)) // nobody hears it
}

// losesAnswer draws by the recipient and the number of the message, so that it is the same each time.
func (s *Instance) losesAnswer(to []string) bool {
	if s.options.LoseAnswers <= 0 || len(to) != 1 || s.store.Account(to[0]) != nil { // what mailboxes send to themselves tries them
		return false
	}
	s.losing.Lock()
	defer s.losing.Unlock()
	if s.accepted == nil {
		s.accepted = map[string]int{}
	}
	s.accepted[to[0]]++
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %d", s.options.Seed, to[0], s.accepted[to[0]])
	return rand.New(rand.NewPCG(h.Sum64(), 1)).Float64() < s.options.LoseAnswers
}

func (s *smtpSession) enteredBy() string {
	if s.submission {
		return BySubmission
	}
	return ByMX
}

func (s *smtpSession) refuseMail(stage string, to []string, message []byte, cause error) error {
	reply := asReply(cause)
	e := reply.EnhancedCode
	line := Line{Kind: Refused, By: s.enteredBy(), Stage: stage, From: s.from, To: to, Code: reply.Code, Text: reply.Message,
		Enhanced: fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2]), MessageID: messageID(message), Size: len(message)}
	if err := s.server.journal.writeLine(line); err != nil {
		return asReply(err)
	}
	if reply.Code == 421 { // the server closes the connection (RFC 5321, 3.8)
		fmt.Fprintf(s.conn.Conn(), "421 %d.%d.%d %s\r\n", e[0], e[1], e[2], reply.Message)
		_ = s.conn.Conn().Close()
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

// inbound delivers to accounts only: an MX is no relay.
type inbound struct{ server *Instance }

func (i inbound) Begin(ctx context.Context, from string) (Transaction, error) {
	return (&Routes{Server: i.server}).Begin(ctx, from)
}

type silentLogger struct{}

func (silentLogger) Printf(string, ...any) {}
func (silentLogger) Println(...any)        {}
