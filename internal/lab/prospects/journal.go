package prospects

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// Line is one line of the simulator's journal.
type Line struct {
	At        time.Time `json:"at"`   // simulated, UTC
	Real      time.Time `json:"real"` // this machine's clock, UTC
	Kind      string    `json:"kind"`
	Person    string    `json:"person"`            // the address that was written to
	Mailbox   string    `json:"mailbox,omitempty"` // the envelope's sender
	MessageID string    `json:"message_id,omitempty"`
	Digest    string    `json:"digest,omitempty"` // of subject and words, without links: the same text again has the same
	Size      int       `json:"size,omitempty"`   // bytes
	Detail    string    `json:"detail,omitempty"`
	Code      int       `json:"code,omitempty"`
	Calendar  bool      `json:"calendar,omitempty"` // it brings an appointment: it has a part text/calendar
	Until     time.Time `json:"until,omitzero"`     // auto_replied: the first day on which they are back; replied: from when on they may be asked again
}

// The kinds of lines. A line of a web hit or of an answer is written when the other side has answered 2xx (a click: 3xx) or 250.
const (
	Arrived       = "arrived"        // taken after DATA
	Refused       = "refused"        // at RCPT or after DATA; Detail: the status
	Opened        = "opened"         // images fetched by the person's own program
	MachineOpened = "machine_opened" // images fetched by a proxy
	Clicked       = "clicked"        // a person followed a link, which answered with a redirect
	Visited       = "visited"        // a person followed a link, which answered with a page
	Scanned       = "scanned"        // a filter followed a link; Code: what it was answered
	Replied       = "replied"        // Detail: what it means, as events.Means... have it, or stop
	AutoReplied   = "auto_replied"
	Bounced       = "bounced"      // a report of final failure; Detail: the status
	Delayed       = "delayed"      // a report of delay
	Unsubscribed  = "unsubscribed" // Detail: one_click, page, mailto, stop
	Booked        = "booked"
	Declined      = "declined"   // answered with 4xx; Detail: what was tried
	Unanswered    = "unanswered" // no answer until patience ran out; Detail: what was tried
	Complained    = "complained" // a report of abuse
	Duplicated    = "duplicated" // their own server delivered a message a second time
	Vanished      = "vanished"   // the connection was lost after DATA, and nothing was taken
	Unable        = "unable"     // the message offers no way to do what the person wanted; Detail: what
)

type journal struct {
	now  func() time.Time
	mu   sync.Mutex
	file *os.File
}

func (j *journal) writeLine(l Line) error {
	l.At, l.Real = j.now().UTC(), time.Now().UTC()
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("encode journal line: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// ReadJournal reads a simulator's journal, in order. A line that a kill cut short is left out.
func ReadJournal(path string) ([]Line, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	var out []Line
	for text := range bytes.Lines(raw) {
		var l Line
		if json.Unmarshal(text, &l) == nil {
			out = append(out, l)
		}
	}
	return out, nil
}
