package sendgrid

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Headers of a signed request.
const (
	HeaderSignature = "X-Twilio-Email-Event-Webhook-Signature"
	HeaderTimestamp = "X-Twilio-Email-Event-Webhook-Timestamp"
)

// tolerance is how far the time of a signature may be from ours, either way.
const tolerance = 5 * time.Minute

// Why a request isn't believed.
var (
	ErrKey       = errors.New("is no public key of ECDSA P-256 (base64 of DER), as SendGrid shows it")
	ErrUnsigned  = errors.New("the request isn't signed")
	ErrSignature = errors.New("the signature doesn't fit")
	ErrTime      = errors.New("the signature is too old, or from the future")
)

// ParseKey reads a public key as SendGrid's pages show it, in PEM also. Any other kind of key, which the library doesn't survive, is ErrKey.
func ParseKey(text string) (*ecdsa.PublicKey, error) {
	text = strings.TrimSpace(text)
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if block, _ := pem.Decode([]byte(text)); block != nil {
		der, err = block.Bytes, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, ErrKey
	}
	return key, nil
}

// NormalizeKey returns a key as it is kept.
func NormalizeKey(text string) (string, error) {
	key, err := ParseKey(text)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrKey, err)
	}
	return base64.StdEncoding.EncodeToString(der), nil
}

// Verify checks that one of keys has signed a request: its time and the bytes of its body as they came. Any of them will do, so that keys can be replaced.
func Verify(keys []string, signature, timestamp string, body []byte, now time.Time) error {
	if signature == "" || timestamp == "" {
		return ErrUnsigned
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return ErrTime
	}
	if off := now.Sub(time.Unix(seconds, 0)); off > tolerance || off < -tolerance {
		return ErrTime
	}
	sig, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return ErrSignature
	}
	h := sha256.New()
	h.Write([]byte(timestamp))
	h.Write(body)
	sum := h.Sum(nil)
	for _, text := range keys {
		key, err := ParseKey(text)
		if err == nil && ecdsa.VerifyASN1(key, sum, sig) {
			return nil
		}
	}
	return ErrSignature
}
