package commands

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

const maxCRMFields = 60

// MapConnection replaces what a connection to a CRM does. The edge has checked it against the CRM's properties.
type MapConnection struct {
	events.ConnectionRef
	events.CRMSettings
}

func (MapConnection) CommandType() string { return "connection.map.v1" }

// Decide has nothing to do for the settings that there are.
func (c MapConnection) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Connections[c.ConnectionID]
	if is == nil {
		return nil, errNotFound(c.ConnectionID)
	}
	if err := firstError(c.checkFields(), c.checkRest()); err != nil {
		return nil, err
	}
	if is.Settings != nil && aggregates.SameCRMSettings(*is.Settings, c.CRMSettings) {
		return nil, nil
	}
	return oneEvent(events.ConnectionMapped(c))
}

func (c MapConnection) checkFields() error {
	if len(c.Fields) > maxCRMFields {
		return errInvalid("fields", "are at most "+strconv.Itoa(maxCRMFields))
	}
	for i, f := range c.Fields {
		at := "fields." + strconv.Itoa(i) + "."
		switch {
		case f.Field == "email":
			return errInvalid(at+"field", "the address is always mapped")
		case !slices.Contains([]string{events.CRMBoth, events.CRMIn, events.CRMOut}, f.Direction):
			return errInvalid(at+"direction", "must be both, in or out")
		case !slices.Contains([]string{events.CRMOurs, events.CRMTheirs, events.CRMNewest}, f.Wins):
			return errInvalid(at+"wins", "must be ours, theirs or newest")
		}
		if err := firstError(checkText(at+"field", f.Field, 1, 80), checkText(at+"remote", f.Remote, 1, 100)); err != nil {
			return err
		}
		for _, other := range c.Fields[:i] {
			if other.Field == f.Field {
				return errInvalid(at+"field", "is there twice")
			}
			if other.Remote == f.Remote {
				return errInvalid(at+"remote", "is there twice")
			}
		}
	}
	return nil
}

func (c MapConnection) checkRest() error {
	if c.OnErase != events.CRMKeep && c.OnErase != events.CRMDelete {
		return errInvalid("on_erase", "must be keep or delete")
	}
	if len(c.Stages) > 10 {
		return errInvalid("stages", "are at most 10")
	}
	for i, s := range c.Stages {
		at := "stages." + strconv.Itoa(i) + "."
		if !slices.Contains([]string{"contacted", "replied", "meeting_booked"}, s.When) {
			return errInvalid(at+"when", "must be contacted, replied or meeting_booked")
		}
		if err := checkText(at+"stage", s.Stage, 1, 100); err != nil {
			return err
		}
	}
	for i, a := range c.Activities {
		if !slices.Contains([]string{events.ActivitySent, events.ActivityReply, events.ActivityMeeting, events.ActivityUnsubscribed, events.ActivityBounced}, a) || slices.Contains(c.Activities[:i], a) {
			return errInvalid("activities", "must be some of sent, reply, meeting, unsubscribed, bounced, each once")
		}
	}
	return nil
}

// RequestConnectionImport asks for contacts of a CRM.
type RequestConnectionImport struct {
	events.ConnectionRef
	ImportID    uuid.UUID `json:"import_id"`
	ListID      string    `json:"list_id,omitzero"`
	Since       time.Time `json:"since,omitzero"`
	DryRun      bool      `json:"dry_run"`
	OnDuplicate string    `json:"on_duplicate"`
	LawfulBasis string    `json:"lawful_basis,omitzero"`
	Tags        []string  `json:"tags,omitzero"`
}

func (RequestConnectionImport) CommandType() string { return "connection.request_import.v1" }

// Decide knows the last requests of a connection by their ids.
func (c RequestConnectionImport) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Connections[c.ConnectionID]
	switch {
	case is == nil:
		return nil, errNotFound(c.ConnectionID)
	case c.ImportID == uuid.Nil:
		return nil, errInvalid("import_id", "is missing")
	case slices.Contains(is.Imports, c.ImportID):
		return nil, nil
	case is.Paused || is.Interrupted:
		return nil, refuseAbout(c.ConnectionID, CodeWrongStatus, detailStatus{c.ConnectionID, connectionStatus(is)})
	case c.OnDuplicate != events.DuplicateSkip && c.OnDuplicate != events.DuplicateUpdate:
		return nil, errInvalid("on_duplicate", "must be skip or update")
	case !validTags(c.Tags):
		return nil, errInvalid("tags", reasonTags)
	}
	if err := firstError(checkText("list_id", c.ListID, 0, 40), checkText("lawful_basis", c.LawfulBasis, 0, 100)); err != nil {
		return nil, err
	}
	return oneEvent(events.ConnectionImportRequested(c))
}

func connectionStatus(is *aggregates.Connection) string {
	if is.Paused {
		return "paused"
	}
	return "needs_you"
}

// ResyncConnection asks for all that the CRM should know once more.
type ResyncConnection struct {
	events.ConnectionRef
	ResyncID uuid.UUID `json:"resync_id"`
}

func (ResyncConnection) CommandType() string { return "connection.resync.v1" }

// Decide has nothing to do for the newest.
func (c ResyncConnection) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Connections[c.ConnectionID]
	switch {
	case is == nil:
		return nil, errNotFound(c.ConnectionID)
	case c.ResyncID == uuid.Nil:
		return nil, errInvalid("resync_id", "is missing")
	case is.Resync == c.ResyncID:
		return nil, nil
	case is.Settings == nil:
		return nil, refuseAbout(c.ConnectionID, CodeWrongStatus, detailStatus{c.ConnectionID, "unmapped"})
	}
	return oneEvent(events.ConnectionResyncRequested(c))
}
