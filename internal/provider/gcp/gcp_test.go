package gcp_test

import (
	"testing"

	"github.com/adsops/cloudtop/internal/provider/gcp"
	gcpsim "github.com/adsops/cloudtop/internal/provider/gcp/sim"
	"github.com/adsops/cloudtop/internal/provider/providertest"
)

func TestGCPKeepsTheContract(t *testing.T) {
	t.Parallel()
	providertest.Run(t, gcp.Spec(), gcpsim.New, providertest.Options(map[string]any{"prices": true}))
}
