package scheduling

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// HeaderCalcom has the signature of a post.
const HeaderCalcom = "X-Cal-Signature-256"

// calcomToken is in the metadata of a booking what our link carried.
const calcomToken = "outrider"

// VerifyCalcom checks the hexadecimal HMAC of a body by one of the keys. Cal.com signs no time; see Change.IsOld.
func VerifyCalcom(keys []string, header string, body []byte) error {
	if !isSigned(keys, strings.TrimPrefix(header, "sha256="), body) {
		return ErrSignature
	}
	return nil
}

// IsOld reports whether a change was posted so long ago that what it was about may be forgotten.
func (c Change) IsOld(now time.Time) bool { return !c.At.IsZero() && now.Sub(c.At) > MaxAge }

type calcomPost struct {
	Trigger   string    `json:"triggerEvent"`
	CreatedAt time.Time `json:"createdAt"`
	Payload   struct {
		UID       string    `json:"uid"`
		Start     time.Time `json:"startTime"`
		End       time.Time `json:"endTime"`
		Notes     string    `json:"additionalNotes"`
		Old       *string   `json:"rescheduleUid"`
		New       *string   `json:"rescheduledToUid"`
		Cancelled string    `json:"cancellationReason"`
		Rejected  string    `json:"rejectionReason"`
		By        string    `json:"cancelledBy"` // an address
		Attendees []struct {
			Name     string `json:"name"`
			Email    string `json:"email"`
			TimeZone string `json:"timeZone"`
		} `json:"attendees"`
		Metadata json.RawMessage `json:"metadata"`
	} `json:"payload"`
}

// ReadCalcom reads a post whose signature was checked. A booking that waits to be confirmed is one: who asked for it wants no more mail.
func ReadCalcom(body []byte) (Change, error) {
	var p calcomPost
	if err := json.Unmarshal(body, &p); err != nil {
		return Change{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	x := p.Payload
	c := Change{ID: clip(x.UID, 200), Start: x.Start, End: x.End, Note: clip(x.Notes, 2000), At: p.CreatedAt}
	switch p.Trigger {
	case "BOOKING_CREATED", "BOOKING_REQUESTED", "BOOKING_RESCHEDULED":
		c.State = Booked
	case "BOOKING_CANCELLED", "BOOKING_REJECTED":
		c.State, c.Reason = Cancelled, clip(cmp.Or(x.Cancelled, x.Rejected), 500)
	default: // a test, or the end of a meeting
		return Change{}, nil
	}
	if x.Old != nil {
		c.Replaces = clip(*x.Old, 200)
	}
	if x.New != nil && c.State == Cancelled {
		c.ReplacedBy = clip(*x.New, 200)
		c.Moved = c.ReplacedBy != ""
	}
	if len(x.Attendees) > 0 {
		a := x.Attendees[0]
		c.Name, c.Email, c.TimeZone = clip(a.Name, 200), a.Email, a.TimeZone
		c.ByGuest = c.State == Cancelled && x.By != "" && strings.EqualFold(x.By, a.Email)
	}
	c.Token = tokenIn(x.Metadata)
	return c, c.check()
}

// tokenIn returns what our link carried, which stands in the metadata as text, among values of other types.
func tokenIn(metadata json.RawMessage) string {
	var m map[string]any
	if json.Unmarshal(metadata, &m) != nil {
		return ""
	}
	token, _ := m[calcomToken].(string)
	return token
}
