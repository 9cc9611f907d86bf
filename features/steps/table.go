package steps

import (
	"fmt"
	"slices"
	"strings"
)

// Table is a table behind a step; the first row names the columns.
type Table [][]string

// DocString is a text in triple quotes behind a step.
type DocString string

// columns returns the rows of a table below its header, or what is wrong with it: every column must be a known one. With
// no known ones all names will do.
func (t Table) columns(known ...string) (header []string, rows [][]string, err error) {
	if len(t) == 0 {
		return nil, nil, fmt.Errorf("the table is empty: its first row names the columns")
	}
	for _, name := range t[0] {
		if len(known) > 0 && !slices.Contains(known, name) {
			return nil, nil, fmt.Errorf("there is no column %q: use %s", name, strings.Join(known, ", "))
		}
	}
	return t[0], t[1:], nil
}

// compare holds the rows that a scenario expects against those that are there, in order. A value "*" stands for anything
// but nothing, and one that ends in "*" for what begins like it.
func compare(header []string, want, got [][]string) error {
	same := len(want) == len(got)
	for i := 0; same && i < len(want); i++ {
		for j := range header {
			beginning, open := strings.CutSuffix(want[i][j], "*")
			same = same && (want[i][j] == got[i][j] ||
				open && strings.HasPrefix(got[i][j], beginning) && len(got[i][j]) > len(beginning))
		}
	}
	if same {
		return nil
	}
	return fmt.Errorf("expected\n%s\nbut there is\n%s", draw(header, want), draw(header, got))
}

// draw writes rows as Gherkin does.
func draw(header []string, rows [][]string) string {
	var b strings.Builder
	for i, row := range append([][]string{header}, rows...) {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("  | " + strings.Join(row, " | ") + " |")
	}
	return b.String()
}

// compare is compare with the rows that a scenario wrote.
func (w *World) compare(header []string, rows, got [][]string) error {
	want, err := w.values(rows)
	if err != nil {
		return err
	}
	return compare(header, want, got)
}

// compareInAnyOrder is compare with the rows sorted.
func (w *World) compareInAnyOrder(header []string, rows, got [][]string) error {
	want, err := w.values(rows)
	if err != nil {
		return err
	}
	slices.SortFunc(want, slices.Compare[[]string])
	slices.SortFunc(got, slices.Compare[[]string])
	return compare(header, want, got)
}

// pick is a row of a table with these columns.
func pick(header []string, of map[string]string) []string {
	row := make([]string, len(header))
	for i, name := range header {
		row[i] = of[name]
	}
	return row
}

// value says what a word of a table means: "Ada's phone" is its address, "Ada's number" that of its number, "the sandbox" the
// shared number, "account Acme" its SID. Every other word is itself.
func (w *World) value(word string) (string, error) {
	if word == "the sandbox" {
		return sandboxNumber, nil
	}
	if value, ok := w.named[strings.Trim(word, "{}")]; ok && strings.HasPrefix(word, "{") {
		return value, nil
	}
	if name, ok := strings.CutSuffix(word, "'s phone"); ok && !strings.Contains(name, " ") {
		return w.Address(name)
	}
	if name, ok := strings.CutSuffix(word, "'s number"); ok && !strings.Contains(name, " ") {
		p, err := w.phone(name)
		if err != nil {
			return "", err
		}
		return p.byNumber(), nil
	}
	if name, ok := strings.CutPrefix(word, "account "); ok {
		a, err := w.account(name)
		if err != nil {
			return "", err
		}
		return a.SID, nil
	}
	if name, ok := strings.CutPrefix(word, "server "); ok && !strings.Contains(name, " ") {
		return w.server(name)
	}
	return word, nil
}

// values is value for all rows of a table.
func (w *World) values(rows [][]string) ([][]string, error) {
	meant := make([][]string, len(rows))
	for i, row := range rows {
		for _, word := range row {
			v, err := w.value(word)
			if err != nil {
				return nil, err
			}
			meant[i] = append(meant[i], v)
		}
	}
	return meant, nil
}
