package replay

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// State is how an organisation stood. Nothing in it is personal, so no key is needed.
type State struct {
	Until        time.Time          `json:"until,omitzero"`
	AsOf         asOf               `json:"as_of"`
	Verified     bool               `json:"chain_verified"` // recomputed from the first event; a replay of what breaks it fails
	Organization organization       `json:"organization"`
	Counts       organizationCounts `json:"counts"`
	Campaigns    []campaign         `json:"campaigns"`
	Mailboxes    []mailbox          `json:"mailboxes"`
	Events       map[string]int     `json:"events"` // by type
}

type asOf struct {
	Oseq  int64     `json:"oseq"`
	Time  time.Time `json:"time"`
	Chain string    `json:"chain"`
}

type organization struct {
	ID           uuid.UUID       `json:"id"`
	Slug         string          `json:"slug"`
	Name         string          `json:"name"`
	Plan         string          `json:"plan"`
	Limits       json.RawMessage `json:"limits"`
	TimeZone     string          `json:"time_zone"`
	Status       string          `json:"status"`
	StatusReason string          `json:"status_reason,omitzero"`
	CreatedAt    time.Time       `json:"created_at"`
	DeletedAt    *time.Time      `json:"deleted_at,omitzero"`
	Version      int             `json:"version"`
}

type organizationCounts struct {
	Leads        int            `json:"leads"`
	Erased       int            `json:"erased"` // of them
	Suppressions int            `json:"suppressions"`
	Meetings     int            `json:"meetings"` // booked and not cancelled
	Enrollments  map[string]int `json:"enrollments"`
	Messages     map[string]int `json:"messages"`
}

type campaign struct {
	ID           uuid.UUID      `json:"id"`
	Name         string         `json:"name"`
	Status       string         `json:"status"`
	PauseReason  string         `json:"pause_reason,omitzero"`
	StepsVersion int            `json:"steps_version"`
	Enrolled     int            `json:"enrolled"`
	Enrollments  map[string]int `json:"enrollments"` // by state
	Messages     map[string]int `json:"messages"`    // by state
	LaunchedAt   *time.Time     `json:"launched_at,omitzero"`
	CompletedAt  *time.Time     `json:"completed_at,omitzero"`
	Version      int            `json:"version"`
}

type mailbox struct {
	ID          uuid.UUID  `json:"id"`
	Transport   string     `json:"transport"`
	Status      string     `json:"status"`
	PauseReason string     `json:"pause_reason,omitzero"`
	Health      *int       `json:"health,omitzero"`
	Sent        int        `json:"sent"`
	LastSentAt  *time.Time `json:"last_sent_at,omitzero"`
	InboxReadAt *time.Time `json:"inbox_read_at,omitzero"`
	Version     int        `json:"version"`
}

func newReplayedState(org uuid.UUID, until time.Time) *State {
	return &State{Until: until.UTC(), Organization: organization{ID: org}, Events: map[string]int{}, Campaigns: []campaign{}, Mailboxes: []mailbox{},
		Counts: organizationCounts{Enrollments: map[string]int{}, Messages: map[string]int{}}}
}

func (s *State) untilText() string {
	if s.Until.IsZero() {
		return ""
	}
	return " before " + s.Until.Format(time.RFC3339Nano)
}

// countEvent takes what no read model of the past keeps.
func (s *State) countEvent(e *es.Event) {
	s.Events[e.Type]++
	switch p := e.Payload.(type) {
	case events.SuppressionAdded:
		s.Counts.Suppressions++
	case events.SuppressionRemoved:
		s.Counts.Suppressions--
	case events.MeetingBooked:
		s.Counts.Meetings++
	case events.MeetingCancelled:
		s.Counts.Meetings--
	case events.MeetingReplaced:
		if p.Was == events.ReplacedBooked {
			s.Counts.Meetings--
		}
	}
}

func (s *State) takePast(past *projections.Past, verifier *es.ChainVerifier) error {
	if !verifier.Whole {
		return fmt.Errorf("the history of organisation %s ends within a command, at event %d", s.Organization.ID, verifier.Oseq)
	}
	s.AsOf, s.Verified = asOf{verifier.Oseq, verifier.Time, verifier.Chain.String()}, true
	if o := past.Organization(); o != nil {
		s.Organization = organization{o.OrgID, o.Slug, o.Name, o.Plan, o.Limits, o.TimeZone, o.Status, o.StatusReason, o.CreatedAt, o.DeletedAt, o.Version}
	}
	for _, l := range past.Leads() {
		s.Counts.Leads++
		if l.ErasedAt != nil {
			s.Counts.Erased++
		}
	}
	enrolled, wrote := map[uuid.UUID]map[string]int{}, map[uuid.UUID]map[string]int{}
	for _, c := range past.Campaigns() {
		enrolled[c.CampaignID], wrote[c.CampaignID] = map[string]int{}, map[string]int{}
		s.Campaigns = append(s.Campaigns, campaign{c.CampaignID, c.Name, c.Status, c.PauseReason, c.StepsVersion, c.Enrolled, enrolled[c.CampaignID], wrote[c.CampaignID],
			c.LaunchedAt, c.CompletedAt, c.Version})
	}
	for _, n := range past.Enrollments() {
		s.Counts.Enrollments[n.State]++
		if of := enrolled[n.CampaignID]; of != nil {
			of[n.State]++
		}
	}
	for _, m := range past.Messages() {
		s.Counts.Messages[m.State]++
		if of := wrote[m.CampaignID]; of != nil {
			of[m.State]++
		}
	}
	for _, m := range past.Mailboxes() {
		if m.RemovedAt == nil {
			s.Mailboxes = append(s.Mailboxes, mailbox{m.MailboxID, m.Transport, m.Status, m.PauseReason, m.Health, m.Sent, m.LastSentAt, m.InboxReadAt, m.Version})
		}
	}
	return nil
}

// Print tells it to people.
func (s *State) Print(w io.Writer) error {
	o := s.Organization
	_, err := fmt.Fprintf(w, "%s (%s), plan %s, %s, as of event %d at %s\nchain %s, recomputed from the first event\n%d leads, of them %d erased; %d suppressions; %d meetings; enrollments %s; messages %s\n",
		o.Name, o.Slug, o.Plan, o.Status, s.AsOf.Oseq, s.AsOf.Time.UTC().Format(time.RFC3339Nano), s.AsOf.Chain, s.Counts.Leads, s.Counts.Erased, s.Counts.Suppressions, s.Counts.Meetings,
		stateCounts(s.Counts.Enrollments), stateCounts(s.Counts.Messages))
	for _, c := range s.Campaigns {
		if err == nil {
			_, err = fmt.Fprintf(w, "campaign %s %q: %s, %d enrolled (%s), messages %s\n", c.ID, c.Name, c.Status, c.Enrolled, stateCounts(c.Enrollments), stateCounts(c.Messages))
		}
	}
	for _, m := range s.Mailboxes {
		if err == nil {
			_, err = fmt.Fprintf(w, "mailbox %s: %s, %d sent\n", m.ID, m.Status, m.Sent)
		}
	}
	return err
}

// stateCounts names counts in an order of their own.
func stateCounts(n map[string]int) string {
	text := ""
	for i, state := range slices.Sorted(maps.Keys(n)) {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", n[state], state)
	}
	if text == "" {
		return "none"
	}
	return text
}
