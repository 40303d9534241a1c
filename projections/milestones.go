package projections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Milestone is something that happened in an organisation for the first time.
type Milestone struct {
	Kind      string     `db:"kind"` // first_send, first_answer, first_bounce, first_meeting, experiment_decided
	At        time.Time  `db:"at"`
	MessageID *uuid.UUID `db:"message_id"`
	ThreadID  *uuid.UUID `db:"thread_id"`
	MeetingID *uuid.UUID `db:"meeting_id"`
	LeadID    uuid.UUID  `db:"lead_id"` // zero = no lead is meant
	// ExperimentID is the experiment that was decided.
	ExperimentID *uuid.UUID `db:"experiment_id"`
}

// Milestones returns those that were reached, the earliest first. It looks at everything, so it is for organisations of demonstrations.
func Milestones(ctx context.Context, tx pgx.Tx, org uuid.UUID) ([]*Milestone, error) {
	rows, err := tx.Query(ctx, `
		select kind, reached as at, message_id, thread_id, meeting_id, lead_id, experiment_id from (
			(select 'first_send' as kind, sent_at as reached, message_id, null::uuid as thread_id, null::uuid as meeting_id, lead_id, null::uuid as experiment_id from read.messages where org_id = $1 and sent_at is not null order by sent_at limit 1)
			union all (select 'first_answer', received_at, message_id, thread_id, null::uuid, lead_id, null::uuid from read.inbox_items where org_id = $1 and `+itemByPerson+` order by received_at limit 1)
			union all (select 'first_bounce', received_at, message_id, thread_id, null::uuid, lead_id, null::uuid from read.inbox_items where org_id = $1 and class = $2 order by received_at limit 1)
			union all (select 'first_meeting', booked_at, message_id, null::uuid, meeting_id, lead_id, null::uuid from read.meetings where org_id = $1 order by booked_at limit 1)
			union all (select 'experiment_decided', ended_at, null::uuid, null::uuid, null::uuid, '00000000-0000-0000-0000-000000000000'::uuid, experiment_id from read.experiments where org_id = $1 and status = 'decided' order by ended_at limit 1)
		) m order by reached`, org, InboxBounce)
	return collectAll[Milestone](rows, err, "read milestones")
}
