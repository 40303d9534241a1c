package commands

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"outrider/internal/lab/bench"
	"outrider/internal/lab/mailserver"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
	"outrider/internal/mail/worker"
)

type benchMailboxesCmd struct {
	Mailboxes     int  `default:"1000" help:"Mailboxes that are read and sent from."`
	Organizations int  `default:"200" help:"Organisations that they belong to."`
	Rounds        int  `default:"6" help:"How often each is read, and sends a message."`
	Watch         int  `default:"64" help:"Mailboxes whose server is listened to meanwhile."`
	JSON          bool `help:"Print one line of JSON."`
}

// mailboxRound is what one round took, and what was in memory after it.
type mailboxRound struct {
	Seconds    float64 `json:"seconds"`
	ParentMB   float64 `json:"parent_mb"`
	ChildrenMB float64 `json:"children_mb"` // what they have for themselves
	Children   int     `json:"children"`
}

type manyMailboxes struct {
	Bench     string               `json:"bench"`
	Mailboxes int                  `json:"mailboxes"`
	Rounds    []mailboxRound       `json:"rounds"`
	News      int                  `json:"news"` // mails that servers told of
	Use       map[string]bench.Use `json:"use"`
}

const (
	benchBoxPassword = "correct horse"
	boxesAtOnce      = 48 // as a monitor reads them
)

// Run reads and sends as a process with the role consumers does, without the product around it: what is measured is what mailboxes cost in memory.
func (c benchMailboxesCmd) Run(ctx context.Context) error {
	watch := bench.StartWatch()
	dir, gone, err := scratchFolder("")
	if err != nil {
		return err
	}
	defer gone()
	const token = "bench"
	server, err := mailserver.Start(ctx, mailserver.Orders{Dir: dir, Sink: true, AdminToken: token}, mailserver.Ports{}, os.Stderr)
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop() }() // the process ends
	pem, err := os.ReadFile(filepath.Join(dir, mailserver.CAFile))
	if err != nil {
		return fmt.Errorf("read CA: %w", err)
	}
	pool := worker.NewPool(worker.PoolConfig{Setup: worker.Setup{LoopbackOnly: true, CA: pem}})
	defer pool.Close()
	boxes, err := c.openBoxes(ctx, server, token, pool)
	if err != nil {
		return err
	}
	out := manyMailboxes{Bench: "mailboxes", Mailboxes: c.Mailboxes}
	news := listenTo(ctx, boxes[:min(c.Watch, len(boxes))])
	for round := range c.Rounds {
		began := time.Now()
		if err := playRound(ctx, boxes, server, round); err != nil {
			return err
		}
		m := mailboxRound{Seconds: time.Since(began).Seconds()}
		m.ParentMB, m.ChildrenMB, m.Children = pool.Memory()
		out.Rounds = append(out.Rounds, m)
		if !c.JSON {
			fmt.Printf("round %d\t%.1f s\tparent %.0f MB\t%d children with %.0f MB\n", round+1, m.Seconds, m.ParentMB, m.Children, m.ChildrenMB)
		}
	}
	out.News, out.Use = news(), watch.End()
	if c.JSON {
		return printBench(os.Stdout, true, out)
	}
	fmt.Printf("%d mailboxes, %d of them listened to, which told of %d mails\n", c.Mailboxes, min(c.Watch, len(boxes)), out.News)
	return nil
}

// benchBox is a mailbox as the product holds one.
type benchBox struct {
	address string
	reader  worker.Reader
	idler   worker.Reader
	sender  worker.Sender
	cursor  imap.Cursor
}

func (c benchMailboxesCmd) openBoxes(ctx context.Context, server *mailserver.ServerProcess, token string, pool *worker.Pool) ([]*benchBox, error) {
	passwords := map[string]string{}
	orgs := make([]uuid.UUID, max(c.Organizations, 1))
	for i := range orgs {
		orgs[i] = uuid.New()
	}
	out := make([]*benchBox, c.Mailboxes)
	for i := range out {
		address := fmt.Sprintf("box%d@bench.example", i)
		passwords[address] = benchBoxPassword
		of := worker.Mailbox{Org: orgs[i%len(orgs)], ID: uuid.New()}
		in, err := benchLogin(server.IMAPS, address)
		if err != nil {
			return nil, err
		}
		submission, err := benchLogin(server.Submissions, address)
		if err != nil {
			return nil, err
		}
		out[i] = &benchBox{address: address, reader: pool.Reader(of, in), idler: pool.Reader(of, in), sender: pool.Sender(of, submission)}
	}
	return out, mailserver.AddAccounts(ctx, server.Admin, token, passwords)
}

func benchLogin(at, user string) (transport.ServerLogin, error) {
	host, port, err := net.SplitHostPort(at)
	if err != nil {
		return transport.ServerLogin{}, fmt.Errorf("address %s: %w", at, err)
	}
	n, err := strconv.Atoi(port)
	return transport.ServerLogin{Host: host, Port: n, Username: user, Password: benchBoxPassword}, err
}

// listenTo listens to mailboxes until the count of what they told is asked for.
func listenTo(ctx context.Context, boxes []*benchBox) (news func() int) {
	ctx, end := context.WithCancel(ctx)
	var all sync.WaitGroup
	var mu sync.Mutex
	n := 0
	for _, b := range boxes {
		all.Go(func() {
			for ctx.Err() == nil {
				came, err := b.idler.Idle(ctx, imap.Inbox, time.Minute)
				if err != nil {
					return
				}
				if came {
					mu.Lock()
					n++
					mu.Unlock()
				}
			}
		})
	}
	return func() int {
		end()
		all.Wait()
		return n
	}
}

// playRound brings a mail to every mailbox, reads it, and sends one.
func playRound(ctx context.Context, boxes []*benchBox, server *mailserver.ServerProcess, round int) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(boxesAtOnce)
	for i, b := range boxes {
		g.Go(func() error {
			text := fmt.Sprintf("From: <li@example.com>\r\nTo: <%s>\r\nSubject: Hello\r\nMessage-ID: <%d.%d@example.com>\r\n\r\nHello %d\r\n", b.address, round, i, round)
			if err := deliverPlain(server.MX, "li@example.com", b.address, text); err != nil {
				return err
			}
			batch, err := b.reader.Poll(ctx, imap.Inbox, b.cursor)
			if err != nil {
				return err
			}
			b.cursor = batch.Next
			message := fmt.Sprintf("From: <%s>\r\nTo: <li@example.com>\r\nSubject: Hello\r\nMessage-ID: <s%d.%d@bench.example>\r\nDate: %s\r\n\r\nHello\r\n", b.address, round, i, time.Now().Format(time.RFC1123Z))
			if r := b.sender.Send(ctx, b.address, "li@example.com", []byte(message)); r.Outcome != smtp.Accepted {
				return fmt.Errorf("send from %s: %s %d %s: %w", b.address, r.Outcome, r.Code, r.Text, r.Err)
			}
			return nil
		})
	}
	return g.Wait()
}
