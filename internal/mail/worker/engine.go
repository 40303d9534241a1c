package worker

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

// mailEngine talks to mail servers.
type mailEngine struct {
	setup  Setup
	dialer transport.Dialer

	mu      sync.Mutex
	clients map[string]*client
}

// client is one account of one protocol.
type client struct {
	login transport.ServerLogin
	imap  *imap.Client
	smtp  *smtp.Client
	now   atomic.Pointer[time.Time] // the product's, when it was asked last
}

func newEngine(s Setup) (engine, error) {
	d, err := s.dialer()
	return &mailEngine{setup: s, dialer: d, clients: map[string]*client{}}, err
}

// clientOf keeps one as long as it is reached the same way.
func (e *mailEngine) clientOf(c call) *client {
	e.mu.Lock()
	defer e.mu.Unlock()
	is := e.clients[c.Client]
	if is != nil && is.login == *c.Login {
		return is
	}
	if is != nil {
		go is.close()
	}
	is = &client{login: *c.Login}
	if c.Do == doSend {
		is.smtp = smtp.New(*c.Login, smtp.Options{Dialer: e.dialer, CommandTimeout: e.setup.Timeout, DataTimeout: e.setup.Timeout})
	} else {
		is.imap = imap.New(*c.Login, imap.Options{Dialer: e.dialer, Timeout: e.setup.Timeout, MaxBatchBytes: maxBatch, Now: func() time.Time {
			if now := is.now.Load(); now != nil {
				return *now
			}
			return time.Now()
		}})
	}
	e.clients[c.Client] = is
	return is
}

func (c *client) close() {
	if c.imap != nil {
		c.imap.Close()
	} else {
		c.smtp.Close()
	}
}

func (e *mailEngine) do(ctx context.Context, c call, body []byte, atEnd func() error) (a answer, messages [][]byte) {
	if c.Do == doClose {
		e.mu.Lock()
		is := e.clients[c.Client]
		delete(e.clients, c.Client)
		e.mu.Unlock()
		if is != nil {
			is.close()
		}
		return a, nil
	}
	is := e.clientOf(c)
	is.now.Store(&c.Now)
	var err error
	switch c.Do {
	case doSend:
		r := is.smtp.SendMarked(ctx, c.From, c.To, body, atEnd)
		err, r.Err = r.Err, nil
		a.Result = &r
	case doVerify:
		err = is.imap.Verify(ctx)
	case doFolders:
		a.Folders, err = is.imap.Folders(ctx)
		a.Folders = slices.DeleteFunc(a.Folders, func(f imap.Folder) bool { return len(f.Name) > maxFolderName })
		a.Folders = a.Folders[:min(len(a.Folders), maxFolders)]
	case doSent:
		var name string
		if name, err = is.imap.SentFolder(ctx); len(name) <= maxFolderName {
			a.Names = []string{name}
		}
	case doHas:
		a.Has, err = is.imap.Has(ctx, c.Folder, c.MessageID)
	case doKeep:
		err = is.imap.Keep(ctx, c.Folder, c.MessageID, body)
	case doIdle:
		a.Has, err = is.imap.Idle(ctx, c.Folder, c.Long)
	case doPoll:
		messages, err = e.poll(ctx, is.imap, c, &a)
	}
	a.Failed = failureOf(err)
	return a, messages
}

// What of a server's folders is worth telling.
const (
	maxFolders    = 100
	maxFolderName = 1 << 10
)

func (e *mailEngine) poll(ctx context.Context, c *imap.Client, asked call, a *answer) (messages [][]byte, err error) {
	c.SetTries(asked.Folder, asked.Tries)
	batch, err := c.Poll(ctx, asked.Folder, asked.Cursor)
	a.Batch, a.Tries = &batch, c.TriesOf(asked.Folder)
	for i := range batch.Messages {
		m := &batch.Messages[i]
		a.Sizes, messages = append(a.Sizes, len(m.Raw)), append(messages, m.Raw)
		m.Raw = nil
	}
	return messages, err
}
