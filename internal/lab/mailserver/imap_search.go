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
	candidates := c.pick(imap.UIDSet{imap.UIDRange{Start: 1, Stop: 0}})
	c.settle(criteria)
	c.folder.mu.Unlock()
	data := &imap.SearchData{}
	var seqs imap.SeqSet
	var uids imap.UIDSet
	for _, p := range candidates {
		l := &looked{session: c, picked: p}
		if !l.fits(criteria) {
			continue
		}
		if l.failed != nil {
			return nil, c.said(l.failed)
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

// settle makes the number sets of criteria static, also in the nested ones.
func (c *imapSession) settle(criteria *imap.SearchCriteria) {
	var seqs []imap.SeqSet
	for _, set := range criteria.SeqNum {
		switch set := c.static(set).(type) {
		case imap.SeqSet:
			seqs = append(seqs, set)
		case imap.UIDSet:
			criteria.UID = append(criteria.UID, set)
		}
	}
	criteria.SeqNum = seqs
	for i, set := range criteria.UID {
		criteria.UID[i] = c.static(set).(imap.UIDSet)
	}
	for i := range criteria.Not {
		c.settle(&criteria.Not[i])
	}
	for i := range criteria.Or {
		c.settle(&criteria.Or[i][0])
		c.settle(&criteria.Or[i][1])
	}
}

// looked is a message that is being looked at; its bytes are read once, and only if asked for.
type looked struct {
	picked
	session *imapSession
	bytes   []byte
	failed  error
}

func (l *looked) entity() *gomessage.Entity {
	if l.bytes == nil && l.failed == nil {
		l.bytes, l.failed = l.session.folder.file.read(l.m.at, l.m.size)
	}
	e, _ := gomessage.Read(bytes.NewReader(l.bytes))
	if e == nil {
		e, _ = gomessage.New(gomessage.Header{}, bytes.NewReader(nil))
	}
	return e
}

func (l *looked) fits(c *imap.SearchCriteria) bool {
	has := func(f imap.Flag) bool { return l.m.has(f) }
	switch {
	case slices.ContainsFunc(c.SeqNum, func(s imap.SeqSet) bool { return l.seq == 0 || !s.Contains(l.seq) }),
		slices.ContainsFunc(c.UID, func(s imap.UIDSet) bool { return !s.Contains(l.m.uid) }),
		!between(l.m.date, c.Since, c.Before),
		slices.ContainsFunc(c.Flag, func(f imap.Flag) bool { return !has(f) }),
		slices.ContainsFunc(c.NotFlag, has),
		c.Larger != 0 && l.m.size <= c.Larger,
		c.Smaller != 0 && l.m.size >= c.Smaller:
		return false
	}
	if len(c.Header) > 0 || !c.SentSince.IsZero() || !c.SentBefore.IsZero() {
		h := mail.Header{Header: l.entity().Header}
		for _, want := range c.Header {
			if !fieldsHold(h.FieldsByKey(want.Key), want.Value) {
				return false
			}
		}
		if !c.SentSince.IsZero() || !c.SentBefore.IsZero() {
			if sent, err := h.Date(); err != nil || !between(sent, c.SentSince, c.SentBefore) {
				return false
			}
		}
	}
	for _, text := range c.Text {
		if !entityHolds(l.entity(), text, true) {
			return false
		}
	}
	for _, text := range c.Body {
		if !entityHolds(l.entity(), text, false) {
			return false
		}
	}
	return !slices.ContainsFunc(c.Not, func(n imap.SearchCriteria) bool { return l.fits(&n) }) &&
		!slices.ContainsFunc(c.Or, func(o [2]imap.SearchCriteria) bool { return !l.fits(&o[0]) && !l.fits(&o[1]) })
}

// between compares days and ignores zones, as RFC 3501 wants it.
func between(t, since, before time.Time) bool {
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

func envelope(message []byte) *imap.Envelope {
	h, err := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(message)))
	if err != nil {
		return nil
	}
	return imapserver.ExtractEnvelope(h)
}
