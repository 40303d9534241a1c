package calendars

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/integrations"
	"outrider/internal/es"
	"outrider/internal/googlecalendar"
	services "outrider/internal/integrations"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
)

const (
	mostWritten = 50 // in a turn; then others have theirs
	linkWait    = 3 * time.Second
	mostTries   = 5
)

// write brings what is wanted into the calendar; more says that there is more.
func (w *Worker) write(ctx context.Context, j *job) (more bool, err error) {
	due, err := w.listAppointments(ctx, `org_id = $1 and connection_id = $2 and dirty and next_at <= $3 order by next_at, meeting_id limit $4`, j.Org, j.Connection, w.Turns.Now(), mostWritten)
	if err != nil {
		return false, err
	}
	for _, a := range due {
		err := w.writeOne(ctx, j, a)
		switch {
		case errors.Is(err, googlecalendar.ErrForbidden):
			if err := w.refuse(ctx, j, a); err != nil {
				return false, err
			}
		case err != nil:
			return false, err
		}
	}
	return len(due) == mostWritten, nil
}

// refuse notes that a calendar doesn't take a meeting. When that doesn't pass, the connection needs somebody.
func (w *Worker) refuse(ctx context.Context, j *job, a *appointment) error {
	const why = "the calendar doesn't take meetings"
	if a.Tries+1 < mostTries {
		return w.postpone(ctx, a, time.Minute, why)
	}
	entry := integrations.Entry{Direction: integrations.Out, What: "meetings", Outcome: integrations.Failed, Detail: why}
	return errors.Join(w.Turns.Log(ctx, j.Org, j.Connection, entry), w.postpone(ctx, a, 0, why),
		&services.NeedsYou{Reason: services.Refused, Detail: "meetings can't be written into the chosen calendar; choose another one, or have it shared for changes"})
}

func (w *Worker) writeOne(ctx context.Context, j *job, a *appointment) error {
	in, err := w.calendarOf(ctx, a)
	if err != nil && !errors.Is(err, pii.ErrNotFound) {
		return err
	}
	switch {
	case a.Off && in == "": // it was never there
		return w.settle(ctx, a)
	case a.Off:
		if err := j.client.Delete(ctx, in, googlecalendar.EventID(a.Meeting)); err != nil {
			return err
		}
		return errors.Join(w.settle(ctx, a), w.note(ctx, j, integrations.Out, "cancelled"))
	case !a.Placed:
		return w.place(ctx, j, a, in)
	case a.Scrub:
		if _, err := j.client.Describe(ctx, in, googlecalendar.EventID(a.Meeting), plainSummary, ""); err != nil && !errors.Is(err, googlecalendar.ErrGone) {
			return err
		}
		fallthrough
	default:
		return w.move(ctx, j, a, in)
	}
}

// place writes an appointment for the first time, or finds that it was written.
func (w *Worker) place(ctx context.Context, j *job, a *appointment, in string) error {
	if in == "" {
		if in = j.choice.Write; in == "" { // nobody is met by this connection any more: the meeting stands, though in no calendar
			return errors.Join(w.tell(ctx, a, "", true), w.settle(ctx, a))
		}
		if err := w.begin(ctx, a, in); err != nil {
			return err
		}
	}
	e, err := w.compose(ctx, j, a)
	if err != nil {
		return err
	}
	there, err := j.client.Insert(ctx, in, e)
	switch {
	case errors.Is(err, googlecalendar.ErrExists):
		return w.adopt(ctx, j, a, in)
	case errors.Is(err, googlecalendar.ErrForbidden), errors.Is(err, googlecalendar.ErrGone): // it isn't there, so it may go to another one
		return errors.Join(w.exec(ctx, `update integrations.appointments set calendar = null, agreed_start = null, agreed_end = null where org_id = $1 and meeting_id = $2`, a.Org, a.Meeting), googlecalendar.ErrForbidden)
	case err != nil:
		return err
	}
	if err := errors.Join(w.agree(ctx, a, there.Start, there.End, there.ETag), w.note(ctx, j, integrations.Out, "written")); err != nil {
		return err
	}
	return w.finish(ctx, j, a, in, there)
}

