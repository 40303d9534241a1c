package demo

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"outrider/internal/lab/prospects"
)

// Tally follows the people's journal while it is written: what there is to tell of a play that goes on. Counts are of messages.
type Tally struct {
	Sent, Opened, Replied, Unsubscribed, Meetings int

	path   string
	offset int64
	seen   map[[2]string]bool
}

// Follow begins at the journal's beginning.
func Follow(path string) *Tally { return &Tally{path: path, seen: map[[2]string]bool{}} }

// Read takes in what has come since.
func (t *Tally) Read() error {
	f, err := os.Open(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Seek(t.offset, io.SeekStart); err != nil {
		return err
	}
	in := bufio.NewReader(f)
	for {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // an unfinished line is read the next time
		}
		if err != nil {
			return err
		}
		t.offset += int64(len(text))
		var l prospects.Line
		if json.Unmarshal(text, &l) == nil {
			t.countLine(l)
		}
	}
}

func (t *Tally) countLine(l prospects.Line) {
	var count *int
	switch {
	case l.Kind == prospects.Arrived && !l.Calendar:
		count = &t.Sent
	case l.Kind == prospects.Opened:
		count = &t.Opened
	case l.Kind == prospects.Replied:
		count = &t.Replied
	case l.Kind == prospects.Unsubscribed:
		count = &t.Unsubscribed
	case l.Kind == prospects.Booked:
		count = &t.Meetings
	default:
		return
	}
	if key := [2]string{l.Kind, l.MessageID}; !t.seen[key] {
		t.seen[key] = true
		*count++
	}
}
