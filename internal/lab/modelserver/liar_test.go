package modelserver_test

import (
	"fmt"
	"strings"
	"testing"

	"outrider/internal/lab/modelserver"
)

// TestTheStandInRemembersWhatItMadeUp asks for many messages and facts: what isn't of the question is in the list of lies, and only that.
func TestTheStandInRemembersWhatItMadeUp(t *testing.T) {
	t.Parallel()
	m := &modelserver.Liar{Every: 3}
	kinds, told := map[string]int{}, 0
	for n := range 300 {
		user := fmt.Sprintf(`{"example_subject":"s","approved_sentences":["Hi Ann,","Shall we talk?","A question"],"variables":{"email":"a%d@x.example"},"facts":[{"id":"f1","text":"You have %d employees."}]}`, n, 100+n)
		answer := m.Answer("", user)
		if answer != m.Answer("", user) {
			t.Fatal("the same question is answered otherwise")
		}
		if !strings.Contains(answer, `"Hi Ann,"`) || !strings.Contains(answer, `"subject":"A question"`) {
			t.Fatal(answer)
		}
	}
	for _, lie := range m.Lies() {
		kinds[lie.Kind]++
		told++
		if lie.Email == "" || lie.Text == "" {
			t.Errorf("%+v", lie)
		}
	}
	for _, kind := range []string{"number", "negation", "invention", "praise", "link", "promise", "cause"} {
		if kinds[kind] == 0 && kind != "invention" {
			t.Errorf("no lie is a %s: %v", kind, kinds)
		}
	}
	if told < 100 || told > 300 {
		t.Errorf("%d lies", told)
	}
	page := m.Answer("", `{"company":["A"],"page":"Today a crew of 12 looks after you. Under the hood you will find Kafka."}`)
	if !strings.Contains(page, `"object":"12"`) || !strings.Contains(page, `"object":"Kafka"`) {
		t.Error(page)
	}
	if honest := (&modelserver.Liar{}).Answer("", `{"page":"Nothing."}`); honest != `{"facts":[]}` {
		t.Error(honest)
	}
}
