package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/es/reader"
)

// line is a record of the log on its way to the screen.
type line struct {
	reader.Raw
	why string // it is void
}

func (l line) orgID() uuid.UUID {
	if l.Entry.Event == nil {
		return uuid.Nil
	}
	return l.Entry.Event.Org
}

func (l line) shownTime() time.Time {
	if l.Entry.Event == nil {
		return l.Record.Timestamp
	}
	return l.Entry.Event.Time
}

func (l line) hasType(prefix string) bool {
	return prefix == "" || l.Entry.Event != nil && strings.HasPrefix(l.Entry.Event.Type, prefix)
}

// voidReason says why the rule, as it stood before the record, let it not count.
func voidReason(r *es.Rule, raw reader.Raw) string {
	e := raw.Entry
	switch {
	case raw.Err != nil:
		return raw.Err.Error()
	case e.Fence:
		return fmt.Sprintf("fence for epoch %d while %d is current", e.Epoch, r.Epoch)
	case e.Epoch != r.Epoch:
		return fmt.Sprintf("written in epoch %d while %d is current", e.Epoch, r.Epoch)
	case e.Event.Pseq != r.Pseq+1:
		return fmt.Sprintf("pseq %d while %d is next", e.Event.Pseq, r.Pseq+1)
	default:
		return "begins a command inside another one"
	}
}

// verdictName is the word for a verdict, in lines of JSON too.
func verdictName(v es.Verdict) string {
	switch v {
	case es.Fenced:
		return "fence"
	case es.Pending:
		return "pending"
	case es.Counted:
		return "counted"
	case es.Void:
	}
	return "void"
}

func linePrinter(asJSON bool) func(*bufio.Writer, line) error {
	if asJSON {
		return printJSON
	}
	return printText
}

func printText(w *bufio.Writer, l line) error {
	e := l.Entry.Event
	at := l.shownTime().UTC().Format("2006-01-02 15:04:05.000000")
	note := ""
	if l.why != "" {
		note = "  VOID: " + l.why
	}
	var err error
	switch {
	case l.Entry.Fence:
		_, err = fmt.Fprintf(w, "%s  %2d/%-8d fence, epoch %d%s\n", at, l.Record.Partition, l.Record.Offset, l.Entry.Epoch, note)
	case e == nil:
		_, err = fmt.Fprintf(w, "%s  %2d/%-8d%s\n", at, l.Record.Partition, l.Record.Offset, note)
	default:
		_, err = fmt.Fprintf(w, "%s  %2d/%-8d %s #%-6d %-28s %s  %s:%s  %s%s\n", at, e.Partition, e.Pseq, e.Org, e.Oseq, e.Type, e.Subject,
			e.Actor.Kind, e.Actor.ID, cutText(e.Data, 200), note)
	}
	return err
}

// cutText cuts data between characters.
func cutText(data []byte, limit int) string {
	if len(data) <= limit {
		return string(data)
	}
	return strings.ToValidUTF8(string(data[:limit]), "") + "..."
}

type jsonLine struct {
	Verdict   string          `json:"verdict"`
	Why       string          `json:"why,omitempty"`
	Partition int32           `json:"partition"`
	Offset    int64           `json:"offset"`
	Epoch     int64           `json:"epoch"`
	Pseq      int64           `json:"pseq,omitempty"`
	Oseq      int64           `json:"oseq,omitempty"`
	ID        string          `json:"id,omitempty"`
	Type      string          `json:"type,omitempty"`
	Org       string          `json:"org,omitempty"`
	Subject   string          `json:"subject,omitempty"`
	Time      time.Time       `json:"time"`
	Actor     *es.Actor       `json:"actor,omitempty"`
	CommandID string          `json:"command_id,omitempty"`
	Chain     string          `json:"chain,omitempty"`
	Data      json.RawMessage `json:"data,omitempty"`
}

func printJSON(w *bufio.Writer, l line) error {
	j := jsonLine{Verdict: verdictName(l.Verdict), Why: l.why, Partition: l.Record.Partition, Offset: l.Record.Offset, Epoch: l.Entry.Epoch, Time: l.shownTime().UTC()}
	if e := l.Entry.Event; e != nil {
		j.Pseq, j.Oseq, j.ID, j.Type, j.Org, j.Subject, j.Actor = e.Pseq, e.Oseq, e.ID.String(), e.Type, e.Org.String(), e.Subject, &e.Actor
		j.CommandID, j.Chain = e.CommandID.String(), e.Chain.String()
		if json.Valid(e.Data) {
			j.Data = e.Data
		}
	}
	return json.NewEncoder(w).Encode(j)
}

// mergeByTime gives the lines of all channels, the earliest first; each channel's own order is kept.
func mergeByTime(from []chan line) iter.Seq[line] {
	return func(yield func(line) bool) {
		heads := make([]*line, len(from))
		for {
			first := -1
			for i, c := range from {
				if heads[i] == nil && c != nil {
					l, ok := <-c
					if !ok {
						from[i] = nil
						continue
					}
					heads[i] = &l
				}
				if heads[i] != nil && (first < 0 || heads[i].shownTime().Before(heads[first].shownTime())) {
					first = i
				}
			}
			if first < 0 || !yield(*heads[first]) {
				return
			}
			heads[first] = nil
		}
	}
}

// newestLines keeps the newest lines, all when keep is 0.
type newestLines struct {
	keep int
	ring []line
	next int
}

// addLine gives a line to print at once, which is the line itself when all are wanted.
func (n *newestLines) addLine(l line) (line, bool) {
	switch {
	case n.keep <= 0:
		return l, true
	case len(n.ring) < n.keep:
		n.ring = append(n.ring, l)
	default:
		n.ring[n.next] = l
		n.next = (n.next + 1) % n.keep
	}
	return line{}, false
}

func (n *newestLines) inOrder() []line {
	return append(n.ring[n.next:len(n.ring):len(n.ring)], n.ring[:n.next]...)
}
