package azure_test

import (
	"testing"

	"github.com/adsops/cloudtop/internal/provider/azure"
	azuresim "github.com/adsops/cloudtop/internal/provider/azure/sim"
	"github.com/adsops/cloudtop/internal/provider/providertest"
)

func TestSuite(t *testing.T) {
	t.Parallel()
	providertest.Run(t, azure.Spec(), azuresim.New)
}
