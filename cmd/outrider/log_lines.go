package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"outrider/internal/app/logtail"
	"outrider/internal/es"
)

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

func linePrinter(asJSON bool) func(*bufio.Writer, logtail.Line) error {
	if asJSON {
		return printJSON
	}
	return printText
}

func printText(w *bufio.Writer, l logtail.Line) error {
	e := l.Entry.Event
	at := l.Time().UTC().Format("2006-01-02 15:04:05.000000")
	note := ""
	if l.Why != "" {
		note = "  VOID: " + l.Why
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

func printJSON(w *bufio.Writer, l logtail.Line) error {
	j := jsonLine{Verdict: verdictName(l.Verdict), Why: l.Why, Partition: l.Record.Partition, Offset: l.Record.Offset, Epoch: l.Entry.Epoch, Time: l.Time().UTC()}
	if e := l.Entry.Event; e != nil {
		j.Pseq, j.Oseq, j.ID, j.Type, j.Org, j.Subject, j.Actor = e.Pseq, e.Oseq, e.ID.String(), e.Type, e.Org.String(), e.Subject, &e.Actor
		j.CommandID, j.Chain = e.CommandID.String(), e.Chain.String()
		if json.Valid(e.Data) {
			j.Data = e.Data
		}
	}
	return json.NewEncoder(w).Encode(j)
}
