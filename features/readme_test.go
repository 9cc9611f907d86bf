package features_test

import (
	"flag"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"

	"github.com/cloudforgot/cloudforgot/fixtures/readme"
)

var update = flag.Bool("update", false, "write the generated part of README.md anew")

// The README has the words and the steps that the comment of package steps explains.
func TestReadmeHasTheSteps(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("steps", "doc.go"), nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	doc := new(comment.Parser).Parse(file.Doc.Text())
	for len(doc.Content) > 0 {
		if h, ok := doc.Content[0].(*comment.Heading); ok && len(h.Text) == 1 && h.Text[0] == comment.Plain("Words") {
			break
		}
		doc.Content = doc.Content[1:]
	}
	if len(doc.Content) == 0 {
		t.Fatal("the comment of package steps has no heading Words")
	}
	printer := comment.Printer{HeadingLevel: 2, HeadingID: func(*comment.Heading) string { return "" }}
	readme.Check(t, "README.md", "steps", "\n"+string(printer.Markdown(doc))+"\n", *update)
}
