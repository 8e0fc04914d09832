package cloudflare

import (
	"math"
	"strings"
	"time"
)

// usage is what an account used in a period, by the aliases of usageText.
type usage struct {
	rows map[string][]row
	days float64
}

func (u *usage) sum(alias, name string, keep func(*row) bool) float64 {
	var total float64
	for i := range u.rows[alias] {
		r := &u.rows[alias][i]
		if keep == nil || keep(r) {
			total += r.get(name).Value
		}
	}
	return total
}

// months is how many monthly allowances a period has: at least one, as the first day of a month may use it up.
func (u *usage) months() float64 { return max(1, math.Ceil(u.days/31)) }

// beyond prices what exceeds the monthly allowance. Amounts are in the price's unit: millions, thousands, GB-months.
func (u *usage) beyond(amount, included, price float64) float64 {
	return max(0, amount-included*u.months()) * price
}

// gbMonths turns daily maxima of storage into GB-months of 30 days, as it is billed; a GB is 10^9 bytes.
func (u *usage) gbMonths(alias string, keep func(*row) bool, names ...string) float64 {
	var total float64
	byDay := map[time.Time]bool{}
	for i := range u.rows[alias] {
		r := &u.rows[alias][i]
		byDay[r.at] = true
		if keep != nil && !keep(r) {
			continue
		}
		for _, n := range names {
			total += r.get(n).Value / 1e9
		}
	}
	if len(byDay) == 0 {
		return 0
	}
	return total / float64(len(byDay)) * u.days / 30
}

// tariff prices one service in US dollars.
type tariff struct {
	service string
	source  string
	price   func(*usage) float64
}

func tariffs() []tariff {
	return []tariff{
		{workers, docs + "/workers/platform/pricing/", func(u *usage) float64 {
			return u.beyond(u.sum("costWorkers", "requests", nil)/1e6, 10, 0.30) +
				u.beyond(u.sum("costWorkers", "cpuTimeUs", nil)/milli/1e6, 30, 0.02) // CPU milliseconds
		}},
		{r2, docs + "/r2/pricing/", priceR2},
		{d1, docs + "/d1/platform/pricing/", func(u *usage) float64 {
			return u.beyond(u.sum("costD1", "rowsRead", nil)/1e6, 25_000, 0.001) +
				u.beyond(u.sum("costD1", "rowsWritten", nil)/1e6, 50, 1) +
				u.beyond(u.gbMonths("costD1Storage", nil, "databaseSizeBytes"), 5, 0.75)
		}},
		{kv, docs + "/kv/platform/pricing/", func(u *usage) float64 {
			action := func(want string) float64 {
				return u.sum("costKV", "requests", func(r *row) bool { return string(r.action) == want }) / 1e6
			}
			return u.beyond(action("read"), 10, 0.50) + u.beyond(action("write"), 1, 5) + u.beyond(action("delete"), 1, 5) +
				u.beyond(action("list"), 1, 5) + u.beyond(u.gbMonths("costKVStorage", nil, "byteCount"), 1, 0.50)
		}},
		{ai, docs + "/workers-ai/platform/pricing/", func(u *usage) float64 {
			var paid float64 // the allowance is a day's
			for i := range u.rows["costAI"] {
				paid += max(0, u.rows["costAI"][i].get("totalNeurons").Value-dailyNeurons)
			}
			return paid / 1000 * 0.011
		}},
	}
}

// The operations of R2 that are billed, by class (page "R2 pricing"); all others are free.
const (
	classA = " ListBuckets PutBucket ListObjects PutObject CopyObject CompleteMultipartUpload CreateMultipartUpload " +
		"LifecycleStorageTierTransition ListMultipartUploads UploadPart UploadPartCopy ListParts PutBucketEncryption " +
		"PutBucketCors PutBucketLifecycleConfiguration "
	classB = " HeadBucket HeadObject GetObject UsageSummary GetBucketEncryption GetBucketLocation GetBucketCors " +
		"GetBucketLifecycleConfiguration "
)

// priceR2 prices storage and operations of both storage classes; retrieval of infrequently accessed data is left out,
// as its amount is not known.
func priceR2(u *usage) float64 {
	const rare = "InfrequentAccess"
	millions := func(class string, infrequent bool) float64 {
		return u.sum("costR2", "requests", func(r *row) bool {
			return strings.Contains(class, " "+string(r.action)+" ") && (r.class == rare) == infrequent
		}) / 1e6
	}
	stored := func(infrequent bool) float64 {
		return u.gbMonths("costR2Storage", func(r *row) bool { return (r.class == rare) == infrequent },
			"payloadSize", "metadataSize")
	}
	return u.beyond(stored(false), 10, 0.015) + u.beyond(millions(classA, false), 1, 4.50) +
		u.beyond(millions(classB, false), 10, 0.36) +
		stored(true)*0.01 + millions(classA, true)*9 + millions(classB, true)*0.90
}

// costNodes are the parts of the query for what is billed in a period.
func costNodes() []node {
	const minute, hour, plain = "datetimeMinute", "datetimeHour", "datetime"
	return []node{
		{"costWorkers", "workersInvocationsAdaptive", workers, whole, plain, "", "sum{requests cpuTimeUs}"},
		{"costR2", "r2OperationsAdaptiveGroups", r2, whole, plain, "",
			"dimensions{actionType storageClass}sum{requests}"},
		{"costR2Storage", "r2StorageAdaptiveGroups", r2, whole, plain, "date_DESC",
			"dimensions{bucketName storageClass date}max{payloadSize metadataSize}"},
		{"costD1", "d1AnalyticsAdaptiveGroups", d1, whole, minute, "", "sum{rowsRead rowsWritten}"},
		{"costD1Storage", "d1StorageAdaptiveGroups", d1, whole, hour, "date_DESC",
			"dimensions{databaseId date}max{databaseSizeBytes}"},
		{"costKV", "kvOperationsAdaptiveGroups", kv, whole, plain, "", "dimensions{actionType}sum{requests}"},
		{"costKVStorage", "kvStorageAdaptiveGroups", kv, whole, plain, "date_DESC",
			"dimensions{namespaceId date}max{byteCount}"},
		{"costAI", "aiInferenceAdaptiveGroups", ai, whole, plain, "", "dimensions{date}sum{totalNeurons}"},
	}
}
