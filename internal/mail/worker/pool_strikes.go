package worker

import (
	"errors"

	"outrider/internal/mail/transport"
)

// MaxStrikes is how often in a row a mailbox's server may break or overrun a child.
const MaxStrikes = 3

// record is what speaks against a mailbox.
type record struct {
	count     int
	suspected bool
}

// judge counts what speaks against a mailbox: a crash or an overrun of a child that worked for nobody else then, and what its server alone is to blame for.
func (p *Pool) judge(of Mailbox, got answered, err error, alone bool) {
	broke := errors.Is(err, ErrCrashed) || errors.Is(err, ErrOverran)
	own := errors.Is(err, errTurn)
	if err == nil && got.Failed != nil && errors.Is(got.Failed, transport.ErrExceeded) {
		err, own = got.Failed, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	is := p.strikes[of]
	if !broke && !own {
		if is != nil && err == nil && got.Failed == nil {
			delete(p.strikes, of)
		}
		return
	}
	if is == nil {
		is = &record{}
		p.strikes[of] = is
	}
	is.suspected = is.suspected || broke && !own
	if !alone && !own {
		p.Log.Warn("a mail worker ended while several mailboxes had their turn in it", "mailbox", of.ID, "org", of.Org, "error", err)
		return
	}
	is.count++
	p.Log.Warn("a mail server broke or overran its mail worker", "mailbox", of.ID, "org", of.Org, "times", is.count, "error", err)
	if is.count >= MaxStrikes {
		delete(p.strikes, of)
		go p.Suspend(of, reasonOf(err))
	}
}

// reasonOf is for people, and says nothing of what the process is made of.
func reasonOf(err error) string {
	if errors.Is(err, transport.ErrExceeded) {
		return "the mail server says far more than it was asked for"
	}
	if errors.Is(err, ErrOverran) {
		return "talking to the mail server takes more memory or time than a mailbox may have"
	}
	return "the mail server's answers break whoever reads them"
}
