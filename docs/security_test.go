package docs_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// level2 are the items of levels 1 and 2 of OWASP ASVS 4.0.3, as section: numbers; those that were deleted and those of level 3 alone are left out.
func level2() map[string]string {
	return map[string]string{
		"1.1": "1 2 3 4 5 6 7", "1.2": "1 2 3 4", "1.4": "1 4 5", "1.5": "1 2 3 4", "1.6": "1 2 3 4", "1.7": "1 2", "1.8": "1 2", "1.9": "1 2", "1.10": "1", "1.11": "1 2", "1.12": "2", "1.14": "1 2 3 4 5 6",
		"2.1": "1 2 3 4 5 6 7 8 9 10 11 12", "2.2": "1 2 3", "2.3": "1 2 3", "2.4": "1 2 3 4 5", "2.5": "1 2 3 4 5 6 7", "2.6": "1 2 3", "2.7": "1 2 3 4 5 6", "2.8": "1 2 3 4 5 6 7", "2.9": "1 2 3", "2.10": "1 2 3 4",
		"3.1": "1", "3.2": "1 2 3 4", "3.3": "1 2 3 4", "3.4": "1 2 3 4 5", "3.5": "1 2 3", "3.7": "1", "4.1": "1 2 3 5", "4.2": "1 2", "4.3": "1 2 3",
		"5.1": "1 2 3 4 5", "5.2": "1 2 3 4 5 6 7 8", "5.3": "1 2 3 4 5 6 7 8 9 10", "5.4": "1 2 3", "5.5": "1 2 3 4", "6.1": "1 2 3", "6.2": "1 2 3 4 5 6", "6.3": "1 2", "6.4": "1 2",
		"7.1": "1 2 3 4", "7.2": "1 2", "7.3": "1 3 4", "7.4": "1 2 3", "8.1": "1 2 3 4", "8.2": "1 2 3", "8.3": "1 2 3 4 5 6 7 8", "9.1": "1 2 3", "9.2": "1 2 3 4", "10.2": "1 2", "10.3": "1 2 3",
		"11.1": "1 2 3 4 5 6 7 8", "12.1": "1 2 3", "12.2": "1", "12.3": "1 2 3 4 5 6", "12.4": "1 2", "12.5": "1 2", "12.6": "1", "13.1": "1 3 4 5", "13.2": "1 2 3 5 6", "13.3": "1 2", "13.4": "1 2",
		"14.1": "1 2 3 4", "14.2": "1 2 3 4 5 6", "14.3": "2 3", "14.4": "1 2 3 4 5 6 7", "14.5": "1 2 3 4",
	}
}

func TestEveryItemOfTheStandardIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	times := map[string]int{}
	for line := range strings.Lines(read(t, "security/asvs.md")) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, id := range regexp.MustCompile(`\d+\.\d+\.\d+`).FindAllString(cells[1], -1) {
			times[id]++
			if strings.TrimSpace(cells[2]) == "" || strings.TrimSpace(cells[3]) == "" && !strings.Contains(cells[2], "*no*: ") && !strings.Contains(cells[2], "**Open**: ") {
				t.Errorf("%s says neither how and where, nor why not, nor that it is open", id)
			}
		}
	}
	for section, numbers := range level2() {
		for _, n := range strings.Fields(numbers) {
			if id := fmt.Sprint(section, ".", n); times[id] != 1 {
				t.Errorf("%s is there %d times", id, times[id])
			}
			delete(times, fmt.Sprint(section, ".", n))
		}
	}
	for id := range times {
		t.Errorf("%s is no item of level 1 or 2", id)
	}
}

// TestWhatSecurityNamesIsThere looks for every test and file that the documents on security name.
func TestWhatSecurityNamesIsThere(t *testing.T) {
	t.Parallel()
	tests := testsOfTheTree(t)
	named := regexp.MustCompile("`([^` ]+)`")
	isTest := regexp.MustCompile(`^(Test|Fuzz)[A-Z]\w+$`)
	isFile := regexp.MustCompile(`^(\.?[a-z][\w-]*/[\w./-]+|[\w-]+\.(go|yml|sum|md|json)|Makefile|\.golangci\.yml|\.ci/run)$`)
	checked := 0
	for _, name := range []string{"security.md", "security/asvs.md"} {
		for _, m := range named.FindAllStringSubmatch(read(t, name), -1) {
			switch what := m[1]; {
			case isTest.MatchString(what):
				checked++
				if !tests[what] {
					t.Errorf("%s names %s, which is no test", name, what)
				}
			case isFile.MatchString(what):
				checked++
				if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(what))); err != nil {
					t.Errorf("%s names %s, which isn't there", name, what)
				}
			}
		}
	}
	if checked < 200 {
		t.Errorf("found %d names, the test looks at the wrong words", checked)
	}
}

// testsOfTheTree are the names of all tests and fuzz targets of the repository.
func testsOfTheTree(t *testing.T) map[string]bool {
	t.Helper()
	all, function := map[string]bool{}, regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if err != nil || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		for _, m := range function.FindAllStringSubmatch(read(t, name), -1) {
			all[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