// adopt takes up an event of ours that is there already: an answer was lost. What became of it since is somebody's doing.
func (w *Worker) adopt(ctx context.Context, j *job, a *appointment, in string) error {
	there, err := j.client.Get(ctx, in, googlecalendar.EventID(a.Meeting))
	if err != nil && !errors.Is(err, googlecalendar.ErrGone) {
		return err
	}
	if there.Off {
		return w.changed(ctx, j, a, there)
	}
	if !a.isAgreed(there.Start, there.End) {
		a.Placed = true
		return w.changed(ctx, j, a, there)
	}
	if err := errors.Join(w.agree(ctx, a, there.Start, there.End, there.ETag), w.note(ctx, j, integrations.Out, "written")); err != nil {
		return err
	}
	return w.move(ctx, j, a, in)
}

// finish waits a while for the link, has the guest told, and moves what was moved meanwhile.
func (w *Worker) finish(ctx context.Context, j *job, a *appointment, in string, there googlecalendar.Event) (err error) {
	if there.Waiting {
		if there, err = j.client.Get(ctx, in, googlecalendar.EventID(a.Meeting)); err != nil {
			return err
		}
	}
	if there.Waiting {
		return w.exec(ctx, `update integrations.appointments set next_at = $3 where org_id = $1 and meeting_id = $2`, a.Org, a.Meeting, w.Turns.Now().Add(linkWait))
	}
	if a.Told != projections.PlacedThere {
		if err := w.tell(ctx, a, there.Link, false); err != nil {
			return err
		}
	}
	if a.isAgreed(a.StartsAt, a.EndsAt) {
		return w.settle(ctx, a)
	}
	return nil // the next turn moves it
}

// tell says that the meeting stands in the calendar, or that nobody waits for that.
func (w *Worker) tell(ctx context.Context, a *appointment, link string, late bool) error {
	cmd := commands.PlaceMeeting{MeetingID: a.Meeting, Late: late}
	told := projections.PlacedThere
	if late {
		told = projections.PlacedLate
	}
	if link != "" {
		sealed, err := w.sealForLead(ctx, a, link)
		if err != nil {
			return err
		}
		cmd.Link = sealed
	}
	id := es.DeriveID(a.Meeting, told)
	if _, err := reaction.Submit(ctx, w.Commands, because(a.Org, a.Connection, id), id, w.Now(), cmd); err != nil {
		return err
	}
	a.Told = told
	return w.exec(ctx, `update integrations.appointments set told = $3 where org_id = $1 and meeting_id = $2`, a.Org, a.Meeting, told)
}

// sealForLead seals a link under the key of who booked; nothing once they are erased.
func (w *Worker) sealForLead(ctx context.Context, a *appointment, link string) (s events.Sealed, err error) {
	m, err := w.readMeeting(ctx, a)
	if m == nil || err != nil {
		return s, err
	}
	keys, err := w.Vault.Existing(ctx, a.Org, []uuid.UUID{m.LeadID})
	if err != nil {
		return s, err
	}
	key, ok := keys[m.LeadID]
	if !ok {
		return s, nil
	}
	sealed, err := key.Seal(projections.MeetingLinkField, []byte(link))
	return events.Sealed(sealed), err
}

// move gives the event the time that is wanted. Where both have moved it, the host has said so in their calendar: that stands, and the guest is told.
func (w *Worker) move(ctx context.Context, j *job, a *appointment, in string) error {
	id := googlecalendar.EventID(a.Meeting)
	if a.isAgreed(a.StartsAt, a.EndsAt) {
		if a.Told == projections.PlacedThere {
			return w.settle(ctx, a)
		}
		there, err := j.client.Get(ctx, in, id)
		if err != nil && !errors.Is(err, googlecalendar.ErrGone) {
			return err
		}
		if there.Off {
			return w.changedIfAlive(ctx, j, a, in, there, err)
		}
		return w.finish(ctx, j, a, in, there)
	}
	there, err := j.client.Move(ctx, in, id, a.ETag, a.StartsAt, a.EndsAt)
	if errors.Is(err, googlecalendar.ErrChanged) {
		if there, err = j.client.Get(ctx, in, id); err == nil && !there.Off && a.isAgreed(there.Start, there.End) { // other things of it were changed
			there, err = j.client.Move(ctx, in, id, there.ETag, a.StartsAt, a.EndsAt)
		}
	}
	switch {
	case errors.Is(err, googlecalendar.ErrChanged): // once more meanwhile
		return w.postpone(ctx, a, linkWait, "the event is being changed")
	case errors.Is(err, googlecalendar.ErrGone), err == nil && there.Off:
		return w.changedIfAlive(ctx, j, a, in, there, err)
	case err != nil:
		return err
	case !there.Start.Equal(a.StartsAt) || !there.End.Equal(a.EndsAt):
		return w.changed(ctx, j, a, there)
	}
	if err := errors.Join(w.agree(ctx, a, there.Start, there.End, there.ETag), w.note(ctx, j, integrations.Out, "moved")); err != nil {
		return err
	}
	return w.finish(ctx, j, a, in, there)
}

