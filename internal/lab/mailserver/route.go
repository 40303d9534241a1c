package mailserver

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-smtp"
)

// errUncertain says that a message may have been delivered although not all went well. The client must not be told that it failed (it would
// send again); its connection is closed without an answer.
var errUncertain = errors.New("message may have been delivered")

// Router takes what clients submit. An *smtp.SMTPError of its parts is answered to the client as it is, any other error as a
// temporary failure.
type Router interface {
	Begin(ctx context.Context, from string) (Transaction, error)
}

// Transaction is one message on its way. Data is called once, after at least one Rcpt succeeded; when it returns without an
// error the message is the recipient's server's and stays there.
type Transaction interface {
	Rcpt(to string) error
	Data(message []byte) error
	Abort() // instead of Data, or after it; frees what is held
}

// Routes delivers to the accounts of Local, and passes other domains to the mail exchangers that it knows.
type Routes struct {
	Server *Instance
	// Exchangers gives a domain's MX as host:port on loopback; "*" is any other domain's.
	Exchangers map[string]*Exchanger
	Sink       bool // take what has no way, and keep none of it
}

// Begin begins a delivery.
func (r *Routes) Begin(ctx context.Context, from string) (Transaction, error) {
	return &routedMail{ctx: ctx, routes: r, from: from, onward: map[*Exchanger]*relayedMail{}}, nil
}

type routedMail struct {
	ctx    context.Context //nolint:containedctx // the SMTP session's; one delivery lives inside it
	routes *Routes
	from   string
	local  []localRecipient
	onward map[*Exchanger]*relayedMail
}

type localRecipient struct {
	account *Account
	to      string
}

var (
	errNoMailbox = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox here"}
	errNoRoute   = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 2}, Message: "No way to that domain; this server stays on its machine"}
)

func (d *routedMail) Rcpt(to string) error {
	_, domain := splitAddress(canonicalAddress(to))
	if d.routes.Server.store.holdsAccount(domain) {
		a := d.routes.Server.store.Account(to)
		if a == nil {
			return errNoMailbox
		}
		d.local = append(d.local, localRecipient{a, to})
		return nil
	}
	x := d.routes.Exchangers[domain]
	if x == nil {
		x = d.routes.Exchangers["*"]
	}
	if x == nil && d.routes.Sink {
		return nil
	}
	if x == nil {
		return errNoRoute
	}
	o := d.onward[x]
	if o == nil {
		var err error
		if o, err = x.beginOnward(d.ctx, d.from); err != nil {
			return err
		}
		d.onward[x] = o
	}
	return o.sendRecipient(to)
}

func (d *routedMail) Data(message []byte) error {
	some := false // recipients have it already
	fail := func(err error) error {
		if some {
			return fmt.Errorf("%w: %w", errUncertain, err)
		}
		return err
	}
	for x, o := range d.onward {
		if !o.accepted {
			continue
		}
		delete(d.onward, x)
		if err := o.sendData(message); err != nil {
			return fail(err)
		}
		some = true
	}
	for _, to := range d.local {
		if err := d.routes.Server.traceHeader(to.account, d.from, to.to, message); err != nil {
			return fail(err)
		}
		some = true
	}
	return nil
}

func (d *routedMail) Abort() {
	for x, o := range d.onward {
		o.abortTransfer()
		delete(d.onward, x)
	}
}
