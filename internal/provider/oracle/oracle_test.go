package oracle_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/adsops/cloudtop/internal/provider/oracle"
	oraclesim "github.com/adsops/cloudtop/internal/provider/oracle/sim"
	"github.com/adsops/cloudtop/internal/provider/providertest"
	"github.com/adsops/cloudtop/internal/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestProvider runs the suite against pages of three rows, so that every list is paged.
func TestProvider(t *testing.T) {
	t.Parallel()
	short := func(w *sim.World) sim.Cloud { return oraclesim.New(w, oraclesim.LongestPage(3)) }
	providertest.Run(t, oracle.Spec(), short,
		providertest.PageSize("compute", 3), providertest.PageSize("containers", 3),
		providertest.Logins("/v1/x509"), providertest.InParts("/20180401/metrics/actions/summarizeMetricsData"),
		providertest.PageSize("oke", 3), providertest.PageSize("autonomous_db", 3))
}
