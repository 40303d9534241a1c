package profile

// Values are what templates can name of a lead: its fields, custom ones under both of their names.
func (p Profile) Values() map[string]any {
	out := map[string]any{}
	for name, v := range p.Custom {
		out[name], out[CustomPrefix+name] = v, v
	}
	for _, name := range Names() { // a custom field doesn't hide them
		out[name] = *p.Field(name)
	}
	for _, name := range plainFields() {
		if value, _ := out[name].(string); !ReadsLikeName(name, value) {
			out[name] = ""
		}
	}
	return out
}
