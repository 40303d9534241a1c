package sendgrid

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// Inbound is a mail that inbound parse posted in its raw form.
type Inbound struct {
	Raw []byte   // the whole mail
	To  []string // of the envelope: To of the mail is anybody's to write
}

// Why a post is no mail.
var (
	ErrForm   = errors.New("the body is no form of inbound parse")
	ErrNotRaw = errors.New(`the form has no field "email": switch on "POST the raw, full MIME message"`)
)

// Bounds of a form.
const (
	maxFields   = 64
	maxEnvelope = 64 << 10
)

// ReadInbound reads a form of inbound parse. What it says of SPF and DKIM isn't looked at: whoever posts can write it.
func ReadInbound(contentType string, body []byte) (in Inbound, err error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return in, ErrForm
	}
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for range maxFields {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return in, fmt.Errorf("%w: %w", ErrForm, err)
		}
		switch part.FormName() {
		case "email":
			if in.Raw, err = io.ReadAll(part); err != nil {
				return in, fmt.Errorf("%w: %w", ErrForm, err)
			}
		case "envelope":
			text, err := io.ReadAll(io.LimitReader(part, maxEnvelope))
			if err != nil {
				return in, fmt.Errorf("%w: %w", ErrForm, err)
			}
			var envelope struct {
				To []string `json:"to"`
			}
			if json.Unmarshal(text, &envelope) == nil {
				in.To = envelope.To
			}
		}
	}
	if len(bytes.TrimSpace(in.Raw)) == 0 {
		return in, ErrNotRaw
	}
	for i, to := range in.To {
		in.To[i] = strings.ToLower(strings.Trim(strings.TrimSpace(to), "<>"))
	}
	return in, nil
}
