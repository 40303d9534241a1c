package imap

import (
	"context"
	"errors"
	"time"
)

// chooseBatch returns as many of the first messages as fit into a batch by their sizes, and at least one, and which of them are larger than what is read
// of one. A size is a hint; where the server doesn't tell it, few messages are asked for.
func (r *folderReader) chooseBatch(ctx context.Context, uids []uint32) (take []uint32, large map[uint32]bool) {
	o := r.client.options
	sizes := map[uint32]int64{}
	if err := r.conn.fetch(uids, "(UID RFC822.SIZE)", func(f fetchedItems) { sizes[f.uid] = f.size }); err != nil {
		r.noteFailure(ctx, 0, err)
	}
	large = map[uint32]bool{}
	var total int64
	for _, uid := range uids {
		size, told := sizes[uid]
		if !told {
			size = o.MaxMessageBytes / 4
		}
		if total += min(max(size, 0), o.MaxMessageBytes); total > o.MaxBatchBytes && len(take) > 0 {
			break
		}
		take, large[uid] = append(take, uid), size > o.MaxMessageBytes
	}
	return take, large
}

// countTries counts what failed. A server that says that it can't just now is believed, unless it gave other messages.
func (r *folderReader) countTries() {
	for uid, err := range r.failed {
		var said *StatusError
		if errors.As(err, &said) && len(r.got) == 0 {
			switch said.Code {
			case "UNAVAILABLE", "INUSE", "LIMIT", "THROTTLED", "OVERQUOTA":
				r.stopped = err
				continue
			}
		}
		r.client.tries.addFailure(r.folder, r.validity, uid, err)
	}
}

// finish says how far the folder has been read: to the first message that is neither read nor passed over.
func (r *folderReader) finish(batch *Batch, uids, take []uint32) error {
	for _, uid := range take {
		m, ok := r.got[uid]
		if ok {
			r.client.tries.forget(r.folder, uid)
			batch.Messages = append(batch.Messages, m)
			continue
		}
		if n, reason := r.client.tries.get(r.folder, uid); n >= MaxTries {
			batch.Unreadable = append(batch.Unreadable, Unreadable{uid, reason})
			continue
		}
		if batch.ReadAt.IsZero() {
			continue
		}
		batch.Next.Next, batch.ReadAt = uid, time.Time{}
		if r.full && r.failed[uid] == nil {
			batch.More = true
			return nil // what is behind it comes with it
		}
	}
	if batch.ReadAt.IsZero() {
		if len(batch.Messages) == 0 && len(batch.Unreadable) == 0 {
			return r.stopped
		}
		return nil
	}
	batch.Next.Next = behind(take[len(take)-1])
	if len(take) < len(uids) {
		batch.More, batch.ReadAt = true, time.Time{}
	}
	return nil
}
