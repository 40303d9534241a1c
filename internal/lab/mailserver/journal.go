package mailserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"outrider/internal/linktoken"
)

// Line is one line of the journal: a message that was accepted after DATA, a recipient or message that was refused, or a message of which nobody knows.
type Line struct {
	At        time.Time `json:"at"`   // by the injected clock, UTC
	Real      time.Time `json:"real"` // by this machine's clock, UTC
	Kind      string    `json:"kind"` // accepted | refused | uncertain | unheard
	By        string    `json:"by"`   // submission | mx
	From      string    `json:"from"` // envelope
	To        []string  `json:"to"`   // envelope; the one that was refused
	MessageID string    `json:"message_id,omitempty"`
	Size      int       `json:"size,omitempty"` // bytes
	Code      int       `json:"code,omitempty"` // of a refusal, 4xx or 5xx
	Enhanced  string    `json:"enhanced,omitempty"`
	Stage     string    `json:"stage,omitempty"` // of a refusal: rcpt | data
	Text      string    `json:"text,omitempty"`
	Calendar  bool      `json:"calendar,omitempty"` // it brings an appointment: it has a part text/calendar
}

// The values of Line's Kind, By and Stage.
const (
	Accepted     = "accepted"
	Refused      = "refused"
	Unheard      = "unheard"   // it was accepted, which another line says, and the client never heard so
	Uncertain    = "uncertain" // the next server's answer got lost; the client got none either
	BySubmission = "submission"
	ByMX         = "mx"
	AtRcpt       = "rcpt"
	AtData       = "data"
)

// IsToSelf says that it goes to the mailbox that it comes from, be it with a tag: that is how mailboxes are tried.
func (l Line) IsToSelf() bool {
	if len(l.To) != 1 {
		return false
	}
	to := l.To[0]
	if tag := linktoken.TagOf(to); tag != "" {
		to = strings.Replace(to, "+"+tag+"@", "@", 1)
	}
	return strings.EqualFold(to, l.From)
}

// BringsAppointment says that a message has a part that calendars read, as invitations and confirmations of meetings have.
func BringsAppointment(message []byte) bool {
	return calendarPart.Match(message)
}

var calendarPart = regexp.MustCompile(`(?im)^content-type:\s*text/calendar\b`)

// journal appends lines, each with one write, before the client is answered.
type journal struct {
	now  func() time.Time
	mu   sync.Mutex
	file *os.File
}

func openJournal(path string, now func() time.Time) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := endLine(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return &journal{now: now, file: f}, nil
}

// endLine makes a line that was cut short by a kill a line of its own, which readers skip.
func endLine(f *os.File) error {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err != nil {
		return err
	}
	if last[0] != '\n' {
		_, err = f.WriteString("\n")
	}
	return err
}

// ReadJournal reads a journal, in order. A line that a kill cut short is left out: what it tells of was never answered.
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

func (j *journal) writeLine(l Line) error {
	l.Real, l.At = time.Now().UTC(), j.now().UTC()
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
