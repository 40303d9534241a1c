// Package estest checks decisions: given these events, when this command comes, then that follows.
package estest

import (
	"bufio"
	"bytes"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/es/snapshot/graph"
)

// Kit is the domain under test.
type Kit struct {
	Domain es.Domain
	Org    uuid.UUID
	Encode func(command any) (commandType string, data []byte, err error)
}

// At is the time of the commands of cases that name none.
var At = time.Date(2026, 3, 31, 9, 30, 0, 0, time.UTC)

// Case is one behaviour; its key in Run is a plain sentence. Exactly one of Then, Refused and Noop is set.
type Case struct {
	Given   []es.Payload
	When    any       // a command
	At      time.Time // zero = At
	Then    []es.Payload
	Refused string // code
	Detail  any    // of the refusal, compared as JSON; nil = not looked at
	Noop    bool
	Due     *time.Time // what is due after Then; nil = not looked at
	Again   Again      // what follows when it is asked once more; must be set beside Then
}

// Again is what a command does that is sent twice with two ids.
type Again struct {
	kind    string
	refused string
}

// NothingToDo expects that the second time there is nothing to do.
func NothingToDo() Again { return Again{kind: "noop"} }

// OnceMore expects that the same happens again.
func OnceMore() Again { return Again{kind: "again"} }

// RefusedAs expects that the second time is refused.
func RefusedAs(code string) Again { return Again{"refused", code} }

// Run runs the cases in parallel. Everything goes through JSON both ways, and every decision is made several times.
func (k Kit) Run(t *testing.T, cases map[string]Case) {
	t.Helper()
	for sentence, c := range cases {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			k.runCase(t, c)
		})
	}
}

func (k Kit) runCase(t *testing.T, c Case) {
	t.Helper()
	if c.At.IsZero() {
		c.At = At
	}
	s := k.buildState(t, c.Given)
	got, err := k.decideOnce(t, s, c)
	k.checkDeterministic(t, c, s, got, err)
	switch {
	case c.Refused != "":
		k.wantRefusal(t, c, err)
		return
	case err != nil:
		t.Fatalf("refused or failed: %v %s", err, detailOf(err))
	case c.Noop:
		if len(got) != 0 {
			t.Fatalf("there was nothing to do, but:\n%s", describeEvents(t, got))
		}
		return
	case len(c.Then) == 0:
		t.Fatal("the case says neither then, refused nor noop")
	}
	if a, b := describeEvents(t, c.Then), describeEvents(t, got); a != b {
		t.Fatalf("want:\n%sgot:\n%s", a, b)
	}
	k.applyEvents(t, s, got)
	k.sameState(t, c, s, got)
	if c.Due != nil && !s.Due().Equal(*c.Due) {
		t.Fatalf("due is %s, want %s", s.Due(), c.Due)
	}
	k.checkAskedAgain(t, s, c)
}

func (k Kit) checkAskedAgain(t *testing.T, s es.State, c Case) {
	t.Helper()
	got, err := k.decideOnce(t, s, c)
	switch {
	case c.Again.kind == "":
		t.Fatal("the case doesn't say what follows when it is asked twice")
	case c.Again.kind == "refused":
		if code := es.RefusalCode(err); code != c.Again.refused {
			t.Fatalf("asked twice: want refusal %s, got %v with\n%s", c.Again.refused, err, describeEvents(t, got))
		}
	case err != nil:
		t.Fatalf("asked twice: %v %s", err, detailOf(err))
	case c.Again.kind == "noop" && len(got) != 0:
		t.Fatalf("asked twice, it happens again:\n%s", describeEvents(t, got))
	case c.Again.kind == "again" && len(got) == 0:
		t.Fatal("asked twice, there is nothing to do")
	}
}

// checkDeterministic decides on the same state, on a fresh one, and on one that was saved and restored, and compares the results.
func (k Kit) checkDeterministic(t *testing.T, c Case, s es.State, got []es.Payload, err error) {
	t.Helper()
	for _, s := range []es.State{s, k.buildState(t, c.Given), restoreCopy(t, k.buildState(t, c.Given))} {
		more, moreErr := k.decideOnce(t, s, c)
		if describeEvents(t, got) != describeEvents(t, more) || es.RefusalCode(err) != es.RefusalCode(moreErr) || detailOf(err) != detailOf(moreErr) {
			t.Fatalf("decided differently the second time:\n%s%v\n%s%v", describeEvents(t, got), err, describeEvents(t, more), moreErr)
		}
	}
}

