package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Kinds of what members are told of.
const (
	NotifyReplies  = "replies"  // somebody answered
	NotifyAssigned = "assigned" // a conversation is theirs, or one of theirs was answered
	NotifyMentions = "mentions" // a note names them
	NotifyInDoubt  = "in_doubt"
	NotifyLaunches = "launches" // somebody asks who may launch a campaign to do so
	NotifyStopped  = "stopped"  // a campaign or a mailbox, by a rule
	NotifyMeetings = "meetings"
	NotifyImports  = "imports"
	NotifyUsage    = "usage" // a limit of the plan
)

// NotificationKinds lists those that are mailed.
func NotificationKinds() []string {
	return []string{NotifyReplies, NotifyAssigned, NotifyMentions, NotifyInDoubt, NotifyLaunches, NotifyStopped, NotifyMeetings, NotifyImports, NotifyUsage}
}

// Daily is how mails come that come together, once a day.
const Daily = "daily"

// Notifications are what a member has chosen to be told of in an organisation.
type Notifications map[string]json.RawMessage

// notificationChoice is of one kind.
type notificationChoice struct {
	App  bool `json:"app"`
	Mail bool `json:"mail"`
}

// ByMail reports whether a member is told of a kind by mail. Who hasn't chosen is told of what is theirs, of what waits for their launch, and of what has stopped.
func (n Notifications) ByMail(kind string) bool {
	return n.choice(kind).Mail
}

func (n Notifications) choice(kind string) notificationChoice {
	c := notificationChoice{App: true, Mail: kind == NotifyAssigned || kind == NotifyMentions || kind == NotifyLaunches || kind == NotifyStopped}
	if chosen, ok := n[kind]; ok {
		_ = json.Unmarshal(chosen, &c) // its form was checked when it was set
	}
	return c
}

// Daily reports whether mails come once a day.
func (n Notifications) Daily() bool { return string(n["when"]) == `"`+Daily+`"` }

// NotifiedMember is somebody who works in an organisation.
type NotifiedMember struct {
	Person  uuid.UUID
	Email   string
	Role    Role
	Choices Notifications
}

// MembersToNotify returns the members of an organisation who have an address; one = uuid.Nil means all.
func (s *PersonSettings) MembersToNotify(ctx context.Context, org, one uuid.UUID) ([]NotifiedMember, error) {
	rows, err := s.pool.Query(ctx, `select p.id, p.email, m.role, coalesce(x.value, '{}'::jsonb) from identity.memberships m join identity.people p on p.id = m.person_id
		left join identity.person_settings x on x.person_id = p.id and x.org_id = m.org_id and x.kind = $2
		where m.org_id = $1 and m.role <> '' and p.email <> '' and ($3 = '00000000-0000-0000-0000-000000000000'::uuid or p.id = $3) order by p.id`, org, SettingNotifications, one)
	if err != nil {
		return nil, fmt.Errorf("list members to notify: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m NotifiedMember, err error) {
		return m, row.Scan(&m.Person, &m.Email, &m.Role, &m.Choices)
	})
	if err != nil {
		return nil, fmt.Errorf("list members to notify: %w", err)
	}
	return out, nil
}

// StopNotificationMails has no more of them come to a person of an organisation; what is told in the dashboard stays.
func (s *PersonSettings) StopNotificationMails(ctx context.Context, person, org uuid.UUID) error {
	value, err := s.Get(ctx, person, org, SettingNotifications)
	if err != nil {
		return err
	}
	chosen := Notifications{}
	if value != nil {
		if err := json.Unmarshal(value, &chosen); err != nil {
			return fmt.Errorf("read %s: %w", SettingNotifications, err)
		}
	}
	for _, kind := range NotificationKinds() {
		c := chosen.choice(kind)
		c.Mail = false
		if chosen[kind], err = json.Marshal(c); err != nil {
			return err
		}
	}
	if value, err = json.Marshal(chosen); err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `insert into identity.person_settings (person_id, org_id, kind, value, updated_at) select p.id, $2, $3, $4, $5 from identity.people p where p.id = $1
		on conflict (person_id, org_id, kind) do update set value = excluded.value, updated_at = excluded.updated_at`, person, org, SettingNotifications, value, s.now())
	if err != nil {
		return fmt.Errorf("stop mails of notifications: %w", err)
	}
	return nil
}

