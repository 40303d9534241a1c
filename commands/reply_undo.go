package commands

import (
	"strconv"
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// maxUsualUndo is the longest that answers can be taken back unless one says otherwise, in seconds.
const maxUsualUndo = 60

// SetReplyUndo sets how long answers from the inbox can be taken back.
type SetReplyUndo struct {
	Seconds int `json:"seconds"` // 0 = not at all
}

func (SetReplyUndo) CommandType() string { return "organization.set_reply_undo.v1" }

// Decide has nothing to do when that is so already, also as the default.
func (c SetReplyUndo) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case c.Seconds < 0 || c.Seconds > maxUsualUndo:
		return nil, errInvalid("reply_undo_seconds", "must be 0 (not at all) to "+strconv.Itoa(maxUsualUndo))
	case c.Seconds == o.ReplyUndoSeconds:
		return nil, nil
	}
	return oneEvent(events.OrganizationReplyUndoSet{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, Seconds: c.Seconds})
}
