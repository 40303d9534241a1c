package inbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/internal/app/sealedtext"
	"outrider/internal/lab/reactortest"
	"outrider/internal/mail/imap"
)

// shelf keeps objects; quoting listens to answers to a text of ours that lies there.
type shelf map[string][]byte

func (s shelf) PutHashed(_ context.Context, prefix string, data []byte) (string, error) {
	s[prefix+"/1"] = data
	return prefix + "/1", nil
}

func (s shelf) GetHashed(_ context.Context, name string, _ int64) ([]byte, error) {
	if data, ok := s[name]; ok {
		return data, nil
	}
	return nil, errors.New("no such object")
}

type quoting struct {
	*listening
	texts []SentText
}

func (q *quoting) SentTexts(context.Context, uuid.UUID, uuid.UUID) ([]SentText, error) {
	return q.texts, nil
}

func TestALongTextOfOursIsReadWhereItLies(t *testing.T) {
	t.Parallel()
	q := &quoting{listening: setupListening(t)}
	q.Mail = q
	var long strings.Builder
	for long.Len() < 100<<10 { // random, so that it doesn't shrink much
		long.WriteString(uuid.NewString() + " ")
	}
	ours := "If this is of no use to you, an answer of one line will do: please remove me from your list, and I will.\n" + long.String()
	objects := shelf{}
	_, ref, err := sealedtext.SealBody(context.Background(), objects, reactortest.KeyOf(q.box.Org, q.box.ID), ours)
	if err != nil || ref == "" {
		t.Fatal(ref, err)
	}
	q.Objects, q.texts = objects, []SentText{{BodyRef: ref, Footer: "Acme GmbH"}}
	answer := func(said string) string {
		return "In-Reply-To: <" + q.id(q.box.Org, q.first) + ">\n\n" + said + "\n\nFra: Jane\n" + ours[:2000]
	}
	q.hear(t, reactortest.Bob, imap.Batch{}, 1, answer("Ja tak"))
	if got := q.told(t); !slices.Equal(got, []string{"reply of lead by message_id"}) {
		t.Errorf("got %q", got)
	}
	q.hear(t, reactortest.Bob, imap.Batch{}, 2, answer("Please remove me."))
	if got := q.told(t); !slices.Contains(got, "unsubscribed by reply") {
		t.Errorf("got %q", got)
	}
}