// NotificationMail is one thing that a member is to be told of by mail.
type NotificationMail struct {
	Org       uuid.UUID  `db:"org_id"`
	Person    uuid.UUID  `db:"person_id"`
	Notice    uuid.UUID  `db:"notice_id"`
	Kind      string     `db:"kind"`
	Line      string     `db:"line"`
	Path      string     `db:"path"`
	At        time.Time  `db:"at"`
	DueAt     time.Time  `db:"due_at"`
	Tries     int        `db:"tries"`
	ClaimedAt *time.Time `db:"claimed_at"`
	EndedAt   *time.Time `db:"ended_at"`
}

// betweenMails is how long a person is left alone after a mail; what happens meanwhile comes with the next.
const betweenMails = "10 minutes"

// NoteMails notes what members are to be told of; what was noted before stays as it is.
func (s *PersonSettings) NoteMails(ctx context.Context, mails []NotificationMail) error {
	batch := &pgx.Batch{}
	for _, m := range mails {
		batch.Queue(`insert into identity.notification_mails (org_id, person_id, notice_id, kind, line, path, at, due_at)
			select $1, p.id, $3, $4, $5, $6, $7, greatest($8, (select max(claimed_at) + interval '`+betweenMails+`' from identity.notification_mails where org_id = $1 and person_id = $2))
			from identity.people p where p.id = $2 on conflict do nothing`, m.Org, m.Person, m.Notice, m.Kind, m.Line, m.Path, m.At, m.DueAt)
	}
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("note what is to be mailed: %w", err)
	}
	return nil
}

// ClaimMails takes all that somebody is to be told of by now, of one organisation, the oldest first; nothing else gets it. None = nothing is due.
func (s *PersonSettings) ClaimMails(ctx context.Context, now time.Time) ([]NotificationMail, error) {
	rows, err := s.pool.Query(ctx, `with next as (select org_id, person_id from identity.notification_mails where claimed_at is null and due_at <= $1 order by due_at limit 1 for update skip locked)
		update identity.notification_mails m set claimed_at = $1, tries = tries + 1 from next where m.org_id = next.org_id and m.person_id = next.person_id and m.claimed_at is null and m.due_at <= $1
		returning m.*`, now)
	if err != nil {
		return nil, fmt.Errorf("claim what is to be mailed: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[NotificationMail])
	if err != nil {
		return nil, fmt.Errorf("claim what is to be mailed: %w", err)
	}
	return out, nil
}

// EndMails says that nothing more is to be done about what was claimed.
func (s *PersonSettings) EndMails(ctx context.Context, claimed []NotificationMail, at time.Time) error {
	return s.updateMails(ctx, claimed, `ended_at = $4`, at)
}

// ReleaseMails gives back what was claimed and surely didn't leave; it is due again at a time.
func (s *PersonSettings) ReleaseMails(ctx context.Context, claimed []NotificationMail, due time.Time) error {
	return s.updateMails(ctx, claimed, `claimed_at = null, due_at = $4`, due)
}

func (s *PersonSettings) updateMails(ctx context.Context, claimed []NotificationMail, change string, at time.Time) error {
	if len(claimed) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(claimed))
	for i, m := range claimed {
		ids[i] = m.Notice
	}
	_, err := s.pool.Exec(ctx, `update identity.notification_mails set `+change+` where org_id = $1 and person_id = $2 and notice_id = any($3)`, claimed[0].Org, claimed[0].Person, ids, at)
	if err != nil {
		return fmt.Errorf("say what became of a mail: %w", err)
	}
	return nil
}

// ForgetMails forgets what happened before a time.
func (s *PersonSettings) ForgetMails(ctx context.Context, before time.Time) error {
	if _, err := s.pool.Exec(ctx, `delete from identity.notification_mails where at < $1`, before); err != nil {
		return fmt.Errorf("forget old notifications: %w", err)
	}
	return nil
}