// changedIfAlive takes an event for deleted where its calendar is there: 404 is also said of all events of a calendar that isn't shared any more, and that cancels nothing.
func (w *Worker) changedIfAlive(ctx context.Context, j *job, a *appointment, in string, there googlecalendar.Event, said error) error {
	if said != nil {
		err := j.client.Probe(ctx, in)
		if errors.Is(err, googlecalendar.ErrForbidden) && j.choice.Write != "" && in != j.choice.Write { // another one was chosen since: it goes there
			a.Calendar, a.Placed = nil, false
			return errors.Join(w.exec(ctx, `update integrations.appointments set calendar = null, placed = false where org_id = $1 and meeting_id = $2`, a.Org, a.Meeting), w.place(ctx, j, a, ""))
		}
		if err != nil {
			return err
		}
	}
	there.Off = true
	return w.changed(ctx, j, a, there)
}

// changed records what somebody did with an event in the calendar.
func (w *Worker) changed(ctx context.Context, j *job, a *appointment, there googlecalendar.Event) error {
	cmd := commands.RecordCalendarChange{ConnectionRef: events.ConnectionRef{ConnectionID: j.Connection}, MeetingID: a.Meeting, StartsAt: there.Start, EndsAt: there.End, Off: there.Off}
	id := es.DeriveID(a.Meeting, "changed there", there.ETag, there.Start.String(), there.End.String(), fmt.Sprint(there.Off))
	answer, err := reaction.Submit(ctx, w.Commands, because(a.Org, a.Connection, id), id, w.Now(), cmd)
	if err != nil {
		return err
	}
	what := "moved"
	if there.Off {
		what = "cancelled"
		err = w.exec(ctx, `update integrations.appointments set off = true, dirty = false where org_id = $1 and meeting_id = $2`, a.Org, a.Meeting)
	} else {
		err = w.exec(ctx, `update integrations.appointments set placed = true, etag = $3, agreed_start = $4, agreed_end = $5, starts_at = case when version = $6 then $4 else starts_at end,
			ends_at = case when version = $6 then $5 else ends_at end, dirty = told <> 'there' or version <> $6 where org_id = $1 and meeting_id = $2`, a.Org, a.Meeting, there.ETag, there.Start, there.End, a.Version)
	}
	if err != nil || answer.Outcome != es.Accepted {
		return err
	}
	return w.note(ctx, j, integrations.In, what)
}

// note writes down what was done with a meeting.
func (w *Worker) note(ctx context.Context, j *job, direction, what string) error {
	return w.Turns.Log(ctx, j.Org, j.Connection, integrations.Entry{Direction: direction, What: "meetings", Outcome: integrations.Done, Detail: what})
}

const plainSummary = "Meeting"

// compose says who is met. Of who is erased meanwhile it says nothing.
func (w *Worker) compose(ctx context.Context, j *job, a *appointment) (e googlecalendar.Appointment, err error) {
	e = googlecalendar.Appointment{Meeting: a.Meeting, Start: *a.AgreedStart, End: *a.AgreedEnd, Summary: plainSummary, Meet: j.choice.Meet}
	m, err := w.readMeeting(ctx, a)
	if m == nil || m.Details == nil || err != nil {
		return e, err
	}
	var guest struct{ Name, Email, Note string }
	if err := json.Unmarshal([]byte(*m.Details), &guest); err != nil {
		return e, fmt.Errorf("read who booked: %w", err)
	}
	if guest.Name != "" {
		e.Summary = "Meeting with " + guest.Name
	}
	lines := []string{strings.TrimSpace(guest.Name + " " + guest.Email)}
	if guest.Note != "" {
		lines = append(lines, "", guest.Note)
	}
	e.Description = strings.Join(append(lines, "", "Booked by Outrider. If you move or delete this event, the guest is told."), "\n")
	return e, nil
}

// readMeeting returns nil for one that isn't there.
func (w *Worker) readMeeting(ctx context.Context, a *appointment) (m *projections.Meeting, err error) {
	err = postgres.InOrg(ctx, w.Reads, a.Org, func(tx pgx.Tx) (err error) {
		m, err = projections.GetMeeting(ctx, tx, a.Org, a.Meeting)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return m, err
}
