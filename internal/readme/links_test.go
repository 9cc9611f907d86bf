package readme

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

const root = "../.."

// pages returns the Markdown files of the repository, and its Go files that are tests.
func pages(t *testing.T) (markdown, tests []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != root:
			return fs.SkipDir
		case strings.HasSuffix(path, ".md"):
			markdown = append(markdown, path)
		case strings.HasSuffix(path, "_test.go"):
			tests = append(tests, path)
		}
		return nil
	})
	if err != nil || len(markdown) < 5 || len(tests) < 50 {
		t.Fatalf("%d pages and %d tests were found: %v", len(markdown), len(tests), err)
	}
	return markdown, tests
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

var (
	fence   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	code    = regexp.MustCompile("`[^`\n]*`")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
)

// anchors are the names that GitHub gives to the headings of a page.
func anchors(page string) []string {
	var names []string
	for _, h := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, h[1])
		again := name
		for n := 1; slices.Contains(names, again); n++ {
			again = fmt.Sprintf("%s-%d", name, n)
		}
		names = append(names, again)
	}
	return names
}

// brokenLinks returns the links of a page that lead nowhere in this repository. Links into the web are not followed.
func brokenLinks(file, page string) (broken []string) {
	page = code.ReplaceAllString(fence.ReplaceAllString(page, ""), "")
	for _, l := range link.FindAllStringSubmatch(page, -1) {
		target, anchor, hasAnchor := strings.Cut(l[1], "#")
		if strings.Contains(target, "://") {
			continue
		}
		to := file
		if target != "" {
			to = filepath.Join(filepath.Dir(file), target)
		}
		if info, err := os.Stat(to); err != nil {
			broken = append(broken, l[1])
			continue
		} else if info.IsDir() {
			to = filepath.Join(to, "README.md")
		}
		if !hasAnchor {
			continue
		}
		content, err := os.ReadFile(to)
		if err != nil || !slices.Contains(anchors(string(content)), anchor) {
			broken = append(broken, l[1])
		}
	}
	return broken
}

func TestLinks(t *testing.T) {
	t.Parallel()
	markdown, _ := pages(t)
	for _, file := range markdown {
		for _, l := range brokenLinks(file, read(t, file)) {
			t.Errorf("%s: the link %s leads nowhere", file, l)
		}
	}
}

// TestBrokenLinks: the check of the links finds what is broken.
func TestBrokenLinks(t *testing.T) {
	t.Parallel()
	page := "# A title, with `code`\n## Twice\n## Twice\n[a](readme.go) [b](#a-title-with-code) [c](#twice-1) [d](https://example.com/x#y) `[e](nowhere)`\n" +
		"```sh\n# comment\n[f](nowhere)\n```\n[g](nowhere.md) [h](#comment) [i](#twice-2) [j](../../README.md#no-such-heading)\n"
	self := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(self, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(self), "readme.go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{"nowhere.md", "#comment", "#twice-2", "../../README.md#no-such-heading"}
	if got := brokenLinks(self, page); !slices.Equal(got, want) {
		t.Errorf("broken are %q, want %q", got, want)
	}
}

// TestSamplesAreCompiled: a Go test that a README shows stands in a test file, which compiles and runs it.
func TestSamplesAreCompiled(t *testing.T) {
	t.Parallel()
	markdown, tests := pages(t)
	var all strings.Builder
	for _, file := range tests {
		all.WriteString(read(t, file))
	}
	samples := 0
	for _, file := range markdown {
		for _, block := range fence.FindAllStringSubmatch(read(t, file), -1) {
			if block[1] != "go" || !strings.HasPrefix(block[2], "func Test") {
				continue
			}
			samples++
			if !strings.Contains(all.String(), block[2]) {
				t.Errorf("%s: no test file has the sample\n%s", file, block[2])
			}
		}
	}
	if samples == 0 {
		t.Error("no README has a test in Go")
	}
}

// The README is a first page.
func TestREADMEIsShort(t *testing.T) {
	t.Parallel()
	if lines := strings.Count(read(t, filepath.Join(root, "README.md")), "\n"); lines >= 200 {
		t.Errorf("README.md has %d lines, and should have fewer than 200", lines)
	}
}
