package runpod_test

import (
	"testing"

	"github.com/adsops/cloudtop/internal/provider/providertest"
	"github.com/adsops/cloudtop/internal/provider/runpod"
	runpodsim "github.com/adsops/cloudtop/internal/provider/runpod/sim"
)

func TestSuite(t *testing.T) {
	t.Parallel()
	providertest.Run(t, runpod.Spec(), runpodsim.New, providertest.Counts(0, 1, 2, 3, 24, 100, 300))
}
