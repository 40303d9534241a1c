package mailserver

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	gomessage "github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // text in any charset can be searched
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-message/textproto"
)

// Search finds messages. Bytes are read only where header or text is asked for.
func (c *imapSession) Search(kind imapserver.NumKind, criteria *imap.SearchCriteria, options *imap.SearchOptions) (*imap.SearchData, error) {
	c.folder.mu.Lock()
	candidates := c.pickMessages(imap.UIDSet{imap.UIDRange{Start: 1, Stop: 0}})
	c.resolveSet(criteria)
	c.folder.mu.Unlock()
	data := &imap.SearchData{}
	var seqs imap.SeqSet
	var uids imap.UIDSet
	for _, p := range candidates {
		l := &searchedMessage{session: c, numberedMessage: p}
		if !l.fitsCriteria(criteria) {
			continue
		}
		if l.failed != nil {
			return nil, c.answerOnce(l.failed)
		}
		num := uint32(p.m.uid)
		if kind == imapserver.NumKindSeq {
			if num = p.seq; num == 0 {
				continue
			}
			seqs.AddNum(num)
		}
		uids.AddNum(p.m.uid)
		if data.Min == 0 || num < data.Min {
			data.Min = num
		}
		data.Max = max(data.Max, num)
		data.Count++
	}
	data.All = uids
	if kind == imapserver.NumKindSeq {
		data.All = seqs
	}
	if options.ReturnSave {
		c.found = uids
	}
	return data, nil
}

// resolveSet makes the number sets of criteria static, also in the nested ones.
func (c *imapSession) resolveSet(criteria *imap.SearchCriteria) {
	var seqs []imap.SeqSet
	for _, set := range criteria.SeqNum {
		switch set := c.staticSet(set).(type) {
		case imap.SeqSet:
			seqs = append(seqs, set)
		case imap.UIDSet:
			criteria.UID = append(criteria.UID, set)
		}
	}
	criteria.SeqNum = seqs
	for i, set := range criteria.UID {
		criteria.UID[i] = c.staticSet(set).(imap.UIDSet)
	}
	for i := range criteria.Not {
		c.resolveSet(&criteria.Not[i])
	}
	for i := range criteria.Or {
		c.resolveSet(&criteria.Or[i][0])
		c.resolveSet(&criteria.Or[i][1])
	}
}

// searchedMessage is a message that is being looked at; its bytes are read once, and only if asked for.
type searchedMessage struct {
	numberedMessage
	session *imapSession
	bytes   []byte
	failed  error
}

func (l *searchedMessage) parsedEntity() *gomessage.Entity {
	if l.bytes == nil && l.failed == nil {
		l.bytes, l.failed = l.session.folder.file.readRecords(l.m.at, l.m.size)
	}
	e, _ := gomessage.Read(bytes.NewReader(l.bytes))
	if e == nil {
		e, _ = gomessage.New(gomessage.Header{}, bytes.NewReader(nil))
	}
	return e
}

func (l *searchedMessage) fitsCriteria(c *imap.SearchCriteria) bool {
	has := func(f imap.Flag) bool { return l.m.hasFlag(f) }
	switch {
	case slices.ContainsFunc(c.SeqNum, func(s imap.SeqSet) bool { return l.seq == 0 || !s.Contains(l.seq) }),
		slices.ContainsFunc(c.UID, func(s imap.UIDSet) bool { return !s.Contains(l.m.uid) }),
		!betweenDays(l.m.date, c.Since, c.Before),
		slices.ContainsFunc(c.Flag, func(f imap.Flag) bool { return !has(f) }),
		slices.ContainsFunc(c.NotFlag, has),
		c.Larger != 0 && l.m.size <= c.Larger,
		c.Smaller != 0 && l.m.size >= c.Smaller:
		return false
	}
	if len(c.Header) > 0 || !c.SentSince.IsZero() || !c.SentBefore.IsZero() {
		h := mail.Header{Header: l.parsedEntity().Header}
		for _, want := range c.Header {
			if !fieldsHold(h.FieldsByKey(want.Key), want.Value) {
				return false
			}
		}
		if !c.SentSince.IsZero() || !c.SentBefore.IsZero() {
			if sent, err := h.Date(); err != nil || !betweenDays(sent, c.SentSince, c.SentBefore) {
				return false
			}
		}
	}
	for _, text := range c.Text {
		if !entityHolds(l.parsedEntity(), text, true) {
			return false
		}
	}
	for _, text := range c.Body {
		if !entityHolds(l.parsedEntity(), text, false) {
			return false
		}
	}
	return !slices.ContainsFunc(c.Not, func(n imap.SearchCriteria) bool { return l.fitsCriteria(&n) }) &&
		!slices.ContainsFunc(c.Or, func(o [2]imap.SearchCriteria) bool { return !l.fitsCriteria(&o[0]) && !l.fitsCriteria(&o[1]) })
}

// betweenDays compares days and ignores zones, as RFC 3501 wants it.
func betweenDays(t, since, before time.Time) bool {
	t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return (since.IsZero() || !t.Before(since)) && (before.IsZero() || t.Before(before))
}

func fieldsHold(fields gomessage.HeaderFields, pattern string) bool {
	if pattern == "" {
		return fields.Len() > 0
	}
	for fields.Next() {
		v, err := fields.Text()
		if err != nil {
			v = fields.Value()
		}
		if strings.Contains(strings.ToLower(v), strings.ToLower(pattern)) {
			return true
		}
	}
	return false
}

func entityHolds(e *gomessage.Entity, pattern string, headers bool) bool {
	if headers && fieldsHold(e.Header.Fields(), pattern) {
		return true
	}
	if parts := e.MultipartReader(); parts != nil {
		for {
			part, err := parts.NextPart()
			if err != nil {
				return false
			}
			if entityHolds(part, pattern, headers) {
				return true
			}
		}
	}
	kind, _, err := e.Header.ContentType()
	if err != nil || !strings.HasPrefix(kind, "text/") && !strings.HasPrefix(kind, "message/") {
		return false
	}
	text, err := io.ReadAll(e.Body)
	return err == nil && bytes.Contains(bytes.ToLower(text), bytes.ToLower([]byte(pattern)))
}

func envelopeOf(message []byte) *imap.Envelope {
	h, err := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(message)))
	if err != nil {
		return nil
	}
	return imapserver.ExtractEnvelope(h)
}
