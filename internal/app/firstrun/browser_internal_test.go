package firstrun

import "testing"

func TestABrowserIsOpenedOnlyWhereSomebodySeesIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		system   string
		env      map[string]string
		terminal bool
		want     string
	}{
		"a desktop":                {"linux", map[string]string{"DISPLAY": ":0"}, true, "xdg-open"},
		"a desktop with Wayland":   {"linux", map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, true, "xdg-open"},
		"a Mac":                    {"darwin", nil, true, "open"},
		"no desktop":               {"linux", nil, true, ""},
		"from afar":                {"linux", map[string]string{"DISPLAY": ":10", "SSH_CONNECTION": "192.0.2.1"}, true, ""},
		"a script":                 {"linux", map[string]string{"DISPLAY": ":0"}, false, ""},
		"continuous integration":   {"darwin", map[string]string{"CI": "true"}, true, ""},
		"a system we know nothing": {"plan9", map[string]string{"DISPLAY": ":0"}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := opener(c.system, func(k string) string { return c.env[k] }, c.terminal); got != c.want {
				t.Errorf("opened by %q, want %q", got, c.want)
			}
		})
	}
}
