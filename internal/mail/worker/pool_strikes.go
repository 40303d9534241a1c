package worker

import (
	"errors"

	"outrider/internal/mail/transport"
)

// MaxStrikes is how often in a row a mailbox's server may break or overrun a child.
const MaxStrikes = 3

// goodTurns are how many it takes in a row until a mailbox that broke a child shares one again.
const goodTurns = 10

// record is what speaks against a mailbox.
type record struct {
	count     int // of strikes in a row
	suspected bool
	guilty    bool // it broke a child in which nobody else had a turn
	good      int  // turns since
}

// blame is what the end of a child says of a mailbox that had a turn in it.
type blame int

const (
	blameNobody blame = iota
	blameSome         // it may have been this one
	blameThis         // nobody else had a turn
)

// blame says whose doing it may be that a child ended, once it has: first those whose turns have never ended well.
func (p *process) blame(err error, known bool) blame {
	switch {
	case err == nil:
		return blameNobody
	case p.broken <= 1:
		return blameThis
	case known && p.unknown > 0:
		return blameNobody
	default:
		return blameSome
	}
}

func (p *Pool) isKnown(of Mailbox) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[of]
}

// judge counts what speaks against a mailbox: a crash or an overrun of a child that worked for nobody else then, and what its server alone is to blame for.
func (p *Pool) judge(of Mailbox, got answered, err error, to blame) {
	broke := errors.Is(err, ErrCrashed) || errors.Is(err, ErrOverran)
	own := errors.Is(err, errTurn)
	if err == nil && got.Failed != nil && errors.Is(got.Failed, transport.ErrExceeded) {
		err, own = got.Failed, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	is := p.strikes[of]
	if !broke && !own {
		if err == nil && got.Failed == nil {
			p.noteGood(of, is)
		}
		return
	}
	if broke && !own && to == blameNobody {
		return
	}
	if is == nil {
		is = &record{}
		p.strikes[of] = is
	}
	is.good = 0
	is.suspected = is.suspected || broke && !own
	if to == blameThis {
		is.guilty = true
		delete(p.known, of)
	}
	if to != blameThis && !own {
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

// noteGood ends a suspicion, at once if it was nobody's own doing. Under the lock.
func (p *Pool) noteGood(of Mailbox, is *record) {
	if is != nil {
		is.count = 0
		if is.good++; is.guilty && is.good < goodTurns {
			return
		}
		delete(p.strikes, of)
	}
	p.known[of] = true
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
