package schemas

import (
	"bytes"
	_ "embed"
	"fmt"
	"path"
	"text/template"

	"outrider/internal/app/webhooks"
)

//go:embed webhooks.tmpl
var webhooksTemplate string

// webhookFiles gives the schema of every payload that webhooks deliver, and the AsyncAPI document around them. Members are added to a payload,
// never taken away or changed: that is another version.
func webhookFiles() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, k := range webhooks.Kinds() {
		b, err := makeSchema(fmt.Sprintf("urn:outrider:webhooks:%s.v%d", k.Name, webhooks.Version), RecordKind{k.Name, k.Zero})
		if err != nil {
			return nil, err
		}
		files[path.Join("webhooks", k.Name+".json")] = b
	}
	t, err := template.New("webhooks").Funcs(template.FuncMap{"key": componentKey}).Parse(webhooksTemplate)
	if err != nil {
		return nil, fmt.Errorf("parse webhooks.tmpl: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, map[string]any{"Kinds": webhooks.Kinds(), "Version": webhooks.Version}); err != nil {
		return nil, fmt.Errorf("make webhooks.yaml: %w", err)
	}
	files["webhooks.yaml"] = b.Bytes()
	return files, nil
}
