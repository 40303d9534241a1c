package mailserver

import (
	"bytes"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

var errReadOnly = refuseIMAP(imap.ResponseCodeCannot, "Mailbox is open read-only")

type numberedMessage struct {
	seq uint32 // as this client counts; 0: it doesn't know of the message yet
	m   *message
}

// pickMessages finds the messages of a set, in order. f.mu is held.
func (c *imapSession) pickMessages(set imap.NumSet) []numberedMessage {
	var out []numberedMessage
	set = c.staticSet(set)
	for i, m := range c.folder.all {
		seq := c.tracker.EncodeSeqNum(uint32(i) + 1)
		switch set := set.(type) {
		case imap.SeqSet:
			if seq == 0 || !set.Contains(seq) {
				continue
			}
		case imap.UIDSet:
			if !set.Contains(m.uid) {
				continue
			}
		}
		out = append(out, numberedMessage{seq, m})
	}
	return out
}

// staticSet replaces "*" by the highest number there is (so "n:*" always holds the last message, RFC 3501) and "$" by the saved result.
func (c *imapSession) staticSet(set imap.NumSet) imap.NumSet {
	if imap.IsSearchRes(set) {
		return c.found
	}
	switch set := set.(type) {
	case imap.SeqSet:
		out := slices.Clone(set)
		for i := range out {
			out[i].Start, out[i].Stop = setBounds(out[i].Start, out[i].Stop, uint32(len(c.folder.all)))
		}
		return out
	case imap.UIDSet:
		var last imap.UID
		if n := len(c.folder.all); n > 0 {
			last = c.folder.all[n-1].uid
		}
		out := slices.Clone(set)
		for i := range out {
			out[i].Start, out[i].Stop = setBounds(out[i].Start, out[i].Stop, last)
		}
		return out
	}
	return set
}

func setBounds[N uint32 | imap.UID](start, stop, last N) (N, N) {
	if start != 0 && stop != 0 {
		return start, stop
	}
	if start == 0 {
		start = last
	}
	if stop == 0 {
		stop = last
	}
	return min(start, stop), max(start, stop)
}

// Fetch writes what is asked of the messages. Only a body without PEEK marks them seen, and never after EXAMINE.
func (c *imapSession) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	read := !c.readOnly && slices.ContainsFunc(options.BodySection, func(b *imap.FetchItemBodySection) bool { return !b.Peek })
	c.folder.mu.Lock()
	if read {
		for _, p := range c.pickMessages(set) {
			i, _ := c.folder.findMessage(p.m.uid)
			if err := c.folder.setFlags(i, append(slices.Clone(p.m.flags), imap.FlagSeen), nil); err != nil {
				c.folder.mu.Unlock()
				return c.answerOnce(err)
			}
		}
	}
	chosen := c.pickMessages(set)
	c.folder.mu.Unlock()
	for _, p := range chosen {
		if p.seq == 0 {
			continue // a UID FETCH of what the client hasn't been told of; it is next time
		}
		if err := c.writeFetched(w.CreateMessage(p.seq), p.m, options); err != nil {
			return err
		}
	}
	return nil
}

func (c *imapSession) writeFetched(w *imapserver.FetchResponseWriter, m *message, o *imap.FetchOptions) error {
	var body []byte
	if o.Envelope || o.BodyStructure != nil || len(o.BodySection)+len(o.BinarySection)+len(o.BinarySectionSize) > 0 {
		var err error
		if body, err = c.folder.file.readRecords(m.at, m.size); err != nil {
			return c.answerOnce(err)
		}
	}
	w.WriteUID(m.uid)
	if o.Flags {
		w.WriteFlags(m.flags)
	}
	if o.InternalDate {
		w.WriteInternalDate(m.date)
	}
	if o.RFC822Size {
		w.WriteRFC822Size(m.size)
	}
	if o.Envelope {
		w.WriteEnvelope(envelopeOf(body))
	}
	if o.BodyStructure != nil {
		w.WriteBodyStructure(imapserver.ExtractBodyStructure(bytes.NewReader(body)))
	}
	for _, s := range o.BodySection {
		part := imapserver.ExtractBodySection(bytes.NewReader(body), s)
		if len(s.Part) == 0 && s.Specifier == imap.PartSpecifierNone && s.Partial == nil {
			part = body // as it came, to the byte
		}
		out := w.WriteBodySection(s, int64(len(part)))
		_, err := out.Write(part)
		if err2 := out.Close(); err == nil {
			err = err2
		}
		if err != nil {
			return err
		}
	}
	for _, s := range o.BinarySection {
		part := imapserver.ExtractBinarySection(bytes.NewReader(body), s)
		out := w.WriteBinarySection(s, int64(len(part)))
		_, err := out.Write(part)
		if err2 := out.Close(); err == nil {
			err = err2
		}
		if err != nil {
			return err
		}
	}
	for _, s := range o.BinarySectionSize {
		w.WriteBinarySectionSize(s, imapserver.ExtractBinarySectionSize(bytes.NewReader(body), s))
	}
	return w.Close()
}
