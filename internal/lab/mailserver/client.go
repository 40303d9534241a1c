package mailserver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"outrider/internal/lab/mailserver/loopback"
)

// AddAccounts makes mailboxes (address: password) through the admin listener at address, host:port.
func AddAccounts(ctx context.Context, address, token string, passwords map[string]string) error {
	var all []newAccount
	for a, p := range passwords {
		all = append(all, newAccount{a, p})
	}
	body, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("encode accounts: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/accounts", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("add accounts: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	client := http.Client{Transport: &http.Transport{DialContext: loopback.Dialer().DialContext, DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("add accounts: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 1000))
		return fmt.Errorf("add accounts: %s: %s", answer.Status, strings.TrimSpace(string(text)))
	}
	return nil
}
