package schemas_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"outrider/internal/app/webhooks"
	"outrider/internal/es"
	"outrider/schemas"
)

func published(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := schemas.Published()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func lock(t *testing.T) schemas.Lock {
	t.Helper()
	b, err := os.ReadFile("published.lock")
	if err != nil {
		t.Fatal(err)
	}
	l, err := schemas.ReadLock(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(l.Bytes(), b) {
		t.Error("published.lock is not as generate writes it")
	}
	return l
}

func TestPublishedSchemasNeverChange(t *testing.T) {
	t.Parallel()
	files, l := published(t), lock(t)
	for _, broken := range l.Broken(files) {
		t.Error(broken)
	}
	for _, file := range l.Missing(files) {
		t.Errorf("%s is not published: run make generate", file)
	}
}

func TestFilesAreAsGenerated(t *testing.T) {
	t.Parallel()
	files := published(t)
	others, err := schemas.Others()
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(files, others)
	for file, want := range files {
		got, err := os.ReadFile(filepath.FromSlash(file))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not as the code has it (%v): run make generate", file, err)
		}
	}
	for _, folder := range []string{"events", "commands", "replies", "webhooks"} {
		on, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range on {
			if files[folder+"/"+f.Name()] == nil {
				t.Errorf("%s/%s belongs to nothing in the code", folder, f.Name())
			}
		}
	}
}

func TestLockSeesChangeAndLoss(t *testing.T) {
	t.Parallel()
	l := schemas.Lock{}
	l.Publish(map[string][]byte{"a": []byte("1"), "b": []byte("2")})
	if got := l.Broken(map[string][]byte{"a": []byte("1"), "b": []byte("2"), "c": nil}); len(got) != 0 {
		t.Errorf("a new file breaks the lock: %v", got)
	}
	got := l.Broken(map[string][]byte{"a": []byte("1 ")})
	if len(got) != 2 || !strings.HasPrefix(got[0], "a is published and would change") || !strings.HasPrefix(got[1], "b is published but gone") {
		t.Errorf("got %q", got)
	}
	l.Publish(map[string][]byte{"a": []byte("other")})
	if len(l.Broken(map[string][]byte{"a": []byte("1"), "b": []byte("2")})) != 0 {
		t.Error("publishing anew changed a lock")
	}
	if _, err := schemas.ReadLock([]byte("what\n")); err == nil {
		t.Error("nonsense reads as a lock")
	}
}

// TestStoredBytesFitTheirSchema stores every event and command once empty and once with everything filled.
func TestStoredBytesFitTheirSchema(t *testing.T) {
	t.Parallel()
	for folder, messages := range map[string][]schemas.RecordKind{"events": schemas.Events(), "commands": schemas.Commands()} {
		for _, m := range messages {
			s := compile(t, folder+"/"+m.Type+".json")
			full := reflect.New(reflect.TypeOf(m.Zero)).Elem()
			fill(t, full)
			for _, v := range []any{m.Zero, full.Interface()} {
				b, err := es.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				data, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Validate(data); err != nil {
					t.Errorf("%s: %v\n%s", m.Type, err, b)
				}
			}
		}
	}
}

func compile(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(file, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Interface().(type) {
	case uuid.UUID:
		v.Set(reflect.ValueOf(es.SystemOrg))
		return
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)))
		return
	case json.RawMessage:
		v.SetBytes([]byte(`{"a":1}`))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint(7)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0))
		fill(t, v.Index(1))
	case reflect.Float64:
		v.SetFloat(0.25)
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(t, value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("Column"), value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	default:
		t.Fatalf("nothing to put into a %s", v.Type())
	}
}

func TestAsyncAPIPointsAtFiles(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("asyncapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		AsyncAPI   string `yaml:"asyncapi"`
		Channels   map[string]struct{ Messages map[string]map[string]string }
		Components struct {
			Messages map[string]struct {
				Payload map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.AsyncAPI != "3.0.0" || len(doc.Channels["events"].Messages) != len(schemas.Events())+1 || len(doc.Channels["commands"].Messages) != len(schemas.Commands()) {
		t.Errorf("the document doesn't list every message")
	}
	for name, channel := range doc.Channels {
		for message, ref := range channel.Messages {
			if _, ok := doc.Components.Messages[strings.TrimPrefix(ref["$ref"], "#/components/messages/")]; !ok {
				t.Errorf("%s %s points at nothing: %s", name, message, ref["$ref"])
			}
		}
	}
	for name, m := range doc.Components.Messages {
		if ref := m.Payload["$ref"]; ref != "" {
			if _, err := os.Stat(filepath.FromSlash(ref)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestWhatWebhooksDeliverFitsItsSchema(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("webhooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct{ Messages map[string]any }
	}
	if err := yaml.Unmarshal(b, &doc); err != nil || len(doc.Components.Messages) != len(webhooks.Kinds()) {
		t.Fatalf("webhooks.yaml has %d messages, want %d: %v", len(doc.Components.Messages), len(webhooks.Kinds()), err)
	}
	for _, k := range webhooks.Kinds() {
		sample, err := k.Sample()
		if err != nil {
			t.Fatal(err)
		}
		var body struct{ Data json.RawMessage }
		if err := json.Unmarshal(sample, &body); err != nil {
			t.Fatal(err)
		}
		data, err := jsonschema.UnmarshalJSON(bytes.NewReader(body.Data))
		if err != nil {
			t.Fatal(err)
		}
		if err := compile(t, "webhooks/"+k.Name+".json").Validate(data); err != nil {
			t.Errorf("%s: %v: %s", k.Name, err, sample)
		}
	}
}
