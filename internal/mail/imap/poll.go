package imap

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Cursor is a place in a folder (RFC 9051, 2.3.1.1). The zero value is the folder's end at the time of the first poll.
type Cursor struct {
	Validity uint32 // UIDVALIDITY: another one means that the folder's numbering restarted
	Next     uint32 // the first UID that wasn't read yet
}

// Message is as it lies on the server.
type Message struct {
	UID       uint32
	Received  time.Time // by the mail server's clock
	Raw       []byte
	Truncated bool // Raw is only the beginning
}

// Batch is what a poll found, in the order of arrival.
type Batch struct {
	Messages []Message
	Next     Cursor // where the next poll begins; store it after the messages
	More     bool   // there is more already: poll again at once
	// Reset reports that the folder's numbering restarted, so that Messages may repeat what was read before: compare Message-IDs.
	Reset bool
	// ReadAt is the product's time when the poll began: what the folder held then has been read. Zero while there is More.
	ReadAt time.Time
}

// Poll reads what is new in a folder since from. It opens the folder with EXAMINE and reads with PEEK: no message is marked
// as read by it, even if the server honours only one of the two.
func (c *Client) Poll(ctx context.Context, folder string, from Cursor) (Batch, error) {
	var batch Batch
	err := c.withConn(ctx, func(conn *imapclient.Client) (err error) {
		batch, err = c.pollFolder(conn, folder, from)
		return err
	})
	if err != nil {
		return Batch{}, fmt.Errorf("poll %s: %w", folder, err)
	}
	return batch, nil
}

func (c *Client) pollFolder(conn *imapclient.Client, folder string, from Cursor) (Batch, error) {
	began := c.options.Now()
	opened, err := conn.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return Batch{}, err
	}
	if opened.UIDValidity == 0 || opened.UIDNext == 0 { // optional in RFC 1730 only
		return Batch{}, fmt.Errorf("server names no UIDVALIDITY or UIDNEXT")
	}
	end := Cursor{opened.UIDValidity, uint32(opened.UIDNext)}
	criteria := &imap.SearchCriteria{}
	switch {
	case from == Cursor{}:
		return Batch{Next: end, ReadAt: began}, nil
	case from.Validity != end.Validity:
		from = Cursor{end.Validity, 1}
		criteria.Since = began.Add(-c.options.Lookback)
	case from.Next >= end.Next:
		return Batch{Next: end, ReadAt: began}, nil
	}
	// Up to the end that we know: what comes meanwhile is for the next poll.
	var span imap.UIDSet
	span.AddRange(imap.UID(from.Next), imap.UID(end.Next-1))
	criteria.UID = []imap.UIDSet{span}
	found, err := conn.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return Batch{}, fmt.Errorf("search: %w", err)
	}
	batch := Batch{Next: end, ReadAt: began, Reset: !criteria.Since.IsZero()}
	uids := found.AllUIDs()
	slices.Sort(uids)
	take, err := c.chooseBatch(conn, uids)
	if err != nil {
		return Batch{}, err
	}
	if len(take) < len(uids) {
		batch.More, batch.ReadAt, batch.Next.Next = true, time.Time{}, uint32(uids[len(take)])
	}
	batch.Messages, err = c.fetchMessages(conn, take)
	return batch, err
}

// sized is a message with its size; -1 if it is gone.
type sized struct {
	uid  imap.UID
	size int64
}

// chooseBatch returns as many of the first messages as fit into a batch, and at least one.
func (c *Client) chooseBatch(conn *imapclient.Client, uids []imap.UID) ([]sized, error) {
	uids = uids[:min(len(uids), c.options.MaxMessages)]
	if len(uids) == 0 {
		return nil, nil
	}
	answers, err := conn.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, RFC822Size: true}).Collect()
	if err != nil {
		return nil, fmt.Errorf("fetch sizes: %w", err)
	}
	sizes := make(map[imap.UID]int64, len(answers))
	for _, a := range answers {
		sizes[a.UID] = a.RFC822Size
	}
	var total int64
	var take []sized
	for _, uid := range uids {
		size, there := sizes[uid]
		if !there {
			size = -1
		}
		if total += min(max(size, 0), c.options.MaxMessageBytes); total > c.options.MaxBatchBytes && len(take) > 0 {
			break
		}
		take = append(take, sized{uid, size})
	}
	return take, nil
}

// fetchMessages reads the small messages with one command, and the beginning of each large one with a command of its own.
func (c *Client) fetchMessages(conn *imapclient.Client, take []sized) ([]Message, error) {
	var whole imap.UIDSet
	var large []imap.UID
	for _, m := range take {
		switch {
		case m.size < 0:
		case m.size <= c.options.MaxMessageBytes:
			whole.AddNum(m.uid)
		default:
			large = append(large, m.uid)
		}
	}
	var messages []Message
	if len(whole) > 0 {
		got, err := c.readBodies(conn, whole, nil)
		if err != nil {
			return nil, err
		}
		messages = got
	}
	for _, uid := range large {
		got, err := c.readBodies(conn, imap.UIDSetNum(uid), &imap.SectionPartial{Size: c.options.MaxMessageBytes})
		if err != nil {
			return nil, err
		}
		messages = append(messages, got...)
	}
	slices.SortFunc(messages, func(a, b Message) int { return int(int64(a.UID) - int64(b.UID)) })
	return messages, nil
}

func (c *Client) readBodies(conn *imapclient.Client, uids imap.UIDSet, partial *imap.SectionPartial) ([]Message, error) {
	cmd := conn.Fetch(uids, &imap.FetchOptions{
		UID: true, InternalDate: true,
		BodySection: []*imap.FetchItemBodySection{{Peek: true, Partial: partial}},
	})
	defer cmd.Close()
	var messages []Message
	for data := cmd.Next(); data != nil; data = cmd.Next() {
		m := Message{Truncated: partial != nil}
		for item := data.Next(); item != nil; item = data.Next() {
			switch item := item.(type) {
			case imapclient.FetchItemDataUID:
				m.UID = uint32(item.UID)
			case imapclient.FetchItemDataInternalDate:
				m.Received = item.Time
			case imapclient.FetchItemDataBodySection:
				if item.Literal == nil {
					continue
				}
				raw, err := io.ReadAll(io.LimitReader(item.Literal, c.options.MaxMessageBytes)) // a server may err on sizes
				if err != nil {
					return nil, fmt.Errorf("read message: %w", err)
				}
				m.Raw, m.Truncated = raw, m.Truncated || item.Literal.Size() > int64(len(raw))
			}
		}
		if m.UID != 0 && m.Raw != nil { // else it is news of flags, or gone
			messages = append(messages, m)
		}
	}
	if err := cmd.Close(); err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	return messages, nil
}
