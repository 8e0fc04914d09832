package cloudflare_test

import (
	"testing"

	"github.com/adsops/cloudtop/internal/provider/cloudflare"
	cloudflaresim "github.com/adsops/cloudtop/internal/provider/cloudflare/sim"
	"github.com/adsops/cloudtop/internal/provider/providertest"
)

func TestProvider(t *testing.T) {
	t.Parallel()
	providertest.Run(t, cloudflare.Spec(), cloudflaresim.New,
		providertest.PageSize("pages", 10), providertest.PageSize("queues", 100))
}
