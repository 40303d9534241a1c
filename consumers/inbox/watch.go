package inbox

import (
	"context"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/mailboxes"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/transport"
	"outrider/internal/mail/worker"
)

// Bounds of watching.
const (
	watchLong   = 4 * time.Minute // that a server is listened to at a time
	watchAgain  = 30 * time.Second
	watchLosses = 5 // connections in a row, after which a mailbox is left to rounds for an hour
	watchPause  = time.Hour
)

// watched is a mailbox whose server tells of new mail by itself.
type watched struct {
	org     uuid.UUID
	account transport.ServerLogin
	end     context.CancelFunc
}

// watching is what a monitor listens to besides its rounds.
type watching struct {
	boxes map[uuid.UUID]*watched
	never map[uuid.UUID]time.Time // whose servers don't tell, or can't be listened to: until when they are left to rounds
}

// watchSome listens to servers of mailboxes that were read, as far as there is room, and no longer to those of others. All are read in rounds all the same: what is
// listened to is only read sooner.
func (m *Monitor) watchSome(ctx context.Context, boxes []mailboxes.Mailbox) {
	if m.Watch == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.watching.boxes == nil {
		m.watching = watching{map[uuid.UUID]*watched{}, map[uuid.UUID]time.Time{}}
	}
	there, ofOrg := map[uuid.UUID]bool{}, map[uuid.UUID]int{}
	for _, b := range boxes {
		if r := m.read[b.ID]; r != nil && m.watching.boxes[b.ID] != nil && m.watching.boxes[b.ID].account == r.account {
			there[b.ID] = true
			ofOrg[b.Org]++
		}
	}
	for id, w := range m.watching.boxes {
		if !there[id] {
			w.end()
			delete(m.watching.boxes, id)
		}
	}
	now := m.Now()
	for _, b := range boxes {
		r := m.read[b.ID]
		switch {
		case len(m.watching.boxes) >= m.Watch:
			return
		case !b.IsRead(), r == nil, r.at.IsZero(), m.watching.boxes[b.ID] != nil, now.Before(m.watching.never[b.ID]), ofOrg[b.Org] >= max(m.Watch/8, 1):
			continue
		}
		ofOrg[b.Org]++
		ctx, end := context.WithCancel(ctx)
		m.watching.boxes[b.ID] = &watched{b.Org, r.account, end}
		go m.watch(ctx, b, m.Servers.Reader(worker.Mailbox{Org: b.Org, ID: b.ID}, r.account))
	}
}

// watch listens to a mailbox until the end, and reads it when its server tells of something new.
func (m *Monitor) watch(ctx context.Context, b mailboxes.Mailbox, c worker.Reader) {
	defer c.Close()
	for losses := 0; losses < watchLosses && ctx.Err() == nil; {
		news, err := c.Idle(ctx, imap.Inbox, watchLong)
		switch {
		case errors.Is(err, imap.ErrNoIdle):
			m.leaveToRounds(b.ID)
			return
		case err != nil:
			losses++
			waitFor(ctx, againAfter(b.ID, losses))
			continue
		}
		losses = 0
		if news && m.begin(b.ID) {
			m.readInTurns(ctx, b)
			m.end(b.ID)
		}
	}
	if ctx.Err() == nil {
		m.leaveToRounds(b.ID)
	}
}

func (m *Monitor) leaveToRounds(mailbox uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if w := m.watching.boxes[mailbox]; w != nil {
		w.end()
		delete(m.watching.boxes, mailbox)
	}
	m.watching.never[mailbox] = m.Now().Add(watchPause)
}

// againAfter differs by mailbox: those that lost their connections in the same moment come back one by one.
func againAfter(mailbox uuid.UUID, losses int) time.Duration {
	sum := fnv.New64a()
	_, _ = sum.Write(mailbox[:]) // never fails
	long := watchAgain << (losses - 1)
	return long/2 + time.Duration(rand.New(rand.NewPCG(sum.Sum64(), uint64(losses))).Float64()*float64(long))
}

func waitFor(ctx context.Context, long time.Duration) {
	over := time.NewTimer(long)
	defer over.Stop()
	select {
	case <-ctx.Done():
	case <-over.C:
	}
}
