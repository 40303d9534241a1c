package worker

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

// Reader is Servers'.
func (p *Pool) Reader(of Mailbox, at transport.ServerLogin) Reader {
	return &remoteReader{pool: p, of: of, at: at, client: p.newClient("imap"), tries: map[string]*imap.FolderTries{}}
}

// Sender is Servers'.
func (p *Pool) Sender(of Mailbox, at transport.ServerLogin) Sender {
	return &remoteSender{pool: p, of: of, at: at, client: p.newClient("smtp")}
}

// remoteReader has an account read by a child. What must outlive the child is here: which messages could not be read, and how often.
type remoteReader struct {
	pool   *Pool
	of     Mailbox
	at     transport.ServerLogin
	client string // its name in the child

	mu    sync.Mutex
	tries map[string]*imap.FolderTries
}

func (r *remoteReader) ask(ctx context.Context, c call) (answered, error) {
	return r.askWith(ctx, c, nil)
}

func (r *remoteReader) askWith(ctx context.Context, c call, body []byte) (answered, error) {
	c.Client, c.Login = r.client, &r.at
	got, _, err := r.pool.do(ctx, r.of, c, body)
	if err == nil {
		err = got.Failed.asError()
	}
	if err != nil && ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	return got, err
}

// Verify is imap.Client's, as are the others.
func (r *remoteReader) Verify(ctx context.Context) error {
	_, err := r.ask(ctx, call{Do: doVerify})
	return err
}

func (r *remoteReader) Poll(ctx context.Context, folder string, from imap.Cursor) (imap.Batch, error) {
	r.mu.Lock()
	tries := r.tries[folder]
	r.mu.Unlock()
	began := r.pool.Now()
	got, err := r.ask(ctx, call{Do: doPoll, Folder: folder, Cursor: from, Tries: tries})
	if err != nil {
		return imap.Batch{}, err
	}
	if err := got.fill(); err != nil {
		return imap.Batch{}, err
	}
	r.mu.Lock()
	r.tries[folder] = got.Tries
	r.mu.Unlock()
	if !got.Batch.ReadAt.IsZero() {
		got.Batch.ReadAt = began
	}
	return *got.Batch, nil
}

var errBatch = errors.New("the mail worker's batch doesn't fit together")

// fill puts the bodies back into the messages of a batch.
func (a *answered) fill() error {
	if a.Batch == nil || len(a.Batch.Messages) != len(a.Sizes) {
		return errBatch
	}
	for i, size := range a.Sizes {
		if size < 0 || size > len(a.body) {
			return errBatch
		}
		a.Batch.Messages[i].Raw, a.body = a.body[:size:size], a.body[size:]
	}
	return nil
}

func (r *remoteReader) Folders(ctx context.Context) ([]imap.Folder, error) {
	got, err := r.ask(ctx, call{Do: doFolders})
	return got.Folders, err
}

func (r *remoteReader) SentFolder(ctx context.Context) (string, error) {
	got, err := r.ask(ctx, call{Do: doSent})
	if err != nil || len(got.Names) == 0 {
		return "", err
	}
	return got.Names[0], nil
}

func (r *remoteReader) Has(ctx context.Context, folder, messageID string) (bool, error) {
	got, err := r.ask(ctx, call{Do: doHas, Folder: folder, MessageID: messageID})
	return got.Has, err
}

func (r *remoteReader) Keep(ctx context.Context, folder, messageID string, message []byte) error {
	_, err := r.askWith(ctx, call{Do: doKeep, Folder: folder, MessageID: messageID}, message)
	return err
}

func (r *remoteReader) Idle(ctx context.Context, folder string, long time.Duration) (bool, error) {
	got, err := r.ask(ctx, call{Do: doIdle, Folder: folder, Long: min(long, r.pool.Turn*4/5)})
	return got.Has, err
}

func (r *remoteReader) Close() { r.pool.closeClient(r.of, r.client) }

// remoteSender has messages of an account sent by a child.
type remoteSender struct {
	pool   *Pool
	of     Mailbox
	at     transport.ServerLogin
	client string
}

// Send is smtp.Client's. A child that ends before it has sent the end of the message has sent nothing; afterwards nobody knows.
func (s *remoteSender) Send(ctx context.Context, from, to string, message []byte) smtp.Result {
	got, atEnd, err := s.pool.do(ctx, s.of, call{Do: doSend, Client: s.client, Login: &s.at, From: from, To: to}, message)
	switch {
	case got.Result != nil:
		r := *got.Result
		r.Err = got.Failed.asError()
		return r
	case err == nil:
		err = errBatch
	}
	if atEnd {
		return smtp.Result{Outcome: smtp.InDoubt, Stage: smtp.StageData, Err: err}
	}
	r := smtp.Result{Outcome: smtp.Temporary, Stage: smtp.StageConnect, Err: err}
	if errors.Is(err, ErrResting) {
		r.Text = err.Error()
	}
	return r
}

func (s *remoteSender) Close() { s.pool.closeClient(s.of, s.client) }

// closeClient closes a client where it has connections.
func (p *Pool) closeClient(of Mailbox, client string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.children {
		if t := c.tenants[of.Org]; t != nil && t.clients[client] {
			delete(t.clients, client)
			go func() { _ = c.tell(call{Do: doClose, Client: client}, nil) }()
		}
	}
}

func (p *Pool) newClient(protocol string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.readers++
	return protocol + " " + strconv.Itoa(p.readers)
}
