package commands

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADemonstrationWantsAFreshFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if data, gone, err := freshFolder(filepath.Join(dir, "new")); err != nil || !filepath.IsAbs(data) {
		t.Errorf("a new folder: got %s, %v", data, err)
	} else {
		gone()
		if _, err := os.Stat(data); err != nil {
			t.Errorf("a folder that was named must stay: %v", err)
		}
	}
	if _, _, err := freshFolder(dir); err == nil || !strings.Contains(err.Error(), "isn't empty") {
		t.Errorf("a folder with something in it: got %v", err)
	}
	data, gone, err := freshFolder(defaultData)
	if err != nil {
		t.Fatal(err)
	}
	gone()
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a temporary folder must go: %v", err)
	}
}
