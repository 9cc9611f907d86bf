package emulator_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/cloudforgot/cloudforgot/"

// floors of ARCHITECTURE.md: a package may import only what stands on a lower floor.
var floors = map[string]int{
	"emulator/store": 0, "emulator/clock": 0, "emulator/sid": 0, "emulator/webhook": 0, "emulator/traffic": 0, "emulator/browser": 0, "emulator/invalid": 0, "emulator/memnet": 0, "emulator/routes": 0, "cmd/cloudforgot/internal/quickstart": 0, "fixtures": 0,
	"emulator/twilio": 1, "emulator/outbox": 1,
	"emulator/content":       2,
	"emulator/conversations": 3, "emulator/taskrouter": 3,
	"emulator/whatsapp": 4, "emulator/flex": 4,
	"emulator/studio": 5,
	"emulator/rest":   6, "emulator/control": 6, "emulator/proxy": 6,
	"emulator/rest/accounts": 7, "emulator/rest/conversations": 7, "emulator/rest/media": 7, "emulator/rest/content": 7, "emulator/rest/messaging": 7, "emulator/rest/studio": 7,
	"emulator": 8,
	"tui":      userFloor, "features/steps": userFloor,
	"cmd/cloudforgot": 10, "cmd/bridge": 10,
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
	seen := 0
	for _, p := range listPackages(t) {
		from, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours {
			continue
		}
		seen++
		for _, path := range p.Imports {
			if to, ours := strings.CutPrefix(path, module); ours {
				if problem := misplaced(from, to); problem != "" {
					t.Errorf("%s imports %s: %s", from, to, problem)
				}
			}
		}
		if _, placed := floors[from]; !placed && island(from) == "" && !slices.Contains(testOnly, from) {
			t.Errorf("package %s stands on no floor: add it to ARCHITECTURE.md and to this test", from)
		}
	}
	if seen < 10 {
		t.Fatalf("go list found %d packages of ours; the test looks at nothing", seen)
	}
}

func TestFloorsRefuseWhatTheyShould(t *testing.T) {
	t.Parallel()
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
		if got := misplaced(c.from, c.to) == ""; got != c.allowed {
			t.Errorf("%s imports %s: allowed = %v, want %v", c.from, c.to, got, c.allowed)
		}
	}
}

// misplaced says why one package must not import another; empty when it may.
func misplaced(from, to string) string {
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
		if floors[from] >= userFloor {
			return ""
		}
		return "only its users on the upper floors import an island"
	}
	if floors[to] >= floors[from] {
		return "imports go to a lower floor"
	}
	return ""
}
