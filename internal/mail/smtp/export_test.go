package smtp

import "context"

// Verify connects, secures and authenticates on a new connection, and sends nothing. Accepted at StageAuth means that all of it works.
func (c *Client) Verify(ctx context.Context) Result {
	cn, refusal := openConn(ctx, c.account, c.options)
	if cn == nil {
		return refusal
	}
	cn.quitSession()
	return Result{Outcome: Accepted, Stage: StageAuth, Code: 235}
}
