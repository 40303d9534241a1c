package prospects

import (
	"io"

	"github.com/emersion/go-smtp"
)

// session is a mail server that brings mail.
type session struct {
	simulator *Simulator
	from      string
	to        []*prospectMemory
}

var (
	errUnknown = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "The email account that you tried to reach does not exist"}
	errFull    = &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "The recipient's mailbox is over its storage limit"}
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
	var refusal *smtp.SMTPError
	switch {
	case k.Takes == isUnknown:
		refusal = errUnknown
	case k.Takes == isFull && k.refusals < k.Refuses:
		refusal = errFull
		k.refusals++
	}
	if refusal == nil {
		s.to = append(s.to, k)
		return nil
	}
	if err := s.simulator.journal.writeLine(Line{Kind: Refused, Person: k.Address, Mailbox: s.from, Code: refusal.Code}); err != nil {
		return errBroken
	}
	return refusal
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
	for _, k := range s.to {
		if err := s.simulator.receiveMail(k, s.from, l); err != nil {
			return errBroken
		}
	}
	return nil
}

// Reset forgets the message.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends.
func (s *session) Logout() error { return nil }
