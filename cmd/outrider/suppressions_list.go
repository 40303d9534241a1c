package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
)

// pageSize is the most that the API lists at once.
const pageSize = 200

type suppressionsListCmd struct {
	APIAccess
	Kind   string `default:"" enum:",address,domain" help:"Only address or domain." placeholder:"KIND"`
	Reason string `default:"" enum:",manual,unsubscribe,bounce,complaint,import,erasure" help:"Only for this reason: manual, unsubscribe, bounce, complaint, import or erasure." placeholder:"REASON"`
	Value  string `help:"Only this address or domain." placeholder:"VALUE"`
	Q      string `help:"Only with this in the address or domain." placeholder:"TEXT"`
	Sort   string `default:"-created_at" enum:"created_at,-created_at,value,-value,reason,-reason" help:"created_at, value or reason; with - before it the other way round."`
	JSON   bool   `help:"One line of JSON each."`
}

// Run prints a line for each suppression, however many there are.
func (c suppressionsListCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.newClient(f, false)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(out)
	params := c.params()
	for {
		page, _, err := client.Read[client.SuppressionPage](api.ListSuppressions(ctx, params))
		if err != nil {
			return errors.Join(err, out.Flush())
		}
		for _, s := range page.Data {
			if c.JSON {
				err = lines.Encode(s)
			} else {
				_, err = fmt.Fprintf(out, "%s  %s  %-7s  %-11s  %s\n", s.ID, s.CreatedAt.Format(time.RFC3339), s.Kind, s.Reason, shownSuppression(s))
			}
			if err != nil {
				return err
			}
		}
		if page.NextCursor == nil {
			return out.Flush()
		}
		params.Cursor = page.NextCursor
	}
}

func (c suppressionsListCmd) params() *client.ListSuppressionsParams {
	return &client.ListSuppressionsParams{Limit: new(pageSize), Sort: new(client.ListSuppressionsParamsSort(c.Sort)), Kind: given(client.SuppressionKind(c.Kind)),
		Reason: given(client.ListSuppressionsParamsReason(c.Reason)), Value: given(c.Value), Q: given(c.Q)}
}

// shownSuppression is as much as is known of what is suppressed.
func shownSuppression(s client.Suppression) string {
	var value, masked string
	if s.Value != nil {
		value = domainPattern(*s.Value, s.Subdomains)
	}
	if s.Masked != nil {
		masked = *s.Masked
	}
	return cmp.Or(value, masked, "-")
}

type suppressionsRemoveCmd struct {
	APIAccess
	SuppressionValues `embed:""`
	JSON              bool `help:"Print what was lifted."`
}

// liftedSuppression is a suppression that was lifted.
type liftedSuppression struct {
	ID    uuid.UUID `json:"id"`
	Value string    `json:"value"` // as it was named
}

// Run lifts what is named, by its id or by what is suppressed, and says what wasn't suppressed (status 1).
func (c suppressionsRemoveCmd) Run(ctx context.Context, f *node.Folder) error {
	values, err := c.read()
	if err != nil {
		return err
	}
	api, err := c.newClient(f, false)
	if err != nil {
		return err
	}
	var failed []error
	lines := json.NewEncoder(os.Stdout)
	for _, v := range values {
		id, err := liftSuppression(ctx, api, v)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed = append(failed, fmt.Errorf("%q: %w", v, err))
		case c.JSON:
			failed = append(failed, lines.Encode(liftedSuppression{id, v}))
		default:
			fmt.Printf("%s  %s\n", id, v)
		}
	}
	return errors.Join(failed...)
}

// liftSuppression lifts a suppression that is named by its id or by what it suppresses.
func liftSuppression(ctx context.Context, api *client.Client, named string) (uuid.UUID, error) {
	id, err := uuid.Parse(named)
	if err != nil {
		page, _, err := client.Read[client.SuppressionPage](api.ListSuppressions(ctx, &client.ListSuppressionsParams{Value: &named}))
		if err != nil {
			return id, err
		}
		if len(page.Data) == 0 {
			return id, errors.New("it isn't suppressed itself")
		}
		id = page.Data[0].ID
	}
	_, _, err = client.ReadDecided[json.RawMessage](api.RemoveSuppression(ctx, id, nil))
	return id, err
}
