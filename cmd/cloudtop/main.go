// Cloudtop is htop for all your clouds: every resource, its live metrics, its cost and every rentable GPU.
package main

import (
	"os"

	"github.com/adsops/cloudtop/internal/cli"
)

func main() { os.Exit(cli.Main()) }
