package inbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/mail/inbound"
)

// mailIDOf returns a mail's id, which follows from its Message-ID: it is the same wherever in the mailbox and however often the mail lies. One
// without a Message-ID gets its id from what every copy has: sender, date, subject, and what is below the header.
func mailIDOf(box uuid.UUID, x inbound.Mail, raw []byte) uuid.UUID {
	if x.MessageID != "" {
		return es.DeriveID(box, "message_id", x.MessageID)
	}
	body := raw
	for _, blank := range []string{"\r\n\r\n", "\n\n"} {
		if _, below, ok := bytes.Cut(raw, []byte(blank)); ok && len(below) < len(body) {
			body = below
			break
		}
	}
	sum := sha256.Sum256(body)
	return es.DeriveID(box, "content", x.From.Address, strconv.FormatInt(x.Date.Unix(), 10), x.Subject, hex.EncodeToString(sum[:]))
}
