package tui

import (
	"flag"
	"testing"

	"github.com/cloudforgot/cloudforgot/fixtures/readme"
)

// The tables of the README are those of the help page.
func TestReadmeHasTheHelp(t *testing.T) {
	t.Parallel()
	text := ""
	for _, section := range helpSections(DefaultKeyMap()) {
		text += "\n## " + section.title + "\n\n" + readme.Row("", "") + "|---|---|\n"
		for _, row := range section.rows {
			text += readme.Row("`"+row[0]+"`", row[1])
		}
	}
	update := flag.Lookup("update").Value.String() == "true" // the flag of the golden files
	readme.Check(t, "README.md", "help", text+"\n", update)
}
