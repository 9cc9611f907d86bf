package bridge

import (
	"flag"
	"os"
	"testing"
)

// TestMain runs many tests at once on any number of cores: most of what they do is wait for a retry to fall due.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
