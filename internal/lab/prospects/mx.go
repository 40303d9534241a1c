package prospects

import (
	"fmt"
	"io"
	"time"

	"github.com/emersion/go-smtp"
)

// session is a mail server that brings mail.
type session struct {
	simulator *Simulator
	conn      *smtp.Conn
	from      string
	to        []*prospectMemory
}

var (
	errUnknown = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "The email account that you tried to reach does not exist"}
	errFull    = &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "The recipient's mailbox is over its storage limit"}
	errGrey    = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, please try again in five minutes"}
	errLeaving = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "Service is shutting down, closing transmission channel"}
	errSteep   = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Our system has detected an unusual rate of mail from this sender, whose reputation is too low for it"}
	errQuota   = &smtp.SMTPError{Code: 552, EnhancedCode: smtp.EnhancedCode{5, 2, 2}, Message: "The recipient's mailbox is full and can't take the message"}
	errBroken  = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Local error in processing"}
)

// Mail begins a message.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.Reset()
	s.from = from
	return nil
}

// Rcpt asks for a person.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	done := s.simulator.clock.Busy()
	defer done()
	k := s.simulator.personAt(to)
	k.mu.Lock()
	defer k.mu.Unlock()
	refusal := s.refusalAtRcpt(k)
	if refusal == nil {
		s.to = append(s.to, k)
		return nil
	}
	if err := s.noteRefusal(k, "", refusal); err != nil {
		return errBroken
	}
	if refusal == errLeaving {
		s.hangUp(refusal)
	}
	return refusal
}

// refusalAtRcpt says why a person's server doesn't want to hear more; nil = it does.
func (s *session) refusalAtRcpt(k *prospectMemory) *smtp.SMTPError {
	switch {
	case s.simulator.isGrey(k, s.from):
		return errGrey
	case k.Takes == isUnknown:
		return errUnknown
	case k.Takes == isFull && k.refusals < k.Refuses:
		k.refusals++
		return errFull
	case k.HangsUp && k.refusals == 0:
		k.refusals++
		return errLeaving
	case k.Strict == strictAtRcpt && s.simulator.ramp.isTooSteep(s.from, s.simulator.clock.Now()):
		return errSteep
	}
	return nil
}

func (s *session) noteRefusal(k *prospectMemory, messageID string, why *smtp.SMTPError) error {
	e := why.EnhancedCode
	return s.simulator.journal.writeLine(Line{Kind: Refused, Person: k.Address, Mailbox: s.from, MessageID: messageID, Code: why.Code, Detail: fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2])})
}

// hangUp ends the connection, after a last answer if there is one: no answer leaves the client in doubt.
func (s *session) hangUp(last *smtp.SMTPError) {
	if last != nil {
		e := last.EnhancedCode
		fmt.Fprintf(s.conn.Conn(), "%d %d.%d.%d %s\r\n", last.Code, e[0], e[1], e[2], last.Message)
	}
	_ = s.conn.Conn().Close() // whatever the library says afterwards, nobody hears
}

// Data takes the message. What people will do about it is on the clock before it is answered.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return errBroken
	}
	done := s.simulator.clock.Busy()
	defer done()
	l, err := readMail(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	lost := false
	for _, k := range s.to {
		refusal, loss, err := s.takeMessage(k, l)
		switch {
		case err != nil:
			return errBroken
		case refusal != nil:
			return refusal
		}
		lost = lost || loss != noLoss
	}
	if lost {
		s.hangUp(nil)
	}
	return nil
}

// takeMessage takes a message for a person, or refuses it. After a loss the client gets no answer, and may have been heard or not.
func (s *session) takeMessage(k *prospectMemory, l *receivedMail) (*smtp.SMTPError, lossKind, error) {
	refusal, loss := s.refusalAfterData(k, l)
	if refusal != nil {
		return refusal, noLoss, s.noteRefusal(k, l.messageID, refusal)
	}
	if k.Slow > 0 {
		time.Sleep(k.Slow) // of real time; simulated time stands still
	}
	if loss == lostUnheard {
		return nil, loss, s.simulator.journal.writeLine(Line{Kind: Vanished, Person: k.Address, Mailbox: s.from, MessageID: l.messageID})
	}
	s.simulator.ramp.noteArrival(s.from, s.simulator.clock.Now())
	if err := s.simulator.receiveMail(k, s.from, l); err != nil {
		return nil, loss, err
	}
	return nil, loss, nil
}

func (s *session) refusalAfterData(k *prospectMemory, l *receivedMail) (*smtp.SMTPError, lossKind) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.Takes == isQuota && k.refusals < k.Refuses:
		k.refusals++
		return errQuota, noLoss
	case k.Strict == strictAtData && s.simulator.ramp.isTooSteep(s.from, s.simulator.clock.Now()):
		return errSteep, noLoss
	}
	k.tries++
	return nil, drawLoss(s.simulator.config.Seed, s.simulator.config.Rates.Troubles, k.Address, k.tries)
}

// Reset forgets the message.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends.
func (s *session) Logout() error { return nil }