// restoreCopy writes a state as a snapshot does, and restores it.
func restoreCopy(t *testing.T, s es.State) es.State {
	t.Helper()
	type organization struct{ state es.State }
	before, after := &organization{s}, &organization{}
	plan, err := graph.New(before)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	to := bufio.NewWriter(&b)
	if err := errors.Join(plan.Write(to, before), to.Flush()); err != nil {
		t.Fatal(err)
	}
	if err := plan.Read(bufio.NewReader(&b), after); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before, after) {
		t.Fatalf("a state is another one once it was kept:\n%+v\n%+v", before.state, after.state)
	}
	return after.state
}

// sameState checks that a writer, which applies facts as they were decided, and a reader, which applies stored ones, come to the same state.
func (k Kit) sameState(t *testing.T, c Case, read es.State, got []es.Payload) {
	t.Helper()
	wrote := k.buildState(t, c.Given)
	if _, err := k.decideOnce(t, wrote, c); err != nil {
		t.Fatal(err)
	}
	for _, p := range got {
		wrote.Apply(&es.Event{Type: p.EventType(), Org: k.Org, Subject: p.AggregateID(), Payload: p})
	}
	if !reflect.DeepEqual(read, wrote) {
		t.Fatalf("who reads the log comes to another state than who wrote it:\n%+v\n%+v", read, wrote)
	}
}

func (k Kit) wantRefusal(t *testing.T, c Case, err error) {
	t.Helper()
	if code := es.RefusalCode(err); code != c.Refused {
		t.Fatalf("want refusal %s, got %v %s", c.Refused, err, detailOf(err))
	}
	if c.Detail != nil {
		var want, got any
		if err := errors.Join(es.Unmarshal(mustMarshal(t, c.Detail), &want), es.Unmarshal([]byte(detailOf(err)), &got)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("want detail %v, got %v", want, got)
		}
	}
}

// buildState folds facts, through JSON.
func (k Kit) buildState(t *testing.T, given []es.Payload) es.State {
	t.Helper()
	s := k.Domain.New(k.Org)
	k.applyEvents(t, s, given)
	return s
}

func (k Kit) applyEvents(t *testing.T, s es.State, facts []es.Payload) {
	t.Helper()
	for _, p := range facts {
		data := mustMarshal(t, p)
		back, err := k.Domain.Decode(p.EventType(), data)
		if err != nil {
			t.Fatalf("read back %s: %v", p.EventType(), err)
		}
		if reflect.ValueOf(back).Kind() == reflect.Pointer {
			t.Fatalf("%s decodes to a pointer", p.EventType())
		}
		if again := mustMarshal(t, back); !bytes.Equal(data, again) && back.EventType() == p.EventType() { // a retired one reads as the newest form
			t.Fatalf("%s changes on its way through JSON:\n%s\n%s", p.EventType(), data, again)
		}
		s.Apply(&es.Event{Type: p.EventType(), Org: k.Org, Subject: p.AggregateID(), Data: data, Payload: back})
	}
}

func (k Kit) decideOnce(t *testing.T, s es.State, c Case) ([]es.Payload, error) {
	t.Helper()
	commandType, data, err := k.Encode(c.When)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return s.Decide(&es.Command{ID: es.DeriveID(k.Org, "command"), Type: commandType, Org: k.Org, Time: c.At, Data: data,
		Actor: es.Actor{Kind: es.ActorOperator, ID: "test"}})
}

func detailOf(err error) string {
	var r *es.Refusal
	if !errors.As(err, &r) || r.Detail == nil {
		return ""
	}
	b, err := es.Marshal(r.Detail)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func describeEvents(t *testing.T, events []es.Payload) string {
	t.Helper()
	var b bytes.Buffer
	for _, e := range events {
		b.WriteString("  " + e.EventType() + " " + e.AggregateID() + " ")
		b.Write(mustMarshal(t, e))
		b.WriteByte('\n')
	}
	return b.String()
}

func mustMarshal(t *testing.T, v any) []byte {
	t.Helper()
	b, err := es.Marshal(v)
	if err != nil {
		t.Fatalf("store %T: %v", v, err)
	}
	return b
}
