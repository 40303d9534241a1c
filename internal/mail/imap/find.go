package imap

import (
	"context"
	"fmt"
)

// Has reports whether a folder holds a message with a Message-ID (without angle brackets).
func (c *Client) Has(ctx context.Context, folder, messageID string) (has bool, err error) {
	err = c.withConn(ctx, func(at *conn) error {
		if _, err := at.examine(folder); err != nil {
			return err
		}
		found, err := at.search("HEADER Message-ID", astring(messageID))
		has = len(found) > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look into %s: %w", folder, err)
	}
	return has, nil
}
