package emulator_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures/readme"
)

var update = flag.Bool("update", false, "write the generated part of README.md anew")

// The table of switches is made of the fields of whatsapp.Switches, their comments and their defaults.
func TestReadmeListsEverySwitch(t *testing.T) {
	t.Parallel()
	encoded, err := json.Marshal(whatsapp.DefaultSwitches())
	if err != nil {
		t.Fatal(err)
	}
	defaults := map[string]json.RawMessage{}
	if err := json.Unmarshal(encoded, &defaults); err != nil {
		t.Fatal(err)
	}
	fields := switchFields(t)
	var names []string
	for _, f := range fields {
		tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
		names = append(names, f.Names[0].Name, "`"+tag.Get("json")+"`")
	}
	words := strings.NewReplacer(names...)
	text := readme.Row("switch", "default", "") + "|---|---|---|\n"
	for i, f := range fields {
		name := names[2*i+1]
		about := strings.TrimPrefix(words.Replace(f.Doc.Text()), name+": ")
		text += readme.Row(name, "`"+strings.Trim(string(defaults[strings.Trim(name, "`")]), `"`)+"`", about)
	}
	readme.Check(t, "README.md", "switches", text, *update)
}

// switchFields are the fields of whatsapp.Switches as its source has them.
func switchFields(t *testing.T) (fields []*ast.Field) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("whatsapp", "switches.go"), nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.Name == "Switches" {
			if s, ok := spec.Type.(*ast.StructType); ok {
				fields = s.Fields.List
			}
		}
		return true
	})
	if len(fields) == 0 {
		t.Fatal("whatsapp/switches.go has no struct Switches")
	}
	return fields
}

// endpoints matches what package control declares as an endpoint or a stream: its method, which a stream has not, and its path.
var endpoints = regexp.MustCompile(`(?:endpoint|stream)\[[^{]*\]\{(?:"([A-Z]+)", )?"(/[^"]+)"\}`)

// The table of the control API has every endpoint, and nothing else.
func TestReadmeListsEveryEndpoint(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("control/*.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := []string{"GET /media/{sid}"} // not JSON
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range endpoints.FindAllStringSubmatch(string(source), -1) {
			declared = append(declared, cmp.Or(e[1], "GET")+" "+e[2])
		}
	}
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## The control API")
	var listed []string
	for _, e := range regexp.MustCompile("`([A-Z]+ /[^`]+)`").FindAllStringSubmatch(table, -1) {
		listed = append(listed, e[1])
	}
	slices.Sort(declared)
	slices.Sort(listed)
	if !slices.Equal(declared, listed) {
		t.Errorf("README.md lists the endpoints\n%s\nand there are\n%s", strings.Join(listed, "\n"), strings.Join(declared, "\n"))
	}
}
