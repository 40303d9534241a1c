package worker

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

// What a child is asked to do.
const (
	doSetup   = "setup" // the first call
	doVerify  = "verify"
	doPoll    = "poll"
	doFolders = "folders"
	doSent    = "sent folder"
	doHas     = "has"
	doKeep    = "keep"
	doIdle    = "idle"
	doSend    = "send"
	doClose   = "close"  // the connections of a client
	doCancel  = "cancel" // the call with this id
)

// call is one frame to a child. Its body is the message to send, or to keep.
type call struct {
	ID        uint64                 `json:"id"`
	Do        string                 `json:"do"`
	Client    string                 `json:"client,omitempty"` // a name for the mailbox and the protocol
	Login     *transport.ServerLogin `json:"login,omitempty"`
	Setup     *Setup                 `json:"setup,omitempty"`
	Now       time.Time              `json:"now,omitzero"`
	Folder    string                 `json:"folder,omitempty"`
	Cursor    imap.Cursor            `json:"cursor,omitzero"`
	Tries     *imap.FolderTries      `json:"tries,omitempty"`
	MessageID string                 `json:"message_id,omitempty"`
	From      string                 `json:"from,omitempty"`
	To        string                 `json:"to,omitempty"`
	Long      time.Duration          `json:"long,omitempty"` // for how long to wait for news

	known bool // the parent's: a turn of its mailbox has ended well before
}

// answer is one frame of a child. Its body is the messages of a batch, one after the other.
type answer struct {
	ID      uint64            `json:"id"`
	AtEnd   bool              `json:"at_end,omitempty"` // no answer yet: the end of a message is about to be sent
	Failed  *failure          `json:"failed,omitempty"`
	Batch   *imap.Batch       `json:"batch,omitempty"`
	Sizes   []int             `json:"sizes,omitempty"` // of its messages
	Tries   *imap.FolderTries `json:"tries,omitempty"`
	Names   []string          `json:"names,omitempty"`
	Folders []imap.Folder     `json:"folders,omitempty"`
	Has     bool              `json:"has,omitempty"`
	Result  *smtp.Result      `json:"result,omitempty"` // without its Err, which is Failed
}

// Bounds of a frame.
const (
	maxHeader = 8 << 20
	maxBody   = 64 << 20
)

// writeFrame writes the lengths of a header and a body (uint32 each, big-endian), the header as JSON, and the body.
func writeFrame(to io.Writer, header any, body ...[]byte) error {
	head, err := json.Marshal(header)
	if err != nil {
		return fmt.Errorf("encode frame: %w", err)
	}
	size := 0
	for _, b := range body {
		size += len(b)
	}
	if len(head) > maxHeader || size > maxBody {
		return fmt.Errorf("a frame of %d and %d bytes is too large", len(head), size)
	}
	frame := make([]byte, 0, 8+len(head))
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(head)))
	frame = binary.BigEndian.AppendUint32(frame, uint32(size))
	for _, b := range append([][]byte{append(frame, head...)}, body...) { // bodies are large: they aren't copied
		if _, err := to.Write(b); err != nil {
			return err
		}
	}
	return nil
}

func readFrame(from *bufio.Reader, header any) (body []byte, err error) {
	var lengths [8]byte
	if _, err := io.ReadFull(from, lengths[:]); err != nil {
		return nil, err
	}
	head, size := binary.BigEndian.Uint32(lengths[:4]), binary.BigEndian.Uint32(lengths[4:])
	if head > maxHeader || size > maxBody {
		return nil, fmt.Errorf("a frame of %d and %d bytes is too large", head, size)
	}
	frame := make([]byte, head+size)
	if _, err := io.ReadFull(from, frame); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(frame[:head], header); err != nil {
		return nil, fmt.Errorf("decode frame: %w", err)
	}
	return frame[head:], nil
}
