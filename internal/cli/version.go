package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the build: -ldflags "-X github.com/adsops/cloudtop/internal/cli.version=v1.2.3".
var version string

// buildVersion returns the version that the build set, else what Go recorded.
func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// versionLine is what the command and the flag print.
func versionLine() string {
	return fmt.Sprintf("cloudtop %s (%s, %s/%s)\n", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return a.printVersion() },
	}
}

// printVersion serves the command and the flag. The flag is our own: cobra's works by a template, and with templates the
// linker keeps every method of every type, which is nine megabytes.
func (a *app) printVersion() error {
	_, err := fmt.Fprint(a.out, versionLine())
	return err
}
