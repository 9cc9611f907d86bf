// Package readme holds the generated parts of the READMEs against what they are generated from. It is for tests: its own
// tests check the links and the samples of all READMEs.
package readme

import (
	"os"
	"strings"
	"testing"
)

// Check fails unless a file has a text between the comments <!-- NAME: … --> and <!-- end of NAME -->. With update it
// writes the text there instead. A text ends with a line break.
func Check(t *testing.T, file, name, text string, update bool) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(content), "<!-- "+name+":")
	comment, rest, closed := strings.Cut(rest, "-->\n")
	old, after, ended := strings.Cut(rest, "<!-- end of "+name+" -->")
	if !found || !closed || !ended {
		t.Fatalf("%s has no place for %s between <!-- %s: … --> and <!-- end of %s -->", file, name, name, name)
	}
	if old == text {
		return
	}
	if !update {
		t.Fatalf("%s: the part %q is not what it is made from; the comment at its beginning says how to make it again", file, name)
	}
	made := before + "<!-- " + name + ":" + comment + "-->\n" + text + "<!-- end of " + name + " -->" + after
	if err := os.WriteFile(file, []byte(made), 0o644); err != nil { //nolint:gosec // a file of the repository
		t.Fatal(err)
	}
}

// Row is a row of a table in Markdown.
func Row(cells ...string) string {
	for i, cell := range cells {
		cells[i] = strings.ReplaceAll(strings.Join(strings.Fields(cell), " "), "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}
