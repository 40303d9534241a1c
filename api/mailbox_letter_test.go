package api_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"outrider/projections"
)

func TestASignatureIsSetShownAndPreviewed(t *testing.T) {
	t.Parallel()
	c := letters(t)
	path := "/v1/mailboxes/" + c.mailbox.String()
	c.see("the campaign's mailbox", func(tx pgx.Tx) (bool, error) {
		_, err := projections.GetMailbox(t.Context(), tx, c.org, c.mailbox)
		return err == nil, nil //nolint:nilerr // it isn't there yet
	})
	signed := obj{"signature": obj{"text": "Jane Doe\nAcme", "html": "<b>Jane</b>"}}
	made := c.ok("PUT", path+"/letter", obj{"signature": signed["signature"], "keep_copies": true})
	shown := made.json["signature"].(map[string]any)
	if shown["text"] != "Jane Doe\nAcme" || shown["html"] != "<b>Jane</b>" || made.json["keep_copies"] != true {
		t.Errorf("got %s", made.body)
	}
	if same := c.ok("PUT", path+"/letter", signed); same.json["version"] != made.json["version"] || same.json["keep_copies"] != true {
		t.Errorf("nothing changes: %s", same.body)
	}
	for field, signature := range map[string]obj{"signature.html": {"text": "Jane", "html": `<img src="https://example.com/a.png">`}, "signature.text": {"html": "<b>Jane</b>"}} {
		wrong := c.refused(422, "invalid", "PUT", path+"/letter", obj{"signature": signature})
		if got := wrong.list("errors")[0].(map[string]any)["field"]; got != field {
			t.Errorf("%s: %s", field, wrong.body)
		}
	}
	preview := "/v1/campaigns/" + c.id.String() + "/preview"
	text := c.ok("POST", preview, obj{"mailbox_id": c.mailbox.String()}, "Outrider-Position", made.header.Get("Outrider-Position")).text("text")
	before, after, _ := strings.Cut(text, "\n\n-- \n")
	if before != "Hello\n\nJane Doe\nAcme" || !strings.Contains(after, ", 1 Main St\nUnsubscribe: "+base+"/u/") {
		t.Errorf("previewed is %q", text)
	}
	c.refused(422, "invalid", "POST", preview, obj{"mailbox_id": c.id.String()})
	c.refused(422, "invalid", "POST", preview, obj{"subject": "Hi", "body": "![logo](data:image/png;base64,iVBORw0KGgo=)"})
	if gone := c.ok("PUT", path+"/letter", obj{"signature": obj{}}); gone.json["signature"] != nil && len(gone.json["signature"].(map[string]any)) > 0 {
		t.Errorf("a signature without text is none: %s", gone.body)
	}
}
