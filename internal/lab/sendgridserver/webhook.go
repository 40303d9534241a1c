package sendgridserver

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"strconv"
	"time"
)

// Signer signs posts as SendGrid does.
type Signer struct{ key *ecdsa.PrivateKey }

// NewSigner makes a key.
func NewSigner() (*Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	return &Signer{key}, nil
}

// PublicKey returns the key as SendGrid's pages show it.
func (s *Signer) PublicKey() string {
	der, err := x509.MarshalPKIXPublicKey(&s.key.PublicKey)
	if err != nil {
		panic(err) // it was made here
	}
	return base64.StdEncoding.EncodeToString(der)
}

// Sign returns what the headers of a post hold.
func (s *Signer) Sign(body []byte, at time.Time) (signature, timestamp string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	sum := sha256.Sum256(append([]byte(timestamp), body...))
	sig, err := ecdsa.SignASN1(rand.Reader, s.key, sum[:])
	if err != nil {
		panic(err) // it has a key
	}
	return base64.StdEncoding.EncodeToString(sig), timestamp
}

// Entry is one entry of a post, as SendGrid writes it.
type Entry map[string]any

// Report makes an entry about a message that was taken.
func (m Message) Report(event, id string, at time.Time, more Entry) Entry {
	e := Entry{"email": m.To, "event": event, "sg_event_id": id, "sg_message_id": m.ID + ".filter0001.16648.5515E0B88.0", "timestamp": at.Unix(), "smtp-id": m.Headers["Message-ID"]}
	for name, value := range m.CustomArgs {
		e[name] = value
	}
	for name, value := range more {
		e[name] = value
	}
	return e
}

// Post writes entries as the event webhook does: with CR LF between them and at the end.
func Post(entries ...Entry) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, e := range entries {
		if i > 0 {
			b.WriteString(",\r\n")
		}
		one, err := json.Marshal(e)
		if err != nil {
			panic(err) // they are made of simple values
		}
		b.Write(one)
	}
	b.WriteString("]\r\n")
	return b.Bytes()
}

// Inbound writes a mail as inbound parse posts it in its raw form.
func Inbound(raw []byte, from string, to ...string) (contentType string, body []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	envelope, _ := json.Marshal(map[string]any{"to": to, "from": from})
	for _, f := range []struct{ name, value string }{{"email", string(raw)}, {"SPF", "pass"}, {"dkim", "{@example.com : pass}"}, {"envelope", string(envelope)},
		{"charsets", `{"to":"UTF-8","subject":"UTF-8"}`}, {"sender_ip", "192.0.2.1"}} {
		if err := w.WriteField(f.name, f.value); err != nil {
			panic(err) // it is written to memory
		}
	}
	w.Close()
	return w.FormDataContentType(), b.Bytes()
}
