package audit

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"outrider/internal/es"
)

// errForm means that a line can be read, but isn't in the one form that it must have.
var errForm = errors.New("it isn't in the form in which it was written")

type signedJSON struct {
	Key       string `json:"key"`
	Signature string `json:"signature"`
}

func (s signedJSON) decodeSignature() (Signature, error) {
	b, err := base64.RawStdEncoding.Strict().DecodeString(s.Signature)
	return Signature{s.Key, b}, err
}

type startJSON struct {
	Version int       `json:"outrider_export"`
	Org     uuid.UUID `json:"org"`
	After   int64     `json:"after"`
	Chain   string    `json:"chain"`
	Time    string    `json:"time"`
	signedJSON
}

type checkpointJSON struct {
	Checkpoint struct {
		Org      uuid.UUID `json:"org"`
		Oseq     int64     `json:"oseq"`
		Chain    string    `json:"chain"`
		Time     string    `json:"time"`
		Previous int64     `json:"previous"`
		signedJSON
	} `json:"checkpoint"`
}

type headJSON struct {
	Head struct {
		Org         uuid.UUID `json:"org"`
		First       int64     `json:"first"`
		Last        int64     `json:"last"`
		Events      int64     `json:"events"`
		Checkpoints int64     `json:"checkpoints"`
		Chain       string    `json:"chain"`
		Digest      string    `json:"digest"`
		Time        string    `json:"time"`
		signedJSON
	} `json:"head"`
}

type eventJSON struct {
	Oseq    int64     `json:"oseq"`
	ID      uuid.UUID `json:"id"`
	Type    string    `json:"type"`
	Subject string    `json:"subject"`
	Time    string    `json:"time"`
	Actor   struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
	} `json:"actor"`
	CommandID     uuid.UUID      `json:"command_id"`
	CorrelationID uuid.UUID      `json:"correlation_id"`
	CausationID   uuid.UUID      `json:"causation_id"`
	Origin        string         `json:"origin"`
	Chain         string         `json:"chain"`
	Data          jsontext.Value `json:"data"`
	Base64        *string        `json:"data_base64"`
}

// decodeLine reads a line; whatever it overlooks shows when the line is encoded again.
func decodeLine(line []byte, v any) error {
	if err := json.Unmarshal(line, v, json.RejectUnknownMembers(true)); err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	return nil
}

// fields reads texts of one line and keeps the first thing wrong.
type fields struct{ err error }

func (f *fields) noteError(err error) {
	if f.err == nil && err != nil {
		f.err = fmt.Errorf("%w: %w", errForm, err)
	}
}

func (f *fields) parseHash(s string) es.ChainHash {
	h, err := es.ParseHash([]byte(s))
	f.noteError(err)
	return h
}

func (f *fields) parseTime(s string) time.Time {
	t, err := time.Parse(timeLayout, s)
	f.noteError(err)
	return t.UTC()
}

func (f *fields) parseSignature(s signedJSON) Signature {
	out, err := s.decodeSignature()
	f.noteError(err)
	return out
}

func (f *fields) parseText(s string) string {
	raw, ok := strings.CutPrefix(s, rawPrefix)
	if !ok {
		return s
	}
	b, err := base64.RawStdEncoding.Strict().DecodeString(raw)
	f.noteError(err)
	return string(b)
}

// checkSame returns what was wrong with a line, or errForm if encoding it again gives another one.
func (f *fields) checkSame(line, again []byte) error {
	if f.err == nil && !bytes.Equal(line, again) {
		f.err = errForm
	}
	return f.err
}

func parseStart(line []byte) (s Start, err error) {
	var j startJSON
	if err := decodeLine(line, &j); err != nil {
		return s, err
	}
	var f fields
	s = Start{j.Org, j.After, f.parseHash(j.Chain), f.parseTime(j.Time), f.parseSignature(j.signedJSON)}
	return s, f.checkSame(line, s.appendLine(nil))
}

func parseCheckpoint(line []byte) (c Checkpoint, err error) {
	var j checkpointJSON
	if err := decodeLine(line, &j); err != nil {
		return c, err
	}
	var f fields
	c = Checkpoint{j.Checkpoint.Org, j.Checkpoint.Oseq, f.parseHash(j.Checkpoint.Chain), f.parseTime(j.Checkpoint.Time), j.Checkpoint.Previous, f.parseSignature(j.Checkpoint.signedJSON)}
	return c, f.checkSame(line, c.appendLine(nil))
}

func parseHead(line []byte) (h Head, err error) {
	var j headJSON
	if err := decodeLine(line, &j); err != nil {
		return h, err
	}
	var f fields
	h = Head{j.Head.Org, j.Head.First, j.Head.Last, j.Head.Events, j.Head.Checkpoints, f.parseHash(j.Head.Chain), f.parseHash(j.Head.Digest), f.parseTime(j.Head.Time), f.parseSignature(j.Head.signedJSON)}
	return h, f.checkSame(line, h.appendLine(nil))
}

// parseEvent uses buf to encode the line again.
func parseEvent(line []byte, org uuid.UUID, buf []byte) (*es.Event, []byte, error) {
	var j eventJSON
	if err := decodeLine(line, &j); err != nil {
		return nil, buf, err
	}
	var f fields
	e := &es.Event{ID: j.ID, Type: f.parseText(j.Type), Org: org, Subject: f.parseText(j.Subject), Time: f.parseTime(j.Time), Actor: es.Actor{Kind: f.parseText(j.Actor.Kind), ID: f.parseText(j.Actor.ID)},
		CommandID: j.CommandID, CorrelationID: j.CorrelationID, CausationID: j.CausationID, Origin: f.parseText(j.Origin), Oseq: j.Oseq, Chain: f.parseHash(j.Chain), Data: j.Data}
	if j.Base64 != nil {
		var err error
		e.Data, err = base64.RawStdEncoding.Strict().DecodeString(*j.Base64)
		f.noteError(err)
	}
	buf = appendEventLine(buf[:0], e)
	return e, buf, f.checkSame(line, buf)
}
