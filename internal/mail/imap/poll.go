package imap

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Cursor is a place in a folder (RFC 9051, 2.3.1.1). The zero value is the folder's end at the time of the first poll.
type Cursor struct {
	Validity uint32 // UIDVALIDITY: another one means that the folder's numbering restarted
	Next     uint32 // the first UID that wasn't read yet
}

// FromLookback is the cursor of a folder that was never read, but has what must be: it is read as one whose numbering restarted.
func FromLookback() Cursor { return Cursor{Next: 1} }

// StoredMail is as it lies on the server.
type StoredMail struct {
	UID       uint32
	Received  time.Time // by the mail server's clock; of one that names none, by ours
	Raw       []byte
	Truncated bool // Raw is only the beginning
}

// Unreadable is a message that the server lists, but did not give in MaxTries polls. It is passed over.
type Unreadable struct {
	UID    uint32
	Reason string // for people
}

// Batch is what a poll found, in the order of arrival.
type Batch struct {
	Folder     string
	Messages   []StoredMail
	Unreadable []Unreadable
	Next       Cursor // where the next poll begins; store it after the messages
	More       bool   // there is more already: poll again at once
	// Reset reports that the folder's numbering restarted, so that Messages may repeat what was read before: compare Message-IDs.
	Reset bool
	// ReadAt is the product's time when the poll began: what the folder held then has been read. Zero while there is More, or a
	// message that could not be read and will be tried again.
	ReadAt time.Time
}

// Poll reads what is new in a folder since from. It opens the folder with EXAMINE and reads with PEEK: no message is marked
// as read by it, even if the server honours only one of the two. The cursor moves only behind messages that were read, that are
// Unreadable or that the server doesn't list; what arrives late under a lower UID is read too.
func (c *Client) Poll(ctx context.Context, folder string, from Cursor) (Batch, error) {
	var batch Batch
	err := c.withConn(ctx, func(at *conn) (err error) {
		batch, err = c.pollFolder(ctx, at, folder, from)
		return err
	})
	if err != nil {
		return Batch{}, fmt.Errorf("poll %s: %w", folder, err)
	}
	return batch, nil
}

func (c *Client) pollFolder(ctx context.Context, at *conn, folder string, from Cursor) (Batch, error) {
	began := c.options.Now()
	opened, err := at.examine(folder)
	if err != nil {
		return Batch{}, err
	}
	batch := Batch{Folder: folder, Next: Cursor{opened.validity, from.Next}, ReadAt: began}
	if from == (Cursor{}) {
		batch.Next.Next, err = at.folderEnd(opened)
		return batch, err
	}
	var since time.Time
	if from.Validity != opened.validity {
		batch.Reset, batch.Next.Next, since = true, 1, began.Add(-c.options.Lookback)
	}
	c.tries.prune(folder, batch.Next)
	if opened.isEmpty {
		return batch, nil
	}
	uids, err := at.searchFrom(batch.Next.Next, since, c.options.MaxMessages)
	if err != nil {
		return Batch{}, err
	}
	if len(uids) == 0 {
		if batch.Reset {
			batch.Next.Next, err = at.folderEnd(opened)
		}
		return batch, err
	}
	r := &folderReader{client: c, conn: at, folder: folder, validity: opened.validity, began: began}
	return batch, r.readInto(ctx, &batch, uids)
}

// openedFolder is what a server says of a folder that it opens.
type openedFolder struct {
	validity uint32
	next     uint32 // UIDNEXT, a hint: 1 where it isn't told
	isEmpty  bool
}

// examine opens a folder for reading. A server without UIDVALIDITY numbers anew without saying so; there is nothing better than to believe that it
// doesn't.
func (c *conn) examine(folder string) (openedFolder, error) {
	is := openedFolder{validity: 1, next: 1}
	err := c.run(func(r response) {
		switch {
		case r.kind == "EXISTS":
			is.isEmpty = r.number == 0
		case r.code == "UIDVALIDITY":
			if n, err := strconv.ParseUint(r.argument, 10, 64); err == nil && uint32(n) != 0 {
				is.validity = uint32(n)
			}
		case r.code == "UIDNEXT":
			if n, err := strconv.ParseUint(r.argument, 10, 32); err == nil && n != 0 {
				is.next = uint32(n)
			}
		}
	}, "EXAMINE", astring(folder))
	return is, err
}

// folderEnd is behind the last message. UIDNEXT shortens the search, but doesn't answer it: some servers tell a wrong one.
func (c *conn) folderEnd(is openedFolder) (uint32, error) {
	if is.isEmpty {
		return 1, nil
	}
	last, err := c.search(fmt.Sprintf("UID %d:*", is.next))
	if err != nil || len(last) == 0 {
		return is.next, exceptRefused(err)
	}
	end := is.next
	for _, s := range last {
		end = max(end, behind(s.high))
	}
	return end, nil
}

// searchFrom returns the first UIDs from one on, in their order; one more than some says that there are more. "5:*" also finds the last message where
// its UID is less.
func (c *conn) searchFrom(first uint32, since time.Time, some int) ([]uint32, error) {
	criteria := fmt.Sprintf("UID %d:*", first)
	if !since.IsZero() {
		criteria += " SINCE " + since.Format("2-Jan-2006")
	}
	found, err := c.search(criteria)
	return firstOf(found, first, some+1), err
}
