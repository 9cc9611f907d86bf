package conversations

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The package comment names every file of the package.
func TestPackageComment(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, list, found := strings.Cut(string(doc), "// # Files")
	if !found {
		t.Fatal("doc.go has no section Files")
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".go")
		if strings.HasSuffix(name, "_test") || name == "doc" {
			continue
		}
		if !regexp.MustCompile(`\b` + name + `\b`).MatchString(list) {
			t.Errorf("doc.go does not name %s", file)
		}
	}
}
