package api

import (
	"github.com/google/uuid"

	"outrider/internal/app/mailboxes"
)

// letterChange is the body of a request; nil = unchanged.
type letterChange struct {
	Signature  *mailboxes.Signature `json:"signature"`
	KeepCopies *bool                `json:"keep_copies"`
}

// setMailboxLetter changes what a mailbox adds to its messages, and whether it keeps copies.
func (s *Server) setMailboxLetter(c *call, id uuid.UUID, body letterChange) error {
	row, err := s.loadMailbox(c, id)
	if err != nil {
		return err
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	cmd, err := s.mailboxes.Letter(in.ctx, row, mailboxes.LetterChange(body))
	if err != nil {
		return err
	}
	a, err := s.submitCommand(in, cmd)
	if err != nil {
		return err
	}
	return s.showAfterChange(c, "mailboxes", a, func() error { return s.showMailbox(c, id) })
}
