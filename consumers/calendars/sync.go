package calendars

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"

	"github.com/google/uuid"

	"outrider/internal/app/calendars"
	"outrider/internal/googlecalendar"
)

// sync reads what was changed in the calendars that meetings stand in.
func (w *Worker) sync(ctx context.Context, j *job) error {
	open, err := w.listAppointments(ctx, `org_id = $1 and connection_id = $2 and calendar is not null and placed and not off and ends_at > $3`, j.Org, j.Connection, w.Now())
	if err != nil {
		return err
	}
	byCalendar := map[string][]*appointment{}
	for _, a := range open {
		in, err := w.calendarOf(ctx, a)
		if err != nil {
			return err
		}
		byCalendar[in] = append(byCalendar[in], a)
	}
	if j.choice.Write != "" && byCalendar[j.choice.Write] == nil {
		byCalendar[j.choice.Write] = nil
	}
	for in, all := range byCalendar {
		err := w.syncOne(ctx, j, in, all)
		if errors.Is(err, googlecalendar.ErrGone) || errors.Is(err, googlecalendar.ErrForbidden) {
			continue // a calendar that can't be read cancels nothing; whoever writes into it finds out, and pages say that it isn't known
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *Worker) syncOne(ctx context.Context, j *job, in string, all []*appointment) error {
	cursor := "changes " + calendars.Hash(j.hasher, in)
	token, err := w.Turns.Cursor(ctx, j.Org, j.Connection, cursor)
	if err != nil {
		return err
	}
	whole := token == ""
	changes, next, err := j.client.Changes(ctx, in, token)
	if errors.Is(err, googlecalendar.ErrResync) {
		whole = true
		changes, next, err = j.client.Changes(ctx, in, "")
	}
	if err != nil {
		return err
	}
	seen := map[uuid.UUID]bool{}
	for _, e := range changes {
		meeting, ok := meetingOf(e.ID)
		if !ok {
			continue
		}
		seen[meeting] = true
		i := slices.IndexFunc(all, func(a *appointment) bool { return a.Meeting == meeting })
		if i < 0 {
			continue
		}
		if err := w.compare(ctx, j, all[i], e); err != nil {
			return err
		}
	}
	if whole { // of what is deleted a whole reading says nothing
		for _, a := range all {
			if seen[a.Meeting] {
				continue
			}
			there, err := j.client.Get(ctx, in, googlecalendar.EventID(a.Meeting))
			if err != nil && !errors.Is(err, googlecalendar.ErrGone) {
				return err
			}
			if err := w.compare(ctx, j, a, there); err != nil {
				return err
			}
		}
	}
	return w.Turns.SetCursor(ctx, j.Org, j.Connection, cursor, next)
}

// compare records what differs from what both had last. What we wrote comes back equal, so nothing follows from it.
func (w *Worker) compare(ctx context.Context, j *job, a *appointment, there googlecalendar.Event) error {
	switch {
	case there.Off, !a.isAgreed(there.Start, there.End):
		return w.changed(ctx, j, a, there)
	case there.ETag != a.ETag:
		return w.exec(ctx, `update integrations.appointments set etag = $3 where org_id = $1 and meeting_id = $2`, a.Org, a.Meeting, there.ETag)
	}
	return nil
}

// meetingOf returns the meeting of one of our events.
func meetingOf(id string) (m uuid.UUID, ok bool) {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != len(m) {
		return m, false
	}
	return uuid.UUID(b), true
}
