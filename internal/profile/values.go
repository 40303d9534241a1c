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
		value, _ := out[name].(string)
		if value = CleanLine(value); !ReadsLikeName(name, value) {
			value = ""
		}
		out[name] = value
	}
	return out
}
