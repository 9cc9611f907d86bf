package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build says what this program was built from.
type build struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (p process) versionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "Print the version of this program, of the Go that built it, and its platform.",
		Example: "  cloudforgot version\n  cloudforgot version -o json",
		Args:    noArguments(),
	}
	output := outputFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		b := build{Version: version(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
		return p.print(output, b, func() error {
			return p.printLine("cloudforgot %s, %s, %s", b.Version, b.Go, b.Platform)
		})
	}
	return c
}

// version is the module's version, or "devel" with the commit of a build from a checkout.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}
