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
// A reader encodes again what it has read and compares, so there is no byte in a line that could be changed unnoticed.

// How each kind of line begins.
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

type lineBuilder []byte

func (l lineBuilder) addName(n string) lineBuilder {
	if last := l[len(l)-1]; last != '{' {
		l = append(l, ',')
	}
	return append(append(append(l, '"'), n...), '"', ':')
}

func (l lineBuilder) addText(name, v string) lineBuilder {
	if !utf8.ValidString(v) || strings.HasPrefix(v, rawPrefix) {
		v = rawPrefix + base64.RawStdEncoding.EncodeToString([]byte(v))
	}
	quoted, err := jsontext.AppendQuote(l.addName(name), v)
	if err != nil {
		panic(err) // it is UTF-8
	}
	return quoted
}

func (l lineBuilder) addInt(name string, n int64) lineBuilder {
	return strconv.AppendInt(l.addName(name), n, 10)
}
func (l lineBuilder) addID(name string, id uuid.UUID) lineBuilder {
	return append(append(append(l.addName(name), '"'), id.String()...), '"')
}
func (l lineBuilder) addTime(name string, t time.Time) lineBuilder {
	return append(t.UTC().AppendFormat(append(l.addName(name), '"'), timeLayout), '"')
}
func (l lineBuilder) addHash(name string, h es.ChainHash) lineBuilder {
	return append(append(append(l.addName(name), '"'), h.String()...), '"')
}
func (l lineBuilder) addSignature(s Signature) lineBuilder {
	return l.addText("key", s.Key).addText("signature", base64.RawStdEncoding.EncodeToString(s.Bytes))
}

func (s *Start) appendLine(b []byte) []byte {
	l := append(lineBuilder(b), beginStart[:len(beginStart)-1]...)
	return append(l.addID("org", s.Org).addInt("after", s.After).addHash("chain", s.Chain).addTime("time", s.Time).addSignature(s.Signature), "}\n"...)
}

func (c *Checkpoint) appendLine(b []byte) []byte {
	l := append(append(lineBuilder(b), beginCheckpoint...), '{')
	return append(l.addID("org", c.Org).addInt("oseq", c.Oseq).addHash("chain", c.Chain).addTime("time", c.Time).addInt("previous", c.Previous).addSignature(c.Signature), "}}\n"...)
}

func (h *Head) appendLine(b []byte) []byte {
	l := append(append(lineBuilder(b), beginHead...), '{')
	l = l.addID("org", h.Org).addInt("first", h.First).addInt("last", h.Last).addInt("events", h.Events).addInt("checkpoints", h.Checkpoints)
	return append(l.addHash("chain", h.Chain).addHash("digest", h.Digest).addTime("time", h.Time).addSignature(h.Signature), "}}\n"...)
}

// appendEventLine is an event with exactly what its link covers. Data stands last and as it is stored, so that its bytes are all
// between `,"data":` and the last brace; what isn't JSON in one line is base64.
func appendEventLine(b []byte, e *es.Event) []byte {
	l := append(lineBuilder(b), '{')
	l = l.addInt("oseq", e.Oseq).addID("id", e.ID).addText("type", e.Type).addText("subject", e.Subject).addTime("time", e.Time)
	l = append(l.addName("actor"), '{')
	l = append(l.addText("kind", e.Actor.Kind).addText("id", e.Actor.ID), '}')
	l = l.addID("command_id", e.CommandID).addID("correlation_id", e.CorrelationID).addID("causation_id", e.CausationID)
	if e.Origin != "" {
		l = l.addText("origin", e.Origin)
	}
	l = l.addHash("chain", e.Chain)
	if isPlainJSON(e.Data) {
		l = append(l.addName("data"), e.Data...)
	} else {
		l = l.addText("data_base64", base64.RawStdEncoding.EncodeToString(e.Data))
	}
	return append(l, "}\n"...)
}

func isPlainJSON(data []byte) bool {
	return len(data) > 0 && data[0] == '{' && data[len(data)-1] == '}' && bytes.IndexByte(data, '\n') < 0 && jsontext.Value(data).IsValid()
}
