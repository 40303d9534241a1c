package scheduling

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"outrider/internal/integrations"
)

// CalendlyAPI is https://api.calendly.com, or what stands in for it.
type CalendlyAPI struct{ Base string }

// mostPages bounds how many pages of a list are read.
const mostPages = 20

type calendlyHook struct {
	URI   string `json:"uri"`
	URL   string `json:"callback_url"`
	State string `json:"state"` // active | disabled
}

type calendlyUser struct {
	Resource struct {
		URI          string `json:"uri"`
		Name         string `json:"name"`
		Email        string `json:"email"`
		Organization string `json:"current_organization"`
	} `json:"resource"`
}

func (a CalendlyAPI) base() string { return cmp.Or(a.Base, "https://api.calendly.com") }

// Identify implements Service: an account is an organisation there, whose members' bookings all come.
func (a CalendlyAPI) Identify(ctx context.Context, do Doer) (id, name string, err error) {
	var u calendlyUser
	if _, err := do.Do(ctx, http.MethodGet, a.base()+"/users/me", nil, &u); err != nil {
		return "", "", refused(err, "the token may not read whose it is")
	}
	if u.Resource.Organization == "" {
		return "", "", &integrations.NeedsYou{Reason: integrations.Refused, Detail: "the token belongs to nobody"}
	}
	return u.Resource.Organization, cmp.Or(u.Resource.Name, u.Resource.Email), nil
}

// Hook implements Service.
func (a CalendlyAPI) Hook(ctx context.Context, do Doer, id string) (*Hook, error) {
	var h struct {
		Resource calendlyHook `json:"resource"`
	}
	_, err := do.Do(ctx, http.MethodGet, a.base()+"/webhook_subscriptions/"+url.PathEscape(id), nil, &h)
	if isStatus(err, http.StatusNotFound) {
		return nil, nil //nolint:nilnil // it is gone
	}
	if err != nil {
		return nil, refused(err, calendlyRefused)
	}
	return &Hook{id, h.Resource.URL, h.Resource.State == "active"}, nil
}

const calendlyRefused = "Calendly doesn't let this token watch bookings: that takes a paid plan and an owner or admin of the organisation there, or the member's own bookings"

// HooksTo implements Service.
func (a CalendlyAPI) HooksTo(ctx context.Context, do Doer, to string) (ids []string, err error) {
	var u calendlyUser
	if _, err := do.Do(ctx, http.MethodGet, a.base()+"/users/me", nil, &u); err != nil {
		return nil, refused(err, calendlyRefused)
	}
	for _, scope := range []url.Values{{"scope": {"organization"}}, {"scope": {"user"}, "user": {u.Resource.URI}}} {
		scope.Set("organization", u.Resource.Organization)
		scope.Set("count", "100")
		for range mostPages {
			var page struct {
				Collection []calendlyHook `json:"collection"`
				Pagination struct {
					Next string `json:"next_page_token"`
				} `json:"pagination"`
			}
			_, err := do.Do(ctx, http.MethodGet, a.base()+"/webhook_subscriptions?"+scope.Encode(), nil, &page)
			if isStatus(err, http.StatusForbidden) && scope.Get("scope") == "organization" {
				break
			}
			if err != nil {
				return nil, refused(err, calendlyRefused)
			}
			for _, h := range page.Collection {
				if h.URL == to {
					ids = append(ids, lastPart(h.URI))
				}
			}
			if page.Pagination.Next == "" {
				break
			}
			scope.Set("page_token", page.Pagination.Next)
		}
	}
	return ids, nil
}

// Create implements Service: for the whole organisation there, or, where the token may not, for the member whose it is.
func (a CalendlyAPI) Create(ctx context.Context, do Doer, to, key string) (string, error) {
	var u calendlyUser
	if _, err := do.Do(ctx, http.MethodGet, a.base()+"/users/me", nil, &u); err != nil {
		return "", refused(err, calendlyRefused)
	}
	ask := map[string]any{"url": to, "events": []string{"invitee.created", "invitee.canceled"}, "organization": u.Resource.Organization, "scope": "organization", "signing_key": key}
	var made struct {
		Resource calendlyHook `json:"resource"`
	}
	_, err := do.Do(ctx, http.MethodPost, a.base()+"/webhook_subscriptions", ask, &made)
	if isStatus(err, http.StatusForbidden) {
		ask["scope"], ask["user"] = "user", u.Resource.URI
		_, err = do.Do(ctx, http.MethodPost, a.base()+"/webhook_subscriptions", ask, &made)
	}
	return lastPart(made.Resource.URI), refused(err, calendlyRefused)
}

// Delete implements Service.
func (a CalendlyAPI) Delete(ctx context.Context, do Doer, id string) error {
	_, err := do.Do(ctx, http.MethodDelete, a.base()+"/webhook_subscriptions/"+url.PathEscape(id), nil, nil)
	if isStatus(err, http.StatusNotFound) {
		return nil
	}
	return refused(err, calendlyRefused)
}
