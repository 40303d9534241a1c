package scheduling

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"

	"outrider/internal/integrations"
)

// CalcomAPI is https://api.cal.com/v2, or what stands in for it, also an installation of one's own.
type CalcomAPI struct{ Base string }

type calcomHook struct {
	ID     any    `json:"id"` // text, or a number in some versions
	URL    string `json:"subscriberUrl"`
	Active bool   `json:"active"`
}

func (h calcomHook) id() string {
	switch id := h.ID.(type) {
	case string:
		return id
	case float64:
		return strconv.FormatInt(int64(id), 10)
	}
	return ""
}

const calcomRefused = "Cal.com doesn't let this key have webhooks"

func (a CalcomAPI) base() string { return cmp.Or(a.Base, "https://api.cal.com/v2") }

// Identify implements Service.
func (a CalcomAPI) Identify(ctx context.Context, do Doer) (id, name string, err error) {
	var me struct {
		Data struct {
			ID       int64  `json:"id"`
			Email    string `json:"email"`
			Username string `json:"username"`
		} `json:"data"`
	}
	if _, err := do.Do(ctx, http.MethodGet, a.base()+"/me", nil, &me); err != nil {
		return "", "", refused(err, "the key may not read whose it is")
	}
	if me.Data.ID == 0 {
		return "", "", &integrations.NeedsYou{Reason: integrations.Refused, Detail: "the key belongs to nobody"}
	}
	return strconv.FormatInt(me.Data.ID, 10), cmp.Or(me.Data.Email, me.Data.Username), nil
}

// Hook implements Service.
func (a CalcomAPI) Hook(ctx context.Context, do Doer, id string) (*Hook, error) {
	var h struct {
		Data calcomHook `json:"data"`
	}
	_, err := do.Do(ctx, http.MethodGet, a.base()+"/webhooks/"+url.PathEscape(id), nil, &h)
	if isStatus(err, http.StatusNotFound) {
		return nil, nil //nolint:nilnil // it is gone
	}
	if err != nil {
		return nil, refused(err, calcomRefused)
	}
	return &Hook{id, h.Data.URL, h.Data.Active}, nil
}

// HooksTo implements Service.
func (a CalcomAPI) HooksTo(ctx context.Context, do Doer, to string) (ids []string, err error) {
	const size = 100
	for skip := 0; skip < mostPages*size; skip += size {
		var page struct {
			Data []calcomHook `json:"data"`
		}
		if _, err := do.Do(ctx, http.MethodGet, a.base()+"/webhooks?take="+strconv.Itoa(size)+"&skip="+strconv.Itoa(skip), nil, &page); err != nil {
			return nil, refused(err, calcomRefused)
		}
		for _, h := range page.Data {
			if h.URL == to {
				ids = append(ids, h.id())
			}
		}
		if len(page.Data) < size {
			break
		}
	}
	return ids, nil
}

// Create implements Service.
func (a CalcomAPI) Create(ctx context.Context, do Doer, to, key string) (string, error) {
	var made struct {
		Data calcomHook `json:"data"`
	}
	_, err := do.Do(ctx, http.MethodPost, a.base()+"/webhooks", map[string]any{"active": true, "subscriberUrl": to, "secret": key,
		"triggers": []string{"BOOKING_CREATED", "BOOKING_REQUESTED", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED", "BOOKING_REJECTED"}}, &made)
	return made.Data.id(), refused(err, calcomRefused)
}

// Delete implements Service.
func (a CalcomAPI) Delete(ctx context.Context, do Doer, id string) error {
	_, err := do.Do(ctx, http.MethodDelete, a.base()+"/webhooks/"+url.PathEscape(id), nil, nil)
	if isStatus(err, http.StatusNotFound) {
		return nil
	}
	return refused(err, calcomRefused)
}
