package sending

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/mailboxes"
	"outrider/internal/mail/transport"
	"outrider/internal/mail/worker"
)

// Bounds of copies.
const (
	copiesAtOnce = 32
	copyWithin   = time.Minute
)

// sentCopies puts copies of what was sent into folders of sent mail, beside the sending: whether that works changes nothing for a message that has left, and it is
// tried once.
type sentCopies struct {
	slots   chan struct{}
	mu      sync.Mutex
	readers map[mailboxKey]*copyReader
	open    sync.WaitGroup
}

// copyReader is the connection for the copies of a mailbox.
type copyReader struct {
	worker.Reader
	account [sha256.Size]byte
	folder  string // of sent mail, once it is known
}

func newSentCopies() *sentCopies {
	return &sentCopies{slots: make(chan struct{}, copiesAtOnce), readers: map[mailboxKey]*copyReader{}}
}

// keepsCopies reports whether a provider puts what is sent through its server into the folder of sent mail by itself.
func keepsCopies(host string) bool {
	host = "." + strings.ToLower(host)
	for _, of := range []string{".gmail.com", ".googlemail.com", ".office365.com", ".outlook.com"} {
		if strings.HasSuffix(host, of) {
			return true
		}
	}
	return false
}

// keepCopy begins to keep a copy where the mailbox wants one; nobody waits for it.
func (s *SendReactor) keepCopy(org uuid.UUID, from mailboxes.Mailbox, messageID string, raw []byte) {
	if !from.KeepCopies || !from.IsRead() || keepsCopies(from.SMTP.Host) {
		return
	}
	s.copies.open.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), copyWithin)
		defer cancel()
		if err := s.copyToSent(ctx, org, from, messageID, raw); err != nil {
			s.Log.Warn("no copy of a message lies in the folder of sent mail", "org", org, "mailbox", from.ID, "error", err)
		}
	})
}

var errNoFolder = errors.New("the mailbox has no folder of sent mail")

func (s *SendReactor) copyToSent(ctx context.Context, org uuid.UUID, from mailboxes.Mailbox, messageID string, raw []byte) error {
	select {
	case s.copies.slots <- struct{}{}:
		defer func() { <-s.copies.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	account, err := mailboxes.AccountOf(ctx, s.Secrets, org, from.IMAP)
	if err != nil {
		return err
	}
	r := s.copies.readerOf(mailboxKey{org, from.ID}, account, s.Servers)
	folder := s.copies.folderOf(r)
	if folder == "" {
		if folder, err = r.SentFolder(ctx); err != nil {
			return err
		}
		if folder == "" {
			return errNoFolder
		}
		s.copies.mu.Lock()
		r.folder = folder
		s.copies.mu.Unlock()
	}
	return r.Keep(ctx, folder, messageID, raw)
}

func (c *sentCopies) folderOf(r *copyReader) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return r.folder
}

func (c *sentCopies) readerOf(of mailboxKey, a transport.ServerLogin, servers worker.Servers) *copyReader {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %q %q %q %v", a.Host, a.Port, a.Security, a.Username, a.Password, a.Bearer))
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.readers[of]; r != nil {
		if r.account == sum {
			return r
		}
		r.Close()
	}
	r := &copyReader{Reader: servers.Reader(worker.Mailbox{Org: of.org, ID: of.mailbox}, a), account: sum}
	c.readers[of] = r
	return r
}

// close waits for the copies that are under way.
func (c *sentCopies) close() {
	c.open.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.readers {
		r.Close()
	}
	c.readers = nil
}
