package billing

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"
)

// Tolerance is how far a notification's signature may lie in the past or, which the library doesn't ask, ahead.
const Tolerance = 300 * time.Second

// ErrSignature says that a notification isn't the provider's, or not of now.
var ErrSignature = errors.New("the signature doesn't fit")

// Hint is a notification of the provider. Only what happened to which object is taken of it: the object is read again.
type Hint struct {
	ID, Type   string
	Object     string // its id
	Customer   string // "" = it doesn't say
	APIVersion string
	Created    time.Time
	tries      int // to follow it
}

// OpenHint checks who has sent a notification and when. body is byte for byte what was sent; secrets are those that hold, more than one while one is
// replaced. No call to the provider is made.
func OpenHint(body []byte, header string, secrets []string, now time.Time) (Hint, error) {
	signed, err := signedAt(header)
	if err != nil {
		return Hint{}, err
	}
	if off := now.Sub(signed); off > Tolerance || off < -Tolerance {
		return Hint{}, fmt.Errorf("%w: it is of another time", ErrSignature)
	}
	ok := false
	for _, secret := range secrets {
		ok = ok || secret != "" && webhook.ValidatePayloadIgnoringTolerance(body, header, secret) == nil
	}
	if !ok {
		return Hint{}, ErrSignature
	}
	var e struct {
		ID         string `json:"id"`
		Type       string `json:"type"`
		Created    int64  `json:"created"`
		APIVersion string `json:"api_version"`
		Data       struct {
			Object struct {
				ID           string          `json:"id"`
				Customer     json.RawMessage `json:"customer"`
				Subscription json.RawMessage `json:"subscription"`
				Invoice      json.RawMessage `json:"invoice"`
			} `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return Hint{}, fmt.Errorf("read a notification: %w", err)
	}
	if e.ID == "" || e.Type == "" || len(e.ID) > 255 || len(e.Type) > 255 {
		return Hint{}, errors.New("read a notification: it has no id or type")
	}
	h := Hint{ID: e.ID, Type: e.Type, Object: e.Data.Object.ID, Customer: idOf(e.Data.Object.Customer), APIVersion: e.APIVersion, Created: time.Unix(e.Created, 0).UTC()}
	switch { // which of ours has changed
	case strings.HasPrefix(e.Type, "checkout.session."):
		h.Object = idOf(e.Data.Object.Subscription)
	case strings.HasPrefix(e.Type, "charge."):
		h.Object = idOf(e.Data.Object.Invoice)
	}
	return h, nil
}

// idOf reads an object that is expanded, or only named.
func idOf(raw json.RawMessage) string {
	var id string
	if json.Unmarshal(raw, &id) == nil {
		return id
	}
	var object struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(raw, &object) == nil {
		return object.ID
	}
	return ""
}

func signedAt(header string) (time.Time, error) {
	for part := range strings.SplitSeq(header, ",") {
		if text, ok := strings.CutPrefix(part, "t="); ok {
			seconds, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return time.Time{}, ErrSignature
			}
			return time.Unix(seconds, 0), nil
		}
	}
	return time.Time{}, ErrSignature
}
