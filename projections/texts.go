package projections

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// Field names that sealed texts are bound to. The subject is the lead; for a mailbox's fields it is the mailbox.
const (
	SubjectField         = "subject"      // of a message, and of a mail that came in
	BodyField            = "body"         // likewise; compressed with zstd before it is sealed, or not
	MeetingField         = "meeting"      // a JSON object {name, email, note}
	MeetingLinkField     = "meeting_link" // where people meet
	NoteField            = "note"         // what a member says of a draft, or of a conversation
	ClientField          = "client"       // of a hit: a JSON object {ip, user_agent}; in no read model
	MailboxAddressField  = "address"      // of a mailbox
	MailboxNameField     = "display_name" // likewise
	MailboxUsernameField = "username"     // likewise, of its servers

	MailboxSignatureField = "signature" // likewise: a JSON object {text, html}
)

// maxText bounds the size of a decompressed text, so that a small one can't fill the memory.
const maxText = 4 << 20

// opener opens the sealed texts of a batch.
type opener struct {
	keys map[pii.Ref]pii.Key
	zstd *zstd.Decoder
}

// lookupTexts gets all keys at once. Close it.
func lookupTexts(ctx context.Context, keys Keys, refs []pii.Ref) (*opener, error) {
	found, err := keys.Lookup(ctx, refs)
	if err != nil {
		return nil, err
	}
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxText))
	if err != nil {
		return nil, fmt.Errorf("open zstd: %w", err)
	}
	return &opener{found, z}, nil
}

func (t *opener) closeDecoder() { t.zstd.Close() }

// openText returns nil for a text that is absent or can't be read.
func (t *opener) openText(org, subject uuid.UUID, field string, s events.Sealed) (*string, error) {
	if s.IsZero() {
		return nil, nil // absent is NULL
	}
	key, ok := t.keys[keyRef(org, subject, s)]
	if !ok {
		return nil, nil // erased
	}
	plain, err := key.Open(field, pii.Sealed(s))
	if errors.Is(err, pii.ErrUnreadable) {
		return nil, nil // written by someone who shouldn't
	}
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(plain, []byte{0x28, 0xb5, 0x2f, 0xfd}) { // a zstd frame (RFC 8878); no UTF-8 text begins so
		if plain, err = t.zstd.DecodeAll(plain, nil); err != nil {
			return nil, nil //nolint:nilerr // as above: a reader of everybody's mail can't stop for one
		}
	}
	v := strings.ToValidUTF8(replaceNUL(string(plain)), "\uFFFD")
	return &v, nil
}

// OpenStored opens a body from the blob bucket: the sealed text, as JSON. nil = it can't be read any more.
func OpenStored(ctx context.Context, keys Keys, org, lead uuid.UUID, object []byte) (*string, error) {
	var s events.Sealed
	if err := json.Unmarshal(object, &s); err != nil {
		return nil, fmt.Errorf("read stored body: %w", err)
	}
	t, err := lookupTexts(ctx, keys, []pii.Ref{keyRef(org, lead, s)})
	if err != nil {
		return nil, err
	}
	defer t.closeDecoder()
	return t.openText(org, lead, BodyField, s)
}

// forgetTexts nulls columns of the rows of erased leads; the rows themselves stay.
func forgetTexts(ctx context.Context, tx pgx.Tx, table string, columnNames []string, leads []id) error {
	if len(leads) == 0 {
		return nil
	}
	changes := make([]string, len(columnNames))
	for i, c := range columnNames {
		changes[i] = pgx.Identifier{c}.Sanitize() + " = null"
	}
	orgs, own := idColumns(leads)
	if _, err := tx.Exec(ctx, `update `+pgx.Identifier{table}.Sanitize()+` t set `+strings.Join(changes, ", ")+`
		from (select distinct * from unnest($1::uuid[], $2::uuid[])) d (org_id, lead_id) where t.org_id = d.org_id and t.lead_id = d.lead_id`, orgs, own); err != nil {
		return fmt.Errorf("forget texts of %s: %w", table, err)
	}
	return nil
}

// erasedIn returns the leads that a batch erases.
func erasedIn(batch []*es.Event) (leads []id) {
	for _, e := range batch {
		if p, ok := e.Payload.(events.LeadErased); ok {
			leads = append(leads, id{e.Org, p.LeadID})
		}
	}
	return leads
}

// lastErasure returns, for each erased lead, the last event of a batch that erases it: what was sealed before isn't shown, whether the
// key is gone yet or not.
func lastErasure(batch []*es.Event) map[id]int64 {
	last := map[id]int64{}
	for _, e := range batch {
		if p, ok := e.Payload.(events.LeadErased); ok {
			last[id{e.Org, p.LeadID}] = e.Oseq
		}
	}
	return last
}
