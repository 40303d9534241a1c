package audit

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"outrider/internal/es"
)

// A line is one JSON object in one form only: names in this order, no blanks, and texts escaped no more than they must be.
// Whoever reads it makes it again of what it says and compares, so there is no byte in a line that says nothing.

// Begins of the kinds of lines.
const (
	beginStart      = `{"outrider_export":1,`
	beginEvent      = `{"oseq":`
	beginCheckpoint = `{"checkpoint":`
	beginHead       = `{"head":`
	beginError      = `{"error":`
)

const timeLayout = "2006-01-02T15:04:05.000000Z"

// rawPrefix marks a text that is given as base64, for it isn't UTF-8 (or begins so itself).
const rawPrefix = "base64:"

type liner []byte

func (l liner) name(n string) liner {
	if last := l[len(l)-1]; last != '{' {
		l = append(l, ',')
	}
	return append(append(append(l, '"'), n...), '"', ':')
}

func (l liner) text(name, v string) liner {
	if !utf8.ValidString(v) || strings.HasPrefix(v, rawPrefix) {
		v = rawPrefix + base64.RawStdEncoding.EncodeToString([]byte(v))
	}
	quoted, err := jsontext.AppendQuote(l.name(name), v)
	if err != nil {
		panic(err) // it is UTF-8
	}
	return quoted
}

func (l liner) int(name string, n int64) liner { return strconv.AppendInt(l.name(name), n, 10) }
func (l liner) id(name string, id uuid.UUID) liner {
	return append(append(append(l.name(name), '"'), id.String()...), '"')
}
func (l liner) time(name string, t time.Time) liner {
	return append(t.UTC().AppendFormat(append(l.name(name), '"'), timeLayout), '"')
}
func (l liner) hash(name string, h es.Hash) liner {
	return append(append(append(l.name(name), '"'), h.String()...), '"')
}
func (l liner) signed(s Signature) liner {
	return l.text("key", s.Key).text("signature", base64.RawStdEncoding.EncodeToString(s.Bytes))
}

func (s *Start) line(b []byte) []byte {
	l := append(liner(b), beginStart[:len(beginStart)-1]...)
	return append(l.id("org", s.Org).int("after", s.After).hash("chain", s.Chain).time("time", s.Time).signed(s.Signature), "}\n"...)
}

func (c *Checkpoint) line(b []byte) []byte {
	l := append(append(liner(b), beginCheckpoint...), '{')
	return append(l.id("org", c.Org).int("oseq", c.Oseq).hash("chain", c.Chain).time("time", c.Time).int("previous", c.Previous).signed(c.Signature), "}}\n"...)
}

func (h *Head) line(b []byte) []byte {
	l := append(append(liner(b), beginHead...), '{')
	l = l.id("org", h.Org).int("first", h.First).int("last", h.Last).int("events", h.Events).int("checkpoints", h.Checkpoints)
	return append(l.hash("chain", h.Chain).hash("digest", h.Digest).time("time", h.Time).signed(h.Signature), "}}\n"...)
}

// eventLine is an event with exactly what its link covers. Data stands last and as it is stored, so that its bytes are all
// between `,"data":` and the last brace; what isn't JSON in one line is base64.
func eventLine(b []byte, e *es.Event) []byte {
	l := append(liner(b), '{')
	l = l.int("oseq", e.Oseq).id("id", e.ID).text("type", e.Type).text("subject", e.Subject).time("time", e.Time)
	l = append(l.name("actor"), '{')
	l = append(l.text("kind", e.Actor.Kind).text("id", e.Actor.ID), '}')
	l = l.id("command_id", e.CommandID).id("correlation_id", e.CorrelationID).id("causation_id", e.CausationID)
	if e.Origin != "" {
		l = l.text("origin", e.Origin)
	}
	l = l.hash("chain", e.Chain)
	if plain(e.Data) {
		l = append(l.name("data"), e.Data...)
	} else {
		l = l.text("data_base64", base64.RawStdEncoding.EncodeToString(e.Data))
	}
	return append(l, "}\n"...)
}

func plain(data []byte) bool {
	return len(data) > 0 && data[0] == '{' && data[len(data)-1] == '}' && bytes.IndexByte(data, '\n') < 0 && jsontext.Value(data).IsValid()
}
