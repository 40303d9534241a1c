package es

import (
	"bytes"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestTheWindowBoundsDetailsButKeepsAnswers(t *testing.T) {
	t.Parallel()
	var w answerHistory
	detail := append(append([]byte{'"'}, bytes.Repeat([]byte("x"), 64<<10)...), '"')
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	id := func(i int) uuid.UUID { return DeriveID(uuid.Nil, strconv.Itoa(i)) }
	for i := range 200 {
		w.addAnswer(&Answer{CommandID: id(i), Outcome: Accepted, Detail: detail, Time: at}, 1)
		if w.details > WindowDetail {
			t.Fatalf("%d bytes of details after %d answers", w.details, i+1)
		}
	}
	if a, _, ok := w.answerTo(id(0), 0); !ok || a.Detail != nil {
		t.Errorf("the oldest answer: known %v, %d bytes of detail", ok, len(a.Detail))
	}
	if a, _, ok := w.answerTo(id(199), 0); !ok || len(a.Detail) != len(detail) {
		t.Errorf("the newest answer: known %v, %d bytes of detail", ok, len(a.Detail))
	}
	w.addAnswer(&Answer{CommandID: id(200), Outcome: Noop, Time: at.Add(WindowAge + time.Second)}, 1)
	if w.details != 0 || len(w.detailed) != 0 || len(w.answers) != 1 {
		t.Errorf("after a day: %d bytes in %d details, %d answers", w.details, len(w.detailed), len(w.answers))
	}
}
