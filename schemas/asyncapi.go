package schemas

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed asyncapi.tmpl
var asyncapiTemplate string

// asyncAPI gives the document for foreign readers of the log (AsyncAPI 3.0).
func asyncAPI() ([]byte, error) {
	t, err := template.New("asyncapi").Funcs(template.FuncMap{"key": componentKey}).Parse(asyncapiTemplate)
	if err != nil {
		return nil, fmt.Errorf("parse asyncapi.tmpl: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, map[string][]RecordKind{"Events": Events(), "Commands": Commands()}); err != nil {
		return nil, fmt.Errorf("make asyncapi.yaml: %w", err)
	}
	return b.Bytes(), nil
}

// componentKey makes a type a component's name, where dots are not wanted by all tools.
func componentKey(messageType string) string {
	return strings.NewReplacer(".", "-", "_", "-").Replace(messageType)
}
