// Package scheduling reads what Calendly and Cal.com tell of bookings on their pages, and asks Calendly's API to tell it.
package scheduling

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"
)

// The services.
const (
	Calendly = "calendly"
	Calcom   = "calcom"
)

// Errors of what is posted.
var (
	ErrSignature = errors.New("the signature doesn't fit")
	ErrOld       = errors.New("it was signed or made too long ago")
	ErrMalformed = errors.New("it can't be read")
)

// How far a signature's clock may be from ours, and for how long something that has no signed time is taken.
const (
	Tolerance = 5 * time.Minute
	MaxAge    = 7 * 24 * time.Hour
)

// State is what a service says of a booking.
type State int

// The states; none means that a post is about something else.
const (
	None State = iota
	Booked
	Cancelled
)

// Change is what a service tells of one booking. A moved booking is a new one there, with another id; both name each other.
type Change struct {
	State           State
	ID              string // the service's, of one person's booking
	Replaces        string // the booking that was moved to be this one
	ReplacedBy      string // the booking that this one was moved to
	Moved           bool   // it is off since it was moved, whether or not ReplacedBy is known
	ByGuest         bool   // who cancelled it
	Reason          string
	Start, End      time.Time
	TimeZone        string // of the guest
	Name, Email     string // of the guest
	Note            string
	Token           string // that our link carried
	ChangeURL       string // where the guest moves it
	CancellationURL string
	At              time.Time // when the service made the post
}

// isSigned reports whether a hexadecimal HMAC-SHA-256 is that of one of the keys, in constant time.
func isSigned(keys []string, signature string, parts ...[]byte) bool {
	given, err := hex.DecodeString(strings.TrimSpace(signature))
	if err != nil {
		return false
	}
	ok := false
	for _, key := range keys {
		mac := hmac.New(sha256.New, []byte(key))
		for _, p := range parts {
			mac.Write(p)
		}
		if key != "" && hmac.Equal(mac.Sum(nil), given) {
			ok = true
		}
	}
	return ok
}

// clip keeps texts of others within what a meeting may hold.
func clip(s string, most int) string {
	r := []rune(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), ""))
	return strings.TrimSpace(string(r[:min(len(r), most)]))
}
