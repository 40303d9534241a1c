package commands

import (
	"errors"

	"outrider/aggregates"
	"outrider/events"
)

var errNotDecided = errors.New("not decided by this version")

func (DraftMessage) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (HoldMessage) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (RedraftMessage) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (ApproveMessages) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (RejectMessages) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (RecordHits) Decide(*aggregates.Organization) ([]events.Event, error) { return nil, errNotDecided }
func (ReclassifyHits) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (RecordReply) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (RecordAutoReply) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (RecordBounce) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (RecordComplaint) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (Unsubscribe) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (PauseEnrollments) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (ResumeEnrollments) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (StopEnrollments) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (LaunchCampaign) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (ReviseCampaign) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (SetCampaignSettings) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (AssignMailboxes) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (PauseCampaign) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (ResumeCampaign) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (CompleteCampaign) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (ConnectMailbox) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (SetMailboxPace) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (RecordMailboxChecks) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (PauseMailbox) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (ResumeMailbox) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (RecordMailboxRead) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (SetBookingHours) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (BookMeeting) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (CancelMeeting) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (ClaimMessages) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (RecordResults) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
func (ResolveMessage) Decide(*aggregates.Organization) ([]events.Event, error) {
	return nil, errNotDecided
}
