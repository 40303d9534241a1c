package imap

import (
	"context"
	"fmt"
)

// literal is an argument of any bytes, such as a message.
type literal []byte

// Keep puts a message into a folder, as one that was read, unless one with its Message-ID (without angle brackets) lies there: asked again, it
// changes nothing, and where the server keeps a copy by itself there is one.
func (c *Client) Keep(ctx context.Context, folder, messageID string, message []byte) error {
	err := c.withConn(ctx, func(at *conn) error {
		if _, err := at.examine(folder); err != nil {
			return err
		}
		found, err := at.search("HEADER Message-ID", astring(messageID))
		if err != nil || len(found) > 0 {
			return err
		}
		return at.run(nil, "APPEND", astring(folder), `(\Seen)`, literal(message))
	})
	if err != nil {
		return fmt.Errorf("keep a copy in %s: %w", folder, err)
	}
	return nil
}
