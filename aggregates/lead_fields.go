package aggregates

import "strings"

// Fields are the names of custom fields that any lead has ever had, as templates call them.
type Fields struct{ names map[string]struct{} }

// maxFields bounds them; beyond it a new name is not known to templates.
const maxFields = 1000

func (f *Fields) addNames(filled []string) {
	for _, name := range filled {
		custom, ok := strings.CutPrefix(name, "custom.")
		if _, known := f.names[custom]; !ok || known || len(f.names) >= maxFields {
			continue
		}
		if f.names == nil {
			f.names = map[string]struct{}{}
		}
		f.names[strings.Clone(custom)] = struct{}{}
	}
}

// Known reports whether any lead has had a custom field.
func (f *Fields) Known(custom string) bool {
	_, ok := f.names[custom]
	return ok
}
