package imap

import (
	"context"
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Has reports whether a folder holds a message with a Message-ID (without angle brackets).
func (c *Client) Has(ctx context.Context, folder, messageID string) (has bool, err error) {
	err = c.withConn(ctx, func(conn *imapclient.Client) error {
		if _, err := conn.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
			return err
		}
		found, err := conn.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: messageID}}}, nil).Wait()
		if err != nil {
			return fmt.Errorf("search: %w", err)
		}
		has = len(found.AllUIDs()) > 0
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("look into %s: %w", folder, err)
	}
	return has, nil
}
