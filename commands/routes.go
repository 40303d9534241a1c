package commands

import (
	"fmt"
	"time"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// Command is an intention that knows when it must be refused. Commands are values, never pointers; CommandType works on
// the zero value. Decide is pure, now is the organisation's time and never goes back; no events and no error mean that
// there was nothing to do.
type Command interface {
	CommandType() string
	Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error)
}

// MaxItems bounds a bulk command.
const MaxItems = 500

// Route is how a command comes to its decision.
type Route struct {
	Zero   Command // the zero value: its type and its shape
	decode func([]byte) (Command, error)
	gate   gate
}

// Routes lists every command, with who lets it in.
func Routes() []Route {
	return []Route{
		on[CreateOrganization](unlessDeleted),
		on[UpdateOrganization](whileActive),
		on[ChangePlan](whileThere),
		on[ChangeStatus](whileThere),
		on[DeleteOrganization](onceCreated),
		on[AdvanceClock](whileThere),

		on[IssueAPIKey](whileActive),
		on[RevokeAPIKey](whileThere), // a lost key must die whatever the bill says

		on[CreateLead](whileActive),
		on[UpdateLead](whileActive),
		on[RemoveLead](whileActive),
		on[EraseLead](whileThere), // a person's right outlasts the subscription

		on[AddSuppressions](whileThere), // so does an unsubscribe
		on[RemoveSuppression](whileActive),

		on[RequestImport](whileActive),
		on[ImportLeads](whileActive),
		on[CompleteImport](whileActive),
		on[FailImport](whileThere),
		on[UndoImport](whileActive),
		on[UndoImportChunk](whileActive),
		on[CompleteUndo](whileActive),

		on[CreateCampaign](whileActive),
		on[RenameCampaign](whileActive),
		on[SetCampaignSteps](whileActive),
		on[DeleteCampaign](whileActive),
		on[SetCampaignSettings](whileActive),
		on[AssignMailboxes](whileActive),
		on[LaunchCampaign](whileActive),
		on[PauseCampaign](whileThere), // who can't pay may still stop
		on[ResumeCampaign](whileActive),
		on[CompleteCampaign](whileThere),

		on[EnrollLeads](whileActive),
		on[PauseEnrollments](whileThere),
		on[ResumeEnrollments](whileActive),
		on[StopEnrollments](whileThere),

		on[AddMailbox](whileActive),
		on[ConnectMailbox](whileActive),
		on[SetMailboxPace](whileActive),
		on[RequestMailboxChecks](whileActive),
		on[RecordMailboxChecks](whileActive),
		on[PauseMailbox](whileThere),
		on[ResumeMailbox](whileActive),
		on[RemoveMailbox](whileActive),
		on[RecordMailboxRead](whileThere),

		on[DraftMessage](whileThere), // what was paid for is kept
		on[HoldMessage](whileThere),
		on[RedraftMessage](whileActive),
		on[ApproveMessages](whileActive),
		on[RejectMessages](whileThere),
		on[ClaimMessages](whileActive), // nothing leaves while suspended
		on[RecordResults](whileThere),
		on[ResolveMessage](whileThere),

		on[RecordHits](whileThere), // what the world does is recorded whatever the bill says
		on[ReclassifyHits](whileThere),
		on[RecordReply](whileThere),
		on[RecordAutoReply](whileThere),
		on[RecordBounce](whileThere),
		on[RecordComplaint](whileThere),
		on[Unsubscribe](whileThere),

		on[SetBookingHours](whileActive),
		on[BookMeeting](whileThere),
		on[ConfirmMeeting](whileThere),
		on[CancelMeeting](whileThere),

		on[CreateCampaignV1](whileActive), // what nothing sends any more; see retired.go
		on[ChangeCampaignSteps](whileActive),
		on[ReviseCampaign](whileActive),
		on[LaunchCampaignV1](whileActive),
	}
}

var routes = byType(Routes()) //nolint:gochecknoglobals // a constant table

func byType(all []Route) map[string]Route {
	m := make(map[string]Route, len(all))
	for _, r := range all {
		m[r.Zero.CommandType()] = r
	}
	return m
}

func on[C Command](g gate) Route {
	var zero C
	return Route{Zero: zero, gate: g, decode: func(data []byte) (Command, error) {
		var c C
		err := es.Unmarshal(data, &c)
		return c, err
	}}
}

// gate refuses by what the organisation is, before a command looks at anything.
type gate func(o *aggregates.Organization) error

func unlessDeleted(o *aggregates.Organization) error {
	if o.Deleted {
		return es.Refuse(CodeOrganizationDeleted, nil)
	}
	return nil
}

func onceCreated(o *aggregates.Organization) error {
	if !o.Created {
		return es.Refuse(CodeOrganizationUnknown, nil)
	}
	return nil
}

func whileThere(o *aggregates.Organization) error {
	return firstError(onceCreated(o), unlessDeleted(o))
}

func whileActive(o *aggregates.Organization) error {
	if err := whileThere(o); err != nil {
		return err
	}
	if o.Status == events.StatusSuspended || o.Status == events.StatusCancelled {
		return es.Refuse(CodeOrganizationSuspended, detailStatus{Status: o.Status})
	}
	return nil
}

// Encode gives a command's type and data, as es.Command carries them.
func Encode(c Command) (commandType string, data []byte, err error) {
	data, err = es.Marshal(c)
	if err != nil {
		return "", nil, fmt.Errorf("encode %s: %w", c.CommandType(), err)
	}
	return c.CommandType(), data, nil
}

func (s state) Decide(c *es.Command) ([]es.Payload, error) {
	route, ok := routes[c.Type]
	if !ok {
		return nil, es.Refuse(es.CodeMalformed, detailField{"type", "is not a command of this version"})
	}
	command, err := route.decode(c.Data)
	if err != nil {
		return nil, es.Refuse(es.CodeMalformed, detailField{"data", "is not a " + c.Type})
	}
	if err := route.gate(s.Organization); err != nil {
		return nil, err
	}
	return command.Decide(c.Time, s.Organization)
}
