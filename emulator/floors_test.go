package emulator_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/cloudforgot/cloudforgot/"

// floors has the floor of each package, as the table of ARCHITECTURE.md says. A package imports only what stands on a lower one.
type floors map[string]int

// floorRow is a row of the table: a number, and packages. A name without a slash stands beside the first package of its row.
var floorRow = regexp.MustCompile("(?m)^\\| (\\d+) \\| (`[^|]+`) \\|")

func readFloors(t *testing.T) floors {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	table := floors{}
	for _, row := range floorRow.FindAllStringSubmatch(string(page), -1) {
		floor, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		names := strings.Split(strings.ReplaceAll(row[2], "`", ""), ", ")
		for _, name := range names {
			if !strings.Contains(name, "/") {
				name = path.Join(path.Dir(names[0]), name)
			}
			table[name] = floor
		}
	}
	return table
}

// userFloor is the lowest floor of those who use the emulator and the islands.
const userFloor = 9

// islands import nothing of ours but what is inside them.
var islands = []string{"bridge"}

// testOnly packages are imported by tests alone.
var testOnly = []string{"emulator/store/storetest", "features", "fixtures/readme", "fixtures/nodetest", "bridge/internal/twiliotest"}

func island(pkg string) string {
	for _, i := range islands {
		if pkg == i || strings.HasPrefix(pkg, i+"/") {
			return i
		}
	}
	return ""
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

// listPackages asks the go command what imports what.
func listPackages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

func TestImportsGoDownTheFloors(t *testing.T) {
	t.Parallel()
	table, seen := readFloors(t), map[string]bool{}
	for _, p := range listPackages(t) {
		from, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours {
			continue
		}
		seen[from] = true
		for _, path := range p.Imports {
			if to, ours := strings.CutPrefix(path, module); ours {
				if problem := table.misplaced(from, to); problem != "" {
					t.Errorf("%s imports %s: %s", from, to, problem)
				}
			}
		}
		if _, placed := table[from]; !placed && island(from) == "" && !slices.Contains(testOnly, from) {
			t.Errorf("package %s stands on no floor: add it to ARCHITECTURE.md", from)
		}
	}
	for name := range table {
		if !seen[name] {
			t.Errorf("ARCHITECTURE.md has a package %s, and go list has none", name)
		}
	}
	if len(seen) < 10 || len(table) < 10 {
		t.Fatalf("there are %d packages of ours, and %d in the table; the test looks at nothing", len(seen), len(table))
	}
}

func TestFloorsRefuseWhatTheyShould(t *testing.T) {
	t.Parallel()
	table := readFloors(t)
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"emulator/rest", "emulator/conversations", true},
		{"emulator/conversations", "emulator/rest", false},
		{"emulator/rest", "emulator/control", false},
		{"emulator/clock", "emulator/store", false},
		{"cmd/cloudforgot", "bridge", true},
		{"emulator", "bridge", false},
		{"bridge", "emulator", false},
		{"bridge", "bridge/queue", true},
		{"bridge", "bridge/internal/twiliotest", false},
		{"bridge/internal/twiliotest", "emulator", true},
		{"tui", "emulator/control", true},
		{"emulator/control", "tui", false},
	} {
		if got := table.misplaced(c.from, c.to) == ""; got != c.allowed {
			t.Errorf("%s imports %s: allowed = %v, want %v", c.from, c.to, got, c.allowed)
		}
	}
}

// misplaced says why one package must not import another; empty when it may.
func (f floors) misplaced(from, to string) string {
	if slices.Contains(testOnly, from) {
		return ""
	}
	if i := island(from); i != "" {
		if island(to) != i || slices.Contains(testOnly, to) {
			return "an island imports nothing of ours"
		}
		return ""
	}
	if slices.Contains(testOnly, to) {
		return "a package for tests only"
	}
	if island(to) != "" {
		if f[from] >= userFloor {
			return ""
		}
		return "only its users on the upper floors import an island"
	}
	if f[to] >= f[from] {
		return "imports go to a lower floor"
	}
	return ""
}
