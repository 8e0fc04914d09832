package neon_test

import (
	"testing"

	"github.com/adsops/cloudtop/internal/provider/neon"
	neonsim "github.com/adsops/cloudtop/internal/provider/neon/sim"
	"github.com/adsops/cloudtop/internal/provider/providertest"
)

func TestSuite(t *testing.T) {
	t.Parallel()
	providertest.Run(t, neon.Spec(), neonsim.New, providertest.Size(14), providertest.Counts(0, 1, 2, 3, 24, 25, 26),
		providertest.Shared("/api/v2/projects"))
}
