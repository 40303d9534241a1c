package mailserver

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"
	"time"
)

// A mailbox file is a sequence of records, only ever appended to: one line of JSON, and for a message its bytes and a newline.
type record struct {
	Kind   string    `json:"k"` // message | flags | expunge | create | delete
	Folder string    `json:"f"`
	UID    uint32    `json:"u,omitempty"` // create: the folder's UIDVALIDITY
	Date   time.Time `json:"d,omitzero"`
	Flags  []string  `json:"l,omitempty"`
	Size   int64     `json:"n,omitempty"`
	Sum    uint32    `json:"c,omitempty"` // CRC-32 (IEEE) of the bytes
}

// recordFile appends records. A write that was cut short by the end of the process is cut off at the next opening.
type recordFile struct {
	fsync bool
	mu    sync.Mutex
	file  *os.File
	end   int64
}

var errDamaged = errors.New("mailbox file is damaged before its end")

// openRecords replays the file at path through each, which gets the offset of a message's bytes.
func openRecords(path string, fsync bool, each func(r record, at int64) error) (*recordFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	end, err := replayRecords(f, each)
	if err == nil {
		err = f.Truncate(end)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return &recordFile{fsync: fsync, file: f, end: end}, nil
}

// replayRecords gives the end of the last whole record.
func replayRecords(f *os.File, each func(record, int64) error) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("ask for its size: %w", err)
	}
	var at int64
	in := bufio.NewReaderSize(f, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return at, nil // nothing, or a line that was never finished
		}
		if err != nil {
			return 0, err
		}
		var r record
		body := at + int64(len(line))
		next := body
		if err := json.Unmarshal(line, &r); err != nil {
			return 0, fmt.Errorf("%w: at byte %d", errDamaged, at)
		}
		if r.Kind == "message" {
			if next = body + r.Size + 1; next > info.Size() {
				return at, nil
			}
			sum := crc32.NewIEEE()
			if _, err := io.CopyN(sum, in, r.Size); err != nil {
				return 0, err
			}
			if _, err := in.Discard(1); err != nil {
				return 0, err
			}
			if sum.Sum32() != r.Sum {
				return 0, fmt.Errorf("%w: at byte %d", errDamaged, at)
			}
		}
		if err := each(r, body); err != nil {
			return 0, err
		}
		at = next
	}
}

// appendRecord writes r (and a message's bytes) in one write and gives the offset of the bytes. When it returns, the record outlives this process, and with
// fsync the machine.
func (w *recordFile) appendRecord(r record, bytes []byte) (int64, error) {
	if r.Kind == "message" {
		r.Size, r.Sum = int64(len(bytes)), crc32.ChecksumIEEE(bytes)
	}
	line, err := json.Marshal(r)
	if err != nil {
		return 0, fmt.Errorf("encode record: %w", err)
	}
	out := make([]byte, 0, len(line)+len(bytes)+2)
	out = append(append(out, line...), '\n')
	body := int64(len(out))
	if r.Kind == "message" {
		out = append(append(out, bytes...), '\n')
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	at := w.end
	if _, err := w.file.WriteAt(out, at); err != nil {
		_ = w.file.Truncate(at)
		return 0, fmt.Errorf("append to mailbox: %w", err)
	}
	if w.fsync {
		if err := w.file.Sync(); err != nil {
			return 0, fmt.Errorf("sync mailbox: %w", err)
		}
	}
	w.end += int64(len(out))
	return at + body, nil
}

func (w *recordFile) readRecords(at, size int64) ([]byte, error) {
	out := make([]byte, size)
	if _, err := w.file.ReadAt(out, at); err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	return out, nil
}

func (w *recordFile) closeFile() error { return w.file.Close() }
