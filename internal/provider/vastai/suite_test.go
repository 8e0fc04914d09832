package vastai_test

import (
	"testing"

	"github.com/adsops/cloudtop/internal/provider/providertest"
	"github.com/adsops/cloudtop/internal/provider/vastai"
	vastaisim "github.com/adsops/cloudtop/internal/provider/vastai/sim"
)

func TestSuite(t *testing.T) {
	t.Parallel()
	providertest.Run(t, vastai.Spec(), vastaisim.New)
}
