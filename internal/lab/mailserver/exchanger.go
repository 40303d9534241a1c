package mailserver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-smtp"

	"outrider/internal/lab/mailserver/loopback"
)

// Exchanger is another server's MX on loopback, with the connections that are open to it.
type Exchanger struct {
	address string
	name    string // what we call ourselves
	idle    chan *smtp.Client
}

// NewExchanger names the MX at address (host:port, an IP). Nothing is connected before the first message.
func NewExchanger(address, name string) *Exchanger {
	return &Exchanger{address: address, name: name, idle: make(chan *smtp.Client, 64)}
}

// relayedMail is a message on its way to an MX, step by step with its client's.
type relayedMail struct {
	to       *Exchanger
	client   *smtp.Client
	accepted bool // at least one recipient
}

const exchangePatience = 30 * time.Second

func (x *Exchanger) connectOnward(ctx context.Context) (*smtp.Client, error) {
	conn, err := loopback.Dialer().DialContext(ctx, "tcp", x.address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", x.address, err)
	}
	c := smtp.NewClient(conn)
	c.CommandTimeout, c.SubmissionTimeout = exchangePatience, exchangePatience
	if err := c.Hello(x.name); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("greet %s: %w", x.address, err)
	}
	return c, nil
}

// beginOnward gives MAIL FROM on an idle connection, or on a new one when the idle one turns out to be dead.
func (x *Exchanger) beginOnward(ctx context.Context, from string) (*relayedMail, error) {
	for {
		select {
		case c := <-x.idle:
			err := c.Mail(from, nil)
			if err == nil {
				return &relayedMail{to: x, client: c}, nil
			}
			_ = c.Close()
			if smtpAnswer(err) {
				return nil, err
			}
			continue
		default:
		}
		c, err := x.connectOnward(ctx)
		if err != nil {
			return nil, err
		}
		if err := c.Mail(from, nil); err != nil {
			_ = c.Close()
			return nil, err
		}
		return &relayedMail{to: x, client: c}, nil
	}
}

func (o *relayedMail) sendRecipient(to string) error {
	if o.client == nil {
		return fmt.Errorf("connection to %s is lost", o.to.address)
	}
	err := o.client.Rcpt(to, nil)
	if err == nil {
		o.accepted = true
	} else if !smtpAnswer(err) {
		o.dropConnection()
	}
	return err
}

func (o *relayedMail) sendData(message []byte) error {
	if o.client == nil {
		return fmt.Errorf("connection to %s is lost", o.to.address)
	}
	w, err := o.client.Data()
	if err == nil {
		if _, err = w.Write(message); err == nil {
			err = w.Close()
		}
	}
	if err != nil && !smtpAnswer(err) {
		o.dropConnection()
		return fmt.Errorf("%w: %w", errUncertain, err)
	}
	o.keepConnection()
	return err
}

func (o *relayedMail) abortTransfer() {
	if o.client == nil {
		return
	}
	if err := o.client.Reset(); err != nil {
		o.dropConnection()
		return
	}
	o.keepConnection()
}

func (o *relayedMail) dropConnection() {
	_ = o.client.Close()
	o.client = nil
}

func (o *relayedMail) keepConnection() {
	select {
	case o.to.idle <- o.client:
		o.client = nil
	default:
		o.dropConnection()
	}
}

func (x *Exchanger) closeIdle() {
	for {
		select {
		case c := <-x.idle:
			_ = c.Close()
		default:
			return
		}
	}
}

// smtpAnswer says that the other server said no, as opposed to the connection having broken.
func smtpAnswer(err error) bool {
	var said *smtp.SMTPError
	return errors.As(err, &said)
}
