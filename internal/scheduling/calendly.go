package scheduling

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// HeaderCalendly has the time and the signatures of a post.
const HeaderCalendly = "Calendly-Webhook-Signature"

// Parameters of a link to a page of Calendly's that come back with a booking, and what the first of them says.
const (
	calendlyToken  = "utm_content"
	calendlySource = "utm_source"
	ourSource      = "outrider"
)

// VerifyCalendly checks t=SECONDS,v1=HEX: the HMAC of "SECONDS.body" by one of the keys, made at most Tolerance from now.
func VerifyCalendly(keys []string, header string, body []byte, now time.Time) error {
	var at string
	var signatures []string
	for _, part := range strings.Split(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			at = value
		case "v1":
			signatures = append(signatures, value)
		}
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return ErrSignature
	}
	good := false
	for _, s := range signatures[:min(len(signatures), 8)] {
		good = isSigned(keys, s, []byte(at+"."), body) || good
	}
	if !good {
		return ErrSignature
	}
	if off := now.Sub(time.Unix(seconds, 0)).Abs(); off > Tolerance {
		return ErrOld
	}
	return nil
}

// calendlyPost is a post about an invitee. Their URIs are ids.
type calendlyPost struct {
	Event     string    `json:"event"`
	CreatedAt time.Time `json:"created_at"`
	Payload   struct {
		URI         string `json:"uri"`
		Email       string `json:"email"`
		Name        string `json:"name"`
		Timezone    string `json:"timezone"`
		Status      string `json:"status"`
		Rescheduled bool   `json:"rescheduled"`
		Old         string `json:"old_invitee"`
		New         string `json:"new_invitee"`
		CancelURL   string `json:"cancel_url"`
		MoveURL     string `json:"reschedule_url"`
		Tracking    struct {
			Source  string `json:"utm_source"`
			Content string `json:"utm_content"`
		} `json:"tracking"`
		Cancellation *struct {
			Reason string `json:"reason"`
			By     string `json:"canceler_type"` // host | invitee
		} `json:"cancellation"`
		Answers []struct {
			Question string `json:"question"`
			Answer   string `json:"answer"`
		} `json:"questions_and_answers"`
		ScheduledEvent struct {
			Start time.Time `json:"start_time"`
			End   time.Time `json:"end_time"`
		} `json:"scheduled_event"`
	} `json:"payload"`
}

// ReadCalendly reads a post whose signature was checked.
func ReadCalendly(body []byte) (Change, error) {
	var p calendlyPost
	if err := json.Unmarshal(body, &p); err != nil {
		return Change{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	x := p.Payload
	c := Change{ID: lastPart(x.URI), Replaces: lastPart(x.Old), ReplacedBy: lastPart(x.New), Start: x.ScheduledEvent.Start, End: x.ScheduledEvent.End, TimeZone: x.Timezone, Name: clip(x.Name, 200),
		Email: x.Email, ChangeURL: clip(x.MoveURL, 500), CancellationURL: clip(x.CancelURL, 500), At: p.CreatedAt}
	switch p.Event {
	case "invitee.created":
		c.State, c.ReplacedBy = Booked, ""
	case "invitee.canceled":
		c.State, c.Moved = Cancelled, x.Rescheduled || x.New != ""
	default:
		return Change{}, nil
	}
	if x.Tracking.Source == ourSource {
		c.Token = x.Tracking.Content
	}
	if x.Cancellation != nil && c.State == Cancelled && !c.Moved {
		c.Reason, c.ByGuest = clip(x.Cancellation.Reason, 500), x.Cancellation.By == "invitee"
	}
	var note []string
	for _, a := range x.Answers[:min(len(x.Answers), 20)] {
		note = append(note, strings.TrimSpace(a.Question+"\n"+a.Answer))
	}
	c.Note = clip(strings.Join(note, "\n\n"), 2000)
	return c, c.check()
}

// lastPart is the id at the end of a URI.
func lastPart(uri string) string { return clip(uri[strings.LastIndexByte(uri, '/')+1:], 200) }

// check refuses what isn't a booking that can be kept.
func (c Change) check() error {
	switch {
	case c.ID == "" || c.ID == c.Replaces || c.ID == c.ReplacedBy:
		return fmt.Errorf("%w: it names no booking", ErrMalformed)
	case c.Start.IsZero() || !c.End.After(c.Start) || c.End.Sub(c.Start) > 7*24*time.Hour:
		return fmt.Errorf("%w: it has no times", ErrMalformed)
	case c.Email == "":
		return fmt.Errorf("%w: it names nobody", ErrMalformed)
	}
	return nil
}
