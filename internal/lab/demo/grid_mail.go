package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"

	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/prospects"
	"outrider/internal/lab/sendgridserver"
	"outrider/internal/mail/sendgrid"
)

// gridDelivery is a message on its way from the provider to its person.
type gridDelivery struct {
	grid  *grid
	of    sendgridserver.Message
	id    string // the product's; "" = a message of no campaign
	raw   []byte
	line  prospects.Line
	tries int
}

// A message is tried for so long.
const gridTries = 24

// try brings a message to its person's server; what is refused for now is tried again.
func (d *gridDelivery) try() {
	g := d.grid
	err := d.sendOnce()
	now := g.clock.Now()
	var said *smtp.SMTPError
	isAnswer := errors.As(err, &said)
	g.mu.Lock()
	defer g.mu.Unlock()
	d.tries++
	switch {
	case err == nil:
		if d.id != "" {
			g.note(prospects.Line{At: now, Kind: gridDelivered, MessageID: d.id})
			g.tell(d.of.Report("delivered", d.id+" delivered", now, sendgridserver.Entry{"response": "250 OK"}))
		}
	case d.id == "":
	case isAnswer && said.Code >= 500 && !strings.HasPrefix(statusOf(said), "5.2.2"):
		kind := "bounce"
		if strings.HasPrefix(statusOf(said), "5.7.") {
			kind = "blocked"
		}
		d.comeBack(statusOf(said), d.of.Report("bounce", d.id+" refused", now, sendgridserver.Entry{"type": kind, "reason": wordsOf(said), "status": statusOf(said)}))
	case d.tries < gridTries:
		words := "451 4.4.2 the connection was lost"
		if isAnswer {
			words = wordsOf(said)
		}
		g.tell(d.of.Report("deferred", d.id+" deferred "+strconv.Itoa(d.tries), now, sendgridserver.Entry{"response": words, "attempt": strconv.Itoa(d.tries)}))
		g.clock.At(now.Add(min(time.Duration(6<<min(d.tries-1, 6))*time.Minute, 4*time.Hour)), d.try)
	default:
		d.comeBack("4.4.7", d.of.Report("bounce", d.id+" expired", now, sendgridserver.Entry{"type": "blocked", "reason": "unable to deliver in time", "status": "4.4.7"}))
	}
}

// comeBack notes that a message came back, and tells so; the grid's mu is held.
func (d *gridDelivery) comeBack(status string, entry sendgridserver.Entry) {
	l := d.line
	l.At, l.Real, l.Kind, l.Detail = d.grid.clock.Now(), time.Now().UTC(), prospects.Returned, status
	d.grid.note(l)
	d.grid.note(prospects.Line{At: l.At, Kind: gridCameBack, MessageID: d.id, Detail: status})
	d.grid.tell(entry)
}

func statusOf(said *smtp.SMTPError) string {
	e := said.EnhancedCode
	return fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2])
}

func wordsOf(said *smtp.SMTPError) string {
	return fmt.Sprintf("%d %s %s", said.Code, statusOf(said), said.Message)
}

// gridTag begins the tag of a return path, which names the message.
const gridTag = "sg-"

// returnPath is where reports about a message go.
func (d *gridDelivery) returnPath() string {
	if d.id == "" {
		return d.of.From
	}
	local, domain, _ := strings.Cut(d.of.From, "@")
	return local + "+" + gridTag + strings.ReplaceAll(d.id, "-", "") + "@" + domain
}

func (d *gridDelivery) sendOnce() error {
	conn, err := loopback.Dialer().DialContext(context.Background(), "tcp", d.grid.people)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	c := smtp.NewClient(conn)
	defer c.Close()
	c.CommandTimeout, c.SubmissionTimeout = 30*time.Second, 30*time.Second
	if err := c.Hello("o1." + gridDomain); err != nil {
		return fmt.Errorf("greet: %w", err)
	}
	if err := c.SendMail(d.returnPath(), []string{d.of.To}, strings.NewReader(string(d.raw))); err != nil {
		return err
	}
	_ = c.Quit() // it is taken already
	return nil
}

