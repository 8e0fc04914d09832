package neon

import (
	"math"
	"strings"
	"time"

	"github.com/adsops/cloudtop/pkg/loose"
)

// Published prices in US dollars (neon.com/docs/introduction/plans and usage-calculations, 2026-05-28). A GB is 10^9
// bytes and a month has 744 hours, whatever the calendar says: storage is counted in byte-hours, branches in
// branch-hours.
const (
	hoursPerMonth              = 744
	gb                         = 1e9
	storagePerGBMonth          = 0.35
	historyPerGBMonth          = 0.20
	snapshotPerGBMonth         = 0.09
	publicPerGB                = 0.10
	publicFreeGB               = 100 // a month, of the whole organisation
	privatePerGB               = 0.01
	branchPerMonth             = 1.50
	priceSource                = "published prices 2026-05-28"
	legacySource               = "published prices of legacy plans 2025-12-03, beyond the hours that the fee includes"
	freeSource                 = "the free plan"
	legacyPerCUHour            = 0.16
	launchPerCUHour            = 0.106
	scalePerCUHour             = 0.222
	launchBranches             = 10 // of a project that the plan includes, the root among them
	scaleBranches              = 25
	secondsPerHour             = 3600
	longestMonth       float64 = 31 * 24 // hours
)

// tariff is what a plan costs.
type tariff struct {
	hour     float64 // a CU-hour
	branches float64 // of a project that are included
	legacy   bool    // a monthly fee includes hours and storage; only what exceeds them costs more
	source   string
}

// tariffOf returns the tariff of an organisation's plan (schema BillingSubscriptionType: names that end in _v3 are the
// plans by usage of August 2025, names without are legacy plans); false where its prices are not published.
func tariffOf(plan string) (tariff, bool) {
	switch {
	case strings.HasPrefix(plan, "free"):
		return tariff{source: freeSource}, true
	case strings.HasPrefix(plan, "launch_v"):
		return tariff{hour: launchPerCUHour, branches: launchBranches, source: priceSource}, true
	case strings.HasPrefix(plan, "scale_v"):
		return tariff{hour: scalePerCUHour, branches: scaleBranches, source: priceSource}, true
	case plan == "launch", plan == "scale", plan == "business":
		return tariff{hour: legacyPerCUHour, legacy: true, source: legacySource}, true
	}
	return tariff{}, false
}

// The metrics of consumption v2, all of which are priced.
const (
	computeUnitSeconds = "compute_unit_seconds"           // CU-seconds
	rootStorage        = "root_branch_bytes_month"        // byte-hours, despite its name
	childStorage       = "child_branch_bytes_month"       // byte-hours
	history            = "instant_restore_bytes_month"    // byte-hours
	snapshots          = "snapshot_storage_bytes_month"   // byte-hours
	publicTransfer     = "public_network_transfer_bytes"  // bytes
	privateTransfer    = "private_network_transfer_bytes" // bytes
	childBranches      = "extra_branches_month"           // branch-hours of all child branches, the included ones too
)

func pricedMetrics() []string {
	return []string{
		computeUnitSeconds, rootStorage, childStorage, history, snapshots, publicTransfer, privateTransfer, childBranches,
	}
}

// usage is what one project used, by metric.
type usage struct {
	project string
	totals  map[string]float64
	extra   float64 // branch-hours beyond those that the plan includes
	told    bool    // there is a reading at all
	odd     bool    // a reading is no number
}

// add counts one time frame of so many hours. The branches that a plan includes are subtracted from each by itself.
func (u *usage) add(metric string, value loose.Number, hours float64, t tariff) {
	u.told = true
	u.odd = u.odd || !value.Known
	u.totals[metric] += value.Value
	if metric == childBranches {
		u.extra += max(0, value.Value-(t.branches-1)*hours)
	}
}

// price returns what a project's usage costs. publicRate is the price of a byte that left for the internet.
func (u *usage) price(t tariff, publicRate float64) float64 {
	m := u.totals
	perGBMonth := func(price float64) float64 { return price / hoursPerMonth / gb }
	return m[computeUnitSeconds]/secondsPerHour*t.hour +
		(m[rootStorage]+m[childStorage])*perGBMonth(storagePerGBMonth) +
		m[history]*perGBMonth(historyPerGBMonth) + m[snapshots]*perGBMonth(snapshotPerGBMonth) +
		u.extra/hoursPerMonth*branchPerMonth +
		m[publicTransfer]*publicRate + m[privateTransfer]/gb*privatePerGB
}

// publicRate spreads what an organisation's transfer costs over all its bytes: the free ones are the organisation's.
func publicRate(all []*usage, period time.Duration) float64 {
	var bytes float64
	for _, u := range all {
		bytes += u.totals[publicTransfer]
	}
	if bytes <= 0 {
		return 0
	}
	months := max(1, math.Ceil(period.Hours()/longestMonth))
	return max(0, bytes/gb-publicFreeGB*months) * publicPerGB / bytes
}
