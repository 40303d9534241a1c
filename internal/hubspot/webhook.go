package hubspot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Headers of what HubSpot posts.
const (
	HeaderSignature = "X-HubSpot-Signature-v3"
	HeaderTimestamp = "X-HubSpot-Request-Timestamp"
)

// tolerance of a signature's age.
const tolerance = 5 * time.Minute

// ErrSignature says that a post isn't HubSpot's, or is too old.
var ErrSignature = errors.New("the signature isn't HubSpot's, or is older than five minutes")

// unescaped are the escapes of a URI that HubSpot signs decoded.
var unescaped = strings.NewReplacer("%3A", ":", "%3a", ":", "%2F", "/", "%2f", "/", "%3F", "?", "%3f", "?", "%40", "@", "%21", "!", "%24", "$", "%27", "'", "%28", "(", "%29", ")", "%2A", "*", "%2a", "*", "%2C", ",", "%2c", ",", "%3B", ";", "%3b", ";") //nolint:gochecknoglobals // a constant table

// Sign returns what HubSpot signs a post with, by the secret of the program that is registered there.
func Sign(secret, method, uri string, body []byte, timestamp string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(method + unescaped.Replace(uri)))
	mac.Write(body)
	mac.Write([]byte(timestamp))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Verify checks a post; uri is the whole one that HubSpot has posted to.
func Verify(secret, method, uri string, body []byte, signature, timestamp string, now time.Time) error {
	ms, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || secret == "" || now.Sub(time.UnixMilli(ms)).Abs() > tolerance {
		return ErrSignature
	}
	if !hmac.Equal([]byte(Sign(secret, method, uri, body, timestamp)), []byte(signature)) {
		return ErrSignature
	}
	return nil
}

// Change is one entry of a post: something about an object has changed. What it says now is read, not taken from here: entries come in any order.
type Change struct {
	EventID  int64  `json:"eventId"`
	PortalID int64  `json:"portalId"`
	ObjectID int64  `json:"objectId"`
	Kind     string `json:"subscriptionType"` // contact.propertyChange, ...
	Property string `json:"propertyName"`
	Source   string `json:"changeSource"`
	At       int64  `json:"occurredAt"`
}
