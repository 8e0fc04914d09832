// Package sdk checks cloudtop and its simulator against parties that none of us wrote: published descriptions,
// official SDKs and the vendors' own clients. It is a module of its own so that their weight stays out of the product.
package sdk

import (
	"os"
	"path/filepath"
	"testing"
)

// spec returns a published description: a file of $CLOUDTOP_SPECS, or of shared/specs beside the repository. Where
// there is none the test is skipped on a person's machine and fails in CI.
func spec(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("CLOUDTOP_SPECS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "specs")
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err == nil {
		return data
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("the published description %s is missing: %v (set CLOUDTOP_SPECS to the folder)", name, err)
	}
	t.Skipf("no published description: %v (set CLOUDTOP_SPECS to the folder)", err)
	return nil
}