// openMX takes mail that comes to the provider's domain.
func (g *grid) openMX() error {
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	g.mx = l.Addr().String()
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &gridSession{grid: g}, nil }))
	s.Domain, s.MaxMessageBytes, s.MaxRecipients, s.MaxLineLength = "mx."+gridDomain, 25<<20, 100, 10000
	g.inbound = s
	go func() { _ = s.Serve(l) }() // until close
	return nil
}

// gridSession is somebody who brings mail.
type gridSession struct {
	grid *grid
	from string
	to   []string
}

// Mail begins a mail.
func (s *gridSession) Mail(from string, _ *smtp.MailOptions) error {
	s.from, s.to = from, nil
	return nil
}

// Rcpt takes everybody.
func (s *gridSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

// Data takes the mail; time stands still until it is handed over.
func (s *gridSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read a mail: %w", err)
	}
	g, from, to := s.grid, s.from, s.to
	g.clock.At(g.clock.Now(), func() { g.takeMail(raw, from, to) })
	return nil
}

// Reset forgets the mail.
func (s *gridSession) Reset() { s.from, s.to = "", nil }

// Logout ends.
func (s *gridSession) Logout() error { return nil }

var (
	isComplaint = regexp.MustCompile(`(?i)report-type=feedback-report`)
	isReport    = regexp.MustCompile(`(?im)report-type=delivery-status|^from: .*(mailer-daemon|postmaster)@`)
	saysDelay   = regexp.MustCompile(`(?im)^action: delayed|^subject: .*delay`)
	saysStatus  = regexp.MustCompile(`(?im)^status: ([245]\.\d+\.\d+)`)
	saysCode    = regexp.MustCompile(`\b[245]\d\d [245]\.\d+\.\d+ [^\r\n>]*`)
)

// takeMail reads what is a report about a message, and hands over everything else. An absence that is told to the return path is handed over, too: at SendGrid itself it ends there.
func (g *grid) takeMail(raw []byte, from string, to []string) {
	for _, address := range to {
		local, domain, _ := strings.Cut(address, "@")
		plain, tag, _ := strings.Cut(local, "+")
		id, err := uuid.Parse(strings.TrimPrefix(tag, gridTag))
		if isTagged := strings.HasPrefix(tag, gridTag) && err == nil; isTagged && from == "" && g.takeReport(raw, id.String()) {
			continue
		} else if isTagged {
			address = plain + "@" + domain
		}
		g.mu.Lock()
		url := g.mail
		g.mails++
		g.mu.Unlock()
		if err := g.hooks.PostMail(context.Background(), url, raw, from, address); err != nil {
			g.mu.Lock()
			g.failed = append(g.failed, err.Error())
			g.mu.Unlock()
		}
	}
}

// takeReport tells what a report says of a message; false = it is none.
func (g *grid) takeReport(raw []byte, id string) bool {
	kind, words, status := readReturned(raw)
	m, now := sendgridserver.Message{CustomArgs: map[string]string{sendgrid.IDArgument: id}}, g.clock.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	switch kind {
	case "":
		return false
	case "spamreport":
		g.tell(m.Report(kind, id+" spam", now, nil))
	case "deferred":
		g.tell(m.Report(kind, id+" delayed "+strconv.FormatInt(now.Unix(), 10), now, sendgridserver.Entry{"response": words, "attempt": "1"}))
	default:
		g.note(prospects.Line{At: now, Kind: gridCameBack, MessageID: id, Detail: status})
		g.tell(m.Report(kind, id+" bounced", now, sendgridserver.Entry{"type": "bounce", "reason": words, "status": status}))
	}
	return true
}

// readReturned returns the type of event that a mail to a return path is, with what a server said; "" = it is no report.
func readReturned(raw []byte) (kind, words, status string) {
	head := raw[:min(len(raw), 4<<10)]
	switch {
	case isComplaint.Match(head):
		return "spamreport", "", ""
	case !isReport.Match(head):
		return "", "", ""
	}
	words = strings.TrimSpace(string(saysCode.Find(raw)))
	if saysDelay.Match(raw) {
		return "deferred", words, ""
	}
	if found := saysStatus.FindSubmatch(raw); found != nil {
		status = string(found[1])
	}
	return "bounce", words, status
}
