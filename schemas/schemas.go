// Package schemas makes the JSON Schema of every event and command, and the AsyncAPI document around them. A schema that
// is published never changes: published.lock holds its hash, and a changed shape is a new version of its type.
package schemas

import (
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"time"

	"github.com/google/uuid"
	"github.com/invopop/jsonschema"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

//go:generate go run ./generate

// RecordKind is a kind of record: its type and the struct that its data is the JSON of.
type RecordKind struct {
	Type string
	Zero any
}

// Events gives every event that a log may hold, the retired ones too.
func Events() (out []RecordKind) {
	for _, e := range events.Catalogue() {
		out = append(out, RecordKind{e.Zero.EventType(), e.Zero})
	}
	return out
}

// Commands gives every command.
func Commands() (out []RecordKind) {
	for _, r := range commands.Routes() {
		out = append(out, RecordKind{r.Zero.CommandType(), r.Zero})
	}
	return out
}

// Published gives the schemas that are locked, by path below schemas/.
func Published() (map[string][]byte, error) {
	files := map[string][]byte{}
	for folder, messages := range map[string][]RecordKind{"events": Events(), "commands": Commands()} {
		for _, m := range messages {
			b, err := makeSchema("urn:outrider:"+folder+":"+m.Type, m)
			if err != nil {
				return nil, err
			}
			files[path.Join(folder, m.Type+".json")] = b
		}
	}
	return files, nil
}

// Others gives the files that may change: answers are kept for minutes, what webhooks deliver gets further
// members, and asyncapi.yaml and webhooks.yaml describe the rest.
func Others() (map[string][]byte, error) {
	answer, err := makeSchema("urn:outrider:replies:answer", RecordKind{"answer", es.Answer{}})
	if err != nil {
		return nil, err
	}
	doc, err := asyncAPI()
	if err != nil {
		return nil, err
	}
	files, err := webhookFiles()
	if err != nil {
		return nil, err
	}
	files["replies/answer.json"], files["asyncapi.yaml"] = answer, doc
	return files, nil
}

// makeSchema holds the shape only, no comments: a better sentence must not be a new version.
func makeSchema(id string, m RecordKind) ([]byte, error) {
	r := jsonschema.Reflector{Anonymous: true, DoNotReference: true, Mapper: mapType}
	s := r.Reflect(m.Zero)
	s.ID, s.Title = jsonschema.ID(id), m.Type
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("make schema of %s: %w", m.Type, err)
	}
	return append(b, '\n'), nil
}

func mapType(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[uuid.UUID]():
		return &jsonschema.Schema{Type: "string", Format: "uuid"}
	case reflect.TypeFor[time.Time]():
		return &jsonschema.Schema{Type: "string", Format: "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return &jsonschema.Schema{Type: "object"}
	}
	return nil
}
