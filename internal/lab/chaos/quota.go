package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"
)

// quotaUse is what a client saw of one use of a limit.
type quotaUse struct {
	limit string // leads or mailboxes
	n     int    // how many were asked for; -1 = one was given back
	got   int    // of an answer with success
	used  int    // of a refusal: what it says is used
}

// historyLength is how many quota operations an organisation lives for: what porcupine can look through.
const historyLength = 250

// useQuota gives an organisation that runs into its limits, and makes another when one has been asked enough.
func (c *client) useQuota(ctx context.Context) (*tenant, error) {
	c.l.mu.Lock()
	i := c.chance.IntN(len(c.l.small))
	t := c.l.small[i]
	c.l.mu.Unlock()
	t.mu.Lock()
	t.asked++
	old := t.asked == historyLength
	t.mu.Unlock()
	if !old {
		return t, nil
	}
	fresh, err := c.createTenant(ctx, "chaos")
	if err != nil {
		return nil, err
	}
	c.l.mu.Lock()
	c.l.small[i] = fresh
	c.l.mu.Unlock()
	return fresh, nil
}

// enrolWithinLimits asks for one to three new leads.
func (c *client) enrolWithinLimits(ctx context.Context) error {
	t, err := c.useQuota(ctx)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, 1+c.chance.IntN(3))
	for i := range ids {
		if ids[i], err = c.createLead(ctx, t); err != nil {
			return err
		}
	}
	r := t.writeAsTenant("enrol", http.MethodPost, "/v1/campaigns/"+t.campaign.String()+"/enrollments", map[string]any{"lead_ids": ids})
	r.quota = &quotaUse{limit: "leads", n: len(ids)}
	res, err := c.askAPI(ctx, r)
	if err != nil {
		return err
	}
	var said struct{ Enrolled, Used int }
	if err := json.Unmarshal(res.body, &said); err != nil {
		return fmt.Errorf("read the answer to an enrolment: %w", err)
	}
	r.quota.got, r.quota.used = said.Enrolled, said.Used
	return nil
}

// connectWithinLimits connects a mailbox or removes one. Nobody answers at its servers: it is never verified.
func (c *client) connectWithinLimits(ctx context.Context) error {
	t, err := c.useQuota(ctx)
	if err != nil {
		return err
	}
	t.mu.Lock()
	var box uuid.UUID
	if n := len(t.boxes); n > 0 && c.chance.IntN(2) == 0 {
		box, t.boxes = t.boxes[n-1], t.boxes[:n-1]
	}
	t.mu.Unlock()
	if box != uuid.Nil {
		r := t.writeAsTenant("remove mailbox", http.MethodDelete, "/v1/mailboxes/"+box.String(), nil)
		r.quota = &quotaUse{limit: "mailboxes", n: -1, got: -1}
		_, err := c.askAPI(ctx, r)
		return err
	}
	body, err := c.l.mailboxBody(c.l.nextName("box")+"@unknown.example", "none")
	if err != nil {
		return err
	}
	r := t.writeAsTenant("connect mailbox", http.MethodPost, "/v1/mailboxes", body)
	r.quota = &quotaUse{limit: "mailboxes", n: 1, got: 1}
	res, err := c.askAPI(ctx, r)
	if err != nil {
		return err
	}
	var said struct {
		ID   uuid.UUID
		Used int
	}
	if err := json.Unmarshal(res.body, &said); err != nil {
		return fmt.Errorf("read the answer to a connection: %w", err)
	}
	r.quota.used = said.Used
	if res.status/100 == 2 {
		t.mu.Lock()
		t.boxes = append(t.boxes, said.ID)
		t.mu.Unlock()
	}
	return nil
}

// limitModel is a counter that never passes its limit. States are what is used.
func limitModel(limit int) porcupine.Model {
	m := porcupine.NondeterministicModel{
		Init: func() []any { return []any{0} },
		Step: func(state, _, output any) []any {
			used, o := state.(int), output.(*op)
			q := o.quota
			after := used + min(q.n, limit-used)
			switch {
			case !o.answered: // nobody knows
				return []any{used, after}
			case o.wasAccepted() && q.got == after-used && q.got != 0:
				return []any{after}
			case o.status == http.StatusPaymentRequired && used >= limit && q.used == used:
				return []any{used}
			case !o.wasAccepted() && o.status != http.StatusPaymentRequired: // refused for another reason
				return []any{used}
			}
			return nil
		},
	}
	return m.ToModel()
}

// checkLinearizable looks for an order of each organisation's quota operations that explains all answers.
func checkLinearizable(ctx context.Context, ops []op, res *Result) {
	type history struct {
		org   uuid.UUID
		limit string
	}
	all := map[history][]porcupine.Operation{}
	for i := range ops {
		o := &ops[i]
		if o.quota == nil {
			continue
		}
		h, ret := history{o.org, o.quota.limit}, o.ret
		if !o.answered {
			ret = 1 << 60
		}
		all[h] = append(all[h], porcupine.Operation{ClientId: len(all[h]), Output: o, Call: int64(o.call), Return: int64(ret)})
		res.Checked++
	}
	limits := map[string]int{"leads": leadLimit, "mailboxes": mailboxLimit}
	for h, operations := range all {
		if ctx.Err() != nil {
			return
		}
		if got := porcupine.CheckOperationsTimeout(limitModel(limits[h.limit]), operations, 30*time.Second); got != porcupine.Ok {
			res.addFinding(&res.Nonlinearizable, "no order explains what %d clients' requests for %s of organisation %s were answered (%s)", len(operations), h.limit, h.org, got)
		}
	}
}
