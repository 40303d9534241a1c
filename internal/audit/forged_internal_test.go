package audit

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// forger writes what Writer refuses, and signs it with the true key: each check of the verifier stands for itself.
type forger struct {
	*ExportWriter
	out bytes.Buffer
}

func forge(t *testing.T, k *Keyring) *forger {
	t.Helper()
	f := &forger{}
	w, err := NewWriter(&f.out, k, uuid.UUID{1}, 0, es.ChainHash{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	f.ExportWriter = w
	return f
}

func (f *forger) event(oseq int64, data string) *forger {
	e := &es.Event{ID: uuid.UUID{byte(oseq)}, Type: "a.b.v1", Org: f.org, Oseq: oseq, Time: time.Unix(1, 0).UTC(), Data: []byte(data)}
	e.Chain, _ = es.Link(f.chain, e, nil)
	f.oseq, f.chain = oseq, e.Chain
	_ = f.writeLine(appendEventLine(nil, e))
	return f
}

func (f *forger) checkpoint(c Checkpoint) *forger {
	c.Org = f.org
	c.Sign(f.ring)
	f.checkpoints++
	_ = f.writeLine(c.appendLine(nil))
	return f
}

func (f *forger) close() []byte {
	_, _ = f.Close(time.Now())
	return f.out.Bytes()
}

func TestWhoHasTheKeyCannotRewriteWhatWasSignedBefore(t *testing.T) {
	t.Parallel()
	k, err := NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	honest := forge(t, k).event(1, `{"n":1}`)
	early := Checkpoint{Oseq: 1, Chain: honest.chain}
	honest.event(2, `{"n":2}`)
	later := Checkpoint{Oseq: 2, Chain: honest.chain, Previous: 1}
	begin := func() *forger { return forge(t, k).event(1, `{"n":1}`) }
	fewer, edited, doubled := begin(), begin(), begin()
	fewer.checkpoint(early)
	fewer.checkpoints++
	edited.digest = sha256.New()
	doubled.close()
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"as it was":                        {begin().checkpoint(early).event(2, `{"n":2}`).checkpoint(later).close(), ""},
		"a history made anew":              {forge(t, k).event(1, `{"n":7}`).checkpoint(early).close(), "line 3: the chain that was signed for event 1 is another one"},
		"a checkpoint left out":            {begin().event(2, `{"n":2}`).checkpoint(later).close(), "line 4: the checkpoint before it, of event 1, is missing"},
		"a checkpoint twice":               {begin().checkpoint(early).checkpoint(early).close(), "line 4: a second checkpoint of event 1"},
		"an event left out":                {begin().event(3, `{"n":3}`).close(), "line 3: event 3 follows event 1"},
		"a head that counts more":          {fewer.close(), "line 4: it closes an export with 2 checkpoints, but 1"},
		"a head over something else":       {edited.close(), "line 3: the lines before it aren't those that it closes"},
		"something behind the head":        {doubled.close(), "line 4: something follows the signed head"},
		"a checkpoint of the wrong moment": {begin().event(2, `{"n":2}`).checkpoint(early).close(), "line 4: a checkpoint of event 1 stands behind event 2"},
	} {
		_, err := Verify(bytes.NewReader(c.file), k.Public(), uuid.Nil)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q in\n%s", name, err, c.want, c.file)
		}
	}
}
