package mailboxes

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/mail"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/uuid"
)

// Signing is the key with which messages of a mailbox's domain are signed; the zero value signs nothing.
type Signing struct {
	Domain, Selector string
	Secret           string // name of the private key in the vault
}

const signingBits = 2048 // RFC 8301, 3.2: no less than 1024, and a record of more doesn't fit everywhere

// NewSigningKey makes a key: the private half as the vault holds it, the public one as its record shows it.
func NewSigningKey() (private []byte, public string, err error) {
	key, err := rsa.GenerateKey(rand.Reader, signingBits)
	if err != nil {
		return nil, "", fmt.Errorf("make a key to sign with: %w", err)
	}
	if private, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return nil, "", fmt.Errorf("write a key to sign with: %w", err)
	}
	public, err = PublicSigningKey(private)
	return private, public, err
}

// PublicSigningKey returns the public half of a key.
func PublicSigningKey(private []byte) (string, error) {
	key, err := signingKeyOf(private)
	if err != nil {
		return "", err
	}
	half, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return "", fmt.Errorf("write the public half of a key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(half), nil
}

func signingKeyOf(private []byte) (*rsa.PrivateKey, error) {
	key, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("read a key to sign with: %w", err)
	}
	out, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("read a key to sign with: it is a %T", key)
	}
	return out, nil
}

// signedHeaders are the fields that a signature covers, those of them that a message has. RFC 8058 wants the two of unsubscribing among them.
func signedHeaders() []string {
	return []string{"From", "Reply-To", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post"}
}

// Sign signs a message, where its domain has a key.
func (s Signing) Sign(ctx context.Context, secrets Secrets, org uuid.UUID, message []byte) ([]byte, error) {
	if s.Selector == "" {
		return message, nil
	}
	der, err := secrets.Secret(ctx, org, s.Secret)
	if err != nil {
		return nil, fmt.Errorf("key of %s: %w", s.Domain, err)
	}
	signer, err := signingKeyOf(der)
	if err != nil {
		return nil, fmt.Errorf("key of %s: %w", s.Domain, err)
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return nil, fmt.Errorf("sign a message of %s: %w", s.Domain, err)
	}
	o := dkim.SignOptions{Domain: s.Domain, Selector: s.Selector, Signer: signer, HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed}
	for _, name := range signedHeaders() {
		if parsed.Header.Get(name) != "" {
			o.HeaderKeys = append(o.HeaderKeys, name)
		}
	}
	var out bytes.Buffer
	if err := dkim.Sign(&out, bytes.NewReader(message), &o); err != nil {
		return nil, fmt.Errorf("sign a message of %s: %w", s.Domain, err)
	}
	return out.Bytes(), nil
}
