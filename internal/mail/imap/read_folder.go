package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// maxLost is how many connections one poll may lose by asking for messages.
const maxLost = 3

// folderReader reads the messages of one folder in one poll: many at once, and what can't be had that way one by one.
type folderReader struct {
	client   *Client
	conn     *conn
	folder   string
	validity uint32
	began    time.Time

	got     map[uint32]StoredMail
	bytes   int64
	full    bool // no more bodies are kept: they are for the next batch
	failed  map[uint32]error
	lost    int
	stopped error // why no message is asked for any more
}

// readInto reads the first of some messages. Those that failed before come last: they keep no other from being read.
func (r *folderReader) readInto(ctx context.Context, batch *Batch, uids []uint32) error {
	r.got, r.failed = map[uint32]StoredMail{}, map[uint32]error{}
	tries := r.client.tries
	take, large := r.chooseBatch(ctx, uids[:min(len(uids), r.client.options.MaxMessages)])
	healthy := slices.DeleteFunc(slices.Clone(take), func(uid uint32) bool { return large[uid] || tries.count(r.folder, uid) > 0 })
	if len(healthy) > 0 && r.stopped == nil {
		if err := r.fetchBodies(healthy, ""); err != nil {
			r.noteFailure(ctx, 0, err)
		}
	}
	for uid, m := range r.got {
		if m.Truncated { // its size was told wrong: it is read as a large one is
			delete(r.got, uid)
			r.bytes, large[uid] = r.bytes-int64(len(m.Raw)), true
		}
	}
	if _, ok := r.got[take[0]]; r.full && !ok { // a server that began with the last
		r.full, r.bytes, r.got = false, 0, map[uint32]StoredMail{}
		r.readOne(ctx, take[0], large[take[0]])
		r.full = true
	}
	for _, suspects := range []bool{false, true} {
		for _, uid := range take {
			if n := tries.count(r.folder, uid); n < MaxTries && (n > 0) == suspects {
				r.readOne(ctx, uid, large[uid])
			}
		}
	}
	r.countTries()
	return r.finish(batch, uids, take)
}

// readOne tries one message by itself, unless it was read.
func (r *folderReader) readOne(ctx context.Context, uid uint32, large bool) {
	if _, ok := r.got[uid]; ok || r.full || r.stopped != nil {
		return
	}
	partial := ""
	if large {
		partial = r.pieceAt(0)
	}
	err := r.fetchBodies([]uint32{uid}, partial)
	if m, ok := r.got[uid]; ok && large && err == nil {
		if err = r.lookFurther(&m); err == nil {
			r.got[uid] = m
			return
		}
		delete(r.got, uid)
	}
	if _, ok := r.got[uid]; ok || r.full {
		return
	}
	if err == nil {
		err = errNoContent
	}
	r.noteFailure(ctx, uid, err)
}

var errNoContent = errors.New("the server lists the message, but gives no content")

// fetchBodies keeps what comes of some messages, until there are bytes enough for one batch.
func (r *folderReader) fetchBodies(uids []uint32, partial string) error {
	return r.conn.fetch(uids, "(UID INTERNALDATE BODY.PEEK[]"+partial+")", func(f fetchedItems) {
		if f.body == nil || r.full {
			return
		}
		if _, ok := r.got[f.uid]; ok {
			return
		}
		if r.bytes += int64(len(f.body.text)); r.bytes > r.client.options.MaxBatchBytes+r.client.options.MaxMessageBytes {
			r.full = true
			return
		}
		if f.received.IsZero() {
			f.received = r.began
		}
		r.got[f.uid] = StoredMail{UID: f.uid, Received: f.received, Raw: []byte(f.body.text), Truncated: partial != "" || f.body.cut}
	})
}

// noteFailure of one message, or of many (0). A connection that is lost by it is opened anew.
func (r *folderReader) noteFailure(ctx context.Context, uid uint32, err error) {
	if ctx.Err() != nil {
		r.stopped = errors.Join(context.Cause(ctx), err)
		return
	}
	if uid != 0 {
		r.failed[uid] = err
	}
	if said := (*StatusError)(nil); errors.As(err, &said) || errors.Is(err, errNoContent) {
		return
	}
	if r.lost++; r.lost >= maxLost {
		r.stopped = fmt.Errorf("lost %d connections: %w", r.lost, err)
		return
	}
	if r.conn, r.stopped = r.client.reconnect(ctx); r.stopped != nil {
		return
	}
	is, err := r.conn.examine(r.folder)
	if err == nil && is.validity != r.validity {
		err = errors.New("the folder's numbering restarted")
	}
	r.stopped = err
}
