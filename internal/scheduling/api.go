package scheduling

import (
	"context"
	"errors"
	"net/http"

	"outrider/internal/integrations"
)

// Doer makes a request as a connection; *integrations.Caller is one.
type Doer interface {
	Do(ctx context.Context, method, url string, body, out any) (status int, err error)
}

// Hook is a subscription at a service.
type Hook struct {
	ID     string
	URL    string // where it posts to
	Active bool
}

// Service is the API of one of the two.
type Service interface {
	// Identify says whose account it is: an id, and what people call it.
	Identify(ctx context.Context, do Doer) (id, name string, err error)
	// Hook returns a subscription, or nil if it is gone.
	Hook(ctx context.Context, do Doer, id string) (*Hook, error)
	// HooksTo lists the ids of those that post to a URL.
	HooksTo(ctx context.Context, do Doer, to string) ([]string, error)
	// Create makes one that signs with a key.
	Create(ctx context.Context, do Doer, to, key string) (id string, err error)
	Delete(ctx context.Context, do Doer, id string) error
}

// isStatus reports whether a service answered so.
func isStatus(err error, status int) bool {
	var s *integrations.StatusError
	return errors.As(err, &s) && s.Status == status
}

// refused says of an answer that asking again doesn't help, and what would.
func refused(err error, detail string) error {
	if isStatus(err, http.StatusForbidden) || isStatus(err, http.StatusPaymentRequired) {
		return &integrations.NeedsYou{Reason: integrations.Refused, Detail: detail}
	}
	return err
}

// IsConflict reports whether a service has such a subscription already.
func IsConflict(err error) bool { return isStatus(err, http.StatusConflict) }
