package api

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// described is an operation whose answer has one text, with what is said of it.
func described(t *testing.T, text, query string) error {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(`
openapi: 3.0.3
info: { title: t, version: "1" }
paths:
  /v1/things:
    get:
      operationId: listThings
      parameters: [{ name: q, in: query` + query + `, schema: { type: string } }]
      responses:
        "200": { description: d, content: { ` + text + ` } }
`))
	if err != nil {
		t.Fatal(err)
	}
	item := doc.Paths.Value("/v1/things")
	return newOperation(item, item.Get).makeMasks(item.Get, masks{})
}

func TestADescriptionSaysOfEachTextWhatItTellsOfPeople(t *testing.T) {
	t.Parallel()
	object := func(schema string) string {
		return `application/json: { schema: { type: object, properties: { text: ` + schema + ` } } }`
	}
	for name, c := range map[string]struct{ text, query, want string }{
		"a text":                      {object(`{ type: string, x-pii: name }`), ", x-pii: none", ""},
		"a text that says nothing":    {object(`{ type: string }`), ", x-pii: none", "listThings.text"},
		"a text that says anything":   {object(`{ type: string, x-pii: perhaps }`), ", x-pii: none", "perhaps"},
		"one within a list":           {object(`{ type: array, items: { type: object, additionalProperties: { type: string } } }`), ", x-pii: none", "listThings.text[]{}"},
		"an object of anything":       {object(`{ type: object, additionalProperties: true }`), ", x-pii: none", "listThings.text"},
		"a few words":                 {object(`{ type: string, enum: [a, b] }`), ", x-pii: none", ""},
		"an id":                       {object(`{ type: string, format: uuid }`), ", x-pii: none", ""},
		"a query that says nothing":   {object(`{ type: string, x-pii: none }`), "", "query parameter q"},
		"a query that is refused":     {object(`{ type: string, x-pii: none }`), ", x-pii: required", ""},
		"a file that says nothing":    {`text/csv: { schema: { type: string } }`, ", x-pii: none", "no JSON"},
		"a file that tells of nobody": {`text/csv: { schema: { type: string }, x-pii: none }`, ", x-pii: none", ""},
	} {
		if err := described(t, c.text, c.query); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestWhatIsNotDescribedIsWithheld(t *testing.T) {
	t.Parallel()
	m := &mask{members: map[string]*mask{"name": {kind: maskName}, "note": {kind: maskNone}, "of": {kind: maskTyped}}}
	got, err := m.maskJSON([]byte(`{"name":"Ann","note":"to ann@example.com, 7 times","of":"uuid","new":{"deep":["Ann"]},"count":12345678901234567890}`))
	if want := `{"count":12345678901234567890,"name":"A***","new":{"deep":["***"]},"note":"to a***@e***.com, 7 times","of":"uuid"}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}
