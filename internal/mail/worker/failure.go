package worker

import (
	"context"
	"errors"
	"os"

	"outrider/internal/dial"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/transport"
)

// Why a child gave no answer.
var (
	ErrCrashed = errors.New("the process that talked to the mail server ended")
	ErrOverran = errors.New("the mail server was given up: it took more than a mailbox may have")
)

// failure is an error on its way between processes: its text, and what it is.
type failure struct {
	Text string   `json:"text"`
	Is   []string `json:"is,omitempty"`
}

// kinds are the errors that callers ask for.
func kinds() map[string]error {
	return map[string]error{"login": imap.ErrLogin, "no idle": imap.ErrNoIdle, "unreachable": dial.ErrUnreachable, "forbidden": dial.ErrForbidden, "exceeded": transport.ErrExceeded,
		"cancelled": context.Canceled, "timeout": context.DeadlineExceeded, "silent": os.ErrDeadlineExceeded,
		"insecure": transport.ErrInsecure, "no server": transport.ErrNoServer, "late": transport.ErrSilent, "hung up": transport.ErrHungUp}
}

func failureOf(err error) *failure {
	if err == nil {
		return nil
	}
	text := err.Error()
	f := &failure{Text: text[:min(len(text), 2000)]}
	for name, kind := range kinds() {
		if errors.Is(err, kind) || errors.Is(transport.KindOf(err), kind) {
			f.Is = append(f.Is, name)
		}
	}
	return f
}

// Error is the text.
func (f *failure) Error() string { return f.Text }

// Unwrap gives what it is.
func (f *failure) Unwrap() (all []error) {
	for _, name := range f.Is {
		if kind := kinds()[name]; kind != nil {
			all = append(all, kind)
		}
	}
	return all
}

func (f *failure) asError() error {
	if f == nil {
		return nil
	}
	return f
}
