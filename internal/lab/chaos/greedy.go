package chaos

import (
	"context"
	"net/http"

	"outrider/internal/lab/hostilemail"
)

// A greedy tenant takes all it gets: files that are large beside those of others, and mailboxes at servers that mean harm. It is bounded: the audit has to come to an end.
const (
	greedyBoxes = 6
	greedyRows  = 500
	greedyFiles = 8 // of that size; afterwards it imports as others do
)

// createGreedy is a tenant whose mailboxes are at hostile servers, each of another mode that the seed chooses.
func (c *client) createGreedy(ctx context.Context) (*tenant, error) {
	t, err := c.createTenant(ctx, "enterprise")
	if err != nil {
		return nil, err
	}
	modes := hostilemail.Names()
	c.chance.Shuffle(len(modes), func(i, j int) { modes[i], modes[j] = modes[j], modes[i] })
	for _, mode := range modes[:greedyBoxes] {
		body, err := c.l.hostileMailboxBody(c.l.nextName("hostile")+"@unknown.example", "none", mode)
		if err != nil {
			return nil, err
		}
		if err := c.connectMailbox(ctx, t, body); err != nil {
			return nil, err
		}
		c.l.s.logLine("a mailbox is at a hostile server: %s", mode)
	}
	return t, nil
}

// actGreedily brings a large file in, or has one of the hostile mailboxes verified once more, which lets it be read again when it was suspended.
func (c *client) actGreedily(ctx context.Context) error {
	t := c.l.greedy
	if c.chance.IntN(3) > 0 {
		_, err := c.askAPI(ctx, t.writeAsTenant("verify mailbox", http.MethodPost, "/v1/mailboxes/"+pickOne(c.chance, t.boxes).String()+"/verify", nil))
		return err
	}
	t.mu.Lock()
	t.asked++
	rows := greedyRows
	if t.asked > greedyFiles {
		rows = 20
	}
	t.mu.Unlock()
	return c.importRows(ctx, t, rows)
}
