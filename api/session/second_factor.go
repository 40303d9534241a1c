package session

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/identity"
)

// SecondFactorError says that the password was right, and a code is asked for.
type SecondFactorError struct {
	Token   string
	Expires time.Time
}

func (e *SecondFactorError) Error() string { return "a code of the second factor is needed" }

// askSecondFactor returns a *SecondFactorError for who has a second factor.
func (h *Handlers) askSecondFactor(ctx context.Context, who identity.Person, org uuid.UUID) error {
	st, err := h.cfg.SecondFactors.State(ctx, who.ID)
	if err != nil || !st.On {
		return err
	}
	if err := h.cfg.Sessions.CheckMember(ctx, who.ID, org); err != nil { // before a code is used up
		return err
	}
	token, expires, err := h.cfg.SecondFactors.BeginSignIn(ctx, who.ID, org)
	if err != nil {
		return err
	}
	return &SecondFactorError{token, expires}
}

// FinishSignIn is the second step for who has a second factor.
func (h *Handlers) FinishSignIn(ctx context.Context, c *Call) error {
	var body gen.SecondFactor
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	if err := h.limitTries(ctx, c); err != nil {
		return err
	}
	in, err := h.cfg.SecondFactors.FinishSignIn(ctx, body.SecondFactorToken, body.Code)
	if errors.Is(err, identity.ErrCode) {
		h.warnOfGuesses(ctx, in.Person)
	}
	if err != nil {
		return err
	}
	who, err := h.cfg.People.ByID(ctx, in.Person)
	if err != nil {
		return err
	}
	h.tellFactorChange(ctx, c, who, in.Recovery, letter{})
	return h.begin(ctx, c, who.ID, in.Org)
}

// guessesToTell is how many wrong codes in a row somebody is mailed about: who gives them knows the password.
const guessesToTell = 5

func (h *Handlers) warnOfGuesses(ctx context.Context, person uuid.UUID) {
	st, err := h.cfg.SecondFactors.State(ctx, person)
	if err != nil || st.Failures != guessesToTell {
		return // the answer is the same
	}
	if who, err := h.cfg.People.ByID(ctx, person); err == nil {
		h.send(who.Email, mailWrongCodes())
	}
}

// EnrollSecondFactor begins a second factor.
func (h *Handlers) EnrollSecondFactor(ctx context.Context, c *Call) error {
	var body gen.ConfirmedByPassword
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	who, err := h.confirmPassword(ctx, c, body.Password)
	if err != nil {
		return err
	}
	e, err := h.cfg.SecondFactors.Enroll(ctx, who.ID, who.Email)
	if err != nil {
		return err
	}
	return c.Answer(http.StatusOK, gen.SecondFactorEnrollment{Secret: e.Secret, URI: e.URI})
}

// ConfirmSecondFactor turns it on, and ends the person's other sessions: they were begun without a code.
func (h *Handlers) ConfirmSecondFactor(ctx context.Context, c *Call) error {
	var body gen.SecondFactorCode
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	who, err := h.cfg.People.ByID(ctx, c.Who.Person)
	if err != nil {
		return err
	}
	codes, err := h.cfg.SecondFactors.Confirm(ctx, who.ID, body.Code)
	if err != nil {
		return refuseCode(err)
	}
	if err := h.cfg.Sessions.EndAll(ctx, who.ID, c.Who.Session); err != nil {
		return err
	}
	h.tellFactorChange(ctx, c, who, false, mailFactorOn())
	return c.Answer(http.StatusOK, gen.RecoveryCodes{RecoveryCodes: codes})
}

// DisableSecondFactor turns it off.
func (h *Handlers) DisableSecondFactor(ctx context.Context, c *Call) error {
	who, code, err := h.confirmBoth(ctx, c)
	if err != nil {
		return err
	}
	recovery, err := h.cfg.SecondFactors.Disable(ctx, who.ID, code)
	if err != nil {
		return refuseCode(err)
	}
	h.tellFactorChange(ctx, c, who, recovery, mailFactorOff())
	c.Status(http.StatusNoContent)
	return nil
}

// RenewRecoveryCodes makes new ones.
func (h *Handlers) RenewRecoveryCodes(ctx context.Context, c *Call) error {
	who, code, err := h.confirmBoth(ctx, c)
	if err != nil {
		return err
	}
	codes, recovery, err := h.cfg.SecondFactors.RenewRecoveryCodes(ctx, who.ID, code)
	if err != nil {
		return refuseCode(err)
	}
	h.tellFactorChange(ctx, c, who, recovery, mailCodesRenewed())
	return c.Answer(http.StatusOK, gen.RecoveryCodes{RecoveryCodes: codes})
}

// confirmBoth wants the password of who has signed in once more, and returns the code that comes with it.
func (h *Handlers) confirmBoth(ctx context.Context, c *Call) (who identity.Person, code string, err error) {
	var body gen.ConfirmedByBoth
	if err := c.decodeBody(&body); err != nil {
		return who, "", err
	}
	who, err = h.confirmPassword(ctx, c, body.Password)
	return who, body.Code, err
}

func refuseCode(err error) error {
	if errors.Is(err, identity.ErrCode) {
		return refuseField("code", identity.ErrCode.Error())
	}
	return err
}
